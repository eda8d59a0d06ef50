"""Records of a CSV file: each becomes a row, also where it is broken, or the file is refused."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from lifecycle.deploy.batch.errors import BatchError

FAULT = "__fault"  # column of a staged table: what is wrong with the record as a whole
RECORD = "__record"  # and, where something is, its line in the file and its text, as JSON
STAGE_ROWS = 50_000


def stage_csv(source: Path, target: Path, *, name: str, plain: Sequence[str] = ()) -> None:
    """Turn a CSV file into a Parquet file of text, a record a row, and say of each broken record what is wrong with it.

    Nothing is guessed and nothing is dropped: what is a number is decided where each cell is checked. Bytes that are
    not UTF-8 become U+FFFD, which no number contains. Memory does not grow with the file.

    Parameters
    ----------
    source, target : Path
        The CSV file, and the Parquet file that is made of it.
    name : str
        What to call the table in messages.
    plain : sequence of str
        Columns, such as the key and the model's inputs, whose cells have no line break in them, quoted or not.

    Raises
    ------
    BatchError
        When there is no header, or one with a name that stands there twice; when a quote swallows lines, so that nobody
        can say how many rows they are.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with source.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        lines = _Lines(stream)
        reader = csv.reader(lines, strict=True)
        try:
            header = next(reader, [])
        except csv.Error as error:
            raise lines.torn(name, str(error)) from error
        if not any(header):
            raise BatchError("there is no header", where=name, remedy="the first line names the columns")
        if len(set(header)) < len(header) or {FAULT, RECORD} & set(header):
            again = next(each for each in header if header.count(each) > 1 or each in (FAULT, RECORD))
            raise BatchError(f"the header has the column `{again}` twice, or it is a name of ours", where=name)
        schema = pa.schema([(each, pa.string()) for each in (*header, FAULT, RECORD)])
        single = [position for position, each in enumerate(header) if each in plain]
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        with pq.ParquetWriter(part, schema, compression="zstd") as writer:
            records = _records(reader, lines, len(header), single, name)
            while some := list(islice(records, STAGE_ROWS)):
                columns = list(zip(*some, strict=True))
                writer.write_table(pa.table([pa.array(each, pa.string()) for each in columns], schema=schema))
    part.replace(target)


class _Lines:
    """Lines of a file, and which of them the record at hand was read from."""

    def __init__(self, stream: Iterable[str]) -> None:
        self._stream = iter(stream)
        self.record: list[str] = []
        self.number = 0
        self.ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._stream, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.record.append(line)
        return line

    @property
    def first(self) -> int:
        """Number of the record's first line, from 1."""
        return self.number - len(self.record) + 1

    def torn(self, name: str, why: str) -> BatchError:
        """What to raise when nobody can say how many rows the lines of the record are."""
        place = f"line {self.number}" if len(self.record) < 2 else f"lines {self.first} to {self.number}"
        return BatchError(
            "it cannot be told where a record ends",
            where=f"{name}: {place}",
            tried=why,
            remedy="look for a quote there that is opened and not closed; within a quoted cell, a quote is written twice",
        )


def _records(
    reader: Iterator[list[str]], lines: _Lines, width: int, single: Sequence[int], name: str
) -> Iterator[list[str | None]]:
    """Records, each with its fault as the last cell but one, and its line and text as the last; None where it is whole."""
    empty: list[str | None] = [None] * width
    while True:
        lines.record.clear()
        fault = ""
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if lines.ended or len(lines.record[0]) > csv.field_size_limit():
                raise lines.torn(name, str(error)) from error
            cells, fault = [], str(error)
        if cells is None:
            return
        if not cells and not fault:
            continue  # an empty line is no record
        if not fault and len(cells) != width:
            fault = f"{len(cells)} cells where the header has {width}"
        if len(lines.record) > 1:  # a cell may hold a line break; what is broken, or a number, has swallowed rows
            if not fault and any(end in cells[position].strip() for position in single for end in "\r\n"):
                fault = "a line break in the key or in a number"
            if fault:
                raise lines.torn(name, fault)
        if fault:
            note = {"line": lines.first, "text": "".join(lines.record).rstrip("\r\n")}
            yield [*empty, f"record: {fault}", json.dumps(note)]
        else:
            yield [*cells, None, None]
