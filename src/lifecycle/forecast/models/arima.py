"""Models of memory: weights of earlier values (AR) and earlier surprises (MA), on a series that was differenced (I).

Which orders? Information criteria reward the fit and charge for each weight. They compare models of *the same data*, and
differencing changes the data: so the differences are settled first (`differences_needed`) and the grid goes over the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from lifecycle.forecast.checks import whole
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import index_ahead, numbers_of
from lifecycle.forecast.models.fitting import quiet_fit
from lifecycle.forecast.models.table import level_of, season_of
from lifecycle.forecast.series.memory import ljung_box
from lifecycle.forecast.series.stationarity import differences_needed

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Numbers, Values

Order = tuple[int, int, int]


@dataclass(frozen=True)
class Arima:
    """A model of memory that has seen a series.

    Attributes
    ----------
    y : Series or array
    order : tuple of int
        ``(p, d, q)``: values, differences, surprises.
    seasonal : tuple of int
        ``(P, D, Q)``: the same, a season apart.
    season : int
    base, slope : float
        What was taken off before the weights were fitted, and is put back: ``base + slope * step``, from the mean of the
        (differenced) series. The slope is 0 without any difference, both are from two differences on.
    aic, bic : float
    converged : bool
        Whether the search for the weights arrived.
    result : statsmodels' ARIMAResults
    """

    y: Values
    order: Order
    seasonal: Order
    season: int
    base: float
    slope: float
    aic: float
    bic: float
    converged: bool
    result: Any

    @property
    def name(self) -> str:
        """``(1, 1, 1)(0, 1, 1)12``; without a season ``(1, 1, 1)``."""
        return f"{self.order}{self.seasonal}{self.season}" if any(self.seasonal) else str(self.order)

    @property
    def weights(self) -> dict[str, float]:
        """The fitted weights by name (``ar.L1``, ``ma.S.L12`` ...), and ``sigma2``, the variance of the surprises."""
        return dict(zip(self.result.param_names, map(float, self.result.params), strict=True))

    @property
    def residuals(self) -> Numbers:
        """Errors one step ahead, in the unit of the series; not of the first steps, which have nothing before them."""
        return numbers_of(self.result.resid)[self.order[1] + self.seasonal[1] * self.season :]

    def forgotten(self, *, lags: int | None = None) -> float:
        """Ljung and Box's p-value: small where the residuals still remember something that the model does not know.

        Parameters
        ----------
        lags : int, optional
            Not given: two seasons, or ten; at most a fifth of the steps.
        """
        used = self.order[0] + self.order[2] + self.seasonal[0] + self.seasonal[2]
        usual = min(2 * self.season if self.season > 1 else 10, len(self.residuals) // 5)
        return ljung_box(self.residuals, lags=max(usual, used + 2) if lags is None else lags, parameters=used)

    def predict(self, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
        """Columns ``mean``, ``low``, ``high`` for the next `horizon` steps."""
        import numpy as np
        import pandas as pd

        index, n = index_ahead(self.y, horizon), len(self.result.resid)
        said = self.result.get_forecast(horizon).summary_frame(alpha=1 - level_of(level))
        back = self.base + self.slope * np.arange(n, n + horizon)
        columns = {"mean": "mean", "low": "mean_ci_lower", "high": "mean_ci_upper"}
        return pd.DataFrame({name: said[column].to_numpy() + back for name, column in columns.items()}, index=index)


@dataclass(frozen=True)
class ArimaSearch:
    """What a grid of orders came to.

    Attributes
    ----------
    best : Arima
    table : DataFrame
        A row a model, the best first: `model`, `AIC`, `BIC`, `weights` (how many, the variance not among them), `converged`.
    """

    best: Arima
    table: pd.DataFrame

    def predict(self, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
        """Columns ``mean``, ``low``, ``high`` for the next `horizon` steps, by the best model."""
        return self.best.predict(horizon, level=level)


def arima(y: Values, *, season: int = 1, order: Order = (1, 0, 0), seasonal: Order = (0, 0, 0)) -> Arima:
    """Fit one model of memory by maximum likelihood.

    Parameters
    ----------
    y : Series with a DatetimeIndex, or array of shape (n_steps,)
    season : int
        Steps in a season; 1 for none.
    order, seasonal : tuple of int
        ``(p, d, q)`` and ``(P, D, Q)``; the latter needs a season.

    Raises
    ------
    ForecastError
        When an order is not three numbers from 0 on or seasonal without a season, the series is too short for it, or has
        nothing left that varies.
    """
    import numpy as np
    from statsmodels.tsa.arima.model import ARIMA

    season = season_of(season)
    if len(order) != 3 or len(seasonal) != 3:
        raise ForecastError("an order has three numbers", where="order", tried=f"{order}{seasonal}", remedy="(p, d, q)")
    for each in (*order, *seasonal):
        whole(each, "order", least=0)
    if season == 1 and any(seasonal):
        raise ForecastError(
            "a seasonal order needs a season", where="order", tried=f"{order}{seasonal}{season}", remedy="give `season`"
        )
    reach = order[1] + season * seasonal[1]
    weights = order[0] + order[2] + season * (seasonal[0] + seasonal[2])
    values = numbers_of(y, least=reach + weights + 8)
    base, slope = _level(values, order[1], seasonal[1], season)
    rest = values - base - slope * np.arange(len(values))
    if np.ptp(_differenced(rest, order[1], seasonal[1], season)) <= 1e-12 * max(np.abs(values).max(), 1):
        raise ForecastError("nothing is left that varies: a constant has no memory", where="y", remedy="`drift` or `naive`")
    with quiet_fit():
        model = ARIMA(rest, order=order, seasonal_order=(*seasonal, season if any(seasonal) else 0), trend="n")
        result = model.fit(method="innovations_mle", cov_type="none")
    taken = int(order[1] + seasonal[1] < 2)  # the mean that was taken off is a parameter too
    aic, bic = float(result.aic) + 2 * taken, float(result.bic) + float(np.log(len(values) - reach)) * taken
    return Arima(y, order, seasonal, season, base, slope, aic, bic, _arrived(result), result)


def arima_search(
    y: Values,
    *,
    season: int = 1,
    largest: int = 2,
    differences: tuple[int, int] | None = None,
    seasonal: Sequence[tuple[int, int]] | None = None,
    criterion: str = "AIC",
) -> ArimaSearch:
    """Fit every order of a grid at the same differences, and take the one with the lowest criterion.

    Parameters
    ----------
    y : Series with a DatetimeIndex, or array of shape (n_steps,)
    season : int
        Steps in a season; 1 for none.
    largest : int
        Largest p and q: ``(largest + 1) ** 2`` models, times the seasonal ones.
    differences : tuple of int, optional
        ``(d, D)``; by `differences_needed` where not given.
    seasonal : sequence of (P, Q), optional
        Seasonal orders to try. Not given: ``(0, 1)`` with a seasonal difference, ``(0, 0)`` and ``(1, 0)`` with a season
        and no such difference, ``(0, 0)`` without a season.
    criterion : str
        ``"AIC"``, or ``"BIC"``, which charges more for each weight and so takes smaller models.

    Raises
    ------
    ForecastError
        When `criterion` is unknown, or the series is too short for the grid.
    """
    import pandas as pd

    if criterion not in ("AIC", "BIC"):
        raise ForecastError(f"no criterion {criterion!r}", where="criterion", remedy="AIC or BIC")
    largest = whole(largest, "largest", least=0)
    if differences is not None and len(differences) != 2:
        raise ForecastError("differences are two numbers", where="differences", tried=str(differences), remedy="(d, D)")
    d, seasons = differences_needed(y, season=season) if differences is None else differences
    if seasonal is None:
        seasonal = [(0, 1)] if seasons else [(0, 0), (1, 0)] if season > 1 else [(0, 0)]
    grid = product(range(largest + 1), range(largest + 1), seasonal)
    tried = [arima(y, season=season, order=(p, d, q), seasonal=(P, seasons, Q)) for p, q, (P, Q) in grid]
    tried.sort(key=lambda model: (model.aic if criterion == "AIC" else model.bic, model.name))
    rows = [
        {"model": each.name, "AIC": each.aic, "BIC": each.bic, "weights": len(each.weights) - 1, "converged": each.converged}
        for each in tried
    ]
    return ArimaSearch(tried[0], pd.DataFrame(rows))


def _level(values: Numbers, d: int, seasons: int, season: int) -> tuple[float, float]:
    """What to take off so that the differenced series has mean 0: a level, or a slope."""
    import numpy as np

    if d + seasons == 0:
        return float(values.mean()), 0.0
    if d + seasons > 1:
        return 0.0, 0.0
    return 0.0, float(np.diff(values).mean() if d else (values[season:] - values[:-season]).mean() / season)


def _differenced(values: Numbers, d: int, seasons: int, season: int) -> Numbers:
    import numpy as np

    for _ in range(seasons):
        values = values[season:] - values[:-season]
    return np.diff(values, d)


def _arrived(result: Any) -> bool:
    return bool(result.fit_details.minimize_results.success)
