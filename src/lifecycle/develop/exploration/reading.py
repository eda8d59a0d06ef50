"""Reading a table of one's own: what pandas would guess or mend in silence is found first, and said.

A CSV file does not say how it is encoded, what separates its columns or whether its names are unique. `read_table` looks,
reads what is clear, and stops with an error that names the place where it is not.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

DELIMITERS = (",", ";", "\t", "|")
_DELIMITERS = "one ASCII character, but no quotation mark, line end or zero; for example a semicolon"
_LOOK = 1000  # records read to find the decimal mark
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_OTHERS = {
    b"pk\x03\x04": "an Excel file or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"\x1f\x8b": "a compressed file",
    b"%pdf": "a PDF",
    b'{"': "JSON",
    b"[{": "JSON",
    b"<!doctype": "HTML",
    b"<html": "HTML",
    b"<?xml": "XML",
    b"sqlite format 3\x00": "a database",
}


def read_table(
    path: Path | str, *, target: str | None = None, encoding: str | None = None, delimiter: str | None = None
) -> pd.DataFrame:
    """Read a ``.csv`` (or other text with a header) or ``.parquet`` file.

    Parameters
    ----------
    path : Path or str
    target : str, optional
        A column that must be there.
    encoding : str, optional
        Of a text file; UTF-8 where it is not given, with or without a byte order mark.
    delimiter : str, optional
        One ASCII character, not a quotation mark; found among comma, semicolon, tab and bar where it is not given.
        With a semicolon, numbers may have a decimal comma.

    Returns
    -------
    DataFrame
        At least one row; the columns' names are text and all different. Types are those that pandas finds, and so are
        missing values: nothing, or a word like NA, NaN, null, None, n/a. `usable` looks closer.

    Raises
    ------
    DataError
        When there is no such file; when it is empty, has a header only, is not text or in another encoding (says which it
        seems to be and how to convert it); when two columns have one name, a row has too many or too few values, a quotation
        does not end; when `target` is not among its columns; when there is no such encoding, or no such delimiter can be.
    """
    place = Path(path)
    if not place.is_file():
        found = "this is a folder" if place.is_dir() else "there is no such file"
        raise DataError(found, where=str(place), remedy="check the path; it is taken from the working directory")
    with place.open("rb") as stream:
        start = stream.read(65536)
    if not start:
        raise DataError("the file is empty", where=place.name, remedy="it must hold a header and rows below it")
    frame = _parquet(place) if start[:4] == b"PAR1" else _text(place, start, encoding, delimiter)
    frame.columns = [str(name) for name in frame.columns]
    if len(frame) == 0:
        columns = ", ".join(f"`{name}`" for name in islice(frame.columns, 20))
        raise DataError(
            f"a header and no rows below it: {columns}", where=place.name, remedy="it must hold one row at least"
        )
    if target is not None:
        known_column(frame, target, where=place.name)
    return frame


def known_column(frame: pd.DataFrame, name: str, *, where: str) -> None:
    """Raise `DataError` when `frame` has no column `name`, naming the nearest one and those there are."""
    names = [str(column) for column in frame.columns]
    if name in names:
        return
    by_case = {column.strip().casefold(): column for column in names}
    near = by_case.get(name.strip().casefold()) or next(iter(get_close_matches(name, names, n=1)), None)
    shown = ", ".join(f"`{column}`" for column in names[:30]) + (f" and {len(names) - 30} more" if names[30:] else "")
    if names and all(_is_number(column) for column in names):
        hint = "the first line is taken as the names of the columns, and holds numbers: add a line of names above it"
    else:
        hint = f"did you mean `{near}`?" if near else "name one of them"
    raise DataError(f"there is no column `{name}`", where=where, tried=f"columns: {shown}", remedy=hint)


def _parquet(place: Path) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        _unique(list(pq.read_schema(place).names), place.name)
        frame = pd.read_parquet(place)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"not a parquet file that can be read: {str(error).splitlines()[0]}", where=place.name) from error
    named = [name for name in frame.index.names if name is not None]
    return frame.reset_index() if named else frame


def _text(place: Path, start: bytes, encoding: str | None, delimiter: str | None) -> pd.DataFrame:
    import pandas as pd

    if delimiter is not None and len(delimiter) != 1:
        raise DataError(f"{delimiter!r} is not one character", where="delimiter", remedy=_DELIMITERS)
    if delimiter is not None and (not delimiter.isascii() or delimiter in '"\r\n\0'):
        raise DataError(f"{delimiter!r} cannot separate columns", where="delimiter", remedy=_DELIMITERS)
    encoding = encoding or _encoding(place, start)
    _known_encoding(encoding)
    try:
        delimiter = delimiter or _delimiter(place, encoding)
        header = _header(place, encoding, delimiter)
        decimal = "," if delimiter == ";" and _decimal_commas(_records(place, encoding, delimiter)) else "."
        options = {"encoding": encoding, "sep": delimiter, "decimal": decimal, "low_memory": False}
        return pd.read_csv(place, names=header, header=0, compression=None, **options)
    except UnicodeError as error:
        raise _undecodable(place, encoding, error) from error
    except (pd.errors.ParserError, csv.Error) as error:
        raise _malformed(place.name, str(error).strip()) from error


def _known_encoding(encoding: str) -> None:
    remedy = "for example: cp1252, utf-16"
    try:
        codecs.lookup(encoding)
    except (LookupError, ValueError) as error:  # ValueError: a name with a zero byte
        raise DataError(f"no encoding is called `{encoding}`", where="encoding", remedy=remedy) from error
    try:
        "a".encode(encoding)
    except (LookupError, ValueError) as error:  # hex, rot13, zip: codecs, but not of text
        raise DataError(f"`{encoding}` is not an encoding of text", where="encoding", remedy=remedy) from error


def _encoding(place: Path, start: bytes) -> str:
    """UTF-8, or an error for what is recognisably something else."""
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            raise _other_encoding(place, name, "it begins with the byte order mark of that encoding")
    for mark, kind in _OTHERS.items():
        if start.lstrip()[: len(mark)].lower() == mark:
            raise DataError(
                f"this is no table as text: it looks like {kind}",
                where=place.name,
                tried="CSV and parquet",
                remedy="save the table as CSV with UTF-8 encoding, or as parquet",
            )
    if b"\x00" in start:
        even, odd = start[::2].count(0), start[1::2].count(0)
        if max(even, odd) > len(start) // 8:
            raise _other_encoding(place, "utf-16-le" if odd > even else "utf-16-be", "every other byte is zero")
        raise DataError("this is no table as text: it holds zero bytes", where=place.name, tried="CSV and parquet")
    return "utf-8-sig"


def _undecodable(place: Path, encoding: str, error: UnicodeError) -> DataError:
    """Say where the file stops being what it was taken for, and what it seems to be."""
    data = place.read_bytes()
    try:
        data.decode(encoding)
    except UnicodeDecodeError as found:
        position = found.start
    except UnicodeError:  # "UTF-16 stream does not start with BOM" has no place
        position = 0
    line = data.count(b"\n", 0, position) + 1
    begin = max(data.rfind(b"\n", 0, position) + 1, position - 20)
    if encoding != "utf-8-sig":
        return DataError(f"not {encoding}: {error.args[-1]}", where=f"{place.name}, line {line:,}",
                         remedy="leave the encoding out, to have it looked for")  # fmt: skip
    guess = "cp1252" if not set(data) & {0x81, 0x8D, 0x8F, 0x90, 0x9D} else "latin-1"
    context = data[begin : position + 10].decode(guess, errors="replace").splitlines()[0]
    letter = data[position : position + 1].decode(guess)
    why = f"line {line:,} holds the byte 0x{data[position]:02X}, which would be `{letter}` in `{context}`"
    return _other_encoding(place, guess, why)


def _other_encoding(place: Path, guess: str, why: str) -> DataError:
    command = f"iconv -f {guess.upper()} -t UTF-8 {place.name} > {place.stem}-utf8{place.suffix}"
    return DataError(
        f"the file is not UTF-8; it looks like {guess}",
        where=place.name,
        tried=f"UTF-8, with and without a byte order mark: {why}",
        remedy=f"convert it ({command}), or read it with encoding {guess}",
    )


def _delimiter(place: Path, encoding: str) -> str:
    """The candidate that cuts the header and the rows below it into the most columns, all alike."""

    def score(candidate: str) -> tuple[int, int]:
        widths = [len(record) for record in islice(_records(place, encoding, candidate), 50)]
        header = widths[0] if widths else 0
        return (sum(width == header for width in widths) if header > 1 else 0, header)

    best = max(DELIMITERS, key=score)
    return best if score(best)[0] else ","


def _records(place: Path, encoding: str, delimiter: str) -> Iterator[list[str]]:
    """The rows, header first; blank lines are left out, as pandas does."""
    with place.open(encoding=encoding, newline="") as stream:
        for record in csv.reader(stream, delimiter=delimiter):
            if len(record) > 1 or (record and record[0].strip()):
                yield record


def _header(place: Path, encoding: str, delimiter: str) -> list[str]:
    """The names, after looking whether they are unique and every row is as long as they are many."""
    rows = _records(place, encoding, delimiter)
    names = [name.strip() for name in next(rows, [])]
    if not any(names):
        raise DataError("the first line holds no names", where=place.name, remedy="it must hold a header and rows below it")
    _unique([name for name in names if name], place.name, header=names)
    for number, record in enumerate(rows, start=1):
        if len(record) != len(names):
            raise _ragged(place.name, number, record, len(names))
    return [name or f"column {i + 1}" for i, name in enumerate(names)]


def _ragged(where: str, number: int, record: list[str], expected: int) -> DataError:
    shown = " | ".join(repr(cell)[1:-1][:20] for cell in record[:8]) + (" …" if record[8:] else "")
    open_quote = any(cell.count("\n") > 2 for cell in record)
    return DataError(
        f"{len(record)} value{'s' * (len(record) != 1)} where the header has {expected} names",
        where=f"{where}, row {number:,}",
        tried=f"the row: {shown}",
        remedy="close the quotation that runs over several lines" if open_quote else "quote values that hold the delimiter",
    )


def _unique(names: list[str], where: str, *, header: list[str] | None = None) -> None:
    twice = next((name for name, times in Counter(names).items() if times > 1), None)
    if twice is not None:
        places = [str(i + 1) for i, name in enumerate(header or names) if name == twice]
        raise DataError(
            f"{len(places)} columns are called `{twice}`: columns {', '.join(places[:-1])} and {places[-1]}",
            where=f"{where}, header",
            remedy="give each column a name of its own",
        )


def _malformed(where: str, message: str) -> DataError:
    """Pandas' complaint about a row, in terms of rows."""
    quote = re.search(r"EOF inside string starting at row (\d+)", message)
    if quote:
        return DataError("a quotation that begins here does not end", where=f"{where}, row {int(quote.group(1)):,}",
                         remedy='close it with ", and write a quotation mark inside a value as ""')  # fmt: skip
    return DataError(f"cannot be read as a table: {message.splitlines()[0]}", where=where, remedy="save it again as CSV")


def _decimal_commas(records: Iterator[list[str]]) -> bool:
    """Whether there are numbers like 1,5 and none like 1.5 at the beginning."""
    cells = [cell.strip() for record in islice(records, _LOOK) for cell in record]
    commas = any(re.fullmatch(r"-?\d+,\d+", cell) for cell in cells)
    return commas and not any(re.fullmatch(r"-?\d+\.\d+", cell) for cell in cells)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
