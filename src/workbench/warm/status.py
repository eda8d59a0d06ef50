"""What the zygotes of this user are at, for a person who wants to see it; and having them end."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.warm import folder
from workbench.warm.client import ZYGOTE, unsupported
from workbench.warm.folder import Kept

_ENDING = 10.0  # seconds
_KILOBYTE = 1024


@dataclass(frozen=True)
class Memory:
    """Memory of a process, in bytes.

    Attributes
    ----------
    resident : int
        All that it has in memory.
    unique : int
        What it shares with no other process, and would be free without it.
    """

    resident: int
    unique: int


@dataclass(frozen=True)
class Kernel:
    """A warm process that runs: its number, working directory, start (seconds since 1970) and memory."""

    pid: int
    folder: str
    since: float
    memory: Memory


@dataclass(frozen=True)
class Status:
    """A zygote that runs.

    Attributes
    ----------
    state : str
        ``ready``, ``importing``, or ``retiring``: it ends with its last kernel.
    since : float or None
        When it began, in seconds since 1970; None while it imports.
    seconds_left : float or None
        Until it ends, if nobody asks for a kernel; None while there are kernels, or it imports.
    modules, left_to_kernels : list of str
        What it has imported, and what it found to be better imported by each notebook.
    not_imported : dict
        What it was to import and has not, and why.
    """

    pid: int
    name: str
    state: str
    since: float | None
    seconds_left: float | None
    modules: list[str]
    not_imported: dict[str, str]
    left_to_kernels: list[str]
    memory: Memory
    kernels: list[Kernel]

    def to_dict(self) -> dict[str, Any]:
        """The fields, as JSON has them."""
        return asdict(self)


def memory_of(pid: int) -> Memory:
    """The memory of a process of this user; zeros when it has ended."""
    found: dict[str, int] = {}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii", errors="replace").splitlines():
            name, _, rest = line.partition(":")
            if rest.endswith(" kB"):
                found[name] = int(rest.split()[0]) * _KILOBYTE
    return Memory(found.get("Rss", 0), found.get("Private_Clean", 0) + found.get("Private_Dirty", 0))


def statuses() -> list[Status]:
    """The zygotes of this user, the one first that was asked for last; none where there can be none."""
    return [] if unsupported() else [_status(one) for one in folder.running()]


def _status(one: Kept) -> Status:
    facts = one.request("status") or {}
    state = "importing" if not facts else "retiring" if facts["retiring"] else "ready"
    kernels = [
        Kernel(each["pid"], each["folder"], each["since"], memory_of(each["pid"])) for each in facts.get("kernels", [])
    ]
    return Status(
        one.pid,
        facts.get("name", ""),
        state,
        facts.get("since"),
        facts.get("seconds_left"),
        facts.get("modules", []),
        facts.get("not_imported", {}),
        facts.get("left_to_kernels", []),
        memory_of(one.pid),
        kernels,
    )


def stop(*, now: bool = False) -> tuple[int, int]:
    """Have the zygotes of this user end: when their kernels have, or `now` with their kernels.

    Returns
    -------
    tuple of int
        How many have ended, and how many wait for their kernels.
    """
    if unsupported():
        return 0, 0
    found, waited_for = [], 0
    for one in folder.running():
        facts = one.request("stop" if now else "retire")
        # One that imports would hear of it later.
        found.append(_kill(one) if facts is None and now else one.pid)
        waited_for += now or not (facts or {}).get("kernels")
    end = time.monotonic() + _ENDING
    while (ended := sum(not Path(f"/proc/{pid}").exists() for pid in found)) < waited_for:
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return ended, len(found) - ended


def _kill(one: Kept) -> int:
    """End one that does not answer. Returns its process; 0 where there is none."""
    end = time.monotonic() + _ENDING
    while (pid := one.listener()) and time.monotonic() < end:
        with suppress(ProcessLookupError):
            pidfd = os.pidfd_open(pid)
            try:
                if _is_zygote(pid):  # not the tool that is just starting one, which is waited for
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                    one.importing.unlink(missing_ok=True)  # to be told to end is no fault of what it imported
                    return pid
            finally:
                os.close(pidfd)
        time.sleep(0.02)
    return pid


def _is_zygote(pid: int) -> bool:
    with suppress(OSError):
        return ZYGOTE.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return False
