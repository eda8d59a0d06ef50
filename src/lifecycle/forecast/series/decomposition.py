"""A series as the sum of a trend, a season and what is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.forecast.checks import whole
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import numbers_of

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Values


@dataclass(frozen=True)
class Decomposition:
    """Parts that add up to the series.

    Attributes
    ----------
    parts : DataFrame
        `series`, `trend`, `season`, `noise`, indexed like the series; NaN where the trend cannot be known.
    period : int
        Steps in a season.
    """

    parts: pd.DataFrame
    period: int

    @property
    def pattern(self) -> list[float]:
        """The season's values from its first step on; they add up to 0."""
        return [float(value) for value in self.parts["season"].iloc[: self.period]]

    @property
    def strength_of_season(self) -> float:
        """Share of the detrended variance that the season explains, 0 to 1 (Wang, Smith and Hyndman 2006).

        Not a proof of a season: one is fitted to whatever comes, and explains some of it. See what pure noise gives.
        """
        return self._strength("season")

    @property
    def strength_of_trend(self) -> float:
        """Share of the deseasonalised variance that the trend explains, 0 to 1."""
        return self._strength("trend")

    def _strength(self, part: str) -> float:
        known = self.parts.dropna()
        whole = float((known[part] + known["noise"]).var())
        return max(0.0, 1 - float(known["noise"].var()) / whole) if whole > 0 else 0.0


def decompose(y: Values, *, period: int, method: str = "classical") -> Decomposition:
    """Take a series apart: trend, season, noise.

    Parameters
    ----------
    y : Series or array of shape (n_steps,)
        Two full periods at least: one alone cannot tell a season from a trend with noise.
    period : int
        Steps in a season, 2 at least.
    method : str
        ``"classical"``: the trend is a moving average over one period, the season the mean of what is left at each of its
        steps, the same in every year; half a period is lost at each end. ``"stl"``: local regressions (Cleveland and others
        1990), robust to outliers; trend up to both ends, a season that may change slowly.

    Raises
    ------
    ForecastError
        When there are fewer than two periods, or the method is unknown.
    """
    period = whole(period, "period", least=2)
    values = numbers_of(y)
    if len(values) < 2 * period:
        raise ForecastError(
            f"a season of {period} steps takes {2 * period} of them, two full periods; here are {len(values)}",
            where="y",
            remedy="wait, or take the season from a longer series that should share it",
        )
    if method not in ("classical", "stl"):
        raise ForecastError(f"no method {method!r}", where="method", remedy="classical or stl")
    return _stl(y, period) if method == "stl" else _classical(y, period)


def swing(parts: pd.DataFrame, first: object, last: object) -> dict[str, float]:
    """What each part contributed to the change from one row to another.

    Parameters
    ----------
    parts : DataFrame
        A column a part, in the unit of the series.
    first, last : label
        Rows of its index.

    Raises
    ------
    ForecastError
        When there is no such row.
    """
    for row in (first, last):
        if row not in parts.index:
            raise ForecastError(
                f"there is no row {row!r}", where="parts", remedy=f"one of {', '.join(map(str, parts.index))}"
            )
    return {str(name): float(parts.loc[last, name] - parts.loc[first, name]) for name in parts}


def _classical(y: Values, period: int) -> Decomposition:
    import numpy as np

    values = numbers_of(y)
    weights = np.full(period, 1 / period)
    if period % 2 == 0:  # an even window has no middle: two of them, half a step apart, have
        weights = np.concatenate([[0.5], np.ones(period - 1), [0.5]]) / period
    trend = np.full(len(values), np.nan)
    half = len(weights) // 2
    trend[half : len(values) - half] = np.convolve(values, weights, mode="valid")
    rest = values - trend
    pattern = np.array([np.nanmean(rest[step::period]) for step in range(period)])
    season = np.resize(pattern - pattern.mean(), len(values))
    return _made(y, trend, season, period)


def _stl(y: Values, period: int) -> Decomposition:
    import numpy as np
    from statsmodels.tsa.seasonal import STL

    fitted = STL(numbers_of(y), period=period, robust=True).fit()
    return _made(y, np.asarray(fitted.trend), np.asarray(fitted.seasonal), period)


def _made(y: Values, trend: object, season: object, period: int) -> Decomposition:
    import pandas as pd

    index = y.index if isinstance(y, pd.Series) else None
    parts = pd.DataFrame({"series": numbers_of(y), "trend": trend, "season": season}, index=index)
    return Decomposition(parts.assign(noise=parts["series"] - parts["trend"] - parts["season"]), period)
