"""What a table holds, before any model: one row of facts a column, and how the two classes differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def profile(frame: pd.DataFrame) -> pd.DataFrame:
    """Summarise each column in one row.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)

    Returns
    -------
    DataFrame of shape (n_columns, 9)
        ``column``, ``kind`` (number, category or time), ``missing`` (rows), ``distinct`` (values) and, for numbers,
        ``mean``, ``median``, ``sd``, ``skew`` and ``outliers``: the share of rows beyond 1.5 interquartile ranges from the
        quartiles (Tukey's fences; 0 means none).

    Raises
    ------
    DataError
        For a table without rows, or with two columns of one name.
    """
    import numpy as np
    import pandas as pd

    _usable(frame)
    rows = []
    for name, column in frame.items():
        row: dict[str, object] = {"column": name, "kind": kind_of(column), "missing": int(column.isna().sum())}
        row["distinct"] = int(column.nunique())
        if row["kind"] == "number":
            values = column.dropna().astype(float)
            skew = float(values.skew()) if values.nunique() > 1 else np.nan
            row |= {"mean": values.mean(), "median": values.median(), "sd": values.std(), "skew": skew}
            row["outliers"] = float(outlier_mask(values).mean())
        rows.append(row)
    columns = ["column", "kind", "missing", "distinct", "mean", "median", "sd", "skew", "outliers"]
    return pd.DataFrame(rows, columns=columns)


def class_summary(frame: pd.DataFrame, target: str) -> pd.DataFrame:
    """Compare the numeric columns between the two classes, by mean *and* by median.

    Parameters
    ----------
    frame : DataFrame
    target : str
        Column of 0 and 1.

    Returns
    -------
    DataFrame, one row a numeric column, strongest first
        ``mean_0``, ``mean_1``, ``median_0``, ``median_1`` and ``auc``: the chance that a random row of class 1 has the
        larger value (ties count half). 0.5 means no separation; 0 and 1 mean that the column alone tells the classes apart.

    Raises
    ------
    DataError
        When `target` is missing or does not hold both 0 and 1.
    """
    import pandas as pd

    labels = binary(frame, target)
    rows = []
    for name, column in frame.drop(columns=target).items():
        if kind_of(column) != "number":
            continue
        zero, one = column[~labels].dropna().astype(float), column[labels].dropna().astype(float)
        rows.append(
            {
                "column": name,
                "mean_0": zero.mean(),
                "mean_1": one.mean(),
                "median_0": zero.median(),
                "median_1": one.median(),
                "auc": _auc(zero, one),
            }
        )
    table = pd.DataFrame(rows)
    strength = (table["auc"] - 0.5).abs()
    return table.iloc[strength.sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def outlier_mask(values: pd.Series, *, reach: float = 1.5) -> pd.Series:
    """Mark the values beyond Tukey's fences.

    Parameters
    ----------
    values : Series of numbers
    reach : float
        Interquartile ranges from the quartile to the fence.

    Returns
    -------
    Series of bool, indexed as `values`
    """
    low, high = values.quantile(0.25), values.quantile(0.75)
    margin = reach * (high - low)
    return (values < low - margin) | (values > high + margin)


def duplicate_rows(frame: pd.DataFrame, *, ignore: tuple[str, ...] = ()) -> int:
    """Count the rows that repeat an earlier one in every column but those in `ignore`; 0 means that all differ."""
    return int(frame.drop(columns=list(ignore)).duplicated().sum())


def kind_of(column: pd.Series) -> str:
    """Tell what a column holds: ``number``, ``time`` or ``category``; booleans, text and categories are categories."""
    from pandas.api import types

    if types.is_datetime64_any_dtype(column):
        return "time"
    return "number" if types.is_numeric_dtype(column) and not types.is_bool_dtype(column) else "category"


def binary(frame: pd.DataFrame, target: str) -> pd.Series:
    """Return the target as booleans.

    Raises
    ------
    DataError
        When the column is missing, or holds anything but 0 and 1, or one of them only.
    """
    if target not in frame.columns:
        raise DataError(f"no column `{target}`", where="target", remedy="columns: " + ", ".join(map(str, frame.columns)))
    found = sorted(frame[target].dropna().unique().tolist())
    if frame[target].isna().any() or found != [0, 1]:
        raise DataError(f"`{target}` must hold 0 and 1, both of them; found {found[:5]}", where="target")
    return frame[target].astype(bool)


def _auc(zero: pd.Series, one: pd.Series) -> float:
    # Mann and Whitney's U over the number of pairs is the area under the ROC curve (Hanley and McNeil 1982).
    import numpy as np
    from scipy.stats import rankdata

    if len(zero) == 0 or len(one) == 0:
        return float("nan")
    ranks = rankdata(np.concatenate([one.to_numpy(), zero.to_numpy()]))
    u = ranks[: len(one)].sum() - len(one) * (len(one) + 1) / 2
    return float(u / (len(one) * len(zero)))


def _usable(frame: pd.DataFrame) -> None:
    if len(frame) == 0:
        raise DataError("the table has no rows", where="frame")
    twice = frame.columns[frame.columns.duplicated()].tolist()
    if twice:
        raise DataError(f"the column name `{twice[0]}` is used twice", where="frame.columns", remedy="rename one of them")
