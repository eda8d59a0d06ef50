"""Starting a student's process behind the walls, and hearing how it ended: what the rest of grading uses."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from workbench.errors import GradingError
from workbench.grading.sandbox import bubblewrap, cgroup, privilege, scratch, turn
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.lockdown import Walls
from workbench.grading.sandbox.room import Room
from workbench.grading.sandbox.view import View
from workbench.warm.client import NotWarm
from workbench.warm.owned import Zygote

__all__ = ["Forker", "Room", "SandboxFault"]

ZYGOTE = "workbench.grading.sandbox.zygote"
UNPRIVILEGED = 65533  # the user that root becomes: no system gives it to anybody
IDLE = 600.0


class SandboxFault(GradingError):  # noqa: N818 - the word of the whole of grading for what is ours
    """Our side of a sandbox failed; it says nothing about the submission."""


class Forker:
    """Forks students' processes from one that has imported the libraries of a view.

    Parameters
    ----------
    view : View
    tier : str
        One of those that ``tiers.available`` finds here.
    idle : float
        Seconds without a submission after which its process ends; `start` then raises.

    Raises
    ------
    SandboxFault
        When it cannot be started.
    GradingError
        When the tier cannot hide what the view masks.
    """

    def __init__(self, view: View, *, tier: str, idle: float = IDLE) -> None:
        self.view = view
        self.tier = tier
        cgroup.remove_abandoned()
        self._readable = [str(path) for path in view.all_readable()]
        _check_modes(self._readable)
        if tier != "bubblewrap":
            _check_masks(view)
        self._scratch = bubblewrap.SCRATCH if tier == "bubblewrap" else _folder()
        # Nothing that can be read lies beneath /tmp: it can be the scratch folder's.
        self._temporary = not any(Path(path).is_relative_to("/tmp") for path in self._readable)  # noqa: S108
        home, temporary = f"{self._scratch}/home", f"{self._scratch}/tmp"  # noqa: S108
        person = {"HOME": home, "TMPDIR": temporary, "USER": "student", "LOGNAME": "student", "MPLBACKEND": "agg"}
        self._environment = {**view.environment, **person}
        try:
            self._zygote = Zygote(
                view.modules,
                environment=self._environment,
                hash_seed=self._environment.get("PYTHONHASHSEED", ""),
                idle=idle,
                module=ZYGOTE,
                wrapper=self._wrapper(),
                listens=False,
                folder="" if tier == "bubblewrap" else self._scratch,
            )
        except NotWarm as error:
            raise SandboxFault(f"the sandbox cannot be started: {error.what}", where=tier) from error

    def _wrapper(self) -> list[str]:
        """What to start the zygote by: the outer wall, put up by a user who is not root."""
        if self.tier != "bubblewrap":
            return _unprivileged([*self._readable, self._scratch])
        program = bubblewrap.binary()
        return [*_unprivileged([*self._readable, program]), *bubblewrap.command(self.view, program=program)]

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        limits: Limits,
        *,
        environment: Mapping[str, str] | None = None,
        patient: bool = True,
    ) -> Room:
        """Run ``python -m MODULE ARGUMENTS`` in a room of its own; it has begun when this returns.

        Parameters
        ----------
        environment : mapping, optional
            Further variables; their names begin with ``WORKBENCH_``.
        patient : bool
            Whether the module waits for its memory to be counted. One that does nothing before it is told to on its channel
            need not: by then this has returned, and the kernel takes longer to move a process than that to get ready.

        Raises
        ------
        SandboxFault
            When our side fails.
        """
        alone = self._turn()
        channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        report, monitors = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        report.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        log, written = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        room = Room(channel, report, log, alone=alone, patient=patient)
        room.group = None if self.tier == "plain" else cgroup.Group.made(limits.memory)
        walls = Walls(self.tier, limits, self._scratch, self._readable, self._temporary, room.group is not None, patient)
        try:
            room.process = self._zygote.start(
                [sys.executable, "-m", module, *arguments],
                environment={**self._environment, **(environment or {})},
                folder="/",
                streams=(theirs.fileno(), monitors.fileno(), written),
                session=True,
                options=walls.to_json(),
            )
        except (NotWarm, OSError) as error:  # it will not, or it is gone
            room.close()
            raise self._fault(str(error)) from error
        finally:
            theirs.close()
            monitors.close()
            os.close(written)
        if why := room.begun():
            room.close()
            raise self._fault(why)
        return room

    def _turn(self) -> IO[bytes] | None:
        if self.tier == "bubblewrap":
            return None
        try:
            return turn.taken()
        except (OSError, RuntimeError) as error:  # no folder, no home
            raise self._fault(f"submissions cannot wait for each other: {error}") from error

    def _fault(self, what: str) -> SandboxFault:
        return SandboxFault(f"the sandbox cannot run anything: {what}", where=self.tier, tried=self._zygote.words())

    def alive(self) -> bool:
        """Whether it can still start anything."""
        return self._zygote.process.poll() is None

    def close(self) -> None:
        """End it, and all that it has started."""
        self._zygote.close()
        if self.tier != "bubblewrap":
            with suppress(OSError):  # mostly it is gone; a monitor that has lost its zygote may still be at it
                scratch.empty(Path(self._scratch))
                Path(self._scratch).rmdir()

    def __enter__(self) -> Forker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _folder() -> str:
    """A scratch folder on the disk, for whoever will run there."""
    folder = tempfile.mkdtemp(prefix="workbench-scratch-")
    if os.getuid() == 0:
        os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    return folder


def _check_masks(view: View) -> None:
    if conflicts := view.conflicts():
        raise GradingError(
            f"`{conflicts[0]}` must not be read, but lies in a folder that must be",
            where="the sandbox without namespaces",
            remedy="keep it elsewhere, or use a machine where bubblewrap works",
        )


def _check_modes(paths: Sequence[str]) -> None:
    """Find out before a library does that somebody who is not root cannot read what root can."""
    if os.getuid() != 0:
        return
    for path in paths:
        mode = Path(path).stat().st_mode
        if not mode & stat.S_IROTH or (stat.S_ISDIR(mode) and not mode & stat.S_IXOTH):
            raise SandboxFault(
                f"only root may read `{path}`, and nothing of a submission is run as root",
                remedy=f"chmod -R o+rX {path}, or grade as another user",
            )


def _unprivileged(paths: Sequence[str]) -> list[str]:
    """What to put before a command that must not be run as root; `paths` are what it has to reach."""
    if os.getuid() != 0:
        return []
    return [sys.executable, "-I", "-S", str(privilege.__file__), str(UNPRIVILEGED), json.dumps(list(paths))]
