"""Columns as numbers, coded the same way again for rows that come later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lifecycle.develop.exploration.recognition import days_of, recognise
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MOST = 30
"""The most values of a category that get a column of their own; rows with another value have 0 in all of them."""

Coding = Mapping[str, Any]
"""By column: ``"number"``, ``"date"`` (days since 1970), ``"truth"``, or the list of values that have their own column."""


def encode(
    frame: pd.DataFrame, *, target: str | None = None, categories: Coding | None = None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Turn columns into numbers.

    Parameters
    ----------
    frame : DataFrame
        As `usable` gives it, or raw: text that holds numbers or dates is read.
    target : str, optional
        Left out of the result.
    categories : mapping, optional
        The coding that an earlier call returned. With it, one row is coded as a million were: columns that it does not
        name are left out, those that it names must be there. Learned from `frame` where it is not given.

    Returns
    -------
    inputs : DataFrame of float64
        Numbers as they are; dates as days since 1970; truth values as 0 and 1; of a category, a column ``name=value`` of 0
        and 1 for each of its 30 most frequent values. Missing values are nan, also in all columns of their category. The
        index is kept.
    categories : dict
        The coding, which JSON can hold: by column ``"number"``, ``"date"``, ``"truth"`` or a list of values; the empty list
        for a column without a coding, as an identifier.

    Raises
    ------
    DataError
        When a column of the coding is missing, or holds what the coding does not expect, naming the row; when two columns
        would get one name.
    """
    import pandas as pd

    coding = dict(categories) if categories is not None else _learn(frame, target)
    made: dict[str, pd.Series] = {}
    for name, how in coding.items():
        if name not in frame.columns:
            raise DataError(
                "the column is missing", where=f"column `{name}`", remedy="give the columns that were coded at first"
            )
        for coded, values in _columns(frame[name], name, how).items():
            if coded in made:
                raise DataError(f"two columns would be called `{coded}`", where=f"column `{name}`", remedy="rename it")
            made[coded] = values
    return pd.DataFrame(made, index=frame.index), coding


def _learn(frame: pd.DataFrame, target: str | None) -> dict[str, Any]:
    coding: dict[str, Any] = {}
    for name in frame.columns:
        if name == target:
            continue
        found = recognise(frame[name])
        if found.kind in ("number", "date"):
            coding[str(name)] = found.kind
        elif found.kind == "category" and found.values.dtype == bool:
            coding[str(name)] = "truth"
        else:
            coding[str(name)] = _values(found.values) if found.kind == "category" else []
    return coding


def _values(values: pd.Series) -> list[str]:
    """The values to code, most frequent first; none where nearly every row has its own."""
    counts = values.value_counts()
    if len(counts) > MOST and counts.iloc[0] < 2:
        return []
    most = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[:MOST]
    return [str(value) for value, _ in most]


def _columns(column: pd.Series, name: str, how: Any) -> dict[str, pd.Series]:
    import pandas as pd

    if how == "number":
        return {name: _as_numbers(column, name)}
    if how == "date":
        found = recognise(column)
        if found.kind != "date" and column.notna().any():
            row = int(column.notna().to_numpy().argmax())
            raise DataError(f"{column.iloc[row]!r} is not a date", where=f"column `{name}`, row {row + 1:,}")
        return {name: days_of(pd.to_datetime(found.values))}
    text = column.astype("object").where(column.notna(), None).map(lambda value: str(value).strip(), na_action="ignore")
    text = text.where(text != "", None)
    if how == "truth":
        return {name: _as_truth(text, name)}
    known = text.notna()
    return {f"{name}={value}": (text == value).astype("float64").where(known) for value in how}


def _as_numbers(column: pd.Series, name: str) -> pd.Series:
    found = recognise(column)
    if found.kind != "number" and column.notna().any():
        import pandas as pd

        bad = column.notna() & pd.to_numeric(column.astype("object"), errors="coerce").isna()
        row = int(bad.to_numpy().argmax())
        raise DataError(f"{column.iloc[row]!r} is not a number", where=f"column `{name}`, row {row + 1:,}")
    return found.values.astype("float64")


def _as_truth(text: pd.Series, name: str) -> pd.Series:
    coded = text.str.lower().map({"true": 1.0, "1": 1.0, "1.0": 1.0, "false": 0.0, "0": 0.0, "0.0": 0.0})
    bad = (coded.isna() & text.notna()).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        raise DataError(f"{text.iloc[row]!r} is neither true nor false", where=f"column `{name}`, row {row + 1:,}")
    return coded.astype("float64")
