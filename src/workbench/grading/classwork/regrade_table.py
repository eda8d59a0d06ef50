"""What a regrade would do to scores, or has done: a table that a person reads before it is committed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

How = Literal["recorded answer", "run again", "removed", "not possible"]


@dataclass(frozen=True)
class Change:
    """One question of one student, and what became of it.

    Attributes
    ----------
    before, after : float or None
        Its points by the old and by the new check; None for no score.
    out_of : float
        The most to be had by the new check.
    how : str
        ``recorded answer``, ``run again``, ``removed`` (the question is no more), or ``not possible`` (it stays as it was).
    overridden : bool
        Whether a person has set the score, so that the total does not change with it.
    text : str
        Why it is not possible, or what the new check says.
    """

    lesson: str
    student: str
    slug: str
    before: float | None
    after: float | None
    out_of: float
    how: How
    overridden: bool = False
    text: str = ""


@dataclass(frozen=True)
class RegradeTable:
    """What a regrade would do, or has done.

    Attributes
    ----------
    changes : tuple of Change
        Scores that become others, by lesson, student and question.
    impossible : tuple of Change
        Questions that could not be judged again.
    judged : int
        Questions that were judged again, with the same score or another.
    executed : int
        Submissions that had to be run for it.
    unfinished : int
        Submissions left alone, because they have not been graded to the end: that is for ``workbench grade``.
    committed : bool
        Whether it is in the gradebook.
    """

    changes: tuple[Change, ...] = ()
    impossible: tuple[Change, ...] = ()
    judged: int = 0
    executed: int = 0
    unfinished: int = 0
    committed: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)
