"""Where a gradebook is: opening it, one writer at a time, and transactions that either happened or did not.

SQLite keeps a write-ahead log, so that readers never wait for the writer. Every commit outlives the program, however that
ends. To outlive a loss of power as well it has to wait for the disk, some 10 ms; that is done once a submission and for all
that persons write, and not for each verdict. A commit that waits takes those before it along. The
writer holds a lock beside the file, or an advisory lock of PostgreSQL's, on which all it writes depends: it writes through
the one connection that took the lock, and when that is lost, so is the right to write.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, make_url, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from workbench.errors import GradingError
from workbench.grading.book.rows import GradebookBusyError, GradebookError
from workbench.grading.book.tables import FORMAT, about, metadata

PATIENCE = 10.0
"""Seconds for which a transaction waits for another program that has the database."""

_ADVISORY = 0x6D6C6F70732D6762  # one number for all gradebooks: a database of PostgreSQL's holds one
_LOCK_WAIT = 4.0  # seconds in which a server, however busy, notices that the last writer was killed


class Store:
    """One open gradebook: a connection, and the lock that goes with it.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        Of SQLite or PostgreSQL.
    name : str
        What the gradebook is called in messages, without its password.
    write : bool
        Whether it may be changed.
    unlock : callable
        Gives the lock back, at the end.
    make : bool
        Whether its tables are made where there are none.
    """

    def __init__(self, engine: Engine, name: str, *, write: bool, unlock: Callable[[], None], make: bool = True) -> None:
        self.name = name
        self.write = write
        self._make = make
        self._engine = engine
        self._unlock = unlock
        self._guard = threading.RLock()  # verdicts arrive from several threads
        self._lost = ""
        try:
            with _translated(name):
                self._connection = engine.connect()
                if engine.dialect.name == "postgresql":
                    self._begin_on_server()
                self._prepare()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the whole gradebook.

        Raises
        ------
        GradebookError
            When the database cannot be read.
        """
        with self._transaction(begin="BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self, *, synced: bool = True) -> Iterator[Connection]:
        """A transaction that outlives this program when the block has ended, and never happened when the block raises.

        Parameters
        ----------
        synced : bool
            Whether it also outlives a loss of power by then; otherwise it does with the next that is.

        Raises
        ------
        GradebookError
            When it was opened for reading, or the database does not take the change: full, locked, gone.
        """
        if not self.write:
            raise GradebookError("this gradebook was opened for reading", where=self.name)
        with self._transaction(begin="BEGIN IMMEDIATE", synced=synced) as connection:
            yield connection

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, and those that SQLite and the lock keep beside it; none for a server."""
        beside = ("", "-wal", "-shm", "-journal", ".lock")
        return tuple(Path(f"{self.name}{end}") for end in beside) if self._engine.dialect.name == "sqlite" else ()

    def close(self) -> None:
        """Give back the connection and the lock; a second call does nothing."""
        with self._guard:
            if hasattr(self, "_connection"):
                self._connection.close()
                del self._connection
            self._engine.dispose()
            unlock, self._unlock = self._unlock, _nothing
            unlock()

    @contextmanager
    def _transaction(self, *, begin: str, synced: bool = True) -> Iterator[Connection]:
        with self._guard, _translated(self.name):
            if self._lost or not hasattr(self, "_connection"):
                raise GradebookError(self._lost or "this gradebook is closed", where=self.name, remedy="open it again")
            try:
                with self._connection.begin():
                    if self._engine.dialect.name == "sqlite":
                        self._connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if synced else 'NORMAL'}")
                        self._connection.exec_driver_sql(begin)  # the driver itself would begin too late
                    elif not synced:
                        self._connection.execute(text("SET LOCAL synchronous_commit TO off"))
                    yield self._connection
            except DBAPIError as error:
                if error.connection_invalidated:  # a new connection would not hold the lock
                    right = ", and the right to write with it" if self.write else ""
                    self._lost = f"the connection to the database was lost{right}"
                raise

    def _begin_on_server(self) -> None:
        """Take the lock and insist on durable commits, or on reading one state and nothing else."""
        if not self.write:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            self._connection = self._connection.execution_options(**options)
            return
        with self._connection.begin():
            self._connection.execute(text("SET synchronous_commit TO on"))
            self._connection.execute(text(f"SET lock_timeout TO {int(_LOCK_WAIT * 1000)}"))
            try:
                self._connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": _ADVISORY})
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", "") != "55P03":  # lock not available
                    raise
                raise _busy(self.name, "another session of the server") from error

    def _prepare(self) -> None:
        """Make the tables where there are none, and see that they are of this version."""
        if self.write and self._make:
            with self.writing() as connection:
                if not inspect(connection).has_table(about.name):
                    metadata.create_all(connection, checkfirst=False)  # never into others' tables
                    connection.execute(insert(about).values(name="format", value=FORMAT))
        with self.reading() as connection:
            found = None
            if inspect(connection).has_table(about.name):
                found = connection.execute(select(about.c.value).where(about.c.name == "format")).scalar()
        if found != FORMAT:
            raise GradebookError(
                "there is no gradebook in this database" if found is None else f"a gradebook of another version: {found}",
                where=self.name,
            )


def open_store(where: str | Path, *, write: bool, patience: float, make: bool = True) -> Store:
    """Open the gradebook at a path or URL; see `Gradebook.open`."""
    url = _url(where)
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise GradebookError("a gradebook in memory would be lost", where=str(where), remedy="give the path of a file")
        return _open_file(Path(url.database), write=write, make=make, patience=patience)
    if url.get_backend_name() == "postgresql":
        name = url.difference_update_query(["password"]).render_as_string(hide_password=True)
        try:
            engine = create_engine(
                url.set(drivername="postgresql+psycopg"), poolclass=NullPool, connect_args={"connect_timeout": 10}
            )
        except ModuleNotFoundError as error:
            raise GradebookError(
                "the driver for PostgreSQL is not installed",
                where=name,
                remedy="python -m pip install 'mlops-workbench[postgres]'",
            ) from error
        return Store(engine, name, write=write, make=make, unlock=_nothing)  # the server unlocks when the connection ends
    raise GradebookError(
        f"`{url.get_backend_name()}` is not a database for gradebooks", remedy="a path (SQLite), or postgresql://..."
    )


def _url(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        return make_url(where)
    except ArgumentError as error:
        raise GradebookError("not the URL of a database", remedy="postgresql://USER@HOST/DATABASE") from error


def _open_file(path: Path, *, write: bool, make: bool, patience: float) -> Store:
    path = path.resolve()  # by whatever links it is reached, there is one lock
    if not (write and make) and not path.is_file():
        raise GradebookError("there is no gradebook here", where=str(path), remedy="workbench grade INBOX makes one")
    unlock = _lock(path) if write else _nothing
    address = f"file:{quote(str(path))}?mode={'rw' if write else 'ro'}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=patience, check_same_thread=False, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def settle(raw: Any, _record: Any) -> None:
        if write:
            raw.execute("PRAGMA journal_mode=WAL")  # a file system that cannot keeps a rollback journal, as safe and slower

    return Store(engine, str(path), write=write, make=make, unlock=unlock)


def _lock(path: Path) -> Callable[[], None]:
    """Hold the lock beside a file until the returned function is called, or this process ends in whatever way.

    The file itself is made where there is none: both are for their owner alone, since they hold names and scores.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _take(descriptor, path)
            if not path.exists():
                os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as error:
        raise GradebookError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return lambda: os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 40).decode("ascii", "replace").strip()
        raise _busy(str(path), f"process {holder}" if holder else "another process") from error
    os.ftruncate(descriptor, 0)
    with contextlib.suppress(OSError):  # a full disk; the number is only for the message of whoever comes second
        os.pwrite(descriptor, f"{os.getpid()}\n".encode("ascii"), 0)


