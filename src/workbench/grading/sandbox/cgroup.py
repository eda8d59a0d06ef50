"""A control group for one submission, where this process may make one: the kernel then counts its memory, and holds it.

Both versions of control groups; without one, the monitor adds up what ``/proc`` says. A group is made below the outermost
group that can be written to, so that it does not fall under a bound that is the supervisor's.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

ROOT = Path("/sys/fs/cgroup")
_PREFIX = "workbench-"
_ABANDONED = 600.0  # seconds after which a group with nothing in it is nobody's
_PATIENCE = 2.0  # seconds until the last of a group's processes is gone


@dataclass(frozen=True)
class _Names:
    """What the files of a version are called."""

    limit: str
    swap: str
    peak: str
    events: str


_FIRST = _Names("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control")
_SECOND = _Names("memory.max", "memory.swap.max", "memory.peak", "memory.events")


class Group:
    """A control group with a bound on memory.

    Attributes
    ----------
    events, peak : int
        Descriptors of the files that `killed` and `highest` read, for whoever cannot see the folder.
    """

    def __init__(self, folder: Path, names: _Names, memory: int) -> None:
        self._folder = folder
        folder.mkdir()
        try:
            (folder / names.limit).write_text(str(memory))
            with suppress(OSError):  # nothing to swap to, or it is not counted
                (folder / names.swap).write_text(str(memory) if names is _FIRST else "0")
            self.events = os.open(folder / names.events, os.O_RDONLY | os.O_CLOEXEC)
            self.peak = os.open(folder / names.peak, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            folder.rmdir()
            raise

    @classmethod
    def made(cls, memory: int) -> Self | None:
        """A new group, or None where there can be none."""
        for parent, names in _parents():
            with suppress(OSError):
                return cls(parent / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(6)}", names, memory)
        return None

    def take(self, process: int) -> None:
        """Move a process here; what it starts stays here.

        Raises
        ------
        OSError
            When that is not allowed, or there is no such process.
        """
        if process <= 0:
            raise ProcessLookupError(errno.ESRCH, "the process is not of this namespace")
        (self._folder / "cgroup.procs").write_text(str(process))

    def remove(self) -> None:
        """Remove it; its processes must be about to end."""
        os.close(self.events)
        os.close(self.peak)
        end = time.monotonic() + _PATIENCE
        while self._folder.exists() and time.monotonic() < end:  # what cannot be removed now is so by a later supervisor
            with suppress(OSError):
                self._folder.rmdir()
                return
            time.sleep(0.002)


def killed(events: int) -> int:
    """How many processes of a group the kernel has killed because there was no memory left for it."""
    text = os.pread(events, 4096, 0).decode("ascii", "replace")
    found = re.search(r"^oom_kill (\d+)", text, re.MULTILINE)
    return int(found[1]) if found else 0


def highest(peak: int) -> int:
    """The most bytes that a group has held at once."""
    return int(os.pread(peak, 64, 0))


def remove_abandoned() -> None:
    """Remove the groups of supervisors that were killed."""
    for parent, _ in _parents():
        for folder in parent.glob(f"{_PREFIX}*-*"):
            with suppress(OSError):  # there are processes in it, or another was quicker
                if time.time() - folder.stat().st_mtime > _ABANDONED:
                    folder.rmdir()


def _parents() -> Iterator[tuple[Path, _Names]]:
    """The folders in which a group with a bound on memory may be made, outermost first."""
    if os.access(ROOT / "memory", os.W_OK) and (ROOT / "memory" / _FIRST.limit).exists():
        yield ROOT / "memory", _FIRST
    for folder in reversed([_own(), *_own().parents]):
        if folder.is_relative_to(ROOT) and os.access(folder, os.W_OK):
            with suppress(OSError):
                if "memory" in (folder / "cgroup.subtree_control").read_text().split():
                    yield folder, _SECOND


def _own() -> Path:
    """The group of this process in the second version."""
    with suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            if line.startswith("0::"):
                return ROOT / line[3:].lstrip("/")
    return ROOT
