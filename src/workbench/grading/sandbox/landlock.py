"""Landlock: what of the file system, the network and other processes this process and its children may still reach.

A domain only ever shrinks: whoever is in one can enter a narrower one, never leave. See landlock(7).
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable
from contextlib import suppress

from workbench.grading.sandbox import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
READ = _EXECUTE | _READ_FILE | _READ_DIR
ALL = (1 << 16) - 1
DEVICE = _READ_FILE | _WRITE_FILE | _READ_DIR | _IOCTL
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_NETWORK = 0b11  # bind and connect, TCP
_SCOPES = 0b11  # abstract sockets, signals
_SINCE_SCOPES = 6
_KNOWN = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}


def version() -> int:
    """The kernel's version of Landlock; 0 where it has none."""
    try:
        return kernel.call(_CREATE, None, 0, _VERSION)
    except OSError:
        return 0


def scopes() -> bool:
    """Whether it keeps signals and abstract sockets within a domain."""
    return version() >= _SINCE_SCOPES


def enter(rules: Iterable[tuple[str, int]] | None) -> None:
    """Enter a domain in which `rules` alone say what may be done to files, and nothing outside of it can be reached.

    Parameters
    ----------
    rules : iterable of (path, rights) or None
        ``READ``, ``DEVICE``, ``ALL``, for a file or all beneath a folder; paths that do not exist are skipped. None leaves
        files alone, for a domain that only marks who may send signals to whom.

    Raises
    ------
    OSError
        Where the kernel has no Landlock. `kernel.PR_SET_NO_NEW_PRIVS` must have been set.
    """
    known = version()
    files = _KNOWN.get(known, ALL) if rules is not None else 0
    network = _NETWORK if known >= 4 else 0
    scoped = _SCOPES if known >= _SINCE_SCOPES else 0
    size = 24 if scoped else 16 if network else 8  # what older kernels know of the structure
    ruleset = kernel.call(_CREATE, struct.pack("QQQ", files, network, scoped), size, 0)
    try:
        for path, rights in rules or ():
            with suppress(FileNotFoundError):
                _allow(ruleset, path, rights & files)
        kernel.call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        kernel.call(_ADD, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)
