"""In a child of the zygote: becoming the process that was ordered."""

from __future__ import annotations

import atexit
import gc
import importlib
import os
import resource
import runpy
import sys
import threading
from contextlib import suppress
from io import TextIOWrapper
from typing import Any

from workbench.warm import anew
from workbench.warm.order import Order
from workbench.warm.stack import Stack


def become(order: Order, stack: Stack, *, edited: bool = True) -> None:
    """Take on what a new process would have been started with, run the module that was ordered, and end.

    Parameters
    ----------
    edited : bool
        Whether files that can be imported may have changed since the zygote looked, and within the same moment.
    """
    if order.session:
        os.setsid()
    for number, descriptor in enumerate(order.descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.folder)
    _limit(order)
    _open_streams(stack)
    _, _, module, *arguments = order.argv
    sys.orig_argv[:] = order.argv
    sys.argv[:] = ["-m", *arguments]
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - the same text as `-m` puts there
    if edited:
        importlib.invalidate_caches()
    anew.make(stack)
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as leaving:
        _leave(leaving.code)
    except BaseException:
        gc.unfreeze()  # what the zygote has frozen would be called leaked by some libraries
        raise
    _leave(None)


def _limit(order: Order) -> None:
    """Take on the limits that may differ between tools which share a zygote; what cannot be raised is the same for all."""
    for name, value in order.limits.items():
        number = getattr(resource, name)
        with suppress(ValueError, OSError):  # beyond what the zygote was started with
            resource.setrlimit(number, (value, resource.getrlimit(number)[1]))
    if order.mask is not None:
        os.umask(order.mask)


def _leave(code: object) -> None:
    """End as the interpreter does, but for taking down what the zygote has imported: that takes half a second."""
    if code is not None and not isinstance(code, int):
        print(code, file=sys.stderr)  # noqa: T201
        code = 1
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads that are not daemons
    atexit._run_exitfuncs()
    gc.collect()  # files that nobody has closed are
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError):
            if stream is not None:
                stream.flush()
    os._exit((code or 0) & 0xFF)


def _open_streams(stack: Stack) -> None:
    """Standard streams as the interpreter makes them, on the descriptors that are there now."""
    sys.stdin = sys.__stdin__ = _opened(0, sys.stdin, "r")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = _opened(1, sys.stdout, "w")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = _opened(2, sys.stderr, "w")  # type: ignore[misc]
    stack.out.stand_for(sys.stdout)
    stack.err.stand_for(sys.stderr)


def _opened(number: int, like: Any, mode: str) -> TextIOWrapper:
    at_once = like.write_through  # PYTHONUNBUFFERED, which the zygote was started with as well
    raw = at_once and mode == "w"
    binary: Any = open(number, f"{mode}b", buffering=0 if raw else -1, closefd=False)  # noqa: SIM115
    (binary if raw else binary.raw).name = like.name
    stream = TextIOWrapper(
        binary,
        encoding=like.encoding,
        errors=like.errors,
        newline=None if mode == "r" else "\n",
        line_buffering=not at_once and (number == 2 or os.isatty(number)),
        write_through=at_once,
    )
    stream.mode = mode  # type: ignore[misc]
    return stream
