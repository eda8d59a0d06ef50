"""How far off forecasts and intervals were: measures that can be compared between series.

References
----------
Hyndman and Koehler (2006), "Another look at measures of forecast accuracy" (MASE); Gneiting and Raftery (2007), "Strictly
proper scoring rules, prediction, and estimation" (pinball loss, interval score); Winkler (1972).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.forecast.checks import share, whole
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import numbers_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lifecycle.forecast.forecaster import Numbers, Values


def naive_scale(history: Values, *, season: int = 1) -> float:
    """Mean absolute step of the history over one season: what a seasonal-naive forecast was off by, one season ahead.

    Steps from or to a missing value (NaN) are not known and do not count.

    Raises
    ------
    ForecastError
        When the history has no more than one season, no step is known, or it repeats itself exactly (0: no error can be put
        in relation to it).
    """
    import numpy as np

    season = whole(season, "season")
    values = numbers_of(history, least=season + 1, gaps=True)
    steps = np.abs(values[season:] - values[:-season])
    if np.isnan(steps).all():
        raise ForecastError(f"no two known values of the history lie {season} steps apart", where="history")
    scale = float(steps[~np.isnan(steps)].mean())
    if scale == 0:
        raise ForecastError(
            f"the history repeats itself exactly every {season} steps: its naive error is 0, and cannot divide",
            remedy="use the absolute error itself",
        )
    return scale


def mase(actual: ArrayLike, forecast: ArrayLike, history: Values, *, season: int = 1) -> float:
    """Mean absolute scaled error: 1 is as far off as repeating the last season was within the history; 0 is perfect.

    Parameters
    ----------
    actual, forecast : array of shape (horizon,)
        What came, and what was said.
    history : series
        What the forecaster saw, and nothing after that.
    season : int
        Steps in a season; 1 scales by the error of "as the last time".

    Raises
    ------
    ForecastError
        As `naive_scale`, or when `actual` and `forecast` differ in length.
    """
    import numpy as np

    one, other = _pair(actual, forecast)
    return float(np.abs(one - other).mean() / naive_scale(history, season=season))


def smape(actual: ArrayLike, forecast: ArrayLike) -> float:
    """Symmetric mean absolute percentage error, 0 to 200 (%): the error over the mean size of truth and forecast.

    Where both are 0 the error counts 0. It is not symmetric at all: 50 % too low costs more than 50 % too high.
    """
    import numpy as np

    one, other = _pair(actual, forecast)
    size = (np.abs(one) + np.abs(other)) / 2
    return float(100 * np.divide(np.abs(one - other), size, out=np.zeros_like(one), where=size > 0).mean())


def pinball(actual: ArrayLike, quantile: ArrayLike, *, level: float) -> float:
    """Pinball loss of a forecast of one quantile: what lies above it costs `level` a unit, what lies below ``1 - level``.

    At 0.5 it is half of the mean absolute error.
    """
    import numpy as np

    share(level, "level")
    one, other = _pair(actual, quantile)
    return float(np.where(one >= other, level * (one - other), (1 - level) * (other - one)).mean())


def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Share of what came that lay in its interval, ends included: near the promised level, if the promise is kept."""
    one, bottom, top = _interval(actual, low, high)
    return float(((one >= bottom) & (one <= top)).mean())


def winkler(actual: ArrayLike, low: ArrayLike, high: ArrayLike, *, level: float = 0.95) -> float:
    """Interval score: the mean width, plus ``2 / (1 - level)`` for each unit by which a value lies outside. Less is better.

    Coverage alone is won by intervals that are wide enough; this charges for the width too.
    """
    import numpy as np

    share(level, "level")
    one, bottom, top = _interval(actual, low, high)
    outside = np.maximum(bottom - one, 0) + np.maximum(one - top, 0)
    return float((top - bottom + 2 / (1 - level) * outside).mean())


def _pair(actual: ArrayLike, forecast: ArrayLike) -> tuple[Numbers, Numbers]:
    one, other = numbers_of(actual), numbers_of(forecast)
    if one.shape != other.shape:
        raise ForecastError(f"{len(one)} values came and {len(other)} were forecast: they must be as many")
    return one, other


def _interval(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    one, bottom = _pair(actual, low)
    _, top = _pair(actual, high)
    if (bottom > top).any():
        raise ForecastError("an interval ends below its beginning", remedy="are `low` and `high` exchanged?")
    return one, bottom, top
