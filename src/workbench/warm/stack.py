"""In the zygote: importing the libraries, and noticing which of them cannot be imported ahead of time.

A library is *loud* that prints or warns as it is imported, starts a thread, moves its settings elsewhere or ties itself to
a notebook: that belongs to the cell that imports it, so it is left to the child. A library that only looks whether it is in
a notebook finds one, where it is known what comes of it, so that it is in the child what it would be in a notebook.
"""

from __future__ import annotations

import builtins
import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from traceback import format_exception_only
from types import FunctionType, SimpleNamespace
from typing import Any, ClassVar

from workbench.warm import bytecode
from workbench.warm.order import Plan

_LOOKING = {"pandas.core.config_init"}  # wants to know how wide a table may be
_TIED = {"matplotlib_inline.backend_inline"}  # ties itself to the notebook that imports it, once
_NOTEBOOK = SimpleNamespace(kernel=None)
_FULL = "the memory for libraries was used up"
_WORDS = 200  # characters of an error


class Stream:
    """Stands for a standard stream while libraries are imported, and for whatever takes its place in the child.

    A library may keep the stream that it finds (a log handler does); in a notebook it would have found the notebook's.
    """

    _all: ClassVar[list[Stream]] = []

    def __init__(self, target: Any) -> None:
        self._target = target
        self._all.append(self)

    def stand_for(self, target: Any) -> None:
        """Stand for `target` from now on."""
        self._target = target

    @classmethod
    def replace(cls, before: Any, after: Any) -> None:
        """Let those who stand for the stream `before` stand for `after`."""
        for stream in cls._all:
            if stream._target is before:
                stream._target = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)


@dataclass
class Stack:
    """What was imported, and what a child has to know about it.

    Attributes
    ----------
    out, err : Stream
        What libraries may have kept as ``sys.stdout`` and ``sys.stderr``.
    blas : list
        The OpenBLAS libraries, as ``threadpoolctl`` controls them.
    imported : list of str
        Entries of the plan that are there.
    not_imported : dict
        Those that are not, and why.
    loud : list of str
        Those that must be left to the child.
    looked : set of str
        Modules that looked for a notebook and found none.
    """

    out: Stream = field(default_factory=lambda: Stream(io.StringIO()))
    err: Stream = field(default_factory=lambda: Stream(io.StringIO()))
    blas: list[Any] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    not_imported: dict[str, str] = field(default_factory=dict)
    loud: list[str] = field(default_factory=list)
    looked: set[str] = field(default_factory=set)

    def _traces(self) -> tuple[Any, ...]:
        """What a loud import changes."""
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
        said = [os.fstat(number).st_size for number in (1, 2)]  # files
        return self.out.tell(), self.err.tell(), *said, threads, os.environ.get("MPLCONFIGDIR"), _TIED & sys.modules.keys()


def load(plan: Plan, *, wanted: Callable[[], bool], into: Stack | None = None) -> Stack:
    """Import what the plan lists, as long as it is `wanted` and memory lasts. What cannot be imported is left out.

    Parameters
    ----------
    into : Stack, optional
        What this process has imported already: the first entries of the plan.

    Returns
    -------
    Stack
        Where it names loud entries, this process must not be forked: begin anew without them.
    """
    stack = into or Stack()
    known = {*stack.imported, *stack.not_imported}
    with _streams(stack), _notebook(stack), bytecode.kept():
        for number, entry in enumerate(plan.modules):
            if entry in known:
                continue
            if not wanted():
                break
            if _resident() > plan.memory:
                stack.not_imported |= dict.fromkeys(plan.modules[number:], _FULL)
                break
            before = stack._traces()
            try:
                _in_a_cell(_import)(*entry.partition(":")[::2])
                stack.imported.append(entry)
            except Exception as error:  # whatever it is, a notebook that imports this meets it again
                stack.not_imported[entry] = format_exception_only(error)[-1].strip()[:_WORDS]
            if stack._traces() != before:
                stack.loud.append(entry)
        _look_up()
    with suppress(ImportError):
        from threadpoolctl import ThreadpoolController

        stack.blas = [one for one in ThreadpoolController().lib_controllers if one.internal_api == "openblas"]
    return stack


def _import(module: str, name: str) -> None:
    imported = __import__(module, fromlist=[name] if name else ())
    if name:
        getattr(imported, name)  # a name may be made when it is asked for


def _in_a_cell(function: Callable[..., None]) -> Callable[..., None]:
    """`function` as if a notebook's cell had defined it: a library that is deprecated tells it so, and no other library."""
    return FunctionType(function.__code__, {"__name__": "__main__", "__builtins__": builtins})


def _look_up() -> None:
    """Let matplotlib, where it is imported, look which libraries bring backends: it reads what all of them declare."""
    registry: Any = sys.modules.get("matplotlib.backends.registry")
    if registry is not None:
        registry.backend_registry.list_all()


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def _streams(stack: Stack) -> Iterator[None]:
    own = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = stack.out, stack.err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = own


@contextmanager
def _notebook(stack: Stack) -> Iterator[None]:
    """Answer those who look for a notebook by the name that one has for it."""

    def get_ipython() -> Any:
        caller = str(sys._getframe(1).f_globals.get("__name__"))
        if caller in _LOOKING:
            return _NOTEBOOK
        stack.looked.add(caller)
        raise NameError("name 'get_ipython' is not defined")

    builtins.get_ipython = get_ipython  # type: ignore[attr-defined]
    try:
        yield
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]
