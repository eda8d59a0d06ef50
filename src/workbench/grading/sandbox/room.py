"""One student's process, as the supervisor holds it."""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any

from workbench.grading.sandbox.cgroup import Group
from workbench.grading.sandbox.ending import Ending
from workbench.warm import wire
from workbench.warm.process import Process

STARTING = 60.0  # seconds that walls may take on a busy machine
_LOG = 64 << 10
_CREDENTIALS = struct.Struct("3i")  # process, user, group


class Room:
    """One student's process.

    Attributes
    ----------
    channel : socket.socket
        A stream to it; what comes out of it is hostile. The process has it as descriptor 0.
    process : Process or None
        Its monitor, as a child of the zygote; None as long as there is none.
    group : Group or None
        The control group that it is to be moved to.
    """

    def __init__(
        self, channel: socket.socket, report: socket.socket, log: int, *, alone: IO[bytes] | None, patient: bool = True
    ) -> None:
        self.channel = channel
        self.process: Process | None = None
        self.group: Group | None = None
        self._alone = alone
        self._patient = patient
        self._report = report
        self._log = log
        self._ending: Ending | None = None
        self._said = b""

    def begun(self) -> str:
        """Wait until the walls are up. Returns why they are not, or the empty string."""
        message = self._hear(STARTING)
        if message is not None and "here" in message:
            self._take(int(message["from"]))
            message = self._hear(STARTING)
        if message is None:
            return f"nothing was heard in {STARTING:g} seconds"
        if "started" in message:
            return ""
        return str(message.get("fault") or "it ended before it began")

    def wait(self, timeout: float | None = None) -> Ending | None:
        """Wait for its end; None when that has not come after `timeout` seconds."""
        if self._ending is None and (message := self._hear(timeout)) is not None:
            self._ending = Ending.from_json(message["ending"]) if "ending" in message else Ending("lost")
            self._finish()
        return self._ending

    def kill(self) -> None:
        """End it now, with all that it has started; the ending is then to be waited for."""
        if self._ending is None:
            with suppress(OSError):
                wire.send(self._report, {"kill": True})

    def close(self) -> None:
        """End it if it has not ended, and let go of everything."""
        if self._ending is None:
            self.kill()
            if self.process is None or self.wait(STARTING) is None:
                self._ending = Ending("lost")
                self._finish()
        self.channel.close()

    def log(self) -> str:
        """The first of what it wrote to its standard error, for whoever looks for a fault; hostile text."""
        return self._said.decode("utf-8", "replace")

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hear(self, timeout: float | None) -> dict[str, Any] | None:
        """The next message of the monitor; None if there is none in time, and an empty one if there will be none."""
        if not select.select([self._report], [], [], timeout)[0]:
            return None
        try:
            data, ancillary, _, _ = self._report.recvmsg(wire.LARGEST, socket.CMSG_SPACE(_CREDENTIALS.size))
            message = json.loads(data)
            return {**message, "from": _sender(ancillary)}
        except (OSError, ValueError):
            return {}

    def _take(self, process: int) -> None:
        """Move the student's process to its control group, or do without; tell the monitor, and the process if it waits."""
        assert self.group is not None
        try:
            self.group.take(process)
            wire.send(self._report, {}, (self.group.events, self.group.peak))
        except OSError:  # not allowed, or gone: then memory is added up
            self.group.remove()
            self.group = None
        if self._patient:
            with suppress(OSError):  # nobody listens any more, which the next message tells
                self.channel.send(b"\n")

    def _finish(self) -> None:
        with suppress(BlockingIOError):
            self._said = os.read(self._log, _LOG)
        os.close(self._log)
        self._report.close()
        if self.process is not None:
            self.process.kill()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(STARTING)
        if self.group is not None:
            self.group.remove()
        if self._alone is not None:
            self._alone.close()


def _sender(ancillary: Sequence[tuple[int, int, bytes]]) -> int:
    """The number of the process that sent a message, as the kernel gives it: valid in this namespace."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            return int(_CREDENTIALS.unpack(data)[0])
    return 0
