"""What kind of values a column holds in both periods, and in which form they can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Kind = Literal["number", "category", "truth", "time", "text", "identifier", "nothing", "other"]

UNTYPED: dict[Kind, tuple[str, ...]] = {
    "number": ("integer", "floating", "mixed-integer-float", "decimal"),
    "truth": ("boolean",),
    "time": ("date", "datetime", "datetime64"),
    "category": ("string", "mixed", "mixed-integer", "bytes", "time", "interval", "categorical"),
}
"""What pandas finds in a column of Python's objects, and what that is here."""


@dataclass(frozen=True)
class Numbers:
    """The numbers of a column in one period.

    Attributes
    ----------
    values : ndarray of float
        The finite ones, sorted.
    rows, missing, infinite : int
        Rows in all, those without a value, those with an infinite one.
    """

    values: NDArray[np.float64]
    rows: int
    missing: int
    infinite: int


@dataclass(frozen=True)
class Counts:
    """How often each value of a column occurs in one period.

    Attributes
    ----------
    values : Series of int
        Indexed by the value, as text.
    rows, missing : int
    """

    values: pd.Series
    rows: int
    missing: int


@dataclass(frozen=True)
class Pair:
    """A column as both periods hold it, in a form that can be compared.

    Attributes
    ----------
    kind : str
    was, now : Numbers or Counts, or None where the periods cannot be compared
    fault : str
        Why the column has changed its type, or is empty; nothing where all is well.
    note : str
        How it was read, where that is not plain.
    missing : tuple of float
        Share of missing values in the reference and in the current period.
    """

    kind: Kind
    was: Numbers | Counts | None
    now: Numbers | Counts | None
    missing: tuple[float, float]
    fault: str = ""
    note: str = ""


def pair(reference: pd.Series, current: pd.Series) -> Pair:
    """Bring a column of both periods into one form.

    Parameters
    ----------
    reference, current : Series
        Of any type, at least one row each.
    """
    kinds = (kind_of(reference), kind_of(current))
    missing = (float(reference.isna().mean()), float(current.isna().mean()))
    if "nothing" in kinds:
        what = ("is empty in the reference", "has no value any more", "is empty in both periods")
        state = what[2] if kinds == ("nothing", "nothing") else what[kinds.index("nothing")]
        return Pair("nothing", None, None, missing, note=state)
    if "other" in kinds:
        return Pair("other", None, None, missing, note="holds values that are no numbers, dates or text: not compared")
    if kinds[0] == kinds[1]:
        return _alike(kinds[0], reference, current, missing)
    return _unlike(kinds, reference, current, missing)


def kind_of(column: pd.Series) -> Kind:
    """What a column holds, by its type and, where that says nothing, by its values.

    A column of text is a ``category`` here; `pair` looks how often its values repeat.
    """
    import pandas as pd
    from pandas.api import types

    if column.notna().sum() == 0:
        return "nothing"
    kind = column.dtype
    if isinstance(kind, pd.CategoricalDtype):
        return "category"
    if types.is_bool_dtype(kind):
        return "truth"
    if types.is_complex_dtype(kind):
        return "other"
    if types.is_numeric_dtype(kind) or types.is_timedelta64_dtype(kind):
        return "number"
    if types.is_datetime64_any_dtype(kind) or isinstance(kind, pd.PeriodDtype):
        return "time"
    if types.is_string_dtype(kind) and not types.is_object_dtype(kind):
        return "category"
    found = types.infer_dtype(column, skipna=True)
    return next((said for said, names in UNTYPED.items() if found in names), "other")


def _alike(kind: Kind, reference: pd.Series, current: pd.Series, missing: tuple[float, float]) -> Pair:
    if kind in ("number", "time"):
        was, now = (_numbers(column, kind) for column in (reference, current))
        if kind == "number" and _is_identifier(reference, was) and _goes_on(now):
            return Pair(
                "identifier", None, None, missing, note="whole numbers without a repetition: an identifier, not compared"
            )
        return Pair(kind, was, now, missing)
    was_counts, now_counts = _counts(reference), _counts(current)
    if kind == "category" and not _has_categories(reference):
        if _are_dates(was_counts) and _are_dates(now_counts):
            sides = [_parsed(column, "time") for column in (reference, current)]
            if all(side is not None for side in sides):
                was, now = (_numbers(side, "time") for side in sides)
                return Pair("time", was, now, missing, note="dates written as text")
        if _is_text(was_counts, least=50) and _is_text(now_counts, least=0):
            was, now = (_numbers(_lengths(column), "number") for column in (reference, current))
            return Pair("text", was, now, missing, note="hardly a text comes twice: compared by length in letters")
    return Pair(kind, was_counts, now_counts, missing)