def _busy(name: str, holder: str) -> GradebookBusyError:
    return GradebookBusyError(
        f"{holder} writes in this gradebook", where=name, remedy="wait until it has ended; reading is possible meanwhile"
    )


def _nothing() -> None:
    pass


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn what a database raises into what a person can act on; what was committed before is not touched by any of it."""
    try:
        yield
    except GradingError:
        raise
    except (DBAPIError, sqlite3.Error) as error:
        original = error.orig if isinstance(error, DBAPIError) else error
        why = " ".join(str(original).split())
        raise GradebookError(f"the database says: {why}", where=name, remedy=_remedy(why, original)) from error
    except SQLAlchemyError as error:
        raise GradebookError(f"the database cannot be used: {type(error).__name__}", where=name) from error


def _remedy(why: str, error: BaseException | None) -> str:
    lower = why.lower()
    again = "then start the same command again: what was recorded is kept"
    if "full" in lower or "no space" in lower or "disk i/o" in lower:
        return f"make room on the disk, {again}"
    if "locked" in lower:
        return f"another program has the file: close it, {again}"
    if "malformed" in lower or "not a database" in lower:
        return "the file is damaged or is something else: put a copy of the gradebook in its place"
    if isinstance(error, InterfaceError | sqlite3.InterfaceError) or "connect" in lower:
        return f"see that the server runs and can be reached, {again}"
    return f"see to the cause, {again}"
