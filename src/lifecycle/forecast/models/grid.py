"""Level, damped trend and season carried forward under hundreds of settings at once, and judged at every time of the past.

One step of the recursion is a few operations on arrays with a row a setting. Nothing is optimised, so there is nothing that
stops early, and the result is the same on every machine. Recursion: Hyndman and Athanasopoulos, *Forecasting: Principles and
Practice*, 3rd edition, section 8.3, additive form.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from lifecycle.forecast.forecaster import Numbers

LEVEL = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95)
TREND = (0.03, 0.08, 0.15, 0.3)
DAMPING = (0.8, 0.9, 0.95, 0.98)
SEASON = (0.0, 0.03, 0.08, 0.15, 0.3, 0.5)
FIRST = 10  # values that a series without season is begun with


@dataclass(frozen=True)
class Settings:
    """As many settings as the arrays are long.

    Attributes
    ----------
    level, trend, season : array of shape (n_settings,)
        What share of an error goes into each, 0 to 1; the trend's share is of what went into the level.
    damping : array of shape (n_settings,)
        What is left of the trend a step later; 1 keeps it.
    """

    level: Numbers
    trend: Numbers
    damping: Numbers
    season: Numbers

    def __len__(self) -> int:
        return len(self.level)

    def __getitem__(self, which: np.ndarray | slice) -> Settings:
        return Settings(self.level[which], self.trend[which], self.damping[which], self.season[which])


def every_setting(season: int) -> Settings:
    """The grid: each share of the level with each trend (damped and learnt, or fixed) and each share of the season.

    What an error gives to level and season together does not exceed the error itself by more than a rounding.
    """
    import numpy as np

    trends = [*product(TREND, DAMPING), (0.0, 1.0)]
    seasons = SEASON if season > 1 else (0.0,)
    rows = [(a, b, p, g) for a, g, (b, p) in product(LEVEL, seasons, trends) if a + g <= 1.05]
    return Settings(*np.array(rows).T)


def first_origin(n: int, season: int) -> int:
    """How many values the beginning takes: no error before that is counted."""
    return 2 * season if season > 1 else min(FIRST, n // 2)


def forecasts(values: Numbers, settings: Settings, *, season: int, horizon: int) -> Iterator[tuple[int, Numbers]]:
    """What each setting says at each time: (values seen, array of shape (n_settings, horizon)), the last one from the end.

    Parameters
    ----------
    values : array of shape (n,)
        At least two seasons, or 4 values without one.
    settings : Settings
    season, horizon : int
        Steps.
    """
    import numpy as np

    n, steps = len(values), np.arange(horizon)
    start = first_origin(n, season)
    level, trend, seasons = _beginning(values[:start], season)
    levels, trends = np.full(len(settings), level), np.full(len(settings), trend)
    states = np.tile(seasons, (len(settings), 1))
    damped = np.cumsum(settings.damping[:, None] ** (steps + 1), axis=1)
    for seen in range(n + 1):
        if seen >= start:
            yield seen, levels[:, None] + damped * trends[:, None] + states[:, (seen + steps) % season]
        if seen < n:
            at = seen % season
            trends = settings.damping * trends
            levels = levels + trends
            error = values[seen] - levels - states[:, at]
            levels = levels + settings.level * error
            trends = trends + settings.level * settings.trend * error
            states[:, at] += settings.season * error


def past_errors(values: Numbers, settings: Settings, *, season: int, horizon: int) -> tuple[Numbers, Numbers]:
    """Errors of the settings' mean forecast, and that forecast from the end.

    Returns
    -------
    errors : array of shape (n_origins, horizon)
        Truth minus forecast, a row a time at which it was made; NaN where the truth lies beyond the end.
    ahead : array of shape (horizon,)
    """
    import numpy as np

    padded, errors = np.concatenate([values, np.full(horizon, np.nan)]), []
    for seen, said in forecasts(values, settings, season=season, horizon=horizon):
        ahead = said.mean(axis=0)
        errors.append(padded[seen : seen + horizon] - ahead)
    return np.array(errors[:-1]), ahead


def mean_errors(values: Numbers, settings: Settings, *, season: int, horizon: int, half_life: float) -> Numbers:
    """Each setting's mean absolute error over all steps, errors of `half_life` steps ago counting half: (n_settings,)."""
    import numpy as np

    total, weights = np.zeros(len(settings)), 0.0
    for seen, said in forecasts(values, settings, season=season, horizon=horizon):
        truth = values[seen : seen + horizon]
        if len(truth):
            weight = 0.5 ** ((len(values) - seen) / half_life)
            total += weight * np.abs(said[:, : len(truth)] - truth).mean(axis=1)
            weights += weight
    return total / weights


def _beginning(values: Numbers, season: int) -> tuple[float, float, Numbers]:
    """Level just before the first value, trend a step, and seasons, from the values that the beginning takes."""
    import numpy as np

    if season == 1:
        trend = float(values[-1] - values[0]) / (len(values) - 1)
        return float(values[0]) - trend, trend, np.zeros(1)
    trend = float(values[season:].mean() - values[:season].mean()) / season
    middle = (len(values) - 1) / 2
    around = (values - values.mean() - trend * (np.arange(len(values)) - middle)).reshape(2, season).mean(axis=0)
    return float(values.mean() - trend * (middle + 1)), trend, around - around.mean()
