"""Asking an answer: two verbs, and any transport that carries them.

An `Answer` (and a key) is a `Transport` behind the codec. Whatever carries the requests, a live namespace now or a
process in a sandbox, sees encoded arguments and gives an encoded reply, so a check cannot tell them apart.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import io
import signal
import sys
import threading
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from workbench import codec
from workbench.checks.verdict import Incorrect, NotAttempted, note
from workbench.codec import Tree
from workbench.errors import CheckError, CodecError

SECONDS_A_CALL = 5.0

Reply = Mapping[str, Tree]
"""One entry: ``value`` (a tree), or in words what went wrong: ``missing``, ``lacking``, ``unfinished``, ``uncallable``,
``raised``, ``refused``, ``late``, ``ended``. Plain JSON, so that it can cross a pipe."""


class Transport(Protocol):
    """Carries requests to where the values are. It replies, and never raises because of a value."""

    def read(self, name: str) -> Reply:
        """Ask for the value of a name, which may be dotted."""

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        """Ask for the result of a call with encoded arguments."""


class Answer:
    """What a check function gets as ``answer``, and as ``key``."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def read(self, name: str) -> Any:
        """The value of `name`, as a copy.

        Raises
        ------
        NotAttempted
            When the name does not exist, or is still ``...``.
        Incorrect
            When it has no such field, or a value that cannot cross.
        """
        return self._value(self._transport.read(name), name, name)

    def call(self, name: str, /, *arguments: Any, **named: Any) -> Any:
        """The result of calling `name`, as a copy; the arguments are copied too.

        Raises
        ------
        NotAttempted
            When there is no such function, or it raises ``NotImplementedError``.
        Incorrect
            When it raises, does not end, is not a function, or gives what cannot cross.
        """
        encoded = [codec.encode(item, where=f"{name}(...): argument {i}") for i, item in enumerate(arguments)]
        encoded_names = {key: codec.encode(item, where=f"{name}(...): {key}") for key, item in named.items()}
        shown = _call_text(name, arguments, named)
        return self._value(self._transport.call(name, encoded, encoded_names), name, shown)

    def _value(self, reply: Reply, name: str, shown: str) -> Any:
        if "value" in reply:
            try:
                value = codec.decode(reply["value"], where=shown)
            except CodecError as error:
                raise Incorrect(f"`{shown}`: {error.what}") from error
            note(shown, type(value).__name__)
            return value
        note(shown, "")
        if "missing" in reply:
            raise NotAttempted(f"`{reply['missing']}` does not exist yet: run the cell that makes it")
        if "unfinished" in reply:
            raise NotAttempted(f"`{name}` is not written yet")
        for kind, sentence in _SENTENCES.items():
            if kind in reply:
                raise Incorrect(sentence.format(name=name, shown=shown, why=reply[kind]))
        raise CheckError(f"a reply that cannot be read: {sorted(reply)}")


_SENTENCES = {
    "lacking": "`{shown}`: there is no `{why}`",
    "uncallable": "`{name}` should be a function, and is of type `{why}`",
    "raised": "`{shown}` raised {why}",
    "refused": "`{shown}`: {why}",
    "late": "`{shown}` did not finish in {why} seconds",
    "ended": "`{shown}` ended the whole process ({why})",
}


class LiveNotebook:
    """A transport to the names of a running notebook.

    Parameters
    ----------
    namespace : mapping
        The notebook's names; read, never written.
    seconds : float
        Limit on one call, greater than 0. It holds in the main thread of a system that has alarms (not Windows).
    """

    def __init__(self, namespace: Mapping[str, Any], *, seconds: float = SECONDS_A_CALL) -> None:
        self._namespace = namespace
        self._seconds = seconds

    def read(self, name: str) -> Reply:
        """See `Transport`."""
        found, reply = self._find(name)
        if reply:
            return reply
        if found is Ellipsis:
            return {"unfinished": name}
        return self._guarded(lambda: found, name)

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        """See `Transport`."""
        found, reply = self._find(name)
        if reply:
            return reply
        if _is_stub(found):
            return {"unfinished": name}
        if not callable(found):
            return {"uncallable": type(found).__name__}
        values = [codec.decode(item) for item in arguments]
        options = {key: codec.decode(item) for key, item in named.items()}
        return self._guarded(lambda: found(*values, **options), f"{name}(...)")

    def _find(self, name: str) -> tuple[Any, Reply]:
        first, *rest = name.split(".")
        if first not in self._namespace:
            return None, {"missing": first}
        found = self._namespace[first]
        for field in rest:
            try:
                found = getattr(found, field)
            except Exception:  # a property of the student's may raise anything
                return None, {"lacking": field}
        return found, {}

    def _guarded(self, produce: Any, where: str) -> Reply:
        try:
            with _time_limit(self._seconds), _silence():
                value = produce()
                return {"value": codec.encode(value, where=where)}
        except _TooLateError:
            return {"late": f"{self._seconds:g}"}
        except CodecError as error:
            return {"refused": f"{error.what}" + (f"; {error.remedy}" if error.remedy else "") + _part(error.where, where)}
        except NotImplementedError:
            return {"unfinished": where}
        except (Exception, SystemExit) as error:
            return {"raised": f"{type(error).__name__}: {_message(error)}"}


def _is_stub(found: Any) -> bool:
    """Whether this is ``...``, or a function whose body is nothing but ``...``, ``pass`` or a docstring."""
    code = getattr(found, "__code__", None) if isinstance(found, types.FunctionType | types.MethodType) else None
    return found is Ellipsis if code is None else _is_empty(code)


@functools.lru_cache(maxsize=256)  # a check calls the same function dozens of times
def _is_empty(code: types.CodeType) -> bool:
    steps = (step for step in dis.get_instructions(code) if step.opname not in ("RESUME", "NOP"))
    return all(step.opname in ("LOAD_CONST", "RETURN_VALUE", "RETURN_CONST") and step.argval is None for step in steps)


class _TooLateError(BaseException):
    """Not an Exception, so that an answer that catches everything does not swallow it."""


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: Any) -> None:
        raise _TooLateError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)  # again, should a `finally` of the answer's go on for ever
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keep what a function prints out of the verdict; displays too, where this is a notebook."""
    shell = sys.modules.get("IPython")
    if shell is not None and shell.get_ipython() is not None:
        from IPython.utils.capture import capture_output

        with capture_output():
            yield
    else:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield


def _part(where: str, root: str) -> str:
    return f" (at `{where}`)" if where != root else ""


def _message(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # an exception of the student's may not even be printable
        text = "(no message)"
    return text if len(text) <= 200 else text[:197] + "..."


def _call_text(name: str, arguments: Sequence[Any], named: Mapping[str, Any]) -> str:
    words = [_short(item) for item in arguments] + [f"{key}={_short(item)}" for key, item in named.items()]
    return f"{name}({', '.join(words)})"


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{type(value).__name__} of {len(value)}" if hasattr(value, "__len__") else "..."
