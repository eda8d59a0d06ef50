"""The author's loop for one lesson: build it, see that it is fresh and in form, pass the gate, compare its outputs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.catalog import Catalog, Lesson
from workbench.course import Course
from workbench.errors import WorkbenchError
from workbench.execute import python_path
from workbench.warm import bytecode, client, offer, process
from workbench.warm.owned import Zygote

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

    Two processors are kept busy: lesson and exercise are built side by side, the gate needs nothing built and runs beside
    them, and the outputs of a notebook are compared as soon as it is built. Libraries are imported twice in all
    (``workbench.warm``): once for what is built and once, with sets in another order, for what it is compared with.
    `checks_only` leaves the build and what depends on it out.

    Raises
    ------
    CourseError
        When there is no such lesson.
    """
    lesson = Catalog.load(course.catalog)[slug]
    if checks_only:
        yield _timed("form", lambda: _form(course, lesson))
        yield _timed("gate", lambda: _gate(course, lesson))
        return
    with ExitStack() as held:
        loop = _Loop(course, lesson, held)
        try:
            yield _timed("form", lambda: _form(course, lesson))
            build = _timed("build", lambda: _build(course, lesson, loop.told))
            loop.open()
            yield build
            if build.ok:
                yield _timed("fresh", lambda: _fresh(course, lesson))
                yield loop.outputs()
            yield loop.gated.result()
        except BaseException:  # Ctrl-C, or nobody wants to hear more
            loop.stop()
            raise
        if why := client.unsupported():
            yield Step("warm", (), f"libraries were imported anew for each notebook: {why}", 0.0)


class _Loop:
    """What goes on beside the build of one lesson; all of it has ended when `held` is closed."""

    gated: Future[Step]

    def __init__(self, course: Course, lesson: Lesson, held: ExitStack) -> None:
        self._course = course
        self._lesson = lesson
        self._held = held
        self._opened = False
        self._zygotes: list[Zygote] = []
        self._compared: list[Future[Step]] = []
        held.enter_context(bytecode.kept())
        self._build = self._hold(offer.for_kernels(course, [lesson], hash_seed="0"))

    def _hold(self, zygote: Zygote | None) -> Zygote | None:
        if zygote:
            self._zygotes.append(self._held.enter_context(zygote))
        return zygote

    def told(self, event: Event) -> None:
        """Hear from the build: before the first notebook is executed, start all else; compare each one that is there."""
        if event.state == "started" and not self._opened:
            from workbench import engine  # noqa: F401 - papermill: better while the zygote imports than after
        self.open()
        notebook = _notebook_of(self._course, self._lesson, event.label)
        if notebook and event.state in ("built", "fresh"):
            self._compared.append(self._pool.submit(_timed, "outputs", lambda: self._outputs(notebook)))

    def open(self) -> None:
        """Start what goes on beside the build, unless it is started already."""
        if self._opened:
            return
        self._opened = True
        self._compare = self._hold(offer.for_kernels(self._course, [self._lesson], hash_seed="1"))
        self._nbval = self._hold(offer.for_nbval(self._course))
        self._held.enter_context(client.offered([self._build, self._compare]))
        self._pool = self._held.enter_context(ThreadPoolExecutor(3))
        self.gated = self._pool.submit(_timed, "gate", lambda: _gate(self._course, self._lesson))

    def stop(self) -> None:
        """End what has been forked, so that nothing has to be waited for."""
        for zygote in self._zygotes:
            zygote.close()

    def outputs(self) -> Step:
        """What came of the comparisons, once they are done."""
        steps = [future.result() for future in self._compared]
        faults = tuple(fault for step in steps for fault in step.faults)
        return Step("outputs", faults, "; ".join(step.said for step in steps), max(step.seconds for step in steps))

    def _outputs(self, notebook: Path) -> Finding:
        return _outputs(self._course, notebook, kernels=client.paths([self._compare]), nbval=client.paths([self._nbval]))


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

    report = build(course, [lesson.slug], jobs=min(2, os.cpu_count() or 1), progress=progress)
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


def _outputs(course: Course, notebook: Path, *, kernels: list[str], nbval: list[str]) -> Finding:
    """Let nbval execute a notebook again, and compare. The sockets of zygotes say what its parts may be forked from."""
    if not (find_spec("pytest") and find_spec("nbval")):  # a learner's environment has neither
        return ["nbval is not installed\n  next:  python3 bootstrap.py setup dev"], "nothing compared"
    with tempfile.TemporaryDirectory(prefix="workbench-nbval-", ignore_cleanup_errors=True) as run:
        command = [sys.executable, "-m", "pytest", "-o", "addopts=", "-p", "nbval.plugin", "--nbval", "-q", "--no-header"]
        command += ["-p", "no:cacheprovider", str(notebook)]
        environment = {
            **os.environ,
            "WORKBENCH_COURSE": str(course.root),
            "WORKBENCH_RUN": run,
            "PYTHONPATH": python_path(course),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # importing the others takes a second or more
            **client.offer_to_jupyter(kernels),
        }
        try:
            done = process.run(command, environment=environment, folder=course.root, seconds=NBVAL_SECONDS, sockets=nbval)
        except subprocess.TimeoutExpired:
            return [f"nbval did not end in {NBVAL_SECONDS} seconds"], "stopped"
    lines = done.stdout.strip().splitlines()
    faults = [] if done.returncode == 0 else ["\n".join((lines or [done.stderr.strip()])[-40:])]
    return faults, lines[-1].strip("= ") if lines else "nothing compared"
