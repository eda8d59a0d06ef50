"""How long students' own code takes by itself: their cells, and the calls of their functions, with nobody around them.

One process a submission, forked from one that has the libraries loaded, runs the cells in an IPython shell and then answers
what the checks have asked, from what the gradebook has recorded. No sandbox, no judge; as many at once as there are cores,
for two that share a core's parts are slower than one. Only time within the cells and within the students' functions counts.
Run as a script it does so for the submissions on its standard input.
"""

from __future__ import annotations

import functools
import json
import os
import statistics
import subprocess
import sys
import time
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from _honest_class import HonestClass

from workbench.catalog import Catalog
from workbench.checks.answer import LiveNotebook
from workbench.course import Course
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.notebooks import intake
from workbench.warm import preload


def seconds(class_: HonestClass, book: Path, *, sample: int) -> float:
    """Median over `sample` submissions of a graded class."""
    rows = []
    with Gradebook.open(book) as gradebook:
        for student in class_.students[:sample]:
            graded = gradebook.submission(class_.lesson.slug, student)
            assert graded is not None
            asked = [entry["ask"] for one in graded.judgements if not one.hidden for entry in one.transcript]
            rows.append({"steps": _steps(class_, student), "asked": asked})
    done = subprocess.run(
        [sys.executable, __file__, str(class_.course.root), class_.lesson.slug],
        input=json.dumps(rows),
        capture_output=True,
        check=True,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"},
    )
    return statistics.median(json.loads(done.stdout.splitlines()[-1]))


def _steps(class_: HonestClass, student: str) -> list[tuple[str, str]]:
    """The cells that are run, without those that ask for a verdict."""
    (submission,) = [one for one in class_.inbox.submissions(class_.lesson.slug) if one.student == student]
    work = intake.read(submission.read(), class_.manifest[class_.lesson.slug].variant_of(student))
    return [(step.cell, step.source) for step in work.steps if step.kind == "run"]


def _timed(spent: list[float], function: Any) -> Any:
    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        begin = time.perf_counter()
        try:
            return function(*arguments, **named)
        finally:
            spent.append(time.perf_counter() - begin)

    return call


def _spent(row: dict[str, Any]) -> float:
    """Seconds of one submission."""
    import workbench
    from workbench.grading.execution.shell import enter

    class Nothing:
        def __call__(self, *_: Any, **__: Any) -> None: ...
        def __getattr__(self, _name: str) -> Any:
            return self

    workbench.check = workbench.quiz = Nothing()  # type: ignore[assignment]
    shell = enter()
    spent: list[float] = []
    for cell, source in row["steps"]:
        begin = time.perf_counter()
        shell.run(cell, source)
        spent.append(time.perf_counter() - begin)
    names = shell.user_module.__dict__
    for name, value in list(names.items()):
        if isinstance(value, types.FunctionType) and value.__module__ == "__main__":
            names[name] = _timed(spent, value)
    live = LiveNotebook(names, seconds=60)
    for verb, name, arguments, named in row["asked"]:
        if verb == "call":
            live.call(name, arguments, named)
    return sum(spent)


def _main(root: str, slug: str) -> None:
    course = Course.find(Path(root))
    for name in preload.exercise(course, Catalog.load(course.catalog)[slug]):
        __import__(name.partition(":")[0])
    from workbench.grading.execution import shell

    shell.ready()
    cores = len(os.sched_getaffinity(0))
    rows = json.loads(sys.stdin.read())
    with ThreadPoolExecutor(cores) as threads:
        print(json.dumps(list(threads.map(_forked, rows))))


def _forked(row: dict[str, Any]) -> float:
    """Seconds of one submission, in a process of its own."""
    receiving, giving = os.pipe()
    process = os.fork()
    if process == 0:
        os.write(giving, json.dumps(_spent(row)).encode())
        os._exit(0)
    os.close(giving)
    with os.fdopen(receiving) as stream:
        found: float = json.loads(stream.read())
    os.waitpid(process, 0)
    return found


if __name__ == "__main__":
    _main(*sys.argv[1:])
