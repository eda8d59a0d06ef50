"""What files hold, whatever they are: rows and cells of tables and documents, and the files within archives."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal

Form = Literal["zip", "tar", "gzip", "parquet", "sqlite", "duckdb", "json", "lines of json", "csv", "log", "text", "unknown"]

LARGEST = 1 << 30
"""Bytes that a file, or all files of an archive together, may unpack to."""
_LOGS = ("-wal", "-shm", "-journal", ".wal")
DEEPEST = 6
"""Archives within archives that are opened."""


class UnreadableError(Exception):
    """Contents that cannot be looked into; the message says why."""


def form_of(name: str, data: bytes) -> Form:
    """What a file is: by its first bytes, and by its name where it is text."""
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "zip"
    if data[:2] == b"\x1f\x8b":
        return "gzip"
    if data[:4] == b"PAR1":
        return "parquet"
    if data[:16] == b"SQLite format 3\0":
        return "sqlite"
    if data[8:12] == b"DUCK":
        return "duckdb"
    if data[257:262] == b"ustar":
        return "tar"
    text = text_of(data)
    if text is None:
        return "unknown"
    ends: dict[str, Form] = {".json": "json", ".jsonl": "lines of json", ".ndjson": "lines of json", ".csv": "csv",
                             ".tsv": "csv", ".log": "log"}  # fmt: skip
    form = ends.get(Path(name).suffix.lower(), "text")
    if form == "json" or (form == "text" and text.lstrip()[:1] in ("{", "[")):
        return "json" if _json(text) is not None else "text"
    return form


def text_of(data: bytes) -> str | None:
    """The text that the bytes are, where they are text: UTF-8, UTF-16 with its mark, or one byte a character."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            return None
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def bytes_of(text: str, like: bytes) -> bytes:
    """The text in the encoding that `like` has."""
    if like[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return text.encode("utf-16")
    try:
        like.decode("utf-8")
    except UnicodeDecodeError:
        return text.encode("latin-1")
    return text.encode("utf-8")


def members(form: Form, data: bytes) -> list[tuple[Any, bytes]]:
    """The files of an archive: its entry for each, with the bytes.

    Raises
    ------
    UnreadableError
        When it is damaged, encrypted, or unpacks to more than `LARGEST`.
    """
    try:
        if form == "gzip":
            with gzip.open(io.BytesIO(data)) as unpacked:
                return [("", _capped(unpacked.read(LARGEST + 1)))]
        if form == "tar":
            with tarfile.open(fileobj=io.BytesIO(data)) as tar:
                entries = tar.getmembers()
                _capped_sum(entry.size for entry in entries)
                return [(entry, stream.read() if (stream := tar.extractfile(entry)) else b"") for entry in entries]
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _capped_sum(entry.file_size for entry in archive.infolist())
            return [(entry, archive.read(entry)) for entry in archive.infolist()]
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise UnreadableError(f"an archive that cannot be opened: {error}") from error


def name_of(entry: Any) -> str:
    """The name of an archive's entry."""
    return str(getattr(entry, "filename", "") or getattr(entry, "name", "") or entry)


def cells(form: Form, data: bytes) -> Iterator[tuple[str, Any]]:
    """Every value of a table or document with the name of its column or key; text that has no columns as one value.

    Raises
    ------
    UnreadableError
        When it is not what it says.
    """
    if form == "json":
        yield from _leaves("", _json(text_of(data) or ""))
    elif form == "lines of json":
        for line in (text_of(data) or "").splitlines():
            found = _json(line)
            yield from [("", line)] if found is None else _leaves("", found)
    elif form in ("csv", "parquet", "sqlite", "duckdb"):
        for row in rows(form, data):
            yield from row.items()
            yield from (("", name) for name in row)
    elif (text := text_of(data)) is not None:
        yield "", text


def rows(form: Form, data: bytes) -> Iterator[dict[str, Any]]:
    """The rows of a table, or the objects of a document at any depth, as mappings.

    Raises
    ------
    UnreadableError
        When it is not what it says.
    """
    if form == "csv":
        text = (text_of(data) or "").removeprefix("\ufeff")
        try:
            header, *records = [*csv.reader(io.StringIO(text, newline=""), delimiter=separator(text))] or [[]]
        except csv.Error as error:
            raise UnreadableError(f"a CSV file that cannot be read: {error}") from error
        for record in records:
            yield dict(zip([*header, *map(str, range(len(header), len(record)))], record, strict=False))
    elif form == "parquet":
        yield from parquet(data).to_pylist()
    elif form == "sqlite":
        with sqlite(data) as database:
            for table in tables(database):
                cursor = database.execute(f"SELECT * FROM {quoted(table)}")  # noqa: S608  # quoted
                names = [each[0] for each in cursor.description]
                yield from (dict(zip(names, row, strict=True)) for row in cursor)
    elif form == "duckdb":
        with duckdb(data) as (database, _):
            for name, columns in duckdb_tables(database).items():
                found = database.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608  # quoted
                yield from (dict(zip(columns, row, strict=True)) for row in found)
    elif form in ("json", "lines of json"):
        text = text_of(data) or ""
        for part in [text] if form == "json" else text.splitlines():
            yield from _objects(_json(part))


def parquet(data: bytes) -> Any:
    """A Parquet file as a table of Arrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(io.BytesIO(data))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(f"a Parquet file that cannot be read: {error}") from error


@contextmanager
def sqlite(data: bytes) -> Iterator[sqlite3.Connection]:
    """A SQLite file's bytes as a database in memory, so that no copy of it stays on disk.

    Raises
    ------
    UnreadableError
        When it is none, or what is done with it fails.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            database.deserialize(data[:18] + b"\1\1" + data[20:])  # no write-ahead log: memory has no place for one
            yield database
        except sqlite3.Error as error:
            raise UnreadableError(f"a SQLite database with which this cannot be done: {error}") from error


@contextmanager
def duckdb(data: bytes) -> Iterator[tuple[Any, Path]]:
    """A DuckDB file's bytes as a database in the system's temporary folder, and where that is.

    Raises
    ------
    UnreadableError
        When it is none, what is done with it fails, or DuckDB is not installed.
    """
    engine = _duckdb()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "copy.duckdb")
        path.write_bytes(data)
        try:
            with closing(engine.connect(str(path), config={"threads": 1})) as database:
                yield database, path
        except engine.Error as error:
            raise UnreadableError(f"a DuckDB database with which this cannot be done: {error}") from error


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise UnreadableError("a DuckDB database, and the package `duckdb` is not installed") from error
    return duckdb


