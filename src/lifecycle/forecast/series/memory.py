"""What the past of a series says about its future."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lifecycle.forecast.checks import finite, whole
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import numbers_of
from lifecycle.forecast.series.simulation import arma

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pandas as pd

    from lifecycle.forecast.forecaster import Values


def stationary_variance(phi: float, *, shock_variance: float = 1.0) -> float:
    """The variance that an AR(1) settles at: ``shock_variance / (1 - phi^2)``; infinite from 1 or -1 on."""
    variance = finite(shock_variance, "shock_variance", least=0)
    return variance / (1 - phi**2) if abs(finite(phi, "phi")) < 1 else math.inf


def half_life(phi: float) -> float:
    """Steps until half of a shock is left in an AR(1): ``log(1/2) / log |phi|``; 0 for phi 0, infinite from 1 on."""
    if finite(phi, "phi") == 0:
        return 0.0
    return math.log(0.5) / math.log(abs(phi)) if abs(phi) < 1 else math.inf


def lag_correlation(y: Values, *, lag: int = 1) -> float:
    """Correlation of a series with itself, `lag` steps later: of ``y[:-lag]`` with ``y[lag:]``, each about its own mean.

    `autocorrelations` divides by the variance of the whole series instead, and comes out a little nearer to 0.
    """
    import numpy as np

    lag = whole(lag, "lag")
    values = numbers_of(y, least=lag + 3)
    return float(np.corrcoef(values[:-lag], values[lag:])[0, 1])


def memory_table(phis: Sequence[float], shocks: npt.ArrayLike) -> pd.DataFrame:
    """What the same shocks become under several memories.

    Parameters
    ----------
    phis : sequence of float
        Weight of yesterday's value.
    shocks : array of shape (n_steps,)

    Returns
    -------
    DataFrame
        `phi`, `variance` (of these values, divided by their number), `lag-1`, `stationary variance`, `half-life` (steps).
    """
    import pandas as pd

    rows = []
    for phi in phis:
        y = arma(shocks, ar=[phi])
        rows.append({"phi": phi, "variance": float(y.var()), "lag-1": lag_correlation(y)})
        rows[-1] |= {"stationary variance": stationary_variance(phi), "half-life": half_life(phi)}
    return pd.DataFrame(rows)


def autocorrelations(y: Values, *, lags: int) -> pd.DataFrame:
    """How a series goes with itself at each lag, with and without what the lags between explain.

    Parameters
    ----------
    y : Series or array of shape (n_steps,)
    lags : int
        Largest lag, below half of the steps.

    Returns
    -------
    DataFrame
        `lag` (1 to `lags`), `acf`, `pacf` (Yule-Walker), `bound`: 95 % of the values of a series without memory lie
        between plus and minus this.
    """
    import numpy as np
    import pandas as pd
    from statsmodels.tsa.stattools import acf, pacf

    values = numbers_of(y, least=4)
    if not 1 <= whole(lags, "lags", least=0) < len(values) / 2:
        raise ForecastError(
            f"{len(values)} steps allow lags from 1 to {(len(values) - 1) // 2}", where="lags", tried=str(lags)
        )
    if np.ptp(values) == 0:
        raise ForecastError("a constant series goes with itself at every lag: there is nothing to correlate", where="y")
    columns = {"acf": acf(values, nlags=lags)[1:], "pacf": pacf(values, nlags=lags, method="ywm")[1:]}
    return pd.DataFrame({"lag": range(1, lags + 1), **columns, "bound": 1.96 / math.sqrt(len(values))})


def ljung_box(residuals: Values, *, lags: int, parameters: int = 0) -> float:
    """The p-value of Ljung and Box's test: small where residuals still remember.

    Parameters
    ----------
    residuals : Series or array of shape (n_steps,)
    lags : int
        How many autocorrelations are judged together.
    parameters : int
        AR and MA weights that were fitted; they cost degrees of freedom.
    """
    from statsmodels.stats.diagnostic import acorr_ljungbox

    values = numbers_of(residuals, least=whole(lags, "lags") + 2)
    if lags <= whole(parameters, "parameters", least=0):
        raise ForecastError(f"{parameters} fitted weights leave nothing to test at {lags} lags", remedy="take more lags")
    return float(acorr_ljungbox(values, lags=[lags], model_df=parameters)["lb_pvalue"].iloc[0])
