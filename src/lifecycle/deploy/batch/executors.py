"""Who scores the chunks: this process, processes beside it, or the workers of a ``distributed`` cluster."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress

from lifecycle import spread
from lifecycle.deploy.batch.errors import BatchError

_AGAIN = "start the job again: finished chunks are kept"
PATIENCE = 20.0  # seconds in which a scheduler has to answer, and to have a worker


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
        When a chunk fails or a worker dies, or the scheduler has had no worker for a minute.
    """
    if executor is None:
        yield from map(task, orders)
        return
    try:
        for _, receipt in spread.carried_out(executor, task, orders, error=BatchError, unit="chunk", remedy=_AGAIN):
            yield receipt
    except OSError as error:
        raise BatchError("a chunk could not be read or written", tried=str(error), remedy=_AGAIN) from error


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
            yield client.get_executor(pure=False)
        finally:
            with suppress(OSError):  # a scheduler that is gone cannot be told goodbye
                client.close(timeout=2)
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)
