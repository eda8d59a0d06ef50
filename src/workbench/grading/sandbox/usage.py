"""How much a process and all its descendants take, read from ``/proc``."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass

_TICKS = os.sysconf("SC_CLK_TCK")
_GONE = " (deleted)"
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sample:
    """What a tree takes at one moment.

    Attributes
    ----------
    cpu : float
        Processor seconds up to now.
    memory : int
        Bytes, pages that several processes share counted once (PSS); or at most so many, where that is known to be little.
    processes : int
        Processes and threads.
    exact : bool
        Whether `memory` is the PSS.
    """

    cpu: float
    memory: int
    processes: int
    exact: bool


class Tree:
    """A process and its descendants, seen from outside.

    Parameters
    ----------
    root : int
        The process; its number in the namespace of `proc`.
    proc : int
        Descriptor of a ``/proc``.
    below : bool
        Whether the process itself is left out.
    """

    def __init__(self, root: int, proc: int, *, below: bool = False) -> None:
        self._root = str(root)
        self._proc = proc
        self._below = below
        self._seconds: dict[tuple[str, str], float] = {}  # of all that were ever seen, by number and time of start

    def sample(self, *, enough: int | None) -> Sample:
        """Look at it; memory is taken exactly where it could be more than `enough` bytes, which costs some milliseconds."""
        tasks, resident, waited = 0, 0, 0.0
        members = []
        for number, threads in self._members():
            with suppress(OSError, IndexError, ValueError):  # it has ended meanwhile
                fields = self._text(f"{number}/stat").rsplit(")", 1)[1].split()
                own, reaped = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
                self._seconds[number, fields[19]] = own / _TICKS
                waited += (own + reaped) / _TICKS
                resident += int(fields[21]) * _PAGE
                tasks += threads
                members.append(number)
        # Children that nobody waited for are in the first sum only, those that came and went unseen in the second only.
        cpu = max(sum(self._seconds.values()), waited)
        if enough is None or resident <= enough:
            return Sample(cpu, resident, tasks, exact=False)
        return Sample(cpu, sum(map(self._proportional, members)), tasks, exact=True)

    def unnamed(self, folder: str) -> int:
        """Bytes of files from `folder` that have no name any more, but are held open or mapped by the tree."""
        sizes: dict[str, int] = {}
        for number, _ in self._members():
            with suppress(OSError):
                for name in self._names(f"{number}/fd"):
                    with suppress(OSError):
                        place = os.readlink(f"{number}/fd/{name}", dir_fd=self._proc)
                        if place.startswith(folder) and place.endswith(_GONE):
                            status = os.stat(f"{number}/fd/{name}", dir_fd=self._proc)
                            sizes[str(status.st_ino)] = status.st_blocks * 512
                for line in self._text(f"{number}/maps").splitlines():
                    if line.endswith(_GONE) and folder in line:
                        begin, end = line.split(maxsplit=1)[0].split("-")
                        inode = line.split(maxsplit=5)[4]
                        sizes[inode] = max(sizes.get(inode, 0), int(end, 16) - int(begin, 16))
        return sum(sizes.values())

    def kill(self) -> bool:
        """Kill all of it that there is now; whether there was any."""
        members = [int(number) for number, _ in self._members()]
        for number in members:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        return bool(members)

    def _members(self) -> list[tuple[str, int]]:
        """All processes of the tree, each with the number of its threads."""
        found, waiting = [], [self._root]
        while waiting:
            number = waiting.pop()
            with suppress(OSError):
                threads = self._names(f"{number}/task")
                if not self._below or number != self._root:
                    found.append((number, len(threads)))
                for thread in threads:
                    with suppress(OSError):
                        waiting += self._text(f"{number}/task/{thread}/children").split()
        return found

    def _proportional(self, number: str) -> int:
        try:
            for line in self._text(f"{number}/smaps_rollup").splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) << 10
        except PermissionError:  # it does not let itself be looked at: then all that it shares counts as its own
            return int(self._text(f"{number}/statm").split()[1]) * _PAGE
        except OSError:  # it has ended
            pass
        return 0

    def _names(self, path: str) -> list[str]:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._proc)
        try:
            return os.listdir(folder)  # noqa: PTH208
        finally:
            os.close(folder)

    def _text(self, path: str) -> str:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
        try:
            text = b""
            while part := os.read(file, 1 << 16):
                text += part
            return text.decode("ascii", "replace")
        finally:
            os.close(file)
