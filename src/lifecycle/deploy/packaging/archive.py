"""Files by name as one archive or one folder: written the same way each time, read with suspicion.

What arrives as a package can name files outside of its folder, hold a name twice, hide a link, or unpack to more than
the disk holds. All of that is refused before a byte is used, and nothing is written to the disk in order to read it.
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
from lifecycle.deploy.packaging.errors import PackageError

MOST_FILES = 200
LARGEST = 256 * 1024**2
"""In bytes, all files together, unpacked."""

_PART = r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*"
_NAME = re.compile(f"{_PART}(?:/{_PART}){{0,7}}")


def archive_of(files: Mapping[str, bytes]) -> bytes:
    """Pack `files` into a zip archive: equal files give equal bytes, with every Python and on every system."""
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_STORED) as archive:  # not compressed, since compressors differ
        for name in sorted(files):
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3  # as on Unix, wherever it is made
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def write_folder(files: Mapping[str, bytes], place: Path) -> None:
    """Write `files` below the folder `place`, which must be new or empty."""
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise PackageError("there is something already", where=place.name, remedy="name a folder that is new or empty")
    for name, data in sorted(files.items()):
        replace_file(place / name, data)


def read_files(place: Path) -> dict[str, bytes]:
    """Read an archive or a folder whole.

    Raises
    ------
    PackageError
        When it is neither; for a name outside of it or twice in it, a link, an encrypted or damaged file, and where it
        holds more than `MOST_FILES` files or `LARGEST` bytes.
    """
    if place.is_symlink():
        raise PackageError("a link, and no package itself", where=place.name, remedy="name the file that it leads to")
    if place.is_dir():
        return _read_folder(place)
    if not place.is_file():
        raise PackageError("there is no such package", where=place.name, remedy="lesson 07 builds one: `build_package`")
    if place.stat().st_size > LARGEST + 1024**2:
        raise PackageError(f"larger than {LARGEST:,} bytes", where=place.name)
    return _read_archive(place.read_bytes(), place.name)


def _read_archive(data: bytes, where: str) -> dict[str, bytes]:
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            _examine(entries, where)
            return {entry.filename: _content(archive, entry, where) for entry in entries}
    except (BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise PackageError(f"not a zip archive that can be read: {error}", where=where) from error


def _examine(entries: list[ZipInfo], where: str) -> None:
    """Judge the archive by its table of contents, before anything is unpacked."""
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
        raise PackageError(f"more than {MOST_FILES} files or {LARGEST:,} bytes", where=where)
    seen: set[str] = set()
    for entry in entries:
        place = f"{where}: {_checked(entry.filename, where)}"
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise PackageError("not an ordinary file but a link, a folder or a device", where=place)
        if entry.flag_bits & 0x1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise PackageError("encrypted, or packed in a way that is not read here", where=place)
        if entry.filename.lower() in seen:
            raise PackageError("this name is there twice, whatever its case", where=place)
        seen.add(entry.filename.lower())


def _content(archive: ZipFile, entry: ZipInfo, where: str) -> bytes:
    """Unpack one file, and no more of it than the table of contents said."""
    place = f"{where}: {entry.filename}"
    try:
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise PackageError(f"damaged: {error}", where=place) from error
    if len(data) != entry.file_size:
        raise PackageError("holds more or less than it says", where=place)
    return data


def _read_folder(place: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    total = 0
    for folder, folders, names in os.walk(place):
        for name in sorted(folders + names):
            path = Path(folder, name)
            kind = path.lstat()
            if name in folders and stat.S_ISDIR(kind.st_mode):
                continue
            inside = _checked(path.relative_to(place).as_posix(), place.name)
            total += kind.st_size
            if not stat.S_ISREG(kind.st_mode) or total > LARGEST or len(files) >= MOST_FILES:
                raise PackageError("not an ordinary file, or more than a package holds", where=f"{place.name}: {inside}")
            files[inside] = path.read_bytes()
    return files


def _checked(name: str, where: str) -> str:
    if len(name) > 200 or not _NAME.fullmatch(name):
        raise PackageError(f"{name[:100]!r} is not a name that a file of a package can have", where=where,
                           tried="letters, digits, `_`, `-` and inner dots, below one folder")  # fmt: skip
    return name
