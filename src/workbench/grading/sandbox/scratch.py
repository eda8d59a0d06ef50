"""The scratch folder of a tier without mounts: made empty for each submission, and looked at for its size."""

from __future__ import annotations

import errno
import itertools
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("work", "home", "tmp", "shm")
_BLOCK = 512  # bytes, whatever the file system


def make_anew(folder: Path) -> None:
    """Remove all that is in `folder`, and make the empty folders of a submission in it."""
    empty(folder)
    for name in FOLDERS:
        (folder / name).mkdir()


def empty(folder: Path) -> None:
    """Remove all that is in `folder`, however deep and whatever its modes, and nothing that a link in it points to.

    Folders are moved up to the top one by one, so that no path grows and nothing recurses. Nobody else may be at work in it.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        token = secrets.token_hex(8)  # so that no name in there is met
        moved = (f"{token}-{number}" for number in itertools.count())
        while names := os.listdir(top):  # noqa: PTH208
            for name in names:
                if not stat.S_ISDIR(os.stat(name, dir_fd=top, follow_symlinks=False).st_mode):
                    os.unlink(name, dir_fd=top)
                    continue
                os.chmod(name, 0o700, dir_fd=top)
                _flatten(top, name, moved)
                os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)


def _flatten(top: int, name: str, moved: Iterator[str]) -> None:
    """Empty the folder `name` in `top`; the folders in it go to `top`, under the names that `moved` gives."""
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for entry in os.listdir(inner):  # noqa: PTH208
            if stat.S_ISDIR(os.stat(entry, dir_fd=inner, follow_symlinks=False).st_mode):
                os.chmod(entry, 0o700, dir_fd=inner)
                os.rename(entry, next(moved), src_dir_fd=inner, dst_dir_fd=top)
            else:
                os.unlink(entry, dir_fd=inner)
    finally:
        os.close(inner)


def taken(folder: Path, *, most: int) -> tuple[int, int]:
    """Bytes on the disk, and entries, below `folder`; stops counting at `most` entries."""
    size, entries = 0, 0
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    entries += 1
                    status = entry.stat(follow_symlinks=False)
                    size += status.st_blocks * _BLOCK
                    if stat.S_ISDIR(status.st_mode):
                        waiting.append(entry.path)
                    if entries > most:
                        return size, entries
        except OSError as error:  # gone meanwhile, mostly
            if error.errno == errno.ENAMETOOLONG:  # so deep that nothing can be seen of it
                return size, most + 1
    return size, entries
