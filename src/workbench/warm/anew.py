"""In a child of the zygote: what libraries drew or decided when they were imported, drawn and decided again."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping

from workbench.warm.stack import Stack

_BLAS_VARIABLES = ("OPENBLAS_NUM_THREADS", "OPENBLAS_DEFAULT_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS")


def make(stack: Stack) -> None:
    """Make the state of imported libraries that of a process which has just imported them."""
    _draw()
    choose_backend()
    processors = len(os.sched_getaffinity(0))
    for library in stack.blas:  # loaded with one thread, since OpenBLAS starts the others as it is loaded
        library.set_num_threads(blas_threads(os.environ, processors=processors))


def _draw() -> None:
    # `random` does so by itself; uuid and tempfile ask the system or look at the process's number.
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "multiprocessing.process" in sys.modules:
        sys.modules["multiprocessing.process"].current_process().authkey = os.urandom(32)


def choose_backend() -> None:
    """Let matplotlib, where it is imported, read ``MPLBACKEND`` again."""
    backend = os.environ.get("MPLBACKEND")
    if backend and "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcParams["backend"] = backend


def blas_threads(environment: Mapping[str, str], *, processors: int) -> int:
    """The threads that OpenBLAS takes when it is loaded with these variables, by the rule in its ``memory.c``."""
    for name in _BLAS_VARIABLES:
        number = re.match(r"\s*\+?(\d+)", environment.get(name, ""))  # as C's atoi reads it
        if number and int(number[1]) > 0:
            return min(int(number[1]), processors)
    return processors
