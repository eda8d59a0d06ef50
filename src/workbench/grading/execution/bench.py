"""Benches: a process to fork submissions from, and one that judges them. ``grade_task`` works at one.

A bench is made for one lesson when a thread needs one and none is free, and kept for the next; benches for the same lesson
share the process that they fork from. What dies is started again;
what is lost of a submission by that is done once more, and a second loss is reported as ours, never as a zero.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench import reach
from workbench.catalog import Catalog, Lesson
from workbench.course import Course
from workbench.errors import GradingError, WorkbenchError
from workbench.grading.execution import key_cache
from workbench.grading.execution.forkers import Shared, Stock
from workbench.grading.execution.session import Session
from workbench.grading.execution.sitting import Sitting
from workbench.grading.execution.task import Task
from workbench.grading.judges.judging import Judge, QuestionRef
from workbench.grading.outcome import Graded, Judgement
from workbench.grading.sandbox import tiers
from workbench.grading.sandbox.forker import Forker, Room, SandboxFault
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.view import view_of
from workbench.warm import preload

__all__ = ["Bench", "Task", "abandon", "close", "grade_task", "lent"]

STUDENT = "workbench.grading.execution.submission"
# What a submission's process itself needs; a shell is made last, when the libraries that look for one have been imported.
_WARM = ("workbench.grading.execution.student", "workbench.codec_arrays")
_TABLES = ("pyarrow", "pyarrow.pandas_compat", "pyarrow.vendored.version")
_JUDGED = ("workbench.codec_arrays", "numpy", "pandas", *_TABLES)
_LAST = ("workbench.grading.execution.first_use:DONE", "workbench.grading.execution.shell:READY")
# Submissions share the processors: threads of linear algebra would only get into each other's way.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
_LOOKING = 5.0  # seconds between two looks at the course's code
_SHARED = 1.0  # seconds for which benches share what one of them has seen
_ATTEMPTS = 2
_INPUTS = ".workbench/artifacts"  # where a submission finds the artefacts that it may read


class Bench:
    """A forker, which others may share, and a judge of its own, for one lesson.

    Parameters
    ----------
    tier : str
        As `workbench.grading.sandbox.tiers.choose` gives it.
    hash_seed : str
        Seed of the order of sets of text in the submissions.
    closed : tuple of str
        As `Task.closed`.
    """

    def __init__(
        self, course: Course, lesson: Lesson, *, tier: str, hash_seed: str = "0", closed: tuple[str, ...] = ()
    ) -> None:
        self.course, self.lesson, self.tier, self.hash_seed, self.closed = course, lesson, tier, hash_seed, closed
        self.sort = str(course.root), lesson.slug, tier, hash_seed, *closed
        self.judge = Judge(root=course.root, sources=course.sources)
        self.setting = _setting(course, lesson)
        self.questions: dict[tuple[Path, int], tuple[QuestionRef, ...]] = {}
        self._shared: Shared | None = None
        self._ready = 0
        self._stamp, self._looked = "", 0.0
        self._left = False

    def start(self, limits: Limits) -> Room:
        """A process for one submission.

        Raises
        ------
        SandboxFault
            When there is none to be had; the next try begins with another forker.
        """
        self.prepare()
        assert self._shared is not None
        room = self._shared.forker.start(STUDENT, [], limits, patient=False)
        if self._abandoned():  # while this was being made
            room.close()
            raise GradingError("grading was broken off")
        return room

    def prepare(self) -> None:
        """Have a forker, which may still be importing.

        Raises
        ------
        SandboxFault
            When there is none to be had.
        """
        if self._abandoned():
            raise GradingError("grading was broken off")
        self._look()
        if self._shared is None:
            self._shared = _stock.hold(self.sort, self._made)

    def _abandoned(self) -> bool:
        return self._left

    def _made(self) -> Forker:
        view = view_of(self.course, [self.lesson], closed=map(Path, self.closed))
        libraries = preload.exercise(self.course, self.lesson)
        tables = _TABLES if "pandas" in libraries else ()
        modules = tuple(dict.fromkeys((*_WARM, *libraries, *tables, *_LAST)))
        environment = {**view.environment, **_ONE_THREAD, "PYTHONHASHSEED": self.hash_seed}
        return Forker(replace(view, modules=modules, environment=environment), tier=self.tier)

    def _look(self) -> None:
        """Do without a forker that has ended, or has imported what was edited since."""
        if self._shared is not None and not self._shared.forker.alive():
            self.renew()
        if time.monotonic() - self._looked > _LOOKING:
            stamp = _stamps.of(self.course.sources, age=_SHARED if self._looked else 0.0)
            if self._stamp and stamp != self._stamp:
                self.renew()
                self.judge.close()
            self._stamp, self._looked = stamp, time.monotonic()

    def look(self) -> None:
        """Notice at the next start what was edited, however recently the last look was."""
        self._looked = 0.0

    @contextmanager
    def sound(self) -> Iterator[None]:
        """After a fault of ours the next start makes another forker: one that has just been killed may still look alive."""
        try:
            yield
        except (SandboxFault, OSError):
            self.renew()
            raise

    def renew(self) -> None:
        """Do without the forker that there is; nobody else is given it either."""
        self._let_go(retire=True)

    def _let_go(self, *, retire: bool) -> None:
        shared, self._shared = self._shared, None
        if shared is not None:
            _stock.let_go(shared, retire=retire)

    def abandon(self) -> None:
        """From another thread: end what runs, and start nothing more."""
        self._left = True
        self.judge.abandon()
        shared = self._shared
        if shared is not None:
            shared.forker.close()

    def asked(self, checks: Path, hidden: Path | None) -> tuple[QuestionRef, ...]:
        """The questions of the two check modules, read again when a file has changed.

        Raises
        ------
        GradingError, OSError
            When one of them cannot be loaded.
        """
        found: tuple[QuestionRef, ...] = ()
        for path in (checks, hidden) if hidden else (checks,):
            stamp = (path, path.stat().st_mtime_ns)
            if stamp not in self.questions:
                self.questions[stamp] = self.judge.questions(path, hidden=path == hidden)
            found += self.questions[stamp]
        return found

    def get_ready(self) -> None:
        """Let the judge import what it needs, while the forker does: one judge at a time, since the other core has both."""
        if self._ready != self.judge.pid and self._shared is not None:
            if "pandas" in self._shared.forker.view.modules:
                with _importing:
                    self.judge.imports(_JUDGED)
            self._ready = self.judge.pid

    def close(self) -> None:
        """End the judge, and the forker with the last bench that holds it."""
        self._let_go(retire=False)
        self.judge.close()


def _setting(course: Course, lesson: Lesson) -> dict[str, Any]:
    """What a submission's process is told of its exercise; see `Session`."""
    from workbench.execute import environment_for
    from workbench.targets import Target

    target = Target(course, lesson, "exercise")
    environment = environment_for(course, target.as_lesson, Path())
    del environment["PYTHONPATH"], environment["WORKBENCH_RUN"]
    committed = {name: course.artifacts / name for name in target.inputs}
    return {
        "environment": environment,
        "folders": {"WORKBENCH_RUN": Path(_INPUTS).parts[0]},
        "links": {f"{_INPUTS}/{name}": str(path) for name, path in committed.items() if path.is_file()},
    }


