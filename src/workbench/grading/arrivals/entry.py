"""One file that was handed in, and the limits within which it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import GradingError
from workbench.grading.people import names

NOTEBOOK = (".ipynb", ".ipynb.txt", ".ipynb.json")
"""Endings of a notebook's name in lower case: its own, and what browsers and mail programs make of it."""

DOCUMENTS = (".doc", ".docx", ".md", ".odt", ".pdf", ".rtf", ".txt")
"""Endings of what is handed in in place of a notebook, and can be read by a person."""


class ArchiveError(GradingError):
    """A folder or an archive that cannot be read at all."""


class RefusedError(GradingError):
    """One file of a folder or an archive that is not taken; the others are."""


@dataclass(frozen=True)
class Caps:
    """Limits on what is read.

    Attributes
    ----------
    members : int
        Entries of a folder or archive, whatever they are.
    contents : int
        Bytes of an archive's table of contents.
    file : int
        Bytes of one file.
    total : int
        Bytes read of all files together.
    ratio : float
        How many times larger than its compressed form a file may be.
    depth : int
        Folders within folders, below a folder.
    path : int
        Characters of a path.
    """

    members: int = 20_000
    contents: int = 4 << 20
    file: int = 20 << 20
    total: int = 4 << 30
    ratio: float = 200.0
    depth: int = 12
    path: int = 1_000


WITHIN = Caps(members=2_000, contents=1 << 20, file=20 << 20, total=64 << 20)
"""Limits for an archive that a student handed in."""


@dataclass
class Budget:
    """What may still be read of one source."""

    left: int

    def take(self, size: int) -> None:
        """Count `size` bytes.

        Raises
        ------
        RefusedError
            When that is more than is left.
        """
        self.left -= size
        if self.left < 0:
            raise RefusedError("the limit on all files together is reached")


@dataclass(frozen=True)
class Entry:
    """One file of a folder or an archive, not read yet.

    Attributes
    ----------
    path : str
        Within its source, with forward slashes; hostile text, for comparing and showing only.
    stamp : datetime or None
        Its time stamp, where it has a usable one.
    refused : str
        Why it is not taken; empty where it may be read.
    file : Path or None
        Where it lies, when the source is a folder.
    """

    path: str
    stamp: datetime | None
    refused: str = ""
    file: Path | None = None
    _read: Callable[[], bytes] = field(default=lambda: b"", repr=False, compare=False)

    @property
    def is_notebook(self) -> bool:
        """Whether its name is a notebook's, also with what browsers and mail programs hang on: ``.ipynb.txt``."""
        return self.path.lower().endswith(NOTEBOOK)

    @property
    def is_archive(self) -> bool:
        """Whether its name is a zip's."""
        return self.path.lower().endswith(".zip")

    def read(self) -> bytes:
        """Its bytes.

        Raises
        ------
        RefusedError
            When it is refused, larger than allowed, or damaged.
        """
        if self.refused:
            raise RefusedError(self.refused, where=names.shown(self.path))
        return self._read()


def ending(path: str) -> str:
    """What the name of a file that is no notebook ends with here: its own ending, or ``.file`` for what may be a program."""
    return next((one for one in DOCUMENTS if path.lower().endswith(one)), ".file")


def bad_path(path: str, caps: Caps) -> str:
    """Why a path within an archive is refused: it leads out, or cannot be a path at all; empty for a good one."""
    parts = path.replace("\\", "/").split("/")
    if len(path) > caps.path or len(parts) > caps.depth + 1:
        return "its path is too long"
    if "\0" in path:
        return "its path has a zero byte in it"
    if ".." in parts or not parts[0] or parts[0][1:2] == ":":
        return "its path leads out of the archive"
    return ""


def stamped(seconds: float) -> datetime | None:
    """A time stamp from seconds since 1970, in UTC; None where there is no such time.

    In even seconds, as zips have them: the same file has one time in a folder and in a zip of it.
    """
    try:
        return datetime.fromtimestamp(seconds // 2 * 2, UTC)
    except (ValueError, OverflowError, OSError):
        return None
