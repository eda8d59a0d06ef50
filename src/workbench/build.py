"""Building: masters become notebooks with outputs, artefacts and answer keys, and only what is stale is executed.

Nothing is published from a notebook that failed or whose outputs must not be seen (`workbench.outputs`). The notebook is
written last, and it records the digests of everything written before it: a build that is interrupted is seen as stale.

Where two may be executed at the same time, an exercise does not wait for its lesson if all that it reads is there: it is
made *early*, from the artefacts of the lesson's last build, and made again if the lesson turns out to write others.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from typing import Any

from workbench import files, freshness, targets
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.errors import BuildError
from workbench.freshness import Fault
from workbench.produce import Product, produce
from workbench.targets import Target
from workbench.warm import client


@dataclass(frozen=True)
class Event:
    """What a progress display is told: `label` is now ``started``, ``fresh``, ``built``, ``failed`` or ``skipped``."""

    label: str
    state: str
    seconds: float
    total: int


@dataclass(frozen=True)
class Problem:
    """Why a target was not built; ``text`` names the notebook, the cell and what is wrong."""

    label: str
    text: str


@dataclass
class BuildReport:
    """What a build did, or what ``check`` found.

    Attributes
    ----------
    built : dict
        Label of each target that was built, and the seconds it took.
    fresh : list of str
        Labels of those that needed nothing.
    removed : list of str
        Files that nothing builds any more, removed by a build of the whole course.
    problems : list of Problem
        Why targets were not built.
    faults : list of Fault
        What ``check`` found.
    """

    built: dict[str, float] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything is as it should be now."""
        return not self.problems and not self.faults

    def to_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {"ok": self.ok, **asdict(self)}


Progress = Callable[[Event], None]


def build(
    course: Course, slugs: Iterable[str] = (), *, check: bool = False, jobs: int = 1, progress: Progress | None = None
) -> BuildReport:
    """Build what is stale among the named lessons, those whose artefacts they read, and their exercises.

    Parameters
    ----------
    course : Course
        The course to build.
    slugs : iterable of str
        Lessons; the whole course where none is named. A build of the whole course also removes built files whose
        master is gone.
    check : bool
        Execute and write nothing; report every stale file, orphan and hand-edited notebook as a fault.
    jobs : int
        How many notebooks may be executed at the same time, 1 or more.
    progress : callable, optional
        Called with an `Event` when a target starts and when it is done.

    Returns
    -------
    BuildReport
        A target that fails does not raise: what does not depend on it is built all the same.

    Raises
    ------
    CourseError
        When the catalogue cannot be used or has no such lesson.
    BuildError
        When something must be executed and this Python is not the one that stored outputs belong to.
    """
    if jobs < 1:
        raise BuildError(f"jobs must be 1 or more, not {jobs}")
    slugs = tuple(slugs)
    catalog = Catalog.load(course.catalog)
    wanted = targets.of(course, catalog.with_ancestors(slugs))
    everything = targets.of(course, catalog.lessons)
    if check:
        found = [fault for target in wanted for fault in freshness.faults(target)]
        return BuildReport(
            fresh=[
                target.label
                for target in wanted
                if not any(fault.master == course.relative(target.master) for fault in found)
            ],
            faults=found + ([] if slugs else freshness.strays(course, everything)),
        )
    with ExitStack() as held:
        report = _Build(course, catalog, wanted, progress or (lambda event: None), held).run(jobs)
    if not slugs:
        report.removed = _remove_orphans(course, everything)
    return report


