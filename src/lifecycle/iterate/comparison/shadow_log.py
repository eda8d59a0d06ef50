"""What both models said to the same request, in a file: a line a pair."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import pandas as pd


class ShadowError(LifecycleError):
    """A shadow, or its log, that cannot do what it is asked to."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What one model answered to one row, and how long that took.

    Attributes
    ----------
    status : int
        The HTTP status; 0 where there was no answer in time.
    ms : float
        From asking to the whole answer, in milliseconds; of the whole request, where it had several rows.
    prediction : int or None
    probability : float or None
    """

    status: int
    ms: float
    prediction: int | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of one request, answered by the champion and, as a copy, by the challenger.

    Attributes
    ----------
    request_id : str
    row : int
        Its place in a batch; 0 for a request of one row.
    time : float
        When the request came in, seconds since 1970 (UTC).
    fate : str
        ``"paired"``, ``"dropped"`` (the queue was full, or the end came first) or ``"failed"`` (the champion answered with
        status 200, and the challenger did not). A champion that failed leaves a pair with its status, too, so that the
        error rates of both are of the same requests.
    champion : Reply
    challenger : Reply or None
    """

    request_id: str
    row: int
    time: float
    fate: str
    champion: Reply
    challenger: Reply | None = None


_REPLY = [each.name for each in fields(Reply)]
COLUMNS = ("request_id", "row", "time", "fate", *(f"{who}_{what}" for who in ("champion", "challenger") for what in _REPLY))
_INSERT = "INSERT INTO pairs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_TYPES = ("TEXT", "INTEGER", "REAL", "TEXT", *2 * ("INTEGER", "REAL", "INTEGER", "REAL"))


class ShadowLog:
    """A SQLite file that one thread at a time writes and anybody reads.

    Parameters
    ----------
    path : Path or str
        Made where it is missing, continued where it is there.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def write(self, pairs: Sequence[Pair]) -> None:
        """Write pairs in one commit.

        Raises
        ------
        ShadowError
            When the file cannot be written.
        """
        nothing = (None,) * len(_REPLY)
        lines = [
            (pair.request_id, pair.row, pair.time, pair.fate, *astuple(pair.champion),
             *(astuple(pair.challenger) if pair.challenger else nothing))
            for pair in pairs
        ]  # fmt: skip
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, _TYPES, strict=True))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=5)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")  # a power failure may cost the last pairs, never the file
                with connection:
                    connection.execute(f"CREATE TABLE IF NOT EXISTS pairs ({columns}) STRICT")
                    connection.executemany(_INSERT, lines)
            finally:
                connection.close()
        except (sqlite3.Error, OSError, ValueError, OverflowError) as error:  # the last two: a value that SQLite cannot hold
            raise ShadowError("the pairs cannot be written", where=self.path.name, tried=str(error)) from error


def read_pairs(path: Path | str) -> pd.DataFrame:
    """The log of a shadow as a table, a row a pair, in the order of writing; works while the shadow goes on.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    DataFrame
        ``request_id``, ``row``, ``time`` (UTC), ``fate``, and for ``champion_`` and ``challenger_`` each ``status``, ``ms``,
        ``prediction`` and ``probability``, missing where there was none.

    Raises
    ------
    ShadowError
        When there is no such log.
    """
    import pandas as pd

    place = Path(path)
    if not place.is_file():
        raise ShadowError("there is no such log", where=place.name, remedy="it is made with the first pair")
    connection = sqlite3.connect(place, timeout=5)
    try:
        lines = connection.execute("SELECT * FROM pairs ORDER BY rowid").fetchall()
    except sqlite3.Error as error:
        raise ShadowError("not the log of a shadow", where=place.name, tried=str(error)) from error
    finally:
        connection.close()
    found = pd.DataFrame(lines, columns=list(COLUMNS))
    found["time"] = pd.to_datetime(found["time"], unit="s", utc=True)
    for who in ("champion", "challenger"):
        found = found.astype({f"{who}_status": "Int64", f"{who}_prediction": "Int64"})
        found = found.astype({f"{who}_ms": "float64", f"{who}_probability": "float64"})
    return found
