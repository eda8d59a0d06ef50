"""The DuckDB file beneath a feature store: opening it, and saying clearly why that or a query failed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

_FORMAT = 1
_TABLES = """
CREATE TABLE store (format INTEGER);
CREATE TABLE views (
    id INTEGER PRIMARY KEY, name VARCHAR, version INTEGER, definition VARCHAR, digest VARCHAR,
    description VARCHAR, source_digest VARCHAR, UNIQUE (name, version));
CREATE TABLE writes (id INTEGER, source_digest VARCHAR, batches BIGINT, rows BIGINT, PRIMARY KEY (id, source_digest));
CREATE TABLE reads (
    id INTEGER, reader VARCHAR, kind VARCHAR, times BIGINT, rows BIGINT, without_value BIGINT,
    PRIMARY KEY (id, reader, kind));
"""
_locks: dict[str, threading.RLock] = {}  # one a file, because two store objects of a process share the file


class FeatureStoreError(LifecycleError):
    """A feature store that cannot be opened or written, or a view or entity that it does not hold."""


class StoreFile:
    """A DuckDB database that holds a feature store and nothing else.

    Names given by a user are values here, never part of a statement: the tables of a view are called by its number, for
    which a ``#`` stands in statements. Threads, and store objects on one file, take turns.
    """

    def __init__(self, path: Path | None, *, read_only: bool) -> None:
        self.name = "feature store in memory" if path is None else path.name
        self._path = path
        self._lock = threading.RLock() if path is None else _locks.setdefault(str(path.resolve()), threading.RLock())
        self._connection: duckdb.DuckDBPyConnection | None = _connect(path, read_only)
        self.read_only = read_only
        try:
            self._prepare()
        except LifecycleError:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; once more does no harm."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._connection is None

    def check_open(self) -> None:
        """Raise `FeatureStoreError` when it was closed."""
        if self.closed:
            raise FeatureStoreError("the store is closed", where=self.name, remedy="open it again: `FeatureStore(path)`")

    def rows(self, statement: str, values: Sequence[Any] = (), *, number: int = 0) -> list[tuple[Any, ...]]:
        """Run one statement, about view `number`, and fetch all that it gives."""
        with self._open() as connection:
            return connection.execute(statement.replace("#", str(int(number))), list(values)).fetchall()

    def arrays(self, statement: str, values: Sequence[Any] = (), *, number: int = 0) -> dict[str, Any]:
        """Run one statement, about view `number`, and fetch its columns as numpy arrays, masked where NULL."""
        with self._open() as connection:
            return connection.execute(statement.replace("#", str(int(number))), list(values)).fetchnumpy()

    @contextmanager
    def given(self, frame: pd.DataFrame) -> Iterator[None]:
        """Let statements read `frame` as the table ``given``."""
        with self._lock:
            with self._open() as connection:
                connection.register("given", frame)
            try:
                yield
            finally:
                with self._open() as connection:
                    connection.unregister("given")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of what is done inside, or nothing of it."""
        if self.read_only:
            raise FeatureStoreError(
                "the store was opened for reading only", where=self.name, remedy="open it without `read_only`"
            )
        with self._lock:
            self.rows("BEGIN")
            try:
                yield
            except BaseException:
                with self._open() as connection:
                    connection.rollback()
                raise
            self.rows("COMMIT")

    @contextmanager
    def _open(self) -> Iterator[duckdb.DuckDBPyConnection]:
        import duckdb

        with self._lock:
            self.check_open()
            assert self._connection is not None
            try:
                yield self._connection
            except duckdb.Error as error:
                raise FeatureStoreError(
                    "DuckDB could not do this",
                    where=self.name,
                    tried=_reason(error, self._path),
                    remedy="the file may be damaged, or the disk full: make the store again, or restore a copy of the file",
                ) from error

    def _prepare(self) -> None:
        """Make the tables of a new store; refuse a database that is no store of ours."""
        tables = {name for (name,) in self.rows("SELECT table_name FROM information_schema.tables")}
        if not tables and not self.read_only:
            with self.transaction():
                for statement in filter(str.strip, _TABLES.split(";")):
                    self.rows(statement)
                self.rows("INSERT INTO store VALUES (?)", [_FORMAT])
        elif not {"store", "views", "writes", "reads"} <= tables:
            raise FeatureStoreError("this DuckDB file holds no feature store", where=self.name, remedy="give another path")
        elif (found := self.rows("SELECT format FROM store")) != [(_FORMAT,)]:
            raise FeatureStoreError(
                f"the store has format {found[0][0] if found else 'unknown'}, and this version reads {_FORMAT}",
                where=self.name,
                remedy="make the store again",
            )


def _connect(path: Path | None, read_only: bool) -> duckdb.DuckDBPyConnection:
    import duckdb

    # A store never needs an extension, a file beside its own or the network.
    settings: dict[str, Any] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    if path is None:
        return duckdb.connect(":memory:", config=settings)
    try:
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(str(path), read_only=read_only, config=settings)
    except (duckdb.Error, OSError) as error:
        raise _unopened(path, error) from error


def _unopened(path: Path, error: Exception) -> FeatureStoreError:
    reason = _reason(error, path)
    if any(words in reason for words in ("Could not set lock", "being used by another process")):
        what, remedy = (
            "another process has the store open",
            "close it there; only readers (`read_only=True`) can share a store",
        )
    elif "different configuration" in reason:
        what, remedy = "the store is open in this process in the other mode", "close it, or open both alike"
    elif path.is_dir():
        what, remedy = "this is a folder", "give the path of a file, such as features.duckdb"
    elif not path.exists():
        what, remedy = "there is no such store", "check the path; without `read_only` a new store is made"
    else:
        what, remedy = (
            "this is no store that can be read: damaged, or no DuckDB file",
            "restore a copy, or give another path",
        )
    return FeatureStoreError(what, where=path.name, tried=reason, remedy=remedy)


def _reason(error: Exception, path: Path | None) -> str:
    """What DuckDB said, in a line, without the folders of this machine."""
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    for place in (path.resolve(), path) if path else ():
        reason = reason.replace(str(place), place.name)
    return reason
