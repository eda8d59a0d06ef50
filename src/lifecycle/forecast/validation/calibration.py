"""Intervals as wide as a forecaster's own past errors say, whatever it says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from lifecycle.forecast.checks import share
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import Fitted, Forecaster, numbers_of
from lifecycle.forecast.validation.backtest import backtest
from lifecycle.forecast.validation.folds import walk_forward

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Numbers, Values


@dataclass(frozen=True)
class Calibrated:
    """A forecaster whose intervals were corrected by its errors in the past: split-conformal, step by step.

    It is put back to `origins` times of the past. How far each truth lay from the mean, in half widths of the interval
    given for it, is one score; the score that `level` of them do not exceed is the factor by which the next intervals are
    stretched or shrunk. Errors of neighbouring times are not independent, so the promise holds nearly, not exactly.

    Parameters
    ----------
    forecaster : Forecaster
        Anything that gives `low` and `high`.
    origins : int
        Times in the past at which it is asked; each costs one fit.
    neighbours : int
        Steps before and after a step whose scores count for it as well.
    step : int
        Steps from one origin to the next.

    Examples
    --------
    >>> Calibrated(seasonal_naive)(y, season=12).predict(12)  # doctest: +SKIP
    """

    forecaster: Forecaster
    origins: int = 24
    neighbours: int = 1
    step: int = 1

    def __call__(self, y: Values, *, season: int) -> Corrected:
        """Fit to a series; the past is asked when it is known how far ahead."""
        numbers_of(y)
        return Corrected(self, y, season, self.forecaster(y, season=season))

    @property
    def __name__(self) -> str:
        return f"calibrated {getattr(self.forecaster, '__name__', type(self.forecaster).__name__)}"


@dataclass(frozen=True)
class Corrected:
    """A calibrated forecaster that has seen a series.

    Attributes
    ----------
    by : Calibrated
    y : series
    season : int
    fitted : Fitted
        What it corrects.
    """

    by: Calibrated
    y: Values
    season: int
    fitted: Fitted

    def predict(self, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
        """The means as they were, intervals times `factors`."""
        said = self.fitted.predict(horizon, level=level)
        factors = self.factors(horizon, level=level)
        below, above = said["mean"] - said["low"], said["high"] - said["mean"]
        return said.assign(low=said["mean"] - factors * below, high=said["mean"] + factors * above)

    def factors(self, horizon: int, *, level: float = 0.95) -> Numbers:
        """By how much each step's interval has to be stretched: 1 where it was honest all along.

        Raises
        ------
        ForecastError
            When the past is too short for `origins`, or an interval has no width.
        """
        import numpy as np

        folds = walk_forward(len(numbers_of(self.y)), folds=self.by.origins, horizon=horizon, step=self.by.step)
        then = backtest(self.y, self.by.forecaster, season=self.season, folds=folds, level=level)
        gap = then["actual"] - then["mean"]
        width = np.where(gap < 0, then["mean"] - then["low"], then["high"] - then["mean"])
        if (width <= 0).any():
            raise ForecastError("an interval has no width: it cannot be stretched", remedy="calibrate another forecaster")
        scores = (gap.abs() / width).to_numpy().reshape(len(folds), horizon)
        reach = self.by.neighbours
        near = (scores[:, max(step - reach, 0) : step + reach + 1] for step in range(horizon))
        return np.array([conformal_quantile(part.ravel(), level=level) for part in near])


def conformal_quantile(scores: Numbers, *, level: float) -> float:
    """The ``ceil((n + 1) level)``-th smallest of n scores: a new one exceeds it with chance at most ``1 - level``.

    Where n is too small for the level there is no such score, and the largest stands in for it: the promise is then
    only ``n / (n + 1)``.

    Parameters
    ----------
    scores : array of shape (n,)
        As good as exchangeable with the one to come.
    level : float
        Between 0 and 1.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), *Algorithmic Learning in a Random World*.
    """
    import numpy as np

    values = numbers_of(scores)  # one that is not a number would stand last, and be the answer or not by chance
    rank = min(ceil((len(values) + 1) * share(level, "level") - 1e-9), len(values))
    return float(np.sort(values)[rank - 1])
