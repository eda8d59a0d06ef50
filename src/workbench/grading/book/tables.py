"""The tables of a gradebook, the same in SQLite and PostgreSQL.

Text that a stranger wrote is kept as JSON of ASCII letters, so that no database meets a NUL, a lone surrogate or an order of
letters of its own; what is large is compressed besides. Order is made by the reader, in Python, never by a collation.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Boolean, Column, Compiled, Connection, Float, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

FORMAT = "1"

metadata = MetaData()


class Plain(TypeDecorator[Any]):
    """A small value of JSON types, as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """See SQLAlchemy."""
        return json.dumps(value, sort_keys=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """See SQLAlchemy; of an outer join, there may be no row."""
        return None if value is None else json.loads(value)


class Packed(TypeDecorator[Any]):
    """A large value of JSON types: transcripts, outputs, figures."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes:
        """See SQLAlchemy."""
        return zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"), level=3)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """See SQLAlchemy."""
        return json.loads(zlib.decompress(value))


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _words(name: str, default: Any = "") -> Column[Any]:
    return Column(name, Plain, nullable=False, default=default)


about = Table("about", metadata, _key("name"), Column("value", Text, nullable=False))

students = Table("students", metadata, _key("student"), _words("name"), _words("email"))

questions = Table(
    "questions",
    metadata,
    _key("lesson"),
    _key("slug"),
    _words("title"),
    Column("points", Float(53), nullable=False),
    Column("kind", Text, nullable=False),
    Column("position", Integer, nullable=False),
    _words("criteria", []),
)

standings = Table(
    "standings",
    metadata,
    _key("lesson"),
    _key("student"),
    Column("sha256", Text, nullable=False, default=""),
    Column("received", Text, nullable=False, default=""),
    Column("factor", Float(53), nullable=False, default=1.0),
    Column("late_days", Float(53), nullable=False, default=0.0),
    Column("excused", Boolean, nullable=False, default=False),
    _words("note"),
)

submissions = Table(
    "submissions",
    metadata,
    _key("lesson"),
    _key("student"),
    _key("sha256"),
    Column("state", Text, nullable=False),
    Column("ending", Text, nullable=False, default=""),
    Column("tier", Text, nullable=False, default=""),
    _words("fault"),
    _words("usage", {}),
    _words("flags", []),
    Column("cells", Packed, nullable=False, default=[]),
)

judgements = Table(
    "judgements",
    metadata,
    _key("lesson"),
    _key("student"),
    _key("sha256"),
    _key("slug"),
    _words("title"),
    Column("outcome", Text, nullable=False),
    Column("points", Float(53), nullable=False),
    Column("out_of", Float(53), nullable=False),
    _words("messages", []),
    _words("detail"),
    Column("basis", Text, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("seconds", Float(53), nullable=False),
    _words("fault"),
    Column("transcript", Packed, nullable=False, default=[]),
)

words = Table(
    "words",
    metadata,
    _key("lesson"),
    _key("student"),
    _key("sha256"),
    _key("slug"),
    Column("text", Packed, nullable=False),
    Column("digest", Text, nullable=False),
)

overrides = Table(
    "overrides", metadata, _key("lesson"), _key("student"), _key("slug"), Column("points", Float(53), nullable=False)
)

reviews = Table(
    "reviews",
    metadata,
    _key("lesson"),
    _key("student"),
    _key("slug"),
    _words("points", {}),
    _words("comment"),
    _words("reviewer"),
    Column("when", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("when", Text, nullable=False),
    _words("who"),
    Column("action", Text, nullable=False),
    Column("lesson", Text, nullable=False),
    Column("student", Text, nullable=False),
    Column("slug", Text, nullable=False),
    Column("before", Float(53)),
    Column("after", Float(53)),
    _words("reason"),
)


def put(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Write `row` in place of the one with the same key, or as a new one; a column that it lacks keeps its value."""
    statement: Any = _putting(connection.dialect, table, tuple(row))
    connection.execute(statement, row)


@lru_cache(maxsize=64)  # compiling it takes ten times as long as executing it, and SQLAlchemy keeps no upsert compiled
def _putting(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> Compiled:
    statement = (postgresql.insert if dialect.name == "postgresql" else sqlite.insert)(table)
    key = [column.name for column in table.primary_key.columns]
    changed = {name: statement.excluded[name] for name in columns if name not in key}
    if changed:
        whole = statement.on_conflict_do_update(index_elements=key, set_=changed)
    else:
        whole = statement.on_conflict_do_nothing(index_elements=key)
    return whole.compile(dialect=dialect, column_keys=list(columns))
