"""What the search box knows: the sections of all pages, as a script that a page loads from the folder it lies in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.site.notebook import Section

_LONGEST = 600  # characters of a section that can be found by; lessons are found by their words, not by their output


@dataclass(frozen=True)
class Entry:
    """A section that can be found, and the page that it stands on."""

    page: str
    where: str
    section: Section


def script(entries: Iterable[Entry]) -> str:
    """JavaScript that sets ``window.SITE_INDEX``: no request is made, so it works from a folder too."""
    rows = [
        {
            "u": f"{entry.page}#{entry.section.anchor}" if entry.section.level > 1 else entry.page,
            "w": entry.where,
            "t": entry.section.title,
            "x": entry.section.text[:_LONGEST],
        }
        for entry in entries
    ]
    return f"window.SITE_INDEX = {json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n"
