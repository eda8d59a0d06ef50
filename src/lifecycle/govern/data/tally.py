"""What was taken out of a file, counted while it is taken out."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.govern.data.subject import Subject

GONE = object()
"""What is left of contents that were about the person as a whole."""


@dataclass
class Tally:
    """What was taken out of one file: rows (or lines, objects, files of an archive), and mentions within others."""

    rows: int = 0
    mentions: int = 0

    def text(self, subject: Subject, text: str) -> str:
        """Strike the person out of a text."""
        struck = subject.struck_from(text)
        self.mentions += struck != text
        return struck
