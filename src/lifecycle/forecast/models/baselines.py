"""Forecasts that take no thought, and that every other forecast has to beat.

The spreads follow from the errors one step ahead, under the model that each of them silently assumes (Hyndman and
Athanasopoulos, *Forecasting: Principles and Practice*, 3rd edition, section 5.5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.forecast.forecaster import index_ahead, numbers_of
from lifecycle.forecast.models.table import normal_table, season_of

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Numbers, Values


@dataclass(frozen=True)
class Baseline:
    """A baseline that has seen a series.

    Attributes
    ----------
    y : Series or array
        What it has seen.
    rule : str
        ``mean``, ``naive``, ``seasonal naive`` or ``drift``.
    season : int
        Steps in a season; 1 where the rule knows none.
    spread : float
        Standard deviation of the errors one step ahead, in the unit of the series.
    """

    y: Values
    rule: str
    season: int
    spread: float

    def predict(self, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
        """Columns ``mean``, ``low``, ``high`` for the next `horizon` steps."""
        import numpy as np

        index, y, step = index_ahead(self.y, horizon), numbers_of(self.y), np.arange(1, horizon + 1)
        n = len(y)
        if self.rule == "mean":
            mean, growth = np.full(horizon, y.mean()), np.full(horizon, 1 + 1 / n)
        elif self.rule == "drift":
            mean, growth = y[-1] + step * (y[-1] - y[0]) / (n - 1), step * (1 + step / (n - 1))
        else:
            mean, growth = y[n - self.season + (step - 1) % self.season], (step - 1) // self.season + 1
        return normal_table(index, mean, self.spread * np.sqrt(growth), level=level)


def mean(y: Values, *, season: int = 1) -> Baseline:
    """The mean of the past, for ever: right for a series without memory.

    Parameters
    ----------
    y : Series with a DatetimeIndex, or array of shape (n_steps,)
        Oldest first, at least three.
    season : int
        Not used; every forecaster takes it.
    """
    season_of(season)
    values = numbers_of(y, least=3)
    return Baseline(y, "mean", 1, _spread(values - values.mean(), used=1))


def naive(y: Values, *, season: int = 1) -> Baseline:
    """Tomorrow is like today: right for a random walk. Parameters as in `mean`."""
    season_of(season)
    values = numbers_of(y, least=3)
    return Baseline(y, "naive", 1, _spread(values[1:] - values[:-1]))


def seasonal_naive(y: Values, *, season: int) -> Baseline:
    """Next Monday is like last Monday.

    Parameters
    ----------
    y : Series with a DatetimeIndex, or array of shape (n_steps,)
        Oldest first, a season and two steps at least.
    season : int
        Steps in a season: 7 for days of a week, 12 for months of a year. With 1 it is `naive`.
    """
    season = season_of(season)
    values = numbers_of(y, least=season + 2)
    return Baseline(y, "seasonal naive", season, _spread(values[season:] - values[:-season]))


def drift(y: Values, *, season: int = 1) -> Baseline:
    """The line from the first value to the last one, drawn on. Parameters as in `mean`."""
    season_of(season)
    values = numbers_of(y, least=3)
    steps = values[1:] - values[:-1]
    return Baseline(y, "drift", 1, _spread(steps - steps.mean(), used=1))


def _spread(errors: Numbers, *, used: int = 0) -> float:
    """Root mean square of `errors`, for `used` parameters that were estimated from them."""
    import numpy as np

    return float(np.sqrt((errors**2).sum() / (len(errors) - used)))
