"""CSV files from and for other programs: rosters, policies, the gradebooks of learning platforms."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import GradingError

LARGEST = 32 << 20  # bytes of a table; a class of 10,000 with 100 columns has 10 MB
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff0b", "\uff0d", "\uff1d", "\uff20")


class TableError(GradingError):
    """A CSV file that cannot be read."""

    exit_code = 2


@dataclass(frozen=True)
class Table:
    """A CSV file: its header, its rows as they stand, and how it was written.

    Attributes
    ----------
    header : tuple of str
        Names of the columns, without blanks around them.
    rows : tuple of tuple of str
        Each as long as the header; empty lines are left out.
    lines : tuple of int
        The line on which each row ends, for messages.
    delimiter : str
        ``,``, ``;`` or a tabulator.
    where : str
        The file, for messages.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str = ","
    where: str = ""

    def column(self, *names: str) -> int | None:
        """Number of the first column that has one of `names`, in any case; None where there is none."""
        present = [name.casefold() for name in self.header]
        return next((present.index(name.casefold()) for name in names if name.casefold() in present), None)

    def records(self) -> Iterable[tuple[int, Mapping[str, str]]]:
        """Each row with its line, as a mapping from the column's name in lower case."""
        names = [name.casefold() for name in self.header]
        for line, row in zip(self.lines, self.rows, strict=True):
            pairs = zip(reversed(names), (cell.strip() for cell in reversed(row)), strict=True)
            yield line, dict(pairs)  # backwards: of two columns of one name, the first counts


def read(path: Path) -> Table:
    """Read a CSV file: UTF-8 (or UTF-16 with its mark), separated by commas, semicolons or tabulators.

    Raises
    ------
    TableError
        When it is missing, too large, not text, or has no header.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise TableError(f"the table is larger than {LARGEST >> 20} MB", where=str(path))
        data = path.read_bytes()
    except OSError as error:
        raise TableError(f"cannot be read: {error.strerror}", where=str(path)) from error
    return parse(data, where=str(path))


def parse(data: bytes, *, where: str = "") -> Table:
    """Read the bytes of a CSV file; see `read`."""
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(
            f"not UTF-8: {error.reason} at byte {error.start}", where=where, remedy="save it as CSV in UTF-8"
        ) from error
    first = next(iter(text[:65536].splitlines()), "")
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, lines = [], []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise TableError(f"not CSV: {error}", where=f"{where}:{reader.line_num}") from error
    if not rows:
        raise TableError("the table is empty", where=where)
    header = tuple(name.strip() for name in rows[0])
    width = len(header)
    body = tuple(tuple((row + [""] * width)[:width]) for row in rows[1:])
    return Table(header, body, tuple(lines[1:]), delimiter, where)


def write(rows: Iterable[Sequence[object]], *, delimiter: str = ",") -> str:
    """CSV text of `rows`, every cell that is not a number quoted and safe against being taken for a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell if isinstance(cell, int | float) else harmless(str(cell)) for cell in row])
    return stream.getvalue()


def harmless(text: str) -> str:
    """`text` without zero bytes and halves of characters, and with an apostrophe before it where it would be a formula."""
    text = text.encode("utf-8", "replace").decode().replace("\0", "")
    dangerous = text.lstrip(" ").startswith(_FORMULA) and text != "-" and not _is_number(text)
    return f"'{text}" if dangerous else text


def _is_number(text: str) -> bool:
    """Whether it is a plain decimal number such as -1.5, which is harmless as it stands."""
    return text.lstrip("+-").replace(".", "", 1).isascii() and text.lstrip("+-").replace(".", "", 1).isdigit()
