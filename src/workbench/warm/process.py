"""Ordering a process from a zygote, and what whoever ordered it has of it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.warm import wire
from workbench.warm.client import VARIABLE, NotWarm, NotYet, connected

ANSWER = 180.0  # seconds: it may still be importing


class Process:
    """A child of a zygote, as far as its user is concerned a ``subprocess.Popen``.

    It is killed when this object, or the process that holds it, is gone.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection = connection
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.returncode is None and self._ready(0):
            try:
                message, _ = wire.receive(self._connection)
            except OSError:
                message = None
            # Without a last word the zygote is gone, and its children with it.
            self.returncode = int(message["returncode"]) if message else -signal.SIGKILL
            self._connection.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended.

        Raises
        ------
        subprocess.TimeoutExpired
            When it has not after `timeout` seconds.
        """
        if self.poll() is None:
            self._ready(timeout)
            if self.poll() is None:
                raise subprocess.TimeoutExpired("a warm process", timeout or 0.0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to it, and to what it has started where it leads a session; nothing once it has ended."""
        if self.poll() is None:
            with suppress(OSError):
                wire.send(self._connection, {"signal": int(number)})

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def fileno(self) -> int:
        """A descriptor that can be read from once it has ended, for those who wait for several things."""
        return self._connection.fileno()

    def _ready(self, timeout: float | None) -> bool:
        return wire.answers(self._connection, timeout)


def start(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: str | Path,
    streams: tuple[int, int, int],
    session: bool = False,
    sockets: Iterable[str] | None = None,
    patience: float | Callable[[str], float] = ANSWER,
) -> Process:
    """Start a process that has its libraries loaded.

    Parameters
    ----------
    argv : sequence of str
        This interpreter, ``-m``, a module, its arguments.
    environment : mapping
        All its variables.
    streams : tuple of int
        Descriptors for standard input, output and error, of which it gets copies.
    session : bool
        Whether it leads a session of its own.
    sockets : iterable of str, optional
        Zygotes to ask; those that are offered to this process by default.
    patience : float, or callable
        Seconds to wait for an answer of each, which may be importing still; or what tells them from its socket.

    Raises
    ------
    NotWarm
        When there is none, or none of them can make this process. Start a cold one. `NotYet` where one is importing.
    """
    message = order(argv, environment, folder, session=session) | _own_limits()
    reasons, late = [], False
    for path in os.environ.get(VARIABLE, "").split(os.pathsep) if sockets is None else sockets:
        if path:
            try:
                return answered(connected(path), message, streams, patience(path) if callable(patience) else patience)
            except (OSError, ValueError, LookupError) as error:
                reasons.append(f"no answer from it: {error}")
            except NotWarm as error:
                reasons.append(error.what)
                late = late or isinstance(error, NotYet)
    raise (NotYet if late else NotWarm)("; ".join(dict.fromkeys(reasons)) or "no zygote is offered")


def order(argv: Sequence[str], environment: Mapping[str, str], folder: str | Path, *, session: bool) -> dict[str, Any]:
    """The message to a zygote that orders a process; see `start`."""
    place = str(Path(folder).absolute())  # the zygote's folder is another one
    return {"argv": list(argv), "environment": dict(environment), "folder": place, "session": session}


def _own_limits() -> dict[str, Any]:
    """What a process that this one starts would have, and one that is forked elsewhere might not."""
    if sys.platform != "linux":
        return {}
    import resource

    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    lines = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
    mask = next((line.split()[1] for line in lines if line.startswith("Umask:")), None)
    return {
        "limits": {name: resource.getrlimit(getattr(resource, name))[0] for name in names},
        "mask": None if mask is None else int(mask, 8),
    }


def answered(
    connection: socket.socket, message: Mapping[str, Any], descriptors: Sequence[int], patience: float = ANSWER
) -> Process:
    """Order a process over a connection, which is its own from then on, or is closed.

    Raises
    ------
    NotWarm
        When the zygote cannot make it; `NotYet` when it has not answered after `patience` seconds.
    OSError
        When it is gone.
    """
    try:
        wire.send(connection, dict(message), descriptors)
        if not wire.answers(connection, patience):
            raise NotYet(f"it did not answer in {patience:g} seconds")
        answer, _ = wire.receive(connection)
        if answer is None:
            raise NotWarm("it has ended")
        if "refused" in answer:
            raise NotWarm(str(answer["refused"]))
        return Process(connection, int(answer["pid"]))
    except BaseException:
        connection.close()
        raise


def run(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    seconds: float,
    sockets: Iterable[str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m …`` to its end, forked from a zygote where one can do it, else as a cold process; see `start`.

    Raises
    ------
    subprocess.TimeoutExpired
        When it does not end in time; it is killed.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
        process: Process | subprocess.Popen[bytes]
        streams = nothing.fileno(), out.fileno(), err.fileno()
        try:
            process = start(argv, environment=environment, folder=folder, streams=streams, session=True, sockets=sockets)
        except NotWarm:
            process = subprocess.Popen(
                argv,
                env=environment,
                cwd=folder,
                stdin=streams[0],
                stdout=streams[1],
                stderr=streams[2],
                start_new_session=True,  # so that what it started can be ended with it
            )
        try:
            process.wait(seconds)
        finally:
            if process.poll() is None:
                _kill(process)
                process.wait()
        out.seek(0)
        err.seek(0)
        said = out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace")
    assert process.returncode is not None
    return subprocess.CompletedProcess(list(argv), process.returncode, *said)


def _kill(process: Process | subprocess.Popen[bytes]) -> None:
    """End a process with all that it started; a zygote does so for its children."""
    if isinstance(process, subprocess.Popen) and hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
