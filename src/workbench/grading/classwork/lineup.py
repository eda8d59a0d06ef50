"""What there is to grade: each submission that counts, by what it is to be judged, and what is recorded of it already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from workbench import files, reach
from workbench.catalog import Catalog
from workbench.checks import module
from workbench.checks.module import CheckModule
from workbench.checks.verdict import Outcome, Result
from workbench.course import Course
from workbench.grading.arrivals.inbox import Counted, Inbox
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import QuestionInfo, Standing
from workbench.grading.classwork.pool import Demand
from workbench.grading.execution.key_cache import record_keys
from workbench.grading.execution.task import NO_HIDDEN, Task
from workbench.grading.judges import basis
from workbench.grading.manifest import ReleasedExercise, ReleasedVariant
from workbench.grading.notebooks import intake
from workbench.grading.notebooks.intake import IntakeError
from workbench.grading.outcome import Graded, Judgement
from workbench.grading.people import names
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.view import exposed
from workbench.grading.work import Flag, Work

UNREADABLE = "unreadable"
"""How a submission ends that no notebook can be made of."""


@dataclass(frozen=True)
class Subject:
    """An exercise and the modules that judge it.

    Attributes
    ----------
    hidden : CheckModule or None
        The hidden questions that this class is graded by.
    """

    exercise: ReleasedExercise
    visible: CheckModule
    hidden: CheckModule | None

    @property
    def hidden_file(self) -> str:
        """Where the hidden questions are, as `Task.hidden` has it."""
        return str(self.hidden.path) if self.hidden else NO_HIDDEN

    @property
    def questions(self) -> list[QuestionInfo]:
        """What the gradebook shows, visible questions first, those that a person reads last."""
        hidden = self.hidden.questions.values() if self.hidden else ()
        found = [QuestionInfo(one.slug, one.title, one.points) for one in self.visible.questions.values()]
        found += [QuestionInfo(one.slug, one.title, one.points, "hidden") for one in hidden]
        for one in self.visible.manual.values():
            rubric = tuple((criterion.text, float(criterion.points)) for criterion in one.criteria)
            found.append(QuestionInfo(one.slug, one.title, one.points, "manual", criteria=rubric))
        return [replace(info, position=place) for place, info in enumerate(found)]


@dataclass(frozen=True)
class Paper:
    """What one variant of an exercise is judged by now.

    Attributes
    ----------
    bases : mapping
        The basis of each question, by slug; see `workbench.grading.judges.basis`.
    fault : str
        Why there is no key for it; then nothing can be judged.
    """

    bases: Mapping[str, str]
    fault: str = ""


class Conditions(TypedDict):
    """On what terms a submission counts, as `Standing` and `Gradebook.finish` take them."""

    received: str
    factor: float
    late_days: float
    excused: bool
    note: str


@dataclass(frozen=True)
class Entry:
    """A submission that counts.

    Attributes
    ----------
    number : int
        Of the student's variant.
    standing : Standing or None
        What the gradebook knew of the student when the run began.
    state : str
        How far this very submission had been graded when the run began, whether it counted or not; empty for not begun.
    """

    subject: Subject
    counted: Counted
    number: int
    standing: Standing | None
    state: str = ""

    @property
    def lesson(self) -> str:
        """The exercise's slug."""
        return self.subject.exercise.lesson

    @property
    def student(self) -> str:
        """Whose it is."""
        return self.counted.submission.student

    @property
    def place(self) -> tuple[str, str, str]:
        """What the gradebook files it under."""
        return self.lesson, self.student, self.counted.submission.sha256

    @property
    def variant(self) -> ReleasedVariant:
        """What the student was given."""
        return self.subject.exercise.variants[self.number]

    @property
    def whose(self) -> tuple[str, str]:
        """Lesson and student."""
        return self.lesson, self.student

    @property
    def sort(self) -> tuple[str, int]:
        """Lesson and variant: what is judged by the same paper."""
        return self.lesson, self.number

    @property
    def terms(self) -> Conditions:
        """On what terms it counts."""
        counted = self.counted
        return {
            "received": counted.submission.received,
            "factor": counted.factor,
            "late_days": float(counted.late_days),
            "excused": counted.excused,
            "note": counted.note,
        }

    @property
    def stands(self) -> bool:
        """Whether the gradebook knew it, and these terms, when the run began."""
        return (
            self.standing is not None
            and self.standing.sha256 == self.counted.submission.sha256
            and self.terms == {name: getattr(self.standing, name) for name in self.terms}
        )

    @property
    def finished(self) -> bool:
        """Whether it had been graded to its end when the run began."""
        return self.state == "finished"


def demand(
    course: Course,
    gradebook: Gradebook,
    inbox: Inbox | None,
    *,
    hidden: Path | None = None,
    require: str = "",
    allow_plain: bool = False,
    limits: Limits | None = None,
) -> Demand:
    """What is asked of the sandbox: inbox, gradebook and hidden questions are closed to it, wherever they lie.

    Raises
    ------
    GradingError
        When one of them is a folder that submissions need.
    """
    closed = [*gradebook.files, *([inbox.folder] if inbox else []), *([hidden] if hidden else [])]
    return Demand(require, allow_plain, limits or Limits(), tuple(map(str, exposed(course, closed))))


