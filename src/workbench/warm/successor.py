"""The zygote that follows on one which serves already: a fork of it, which imports more and then takes its place."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, field

from workbench.warm import wire

_PARTING = 5.0  # seconds for one that is to end its own children
_READY = b"!"
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


@dataclass
class Successor:
    """What the first of the two has of the second.

    Attributes
    ----------
    pid, pidfd : int
        Its process.
    ready : int
        A descriptor that can be read from when it takes over, or never will.
    serves : bool
        Whether it has taken over.
    """

    pid: int
    pidfd: int
    ready: int
    serves: bool = field(default=False)

    def hear(self) -> bool:
        """Whether it takes over; to be asked once, when `ready` can be read from."""
        self.serves = os.read(self.ready, 1) == _READY
        os.close(self.ready)
        self.ready = -1
        return self.serves

    def reap(self) -> None:
        """Take note of its end."""
        os.waitpid(self.pid, 0)
        self.let_go()

    def end(self) -> None:
        """End it: one that serves ends by itself, with whoever both belong to."""
        if not (self.serves and wire.answers(self.pidfd, _PARTING)):
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        self.reap()

    def let_go(self) -> None:
        """Close its descriptors."""
        for descriptor in (self.pidfd, self.ready):
            if descriptor >= 0:
                os.close(descriptor)


def fork() -> tuple[Successor | None, int]:
    """Fork this process.

    Returns
    -------
    tuple
        The one that follows, and -1; in that one None, and the descriptor by which it says that it takes over.
    """
    ready, saying = os.pipe()
    zygote = os.getpid()
    pid = os.fork()
    if pid == 0:
        die_with(zygote)
        os.close(ready)
        return None, saying
    os.close(saying)
    return Successor(pid, os.pidfd_open(pid), ready), -1


def told(more: int) -> list[str]:
    """Wait for what else is to be imported; empty where whoever would have said so has thought better of it."""
    with os.fdopen(more, "rb") as stream:
        text = stream.read()
    with suppress(ValueError):
        return list(json.loads(text))
    return []  # cut short, or nothing at all


def take_over(saying: int, owner: socket.socket | None) -> None:
    """Say that this process serves from now on, to the first and then to the owner of both."""
    with suppress(BrokenPipeError):  # the first has ended; this one is about to
        os.write(saying, _READY)
    os.close(saying)
    if owner is not None:
        with suppress(OSError):  # gone
            wire.send(owner, {"grown": True})


def die_with(zygote: int) -> None:
    """Be killed when the process `zygote`, which has forked this one, is gone."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:  # it was killed before the line above
        os._exit(1)
