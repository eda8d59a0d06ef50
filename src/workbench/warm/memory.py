"""The memory of a process that is to be forked: garbage let go, the rest in few large pages.

Most of what a fork takes, and as much again when the child ends, goes into copying and dropping the page tables of what the
libraries occupy. Pages of two megabytes have one entry where there would be 512.
"""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path

_LARGE = 2 << 20  # bytes; on a processor with other sizes nothing is collapsed
_COLLAPSE = 25  # MADV_COLLAPSE, Linux 6.1
_OBJECT = 496  # bytes, of those that Python itself finds room for
_HEAD = 33  # bytes of them that are not content
_APART = 1900  # objects, fewer than fill one of the megabytes that Python takes at a time


def in_one_piece(size: int) -> list[bytes]:
    """Have Python take `size` bytes for its objects at once, so that they lie together whatever is imported meanwhile.

    Otherwise each megabyte lies where the libraries that were just loaded have left room, and few make up a large page.

    Returns
    -------
    list of bytes
        What keeps the room from being given back; to be dropped when all is imported.
    """
    taken = [b""] * (size // _OBJECT)  # made before them: a list that grows would come to lie between them
    for number in range(len(taken)):
        taken[number] = bytes(_OBJECT - _HEAD)
    return taken[::_APART]


def settle() -> None:
    """Make this process cheap to fork; to be called once, when all is imported."""
    gc.collect()
    gc.freeze()  # a child's collector then leaves the pages alone that it shares
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "malloc_trim"):  # not in every C library
        libc.malloc_trim(0)
    for first, end in _regions():
        for address in range(-(-first // _LARGE) * _LARGE, end - _LARGE + 1, _LARGE):
            # Refused where the kernel has none to spare, or does not know how: then it stays as it is.
            libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(_LARGE), _COLLAPSE)


def _regions() -> list[tuple[int, int]]:
    """First and last address of what this process has written to and no file holds."""
    found = []
    for line in Path("/proc/self/maps").read_text(encoding="ascii", errors="replace").splitlines():
        addresses, rights, _, _, inode, *name = line.split(None, 5)
        if rights == "rw-p" and inode == "0" and name != ["[stack]"]:
            first, end = addresses.split("-")
            found.append((int(first, 16), int(end, 16)))
    return found
