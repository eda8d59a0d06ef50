"""Checks that raised on an answer instead of judging it: the verdict stands, and a person is told.

An exception of a check's own counts as a wrong answer, because most often a value of an unforeseen form is behind it. Now
and then it is the check that is at fault; then its answers are judged again when it is mended (``workbench regrade``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.checks.verdict import Outcome, Result

SHOWN = 160  # characters of what an exception says


@dataclass(frozen=True)
class RaisedCheck:
    """One kind of exception in the check of one question.

    Attributes
    ----------
    exception : str
        ``KeyError``.
    example : str
        What the first of them said; it may quote an answer, so it is hostile text.
    students : tuple of str
        On whose answers, in the order of their ids.
    """

    slug: str
    exception: str
    example: str
    students: tuple[str, ...]

    @property
    def count(self) -> int:
        """On how many answers."""
        return len(self.students)


def raised(results: Iterable[tuple[str, Result]]) -> list[RaisedCheck]:
    """Group verdicts, each with its student, behind which there is an exception; the most frequent of a question first."""
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for student, result in results:
        if result.detail and result.outcome in (Outcome.INCORRECT, Outcome.PARTIAL):
            said = result.detail.strip().partition("\n")[0][:SHOWN]
            found[result.slug, said.partition(":")[0]].append((student, said))
    rows = [
        RaisedCheck(slug, exception, min(hits)[1], tuple(sorted({student for student, _ in hits})))
        for (slug, exception), hits in found.items()
    ]
    return sorted(rows, key=lambda row: (row.slug, -row.count, row.exception))