class _Build:
    """One build under way: which targets wait, which run, and what has come of the others."""

    def __init__(self, course: Course, catalog: Catalog, wanted: list[Target], progress: Progress, held: ExitStack) -> None:
        self.course = course
        self.catalog = catalog
        self.progress = progress
        self.held = held
        self.waiting = list(wanted)
        self.total = len(wanted)
        self.report = BuildReport()
        self.done: set[str] = set()
        self.failed: set[str] = set()
        self.running: dict[Future[Product], Target] = {}
        self.early: dict[str, dict[str, str]] = {}  # digests of what an exercise reads that is made before its lesson
        self.kept: list[tuple[Target, Product]] = []  # what came of those, until their lesson is done

    def run(self, jobs: int) -> BuildReport:
        """Work until nothing waits."""
        target = self._next()
        if target is None:
            return self.report
        self._warm([target, *self.waiting])
        if jobs == 1:
            while target is not None:
                self._finish(target, produce(target))
                target = self._next()
            return self.report
        pool = _pool(jobs)
        try:
            self.running[pool.submit(produce, target)] = target
            while self._submit(pool, jobs):
                for future in wait(self.running, return_when=FIRST_COMPLETED).done:
                    self._settle(self.running.pop(future), future.result())
        except BaseException:  # Ctrl-C: end the kernels, or their notebooks would be waited for
            pool.shutdown(wait=False, cancel_futures=True)
            self.held.close()
            raise
        pool.shutdown()
        return self.report

    def _warm(self, targets_left: list[Target]) -> None:
        """Offer a zygote, unless one is offered already or there is one notebook alone to execute."""
        if client.VARIABLE in os.environ or client.unsupported():
            return
        stale = [target for target in targets_left if freshness.faults(target)]
        if len(stale) > 1:
            from workbench.warm import bytecode, offer

            self.held.enter_context(bytecode.kept())
            lessons = {target.lesson.slug: target.lesson for target in stale}
            zygote = offer.for_kernels(self.course, lessons.values(), hash_seed="0")
            if zygote:
                self.held.enter_context(zygote)
                self.held.enter_context(client.offered([zygote]))

    def _submit(self, pool: Executor, jobs: int) -> bool:
        while len(self.running) < jobs and (target := self._next() or self._next_early()) is not None:
            self.running[pool.submit(produce, target)] = target
        return bool(self.running)

    def _next(self) -> Target | None:
        """The first waiting target that has to be executed and can be; the fresh and the hopeless are settled on the way."""
        for target in list(self.waiting):
            needs = self._needs(target)
            if lost := needs & self.failed:
                self.waiting.remove(target)
                self._skip(target, lost)
            elif needs <= self.done:
                self.waiting.remove(target)
                if freshness.faults(target):
                    _require_python(self.course)
                    self._tell(target, "started")
                    return target
                self.done.add(target.label)
                self.report.fresh.append(target.label)
                self._tell(target, "fresh")
        return None

    def _next_early(self) -> Target | None:
        """A stale exercise whose lesson is being made, everything that it reads being there from the lesson's last build."""
        made = {target.label for target in self.running.values()}
        for target in self.waiting:
            if self._needs(target) - self.done <= made & {target.lesson.slug}:
                inputs = targets.inputs(target)
                if "missing" not in inputs.values() and freshness.faults(target):
                    self.waiting.remove(target)
                    self.early[target.label] = inputs
                    self._tell(target, "started")
                    return target
        return None

    def _needs(self, target: Target) -> set[str]:
        """The lessons that come before; `waiting` is in the catalogue's order, so one pass over it settles chains."""
        before = {lesson.slug for lesson in self.catalog.parents(target.lesson)}
        return before | {target.lesson.slug} if target.kind == "exercise" else before

    def _settle(self, target: Target, made: Product) -> None:
        """Finish what is made; an early exercise only once its lesson is done, and if it has read what the lesson wrote."""
        self.kept.append((target, made))
        kept, self.kept = self.kept, []
        for one, product in sorted(kept, key=lambda pair: pair[0].label in self.early):  # lessons first
            read = self.early.get(one.label)
            lost = self._needs(one) & self.failed
            if read is not None and not lost and not self._needs(one) <= self.done:
                self.kept.append((one, product))
                continue
            self.early.pop(one.label, None)
            if lost:
                self._skip(one, lost)
            elif read is not None and read != targets.inputs(one):
                self.waiting.append(one)
            else:
                self._finish(one, product)

    def _finish(self, target: Target, made: Product) -> None:
        if made.problems:
            self._fail(target, "failed", made.problems, made.seconds)
            return
        for path, data in made.files.items():
            if not path.is_file() or path.read_bytes() != data:
                files.write_bytes(path, data)
        self.done.add(target.label)
        self.report.built[target.label] = round(made.seconds, 2)
        self._tell(target, "built", made.seconds)

    def _skip(self, target: Target, lost: set[str]) -> None:
        self._fail(target, "skipped", [f"{target.label} was not built: {min(lost)} failed"])

    def _fail(self, target: Target, state: str, why: Iterable[str], seconds: float = 0.0) -> None:
        self.failed.add(target.label)
        self.report.problems += [Problem(target.label, text) for text in why]
        self._tell(target, state, seconds)

    def _tell(self, target: Target, state: str, seconds: float = 0.0) -> None:
        self.progress(Event(target.label, state, seconds, self.total))


def _pool(jobs: int) -> Executor:
    """Threads where kernels are forked, since there is little to do but wait for them; else a process each."""
    if os.environ.get(client.VARIABLE):
        return ThreadPoolExecutor(jobs)
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))


def _remove_orphans(course: Course, everything: list[Target]) -> list[str]:
    gone = []
    for fault in freshness.strays(course, everything):
        path = course.root / fault.file
        if fault.kind == "orphan" and freshness.is_ours(path):
            path.unlink()
            gone.append(fault.file)
    return gone


def _require_python(course: Course) -> None:
    here = f"{sys.version_info.major}{sys.version_info.minor}"
    if course.locks and here != targets.PYTHON:
        raise BuildError(
            f"outputs are stored from Python 3.11 alone, and this is {sys.version_info.major}.{sys.version_info.minor}",
            remedy="build in an environment made from learn-py311.lock; `workbench run` works with this one",
        )
