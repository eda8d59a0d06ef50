"""Where submissions are graded: threads of this process, or the workers of a ``distributed`` cluster.

A thread has little to do itself: each owns a *bench*, whose work is done by processes of its own. What goes to a worker on
another machine and comes back is JSON text, nothing else. Course and inbox stay where they are; a worker needs the same
course under the same path, a shared folder say.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workbench.catalog import Catalog
from workbench.cluster import Cluster, connected
from workbench.course import Course
from workbench.errors import GradingError
from workbench.grading.outcome import Graded, Judgement
from workbench.grading.sandbox.limits import Limits
from workbench.parameters import Value

if TYPE_CHECKING:
    from workbench.grading.execution.task import Task

Told = Callable[[Judgement], None]


@dataclass(frozen=True)
class Demand:
    """What is asked of the sandbox.

    Attributes
    ----------
    require : str
        The least that it must consist of; empty for anything but limits of time and memory.
    allow_plain : bool
        Whether such limits alone will do: for people who are trusted.
    limits : Limits
        What each submission may take.
    closed : tuple of str
        What submissions may not read, wherever it lies; as `Task.closed` has it.
    """

    require: str = ""
    allow_plain: bool = False
    limits: Limits = field(default_factory=Limits)
    closed: tuple[str, ...] = ()


class Pool(Protocol):
    """Takes tasks, several at a time."""

    @property
    def width(self) -> int:
        """How many tasks it works on at once, 1 or more."""

    def grade(self, task: Task, told: Told) -> Future[Graded]:
        """Grade a submission; `told` hears of each verdict, in a thread of the pool's, where these come one by one."""

    def record(self, root: str, lesson: str, parameters: Mapping[str, Value], *, hidden: str) -> Future[None]:
        """Have the answer keys of one parameter set in the cache."""

    def trouble(self) -> str:
        """Why nothing more will come of it; empty while it works."""


@contextmanager
def opened(jobs: int, scheduler: str, demand: Demand) -> Iterator[Pool]:
    """The pool to use; left with an exception, it lets go of its work at once.

    Parameters
    ----------
    jobs : int
        Submissions at once on this machine, 1 or more; without meaning where there is a scheduler.
    scheduler : str
        Address of a running ``dask scheduler``, as in ``tcp://127.0.0.1:8786``; empty for this machine.

    Raises
    ------
    ClusterError
        When the scheduler does not answer, or has no worker.
    GradingError
        When this machine has no sandbox as demanded.
    """
    with _cluster(scheduler) if scheduler else _threads(jobs, demand) as pool:
        yield pool


class _Threads:
    def __init__(self, threads: Executor, width: int) -> None:
        self._threads = threads
        self.width = width

    def grade(self, task: Task, told: Told) -> Future[Graded]:
        from workbench.grading.execution.bench import grade_task

        return self._threads.submit(grade_task, task, on_question=told)

    def record(self, root: str, lesson: str, parameters: Mapping[str, Value], *, hidden: str) -> Future[None]:
        return self._threads.submit(_record, root, lesson, dict(parameters), hidden)

    def trouble(self) -> str:
        return ""


@contextmanager
def _threads(jobs: int, demand: Demand) -> Iterator[Pool]:
    from workbench.grading.execution import bench
    from workbench.grading.sandbox import tiers

    width = 1 if tiers.choose(demand.require or None, allow_plain=demand.allow_plain) == "landlock" else jobs
    threads = ThreadPoolExecutor(width, thread_name_prefix="bench")
    try:
        yield _Threads(threads, width)
    except BaseException:
        threads.shutdown(wait=False, cancel_futures=True)
        bench.abandon()  # what still runs is killed, and its threads end
        raise
    finally:
        threads.shutdown()
        bench.close()


class _Cluster:
    def __init__(self, workers: Cluster) -> None:
        self._workers = workers
        self.width = workers.width

    def grade(self, task: Task, told: Told) -> Future[Graded]:
        answer: Future[Graded] = Future()

        def done(reply: Future[str]) -> None:
            if (error := reply.exception()) is not None:
                answer.set_exception(error)
            else:
                try:
                    answer.set_result(Graded.from_json(json.loads(reply.result())))
                except (ValueError, LookupError, TypeError) as fault:  # who raises in here is not heard
                    answer.set_exception(GradingError(f"the worker's reply cannot be read: {fault}"))

        self._workers.submit(_grade_text, json.dumps(task.to_json())).add_done_callback(done)
        return answer

    def record(self, root: str, lesson: str, parameters: Mapping[str, Value], *, hidden: str) -> Future[None]:
        return self._workers.submit(_record, root, lesson, dict(parameters), hidden)

    def trouble(self) -> str:
        return self._workers.trouble()


@contextmanager
def _cluster(address: str) -> Iterator[Pool]:
    with connected(address) as workers:
        yield _Cluster(workers)


def _grade_text(task: str) -> str:
    """On a worker: JSON in, JSON out, so that nothing of a student's is ever unpickled."""
    from workbench.grading.execution.bench import grade_task
    from workbench.grading.execution.task import Task

    table: dict[str, Any] = grade_task(Task.from_json(json.loads(task))).to_json()
    return json.dumps(table)


def _record(root: str, lesson: str, parameters: Mapping[str, Value], hidden: str) -> None:
    from workbench.grading.execution.key_cache import record_keys

    course = Course.find(Path(root))
    record_keys(course, Catalog.load(course.catalog)[lesson], parameters, hidden=hidden)
