"""The kernels of notebooks that are executed one after the other: each starts and ends while another notebook is executed.

To start a kernel and to end it take as long as a hundred short cells, and nothing of it need be waited for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from workbench.execute import Job, Outcome, execute
from workbench.kernels import Kernel, own_loop

_T = TypeVar("_T")
_log = logging.getLogger(__name__)


class Relay:
    """Starts and ends kernels in a thread of its own. One that was started ahead and is not wanted ends unused."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "kernels")
        self._next: tuple[Mapping[str, str], Path, Future[Kernel]] | None = None
        self._over: list[Future[Kernel]] = []

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._drop()
        self._end()
        self._thread.shutdown()

    @contextmanager
    def running(self, environment: Mapping[str, str], folder: Path) -> Iterator[Kernel]:
        """The kernel that was started ahead for these variables and this folder, or a new one; its end is not waited for."""
        used: Future[Kernel] = Future()
        used.set_result(self._started(environment, folder) or Kernel.start(environment, folder))
        try:
            yield used.result()
        finally:
            self._over.append(used)

    def meanwhile(self, then: tuple[Mapping[str, str], Path] | None = None) -> None:
        """End kernels that are no longer used, and start another; for a moment in which a notebook's cells are waited for.

        Parameters
        ----------
        then : tuple, optional
            What is likely to be asked for next: the variables and the folder of a kernel.
        """
        self._drop()
        self._end()
        if then is not None:
            self._next = *then, self._thread.submit(_in_own_loop, lambda: Kernel.start(*then))

    def _started(self, environment: Mapping[str, str], folder: Path) -> Kernel | None:
        """The kernel that was started ahead, if it is what is wanted and still there."""
        if self._next is not None and self._next[:2] == (environment, folder):
            with suppress(Exception):  # whatever hindered it is told when one is started anew
                kernel = self._next[2].result()
                if kernel.runs:
                    self._next = None
                    return kernel
        self._drop()
        return None

    def _drop(self) -> None:
        if self._next is not None:
            self._over.append(self._next[2])
            self._next = None

    def _end(self) -> None:
        for kernel in self._over:
            if not kernel.cancel():
                self._thread.submit(_in_own_loop, partial(_ended, kernel))
        self._over.clear()


def execute_in_turn(job: Job) -> Outcome:
    """Execute a notebook in a process that may execute others after it: its kernel's end is not waited for."""
    relay = _of_this_process()
    try:
        return execute(job, kernels=relay.running)
    finally:
        relay.meanwhile()


@cache
def _of_this_process() -> Relay:
    """What is under way in its thread is waited for as the process ends."""
    return Relay()


def _in_own_loop(work: Callable[[], _T]) -> _T:
    with own_loop():
        return work()


def _ended(started: Future[Kernel]) -> None:
    if started.exception() is None:
        try:
            started.result().end()
        except Exception as error:  # its notebook has its outputs by now, and a process that is left ends with this one
            _log.warning("a kernel did not end as it should: %s: %s", type(error).__name__, error)
