"""What was handed in, as a folder, a zip or a single notebook: its files one at a time, within limits."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from workbench.grading.arrivals import zipped
from workbench.grading.arrivals.entry import DOCUMENTS, NOTEBOOK, ArchiveError, Budget, Caps, Entry, RefusedError, stamped
from workbench.grading.people import names


def entries(source: Path, caps: Caps | None = None) -> Iterator[Entry]:
    """The files of `source`, a folder or a zip, in the order of their paths; of a notebook or a document, that alone.

    Entries of a zip can be read while the iteration is under way.

    Raises
    ------
    ArchiveError
        When it is none of these, or is over the limit on entries.
    """
    caps = caps or Caps()
    if source.is_dir():
        yield from _of_folder(source, caps)
        return
    try:
        stream = _opened(source, follow=True)
    except OSError as error:
        raise ArchiveError(f"cannot be read: {error.strerror}", where=str(source)) from error
    with stream:
        if source.name.lower().endswith((*NOTEBOOK, *DOCUMENTS)):
            yield _entry(source, source.name, os.fstat(stream.fileno()), caps, Budget(caps.total))
        else:
            yield from zipped.of_stream(stream, caps, where=str(source))


def _of_folder(source: Path, caps: Caps) -> Iterator[Entry]:
    found: list[tuple[str, os.stat_result]] = []
    closed: dict[str, str] = {}
    folders, seen = [(source, "")], 0
    while folders:
        folder, prefix = folders.pop()
        try:
            with os.scandir(folder) as listing:
                items = list(islice(listing, caps.members - seen + 1))
            listed = [(item.name, item.stat(follow_symlinks=False)) for item in items]
        except OSError as error:
            closed[prefix.removesuffix("/")] = f"a folder that cannot be read: {error.strerror}"
            continue
        seen += len(items)
        if seen > caps.members:
            raise ArchiveError(f"more than {caps.members} entries", where=str(source))
        for name, facts in listed:
            path = prefix + name
            if not stat.S_ISDIR(facts.st_mode):
                found.append((path, facts))
            elif path.count("/") < caps.depth:
                folders.append((folder / name, f"{path}/"))
            else:
                closed[path] = "a folder too deep within others"
    yield from (Entry(_readable(path), None, reason) for path, reason in sorted(closed.items()))
    budget = Budget(caps.total)
    for path, facts in sorted(found, key=lambda pair: pair[0]):
        yield _entry(source / path, path, facts, caps, budget)


def _entry(file: Path, path: str, facts: os.stat_result, caps: Caps, budget: Budget) -> Entry:
    """A file on the disk; `path` is what it is called within its source."""
    reason = "" if stat.S_ISREG(facts.st_mode) else "not a plain file"
    if not reason and facts.st_size > caps.file:
        reason = f"larger than {caps.file >> 20} MB"
    return Entry(_readable(path), stamped(facts.st_mtime), reason, file, partial(_plain, file, caps, budget))


def _readable(path: str) -> str:
    """A path of the disk as valid text: bytes that are none are written as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _plain(path: Path, caps: Caps, budget: Budget) -> bytes:
    where = names.shown(str(path))
    try:
        with _opened(path, follow=False) as stream:
            data = stream.read(caps.file + 1)
    except OSError as error:
        raise RefusedError(f"cannot be read: {error.strerror}", where=where) from error
    if len(data) > caps.file:
        raise RefusedError(f"larger than {caps.file >> 20} MB", where=where)
    budget.take(len(data))
    return data


def _opened(path: Path, *, follow: bool) -> BinaryIO:
    """The file, if it is a plain one: it may have been exchanged since it was listed, and opening another kind may block."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    stream = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise OSError(errno.EINVAL, "not a plain file")
    return stream
