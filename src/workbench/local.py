"""Executors on this machine: in this process for one job at a time, otherwise in processes that do not outlive it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def executor(jobs: int) -> Executor:
    """An executor for `jobs` tasks at once."""
    if jobs == 1:
        return Inline()
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_die_with_parent)


def share_of_threads(jobs: int, *, always: bool = False) -> dict[str, str]:
    """Variables that keep each of `jobs` processes to its part of this machine's processors.

    None for one job, which has them all, unless they are to be set `always`.
    """
    if jobs == 1 and not always:
        return {}
    return dict.fromkeys(_THREADS, str(max(1, (os.cpu_count() or 1) // jobs)))


class Inline(Executor):
    """Runs a task when it is submitted: nothing to start, and Ctrl-C reaches the task."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Run ``fn(*args, **kwargs)`` now."""
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def _die_with_parent() -> None:
    # A worker waits for its next task for ever, also when the process that would send it was killed.
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.join,), daemon=True).start()


def _watch(ended: Callable[[], Any]) -> None:
    ended()
    os._exit(1)
