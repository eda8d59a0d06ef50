"""The author gate: whether an exercise's checks pass the solution, nothing else, and always.

For two parameter sets, each in fresh processes: the solution earns all points; each question can be answered without the
others; the untouched notebook runs and earns nothing; and no wrong answer that the author named earns all points. All of
that where submissions run. Solution and untouched notebook run once more in a plain process that orders sets otherwise, and
must be judged and record the same there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from workbench.catalog import Catalog, Lesson
from workbench.checks import exercise, process
from workbench.checks.exercise import Exercise
from workbench.checks.process import Report
from workbench.checks.question import Mutant
from workbench.checks.verdict import Outcome
from workbench.course import Course
from workbench.errors import CheckError, WorkbenchError
from workbench.parameters import Value

_NICE = 5  # the build beside it is waited for first


@dataclass(frozen=True)
class GateFault:
    """One thing that an author has to mend.

    Attributes
    ----------
    kind : str
        ``solution``, ``alone``, ``stub``, ``mutant``, ``broken mutant``, ``unsteady`` (two runs differ, of which one is in
        the sandbox and one in a plain process), ``forgeable``
        (its tests run in the student's process), or ``exercise`` (it cannot be read).
    question : str
        The question's slug, or the empty string for the whole exercise.
    parameters : mapping
        Those it was found with.
    text : str
        What is wrong.
    """

    kind: str
    question: str
    parameters: Mapping[str, Value]
    text: str

    def __str__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return (
            f"{self.kind}: "
            + (f"`{self.question}`: " if self.question else "")
            + self.text
            + (f" [{values}]" if values else "")
        )


@dataclass
class GateReport:
    """What the gate found for one exercise.

    Attributes
    ----------
    questions, mutants : int
        How many were tried with each parameter set.
    sets : list of mapping
        The parameter sets.
    faults : list of GateFault
        Empty when the exercise may be published.
    seconds : float
        Time taken.
    """

    slug: str
    questions: int = 0
    mutants: int = 0
    sets: list[Mapping[str, Value]] = field(default_factory=list)
    faults: list[GateFault] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing has to be mended."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {"ok": self.ok, **asdict(self)}


def gate(course: Course, slug: str) -> GateReport:
    """Try the checks of one lesson's exercise.

    Parameters
    ----------
    slug : str
        The lesson, by name or number.

    Raises
    ------
    CourseError
        When there is no such lesson.
    CheckError
        When it has no exercise.
    """
    started = time.monotonic()
    lesson = Catalog.load(course.catalog)[slug]
    if not lesson.checks:
        raise CheckError(f"`{lesson.slug}` has no exercise", where=course.relative(course.catalog))
    report = GateReport(lesson.slug)
    try:
        trials = [_Trial(exercise.read(course, lesson, parameters)) for parameters in parameter_sets(course, lesson)]
        questions = trials[0].work.questions
        report.questions, report.mutants = len(questions), sum(len(question.mutants) for question in questions.values())
        report.sets = [trial.work.parameters for trial in trials]
        report.faults = _tried(trials)
    except WorkbenchError as error:
        report.faults = [GateFault("exercise", "", {}, str(error))]
    report.seconds = round(time.monotonic() - started, 2)
    return report


def parameter_sets(course: Course, lesson: Lesson) -> list[dict[str, Value]]:
    """What differs from the exercise's defaults in each set: nothing; then another seed and the lesson's trial values."""
    defaults = exercise.read(course, lesson, {}).parameters
    other = {name: value for name, value in lesson.trial.items() if name in defaults and name != "seed"}
    if isinstance(defaults.get("seed"), int):
        other["seed"] = int(defaults["seed"]) + 1
    return [{}, other] if other else [{}]


class _Trial:
    """What is tried with one set of parameters, and what came of it."""

    def __init__(self, work: Exercise) -> None:
        self.work = work
        self.faults: list[GateFault] = []
        self.wrong: dict[str, tuple[str, Mutant]] = {}
        self.twice = [exercise.solution(work), exercise.stub(work)]
        self.scenarios = [*self.twice]
        self.scenarios += [exercise.alone(work, slug) for slug in work.questions]
        for slug, question in work.questions.items():
            if question.forgeable:
                self.faults.append(_fault(work, "forgeable", slug, "its tests run in the student's process: rewrite them"))
            if not question.mutants:
                self.faults.append(_fault(work, "mutant", slug, "it has no wrong answer to try"))
            for mutant in question.mutants:
                self._add(slug, mutant)

    def _add(self, slug: str, mutant: Mutant) -> None:
        try:
            scenario = exercise.mutant(self.work, slug, mutant)
        except CheckError as error:
            self.faults.append(_fault(self.work, "broken mutant", slug, error.what))
            return
        if scenario.name in self.wrong:
            self.faults.append(_fault(self.work, "broken mutant", slug, f"two are called `{mutant.name}`"))
        self.wrong[scenario.name] = (slug, mutant)
        self.scenarios.append(scenario)

    def judge(self, reports: Mapping[str, Report], again: Mapping[str, Report]) -> list[GateFault]:
        """The faults, given what came of the scenarios, and of those that ran twice the second time."""
        work = self.work
        of_solution = list(_of_solution(work, reports["solution"]))
        if of_solution:
            return self.faults + of_solution  # there is no key, and all else would follow from that
        self.faults += _of_repeat(work, reports, again)
        self.faults += _of_stub(work, reports["stub"])
        for slug in work.questions:
            self.faults += _of_alone(work, slug, reports[f"alone {slug}"])
        for name, (slug, mutant) in self.wrong.items():
            self.faults += _of_mutant(work, slug, mutant, reports[name])
        return self.faults


def _tried(trials: Sequence[_Trial]) -> list[GateFault]:
    """The faults of all trials. Everything runs as submissions do; what runs twice, beside it in a plain process."""
    work = trials[0].work
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(process.run, work, [trial.scenarios for trial in trials], nice=_NICE)
        second = pool.submit(process.run_here, work, [trial.twice for trial in trials], hash_seed="1", nice=_NICE)
        pairs = zip(trials, first.result(), second.result(), strict=True)
    return [fault for trial, reports, again in pairs for fault in trial.judge(reports, again)]


def _of_solution(work: Exercise, report: Report) -> Iterator[GateFault]:
    if report.failure:
        yield _fault(work, "solution", "", f"the solution does not run: {report.failure}")
        return
    for slug, result in report.results.items():
        if result.outcome is not Outcome.CORRECT:
            why = " ".join((*result.messages, result.detail)).strip()
            yield _fault(work, "solution", slug, f"the solution is judged {result.outcome}: {why}")
        if not report.entries[slug] and result.outcome is Outcome.CORRECT:
            yield _fault(work, "solution", slug, "the check asks nothing of the key")


def _of_repeat(work: Exercise, first: Mapping[str, Report], second: Mapping[str, Report]) -> Iterator[GateFault]:
    one, other = first["solution"], second["solution"]
    for slug, entries in one.entries.items():
        if entries != other.entries.get(slug):
            asked = [entry["ask"][1] for entry in entries if entry not in other.entries.get(slug, [])]
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(asked))
            yield _fault(work, "unsteady", slug, f"two runs of the solution differ in {names or 'what is asked'}")
    for name, report in second.items():
        if report.failure != first[name].failure:
            told = report.failure or "it runs"
            yield _fault(work, "unsteady", "", f"the {name} ends otherwise in a plain process than in the sandbox: {told}")
        for slug, result in report.results.items():
            if result != first[name].results.get(slug):
                told = " ".join((str(result.outcome), *result.messages))
                yield _fault(work, "unsteady", slug, f"the {name} is judged otherwise in a plain process: {told}")


def _of_stub(work: Exercise, report: Report) -> Iterator[GateFault]:
    if report.failure:
        yield _fault(work, "stub", "", f"the untouched notebook does not run: {report.failure}")
    for slug, result in report.results.items():
        if result.outcome is not Outcome.NOT_ATTEMPTED:
            why = " ".join(result.messages)
            yield _fault(work, "stub", slug, f"the untouched answer is judged {result.outcome}: {why}".rstrip(": "))


def _of_alone(work: Exercise, slug: str, report: Report) -> Iterator[GateFault]:
    result = report.results.get(slug)
    if report.failure or result is None or result.outcome is not Outcome.CORRECT:
        why = report.failure or " ".join(result.messages if result else ())
        yield _fault(work, "alone", slug, f"it cannot be answered without the questions before it: {why}")


def _of_mutant(work: Exercise, slug: str, mutant: Mutant, report: Report) -> Iterator[GateFault]:
    if report.failure and not mutant.raises:
        yield _fault(work, "broken mutant", slug, f"`{mutant.name}` does not run: {report.failure}")
        return
    result = report.results.get(slug)
    if result is None or result.outcome is Outcome.NOT_JUDGED:
        why = " ".join(result.messages) if result else report.failure
        yield _fault(work, "mutant", slug, f"`{mutant.name}` cannot be judged: {why}")
    elif result.outcome is Outcome.CORRECT:
        yield _fault(work, "mutant", slug, f"`{mutant.name}` earns all points")
    elif result.outcome is Outcome.NOT_ATTEMPTED and not mutant.raises:
        yield _fault(work, "broken mutant", slug, f"`{mutant.name}` leaves the answer out: {' '.join(result.messages)}")


def _fault(work: Exercise, kind: str, slug: str, text: str) -> GateFault:
    return GateFault(kind, slug, work.parameters, text)
