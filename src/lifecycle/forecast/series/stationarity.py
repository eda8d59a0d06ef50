"""Whether a series has a level to come back to, and how many differences give it one."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import numbers_of
from lifecycle.forecast.series.decomposition import decompose

if TYPE_CHECKING:
    from lifecycle.forecast.forecaster import Numbers, Values

SEASONAL = 0.64  # strength of a season from which on it is differenced (Hyndman's rule for automatic ARIMA)


@dataclass(frozen=True)
class Stationarity:
    """Two tests that ask from opposite sides.

    Attributes
    ----------
    unit_root_p : float
        Augmented Dickey-Fuller: small where a random walk is hard to believe.
    level_p : float
        KPSS: small where a fixed level is hard to believe. Known between .01 and .1 only, and cut there.
    verdict : str
        ``stationary``, ``not stationary``, or ``undecided`` where the two do not agree.
    """

    unit_root_p: float
    level_p: float
    verdict: str


def stationarity(y: Values, *, alpha: float = 0.05) -> Stationarity:
    """Ask both tests about the level of a series.

    Parameters
    ----------
    y : Series or array of shape (n_steps,)
        Twelve steps at least, not constant.
    alpha : float
        Level of both tests.
    """
    from statsmodels.tsa.stattools import adfuller

    values = _varied(y)
    unit_root, level = float(adfuller(values, result_object=True).pvalue), _level_p(values)
    told = {(True, False): "stationary", (False, True): "not stationary"}
    return Stationarity(unit_root, level, told.get((unit_root < alpha, level < alpha), "undecided"))


def differences_needed(y: Values, *, season: int = 1, most: int = 2) -> tuple[int, int]:
    """How often to difference: ``(d, D)``, by steps and by seasons.

    A season that explains more than .64 of the detrended variance is differenced once; then steps as long as KPSS
    rejects a level at 5 %. Models by AIC can be compared at one `d` and `D` only: differencing changes the data.

    Parameters
    ----------
    y : Series or array of shape (n_steps,)
    season : int
        Steps in a season; 1 for none. Less than two periods count as none.
    most : int
        Largest `d`.
    """
    import numpy as np

    values = numbers_of(y, least=12)
    seasonal = (
        season > 1 and len(values) >= 2 * season + 12 and decompose(values, period=season).strength_of_season > SEASONAL
    )
    if seasonal:
        values = values[season:] - values[:-season]
    d = 0
    while d < most and np.ptp(values) > 0 and _level_p(values) < 0.05:
        values, d = np.diff(values), d + 1
    return d, int(seasonal)


def _level_p(values: Numbers) -> float:
    from statsmodels.tools.sm_exceptions import InterpolationWarning
    from statsmodels.tsa.stattools import kpss

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)  # says that p is cut at .01 or .1, which is written above
        return float(kpss(values, regression="c", nlags="auto", result_object=True).pvalue)


def _varied(y: Values) -> Numbers:
    import numpy as np

    values = numbers_of(y, least=12)
    if np.ptp(values) == 0:
        raise ForecastError("a constant series never leaves its level: there is nothing to test", where="y")
    return values