class _Stamps:
    """What the course's code looked like, for benches that look at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[tuple[Path, ...], tuple[float, str]] = {}

    def of(self, sources: Sequence[Path], *, age: float) -> str:
        """The stamp of `sources`, at most `age` seconds old."""
        with self._lock:
            when, stamp = self._seen.get(tuple(sources), (0.0, ""))
            if not stamp or time.monotonic() - when >= age:
                when, stamp = time.monotonic(), reach.stamp(sources)
                self._seen[tuple(sources)] = when, stamp
            return stamp


class _Pool:
    """The benches of this process: lent to one thread at a time, so that there are never more than threads at work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[Bench] = []  # the one returned last at the end
        self._lent: list[Bench] = []
        self._most = KEPT
        self._left = False
        self._registered = False

    def take(self, course: Course, lesson: Lesson, tier: str, hash_seed: str, closed: tuple[str, ...]) -> Bench:
        sort = str(course.root), lesson.slug, tier, hash_seed, *closed
        with self._lock:
            if self._left:
                raise GradingError("grading was broken off")
            if not self._registered:
                self._registered = True
                atexit.register(self.close)
            bench = next((one for one in reversed(self._idle) if one.sort == sort), None)
            if bench is not None:
                self._idle.remove(bench)
            else:
                bench = Bench(course, lesson, tier=tier, hash_seed=hash_seed, closed=closed)
            self._lent.append(bench)
            self._most = max(self._most, len(self._lent))
            spare = [self._idle.pop(0) for _ in range(len(self._idle) + len(self._lent) - self._most)]
        for one in spare:
            one.close()
        return bench

    def give_back(self, bench: Bench) -> None:
        with self._lock:
            self._lent.remove(bench)
            if not self._left:
                self._idle.append(bench)
                return
        bench.close()

    def abandon(self) -> None:
        with self._lock:
            self._left = True
            lent = list(self._lent)
        for bench in lent:
            bench.abandon()

    def close(self) -> None:
        with self._lock:
            self._left = False
            idle, self._idle = self._idle, []
        for bench in idle:
            bench.close()


