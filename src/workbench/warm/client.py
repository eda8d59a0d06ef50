"""Starting a zygote, and asking one for a process."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.warm import wire
from workbench.warm.order import Plan

VARIABLE = "WORKBENCH_WARM"  # the sockets of zygotes that may be asked, in this order
PROVISIONER = "workbench-warm"  # its entry point
ZYGOTE = "workbench.warm.zygote"
IDLE = 600.0
MEMORY = 1 << 30
_WORDS = 2000  # bytes
ANSWER = 60.0  # seconds: it may still be importing
# What the libraries are loaded with: no thread of their own before the fork, and no word about the debugger.
_LOADING = {
    "OPENBLAS_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


class NotWarm(WorkbenchError):  # noqa: N818 - not an error as such: the caller starts a cold process
    """No zygote can make this process."""


def unsupported() -> str:
    """Why processes cannot be forked here; the empty string where they can."""
    if sys.platform != "linux":
        return "only Linux lets a process be forked from one that has its libraries loaded"
    if not hasattr(os, "pidfd_open"):
        return "this Python does not know pidfd_open"
    return ""


class Zygote:
    """A zygote that ends with this process, or when it is closed.

    Parameters
    ----------
    modules : sequence of str
        What it imports; see `Plan`.
    environment : mapping, optional
        The variables that its children will be given, but for those that no library reads; this process's by default.
    hash_seed : str
        Seed of the order of sets of text; drawn at random where it is empty.
    idle : float
        Seconds without work after which it ends by itself.
    module : str
        What runs as the zygote: ``workbench.warm.zygote``, or one that gives its ``main`` something to become.
    wrapper : sequence of str
        A command to run it by, which ends in executing its arguments with the descriptors and variables that it was given.
    listens : bool
        Whether it has a socket at `path`; without, only this object can ask it (`start`).
    folder : str
        For one that does not listen: what it works in and removes when it ends, however its owner has ended.

    Raises
    ------
    NotWarm
        Where processes cannot be forked.
    """

    def __init__(
        self,
        modules: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        hash_seed: str = "",
        idle: float = IDLE,
        module: str = ZYGOTE,
        wrapper: Sequence[str] = (),
        listens: bool = True,
        folder: str = "",
    ) -> None:
        if why := unsupported():
            raise NotWarm(why)
        variables = dict(os.environ if environment is None else environment)
        self._folder = tempfile.mkdtemp(prefix="workbench-warm-") if listens else folder
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - its words are asked for when it has ended
        self.path = f"{self._folder}/socket" if listens else ""
        plan = Plan(modules, variables, hash_seed, idle, MEMORY, self._folder)
        loading = {**variables, **_LOADING, **({"PYTHONHASHSEED": hash_seed} if hash_seed else {})}
        loading.pop("MPLBACKEND", None)  # read by the child
        command = [*wrapper, sys.executable, "-m", module]
        try:
            if not listens:
                self._start(plan, loading, command, None)
            else:
                with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
                    listener.bind(self.path)
                    Path(self.path).chmod(0o600)
                    listener.listen(64)
                    self._start(plan, loading, command, listener)
        except OSError as error:  # a folder for temporary files with a long name, no processes left
            self._log.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise NotWarm(str(error)) from error

    def _start(
        self, plan: Plan, environment: Mapping[str, str], command: Sequence[str], listener: socket.socket | None
    ) -> None:
        self._owned, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        handed = [listener.fileno() if listener else -1, theirs.fileno()]
        with theirs:
            self.process = subprocess.Popen(
                [*command, *map(str, handed)],
                stdin=subprocess.PIPE,
                stdout=self._log,
                stderr=self._log,
                pass_fds=[number for number in handed if number >= 0],
                cwd=self._folder or "/",
                env=environment,
                start_new_session=True,  # Ctrl-C is for those who can do something about it
            )
        assert self.process.stdin is not None
        with suppress(BrokenPipeError), self.process.stdin as stream:
            stream.write(json.dumps(asdict(plan)).encode())

    def start(
        self,
        argv: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: str | Path,
        streams: tuple[int, int, int],
        session: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> Process:
        """Start a process by this zygote, whatever user it runs as; see the function `start`.

        Parameters
        ----------
        options : mapping, optional
            For a zygote whose children become something of their own, as plain data.

        Raises
        ------
        NotWarm
            When it cannot make this process.
        """
        message = _message(argv, environment, folder, session=session) | {"options": dict(options or {})}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                wire.send(self._owned, {}, [theirs.fileno()])
            return _answered(ours, message, streams)
        except OSError as error:
            ours.close()
            raise NotWarm(f"no answer from it: {error}") from error

    def words(self) -> str:
        """The last of what it has said on its standard streams: why it has ended, if it has."""
        if self._log.closed:
            return ""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), _WORDS, max(0, size - _WORDS)).decode("utf-8", "replace").strip()

    def close(self) -> None:
        """End it and its children."""
        self._owned.close()
        self.process.wait()
        self._log.close()
        if self.path:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def paths(zygotes: Iterable[Zygote | None]) -> list[str]:
    """The sockets of those that there are."""
    return [zygote.path for zygote in zygotes if zygote]


@contextmanager
def offered(zygotes: Iterable[Zygote | None]) -> Iterator[None]:
    """Let this process ask `zygotes`, in this order, for what it would start; None stands for one that there is not."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = os.pathsep.join(paths(zygotes))
    try:
        yield
    finally:
        os.environ.pop(VARIABLE)
        if before is not None:
            os.environ[VARIABLE] = before


def offer_to_jupyter(sockets: Sequence[str]) -> dict[str, str]:
    """The variables that make any tool in another process take its kernels from the zygotes at `sockets`."""
    name = {"JUPYTER_DEFAULT_PROVISIONER_NAME": PROVISIONER} if sockets else {}
    return {VARIABLE: os.pathsep.join(sockets), **name}


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
            except (OSError, ValueError):
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

    def _ready(self, timeout: float | None) -> bool:
        return bool(select.select([self._connection], [], [], timeout)[0])


def start(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: str | Path,
    streams: tuple[int, int, int],
    session: bool = False,
    sockets: Iterable[str] | None = None,
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

    Raises
    ------
    NotWarm
        When there is none, or none of them can make this process. Start a cold one.
    """
    message = _message(argv, environment, folder, session=session)
    reasons = []
    for path in os.environ.get(VARIABLE, "").split(os.pathsep) if sockets is None else sockets:
        if path:
            try:
                return _asked(path, message, streams)
            except (OSError, ValueError, LookupError) as error:
                reasons.append(f"no answer from it: {error}")
            except NotWarm as error:
                reasons.append(error.what)
    raise NotWarm("; ".join(dict.fromkeys(reasons)) or "no zygote is offered")


def _message(argv: Sequence[str], environment: Mapping[str, str], folder: str | Path, *, session: bool) -> dict[str, Any]:
    return {"argv": list(argv), "environment": dict(environment), "folder": str(folder), "session": session}


def _asked(path: str, message: Mapping[str, Any], descriptors: Sequence[int]) -> Process:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        connection.connect(path)
    except BaseException:
        connection.close()
        raise
    return _answered(connection, message, descriptors)


def _answered(connection: socket.socket, message: Mapping[str, Any], descriptors: Sequence[int]) -> Process:
    try:
        wire.send(connection, dict(message), descriptors)
        if not select.select([connection], [], [], ANSWER)[0]:
            raise NotWarm(f"it did not answer in {ANSWER:g} seconds")
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
