"""Running an author's scenarios where submissions are run, or, where there is no sandbox, in a fresh process of our own.

Both give equal reports. The second has its time limited, and its files go to a folder that is thrown away.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import files
from workbench.checks.exercise import Exercise, Scenario
from workbench.checks.key import Key
from workbench.checks.verdict import Outcome, Result
from workbench.errors import CheckError
from workbench.warm import client, process

SECONDS = 180.0


@dataclass(frozen=True)
class Report:
    """What came of one scenario.

    Attributes
    ----------
    results : mapping
        The verdict on each question, by slug.
    entries : mapping
        What was recorded for each question, where the scenario records.
    failure : str
        Which cell raised what, or the empty string; the cells after it were not run.
    """

    results: Mapping[str, Result]
    entries: Mapping[str, list[dict[str, Any]]]
    failure: str = ""


def run(
    work: Exercise, groups: Sequence[Sequence[Scenario]], *, hash_seed: str = "0", nice: int = 0
) -> list[dict[str, Report]]:
    """Run each group's scenarios one after the other, the first of a group being one that records its key.

    On Linux they take the path of submissions (``workbench.grading.execution.rehearsal``); elsewhere see `run_here`.

    Parameters
    ----------
    work : Exercise
        Says where the checks are and what the process is told; its cells and parameters do not matter here.
    groups : sequence of sequence of Scenario
        The libraries which cells import are loaded once for all.
    hash_seed : str
        Seed of the order of sets of text, so that two runs can be made to differ where they may.
    nice : int
        How far it stands back for other processes, 0 (not at all) to 19.

    Returns
    -------
    list of dict
        For each group, what came of its scenarios, by name.

    Raises
    ------
    CheckError
        When the process dies or does not end in time.
    GradingError
        When the sandbox fails.
    """
    if client.unsupported():
        return run_here(work, groups, hash_seed=hash_seed, nice=nice)
    from workbench.grading.execution import rehearsal

    return rehearsal.run(work, groups, hash_seed=hash_seed, nice=nice)


def run_here(
    work: Exercise, groups: Sequence[Sequence[Scenario]], *, hash_seed: str = "0", nice: int = 0
) -> list[dict[str, Report]]:
    """As `run`, in one fresh process that also judges: for the author's own code alone, on any system."""
    with tempfile.TemporaryDirectory(prefix="workbench-gate-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        request, reply = folder / "request.json", folder / "reply.json"
        scratch = folder / "scratch"
        scratch.mkdir()
        scenarios = [[vars(one) for one in group] for group in groups]
        files.write_json(request, {"checks": _modules(work), "groups": scenarios, "nice": nice})
        environment = {**os.environ, **_environment(work, folder), "PYTHONHASHSEED": hash_seed, "MPLBACKEND": "agg"}
        command = [sys.executable, "-m", "workbench.checks.runner", str(request), str(reply)]
        environment.pop(client.VARIABLE, None)  # for this process, not for what the exercise may start
        try:
            done = process.run(command, environment=environment, folder=scratch, seconds=SECONDS)
        except subprocess.TimeoutExpired as error:
            raise CheckError(f"the exercise did not end in {SECONDS:g} seconds", where=work.where) from error
        if not reply.is_file():
            raise CheckError(
                f"the process that runs the exercise ended with {done.returncode}",
                where=work.where,
                tried=done.stderr.strip()[-2000:],
            )
        replies = json.loads(reply.read_bytes())
    return [{name: _report(table) for name, table in reply.items()} for reply in replies]


def _modules(work: Exercise) -> list[str]:
    return [str(module.path) for module in (work.module, work.hidden) if module]


def recorded(work: Exercise, reports: Mapping[str, Report]) -> Key:
    """The key that the scenario ``solution`` recorded.

    Raises
    ------
    CheckError
        When it did not run to its end, or did not earn all points.
    """
    report = reports["solution"]
    if report.failure:
        raise CheckError(f"the solution does not run: {report.failure}", where=work.where)
    for result in report.results.values():
        if result.outcome is not Outcome.CORRECT:
            why = " ".join((*result.messages, result.detail)).strip()
            raise CheckError(f"the solution of `{result.slug}` is judged {result.outcome}: {why}", where=work.where)
    return Key(work.lesson.slug, work.lesson.checks, work.parameters, report.entries)


def _environment(work: Exercise, folder: Path) -> dict[str, str]:
    from workbench.execute import environment_for
    from workbench.targets import Target

    target = Target(work.course, work.lesson, "exercise")
    for name in target.inputs:
        if (work.course.artifacts / name).is_file():
            files.write_bytes(folder / "run" / "artifacts" / name, (work.course.artifacts / name).read_bytes())
    return environment_for(work.course, target.as_lesson, folder / "run")


def _report(table: dict[str, Any]) -> Report:
    results = {
        slug: Result(**{**row, "outcome": Outcome(row["outcome"]), "messages": tuple(row["messages"])})
        for slug, row in table["results"].items()
    }
    return Report(results, table["entries"], table["failure"])
