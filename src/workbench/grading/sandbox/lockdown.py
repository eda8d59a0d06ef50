"""In the process that will be the student's: giving up everything that it does not need, for good.

In the order in which each step is still possible: descriptors, its own ``/proc``, limits, privileges, Landlock, calls.
"""

from __future__ import annotations

import os
import resource
import select
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from workbench.grading.sandbox import kernel, landlock, seccomp, view
from workbench.grading.sandbox.limits import Limits

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
TERMINALS = ("/dev/tty", "/dev/ptmx", "/dev/pts")  # where they are not the user's
# What says nothing of other processes; /proc/self is this one and not its children.
OF_PROC = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/loadavg", "/proc/uptime")
RESERVED = (
    2 << 30
)  # bytes that libraries reserve and never touch (pyarrow's allocator: 1 GB); what is touched, the monitor sees
SPARE = 8  # processes between what the monitor ends a tree for and what the kernel allows


@dataclass(frozen=True)
class Walls:
    """What a monitor and the process that it watches are told.

    Attributes
    ----------
    tier : str
        See ``tiers``.
    limits : Limits
    scratch : str
        The only folder that can be written to; in it ``work``, ``home``, ``tmp`` and ``shm``.
    readable : sequence of str
        What may be read, where no mount has seen to that.
    temporary : bool
        Whether ``/tmp`` can be the scratch folder's.
    group : bool
        Whether the supervisor moves the student's process to a control group.
    patient : bool
        Whether the process waits until it has been moved.
    """

    tier: str
    limits: Limits
    scratch: str
    readable: Sequence[str] = ()
    temporary: bool = False
    group: bool = False
    patient: bool = True

    @property
    def namespaces(self) -> bool:
        """Whether the process is the first of namespaces of its own."""
        return self.tier == "bubblewrap"

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, table: Mapping[str, Any]) -> Walls:
        """Read what `to_json` wrote."""
        return cls(**{**table, "limits": Limits.from_json(table["limits"])})


@dataclass(frozen=True)
class Ends:
    """The descriptors of a student's process: its channel, its log, the way to say that it is ready, the monitor's pipe."""

    channel: int
    log: int
    report: int
    alive: int


def enter(walls: Walls, ends: Ends) -> None:
    """Put up all walls; only `ends` stay open, the channel as 0.

    Raises
    ------
    OSError
        When one cannot be put up.
    """
    _descriptors(ends)
    if walls.group:
        _ask_for_the_group(ends.report, wait=walls.patient)
    _first_to_be_killed_when_memory_is_short()
    if walls.namespaces:
        flags = kernel.READ_ONLY | kernel.NO_SUID | kernel.NO_DEVICES | kernel.NO_EXECUTION
        kernel.mount("proc", "/proc", "proc", flags)
    _die_with_the_monitor(ends.alive)
    _limits(walls)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if walls.namespaces:
        kernel.drop_capabilities()
    if walls.tier == "landlock" or (walls.namespaces and landlock.version()):
        landlock.enter(_rules(walls))
    if walls.tier != "plain":
        seccomp.enter(first=walls.namespaces)


def _descriptors(ends: Ends) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, descriptor in enumerate((ends.channel, nothing, ends.log)):
        os.dup2(descriptor, number)
    begin = 3
    for kept in sorted((ends.report, ends.alive)):
        os.closerange(begin, kept)
        begin = kept + 1
    os.closerange(begin, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _ask_for_the_group(report: int, *, wait: bool) -> None:
    """Let the supervisor, who is told the number of whoever sends a message, move this process."""
    os.write(report, b'{"here": true}')
    if wait and not os.read(0, 1):
        os._exit(1)  # the supervisor is gone


def _first_to_be_killed_when_memory_is_short() -> None:
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as stream:  # noqa: PTH123
        stream.write("1000")


def _die_with_the_monitor(alive: int) -> None:
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if select.select([alive], [], [], 0)[0]:  # it died before the line above: nobody holds the other end any more
        os._exit(1)


def _limits(walls: Walls) -> None:
    limits = walls.limits
    bounds = {
        resource.RLIMIT_CPU: int(limits.cpu) + 2,  # the monitor is there first
        resource.RLIMIT_FSIZE: limits.file,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_NPROC: _tasks(walls) + limits.processes + SPARE,
        resource.RLIMIT_DATA: _data() + limits.memory + RESERVED,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, wanted in bounds.items():
        _, hard = resource.getrlimit(kind)
        bound = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (bound, bound))


def _data() -> int:
    """Bytes of this process that count as data already."""
    with open("/proc/self/statm", encoding="ascii") as stream:  # noqa: PTH123
        return int(stream.read().split()[5]) * resource.getpagesize()


def _tasks(walls: Walls) -> int:
    """Processes and threads that count against this user's bound already: the monitor's and this one, or all they have."""
    if walls.namespaces:
        return 2
    tasks = 0
    for name in filter(str.isdecimal, os.listdir("/proc")):  # noqa: PTH208
        with suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == os.getuid():  # noqa: PTH116
                tasks += len(os.listdir(f"/proc/{name}/task"))  # noqa: PTH208
    return tasks


def _rules(walls: Walls) -> list[tuple[str, int]]:
    devices = [*DEVICES]
    if walls.namespaces:
        readable, writable = ["/"], [walls.scratch, "/dev/shm", "/tmp"]  # noqa: S108 - in the sandbox
        devices += TERMINALS
    else:
        readable, writable = [*view.SYSTEM, *view.SETTINGS, *OF_PROC, *walls.readable], [walls.scratch]
    return [
        *((path, landlock.READ) for path in readable),
        *((path, landlock.DEVICE) for path in devices),
        *((path, landlock.ALL) for path in writable),
    ]
