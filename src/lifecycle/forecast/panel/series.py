"""A table of many series, one below the other, taken apart into series without gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.forecast.checks import has_columns, whole
from lifecycle.forecast.errors import ForecastError

if TYPE_CHECKING:
    import pandas as pd


def series_of(
    table: pd.DataFrame, *, key: str, values: str | tuple[str, ...], time: str = "date", freq: str = "MS", least: int = 1
) -> dict[str, pd.Series]:
    """The longest run without a gap of each key and each column of values.

    Parameters
    ----------
    table : DataFrame
        One row a key and time.
    key, time : str
        Columns that say whose value it is, and when.
    values : str or tuple of str
        Columns to forecast.
    freq : str
        The rhythm, as pandas writes it; a time that is missing is a gap.
    least : int
        Runs that are shorter are left out.

    Returns
    -------
    dict of Series
        Named ``"key · column"`` (``"key"`` where there is one column), in the order of columns and keys.

    Raises
    ------
    ForecastError
        When a column is missing or holds something else, a key or a time is missing, two keys are written alike, a key has
        a time twice, or one that is off the rhythm: nothing is left out silently but what lies beside the longest run.
    """
    import pandas as pd

    columns = (values,) if isinstance(values, str) else values
    has_columns(table, (key, time, *columns), where="table")
    _check_cells(table, key, time, columns)
    whole(least, "least", least=0)
    try:
        pd.tseries.frequencies.to_offset(freq)
    except ValueError as error:
        raise ForecastError(
            f"no rhythm {freq!r}", where="freq", tried=str(error), remedy="MS, D, h ... of pandas"
        ) from error
    twice = table[table.duplicated([key, time])]
    if len(twice):
        first = twice.iloc[0]
        raise ForecastError(f"{first[key]} has {first[time]} twice", where="table", remedy="keep one row a key and time")
    found = {}
    for column in columns:
        for name, part in table.groupby(key, sort=True):
            run = _longest_run(_regular(part.set_index(time)[column].sort_index(), name, freq))
            if len(run) >= least:
                found[f"{name} · {column}" if len(columns) > 1 else str(name)] = run
    return found


def _check_cells(table: pd.DataFrame, key: str, time: str, columns: tuple[str, ...]) -> None:
    """Refuse cells that grouping by key or sorting by time would drop or mix up."""
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    if not is_datetime64_any_dtype(table[time]):
        remedy = f"table[{time!r}] = pd.to_datetime(table[{time!r}])"
        raise ForecastError(f"`{time}` holds no dates", where="table", tried=str(table[time].dtype), remedy=remedy)
    for name in columns:
        if not is_numeric_dtype(table[name]):
            raise ForecastError(f"`{name}` holds no numbers", where="table", tried=str(table[name].dtype))
    for name in (key, time):
        if missing := int(table[name].isna().sum()):
            raise ForecastError(
                f"`{name}` is missing in {missing} rows", where="table", remedy="fill it, or drop these rows"
            )
    keys = table[key].unique()
    if len({str(each) for each in keys}) < len(keys):
        raise ForecastError(f"two keys of `{key}` are written alike", where="table", remedy="1 and '1': make them one kind")


def _regular(series: pd.Series, name: object, freq: str) -> pd.Series:
    """With every date of the rhythm, those that were missing as gaps."""
    import pandas as pd

    off = series.index[~series.index.isin(pd.date_range(series.index[0], series.index[-1], freq=freq))]
    if len(off):
        remedy = "another `freq` ('ME': ends of months), or move the dates to the rhythm"
        raise ForecastError(f"{name} has {off[0]:%Y-%m-%d %H:%M}, off the rhythm {freq!r}", where="table", remedy=remedy)
    return series.asfreq(freq)


def _longest_run(series: pd.Series) -> pd.Series:
    """The first one of the longest, where there are several."""
    known = series.notna()
    runs = (known != known.shift()).cumsum()[known]
    if runs.empty:
        return series.iloc[:0]
    longest = runs.value_counts(sort=False).idxmax()
    at = runs.index[runs == longest]
    return series.loc[at[0] : at[-1]].astype("float64")
