"""What was asked and what was answered, in a file that survives the service.

Several requests that arrive together share one commit, and an answer leaves the service after the commit that holds it. So:

- whoever got an answer will find it in the log, also when the process was killed the moment after;
- an entry without an answer is possible: the process was killed between commit and answer;
- a loss of power may take the last moments, unless the log is `synced`: then each commit waits for the disk.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.serving.checkpoints import Checkpoints
from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import pandas as pd

_TABLE = """
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY, request_id TEXT NOT NULL, row INTEGER NOT NULL, time REAL NOT NULL, status INTEGER NOT NULL,
    model_version TEXT NOT NULL, model_digest TEXT NOT NULL, features TEXT, prediction INTEGER, probability REAL, error TEXT
) STRICT
"""
_INSERT = "INSERT INTO requests VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


class LogError(LifecycleError):
    """A request log that cannot be opened, written or read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log: one row that was scored, or one request that was refused.

    Attributes
    ----------
    request_id : str
    row : int
        The row's place in a batch; 0 for a request of one row.
    time : float
        When it came in, seconds since 1970 (UTC).
    status : int
        The HTTP status.
    model_version, model_digest : str
    features : sequence of float or None
        In the model's order; None for a refusal, whose content is nobody's business here.
    prediction, probability, error : optional
    """

    request_id: str
    row: int
    time: float
    status: int
    model_version: str
    model_digest: str
    features: Sequence[float] | None = None
    prediction: int | None = None
    probability: float | None = None
    error: str | None = None

    def values(self) -> tuple[Any, ...]:
        """The columns of the table, in order."""
        features = None if self.features is None else json.dumps(self.features)
        return (
            self.request_id, self.row, self.time, self.status, self.model_version, self.model_digest, features,
            self.prediction, self.probability, self.error,
        )  # fmt: skip


class RequestLog:
    """A SQLite file in WAL mode: one writer, and readers who hinder nobody.

    Parameters
    ----------
    path : Path or str
        Made where it is missing, continued where it is there.
    synced : bool
        Whether a commit waits for the disk, so that it also survives a loss of power. Costs a few milliseconds an answer.
    """

    def __init__(self, path: Path | str, *, synced: bool = False) -> None:
        self.path = Path(path)
        self.synced = synced
        self._connection: sqlite3.Connection | None = None
        self._checkpoints = Checkpoints(self.path)
        self._waiting: list[tuple[tuple[Entry, ...], asyncio.Future[None]]] = []

    def write(self, entries: list[Entry] | tuple[Entry, ...]) -> None:
        """Write entries in one commit, and come back when it holds.

        Raises
        ------
        LogError
            When the file cannot be written.
        """
        with self._transaction() as connection:
            connection.executemany(_INSERT, [entry.values() for entry in entries])
        self._checkpoints.committed()

    def check(self) -> None:
        """Find out whether an entry could be written now: one is, and taken back, in a commit that nobody sees.

        A transaction that is rolled back would not do: it reaches no disk, so a full one goes unnoticed.

        Raises
        ------
        LogError
            When the file cannot be written.
        """
        with self._transaction() as connection:
            number = connection.execute(_INSERT, Entry("", 0, 0.0, 0, "", "").values()).lastrowid
            connection.execute("DELETE FROM requests WHERE number = ?", (number,))

    async def record(self, *entries: Entry) -> None:
        """Write entries together with those of all requests that are being answered at this moment.

        Raises
        ------
        LogError
            When the file cannot be written.
        """
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((entries, done))
        if len(self._waiting) == 1:
            loop.call_soon(self._commit)
        await done

    def close(self) -> None:
        """Close the file; the next entry opens it again."""
        self._checkpoints.close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _commit(self) -> None:
        waiting, self._waiting = self._waiting, []
        failure: LogError | None = None
        try:
            self.write([entry for entries, _ in waiting for entry in entries])
        except LogError as error:
            failure = error
        for _, done in waiting:
            if done.done():  # its client is gone
                continue
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._open() as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
        except (sqlite3.Error, OSError) as error:
            self.close()  # the next entry begins anew: what is wrong may have been mended
            raise LogError(
                "cannot be written", where=self.path.name, tried=str(error),
                remedy="see whether it is a request log, whether the disk is full, and whether the folder may be written to",
            ) from error  # fmt: skip

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=1, isolation_level=None, check_same_thread=False)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(f"PRAGMA synchronous = {'FULL' if self.synced else 'NORMAL'}")
                connection.execute("PRAGMA wal_autocheckpoint = 0")  # `Checkpoints` does it, while nobody waits
                connection.execute(_TABLE)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection


def read_log(path: Path | str) -> pd.DataFrame:
    """The log as a table, one row an entry, in the order of writing; works while the service goes on writing.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    DataFrame
        The columns of `Entry`; ``features`` holds lists, ``time`` is a UTC timestamp.

    Raises
    ------
    LogError
        When there is no log.
    """
    import pandas as pd

    place = Path(path)
    if not place.is_file():
        raise LogError("there is no such log", where=place.name)
    connection = sqlite3.connect(place, timeout=5)
    try:
        found = pd.read_sql_query("SELECT * FROM requests ORDER BY number", connection)
    except (sqlite3.Error, pd.errors.DatabaseError) as error:
        raise LogError("not a request log", where=place.name, tried=str(error)) from error
    finally:
        connection.close()
    found["time"] = pd.to_datetime(found["time"], unit="s", utc=True)
    found["features"] = [json.loads(text) if isinstance(text, str) else None for text in found["features"]]
    return found.drop(columns="number")
