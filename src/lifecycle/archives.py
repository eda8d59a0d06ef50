"""Files by name as one archive or one folder: written the same way each time, read with suspicion.

What came by mail can name files outside of its folder, hold one name twice, hide a link, or unpack to more than the disk
holds. All of that is refused here, before a byte is used, and nothing is unpacked by the zip library.
"""

from __future__ import annotations

import io
import os
import re
import stat
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from lifecycle.artifacts import replace_file
from lifecycle.errors import LifecycleError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_MODE = 0o100644


@dataclass(frozen=True)
class Archives:
    """One sort of archive: what it is called, what is raised, and how much it may hold.

    Attributes
    ----------
    noun : str
        ``"bundle"``, in messages.
    error : type
        What is raised for an archive or a folder that is none of this sort.
    most_files : int
    largest_file, largest : int
        In bytes, one file and all of them together; unpacked.
    remedy : str
        What to do where there is more than may be written.
    missing : str
        What to do where there is no such archive.
    """

    noun: str
    error: type[LifecycleError]
    most_files: int
    largest_file: int
    largest: int
    remedy: str = ""
    missing: str = ""

    def pack(self, files: Mapping[str, bytes]) -> bytes:
        """Pack `files` into a zip archive: equal files give equal bytes, with every Python and on every system.

        They are sorted, have one fixed date, and are not compressed, since compressors differ.

        Raises
        ------
        LifecycleError
            For a name that `read` would refuse, or more than it would read.
        """
        for name in files:
            self.check_name(name)
        self._unique(list(files))
        self._size(files)
        buffer = io.BytesIO()
        with ZipFile(buffer, "w", ZIP_STORED) as archive:
            for name in sorted(files):
                entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
                entry.create_system = 3  # as on Unix, wherever it is made
                entry.external_attr = _MODE << 16
                archive.writestr(entry, files[name])
        return buffer.getvalue()

    def write_folder(self, files: Mapping[str, bytes], place: Path) -> Path:
        """Write `files` below the folder `place`, which must be new or empty."""
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise self.error("there is something already", where=place.name, remedy="name a folder that is new or empty")
        for name, data in sorted(files.items()):
            self.check_name(name)
            replace_file(place / name, data)
        return place

    def read(self, place: Path) -> dict[str, bytes]:
        """Read an archive or a folder whole.

        Raises
        ------
        LifecycleError
            When it is neither; for a name outside of it, twice in it, or one that not every system can hold; for a link,
            an encrypted or damaged file, and where it holds more than `most_files` files or `largest` bytes.
        """
        if place.is_symlink():
            raise self.error(f"a link, and no {self.noun} itself", where=place.name, remedy="name the file that it leads to")
        if place.is_dir():
            return self._read_folder(place)
        if not place.is_file():
            raise self.error(f"there is no such {self.noun}", where=place.name, remedy=self.missing)
        return self.unpack(self.bytes_of(place), where=place.name)

    def bytes_of(self, place: Path) -> bytes:
        """The bytes of the archive `place`, which is refused unread where it is larger than any can be."""
        if place.stat().st_size > self.largest + 1024**2:
            raise self.error(f"larger than {self.largest:,} bytes", where=place.name)
        return place.read_bytes()

    def unpack(self, data: bytes, *, where: str) -> dict[str, bytes]:
        """Read the bytes of a zip archive; errors as in `read`."""
        try:
            with ZipFile(io.BytesIO(data)) as archive:
                entries = archive.infolist()
                self._examine(entries, where)
                return {entry.filename: self._content(archive, entry, where) for entry in entries}
        except (BadZipFile, EOFError, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
            raise self.error(f"not a zip archive that can be read: {error}", where=where) from error

    def check_name(self, name: str, where: str = "") -> None:
        """Refuse a file name that leads out of a folder, or that some system cannot hold."""
        parts = name.split("/")
        fine = _NAME.fullmatch(name) and len(name) <= 200 and not any(_RESERVED.fullmatch(part) for part in parts)
        if not fine or any(part.endswith(".") for part in parts):
            raise self.error(f"{name[:100]!r} is not a name that a file of a {self.noun} can have", where=where,
                              tried="letters, digits, `_`, `-`, `.` and `/` within one folder")  # fmt: skip

    def _examine(self, entries: list[ZipInfo], where: str) -> None:
        """Judge the archive by its table of contents, before anything is unpacked."""
        if len(entries) > self.most_files:
            raise self.error(f"{len(entries):,} files; no {self.noun} has more than {self.most_files:,}", where=where)
        for entry in entries:
            self.check_name(entry.filename, where)
            place = f"{where}: {entry.filename}"
            kind = stat.S_IFMT(entry.external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise self.error("not an ordinary file but a link, a folder or a device", where=place)
            if entry.flag_bits & 0x1:
                raise self.error("encrypted", where=place)
            if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
                raise self.error("packed in a way that is not read here", where=place)
            if entry.file_size > self.largest_file:
                raise self.error(f"says that it unpacks to {entry.file_size:,} bytes", where=place)
        self._unique([entry.filename for entry in entries], where)
        if sum(entry.file_size for entry in entries) > self.largest:
            raise self.error(f"its files unpack to more than {self.largest:,} bytes", where=where)

    def _content(self, archive: ZipFile, entry: ZipInfo, where: str) -> bytes:
        """Unpack one file, and no more of it than the table of contents said."""
        place = f"{where}: {entry.filename}"
        try:
            with archive.open(entry) as stream:
                data = stream.read(entry.file_size + 1)
        except (BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
            raise self.error(f"damaged: {error}", where=place) from error
        if len(data) != entry.file_size:
            raise self.error("holds more or less than it says", where=place)
        return data

    def _read_folder(self, place: Path) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        total = 0
        for folder, folders, names in os.walk(place):
            for name in sorted(folders + names):
                path = Path(folder, name)
                inside = path.relative_to(place).as_posix()
                kind = path.lstat()
                if name in folders and stat.S_ISDIR(kind.st_mode):
                    continue
                self.check_name(inside, place.name)
                if not stat.S_ISREG(kind.st_mode):
                    raise self.error("not an ordinary file but a link or a device", where=f"{place.name}: {inside}")
                total += kind.st_size
                if kind.st_size > self.largest_file or total > self.largest or len(files) >= self.most_files:
                    raise self.error(f"more than a {self.noun} holds", where=f"{place.name}: {inside}")
                files[inside] = path.read_bytes()
        self._unique(list(files), place.name)
        return files

    def _unique(self, names: list[str], where: str = "") -> None:
        """Refuse names that are one file to some system, which ignores case, and a name that is a folder to another."""
        seen: dict[str, str] = {}
        for name in names:
            if name.lower() in seen:
                raise self.error(f"two files are called {name!r}", where=where, tried="names, whatever their case")
            seen[name.lower()] = name
        for name in names:
            for parent in Path(name.lower()).parents:
                if parent.as_posix() in seen:
                    raise self.error(f"{seen[parent.as_posix()]!r} is a file and a folder", where=where)

    def _size(self, files: Mapping[str, bytes]) -> None:
        largest = max(files, key=lambda name: len(files[name]), default="")
        total = sum(map(len, files.values()))
        if len(files) > self.most_files or total > self.largest or (largest and len(files[largest]) > self.largest_file):
            raise self.error(f"{len(files):,} files of {total:,} bytes: more than a {self.noun} may hold", where=largest,
                              tried=f"at most {self.largest_file:,} bytes a file and {self.largest:,} in all",
                              remedy=self.remedy)  # fmt: skip
