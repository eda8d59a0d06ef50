"""Orders spread over an executor: a bounded number on their way, and an end where nobody is left to answer.

A stage that lets others compute hands its orders to `carried_out`, with the error that it raises when workers are gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from itertools import islice
from typing import Any

from lifecycle.errors import LifecycleError

LOOK = 1.0  # seconds without any answer, after which it is asked whether anybody works at all
DESERTED = 60.0  # seconds without any worker, after which nobody is expected to come back


def carried_out(
    executor: Executor | None,
    task: Callable[[Any], Any],
    orders: Sequence[Any],
    *,
    error: type[LifecycleError],
    unit: str,
    where: str = "",
    remedy: str = "",
    chunk: int = 1,
    ahead: int = 64,
) -> Iterator[tuple[int, Any]]:
    """Answers as they come, each with the place of its order; what is not finished when the caller stops is given up.

    Parameters
    ----------
    executor : Executor or None
        Any of ``concurrent.futures``, or of a ``distributed`` client; None for this process.
    task : callable
        Of one order.
    orders : sequence
    error : type
        What is raised when workers are gone.
    unit : str
        What an order is, in that error, as ``"chunk"``.
    where, remedy : str
        Of that error.
    chunk : int
        Orders that are sent together.
    ahead : int
        Chunks that are handed out at once, so that memory does not grow with the number of orders.

    Raises
    ------
    LifecycleError
        An `error`, when a worker ends before its orders do, the scheduler is gone, or it has had no worker for `DESERTED`
        seconds. What a task raises is raised here.
    """
    if executor is None:
        yield from enumerate(map(task, orders))
        return
    begins = iter(range(0, len(orders), chunk))
    waiting: dict[Future[list[Any]], int] = {}
    cluster = _Cluster(executor)
    try:
        while True:
            for begin in islice(begins, ahead - len(waiting)):
                waiting[executor.submit(_all, task, orders[begin : begin + chunk])] = begin
            if not waiting:
                return
            done, _ = wait(waiting, timeout=LOOK, return_when=FIRST_COMPLETED)
            for future in done:
                yield from enumerate(future.result(), waiting.pop(future))
            if done:
                cluster.answered()
            elif said := cluster.trouble():
                raise error(said, where=where, remedy=remedy)
    except Exception as fault:
        if not isinstance(fault, BrokenExecutor | CancelledError) and not type(fault).__module__.startswith("distributed"):
            raise  # of the task, or a fault of ours, which needs its traceback
        said = str(fault) or type(fault).__name__
        raise error(f"a worker ended before its {unit} did", where=where, tried=said, remedy=remedy) from fault
    finally:
        for future in waiting:
            future.cancel()


def _all(task: Callable[[Any], Any], orders: Sequence[Any]) -> list[Any]:
    return [task(order) for order in orders]


class _Cluster:
    """The workers behind an executor of `distributed`, which may all go away: then nothing fails, and nothing comes either.

    Other executors notice by themselves that a worker has ended.
    """

    def __init__(self, executor: Executor) -> None:
        there = type(executor).__module__.startswith("distributed")
        self._client: Any = getattr(executor, "_client", None) if there else None
        self.answered()

    def answered(self) -> None:
        """Somebody works."""
        self._seen = time.monotonic()

    def trouble(self) -> str:
        """Why nothing more will come of it; empty while something may."""
        if self._client is None:
            return ""
        if self._client.status != "running":
            return "the scheduler is gone"
        if self._client.nthreads():
            self.answered()
            return ""
        return "the scheduler has no worker left" if time.monotonic() - self._seen > DESERTED else ""