def subjects(course: Course, exercises: Iterable[ReleasedExercise], *, hidden: Path | None = None) -> list[Subject]:
    """Load the check modules of some exercises.

    Parameters
    ----------
    hidden : Path, optional
        Folder of the hidden ones; the course's own where none is given.

    Raises
    ------
    CheckError
        When one is missing or does not run.
    """
    judging = course if hidden is None else replace(course, hidden=hidden.resolve())
    return [
        Subject(one, module.load(course.checks / f"{one.checks}.py"), module.hidden(judging, one.checks))
        for one in exercises
    ]


def paper(course: Course, entry: Entry) -> Paper:
    """What a submission is judged by, its key being in the cache.

    Raises
    ------
    WorkbenchError
        When there is no key after all.
    """
    lesson = Catalog.load(course.catalog)[entry.lesson]
    keys = record_keys(course, lesson, entry.variant.parameters, hidden=entry.subject.hidden_file)
    visible, hidden = entry.subject.visible, entry.subject.hidden
    bases = {slug: basis.of(visible.path, slug, keys.visible, sources=course.sources) for slug in visible.questions}
    if hidden and keys.hidden:
        bases |= {slug: basis.of(hidden.path, slug, keys.hidden, sources=course.sources) for slug in hidden.questions}
    return Paper(bases)


@dataclass(frozen=True)
class Before:
    """What is recorded of a submission's questions.

    Attributes
    ----------
    complete : bool
        Whether nothing is left to do.
    slugs : tuple of str
        Questions that need no judging.
    outdated : int
        How many of them were judged by other checks than today's.
    """

    complete: bool
    slugs: tuple[str, ...]
    outdated: int


def recorded(entry: Entry, gradebook: Gradebook, paper: Paper, *, fresh: bool) -> Before:
    """What is recorded of a submission.

    Parameters
    ----------
    fresh : bool
        Whether this very run has graded it. What was graded to its end by a run before stays as it is, whatever became of
        the checks since: to judge it again is a regrade. What this run has graded, it grades by one set of checks.
    """
    judged = gradebook.judged(*entry.place)
    known = [slug for slug in paper.bases if slug in judged and not judged[slug].startswith(f"{UNREADABLE} ")]
    same = {slug for slug in known if judged[slug] == paper.bases[slug]}
    kept = tuple(slug for slug in known if slug in same or (entry.finished and not fresh))
    return Before(entry.finished and len(kept) == len(paper.bases), kept, len(kept) - len(same))


def task(course: Course, entry: Entry, work: Work, *, skip: tuple[str, ...], demand: Demand) -> Task:
    """What a worker is told of a submission."""
    return Task(
        course=str(course.root),
        lesson=entry.lesson,
        checks=entry.subject.exercise.checks,
        parameters=dict(entry.variant.parameters),
        work=work,
        skip=skip,
        hidden=entry.subject.hidden_file,
        require=demand.require,
        allow_plain=demand.allow_plain,
        limits=demand.limits,
        closed=demand.closed,
    )


def read(entry: Entry) -> Work:
    """The submission as it will be run.

    Raises
    ------
    IntakeError
        When it is not a notebook that can be read.
    InboxError
        When it is not what came.
    """
    data, where = entry.counted.submission.read(), f"{entry.lesson}, {entry.student}"
    work = intake.read(data, entry.variant, others=entry.subject.exercise.variants, where=where)
    later = tuple(Flag("later file", f"a later file cannot be read: {names.shown(one)}") for one in entry.counted.unread)
    return replace(work, flags=(*work.flags, *later))


def unreadable(entry: Entry, error: IntakeError) -> Graded:
    """What is recorded of a submission that cannot be read: no points, the reason, and a flag; a person can override it."""
    why = f"your file could not be read: {error.what}"
    judgements = tuple(
        Judgement(
            Result(info.slug, info.title, Outcome.NOT_ATTEMPTED, 0.0, info.points, (why,)),
            basis=f"{UNREADABLE} {files.digest_bytes(error.what.encode())}",
            hidden=info.kind == "hidden",
        )
        for info in entry.subject.questions
        if info.kind != "manual"
    )
    return Graded(judgements, flags=(Flag(UNREADABLE, error.what),), ending=UNREADABLE)


def digests(course: Course, found: Sequence[Subject]) -> dict[str, str]:
    """Digests of all check modules and what they import from the course, to notice that something was edited."""
    paths = [one.path for subject in found for one in (subject.visible, subject.hidden) if one]
    return {str(path): _digest(path, course.sources) if path.is_file() else "" for path in paths}


def _digest(path: Path, sources: Sequence[Path]) -> str:
    source = path.read_bytes()
    return files.digest_json([files.digest_bytes(source), reach.of_source(source.decode("utf-8", "replace"), sources)])
