"""Running the course: the catalogue's lessons in order, each executed only when something it depends on has changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from workbench import chains, files, fingerprint, local, master, parcel, plan, report
from workbench.catalog import Catalog
from workbench.cluster import Cluster
from workbench.course import Course
from workbench.errors import ClusterError, WorkbenchError
from workbench.execute import LIMIT, Job, Outcome, environment_for, execute
from workbench.parcel import Delivery, Parcel
from workbench.plan import Step
from workbench.record import LessonReport, RunReport, new_folder, packages, versions
from workbench.relay import Relay, execute_in_turn
from workbench.store import Result, Store
from workbench.warm.ahead import Kernels

Progress = Callable[[LessonReport], None]


def run(
    course: Course,
    slugs: Iterable[str] = (),
    *,
    parameters: Mapping[str, object] | None = None,
    fresh: bool = False,
    jobs: int = 1,
    out: Path | None = None,
    limit: float = LIMIT,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> RunReport:
    """Run lessons with all that they depend on.

    Parameters
    ----------
    slugs : iterable of str
        Lessons to run, by slug or number; all where none is named. Their ancestors run too.
    parameters : mapping, optional
        Values by name, each given to every lesson that has it; text is converted.
    fresh : bool
        Execute everything, also what the store holds a result for.
    jobs : int
        Lessons that may run at once; they share the machine's threads.
    out : Path, optional
        The run's folder, empty or not there yet; ``runs/<time>-<four digits>/`` of the course by default.
    limit : float
        Seconds that one lesson may take.
    executor : concurrent.futures.Executor, optional
        Where lessons are executed, instead of on this machine by `jobs`: any will do, `workbench.cluster.connected` for one.
        It needs no files of this machine's, but for the course itself; see `workbench.parcel`. What it raises, of whatever
        type, fails the lesson that it was given.
    progress : callable, optional
        Called with a lesson's report when it starts (status ``running``) and when it is settled.

    Returns
    -------
    RunReport
        Also when lessons failed: they are named there, those that read their artefacts are ``skipped``, the others went on.
        The same is in ``run.json``, and for a person in ``index.html``, in the run's folder.

    Raises
    ------
    CourseError
        For an unknown lesson, or a folder `out` that is not empty.
    ParameterError
        For an unknown parameter or a value that is not allowed.
    """
    catalog = Catalog.load(course.catalog)
    steps = plan.of_run(course, catalog, slugs=slugs, given=parameters or {})
    folder, name = new_folder(course, out)
    record = RunReport(
        id=name, folder=folder, title=course.title, started=datetime.now(UTC), fresh=fresh, versions=versions(course),
        given={key: str(value) for key, value in (parameters or {}).items()},
        lessons=[LessonReport.of(step, catalog) for step in steps],
    )  # fmt: skip
    with ExitStack() as stack:
        pictures = stack.enter_context(report.Pictures())
        kernels = relay = None
        slots = len(steps)
        if executor is None:
            kernels = stack.enter_context(Kernels(course, local.share_of_threads(jobs), here=jobs == 1))
            relay = stack.enter_context(Relay()) if jobs == 1 else None
            executor = stack.enter_context(local.executor(jobs))
            slots = jobs
            steps = chains.longest_first(steps, catalog, chains.recorded(course)) if jobs > 1 else steps
        store = Store(course.runs / ".cache")
        work = _Run(course, catalog, record, store, fresh, limit, kernels, relay, executor, progress, pictures)
        work.go(steps, slots=slots)
        record.write()
        page = pictures.report(record)  # written while processes end
        store.prune()
    page.result()
    files.write_text(course.runs / "latest", f"{folder}\n")
    return record


@dataclass
class _Run:
    course: Course
    catalog: Catalog
    record: RunReport
    store: Store
    fresh: bool
    limit: float
    kernels: Kernels | None  # None: lessons are sent away
    relay: Relay | None  # None: several may be executed at once
    executor: Executor
    progress: Progress | None
    pictures: report.Pictures

    def __post_init__(self) -> None:
        self.sent: dict[str, Parcel] = {}
        self.reports = {lesson.slug: lesson for lesson in self.record.lessons}

    def go(self, steps: list[Step], *, slots: int) -> None:
        """Settle every step: start what is ready, at most `slots` at once, and look again whenever something is done."""
        started = time.monotonic()
        waiting = {step.lesson.slug: step for step in steps}
        running: dict[Future[Any], Step] = {}
        self.record.write()
        while waiting or running:
            for slug, step in list(waiting.items()):
                parents = [self.reports[parent.slug] for parent in self.catalog.parents(step.lesson)]
                if len(running) >= slots or not all(parent.settled for parent in parents):
                    continue
                del waiting[slug]
                future = self._begin(step, parents, ahead=waiting.values())
                if future:
                    running[future] = step
                    if future.done():  # recorded before anything else is begun, and its readers come next
                        break
            done, _ = wait(running, return_when=FIRST_COMPLETED) if running else (set(), set())
            for future in sorted(done, key=lambda future: running[future].lesson.slug):
                self._end(running.pop(future), future)
            self.record.seconds = time.monotonic() - started
        if self.relay:
            self.relay.meanwhile()

    def _begin(self, step: Step, parents: list[LessonReport], *, ahead: Iterable[Step]) -> Future[Any] | None:
        """Settle a step that needs no execution, or submit it; `ahead` are those that come after it."""
        mine = self.reports[step.lesson.slug]
        lost = [parent.slug for parent in parents if not parent.ok]
        if lost:
            self._settle(mine, "skipped", reason=f"reads what {', '.join(lost)} did not write")
            return None
        try:
            if step.fault:
                raise WorkbenchError(step.fault)
            mine.fingerprint = self._fingerprint(step)
            if not self.fresh and self._restored(step, mine):
                return None
            task, sent = self._task(step, mine, ahead)
            mine.status = "running"
            self._tell(mine)
            with self._as_failures():
                return self.executor.submit(task, sent)
        except (WorkbenchError, BrokenExecutor) as error:
            self.sent.pop(mine.slug, None)
            self._settle(mine, "failed", reason=str(error))
            return None

    def _fingerprint(self, step: Step) -> str:
        return files.digest_json(self._parts(step))

    def _parts(self, step: Step) -> dict[str, Any]:
        inputs = {name: files.digest_file(self._artifact(name)) for name in step.lesson.inputs}
        return fingerprint.parts(
            self.course, step.lesson, step.master, step.parameters, inputs=inputs, python=fingerprint.this_python()
        )

    def _task(self, step: Step, mine: LessonReport, ahead: Iterable[Step]) -> tuple[Callable[[Any], Any], Any]:
        """What is to be called to execute a lesson, and with what: here in the run's folder, elsewhere with a parcel."""
        variables = self.kernels.offer(step.lesson, [other.lesson for other in ahead]) if self.kernels else {}
        notebook = files.write_json(self.record.folder / mine.notebook, master.table(step.master, self.course))
        if self.kernels is None:
            self.sent[step.lesson.slug] = self._parcel(step, notebook.read_bytes())
            return parcel.carry_out, self.sent[step.lesson.slug]
        if self.relay is None:
            return execute_in_turn, self._job(step, variables)
        following = next((other for other in ahead if not other.fault), None) if self.kernels.ready else None
        meanwhile = partial(self.relay.meanwhile, self._job(following, variables).kernel_arguments if following else None)
        return partial(execute, kernels=self.relay.running, meanwhile=meanwhile), self._job(step, variables)

    def _job(self, step: Step, variables: dict[str, str]) -> Job:
        notebook = self.record.folder / self.reports[step.lesson.slug].notebook
        environment = environment_for(self.course, step.lesson, self.record.folder) | variables
        return Job(notebook, notebook, step.injected, notebook.parent, environment, step.lesson.slug, self.limit)

    def _parcel(self, step: Step, notebook: bytes) -> Parcel:
        lesson = step.lesson
        return Parcel(
            label=lesson.slug,
            root=str(self.course.root),
            notebook=notebook,
            parameters=step.parameters,
            injected=step.injected,
            inputs={name: self._artifact(name).read_bytes() for name in lesson.inputs},
            outputs=lesson.outputs,
            depends=self._parts(step),
            packages=packages(self.course),
            limit=self.limit,
            digest=files.digest_bytes(notebook),
            neighbours=self.executor.neighbours() if isinstance(self.executor, Cluster) else {},
        )

    def _restored(self, step: Step, mine: LessonReport) -> bool:
        found = self.store.find(mine.fingerprint)
        if found is None:
            return False
        wanted = {mine.notebook: found.notebook}
        wanted |= {f"artifacts/{name}": digest for name, digest in found.artifacts.items()}
        complete = set(found.artifacts) == set(step.lesson.outputs)
        if complete and all(self.store.restore(digest, self.record.folder / name) for name, digest in wanted.items()):
            mine.artifacts = dict(found.artifacts)
            self._settle(mine, "cached", seconds=found.seconds)
            return True
        self.store.forget(mine.fingerprint)
        mine.note = "the stored result was damaged, so it was dropped and the lesson executed again"
        return False

    def _end(self, step: Step, future: Future[Any]) -> None:
        mine = self.reports[step.lesson.slug]
        sent = self.sent.pop(mine.slug, None)
        try:
            with self._as_failures():
                came = future.result()
            outcome = self._arrived(mine, sent, came) if sent else came
        except (WorkbenchError, BrokenExecutor) as error:
            self._settle(mine, "failed", reason=str(error) or "the process that executed the lesson died")
            return
        mine.error = outcome.error
        missing = [name for name in step.lesson.outputs if not self._artifact(name).is_file()]
        if outcome.error:
            self._settle(mine, "failed", seconds=outcome.seconds, reason=str(outcome.error))
        elif missing:
            reason = f"did not write {', '.join(missing)}, which the catalogue declares"
            self._settle(mine, "failed", seconds=outcome.seconds, reason=reason)
        else:
            self._keep(step, mine, outcome)

    @contextmanager
    def _as_failures(self) -> Iterator[None]:
        """Make whatever an executor of the caller's raises an error of ours."""
        try:
            yield
        except Exception as error:
            if self.kernels is not None or isinstance(error, (WorkbenchError, BrokenExecutor)):
                raise
            raise ClusterError(f"the executor has no result: {type(error).__name__}: {error}".rstrip(": ")) from error

    def _arrived(self, mine: LessonReport, sent: Parcel, came: Delivery) -> Outcome:
        """What became of a lesson that was sent away, with all that it wrote in the run's folder."""
        mine.worker = came.place
        mine.note = "; ".join(filter(None, (mine.note, parcel.accept(came, sent, folder=self.record.folder))))
        return came.outcome

    def _keep(self, step: Step, mine: LessonReport, outcome: Outcome) -> None:
        mine.artifacts = {name: self.store.keep(self._artifact(name)) for name in step.lesson.outputs}
        before = self.store.find(mine.fingerprint)
        notes = [mine.note] if mine.note else []
        if self._changed(step, mine):
            notes.append("something it depends on was edited while it ran, so the next run executes it again")
        else:
            other = [name for name, digest in mine.artifacts.items() if before and before.artifacts.get(name) != digest]
            if other:
                notes.append(f"not reproducible: {', '.join(other)} differs, though nothing that it depends on has changed")
            notebook = self.store.keep(self.record.folder / mine.notebook)
            self.store.record(mine.fingerprint, Result(mine.slug, outcome.seconds, notebook, mine.artifacts))
        mine.note = "; ".join(notes)
        self._settle(mine, "run", seconds=outcome.seconds)

    def _changed(self, step: Step, mine: LessonReport) -> bool:
        try:
            return self._fingerprint(step) != mine.fingerprint
        except WorkbenchError:
            return True

    def _settle(self, mine: LessonReport, status: str, *, seconds: float = 0.0, reason: str = "") -> None:
        mine.status, mine.seconds, mine.reason = status, seconds, reason
        if mine.ok:
            self.pictures.begin(self.record.folder / mine.notebook)
        self.record.write()
        self._tell(mine)

    def _tell(self, mine: LessonReport) -> None:
        if self.progress:
            self.progress(mine)

    def _artifact(self, name: str) -> Path:
        return self.record.folder / "artifacts" / name
