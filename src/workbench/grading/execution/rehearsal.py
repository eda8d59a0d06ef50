"""The author's own runs of an exercise, along the path that submissions take: solution, stub, wrong answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.checks.exercise import Exercise, Scenario
from workbench.checks.key import Key, Once
from workbench.checks.process import Report
from workbench.checks.verdict import Result
from workbench.errors import CheckError, GradingError
from workbench.grading.execution import bench as benches
from workbench.grading.execution.bench import Bench
from workbench.grading.execution.session import Over, Session
from workbench.grading.execution.sitting import Asking, ended
from workbench.grading.judges.judging import QuestionRef
from workbench.grading.sandbox import tiers
from workbench.grading.sandbox.forker import SandboxFault
from workbench.grading.sandbox.limits import Limits

SECONDS_A_CALL = 15.0  # more than a notebook allows: a build may share its machine with others
LIMITS = Limits(wall=180.0, cpu=180.0, memory=4 << 30, processes=256, file=1 << 30, scratch=1 << 30, output=64 << 20)


def run(
    work: Exercise, groups: Sequence[Sequence[Scenario]], *, hash_seed: str = "0", nice: int = 0
) -> list[dict[str, Report]]:
    """As `workbench.checks.process.run`: each scenario in a room of its own, judged by the judge's process.

    Raises
    ------
    GradingError
        When there is no sandbox, not even limits alone, or it fails.
    """
    tier = tiers.choose(None, allow_plain=True)  # the author's own code
    with benches.lent(work.course, work.lesson, tier=tier, hash_seed=hash_seed) as bench:
        bench.look()  # an author edits between two runs
        return [_Group(bench, work, nice).run(scenarios) for scenarios in groups]


class _Group:
    """Scenarios under one set of parameters; the first records the key that the others are judged against."""

    def __init__(self, bench: Bench, work: Exercise, nice: int) -> None:
        self._bench, self._work, self._nice = bench, work, nice
        self._key = Key("", "", {}, {})
        paths: list[Path] = [module.path for module in (work.module, work.hidden) if module]
        self._questions = {one.slug: one for one in bench.asked(paths[0], paths[1] if work.hidden else None)}

    def run(self, scenarios: Sequence[Scenario]) -> dict[str, Report]:
        return {scenario.name: self._twice(scenario) for scenario in scenarios}

    def _twice(self, scenario: Scenario) -> Report:
        try:
            return self._report(scenario)
        except SandboxFault:  # a process that was killed by somebody, say
            self._bench.renew()
            return self._report(scenario)

    def _report(self, scenario: Scenario) -> Report:
        setting = {**self._bench.setting, "nice": self._nice}
        with self._bench.start(LIMITS) as room:
            session = Session(room, limits=LIMITS, setting=setting, seconds=SECONDS_A_CALL)
            session.begin()
            failure = _failure(session, scenario.steps)
            if session.over:
                raise _ended(session, self._work, failure)
            results, entries = {}, {}
            for slug in scenario.questions:
                results[slug], recorded = self._judged(session, self._questions[slug], record=scenario.record)
                if scenario.record:
                    entries[slug] = recorded
            session.close()
        if scenario.record:
            self._key = Key("", "", {}, entries)
        return Report(results, entries, failure)

    def _judged(self, session: Session, question: QuestionRef, *, record: bool) -> tuple[Result, list[dict[str, Any]]]:
        answer = Asking(session, apart=question.hidden)
        if record:
            judgement, entries = self._bench.judge.record(question, Once(answer) if question.hidden else answer)
        else:
            judgement, entries = self._bench.judge.judge(question, answer, self._key), []
        if judgement.fault and not judgement.result.messages:
            raise GradingError(judgement.fault, where=self._work.where)
        return judgement.result, entries


def _ended(session: Session, work: Exercise, failure: str) -> CheckError:
    code = session.ending.code if session.ending else 0
    why = f"the process that runs the exercise ended with {code}: {ended(session.cause)}"
    return CheckError(why, where=work.where, tried=failure)


def _failure(session: Session, steps: Sequence[tuple[str, str]]) -> str:
    """Run cells until one raises: which, where and what; the empty string when none has."""
    for cell, source in steps:
        try:
            ran = session.run(cell, source)
        except Over:
            return f"cell {cell}: {ended(session.cause)}"
        if ran.run.error:
            return f"cell {cell}" + (f", line {ran.line}" if ran.line else "") + f": {ran.run.error}"
    return ""
