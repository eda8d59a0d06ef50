"""The table that is to be scored: what is in it, where it is cut, and how a piece of it is read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.batch.errors import BatchError
from lifecycle.deploy.batch.records import FAULT, RECORD
from lifecycle.deploy.batch.rows import check_types, is_text

if TYPE_CHECKING:
    import pyarrow as pa

    from lifecycle.deploy.packaging.field import Field


@dataclass(frozen=True)
class Piece:
    """Rows `start` to `stop` (not included) of a table, counted from 0."""

    number: int
    start: int
    stop: int


@dataclass(frozen=True)
class Survey:
    """What is known of a table before a row of it is scored.

    Attributes
    ----------
    path : Path
        A Parquet file.
    rows : int
        How many it holds.
    columns : tuple of str
        Those that are read: the key, the model's inputs, and the fault and the text of a staged record.
    pieces : tuple of Piece
        The chunks, in the order of the table, each row in one of them; of an empty table one without rows.
    """

    path: Path
    rows: int
    columns: tuple[str, ...]
    pieces: tuple[Piece, ...]


def survey(path: Path, *, key: str, fields: Sequence[Field], chunk: int, name: str, staged: bool = False) -> Survey:
    """Look at a Parquet file: whether it has what is needed, and where it is to be cut.

    Parameters
    ----------
    path : Path
        The file.
    key : str
        Column that names a row: whole numbers or text.
    fields : sequence of Field
        The model's inputs.
    chunk : int
        Rows of a chunk at most, 1 or more.
    name : str
        What to call the table in messages.
    staged : bool
        Whether `stage_csv` made it, so that it says of each record what is wrong with it.

    Raises
    ------
    BatchError
        When it is no Parquet file, or a column is missing or of a type that cannot be used.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise BatchError("not a Parquet file that can be read", where=name, tried=str(error)) from error
    if key not in schema.names:
        raise BatchError(f"there is no column `{key}` to tell the rows apart", where=name, remedy="name the key's column")
    kind = schema.field(key).type
    if not (pa.types.is_integer(kind) or is_text(kind)):
        raise BatchError(
            f"a key is a whole number or a text, and this column holds {kind}",
            where=f"{name}: column `{key}`",
            remedy="write it as whole numbers; a missing one may be null",
        )
    check_types(schema, fields, where=name)
    inputs = [each.name for each in fields]
    if key in inputs:
        raise BatchError(
            f"`{key}` is an input of the model, and no key", where=name, remedy="name the column of identifiers"
        )
    columns = (key, *inputs, *([FAULT, RECORD] if staged else []))
    cuts = range(0, max(rows, 1), chunk)  # a table without rows is one empty chunk, and has results like any other
    pieces = tuple(Piece(number, start, min(start + chunk, rows)) for number, start in enumerate(cuts))
    return Survey(path, rows, columns, pieces)


def read_piece(path: Path, columns: Sequence[str], piece: Piece) -> pa.Table:
    """Read some rows of a Parquet file, and no more of it than the row groups that they lie in."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False) as file:
        groups, skip = _groups(file.metadata, piece)
        wanted, found = piece.stop - piece.start, []
        for batch in file.iter_batches(65_536, row_groups=groups, columns=list(columns), use_threads=False):
            if skip < batch.num_rows:
                found.append(batch.slice(skip, wanted))
                wanted -= found[-1].num_rows
            skip = max(0, skip - batch.num_rows)
            if not wanted:
                break
        schema = file.schema_arrow
    return pa.Table.from_batches(found, found[0].schema if found else schema).select(list(columns))


def _groups(metadata: Any, piece: Piece) -> tuple[list[int], int]:
    """Row groups that hold the piece, and how many of their rows lie before it."""
    groups: list[int] = []
    skip = end = 0
    for number in range(metadata.num_row_groups):
        begin, end = end, end + metadata.row_group(number).num_rows
        if end > piece.start and begin < piece.stop:
            skip = piece.start - begin if not groups else skip
            groups.append(number)
    return groups, skip


def digest_of_table(path: Path) -> str:
    """SHA-256 of the bytes of a file, 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find_repeats(path: Path, *, key: str, target: Path) -> int:
    """Write which rows repeat the key of an earlier one: columns `row` and `first`, in the order of the rows.

    The search is DuckDB's, which goes to disk where memory does not suffice.

    Returns
    -------
    int
        How many rows repeat one.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from lifecycle.deploy.batch.database import files, literal, working

    part, keys = target.with_name(f".{target.name}.part"), target.with_name(f".{target.name}.keys")
    with pq.ParquetFile(path, pre_buffer=False) as file:  # the column alone: to SQL, `Entity` and `entity` are one name
        schema = pa.schema([("k", file.schema_arrow.field(key).type)])
        with pq.ParquetWriter(keys, schema, compression="zstd") as writer:
            for batch in file.iter_batches(65_536, columns=[key], use_threads=False):
                writer.write_batch(pa.record_batch([batch.column(key)], schema=schema))
    rows = f"read_parquet({files(keys.parent, keys.name)}, file_row_number = true)"
    query = f"""
        SELECT row, first FROM (
            SELECT file_row_number AS row, min(file_row_number) OVER (PARTITION BY k) AS first FROM {rows}
            WHERE k IN (SELECT k FROM {rows} WHERE trim(k::VARCHAR) <> '' GROUP BY k HAVING count(*) > 1))
        WHERE row <> first ORDER BY row
    """  # noqa: S608 - values are quoted
    with working(target.parent) as connection:
        connection.execute(f"COPY ({query}) TO {literal(part)} (FORMAT parquet)")
    keys.unlink()
    part.replace(target)
    return int(pq.read_metadata(target).num_rows)


def repeats_in(path: Path, piece: Piece) -> dict[int, int]:
    """Rows of a piece that repeat an earlier key, counted from the piece's start, each with the row that it repeats."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    here = (pc.field("row") >= piece.start) & (pc.field("row") < piece.stop)
    with pq.ParquetFile(path) as file:
        found = file.read().filter(here)
    return {row - piece.start: first for row, first in zip(*found.to_pydict().values(), strict=True)}
