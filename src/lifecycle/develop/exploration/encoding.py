"""Columns as numbers, coded the same way again for rows that come later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lifecycle.develop.exploration.recognition import (
    FORMS,
    Kind,
    Recognised,
    dates_of,
    days_of,
    numbers_of,
    recognise,
    strange_in,
    text_of,
)
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MOST = 30
"""The most values of a category that get a column of their own; rows with another value have 0 in all of them."""

Coding = Mapping[str, Any]
"""By column: ``"number"``; ``"date"`` (days since 1970; of text, ISO 8601), or with the form of the text, as
``"date %d.%m.%Y"``; ``"truth"``; or the list of values that have their own column."""


def encode(
    frame: pd.DataFrame,
    *,
    target: str | None = None,
    categories: Coding | None = None,
    typed: bool = False,
    forms: Mapping[str, str] | None = None,
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
        name are left out, those that it names must be there; nothing is guessed from the other rows. A word in a column of
        numbers, and text in a column of dates that is not written in the form of the coding, are missing, as they were when
        it was learned. Learned from `frame` where it is not given.
    typed : bool
        Learn the coding from the columns' types alone, and do not look for numbers or dates in text again: for rows out of
        what `usable` gave, where fewer of them might look like something else.
    forms : mapping, optional
        With `typed`: how dates were written before they were read, by column, as `usable` found it.

    Returns
    -------
    inputs : DataFrame of float64
        Numbers as they are; dates as days since 1970; truth values as 0 and 1; of a category, a column ``name=value`` of 0
        and 1 for each of its 30 most frequent values. Missing values are nan, also in all columns of their category. The
        index is kept.
    categories : dict
        The coding, which JSON can hold: by column ``"number"``, ``"date"`` or ``"date"`` and the form of the text,
        ``"truth"``, or a list of values; the empty list for a column without a coding, as an identifier.

    Raises
    ------
    DataError
        When a column of the coding is missing, or holds values of a type that the coding does not expect, naming the row;
        when two columns would get one name.
    """
    import pandas as pd

    coding = dict(categories) if categories is not None else _learn(frame, target, typed, forms or {})
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


def _learn(frame: pd.DataFrame, target: str | None, typed: bool, forms: Mapping[str, str]) -> dict[str, Any]:
    coding: dict[str, Any] = {}
    for name in frame.columns:
        if name == target:
            continue
        found = _as_typed(frame[name], forms.get(str(name), "")) if typed else recognise(frame[name])
        if found.kind in ("number", "date"):
            coding[str(name)] = f"{found.kind} {found.form}".rstrip()
        elif found.kind == "category" and found.values.dtype == bool:
            coding[str(name)] = "truth"
        else:
            coding[str(name)] = _values(found.values) if found.kind == "category" else []
    return coding


def _as_typed(column: pd.Series, form: str) -> Recognised:
    """A column out of `usable`, as what its type says that it is."""
    kinds: dict[str, Kind] = {"M": "date", "i": "number", "u": "number", "f": "number"}
    kind = kinds.get(column.dtype.kind, "category")
    return Recognised(kind, column, [], form if kind == "date" else "")


def _values(values: pd.Series) -> list[str]:
    """The values to code, most frequent first; none where nearly every row has its own."""
    counts = values.value_counts()
    if len(counts) > MOST and counts.iloc[0] < 2:
        return []
    most = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))[:MOST]
    return [str(value) for value, _ in most]


def _columns(column: pd.Series, name: str, how: Any) -> dict[str, pd.Series]:
    if how == "number":
        return {name: _as_numbers(column, name)}
    if isinstance(how, str) and (how == "date" or how.startswith("date ")):
        return {name: _as_days(column, name, how[5:])}
    if isinstance(how, str) and how != "truth":
        raise _no_coding(name, how)
    text = text_of(column)
    if how == "truth":
        return {name: _as_truth(text, name)}
    known = text.notna()
    return {f"{name}={value}": (text == value).astype("float64").where(known) for value in how}


def _no_coding(name: str, how: str) -> DataError:
    return DataError(f"there is no coding {how!r}", where=f"column `{name}`", remedy="give the coding that was learned")


def _as_numbers(column: pd.Series, name: str) -> pd.Series:
    import pandas as pd
    from pandas.api import types

    dates = types.is_datetime64_any_dtype(column) or isinstance(column.dtype, pd.PeriodDtype)
    _refuse(column, name, "a number", dates or types.is_bool_dtype(column) or types.is_complex_dtype(column))
    return numbers_of(column)


def _as_days(column: pd.Series, name: str, form: str) -> pd.Series:
    from pandas.api import types

    if form not in FORMS:
        raise _no_coding(name, f"date {form}")
    _refuse(column, name, "a date", types.is_numeric_dtype(column) or types.is_timedelta64_dtype(column))
    return days_of(dates_of(column, form))


def _refuse(column: pd.Series, name: str, wanted: str, of_another_type: bool) -> None:
    """Raise for values that are of another type than the coding expects; words are not, for they count as missing."""
    bad = column.notna().to_numpy() if of_another_type else strange_in(column)
    if bad.any():
        row = int(bad.argmax())
        raise DataError(
            f"{column.astype('object').iloc[row]!r} is not {wanted}",
            where=f"column `{name}`, row {row + 1:,}",
            remedy="give the column as it was when the coding was learned",
        )


def _as_truth(text: pd.Series, name: str) -> pd.Series:
    coded = text.str.lower().map({"true": 1.0, "1": 1.0, "1.0": 1.0, "false": 0.0, "0": 0.0, "0.0": 0.0})
    bad = (coded.isna() & text.notna()).to_numpy()
    if bad.any():
        row = int(bad.argmax())
        raise DataError(f"{text.iloc[row]!r} is neither true nor false", where=f"column `{name}`, row {row + 1:,}")
    return coded.astype("float64")
