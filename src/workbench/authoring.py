"""The author's loop for one lesson: build it, see that it is fresh and in form, pass the gate, compare its outputs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.catalog import Catalog, Lesson
from workbench.course import Course
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.build import Event

NBVAL_SECONDS = 180


@dataclass(frozen=True)
class Step:
    """One step of the loop.

    Attributes
    ----------
    name : str
        ``build``, ``form``, ``fresh``, ``gate`` or ``outputs``.
    faults : tuple of str
        What has to be mended; empty when all is well.
    said : str
        What was done, in a few words.
    """

    name: str
    faults: tuple[str, ...]
    said: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether there is nothing to mend."""
        return not self.faults

    def to_json(self) -> dict[str, Any]:
        """The step as plain data."""
        return {"ok": self.ok, **asdict(self)}


Finding = tuple[list[str], str]


def rounds(course: Course, slug: str, *, checks_only: bool = False) -> Iterator[Step]:
    """Do the loop for one lesson and yield each step as it is done.

    Two processors are kept busy: the gate needs nothing built and runs beside the build, and the outputs of a notebook are
    compared as soon as it is built, while the build goes on with the next. `checks_only` leaves the build and what depends
    on it out.

    Raises
    ------
    CourseError
        When there is no such lesson.
    """
    lesson = Catalog.load(course.catalog)[slug]
    with ThreadPoolExecutor(3) as pool:
        gated: Future[Step] = pool.submit(_timed, "gate", lambda: _gate(course, lesson))
        yield _timed("form", lambda: _form(course, lesson))
        if checks_only:
            yield gated.result()
            return
        compared: list[Future[Step]] = []

        def compare(event: Event) -> None:
            notebook = _notebook_of(course, lesson, event.label)
            if notebook and event.state in ("built", "fresh"):
                compared.append(pool.submit(_timed, "outputs", lambda: _outputs(course, notebook)))

        build = _timed("build", lambda: _build(course, lesson, compare))
        yield build
        if build.ok:
            yield _timed("fresh", lambda: _fresh(course, lesson))
            steps = [future.result() for future in compared]
            faults = tuple(fault for step in steps for fault in step.faults)
            yield Step("outputs", faults, "; ".join(step.said for step in steps), max(step.seconds for step in steps))
        yield gated.result()


def _notebook_of(course: Course, lesson: Lesson, label: str) -> Path | None:
    """The notebook with outputs that the build calls `label`, where it is one of this lesson's."""
    own = {
        lesson.slug: course.notebooks / f"{lesson.slug}.ipynb",
        f"exercise {lesson.slug}": course.solutions / f"{lesson.slug}.ipynb",
    }
    return own.get(label)


def watched(course: Course, slug: str) -> list[Path]:
    """The files whose change starts the loop again: the lesson's own, and the catalogue."""
    lesson = Catalog.load(course.catalog)[slug]
    files = [course.lessons / f"{lesson.slug}.py", course.quizzes / f"{lesson.slug}.toml", course.catalog]
    if lesson.checks:
        files += [course.exercises / f"{lesson.slug}.py", course.checks / f"{lesson.checks}.py"]
        files += [hidden for hidden in (course.hidden / f"{lesson.checks}.py",) if hidden.is_file()]
    return files


def stamps(files: list[Path]) -> list[int]:
    """When each file was written last; 0 where it is missing."""
    return [file.stat().st_mtime_ns if file.is_file() else 0 for file in files]


def _timed(name: str, work: Callable[[], Finding]) -> Step:
    started = time.monotonic()
    try:
        faults, said = work()
    except WorkbenchError as error:
        faults, said = [str(error)], "stopped"
    return Step(name, tuple(faults), said, round(time.monotonic() - started, 2))


def _form(course: Course, lesson: Lesson) -> Finding:
    from workbench import quizzes, structure

    faults = [str(finding) for finding in structure.of_course(course, [lesson])]
    path = course.quizzes / f"{lesson.slug}.toml"
    questions = len(quizzes.load(path).items) if path.is_file() else 0
    return faults, f"masters read, {questions} quiz questions"


def _build(course: Course, lesson: Lesson, progress: Callable[[Event], None]) -> Finding:
    from workbench.build import build

    report = build(course, [lesson.slug], progress=progress)
    return [problem.text for problem in report.problems], f"{len(report.built)} built, {len(report.fresh)} fresh"


def _fresh(course: Course, lesson: Lesson) -> Finding:
    from workbench.build import build

    report = build(course, [lesson.slug], check=True)
    return [str(fault) for fault in report.faults], f"{len(report.fresh)} masters fresh"


def _gate(course: Course, lesson: Lesson) -> Finding:
    from workbench.gate import gate

    if not lesson.checks:
        return [], "no exercise"
    report = gate(course, lesson.slug)
    said = f"{report.questions} questions, {report.mutants} wrong answers, {len(report.sets)} parameter sets"
    return [str(fault) for fault in report.faults], said


def _outputs(course: Course, notebook: Path) -> Finding:
    if not (find_spec("pytest") and find_spec("nbval")):  # a learner's environment has neither
        return ["nbval is not installed\n  next:  python3 bootstrap.py setup dev"], "nothing compared"
    with tempfile.TemporaryDirectory(prefix="workbench-nbval-", ignore_cleanup_errors=True) as run:
        command = [sys.executable, "-m", "pytest", "-o", "addopts=", "-p", "nbval.plugin", "--nbval", "-q", "--no-header"]
        command += ["-p", "no:cacheprovider", str(notebook)]
        sources = os.pathsep.join(filter(None, (*map(str, course.sources), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "WORKBENCH_COURSE": str(course.root), "WORKBENCH_RUN": run, "PYTHONPATH": sources}
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # importing the others takes a second or more
        try:
            done = subprocess.run(
                command,
                cwd=course.root,
                env=environment,
                capture_output=True,
                text=True,
                timeout=NBVAL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return [f"nbval did not end in {NBVAL_SECONDS} seconds"], "stopped"
    lines = done.stdout.strip().splitlines()
    faults = [] if done.returncode == 0 else ["\n".join((lines or [done.stderr.strip()])[-40:])]
    return faults, lines[-1].strip("= ") if lines else "nothing compared"
