"""The files of a zip, one at a time, within limits, and never unpacked to the disk.

Nothing that an archive says is believed: sizes are counted while reading, names are only ever compared and shown, and what
is not a plain file is refused.
"""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import BinaryIO

from workbench.grading.arrivals.entry import WITHIN, ArchiveError, Budget, Caps, Entry, RefusedError, bad_path, stamped
from workbench.grading.people import names

_CHUNK = 1 << 16
_SMALL = 1 << 20  # bytes under which a ratio tells nothing: a page of zeros is no attack
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others let the archive choose how much memory is taken
_ENCRYPTED = 0x1 | 0x40 | 0x2000  # flag bits: encrypted, strongly, with its table of contents too
_EXTENDED_TIME = 0x5455


def of_bytes(data: bytes, caps: Caps = WITHIN, *, where: str = "") -> Iterator[Entry]:
    """The files of a zip that is at hand; see `of_stream`."""
    return of_stream(io.BytesIO(data), caps, where=where)


def of_stream(stream: BinaryIO, caps: Caps, *, where: str = "") -> Iterator[Entry]:
    """The files of an open zip, in the order of their paths; they can be read as long as it is open.

    Raises
    ------
    ArchiveError
        When it is no zip, or is over the limit on entries or on its table of contents.
    """
    try:
        archive = zipfile.ZipFile(_Guarded(stream, caps.contents))
    except (zipfile.BadZipFile, ValueError, OverflowError, struct.error, NotImplementedError, EOFError) as error:
        raise ArchiveError(f"not a zip that can be read: {error}", where=where) from error
    infos = archive.infolist()
    if len(infos) > caps.members:
        raise ArchiveError(f"{len(infos)} entries are more than {caps.members}", where=where)
    budget, seen = Budget(caps.total), set[str]()
    for info in sorted(infos, key=lambda info: info.filename):
        path = info.filename.replace("\\", "/")
        if path.endswith("/"):
            continue
        reason = _refusal(info, caps) or _collision(path, seen)
        yield Entry(path, _stamp(info), reason, None, partial(_inflated, archive, info, caps, budget))


class _Guarded(io.BufferedIOBase):
    """A stream for `zipfile` that gives away no more at once than a table of contents may have.

    The archive itself says how long its table of contents is, and it is read in one go.
    """

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self._stream, self._most = stream, most

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            data = self._stream.read(self._most + 1)
        else:
            data = self._stream.read(min(size, self._most + 1))
        if len(data) > self._most:
            raise zipfile.BadZipFile(f"its table of contents is larger than {self._most >> 20} MB")
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


def _refusal(info: zipfile.ZipInfo, caps: Caps) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return f"not a plain file: {'a symbolic link' if kind == stat.S_IFLNK else 'a device or the like'}"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.compress_type not in _METHODS:
        return "compressed by another method than deflate"
    if info.file_size > caps.file:
        return f"larger than {caps.file >> 20} MB"
    if info.file_size > _SMALL and info.file_size > caps.ratio * max(info.compress_size, 1):
        return f"compressed more than {caps.ratio:g} times"
    return bad_path(info.orig_filename, caps)


def _collision(path: str, seen: set[str]) -> str:
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
    if folded in seen:
        return "another file before it has the same name, but for upper and lower case"
    seen.add(folded)
    return ""


def _inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo, caps: Caps, budget: Budget) -> bytes:
    """The bytes of a member, counted as they come: what the archive says of its size may be wrong."""
    parts, size = [], 0
    try:
        with archive.open(info) as stream:
            while part := stream.read(_CHUNK):
                size += len(part)
                if size > caps.file:
                    raise RefusedError(f"larger than {caps.file >> 20} MB", where=names.shown(info.filename))
                budget.take(len(part))
                parts.append(part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise RefusedError(f"damaged: {str(error) or 'it ends too early'}", where=names.shown(info.filename)) from error
    except RuntimeError as error:  # what zipfile raises for a password
        raise RefusedError("encrypted", where=names.shown(info.filename)) from error
    return b"".join(parts)


def _stamp(info: zipfile.ZipInfo) -> datetime | None:
    """The member's time: the extra field in UTC where it has one, else the old stamp, taken as local time."""
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        if kind == _EXTENDED_TIME and length >= 5 and len(extra) >= 9 and extra[4] & 1:
            return stamped(struct.unpack("<i", extra[5:9])[0])
        extra = extra[4 + length :]
    try:
        return datetime(*info.date_time).astimezone() if info.date_time > (1980, 1, 1, 0, 0, 0) else None
    except (ValueError, OverflowError, OSError):
        return None
