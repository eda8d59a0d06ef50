"""The system calls that a student's process has no use for, refused by a filter that neither it nor its children can leave.

The filter is a program for the kernel's packet-filter machine, made here from a table, so that no library is needed. What is
refused fails with ``EPERM``; calls that are newer than the table do not exist (``ENOSYS``), nor does ``clone3``, whose flags
a filter cannot see: libraries then use ``clone``, whose flags it can. A call in another architecture's numbers ends the
process. Descriptors that are there stay usable; new sockets are pairs only, without an address to send to.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterable
from functools import cache

from workbench.grading.sandbox import kernel

_ARCHITECTURES = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_LAST_KNOWN = 456  # futex_requeue; the 32-bit calls of x86-64 lie far above as well

# Number on x86_64 and on aarch64; None where there is no such call.
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # namespaces and mounts
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    # wide doors into the kernel
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "personality": (135, 92),
    "modify_ldt": (154, None),
    "vmsplice": (278, 75),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # memory that outlives or evades a process
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmctl": (31, 195),
    "shmat": (30, 196),
    "semget": (64, 190),
    "semctl": (66, 191),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "mq_timedsend": (242, 182),
    "mq_timedreceive": (243, 183),
    "mq_notify": (244, 184),
    "mq_getsetattr": (245, 185),
    # sockets with an address
    "socket": (41, 198),
    "bind": (49, 200),
    "connect": (42, 203),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    # the machine
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "iopl": (172, None),
    "ioperm": (173, None),
}
_FILE_METADATA: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
}
_OF_ANY_PROCESS = {  # the first argument names a process; 0 is oneself
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "sched_setattr": (314, 274),
}
_OF_ANY_KIND = {  # the first argument says what the second names; by the third number here, a process
    "setpriority": (141, 140, 0),
    "ioprio_set": (251, 30, 1),
}
_SOME = {  # refused with certain arguments
    "clone": (56, 220),
    "clone3": (435, 435),
    "socketpair": (53, 199),
    "prctl": (157, 167),
    "ioctl": (16, 29),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
}

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _GREATER, _ANY_BIT = 0x15, 0x25, 0x45
_ALLOW, _ERRNO, _KILL = 0x7FFF_0000, 0x0005_0000, 0x8000_0000
_REFUSE = _ERRNO | errno.EPERM
_NUMBER, _ARCHITECTURE = 0, 4  # where struct seccomp_data has them
_NEW_NAMESPACE = sum(kernel.NEW_NAMESPACES.values()) | 0x80  # time as well
_UNIX, _STREAM, _SEQUENCE = 1, 1, 5
_INJECT_INPUT, _CONSOLE = 0x5412, 0x541C  # TIOCSTI, TIOCLINUX
_SIGKILL = 9
_PR_SET_SECCOMP, _FILTER = 22, 2

_STEP = struct.Struct("HBBI")
_Step = tuple[int, int, int, int]  # code, steps to skip if true, if false, value


def supported() -> bool:
    """Whether there is a table for this machine."""
    return os.uname().machine in _ARCHITECTURES


def enter(*, first: bool) -> None:
    """Refuse these calls from now on, for this process and all that it starts.

    Parameters
    ----------
    first : bool
        Whether it is the first process of namespaces of its own. The kernel would not let such a one kill itself; here it
        can. Elsewhere it could change what Landlock does not protect: modes and times of the user's files, which are
        left as they are although the call succeeds, and limits and priorities of the user's other processes.

    Raises
    ------
    OSError
        Where there is no table for this machine, or the kernel takes no filter.
    """
    packed = _packed(os.uname().machine, first)
    code = ctypes.create_string_buffer(packed)
    head = ctypes.create_string_buffer(struct.pack("HP", len(packed) // _STEP.size, ctypes.addressof(code)))
    kernel.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(head))


def prepare() -> None:
    """Make the filters, where there is a table for this machine, so that `enter` finds them made."""
    if supported():
        for first in (False, True):
            _packed(os.uname().machine, first)


@cache
def _packed(machine: str, first: bool) -> bytes:
    return b"".join(_STEP.pack(*step) for step in program(machine, first=first))


def program(machine: str, *, first: bool) -> list[_Step]:
    """The filter for an architecture, a step of the machine an entry: ``(code, skip if true, skip if false, value)``."""
    if machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no table of system calls for {machine}")
    column = list(_ARCHITECTURES).index(machine)
    some = {name: numbers[column] for name, numbers in _SOME.items()}
    steps: list[_Step] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_GREATER, 0, 1, _LAST_KNOWN),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
    ]
    for numbers in _REFUSED.values():
        number = numbers[column]
        if number is not None:
            steps += _when(number, [(_RETURN, 0, 0, _REFUSE)])
    steps += _when(some["clone3"], [(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)])
    steps += _when(some["clone"], [_argument(0), (_ANY_BIT, 0, 1, _NEW_NAMESPACE), (_RETURN, 0, 0, _REFUSE), _ALLOWED])
    steps += _when(some["socketpair"], _only_unix_pairs())
    steps += _when(some["prctl"], [_argument(0), *_refuse_values([kernel.PR_SET_PDEATHSIG])])
    steps += _when(some["ioctl"], [_argument(1), *_refuse_values([_INJECT_INPUT, _CONSOLE])])
    steps += _apart(column) if not first else []
    if first:
        for name, signal in (("kill", 1), ("tkill", 1), ("tgkill", 2)):
            steps += _when(some[name], _ends_itself(signal))
    return [*steps, _ALLOWED]


def _apart(column: int) -> list[_Step]:
    """What namespaces would have seen to."""
    steps: list[_Step] = []
    for numbers in _FILE_METADATA.values():
        number = numbers[column]
        if number is not None:
            steps += _when(number, [(_RETURN, 0, 0, _ERRNO)])  # honest code copies files with their modes
    oneself: list[_Step] = [(_EQUAL, 0, 1, 0), _ALLOWED, (_RETURN, 0, 0, _REFUSE)]
    for pair in _OF_ANY_PROCESS.values():
        steps += _when(pair[column], [_argument(0), *oneself])
    for *numbers_of, process in _OF_ANY_KIND.values():
        steps += _when(
            numbers_of[column], [_argument(0), (_EQUAL, 1, 0, process), (_RETURN, 0, 0, _REFUSE), _argument(1), *oneself]
        )
    return steps


_ALLOWED: _Step = (_RETURN, 0, 0, _ALLOW)


def _argument(number: int) -> _Step:
    """Load the lower half of an argument: what the kernel takes of it, these being ints."""
    return (_LOAD, 0, 0, 16 + 8 * number)


def _when(number: int, steps: list[_Step]) -> list[_Step]:
    """These steps, which end by returning, for one system call; otherwise what follows."""
    return [(_EQUAL, 0, len(steps), number), *steps]


def _refuse_values(values: Iterable[int]) -> list[_Step]:
    steps: list[_Step] = []
    for value in values:
        steps += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _REFUSE)]
    return [*steps, _ALLOWED]


def _only_unix_pairs() -> list[_Step]:
    # Not datagrams: even one of a pair may be sent to any address.
    return [
        _argument(0),
        (_EQUAL, 0, 5, _UNIX),
        _argument(1),
        (_AND, 0, 0, 0xF),
        (_EQUAL, 1, 0, _STREAM),
        (_EQUAL, 0, 1, _SEQUENCE),
        _ALLOWED,
        (_RETURN, 0, 0, _REFUSE),
    ]


def _ends_itself(signal: int) -> list[_Step]:
    return [
        _argument(0),
        (_EQUAL, 0, 3, 1),
        _argument(signal),
        (_EQUAL, 0, 1, _SIGKILL),
        (_RETURN, 0, 0, _KILL),
        _ALLOWED,
    ]
