"""Leaving out columns that say what another column says already.

Two columns with a high correlation carry nearly the same information, so one of them can go. Which one? The one that is tied
less to the target. Both questions are asked of training rows only: a column that was chosen with the help of the rows it is
judged on looks better than it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Pruning:
    """What is left of a table's columns, and why the others went.

    Attributes
    ----------
    kept : tuple of str
        In the order of the table.
    dropped : mapping of str to str
        The reason by column, in the order of the table.
    threshold : float
        Two kept columns have an absolute correlation of at most this.
    """

    kept: tuple[str, ...]
    dropped: Mapping[str, str] = field(default_factory=dict)
    threshold: float = 0.8


def correlated_pairs(frame: pd.DataFrame, *, threshold: float = 0.8, method: str = "pearson") -> pd.DataFrame:
    """List the pairs of columns whose absolute correlation is above `threshold`.

    Parameters
    ----------
    frame : DataFrame of numbers
        Training rows. A constant column correlates with nothing; missing values leave out the row for the pair.
    threshold : float
        0 to 1; a pair exactly at it is not listed.
    method : {"pearson", "spearman"}
        Straight-line or rank correlation.

    Returns
    -------
    DataFrame, strongest first
        ``one``, ``other`` (in the order of the table) and ``r``.

    Raises
    ------
    DataError
        For a table without rows, a column that does not hold numbers, two columns of one name, a threshold outside 0 to 1.
    """
    import pandas as pd

    matrix = _matrix(frame, threshold, method)
    names = list(matrix.columns)
    found = [
        {"one": one, "other": other, "r": float(matrix.loc[one, other])}
        for i, one in enumerate(names)
        for other in names[i + 1 :]
        if abs(matrix.loc[one, other]) > threshold
    ]
    table = pd.DataFrame(found, columns=["one", "other", "r"])
    return table.iloc[table["r"].abs().sort_values(ascending=False, kind="stable").index].reset_index(drop=True)


def target_tie(frame: pd.DataFrame, target: pd.Series) -> pd.Series:
    """Absolute correlation of each column with the target, 0 to 1; 0 where the column is constant.

    For a target of 0 and 1 this is the point-biserial correlation. It sees straight lines only: a column that helps in
    combination with another, or along a curve, can have 0.

    Raises
    ------
    DataError
        When frame and target have different lengths, or the target is constant.
    """
    if len(frame) != len(target):
        raise DataError(f"{len(frame):,} rows, but {len(target):,} values of the target", where="target")
    values = target.astype(float)
    if values.nunique() < 2:
        raise DataError("the target is constant, so nothing can be tied to it", where="target")
    varying = [name for name in frame.columns if frame[name].nunique() > 1]
    tied = frame[varying].corrwith(values.set_axis(frame.index)).abs()
    return tied.reindex(frame.columns).fillna(0.0)


def prune(
    frame: pd.DataFrame, target: pd.Series | None = None, *, threshold: float = 0.8, method: str = "pearson"
) -> Pruning:
    """Keep a set of columns in which no two correlate above `threshold`.

    The columns are visited from the one most tied to the target to the least (`target_tie`; equal ones, and all of them
    where there is no target, in the order of the table). A column stays unless it correlates above the threshold with one
    that stays already. So each column that goes names a better one that speaks for it.

    Parameters
    ----------
    frame : DataFrame of numbers
        Training rows only.
    target : Series, optional
        Of the same rows.
    threshold : float
        0 to 1. Between 0.6 and 0.8 is common; there is no right value.
    method : {"pearson", "spearman"}
        How columns are compared with each other.

    Returns
    -------
    Pruning

    Raises
    ------
    DataError
        As in `correlated_pairs` and `target_tie`.

    Examples
    --------
    >>> import pandas as pd
    >>> celsius = pd.Series([0.0, 10.0, 20.0])
    >>> prune(pd.DataFrame({"celsius": celsius, "fahrenheit": 1.8 * celsius + 32})).dropped
    {'fahrenheit': 'r = 1.00 with celsius'}
    """
    matrix = _matrix(frame, threshold, method).abs()
    order = list(matrix.columns)
    if target is not None:
        order = list(target_tie(frame, target)[order].sort_values(ascending=False, kind="stable").index)
    kept: list[str] = []
    reasons = {name: "constant" for name in frame.columns if name not in matrix.columns}
    for name in order:
        rival = next((other for other in kept if matrix.loc[name, other] > threshold), None)
        if rival is None:
            kept.append(name)
        else:
            reasons[name] = f"r = {_signed(frame, name, rival, method):.2f} with {rival}"
    ordered = {name: reasons[name] for name in frame.columns if name in reasons}
    return Pruning(tuple(name for name in frame.columns if name in kept), ordered, threshold)


def _signed(frame: pd.DataFrame, one: str, other: str, method: str) -> float:
    return float(frame[[one, other]].corr(method=method).iloc[0, 1])


def _matrix(frame: pd.DataFrame, threshold: float, method: str) -> pd.DataFrame:
    """Correlations of the columns that vary; NaN (no common rows) counts as 0."""
    from pandas.api import types

    if not 0 <= threshold <= 1:
        raise DataError(f"a correlation lies between 0 and 1, so {threshold:g} is no threshold", where="threshold")
    if len(frame) == 0:
        raise DataError("the table has no rows", where="frame")
    twice = frame.columns[frame.columns.duplicated()].tolist()
    if twice:
        raise DataError(f"the column name `{twice[0]}` is used twice", where="frame.columns", remedy="rename one of them")
    words = [name for name in frame.columns if not types.is_numeric_dtype(frame[name])]
    if words:
        raise DataError(
            f"column `{words[0]}` does not hold numbers", where="frame", remedy="encode it as numbers first, or leave it out"
        )
    varying = [name for name in frame.columns if frame[name].nunique() > 1]
    return frame[varying].astype(float).corr(method=method).fillna(0.0)
