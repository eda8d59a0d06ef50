"""A forecaster put back into the past: what it would have said then, beside what came."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING

from lifecycle.forecast.checks import has_columns
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import Forecaster, numbers_of
from lifecycle.forecast.validation.folds import Fold, walk_forward
from lifecycle.forecast.validation.metrics import coverage, naive_scale, pinball, smape, winkler

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from lifecycle.forecast.forecaster import Numbers, Values

COLUMNS = ("mean", "low", "high")


def backtest(
    y: Values,
    forecaster: Forecaster,
    *,
    season: int,
    horizon: int = 12,
    folds: int | Sequence[Fold] = 5,
    level: float = 0.95,
) -> pd.DataFrame:
    """Fit on each fold's past, forecast its test, and keep both.

    Parameters
    ----------
    y : series
        The whole series; a forecaster is handed the training part of a fold alone. Values may be missing (NaN) if the
        forecaster bears that, as `prophet` does; truths that are missing are not judged.
    forecaster : Forecaster
        Ours or yours.
    season : int
        Steps in a season, for the forecaster and the scale.
    horizon : int
        Steps of a test, where `folds` is a number.
    folds : int or sequence of Fold
        How many, or which (as of `walk_forward`). A fold that trains on the future, or on a past with holes, is refused.
    level : float
        What the intervals promise.

    Returns
    -------
    DataFrame, one row a fold and step
        ``fold`` (from 1), ``step`` (1 is the next value), ``at`` (date or position), ``actual``, ``mean``, ``low``,
        ``high``, ``scale`` (`naive_scale` of the fold's past).

    Raises
    ------
    ForecastError
        When a fold is out of order, or the forecaster does not give what was asked for.
    """
    import numpy as np
    import pandas as pd

    values = numbers_of(y, gaps=True)
    series = y if isinstance(y, pd.Series) else pd.Series(values)
    if isinstance(folds, int | Integral):
        folds = walk_forward(len(values), folds=int(folds), horizon=horizon)
    if not len(folds):
        raise ForecastError("there is no fold to judge by", where="folds", remedy="a number of folds, or some of them")
    parts: list[dict[str, ArrayLike]] = []
    for number, fold in enumerate(folds, start=1):
        _check_fold(fold, number, len(values))
        past = series.iloc[list(fold.train)]
        test = np.asarray(fold.test)
        ahead = test - max(fold.train)  # a gap is forecast too, and not judged
        said = forecaster(past, season=season).predict(int(ahead[-1]), level=level)
        _check_dates(said, series, test, ahead)
        columns: dict[str, ArrayLike] = {"fold": np.full(len(ahead), number), "step": ahead, "at": test}
        columns |= {
            name: values_ahead[ahead - 1] for name, values_ahead in _columns(said, int(ahead[-1]), forecaster).items()
        }
        parts.append(columns | {"scale": np.full(len(ahead), naive_scale(past, season=season))})
    table = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
    table.insert(3, "actual", values[table["at"]])
    known = table.assign(at=series.index[table["at"]]).dropna(subset=["actual"], ignore_index=True)
    if known.empty:
        raise ForecastError("no truth of any fold is known: there is nothing to judge by", where="y")
    return known


def score_table(outcomes: pd.DataFrame, *, by: str | Sequence[str] = (), level: float = 0.95) -> pd.DataFrame:
    """The measures of what `backtest` gave, over all rows or group by group.

    Parameters
    ----------
    outcomes : DataFrame
        One or several tables of `backtest`, with whatever columns tell them apart.
    by : str or sequence of str
        Columns to group by: ``"step"`` shows how the error grows, ``"fold"`` whether one time was worse.
    level : float
        The level that the intervals were made for.

    Returns
    -------
    DataFrame
        `by`, then ``n``, ``MASE``, ``sMAPE`` (%), ``pinball low`` and ``pinball high`` (of the interval's ends, scaled like
        MASE), ``coverage``, ``Winkler`` (scaled).
    """
    import pandas as pd

    keys = [by] if isinstance(by, str) else [*by]
    has_columns(outcomes, (*keys, "actual", *COLUMNS, "scale"), where="outcomes")
    groups = outcomes.groupby(keys, sort=True) if keys else [((), outcomes)]
    rows = []
    for key, part in groups:
        actual, low, high = (part[name] / part["scale"] for name in ("actual", "low", "high"))
        row = dict(zip(keys, key if isinstance(key, tuple) else (key,), strict=True))
        rows.append(
            row
            | {
                "n": len(part),
                "MASE": float(((part["actual"] - part["mean"]).abs() / part["scale"]).mean()),
                "sMAPE": smape(part["actual"], part["mean"]),
                "pinball low": pinball(actual, low, level=(1 - level) / 2),
                "pinball high": pinball(actual, high, level=(1 + level) / 2),
                "coverage": coverage(actual, low, high),
                "Winkler": winkler(actual, low, high, level=level),
            }
        )
    return pd.DataFrame(rows)


def _check_fold(fold: Fold, number: int, n: int) -> None:
    """Refuse a fold that no forecaster could be asked with."""
    if not fold.in_order:
        raise ForecastError(f"fold {number} trains on the future: {fold}", remedy="use `walk_forward`")
    if fold.train[-1] - fold.train[0] + 1 != len(fold.train):
        raise ForecastError(f"fold {number} trains on a past with holes: {fold}", remedy="use `walk_forward`")
    if fold.test[-1] >= n:
        raise ForecastError(f"fold {number} is tested beyond the {n} values: {fold}", remedy="use `walk_forward`")


def _check_dates(said: pd.DataFrame, series: pd.Series, test: Numbers, ahead: Numbers) -> None:
    """Refuse forecasts for other dates than those they would be held against."""
    import pandas as pd

    dated = isinstance(said.index, pd.DatetimeIndex) and isinstance(series.index, pd.DatetimeIndex)
    if dated and len(said) == ahead[-1] and not said.index[ahead - 1].equals(series.index[test]):
        raise ForecastError(
            "dates are missing: the forecasts are for others than those that came",
            where="y",
            remedy="`y.asfreq(...)` puts them back, as missing values",
        )


def _columns(said: pd.DataFrame, horizon: int, forecaster: Forecaster) -> dict[str, Numbers]:
    """The three columns of a forecast, once it is what was asked for."""
    import numpy as np

    name = getattr(forecaster, "__name__", type(forecaster).__name__)
    missing = [column for column in COLUMNS if column not in said.columns]
    if missing:
        raise ForecastError(f"a forecast needs the columns mean, low and high: `{missing[0]}` is missing", where=name)
    if len(said) != horizon:
        raise ForecastError(f"{horizon} steps were asked for and {len(said)} came", where=name)
    columns = {column: said[column].to_numpy("float64") for column in COLUMNS}
    if not all(np.isfinite(values).all() for values in columns.values()):
        raise ForecastError("the forecast has values that are missing or infinite", where=name)
    return columns
