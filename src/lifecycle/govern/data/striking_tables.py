"""A person taken out of Parquet, SQLite and DuckDB files, which are made anew: they keep what no row holds any more."""

from __future__ import annotations

import io
import sqlite3
from typing import Any

from lifecycle.govern.data.contents import DEEPEST, duckdb, duckdb_tables, parquet, quoted, sqlite, tables
from lifecycle.govern.data.striking_text import from_document
from lifecycle.govern.data.subject import Subject
from lifecycle.govern.data.tally import GONE, Tally


def from_parquet(data: bytes, subject: Subject, tally: Tally) -> bytes:
    """Rows out, mentions struck; statistics, dictionaries and notes of the file are made anew, for they hold values too."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = parquet(data)
    own = [name for name in table.column_names if subject.mentioned_in(name)]
    tally.rows += len(own)
    table = table.drop_columns(own)
    keep = [True] * table.num_rows
    for name in set(table.column_names) & set(subject.keys):
        keep = [
            kept and not subject.known_as(name, value) for kept, value in zip(keep, table[name].to_pylist(), strict=True)
        ]
    tally.rows += keep.count(False)
    table = table.filter(pa.array(keep, pa.bool_()))
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):  # a dictionary keeps words that no row has any more
            values = table.column(place).cast(field.type.value_type)
            table = table.set_column(place, field, _words(values, subject, tally).dictionary_encode().cast(field.type))
        elif pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            table = table.set_column(place, field, _words(table.column(place), subject, tally))
        elif pa.types.is_nested(field.type):
            values = [from_document(value, subject, tally) for value in table.column(place).to_pylist()]
            values = [None if value is GONE else value for value in values]
            table = table.set_column(place, field, pa.chunked_array([pa.array(values, field.type)]))
    notes = {key: value for key, value in (table.schema.metadata or {}).items()
             if not subject.mentioned_in(value.decode("utf-8", "replace"))}  # fmt: skip
    tally.mentions += len(table.schema.metadata or {}) - len(notes)
    out = io.BytesIO()
    groups = pq.ParquetFile(io.BytesIO(data)).metadata
    packed = groups.row_group(0).column(0).compression.lower() if groups.num_row_groups and groups.num_columns else "snappy"
    pq.write_table(table.replace_schema_metadata(notes), out, compression="none" if packed == "uncompressed" else packed)
    return out.getvalue()


def _words(column: Any, subject: Subject, tally: Tally) -> Any:
    import pyarrow as pa

    values = [None if value is None else tally.text(subject, value) for value in column.to_pylist()]
    return pa.chunked_array([pa.array(values, column.type)])


def from_sqlite(data: bytes, subject: Subject, tally: Tally) -> bytes:
    """Rows out, mentions struck; then the file is made anew: deleted rows stay in free pages, samples in statistics."""
    with sqlite(data) as database:
        database.create_function("about", 2, subject.known_as, deterministic=True)
        database.create_function("mention", 1, lambda value: _mention(value, subject), deterministic=True)
        database.create_function("struck", 1, lambda value: _struck(value, subject), deterministic=True)
        for _ in range(DEEPEST):  # a trigger may copy what is deleted to another table, which is then looked at again
            if not sum(_table(database, table, subject, tally) for table in tables(database)):
                break
        for (kept,) in database.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat_'").fetchall():
            database.execute(f"DELETE FROM {quoted(kept)}")  # noqa: S608  # quoted
        database.execute("VACUUM")
        return database.serialize()


def _table(database: sqlite3.Connection, table: str, subject: Subject, tally: Tally) -> int:
    """Take the person out of one table; how many rows that changed."""
    columns = [(row[1], row[6]) for row in database.execute(f"PRAGMA table_xinfo({quoted(table)})").fetchall()]
    changed = 0
    for column, _ in columns:
        if column in subject.keys:
            where = f"WHERE about(?, {quoted(column)})"
            gone = database.execute(f"DELETE FROM {quoted(table)} {where}", (column,)).rowcount  # noqa: S608  # quoted
            tally.rows += gone
            changed += gone
    for column in [column for column, hidden in columns if not hidden]:
        name, cell = quoted(table), quoted(column)
        try:
            done = database.execute(f"UPDATE {name} SET {cell} = struck({cell}) WHERE mention({cell})").rowcount  # noqa: S608
            tally.mentions += done
        except sqlite3.IntegrityError:  # what is struck out twice is no longer unique
            done = database.execute(f"DELETE FROM {name} WHERE mention({cell})").rowcount  # noqa: S608
            tally.rows += done
        changed += done
    return changed


def _mention(value: object, subject: Subject) -> bool:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return isinstance(text, str) and subject.named_in(text)


def _struck(value: object, subject: Subject) -> str | bytes:
    return subject.struck_from(value) if isinstance(value, str) else b""


def from_duckdb(data: bytes, subject: Subject, tally: Tally) -> bytes:
    """Rows out, mentions struck; then all is copied to a new file: the old one keeps blocks of deleted rows."""
    before = (tally.rows, tally.mentions)
    with duckdb(data) as (database, path):
        for name, columns in duckdb_tables(database).items():
            _duckdb_table(database, name, columns, subject, tally)
        if before == (tally.rows, tally.mentions):
            return data
        fresh = path.with_name("fresh.duckdb")
        database.execute(f"ATTACH '{fresh}' AS fresh")
        (own,) = database.execute("SELECT current_database()").fetchone()
        database.execute(f"COPY FROM DATABASE {quoted(own)} TO fresh")
        database.execute("DETACH fresh")
        return fresh.read_bytes()


def _duckdb_table(database: Any, name: str, columns: dict[str, str], subject: Subject, tally: Tally) -> None:
    for column, kind in columns.items():
        cell = quoted(column)
        values = [value for (value,) in database.execute(f"SELECT DISTINCT {cell} FROM {name}").fetchall()]  # noqa: S608
        for value in values:
            if subject.known_as(column, value):
                gone = database.execute(f"DELETE FROM {name} WHERE {cell} = ?", [value]).fetchone()[0]  # noqa: S608
                tally.rows += gone
            elif kind == "VARCHAR" and value is not None and subject.named_in(value):
                struck = [subject.struck_from(value), value]
                done = database.execute(f"UPDATE {name} SET {cell} = ? WHERE {cell} = ?", struck).fetchone()[0]  # noqa: S608
                tally.mentions += done
