"""Hostile archives and folders, as a learning platform would hand them out, each with one honest notebook in it.

Each says what `collect` must take from it: the notebooks of whom, and how many things it must name as refused at the least.
"""

# ruff: noqa: E501 - an attack stays in one piece

from __future__ import annotations

import io
import os
import socket
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STUDENTS = ("s001", "s002")
_GOOD = "s001/00_safe.ipynb"


@dataclass(frozen=True)
class Bundle:
    """A source for `collect`.

    Attributes
    ----------
    make : callable
        ``make(folder, notebook) -> path``: write it below `folder`, with the honest `notebook` in it.
    taken : tuple of str
        Students of whom exactly one notebook must be in the inbox afterwards.
    refused : int
        The least number of entries that must be named as refused or unmatched.
    unreadable : bool
        Whether the whole source must be refused.
    """

    name: str
    make: Callable[[Path, bytes], Path]
    taken: tuple[str, ...] = ("s001",)
    refused: int = 0
    unreadable: bool = False


def _zip(*members: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is a name twice is the point
        for name, data in members:
            made.writestr(name, data)
    return stream.getvalue()


def _special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system, info.external_attr = 3, mode << 16
    return info


def zipped(name: str, change: Callable[[bytes], list[tuple[str | zipfile.ZipInfo, bytes]]], **rest: object) -> Bundle:
    """A zip of the honest notebook and what `change` adds."""

    def make(folder: Path, notebook: bytes) -> Path:
        path = folder / "submissions.zip"
        path.write_bytes(_zip((_GOOD, notebook), *change(notebook)))
        return path

    return Bundle(name, make, **rest)  # type: ignore[arg-type]


def edited(name: str, change: Callable[[bytes], bytes], **rest: object) -> Bundle:
    """A zip of the honest notebook whose bytes were changed."""

    def make(folder: Path, notebook: bytes) -> Path:
        path = folder / "submissions.zip"
        path.write_bytes(change(_zip((_GOOD, notebook))))
        return path

    return Bundle(name, make, **rest)  # type: ignore[arg-type]


def foldered(name: str, change: Callable[[Path, bytes], None], **rest: object) -> Bundle:
    """A folder with the honest notebook and what `change` puts into it."""

    def make(folder: Path, notebook: bytes) -> Path:
        root = folder / "submissions"
        (root / "s001").mkdir(parents=True)
        (root / _GOOD).write_bytes(notebook)
        (root / "s002").mkdir()
        change(root, notebook)
        return root

    return Bundle(name, make, **rest)  # type: ignore[arg-type]


def _flagged(data: bytes) -> bytes:
    """Both headers say that the member is encrypted."""
    data = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.index(mark) + place
        data[start] |= 1
    return bytes(data)


def _claims(size: int) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        start = data.rindex(b"PK\x01\x02")
        return data[: start + 24] + struct.pack("<I", size) + data[start + 28 :]

    return change


def _overlapping(data: bytes) -> bytes:
    """A thousand entries in the table of contents, all of the same bytes."""
    start = data.rindex(b"PK\x01\x02")
    end = data.rindex(b"PK\x05\x06")
    entry = data[start:end]
    many = b"".join(entry.replace(b"s001/00_safe", f"s{number:03d}/00_safe".encode()) for number in range(1000))
    tail = data[end:]
    return data[:start] + many + tail[:8] + struct.pack("<HHII", 1000, 1000, len(many), start) + tail[20:]


def _devices(root: Path, _notebook: bytes) -> None:
    os.mkfifo(root / "s002" / "00_safe.ipynb")
    one = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(root / "s002")  # the path of a socket is short
    try:
        one.bind("02.ipynb")
    finally:
        os.chdir(here)
        one.close()


def _links(root: Path, _notebook: bytes) -> None:
    (root / "s002" / "00_safe.ipynb").symlink_to("/etc/passwd")
    (root / "s002" / "loop").symlink_to(root)
    (root / "away").symlink_to("/")


def _deep(root: Path, notebook: bytes) -> None:
    place = root / "s002"
    for _ in range(100):
        place = place / "d"
    place.mkdir(parents=True)
    (place / "00_safe.ipynb").write_bytes(notebook)


_TRAVERSALS = (
    "../escape.ipynb",
    "/escape.ipynb",
    "s002/../../../escape.ipynb",
    "..\\escape.ipynb",
    "C:\\escape.ipynb",
    "s002/..",
    "\\\\host\\escape.ipynb",
)
_BOMB = b"\0" * (80 << 20)

BUNDLES = (
    zipped("honest", lambda notebook: []),
    zipped("path-traversal", lambda notebook: [(name, notebook) for name in _TRAVERSALS], refused=1),
    zipped("symlink", lambda notebook: [(_special("s002/00_safe.ipynb", stat.S_IFLNK | 0o777), b"/etc/passwd")], refused=1),
    zipped("devices", lambda notebook: [(_special(f"s002/{kind}.ipynb", kind | 0o666), b"x") for kind in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK)],
           refused=1),
    zipped("bomb", lambda notebook: [("s002/00_safe.ipynb", _BOMB)], refused=1),
    zipped("bomb-in-a-zip-in-a-zip", lambda notebook: [("s002/all.zip", _zip(("inner.zip", _zip(("00_safe.ipynb", _BOMB)))))]),
    zipped("bomb-of-many", lambda notebook: [(f"s002/{number}/00_safe.ipynb", b" " * (4 << 20)) for number in range(40)]),
    zipped("many-members", lambda notebook: [(f"s002/{number}", b"") for number in range(25_000)], taken=(), unreadable=True),
    zipped("same-name-twice", lambda notebook: [("s002/00_safe.ipynb", notebook + b" "), ("s002/00_safe.ipynb", notebook + b"  ")], taken=("s001",)),
    zipped("names-that-differ-in-case", lambda notebook: [("S001/00_SAFE.ipynb", notebook + b" ")], taken=()),
    zipped("names-of-control-characters", lambda notebook: [("s002\x1b[2J\x07/00_safe.ipynb", notebook), ("s002/\u202e\u2066.ipynb", notebook + b" ")]),
    zipped("names-of-formulas", lambda notebook: [('=cmd|" /C calc"!A0/00_safe.ipynb', notebook), ("@SUM(1)/+1-1.ipynb", notebook + b" ")], refused=1),
    zipped("names-of-html", lambda notebook: [("<script>alert(1)</script>/<svg onload=alert(1)>.ipynb", notebook)], refused=1),
    zipped("names-of-a-thousand-characters", lambda notebook: [("n" * 3000 + "/00_safe.ipynb", notebook)], refused=1),
    zipped("names-of-shells", lambda notebook: [("s002/$(touch owned);`touch owned`.ipynb", notebook), ("-rf/00_safe.ipynb", notebook + b" ")]),
    zipped("inbox-names", lambda notebook: [("unmatched/00_safe.ipynb", notebook), ("../inbox/00_safe/s001/0001-000000000000.json", b"{}")], refused=1),
    zipped("yaml-and-pickles", lambda notebook: [("s002/config.yaml", b"!!python/object/apply:os.system ['touch owned']"), ("s002/model.pkl", b"cos\nsystem\n(S'touch owned'\ntR.")]),
    edited("truncated", lambda data: data[:-30], taken=(), unreadable=True),
    edited("noise", lambda data: os.urandom(5000), taken=(), unreadable=True),
    edited("encrypted", _flagged, taken=(), refused=1),
    edited("checksum-wrong", lambda data: data[:60] + bytes([data[60] ^ 0xFF]) + data[61:], taken=(), refused=1),
    edited("claims-to-be-small", _claims(10), taken=(), refused=1),
    edited("claims-to-be-huge", _claims(0xFFFFFFF0), taken=(), refused=1),
    edited("overlapping", _overlapping, taken=()),
    foldered("fifos-and-sockets", _devices, refused=1),
    foldered("links", _links, refused=1),
    foldered("deep", _deep),
    foldered("huge", lambda root, notebook: os.truncate(_made(root / "s002" / "00_safe.ipynb"), 500_000_000), refused=1),
    foldered("closed", lambda root, notebook: (_made(root / "s002" / "00_safe.ipynb").chmod(0), (root / "s002").chmod(0o700))[1]),
    foldered("bytes-that-are-no-text", lambda root, notebook: _named(root, b"s002\xff\xfe.ipynb", notebook)),
)  # fmt: skip


def _made(path: Path) -> Path:
    path.touch()
    return path


def _named(root: Path, name: bytes, notebook: bytes) -> None:
    with open(os.fsencode(root) + b"/" + name, "wb") as file:  # noqa: PTH123 - a path of bytes
        file.write(notebook)
