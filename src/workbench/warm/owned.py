"""A zygote that belongs to the process which has started it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from io import BufferedReader, BufferedWriter
from pathlib import Path
from typing import Any

from workbench.warm import client, defaults, loud, process, wire
from workbench.warm.client import NotWarm
from workbench.warm.order import Plan, relative_path
from workbench.warm.process import Process

_WORDS = 2000  # bytes


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
    grows : bool
        Whether it will be told of more (`grow`) while it serves.
    note : str
        The file that remembers what is better left to the children; empty for none. See `loud`.

    Raises
    ------
    NotWarm
        Where processes cannot be forked, or ``PYTHONPATH`` is relative.
    """

    def __init__(
        self,
        modules: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        hash_seed: str = "",
        idle: float = defaults.IDLE,
        module: str = client.ZYGOTE,
        wrapper: Sequence[str] = (),
        listens: bool = True,
        folder: str = "",
        grows: bool = False,
        note: str = "",
    ) -> None:
        if why := client.unsupported():
            raise NotWarm(why)
        variables = dict(os.environ if environment is None else environment)
        if why := relative_path(variables):
            raise NotWarm(why)
        self._folder = tempfile.mkdtemp(prefix="workbench-warm-") if listens else folder
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - its words are asked for when it has ended
        self.path = f"{self._folder}/socket" if listens else ""
        plan = loud.spared(Plan(modules, variables, hash_seed, idle, defaults.MEMORY, self._folder, note=note))
        loading = client.loaded_with(variables, hash_seed=hash_seed)
        command = [*wrapper, sys.executable, "-m", module]
        self._more: BufferedWriter | None = None
        try:
            with ExitStack() as stack:
                listener = stack.enter_context(client.listening(self.path)) if listens else None
                more = stack.enter_context(self._pipe()) if grows else None
                self._start(plan, loading, command, [listener, more])
        except OSError as error:  # a folder for temporary files with a long name, no processes left
            self._log.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise NotWarm(str(error)) from error

    def _pipe(self) -> BufferedReader:
        """A pipe for what is to be imported later. Returns the end that it reads from."""
        reading, writing = os.pipe()
        self._more = os.fdopen(writing, "wb")
        return os.fdopen(reading, "rb")

    def _start(
        self,
        plan: Plan,
        environment: Mapping[str, str],
        command: Sequence[str],
        ends: Sequence[socket.socket | BufferedReader | None],
    ) -> None:
        self._owned, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener, *more = [end.fileno() if end else -1 for end in ends]
        handed = [listener, theirs.fileno(), *more]
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
        """Start a process by this zygote, whatever user it runs as; see `process.start`.

        Parameters
        ----------
        options : mapping, optional
            For a zygote whose children become something of their own, as plain data.

        Raises
        ------
        NotWarm
            When it cannot make this process.
        """
        message = process.order(argv, environment, folder, session=session) | {"options": dict(options or {})}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                wire.send(self._owned, {}, [theirs.fileno()])
            return process.answered(ours, message, streams)
        except OSError as error:
            ours.close()
            raise NotWarm(f"no answer from it: {error}") from error

    def grow(self, modules: Sequence[str]) -> None:
        """Let it import `modules` as well, for the processes that are ordered when it has; to be called once at most."""
        assert self._more is not None, "a zygote that was not started to grow"
        with suppress(BrokenPipeError), self._more as stream:  # where it has ended, its orders say so
            stream.write(json.dumps(list(modules)).encode())

    @property
    def grown(self) -> bool:
        """Whether it has imported all that it will: what `grow` told it of, or less where it could not."""
        return wire.answers(self._owned, 0)

    def words(self) -> str:
        """The last of what it has said on its standard streams: why it has ended, if it has."""
        if self._log.closed:
            return ""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), _WORDS, max(0, size - _WORDS)).decode("utf-8", "replace").strip()

    def hand_on(self) -> None:
        """Let it belong to the program that this process is about to become.

        Whatever that starts and hands its descriptors on to (a shell does, Python does not) holds it as well.
        """
        self._owned.set_inheritable(True)

    def close(self) -> None:
        """End it and its children."""
        self._owned.close()
        if self._more is not None:
            self._more.close()
        self.process.wait()
        self._log.close()
        if self.path:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