_importing = threading.Lock()
_stamps = _Stamps()
_stock = Stock()
KEPT = 4  # benches that wait for work, where no more have ever been at work at once
_pool = _Pool()
abandon = _pool.abandon
close = _pool.close


@contextmanager
def lent(
    course: Course, lesson: Lesson, *, tier: str, hash_seed: str = "0", closed: tuple[str, ...] = ()
) -> Iterator[Bench]:
    """A bench for a lesson, for this thread alone; it is kept for the next who needs one like it, until `close`.

    Raises
    ------
    GradingError
        After `abandon`, which ends from any thread what all benches run, and until `close`.
    """
    bench = _pool.take(course, lesson, tier, hash_seed, closed)
    try:
        yield bench
    finally:
        _pool.give_back(bench)


def grade_task(task: Task, *, on_question: Callable[[Judgement], None] | None = None) -> Graded:
    """Run and judge one submission, at a bench that this thread has for itself meanwhile.

    Parameters
    ----------
    on_question : callable, optional
        Is given each judgement as it is made, once a question. What it raises ends the grading of this submission and is
        raised here.

    Returns
    -------
    Graded
        Whatever the submission does. Where our side has failed twice, or keys or checks cannot be used, its ``fault`` says
        so, beside the judgements that were made before.
    """
    made: dict[str, Judgement] = {}
    why = ""
    for _ in range(_ATTEMPTS):
        try:
            return _graded(task, made, on_question or _untold)
        except (SandboxFault, OSError) as error:
            why = str(error) or type(error).__name__
        except WorkbenchError as error:
            why = str(error)
            break
    judgements = tuple(made.values())
    return Graded(judgements, flags=task.work.flags, texts=task.work.texts, ending="lost", fault=why or "unknown")


def _graded(task: Task, made: dict[str, Judgement], told: Callable[[Judgement], None]) -> Graded:
    course = _course(task.course)
    lesson = _lesson(course, task.lesson)
    hidden = task.hidden_module(course.hidden)
    tier = tiers.choose(task.require or None, allow_plain=task.allow_plain)
    keys = key_cache.record_keys(course, lesson, task.parameters, hidden=task.hidden)
    with lent(course, lesson, tier=tier, closed=task.closed) as bench:
        bench.prepare()  # imports beside the judge, which the next line waits for
        questions = bench.asked(course.checks / f"{task.checks}.py", hidden)
        bench.get_ready()
        sitting = Sitting(questions, keys, bench.judge, told, frozenset({*task.skip, *task.work.texts}), made)
        with bench.sound(), bench.start(task.limits) as room:
            session = Session(room, limits=task.limits, setting=bench.setting)
            sitting.hold(session, task.work.steps)
            ending = session.close()
    return Graded(
        tuple(made.values()),
        tuple(sitting.cells),
        task.work.flags,
        task.work.texts,
        ending.usage,
        session.cause or "finished",
        tier,
    )


def _untold(_judgement: Judgement) -> None:
    """Nobody listens."""


_courses: dict[str, Course] = {}
_lessons: dict[tuple[str, str], Lesson] = {}


def _course(root: str) -> Course:
    if root not in _courses:
        _courses[root] = Course.find(Path(root))
    return _courses[root]


def _lesson(course: Course, slug: str) -> Lesson:
    place = str(course.root), slug
    if place not in _lessons:
        _lessons[place] = Catalog.load(course.catalog)[slug]
    return _lessons[place]
