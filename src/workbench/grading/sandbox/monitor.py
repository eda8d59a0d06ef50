"""The process between the zygote and a student's: makes the room, watches what is taken in it, ends it whole.

A child of the zygote becomes this (`keep`). It forks the student's process and never runs a line of theirs. In the tier of
namespaces it stays outside of the room that it made: from within it cannot be seen, and when it ends, so does all in there.
What it has to say goes to the supervisor alone, by a socket that the student's process has closed before it begins::

    {"here": true}                                  from the student's process, to be moved to a control group
    {"started": true}                               from the student's process, once all walls are up
    {"fault": "..."}                                ours could not be done
    {"ending": {"cause": ..., "code": ..., "usage": ...}}     last

What it is told is to end everything, or, with two descriptors, that there is a control group.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from workbench.grading.outcome import Usage
from workbench.grading.sandbox import cgroup, kernel, landlock, lockdown, scratch
from workbench.grading.sandbox.ending import Cause, Ending
from workbench.grading.sandbox.lockdown import Ends, Walls
from workbench.grading.sandbox.usage import Sample, Tree
from workbench.warm import child, wire
from workbench.warm.order import Order
from workbench.warm.stack import Stack

INTERVAL = 0.03  # seconds between two looks
_EXACTLY_EACH = 10  # looks: at memory, however little it can be, and at a scratch folder on the disk
_INODE = 8 << 10  # bytes of the scratch folder for which there may be one file


def keep(order: Order, stack: Stack) -> None:
    """Make a room, fork the process that `order` describes, and watch it to its end; does not return."""
    walls = Walls.from_json(order.options)
    channel, number, log = order.descriptors
    report = socket.socket(fileno=number)
    theirs, _ = os.pipe()  # its other end is open as long as this process lives
    proc = os.open("/proc", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if walls.namespaces:
            _make_room(walls)
        else:
            _make_folder(walls)
        student = os.fork()
    except OSError as error:
        _end(report, {"fault": f"no room could be made: {error}"})
    if student == 0:
        _lock(walls, Ends(channel, log, report.fileno(), theirs), report)
        child.become(replace(order, descriptors=[], folder=f"{walls.scratch}/work"), stack, edited=False)
    for descriptor in (channel, log, theirs):
        os.close(descriptor)
    watch = Watch(student, walls, report, proc)
    signal.signal(signal.SIGTERM, watch.tell)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)  # the zygote's death; it had been SIGKILL
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    ending = watch.run()
    if watch.told:
        os._exit(1)  # it is ours that has ended: nothing can be said of the student's
    _end(report, {"ending": ending.to_json()})


def _lock(walls: Walls, ends: Ends, report: socket.socket) -> None:
    try:
        lockdown.enter(walls, ends)
    except Exception as error:  # whatever it is, it is not the student's
        _end(report, {"fault": f"a wall could not be put up: {error}"})
    with suppress(OSError):
        wire.send(report, {"started": True})
    report.close()
    os.close(ends.alive)


def _end(report: socket.socket, message: dict[str, object]) -> NoReturn:
    with suppress(OSError):  # nobody waits for it any more
        wire.send(report, message)
    os._exit(0)


def _make_room(walls: Walls) -> None:
    """Namespaces of its own for the next child, and a scratch folder whose size is bounded."""
    user, group = os.getuid(), os.getgid()
    kernel.unshare(*kernel.NEW_NAMESPACES)
    kernel.map_user(user, group)
    kernel.keep_mounts_private()
    size = walls.limits.scratch
    quiet = kernel.NO_SUID | kernel.NO_DEVICES
    kernel.mount("tmpfs", walls.scratch, "tmpfs", quiet, f"size={size},nr_inodes={_entries(walls)},mode=0755")
    scratch.make_anew(Path(walls.scratch))
    kernel.mount(f"{walls.scratch}/shm", "/dev/shm", None, kernel.BIND)  # noqa: S108 - in the sandbox
    if walls.temporary:
        kernel.mount(f"{walls.scratch}/tmp", "/tmp", None, kernel.BIND)  # noqa: S108
    options = "newinstance,ptmxmode=0666,mode=0600"
    kernel.mount("devpts", "/dev/pts", "devpts", kernel.NO_SUID | kernel.NO_EXECUTION, options)


def _make_folder(walls: Walls) -> None:
    """Where there are no namespaces: an empty scratch folder, and a mark on this process and all that come from it."""
    scratch.make_anew(Path(walls.scratch))
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    if walls.tier == "landlock":
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        landlock.enter(None)
        with suppress(PermissionError):
            os.kill(os.getppid(), 0)
            raise OSError("signals leave the Landlock domain")


def _entries(walls: Walls) -> int:
    return walls.limits.scratch // _INODE


class Watch:
    """Watches one student's process.

    Attributes
    ----------
    told : bool
        Whether a signal has told it to end everything.
    """

    def __init__(self, student: int, walls: Walls, report: socket.socket, proc: int) -> None:
        self._student = student
        self._walls = walls
        self._report = report
        # Without a namespace, what has lost its parents is the monitor's, and has to be looked for below it.
        self._tree = Tree(student, proc) if walls.namespaces else Tree(os.getpid(), proc, below=True)
        self._began = time.monotonic()
        self._pidfd = os.pidfd_open(student)
        self.told = False
        self._group: tuple[int, int] | None = None  # what `cgroup.killed` and `cgroup.highest` read
        self._looks = 0
        self._cpu = 0.0
        self._memory = 0
        self._processes = 0

    def tell(self, *_: object) -> None:
        """End it at the next opportunity; a handler of signals."""
        self.told = True

    def run(self) -> Ending:
        """Wait for its end, or bring it about when it takes too much or nobody wants it any more."""
        cause: Cause | None = None
        while cause is None:
            left = self._began + self._walls.limits.wall - time.monotonic()
            ready = select.select([self._pidfd, self._report.fileno()], [], [], max(0.0, min(INTERVAL, left)))[0]
            if self._report.fileno() in ready and not self._heard():
                cause = "died"
            elif self._pidfd in ready:
                break
            else:
                cause = "died" if self.told else self._too_much(left)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
        _, status, taken = os.wait4(self._student, 0)
        self._cpu = max(self._cpu, taken.ru_utime + taken.ru_stime)
        if not self._walls.namespaces:
            self._clear()
        code = os.waitstatus_to_exitcode(status)
        if cause is None and self._cpu >= self._walls.limits.cpu:
            cause = "cpu"
        if self._out_of_memory():  # the kernel was there first
            cause = "memory"
        return Ending(cause or ("finished" if code == 0 else "died"), code, self._usage())

    def _heard(self) -> bool:
        """Hear what the supervisor says; whether it is to go on."""
        try:
            message, descriptors = wire.receive(self._report)
        except (OSError, ValueError):
            return False
        if message is not None and len(descriptors) == 2:
            self._group = (descriptors[0], descriptors[1])
            return True
        return False

    def _out_of_memory(self) -> bool:
        return self._group is not None and cgroup.killed(self._group[0]) > 0

    def _clear(self) -> None:
        """Where the kernel does not do it: end what the process has left behind, and remove its files."""
        while True:
            if self._walls.tier == "landlock":
                with suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)  # reaches the domain and nothing else
            else:
                self._tree.kill()
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                break
        scratch.empty(Path(self._walls.scratch))

    def _too_much(self, left: float) -> Cause | None:
        if left <= 0:
            return "time"
        self._looks += 1
        exactly = self._looks % _EXACTLY_EACH == 1
        sample = self._look(exactly=exactly)
        limits = self._walls.limits
        if sample.cpu > limits.cpu:
            return "cpu"
        if self._out_of_memory() or (self._group is None and sample.memory > limits.memory):
            return "memory"
        if sample.processes > limits.processes:
            return "processes"
        if exactly and not self._walls.namespaces and self._too_many_files():
            return "files"
        return None

    def _look(self, *, exactly: bool) -> Sample:
        if self._group is not None:
            return self._noted(self._tree.sample(enough=None))
        held = self._held()
        sample = self._tree.sample(enough=0 if exactly else self._walls.limits.memory - held)
        sample = replace(sample, memory=sample.memory + held)
        if sample.exact:
            self._memory = max(self._memory, sample.memory)
        return self._noted(sample)

    def _noted(self, sample: Sample) -> Sample:
        self._cpu = max(self._cpu, sample.cpu)
        self._processes = max(self._processes, sample.processes)
        return sample

    def _held(self) -> int:
        """Bytes in the scratch folder, where that is memory."""
        if not self._walls.namespaces:
            return 0
        space = os.statvfs(self._walls.scratch)
        return (space.f_blocks - space.f_bfree) * space.f_frsize

    def _too_many_files(self) -> bool:
        most = _entries(self._walls)
        size, entries = scratch.taken(Path(self._walls.scratch), most=most)
        return entries > most or size + self._tree.unnamed(self._walls.scratch) > self._walls.limits.scratch

    def _usage(self) -> Usage:
        measured_by, memory = "pss", self._memory
        if self._group is not None:
            measured_by, memory = "cgroup", cgroup.highest(self._group[1])
        return Usage(round(time.monotonic() - self._began, 4), round(self._cpu, 4), memory, measured_by, self._processes)
