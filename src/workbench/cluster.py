"""The workers of a ``distributed`` scheduler, as an executor that says why when nothing more will come of it."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from workbench.errors import ClusterError, WorkbenchError

if TYPE_CHECKING:
    from distributed import Client

PATIENCE = 20.0  # seconds in which a scheduler has to answer, and to have a worker
DESERTED = 60.0  # seconds without any worker, after which nobody is expected to come back
_LOST = "the connection to the scheduler was lost"  # by its end, by a restart, by the network
_LOOK = 1.0  # seconds between two looks whether there still is one
_LOGS = ("distributed", "distributed.client")  # the second has a level of its own
_LARGE = "distributed.admin.large-graph-warning-threshold"
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Cluster(Executor):
    """Runs tasks on the workers of a scheduler; see `connected`.

    Its futures do not wait for ever for a scheduler or for workers that do not come back, as those of ``distributed`` do.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)
        self._seen = time.monotonic()
        self._open: set[Future[Any]] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Run ``fn(*args, **kwargs)`` on some worker, on another one when that dies.

        The future fails with a `ClusterError` where the task was not executed to its end, and with what the task raised
        where that is a `WorkbenchError`.
        """
        answer: Future[_T] = Future()
        if why := self.trouble():
            answer.set_exception(ClusterError(why))
            return answer
        self._open.add(answer)

        def done(reply: Future[_T]) -> None:
            self._open.discard(answer)
            error = CancelledError() if reply.cancelled() else reply.exception()
            with suppress(InvalidStateError):  # given up, or cancelled by the one who waited
                if error is None:
                    answer.set_result(reply.result())
                else:
                    answer.set_exception(_understood(error))

        try:
            reply = self._executor.submit(fn, *args, **kwargs)
        except Exception as error:  # whatever its client raises when the connection has gone since we looked
            self._open.discard(answer)
            with suppress(InvalidStateError):
                answer.set_exception(
                    ClusterError(self.trouble() or f"the task could not be sent: {type(error).__name__}: {error}")
                )
            return answer
        reply.add_done_callback(done)
        return answer

    @property
    def width(self) -> int:
        """How many tasks its workers have room for at once, 1 or more."""
        return max(1, sum(map(int, self._client.nthreads().values())))

    def neighbours(self) -> dict[str, int]:
        """For each worker, by its address, how many tasks the workers on its machine may have at once."""
        try:
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, TimeoutError):  # there is no scheduler any more, which `submit` will say
            return {}
        tasks: Counter[str] = Counter()
        for worker in workers.values():
            tasks[worker["host"]] += worker["nthreads"]
        return {address: tasks[worker["host"]] for address, worker in workers.items()}

    def trouble(self) -> str:
        """Why nothing more will come of it; empty while it works."""
        if self._client.status != "running":
            return _LOST
        try:
            if self._client.nthreads():
                self._seen = time.monotonic()
        except (OSError, TimeoutError):
            return _LOST
        return "the scheduler has no worker left" if time.monotonic() - self._seen > DESERTED else ""

    def close(self) -> None:
        """Look after its tasks no more."""
        self._closed.set()

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK):
            if why := self.trouble():
                for answer in list(self._open):
                    with suppress(InvalidStateError):
                        answer.set_exception(ClusterError(why))


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """The workers of a running ``dask scheduler``; what they still work on at the end is let go.

    Parameters
    ----------
    address : str
        As in ``tcp://127.0.0.1:8786``.

    Raises
    ------
    ClusterError
        When no scheduler answers in `PATIENCE` seconds, or it has no worker by then.
    """
    import dask
    from distributed import Client

    with _silent(), dask.config.set({_LARGE: "1TB"}):  # what a task is given is meant to go with it
        try:
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ClusterError(
                f"no scheduler answers: {error}", where=address, remedy="dask scheduler; dask worker tcp://HOST:8786"
            ) from error
        try:
            _await_worker(client, address)
            workers = Cluster(client)
            try:
                yield workers
            finally:
                workers.close()
        finally:
            with suppress(OSError):  # a scheduler that is gone cannot be told goodbye
                client.close(timeout=2)


def here() -> tuple[str, int, str]:
    """On a worker: its address, how many tasks it may have at once, and a folder that its end clears away.

    Elsewhere the address and the folder are empty, and the number is 1.
    """
    if "distributed.worker" not in sys.modules:
        return "", 1, ""
    from distributed import get_worker

    try:
        worker = get_worker()
    except ValueError:
        return "", 1, ""
    return str(worker.address), int(worker.state.nthreads), str(worker.local_directory)


@contextmanager
def _silent() -> Iterator[None]:
    """Keep `distributed` from the console: what it would say of a scheduler or worker that is gone, `trouble` says once."""
    logs = [logging.getLogger(name) for name in _LOGS]
    before = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)


def _await_worker(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise ClusterError("the scheduler has no worker", where=address, remedy=f"dask worker {address}") from error


def _understood(error: BaseException) -> WorkbenchError:
    """What came of a task that has no result."""
    from distributed import KilledWorker

    if isinstance(error, WorkbenchError):
        return error
    if isinstance(error, KilledWorker):
        return ClusterError(
            "each worker that had it died",
            tried=f"{error.allowed_failures + 1} workers",
            remedy="look at the log of the last one: most often it ran out of memory",
        )
    if isinstance(error, CancelledError):
        return ClusterError(_LOST)
    if isinstance(error, ImportError):
        remedy = "start the workers in an environment like this one"
        return ClusterError(f"the worker cannot import what it needs: {error}", remedy=remedy)
    return ClusterError(f"the worker failed: {type(error).__name__}: {error}")
