"""Who scores the chunks: this process, processes beside it, or the workers of a ``distributed`` cluster."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.batch.errors import BatchError
from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    from distributed import Client

_AGAIN = "start the job again: finished chunks are kept"
AHEAD = 64  # chunks that are handed out at once
PATIENCE = 20.0  # seconds in which a scheduler has to answer, and to have a worker
DESERTED = 60.0  # seconds without any worker, after which nobody is expected to come back


@contextmanager
def workers(jobs: int, *, scheduler: str = "") -> Iterator[Executor | None]:
    """An executor for `run_batch`; None for this process alone.

    Parameters
    ----------
    jobs : int
        Processes on this machine, 1 or more; without meaning where there is a scheduler.
    scheduler : str
        Address of a running ``dask scheduler``, as in ``tcp://127.0.0.1:8786``.

    Raises
    ------
    BatchError
        When the scheduler does not answer or has no worker.
    """
    if scheduler:
        with _cluster(scheduler) as executor:
            yield executor
    elif jobs == 1:
        yield None
    else:
        from multiprocessing import get_context

        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def carried_out(executor: Executor | None, task: Callable[[str], str], orders: Sequence[str]) -> Iterator[str]:
    """Receipts in the order in which they come; what is not finished when the caller stops is given up.

    Raises
    ------
    BatchError
        When a chunk fails or a worker dies.
    """
    if executor is None:
        yield from map(task, orders)
        return
    waiting: set[Future[str]] = set()
    left = iter(orders)
    trouble: Callable[[], str] = getattr(executor, "trouble", str)
    try:
        while True:
            waiting |= {executor.submit(task, order) for order in islice(left, AHEAD - len(waiting))}
            if not waiting:
                return
            done, waiting = wait(waiting, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
            if not done and (said := trouble()):
                raise BatchError(said, remedy=_AGAIN)
    except LifecycleError:
        raise
    except OSError as error:
        raise BatchError("a chunk could not be read or written", tried=str(error), remedy=_AGAIN) from error
    except Exception as error:
        if not isinstance(error, BrokenExecutor | CancelledError) and not type(error).__module__.startswith("distributed"):
            raise  # a fault of ours, which needs its traceback
        said = str(error) or type(error).__name__
        raise BatchError("a worker ended before its chunk did", tried=said, remedy=_AGAIN) from error
    finally:
        for future in waiting:
            future.cancel()


def _end_with_parent() -> None:
    """In a worker process: end when the process that started it does, however that ends; Ctrl-C is for that one alone."""
    from multiprocessing import parent_process
    from multiprocessing.connection import wait as wait_for

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        wait_for([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Cluster(Executor):
    """The workers of a scheduler, which may all go away: then nothing fails, and nothing comes either."""

    def __init__(self, client: Client) -> None:
        self._client, self._executor = client, client.get_executor(pure=False)
        self._seen = time.monotonic()

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = self._executor.submit(task, *arguments, **named)
        return future

    def trouble(self) -> str:
        """Why nothing more will come of it; empty while it works."""
        if self._client.status != "running":
            return "the scheduler is gone"
        if self._client.nthreads():
            self._seen = time.monotonic()
        return "the scheduler has no worker left" if time.monotonic() - self._seen > DESERTED else ""


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    from distributed import Client

    logs = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)  # a scheduler that is gone is said once, by the error
    try:
        try:
            client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            remedy = "dask scheduler; dask worker tcp://HOST:8786"
            raise BatchError(f"no scheduler answers: {error}", where=address, remedy=remedy) from error
        try:
            try:
                client.wait_for_workers(1, timeout=PATIENCE)
            except TimeoutError as error:
                remedy = f"dask worker {address}"
                raise BatchError("the scheduler has no worker", where=address, remedy=remedy) from error
            yield _Cluster(client)
        finally:
            with suppress(OSError):  # a scheduler that is gone cannot be told goodbye
                client.close(timeout=2)
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)