def _unlike(kinds: tuple[Kind, Kind], reference: pd.Series, current: pd.Series, missing: tuple[float, float]) -> Pair:
    if set(kinds) == {"number", "truth"}:
        was, now = (_numbers(column, "number") for column in (reference, current))
        return Pair("number", was, now, missing, note="true and false are compared as 1 and 0")
    names = {"number": "numbers", "truth": "true or false", "time": "dates", "category": "text"}
    changed = f"held {names[kinds[0]]} in the reference and holds {names[kinds[1]]} now"
    kind = kinds[0] if kinds[1] == "category" else kinds[1]
    if "category" in kinds and kind in ("number", "time"):
        sides = [_parsed(column, kind) if found == "category" else column
                 for column, found in zip((reference, current), kinds, strict=True)]  # fmt: skip
        if all(side is not None for side in sides):
            was, now = (_numbers(side, kind) for side in sides)
            return Pair(kind, was, now, missing, fault=f"{changed}; the text was read as {names[kind]}")
    return Pair("other", None, None, missing, fault=f"{changed}: not comparable")


def _numbers(column: pd.Series, kind: Kind) -> Numbers:
    """Sort the numbers; those that are missing or infinite end up at the ends, where they are cut off."""
    import numpy as np

    values = np.sort(plain_numbers(column, kind))  # missing last
    known = int(np.searchsorted(values, np.nan, side="left"))
    low = int(np.searchsorted(values[:known], -np.inf, side="right"))
    high = int(np.searchsorted(values[:known], np.inf, side="left"))
    return Numbers(values[low:high], rows=len(values), missing=len(values) - known, infinite=low + known - high)


def plain_numbers(column: pd.Series, kind: str) -> NDArray[np.float64]:
    """The values in their order: numbers, true as 1, moments as seconds since 1970; missing ones as NaN."""
    return _seconds(column) if kind == "time" else _floats(column)


def _floats(column: pd.Series) -> NDArray[np.float64]:
    import numpy as np
    from pandas.api import types

    if types.is_timedelta64_dtype(column.dtype):
        column = column.dt.total_seconds()
    if types.is_object_dtype(column.dtype):
        return np.array([_float(value) if known else np.nan for value, known in zip(column, column.notna(), strict=True)])
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # Python's whole numbers have no end
        return float("inf") if value > 0 else float("-inf")


def _seconds(column: pd.Series) -> NDArray[np.float64]:
    """Seconds since 1970, in universal time where a zone is known."""
    import numpy as np
    import pandas as pd

    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if not pd.api.types.is_datetime64_any_dtype(column.dtype):
        column = pd.to_datetime(column, errors="coerce", utc=True)
    if getattr(column.dt, "tz", None) is not None:
        column = column.dt.tz_convert(None)
    moments = column.to_numpy(dtype="datetime64[us]")
    return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 1e6)


def _counts(column: pd.Series) -> Counts:
    import pandas as pd

    try:
        values = column.value_counts(sort=False, dropna=True)
    except TypeError:  # lists and the like cannot be counted
        values = column.dropna().astype(str).value_counts(sort=False)
    values = values[values > 0]  # not the categories that a type knows and no row has
    values.index = pd.Index([str(each) for each in values.index], dtype="str")  # true and "True" are one
    if not values.index.is_unique:
        values = values.groupby(level=0, sort=False).sum()
    return Counts(values, rows=len(column), missing=len(column) - int(values.sum()))


def _has_categories(column: pd.Series) -> bool:
    import pandas as pd

    return isinstance(column.dtype, pd.CategoricalDtype)


def _are_dates(counts: Counts) -> bool:
    """Whether nearly all of the first texts begin as dates do: 2026-03-01."""
    return bool(counts.values.index[:100].str.match(r"\d{4}-\d\d-\d\d(?:[T ]|$)").mean() >= 0.95)


def _is_text(counts: Counts, *, least: int) -> bool:
    """Whether values hardly repeat. The reference decides, with more than 50 of them; few rows today are as good as many."""
    return len(counts.values) > max(least, 0.2 * (counts.rows - counts.missing))


def _is_identifier(column: pd.Series, numbers: Numbers) -> bool:
    """Whole numbers, all different, in a range that is not much wider than they are many."""
    from pandas.api import types

    values = numbers.values
    if not types.is_integer_dtype(column.dtype) or len(values) < 50:
        return False
    return bool(values[-1] - values[0] < 10 * len(values) and (values[1:] != values[:-1]).all())


def _goes_on(numbers: Numbers) -> bool:
    """Whether these too may be identifiers: whole numbers without a repetition, however few."""
    values = numbers.values
    return bool(len(values) and (values[1:] != values[:-1]).all() and (values % 1 == 0).all())


def _lengths(column: pd.Series) -> pd.Series:
    return column.dropna().astype(str).str.len()


def _parsed(column: pd.Series, kind: Kind) -> Any:
    """Text read as numbers or dates, where nearly all of it can be; else nothing."""
    import pandas as pd

    text = column.astype("str")
    numbers = kind == "number"
    read = _read_numbers(text) if numbers else pd.to_datetime(text, errors="coerce", format="ISO8601", utc=True)
    return read if read.notna().sum() >= 0.95 * column.notna().sum() else None


def _read_numbers(text: pd.Series) -> pd.Series:
    """Numbers as they are written; else with commas between thousands; else with a comma before the decimals."""
    import pandas as pd

    thousands = text.where(~text.str.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?"), text.str.replace(",", "", regex=False))
    decimals = text.str.replace(",", ".", n=1, regex=False)
    ways = [pd.to_numeric(each, errors="coerce") for each in (text, thousands, decimals)]
    return max(ways, key=lambda read: int(read.notna().sum()))  # the first of equals