def duckdb_tables(database: Any) -> dict[str, dict[str, str]]:
    """The tables of a DuckDB database, as SQL names them, with the types of their columns by name."""
    found: dict[str, dict[str, str]] = {}
    query = """SELECT c.schema_name, c.table_name, c.column_name, c.data_type FROM duckdb_columns() c
               JOIN duckdb_tables() t USING (table_oid, database_name) WHERE c.database_name = current_database()"""
    for schema, table, column, kind in database.execute(query).fetchall():
        found.setdefault(f"{quoted(schema)}.{quoted(table)}", {})[column] = kind
    return found


def settle(path: Path) -> None:
    """Bring what the log files beside a database hold into its file, which then stands alone.

    Raises
    ------
    UnreadableError
        When it cannot be opened, as where somebody else has it open.
    """
    beside = [path.with_name(path.name + end) for end in _LOGS]
    if not any(each.is_file() for each in beside):
        return
    with path.open("rb") as stream:
        form = form_of(path.name, stream.read(512))
    if form == "sqlite":
        try:
            with closing(sqlite3.connect(path)) as database:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                database.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.Error as error:
            raise UnreadableError(f"a SQLite database whose log cannot be taken in: {error}") from error
    elif form == "duckdb":
        engine = _duckdb()
        try:
            engine.connect(str(path)).close()
        except engine.Error as error:
            raise UnreadableError(f"a DuckDB database whose log cannot be taken in: {error}") from error
    else:
        return
    for each in beside:
        each.unlink(missing_ok=True)


def tables(database: sqlite3.Connection) -> list[str]:
    """Names of the tables of a SQLite database, without those that it keeps for itself."""
    found = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    return [name for (name,) in found if not name.startswith("sqlite_")]


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def separator(text: str) -> str:
    """What separates the cells of a CSV file: of four, the one that its first line has most of."""
    first = text.partition("\n")[0]
    return max(",;\t|", key=first.count)


def _json(text: str) -> Any:
    """The document; None where it is none."""
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _leaves(column: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every value below `value`, with the nearest key above it; keys count as values too."""
    if isinstance(value, dict):
        for name, found in columns_in(value).items():
            yield from ((name, each) for each in found)
        for key, each in value.items():
            yield "", key
            yield from _leaves(str(key), each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(column, each)
    else:
        yield column, value


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects at any depth, and the rows of tables that are written column by column."""
    if isinstance(value, dict):
        yield value
        columns = columns_in(value) or {key: each for key, each in value.items() if isinstance(each, list)}
        if len({len(each) for each in columns.values()}) == 1:
            yield from (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(each)


def columns_in(value: dict[str, Any]) -> dict[str, list[Any]]:
    """The columns of a table written column by column, or as rows below a list of columns; of another object none."""
    titles, records = value.get("columns"), value.get("data")
    if isinstance(titles, list) and isinstance(records, list) and all(isinstance(row, list) for row in records):
        return {str(name): [row[place] for row in records if place < len(row)] for place, name in enumerate(titles)}
    parts = list(value.values())
    if parts and all(isinstance(part, dict) and part.keys() == parts[0].keys() for part in parts):
        return {name: [part[label] for label in parts[0]] for name, part in value.items()}
    return {}


def _capped(data: bytes) -> bytes:
    _capped_sum([len(data)])
    return data


def _capped_sum(sizes: Any) -> None:
    if sum(sizes) > LARGEST:
        raise ValueError(f"it unpacks to more than {LARGEST:,} bytes")
