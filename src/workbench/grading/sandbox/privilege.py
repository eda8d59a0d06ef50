"""Run by root as a script: gives up being root, where what is needed can still be read, then executes a command.

``python privilege.py USER PATHS COMMAND ...``, with PATHS as JSON. A user other than root cannot pass through a folder that
only root may enter, such as a home with the interpreter in it. So, in a mount namespace of its own, such a folder is
replaced by an empty one that everybody may pass through, and each of the paths is put back in its place. Imports nothing of
the engine.
"""

from __future__ import annotations

import ctypes
import json
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

_NEW_MOUNTS = 0x0002_0000
_BIND, _RECURSIVE, _PRIVATE = 0x1000, 0x4000, 0x4_0000


def main() -> None:
    """See the module."""
    user, paths = int(sys.argv[1]), [Path(path) for path in json.loads(sys.argv[2])]
    closed = closed_folders(paths)
    if closed:
        _open_up(closed, paths)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    os.execvp(sys.argv[3], sys.argv[3:])  # noqa: S606 - what we were given


def closed_folders(paths: Iterable[Path]) -> list[Path]:
    """The outermost folders above `paths` that not everybody may pass through."""
    found: set[Path] = set()
    for path in paths:
        for folder in reversed(path.parents):
            if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
                found.add(folder)
                break
    return sorted(found)


def _open_up(closed: Iterable[Path], paths: Iterable[Path]) -> None:
    library = ctypes.CDLL(None, use_errno=True)

    def mount(*arguments: bytes | None, flags: int, options: bytes | None = None) -> None:
        if library.mount(*arguments, ctypes.c_ulong(flags), options) < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{os.strerror(number)} (mount {arguments[1]!r})")

    if library.unshare(_NEW_MOUNTS) < 0:
        raise OSError(ctypes.get_errno(), "a mount namespace is refused, and only root can reach the interpreter")
    os.umask(0o022)
    mount(None, b"/", None, flags=_RECURSIVE | _PRIVATE)
    for folder in closed:
        # Opened first: once the folder is covered, this is the only way to them.
        kept = {path: os.open(path, os.O_PATH) for path in sorted(paths) if path.is_relative_to(folder)}
        folders = {path for path in kept if path.is_dir()}
        mount(b"tmpfs", bytes(folder), b"tmpfs", flags=0, options=b"mode=0711")
        for path, descriptor in kept.items():
            if path.exists():  # beneath one that is back already
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            if path in folders:
                path.mkdir()
            else:
                path.touch()
            mount(f"/proc/self/fd/{descriptor}".encode(), bytes(path), None, flags=_BIND | _RECURSIVE)
            os.close(descriptor)


if __name__ == "__main__":
    main()
