"""Files by name as one archive or one folder: written the same way each time, read with suspicion.

An archive that came by mail can name files outside of its folder, hold one name twice, hide a link, or unpack to more than
the disk holds. All of that is refused here, before a byte is used, and nothing is unpacked by the zip library.
"""

from __future__ import annotations

import io
import os
import re
import stat
import zlib
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lifecycle.artifacts import replace_file
from lifecycle.develop.record.manifest import BundleError

MOST_FILES = 1_000
LARGEST_FILE = 256 * 1024**2
LARGEST = 512 * 1024**2
"""In bytes, one file and all of them together; unpacked."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_MODE = 0o100644


def write_archive(files: Mapping[str, bytes], place: Path) -> Path:
    """Write `files` as a zip archive: sorted, one fixed date, not compressed, since compressors differ."""
    return _written(place, archive_of(files))


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """The bytes of `write_archive`: equal files give equal bytes, with every Python and on every system.

    Raises
    ------
    BundleError
        For a name that `read_files` would refuse, or more than it would read.
    """
    for name in files:
        check_name(name)
    _unique(list(files))
    _size(files)
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:
        for name in sorted(files):
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # as on Unix, wherever it is made
            entry.external_attr = _MODE << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def write_folder(files: Mapping[str, bytes], place: Path) -> Path:
    """Write `files` below the folder `place`, which must be new or empty."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise BundleError("there is something already", where=place.name, remedy="name a folder that is new or empty")
    for name, data in sorted(files.items()):
        check_name(name)
        _written(place / name, data)
    return place


def read_files(place: Path) -> dict[str, bytes]:
    """Read an archive or a folder whole.

    Raises
    ------
    BundleError
        When it is neither; for a name outside of it, twice in it, or one that not every system can hold; for a link,
        an encrypted or damaged file, and where it holds more than `MOST_FILES` files or `LARGEST` bytes.
    """
    if place.is_symlink():
        raise BundleError("a link, and no bundle itself", where=place.name, remedy="name the file that it leads to")
    if place.is_dir():
        return _read_folder(place)
    if not place.is_file():
        raise BundleError("there is no such bundle", where=place.name)
    return read_archive(archive_bytes(place), where=place.name)


def archive_bytes(place: Path) -> bytes:
    """The bytes of an archive; `BundleError` for a file larger than any bundle, before it is read."""
    if place.stat().st_size > LARGEST + 1024**2:
        raise BundleError(f"larger than {LARGEST:,} bytes", where=place.name)
    return place.read_bytes()


def read_archive(data: bytes, *, where: str) -> dict[str, bytes]:
    """Read the bytes of a zip archive; errors as in `read_files`."""
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _examine(entries, where)
            return {entry.filename: _content(archive, entry, where) for entry in entries}
    except (BadZipFile, EOFError, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise BundleError(f"not a zip archive that can be read: {error}", where=where) from error


def check_name(name: str, where: str = "") -> None:
    """Raise `BundleError` for a file name that leads out of a folder, or that some system cannot hold."""
    parts = name.split("/")
    fine = _NAME.fullmatch(name) and len(name) <= 200 and not any(_RESERVED.fullmatch(part) for part in parts)
    if not fine or any(part.endswith(".") for part in parts):
        raise BundleError(f"{name[:100]!r} is not a name that a file of a bundle can have", where=where,
                          tried="letters, digits, `_`, `-`, `.` and `/` within one folder")  # fmt: skip


def _examine(entries: list[ZipInfo], where: str) -> None:
    """Judge the archive by its table of contents, before anything is unpacked."""
    if len(entries) > MOST_FILES:
        raise BundleError(f"{len(entries):,} files; no bundle has more than {MOST_FILES:,}", where=where)
    for entry in entries:
        check_name(entry.filename, where)
        place = f"{where}: {entry.filename}"
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise BundleError("not an ordinary file but a link, a folder or a device", where=place)
        if entry.flag_bits & 0x1:
            raise BundleError("encrypted", where=place)
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise BundleError("packed in a way that is not read here", where=place)
        if entry.file_size > LARGEST_FILE:
            raise BundleError(f"says that it unpacks to {entry.file_size:,} bytes", where=place)
    _unique([entry.filename for entry in entries], where)
    if sum(entry.file_size for entry in entries) > LARGEST:
        raise BundleError(f"its files unpack to more than {LARGEST:,} bytes", where=where)


def _content(archive: ZipFile, entry: ZipInfo, where: str) -> bytes:
    """Unpack one file, and no more of it than the table of contents said."""
    place = f"{where}: {entry.filename}"
    try:
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise BundleError(f"damaged: {error}", where=place) from error
    if len(data) != entry.file_size:
        raise BundleError("holds more or less than it says", where=place)
    return data


def _read_folder(place: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for folder, folders, names in os.walk(place):
        for name in sorted(folders + names):
            path = Path(folder, name)
            inside = path.relative_to(place).as_posix()
            kind = path.lstat()
            if name in folders and stat.S_ISDIR(kind.st_mode):
                continue
            check_name(inside, place.name)
            if not stat.S_ISREG(kind.st_mode):
                raise BundleError("not an ordinary file but a link or a device", where=f"{place.name}: {inside}")
            total += kind.st_size
            if kind.st_size > LARGEST_FILE or total > LARGEST or len(files) >= MOST_FILES:
                raise BundleError("more than a bundle holds", where=f"{place.name}: {inside}")
            files[inside] = path.read_bytes()
    _unique(list(files), place.name)
    return files


def _unique(names: list[str], where: str = "") -> None:
    """Refuse names that are one file to some system, which ignores case, and a name that is a folder to another."""
    seen: dict[str, str] = {}
    for name in names:
        if name.lower() in seen:
            raise BundleError(f"two files are called {name!r}", where=where, tried="names, whatever their case")
        seen[name.lower()] = name
    for name in names:
        for parent in Path(name.lower()).parents:
            if parent.as_posix() in seen:
                raise BundleError(f"{seen[parent.as_posix()]!r} is a file and a folder", where=where)


def _size(files: Mapping[str, bytes]) -> None:
    largest = max(files, key=lambda name: len(files[name]), default="")
    total = sum(map(len, files.values()))
    if len(files) > MOST_FILES or total > LARGEST or (largest and len(files[largest]) > LARGEST_FILE):
        raise BundleError(f"{len(files):,} files of {total:,} bytes: more than a bundle may hold", where=largest,
                          tried=f"at most {LARGEST_FILE:,} bytes a file and {LARGEST:,} in all",
                          remedy="leave the rows out and refer to them (`rows=False`), or train on a sample")  # fmt: skip


def _written(place: Path, data: bytes) -> Path:
    replace_file(place, data)
    return place
