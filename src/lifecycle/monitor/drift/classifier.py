"""Can a classifier tell the periods apart? What it finds, no test of one column at a time can miss, nor it alone explain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError
from lifecycle.monitor.drift.columns import kind_of, pair, plain_numbers
from lifecycle.monitor.drift.stability import Level

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

USED = ("number", "truth", "time", "category")

AUC_WATCH, AUC_ACT = 0.6, 0.7
"""Of the ways to look, the one without customary bands: these are ours. Two equal normal columns that are 0.36 and 0.74
standard deviations apart give these values."""


@dataclass(frozen=True)
class DomainClassifier:
    """How well a classifier tells the periods apart, on rows that it did not learn from.

    Attributes
    ----------
    auc : float
        Chance that a row of the current period looks more like it than a row of the reference: 0.5 means not at all.
    low, high : float
        95 % interval of it.
    columns : tuple of (str, float)
        What it looks at most, as the fall of the AUC when that column is shuffled.
    rows : int
        Rows used of either period.
    """

    auc: float
    low: float
    high: float
    columns: tuple[tuple[str, float], ...]
    rows: int

    @property
    def level(self) -> Level:
        """By the size of the AUC."""
        return "act" if self.auc > AUC_ACT else "watch" if self.auc >= AUC_WATCH else "stable"

    @property
    def sentence(self) -> str:
        """What it says, in words."""
        told = "tells the periods apart" if self.low > 0.5 else "cannot tell the periods apart"
        by = ", ".join(f"`{name}`" for name, fall in self.columns[:3] if fall > 0.005)
        return f"all columns together: a classifier {told}, AUC {self.auc:.2f} ({self.low:.2f} to {self.high:.2f})" + (
            f", most by {by}" if by and self.low > 0.5 else ""
        )

    def to_dict(self) -> dict[str, Any]:
        """As plain data."""
        shuffled = [{"column": name, "fall": fall} for name, fall in self.columns]
        return {"auc": self.auc, "low": self.low, "high": self.high, "rows": self.rows, "columns": shuffled}


def domain_classifier(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    columns: Sequence[Any] | None = None,
    rows: int = 3_000,
    seed: int = 0,
) -> DomainClassifier:
    """Train trees to tell the current period from the reference.

    Parameters
    ----------
    reference, current : DataFrame
        The two periods.
    columns : sequence, optional
        By default those that both have, without identifiers and free text, which tell any two tables apart. Numbers, dates
        and flags are used as they are, categories as the rank of their frequency.
    rows : int
        At most so many of either period, drawn at random and as many of both; 50 at least are needed.
    seed : int
        Of the draw and the halves.

    Returns
    -------
    DomainClassifier

    Raises
    ------
    DataError
        When there are fewer than 50 rows, or no column that can be used.

    Notes
    -----
    Each half is scored by trees that learnt from the other half. The interval is that of Hanley and McNeil (1982).
    """
    import numpy as np
    from threadpoolctl import threadpool_limits

    usable = telling(reference, current) if columns is None else list(columns)
    table, period = _stacked(reference[usable], current[usable], rows=rows, seed=seed)
    with threadpool_limits(limits=1, user_api="openmp"):  # so few rows: threads would only wait for each other
        chances, falls = _cross_fitted(table, period, seed=seed)
    auc = _auc(chances[period], chances[~period])
    n = int(period.sum())
    first, second = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    variance = (auc * (1 - auc) + (n - 1) * (first - auc * auc) + (n - 1) * (second - auc * auc)) / (n * n)
    reach = 1.959964 * max(variance, 0.0) ** 0.5
    ranked = sorted(zip(map(str, table.columns), falls, strict=True), key=lambda each: -each[1])
    columns = tuple((name, float(np.round(fall, 6))) for name, fall in ranked)
    return DomainClassifier(auc, max(0.0, auc - reach), min(1.0, auc + reach), columns, n)


def telling(reference: pd.DataFrame, current: pd.DataFrame) -> list[Any]:
    """The columns of both tables that may tell periods apart: no identifiers, no free text, nothing of unlike types."""
    common = [name for name in reference.columns if name in current.columns]
    return [name for name in common if pair(reference[name], current[name]).kind in USED]


def _stacked(
    reference: pd.DataFrame, current: pd.DataFrame, *, rows: int, seed: int
) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """As many rows of both periods as numbers, and which of them are current."""
    import numpy as np
    import pandas as pd

    n = min(rows, len(reference), len(current))
    if n < 50:
        raise DataError(f"a classifier wants 50 rows of either period, not {n}", where="domain_classifier")
    rng = np.random.default_rng(seed)
    parts = [frame.iloc[np.sort(rng.choice(len(frame), n, replace=False))] for frame in (reference, current)]
    made: dict[Any, Any] = {}
    for name in reference.columns:
        column = _as_numbers(parts[0][name], parts[1][name])
        if column is not None and np.isfinite(column).any():
            made[name] = np.where(np.isinf(column), np.nan, column)
    if not made:
        raise DataError("no column that both tables have can be told to a classifier", where="domain_classifier")
    return pd.DataFrame(made), np.arange(2 * n) >= n


def _as_numbers(was: pd.Series, now: pd.Series) -> NDArray[np.float64] | None:
    import numpy as np
    import pandas as pd

    kinds = {kind_of(was), kind_of(now)} - {"nothing"}
    if kinds <= {"number", "truth"} or kinds == {"time"}:
        kind = "time" if kinds == {"time"} else "number"
        return np.concatenate([plain_numbers(was, kind), plain_numbers(now, kind)])
    if kinds != {"category"}:
        return None
    both = pd.concat([was.astype("str"), now.astype("str")])  # coded by both, so that a code does not tell the period
    codes = {name: rank for rank, name in enumerate(both.value_counts().index)}
    return np.asarray(both.map(codes).to_numpy(dtype=np.float64, na_value=np.nan))


def _cross_fitted(
    table: pd.DataFrame, period: NDArray[np.bool_], *, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Chances of being current, each from trees that did not see the row; and how much each column's order is worth."""
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier

    values = table.to_numpy()
    rng = np.random.default_rng(seed + 1)
    half = np.zeros(len(values), dtype=bool)
    for side in (period, ~period):
        half[rng.permutation(np.flatnonzero(side))[: side.sum() // 2]] = True
    chances = np.empty(len(values))
    falls = np.zeros(values.shape[1])
    for learn, judge in ((half, ~half), (~half, half)):
        model = HistGradientBoostingClassifier(
            max_iter=40, max_leaf_nodes=15, learning_rate=0.1, early_stopping=False, random_state=seed
        ).fit(values[learn], period[learn])
        chances[judge] = model.predict_proba(values[judge])[:, 1]
        whole = _auc(chances[judge & period], chances[judge & ~period])
        for place in range(values.shape[1]):
            mixed = values[judge].copy()
            mixed[:, place] = rng.permutation(mixed[:, place])
            told = model.predict_proba(mixed)[:, 1]
            falls[place] += (whole - _auc(told[period[judge]], told[~period[judge]])) / 2
    return chances, falls


def _auc(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    """Chance that a positive's value is larger; ties count half."""
    import numpy as np
    from scipy.stats import rankdata

    ranks = rankdata(np.concatenate([positive, negative]))
    n, m = len(positive), len(negative)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))
