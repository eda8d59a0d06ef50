"""What goes into a gradebook and comes out of it: plain rows, so that a reader of scores needs no database library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from workbench.errors import GradingError
from workbench.grading.outcome import INFRA_ERROR, Judgement

Kind = Literal["visible", "hidden", "manual"]
Source = Literal["auto", "override", "manual", "excused", "missing", "fault", "pending"]
State = Literal["open", "finished", "fault", "missing"]

TO_BE_READ = "to be read"
"""The outcome of a manual question that no person has read to its end yet."""

EXCUSED = "excused"
"""The outcome of every question of an exercise that the student need not hand in."""

NOT_GRADED = "not graded"
"""The outcome of a question of a submission whose grading has not come to it yet."""


class GradebookError(GradingError):
    """A gradebook that cannot be opened, read or written; what was recorded before is still there."""


class GradebookBusyError(GradebookError):
    """Another process writes in this gradebook."""


class ReviewConflictError(GradingError):
    """Two people have judged the same words."""


class Enrollable(Protocol):
    """What the gradebook keeps of a student of the roster."""

    @property
    def id(self) -> str:
        """The name under which everything is filed."""

    @property
    def name(self) -> str:
        """As a person writes it; hostile text."""

    @property
    def email(self) -> str:
        """May be empty."""


@dataclass(frozen=True)
class Enrolled:
    """A student that the gradebook knows."""

    id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class QuestionInfo:
    """One question of an exercise, as it is graded now.

    Attributes
    ----------
    points : float
        The most to be had, greater than 0.
    kind : str
        ``visible`` and ``hidden`` ones are judged by checks, ``manual`` ones by a person.
    position : int
        Its place in lists, from 0.
    criteria : tuple of (str, float)
        Of a manual question: what it is judged by, and the most points for each.
    """

    slug: str
    title: str
    points: float
    kind: Kind = "visible"
    position: int = 0
    criteria: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Score:
    """What one student has for one question.

    Attributes
    ----------
    points : float or None
        Before anything is taken off for lateness; None where there is no score: our fault, not graded or read yet, excused.
    out_of : float
        The most to be had.
    outcome : str
        The verdict in the reader's words: one of `workbench.checks.verdict.Outcome`, `INFRA_ERROR`, `TO_BE_READ`, `EXCUSED`
        or `NOT_GRADED`. An override keeps the verdict that it overrides.
    source : str
        ``auto`` (a check), ``override`` (set by a person), ``manual`` (a rubric), ``excused``, ``missing`` (nothing was
        handed in: 0 points), ``fault`` (our side could not judge), ``pending`` (handed in, not graded to the end).
    factor : float
        The share of the points that counts, 0 to 1: what lateness leaves.
    """

    student: str
    lesson: str
    slug: str
    kind: Kind
    points: float | None
    out_of: float
    outcome: str
    source: Source
    factor: float = 1.0


@dataclass(frozen=True)
class Standing:
    """Which submission of a student's counts for an exercise, and on what terms.

    Attributes
    ----------
    sha256 : str
        The submission that counts; empty where nothing was handed in.
    received : str
        When it was, ISO 8601.
    factor : float
        The share of the points that counts, 0 to 1.
    late_days : float
        Days begun after the due date and its grace.
    excused : bool
        Whether the exercise does not count for this student.
    note : str
        Why, for the instructor: the line of the policy, say.
    state : str
        ``missing``, ``open`` (grading has not come to its end), ``finished`` or ``fault``.
    fault : str
        What of ours failed.
    """

    lesson: str
    student: str
    sha256: str = ""
    received: str = ""
    factor: float = 1.0
    late_days: float = 0.0
    excused: bool = False
    note: str = ""
    state: State = "missing"
    fault: str = ""


@dataclass(frozen=True)
class Total:
    """What one student has for one exercise.

    Attributes
    ----------
    points : float or None
        What counts: the sum of the questions times `Standing.factor`; None while a question has no score.
    earned : float
        The sum of the questions that have a score, nothing taken off.
    out_of : float
        The most to be had.
    open : int
        Questions without a score.
    """

    student: str
    lesson: str
    points: float | None
    earned: float
    out_of: float
    open: int
    standing: Standing


@dataclass(frozen=True)
class Recorded:
    """A judgement as the gradebook has it."""

    student: str
    sha256: str
    judgement: Judgement


@dataclass(frozen=True)
class Words:
    """A student's answer in words to a manual question; hostile text."""

    lesson: str
    student: str
    slug: str
    text: str
    digest: str


@dataclass(frozen=True)
class Review:
    """What a person made of one answer in words.

    Attributes
    ----------
    points : mapping
        By criterion; one that is not in it is undecided.
    digest : str
        Of the words that were read. The review counts as long as the submission that counts has these very words.
    when : str
        ISO 8601.
    complete : bool
        Whether every criterion of the question has its points.
    """

    lesson: str
    student: str
    slug: str
    points: Mapping[str, float]
    comment: str
    reviewer: str
    when: str
    digest: str
    complete: bool = True


@dataclass(frozen=True)
class AuditEntry:
    """One change of a score, never deleted.

    Attributes
    ----------
    action : str
        ``set``, ``clear``, ``review``, or ``judge again``.
    before, after : float or None
        The question's points; None for no score.
    """

    number: int
    when: str
    who: str
    action: str
    lesson: str
    student: str
    slug: str
    before: float | None
    after: float | None
    reason: str = field(default="")


__all__ = [
    "EXCUSED",
    "INFRA_ERROR",
    "NOT_GRADED",
    "TO_BE_READ",
    "AuditEntry",
    "Enrollable",
    "Enrolled",
    "GradebookBusyError",
    "GradebookError",
    "Kind",
    "QuestionInfo",
    "Recorded",
    "Review",
    "ReviewConflictError",
    "Score",
    "Source",
    "Standing",
    "State",
    "Total",
    "Words",
]
