"""Data quality in figures: what share is there, valid, unique, fresh; and a correction that leaves a record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import a_day, days, identities, need_columns, the_person

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Correction", "data_quality", "rectify"]


def data_quality(
    frame: pd.DataFrame,
    *,
    key: Sequence[str] = (),
    broken: Collection[tuple[Any, str]] = (),
    time: str | None = None,
    on: date | None = None,
    fresh_days: int = 1,
) -> dict[str, float]:
    """Measure a table.

    Parameters
    ----------
    frame : DataFrame
        At least one row and one column.
    key : sequence of str
        Columns that should tell rows apart.
    broken : collection of (row, column)
        Cells that break a rule, by row label and column, as a data contract finds them; each is counted once.
    time : str, optional
        Column of dates, with `on` and `fresh_days`: how much of the table is recent enough.

    Returns
    -------
    dict of str to float
        Shares from 0 to 1: ``completeness`` (cells that are not missing), ``validity`` (cells that break no rule),
        ``uniqueness`` (rows whose key nobody had before; only with `key`), ``freshness`` (only with `time` and `on`; what
        lies in the future is not fresh but wrong).

    Raises
    ------
    GovernanceError
        For an empty table, a column or cell that it does not have, or dates that are none.
    """
    import pandas as pd

    where = "data_quality"
    need_columns(frame, [*key, *([] if time is None else [time])], where=where)
    if not frame.size:
        raise GovernanceError("an empty table has no quality", where=where)
    strange = [cell for cell in broken if cell[0] not in frame.index or cell[1] not in frame.columns]
    if strange:
        raise GovernanceError(f"no cell {strange[0]}", where=f"{where}: broken", remedy="row label and column")
    found = {
        "completeness": float(frame.notna().to_numpy().mean()),
        "validity": 1 - len(set(broken)) / frame.size,
    }
    if key:
        found["uniqueness"] = float((~frame.duplicated(list(key))).mean())
    if time is not None and on is not None:
        age = (pd.Timestamp(a_day(on, where=where)) - days(frame, time, where=where).dt.normalize()).dt.days
        found["freshness"] = float(age.between(0, fresh_days).mean())
    return found


@dataclass(frozen=True)
class Correction:
    """One corrected cell, with what was there before: who had it changed, why, and what has to be computed again."""

    table: str
    row: Any
    column: str
    before: Any
    after: Any
    reason: str
    by: str
    stale: tuple[str, ...] = ()


def rectify(
    tables: Mapping[str, pd.DataFrame],
    *,
    table: str,
    subject: str,
    person: object,
    column: str,
    value: object,
    reason: str,
    by: str,
    stale: Sequence[str] = (),
) -> tuple[dict[str, pd.DataFrame], tuple[Correction, ...]]:
    """Correct what is wrong about a person (the right to rectification).

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Left as they are.
    table, subject, column : str
        Where; `subject` is the column that says whose row it is.
    person, value : object
        Whose rows (``17``, ``"17"`` and ``17.0`` are one), and what they should say.
    reason, by : str
    stale : sequence of str
        What was made of this column (``Lineage.downstream``) and is wrong now as well.

    Returns
    -------
    (dict of DataFrame, tuple of Correction)
        All tables, corrected, and a record a changed cell.

    Raises
    ------
    GovernanceError
        When there is no such table, column or person, no reason, or the column cannot hold the value.
    """
    where = f"correction in `{table}`"
    if table not in tables:
        raise GovernanceError(f"no table `{table}`", where="correction", tried=", ".join(tables))
    frame = tables[table]
    need_columns(frame, (subject, column), where=where)
    if not reason or not by:
        raise GovernanceError("reason or name is missing", where=where, remedy="give `reason` and `by`")
    theirs = identities(frame[subject]) == the_person(person, where=where)
    if not theirs.any():
        raise GovernanceError("no row of this person", where=where, remedy="answer that nothing is held")
    corrected = frame.copy()
    try:
        corrected.loc[theirs, column] = value
    except (TypeError, ValueError) as error:
        raise GovernanceError(
            f"`{column}` holds {frame[column].dtype} and not {value!r}", where=where, remedy="give a value of its type"
        ) from error
    record = tuple(
        Correction(table, row, column, before, value, reason, by, tuple(stale))
        for row, before in frame.loc[theirs, column].items()
        if before != value
    )
    return {**tables, table: corrected}, record
