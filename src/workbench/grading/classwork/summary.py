"""What a run of grading has done, counted while it does it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.grading.arrivals.submission import Submission
from workbench.grading.classwork.progress import Happened, Meter, OnProgress
from workbench.grading.people.names import shown

Whose = tuple[str, str]
"""A lesson and a student."""


@dataclass(frozen=True)
class Trouble:
    """One submission that was not graded to its end, and why."""

    lesson: str
    student: str
    text: str


@dataclass(frozen=True)
class Summary:
    """What a run has done.

    Attributes
    ----------
    graded : int
        Submissions executed, those among them of which a question could not be judged.
    recorded : int
        Submissions of which everything was recorded before.
    unreadable : tuple of Trouble
        Submissions that are no notebook: no points, until a person says otherwise.
    faults : tuple of Trouble
        Where our side failed. What it failed at has no score; the next run tries it again.
    absent : int
        Students of whom nothing counts, over all exercises.
    missing : mapping
        Who they are, by exercise.
    gone : mapping
        Students of whom a submission is recorded that is no longer in the inbox, by exercise: it stays as it is recorded.
    unread : tuple of Trouble
        Later files that cannot be read, so that an earlier one counts.
    other : tuple of Trouble
        Files that are no notebook, where no notebook has come since; the exercise is empty where it is not known.
    outdated : int
        Recorded verdicts that the checks of today might not give: a regrade shows which, grading leaves them.
    rules : int
        Extensions and excuses that were taken over from the run before.
    tiers : mapping
        Executed submissions, by what their sandbox consisted of.
    key_seconds, seconds : float
        For making the answer keys that were not there yet; for everything.
    """

    graded: int = 0
    recorded: int = 0
    unreadable: tuple[Trouble, ...] = ()
    faults: tuple[Trouble, ...] = ()
    absent: int = 0
    tiers: Mapping[str, int] = field(default_factory=dict)
    key_seconds: float = 0.0
    seconds: float = 0.0
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gone: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unread: tuple[Trouble, ...] = ()
    other: tuple[Trouble, ...] = ()
    outdated: int = 0
    rules: int = 0

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)


class Account:
    """Counts, and tells of each submission as it is settled. In a later round, the last word on a submission counts.

    Parameters
    ----------
    tell : callable
        Told of each step.
    """

    def __init__(self, tell: OnProgress) -> None:
        self.rules = 0
        self.key_seconds = 0.0
        self._tell = tell
        self._meter = Meter(0)
        self._executed: dict[Whose, str] = {}
        self._recorded: dict[Whose, int] = {}
        self._missing: list[Whose] = []
        self._gone: list[Whose] = []
        self._unread: dict[Whose, str] = {}
        self._other: tuple[Trouble, ...] = ()
        self._troubles: dict[Happened, dict[Whose, str]] = {}

    def begin(self, total: int) -> None:
        """Start counting keys, or submissions, of which there are `total`."""
        self._meter = Meter(total)
        self._troubles.clear()

    def key(self, lesson: str, *, fault: str = "") -> None:
        """A key is ready, or cannot be made."""
        self._tell(self._meter.step("key", lesson=lesson, text=fault))

    def executed(self, whose: Whose, *, tier: str, fault: str = "") -> None:
        """A submission was executed; `fault` names the questions that could not be judged."""
        self._executed[whose] = tier
        self._settle("infrastructure error" if fault else "graded", whose, fault)

    def attendance(
        self,
        *,
        missing: Iterable[Whose],
        gone: Iterable[Whose],
        unread: Mapping[Whose, str],
        other: Iterable[Submission],
    ) -> None:
        """Who is not there, and what of theirs was passed over."""
        self._other = tuple(Trouble(one.lesson, one.student, f"{one.path} ({shown(one.original)})") for one in other)
        self._missing, self._gone, self._unread = sorted(missing), sorted(gone), dict(unread)

    def recorded(self, whose: Whose, *, outdated: int = 0) -> None:
        """Nothing was to be done; `outdated` of the verdicts rest on other checks than today's."""
        self._recorded[whose] = outdated
        self._settle("recorded before", whose)

    def unreadable(self, whose: Whose, why: str) -> None:
        """It is no notebook."""
        self._settle("unreadable", whose, why)

    def failed(self, whose: Whose, why: str) -> None:
        """Our side failed."""
        self._settle("infrastructure error", whose, why)

    def summary(self, seconds: float) -> Summary:
        """Everything so far."""
        return Summary(
            len(self._executed),
            len(self._recorded.keys() - self._executed.keys()),
            self._told("unreadable"),
            self._told("infrastructure error"),
            len(self._missing),
            dict(sorted(Counter(self._executed.values()).items())),
            self.key_seconds,
            seconds,
            _by_lesson(self._missing),
            _by_lesson(self._gone),
            tuple(Trouble(*whose, text) for whose, text in sorted(self._unread.items())),
            self._other,
            sum(count for whose, count in self._recorded.items() if whose not in self._executed),
            self.rules,
        )

    def _settle(self, happened: Happened, whose: Whose, text: str = "") -> None:
        if text:
            self._troubles.setdefault(happened, {})[whose] = text
        lesson, student = whose
        self._tell(self._meter.step(happened, lesson=lesson, student=student, text=text))

    def _told(self, happened: Happened) -> tuple[Trouble, ...]:
        return tuple(Trouble(*whose, text) for whose, text in sorted(self._troubles.get(happened, {}).items()))


def _by_lesson(found: Iterable[Whose]) -> dict[str, tuple[str, ...]]:
    students: dict[str, list[str]] = defaultdict(list)
    for lesson, student in found:
        students[lesson].append(student)
    return {lesson: tuple(names) for lesson, names in students.items()}
