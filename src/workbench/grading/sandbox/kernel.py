"""System calls that Python has no function for, each raising `OSError` where it fails."""

from __future__ import annotations

import ctypes
import os
import struct
from functools import cache

NEW_NAMESPACES = {
    "mount": 0x0002_0000,
    "cgroup": 0x0200_0000,
    "uts": 0x0400_0000,
    "ipc": 0x0800_0000,
    "user": 0x1000_0000,
    "pid": 0x2000_0000,
    "net": 0x4000_0000,
}
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXECUTION = 1, 2, 4, 8
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x4_0000

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION_3 = 0x2008_0522


def prepare() -> None:
    """Look up what the functions below call, so that no child has to."""
    library = _libc()
    for name in ("syscall", "prctl", "unshare", "mount"):
        getattr(library, name)


def call(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call by its number."""
    words = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number), *words), f"system call {number}")


def prctl(option: int, value: int = 0, more: int = 0) -> None:
    """Change an attribute of this process."""
    words = [ctypes.c_ulong(one) for one in (value, more, 0, 0)]
    _checked(_libc().prctl(ctypes.c_int(option), *words), f"prctl {option}")


def unshare(*namespaces: str) -> None:
    """Leave the named namespaces for new ones; ``user`` needs a process with one thread."""
    flags = sum(NEW_NAMESPACES[name] for name in namespaces)
    _checked(_libc().unshare(ctypes.c_int(flags)), f"new namespaces: {', '.join(namespaces)}")


def mount(source: str | None, target: str, kind: str | None, flags: int = 0, options: str = "") -> None:
    """Mount a file system, or change a mount, as mount(2) does."""
    words = [one.encode() if one is not None else None for one in (source, target, kind)]
    result = _libc().mount(*words, ctypes.c_ulong(flags), options.encode() or None)
    _checked(result, f"mount {kind or 'again'} at {target}")


def keep_mounts_private() -> None:
    """Let nothing that is mounted from now on be seen outside of this mount namespace."""
    mount(None, "/", None, RECURSIVE | PRIVATE)


def map_user(user: int, group: int) -> None:
    """In a new user namespace: let these, which this process had before it, exist there by their numbers, and no other."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as stream:  # noqa: PTH123
            stream.write(text)


def drop_capabilities() -> None:
    """Give up every capability; with ``PR_SET_NO_NEW_PRIVS`` set, nothing that is executed gets one back."""
    prctl(PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    header, none = struct.pack("Ii", _CAPABILITY_VERSION_3, 0), bytes(24)
    call(_CAPSET[os.uname().machine], header, none)


@cache  # what it looks up is looked up once, and before a process is forked
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{os.strerror(number)} ({what})")
    return result
