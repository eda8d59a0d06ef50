"""The two tables of a view: all that was ever known (history), and what is known now (online).

A model must be trained on what was known when the label's time came, and on nothing later. So the history keeps every row,
and `as_of` finds for each label the last row whose time is not after the label's. The online table holds one row an
entity, the latest, behind an index; it is written in the same transaction as the history and so can never differ from it.

Tables and columns are called by numbers (``history_3``, ``f0``); no name of a user's becomes part of a statement.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from lifecycle.develop.store.store_file import StoreFile


_CHANGED = """
SELECT e, t FROM (
    (SELECT * FROM given SEMI JOIN history_# old USING (e, t)) EXCEPT (SELECT * FROM history_# SEMI JOIN given USING (e, t))
) ORDER BY e, t LIMIT 1"""
_APPEND = "INSERT INTO history_# SELECT * FROM given ANTI JOIN history_# old USING (e, t)"
# An upsert over an index takes 50 times as long in DuckDB as to delete and to insert.
_FORGET = "DELETE FROM online_# old USING given WHERE given.e = old.e AND given.t > old.t"
_REMEMBER = "INSERT INTO online_# SELECT * FROM given ANTI JOIN online_# old USING (e)"
# Rows are found by entity and time alone, then fetched: to carry all features through the first join costs twice as much.
_AS_OF = """
WITH found AS (SELECT given.r, given.e, old.t FROM given ASOF JOIN history_# old ON given.e = old.e AND given.t >= old.t)
SELECT found.r, h.* EXCLUDE (e) FROM found JOIN history_# h ON h.e = found.e AND h.t = found.t"""
_LATEST = "SELECT given.r, h.* EXCLUDE (e) FROM given JOIN online_# h USING (e)"


def create(file: StoreFile, number: int, width: int) -> None:
    """Make the tables of view `number` with `width` features."""
    columns = ", ".join(f"f{i} DOUBLE" for i in range(width))
    file.rows(f"CREATE TABLE history_# (e BIGINT, t TIMESTAMP, {columns})", number=number)
    file.rows(f"CREATE TABLE online_# (e BIGINT PRIMARY KEY, t TIMESTAMP, {columns})", number=number)


def append(file: StoreFile, number: int, rows: pd.DataFrame, *, where: str) -> int:
    """Add rows to both tables, within a transaction of the caller's; rows that stand there already are left out.

    Parameters
    ----------
    rows : DataFrame
        As `feature_views.accepted` gives them, in any order of time.

    Returns
    -------
    int
        How many rows were new.

    Raises
    ------
    DataError
        When a row of the same entity and time holds other values: what was known then cannot be changed afterwards.
    """
    with file.given(rows):
        changed = file.rows(_CHANGED, number=number)
        if changed:
            entity, time = changed[0]
            raise DataError(
                f"entity {entity} has other values at {time} already",
                where=where,
                tried="what was known at a time cannot be changed afterwards",
                remedy="write a correction with the time at which it became known",
            )
        [(new,)] = file.rows(_APPEND, number=number)
    with file.given(rows.sort_values("t", kind="stable").drop_duplicates("e", keep="last")):
        file.rows(_FORGET, number=number)
        file.rows(_REMEMBER, number=number)
    return int(new)


def as_of(file: StoreFile, number: int, labels: pd.DataFrame, width: int) -> tuple[Any, NDArray[np.float64]]:
    """For each label, the last row known at its time.

    Parameters
    ----------
    labels : DataFrame of shape (n_labels, 2)
        Columns ``e`` and ``t``; repeated entities and times are allowed.

    Returns
    -------
    times : array of datetime64[us], shape (n_labels,)
        When the row used became known, never after the label's time; NaT where nothing was known.
    values : array of float64, shape (width, n_labels)
        NaN where nothing was known.
    """
    return _matched(file, number, labels, width, _AS_OF)


def latest(file: StoreFile, number: int, labels: pd.DataFrame, width: int) -> tuple[Any, NDArray[np.float64]]:
    """For each label, the last row of all, later ones than the label included; returns as `as_of` does."""
    return _matched(file, number, labels, width, _LATEST)


def now(file: StoreFile, number: int, entity: int) -> tuple[float, ...] | None:
    """The latest features of one entity, NaN where one is missing; None where there is no such entity."""
    found = file.rows("SELECT * EXCLUDE (e, t) FROM online_# WHERE e = ?", [entity], number=number)
    return tuple(float("nan") if value is None else value for value in found[0]) if found else None


def everyone(file: StoreFile, number: int, width: int, *, limit: int) -> tuple[Any, NDArray[np.float64]]:
    """Entities and their latest features, shape (n_entities, width), of at most `limit` entities."""
    import numpy as np

    rows = file.arrays("SELECT * EXCLUDE (t) FROM online_# LIMIT ?", [limit], number=number)
    values = np.empty((len(rows["e"]), width))
    for i in range(width):
        values[:, i] = np.ma.filled(rows[f"f{i}"], np.nan)
    return rows["e"], values


def story(file: StoreFile, number: int, entity: int) -> dict[str, Any]:
    """All rows of one entity in the order of time, as columns ``t``, ``f0``, ``f1`` ..."""
    return file.arrays("SELECT * EXCLUDE (e) FROM history_# WHERE e = ? ORDER BY t", [entity], number=number)


def extent(file: StoreFile, number: int) -> tuple[int, int, Any, Any]:
    """Rows, entities, first and last time (None without rows) of the history."""
    [found] = file.rows("SELECT count(*), count(DISTINCT e), min(t), max(t) FROM history_#", number=number)
    rows, entities, first, last = found
    return rows, entities, first, last


def _matched(
    file: StoreFile, number: int, labels: pd.DataFrame, width: int, statement: str
) -> tuple[Any, NDArray[np.float64]]:
    import numpy as np

    with file.given(labels.assign(r=np.arange(len(labels)))):
        rows = file.arrays(statement, number=number)
    values = np.full((width, len(labels)), np.nan)
    times = np.full(len(labels), np.datetime64("NaT"), dtype="datetime64[us]")
    times[rows["r"]] = rows["t"]
    for i in range(width):
        values[i, rows["r"]] = np.ma.filled(rows[f"f{i}"], np.nan)
    return times, values
