"""For whom did it work? Asked of many groups at once, chance always finds one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.iterate.experiment.rates import compare_rates

if TYPE_CHECKING:
    import pandas as pd


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust p-values so that any false alarm among them has the chance that one of them alone had (Holm 1979).

    The smallest is multiplied by their number, the next by one less, and so on; none may fall below the one before.

    Examples
    --------
    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    if not all(0 <= p <= 1 for p in p_values):
        raise DataError("a p-value lies between 0 and 1", where="holm")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda k: p_values[k])):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = highest
    return adjusted


def by_segment(
    frame: pd.DataFrame,
    segment: str,
    *,
    outcome: str,
    group: str = "group",
    champion: str = "champion",
    challenger: str = "challenger",
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Compare the two groups within each segment, with p-values adjusted for their number.

    Parameters
    ----------
    frame : DataFrame
        One row a user; `outcome` is 0 or 1.
    segment : str
        A column that was known *before* the experiment. What the experiment may have moved splits users by its own effect.
    alpha : float
        Chance of any false alarm among the segments.

    Returns
    -------
    DataFrame
        segment, users_a, users_b, rate_a, rate_b, difference, low, high, p, p_adjusted, shown; one row a segment, in order.
        Segments that lack one of the groups have no rate and take no part in the adjustment. Users whose segment is
        missing are one more segment, the last, whose name is missing.

    Raises
    ------
    DataError
        When a column is missing, or an outcome is neither 0 nor 1.
    """
    import pandas as pd

    check_columns(frame, [segment, outcome, group], where="by_segment")
    check_binary(frame, outcome, where="by_segment")
    rows = []
    for name, part in frame.groupby(segment, observed=True, sort=True, dropna=False):
        a, b = (part.loc[part[group] == each, outcome] for each in (champion, challenger))
        row = {"segment": name, "users_a": len(a), "users_b": len(b)}
        if len(a) and len(b):
            test = compare_rates(int(a.sum()), len(a), int(b.sum()), len(b))
            row |= {name: getattr(test, name) for name in ("rate_a", "rate_b", "difference", "low", "high", "p")}
        rows.append(row)
    columns = ["segment", "users_a", "users_b", "rate_a", "rate_b", "difference", "low", "high", "p"]
    table = pd.DataFrame(rows, columns=columns)
    known = table["p"].notna()
    table.loc[known, "p_adjusted"] = holm(table.loc[known, "p"].tolist())
    table["shown"] = known & (table["p_adjusted"].fillna(1.0) <= alpha)
    return table


def heterogeneity(table: pd.DataFrame) -> float:
    """p-value of the hypothesis that the effect is the same in every segment of `by_segment` (Cochran's Q).

    That one segment is significant and another is not does not mean that they differ; this asks whether they do.
    """
    from scipy.stats import chi2

    known = table[table["high"] > table["low"]]
    if len(known) < 2:
        return 1.0
    weight = 1 / ((known["high"] - known["low"]) / 2) ** 2
    mean = (weight * known["difference"]).sum() / weight.sum()
    statistic = float((weight * (known["difference"] - mean) ** 2).sum()) * 1.959963984540054**2
    return float(chi2.sf(statistic, len(known) - 1))


def check_columns(frame: pd.DataFrame, columns: Sequence[str], *, where: str) -> None:
    """Raise DataError where one of `columns` is missing, or there are no rows."""
    missing = [name for name in columns if name not in frame]
    if missing:
        raise DataError(f"no column `{missing[0]}`", where=where, tried="columns: " + ", ".join(map(str, frame.columns)))
    if frame.empty:
        raise DataError("there is nobody in it", where=where)


def check_binary(frame: pd.DataFrame, column: str, *, where: str) -> None:
    """Raise DataError where a value of `column` is neither 0 nor 1; a missing value is neither."""
    values = frame[column]
    odd = ~values.isin([0, 1])
    if odd.any():
        raise DataError(
            f"{int(odd.sum()):,} values of `{column}` are neither 0 nor 1, the first is {values[odd].iloc[0]!r}",
            where=where,
            remedy="decide, before the test, what a user without an outcome counts as; leaving them out may favour a group",
        )
