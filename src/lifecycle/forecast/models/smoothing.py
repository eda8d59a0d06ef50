"""Exponential smoothing: the level, the trend and the season of lately, carried forward."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import index_ahead, numbers_of
from lifecycle.forecast.models.fitting import quiet_fit
from lifecycle.forecast.models.table import level_of, season_of

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Numbers, Values

TRENDS = ("none", "damped", "linear")


@dataclass(frozen=True)
class Smoothing:
    """Exponential smoothing that has seen a series.

    Attributes
    ----------
    y : Series or array
    trend : str
        ``none``, ``damped`` or ``linear``.
    season : int
        1 where the model has no season.
    aic : float
        Comparable among the trends of one series.
    weights : dict
        How much the latest error moves each part, 0 to 1: `level`, and `trend`, `season` where there are any.
    converged : bool
        Whether the search for the weights arrived.
    result : statsmodels' ETSResults
    """

    y: Values
    trend: str
    season: int
    aic: float
    weights: dict[str, float]
    converged: bool
    result: Any

    @property
    def residuals(self) -> Numbers:
        """Errors one step ahead, in the unit of the series."""
        return numbers_of(self.result.resid)

    def predict(self, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
        """Columns ``mean``, ``low``, ``high`` for the next `horizon` steps."""
        import pandas as pd

        index, n = index_ahead(self.y, horizon), len(self.result.resid)
        said = self.result.get_prediction(start=n, end=n + horizon - 1).summary_frame(alpha=1 - level_of(level))
        columns = {"mean": "mean", "low": "pi_lower", "high": "pi_upper"}
        return pd.DataFrame({name: said[column].to_numpy() for name, column in columns.items()}, index=index)


def ets(y: Values, *, season: int, trend: str = "auto") -> Smoothing:
    """Fit exponential smoothing with additive parts (Hyndman and others 2008); without trend and season it is "SES".

    Parameters
    ----------
    y : Series with a DatetimeIndex, or array of shape (n_steps,)
        Two seasons and five steps at least.
    season : int
        Steps in a season; 1 for none.
    trend : str
        ``none``, ``damped``, ``linear``; ``auto`` takes the one of the first two with the lower AIC.
    """
    season = season_of(season)
    if trend not in (*TRENDS, "auto"):
        raise ForecastError(f"no trend {trend!r}", where="trend", remedy="auto, " + ", ".join(TRENDS))
    values = numbers_of(y, least=2 * season + 5)
    tried = [_fitted(y, values, season, each) for each in (TRENDS[:2] if trend == "auto" else (trend,))]
    return min(tried, key=lambda fitted: fitted.aic)


def _fitted(y: Values, values: Numbers, season: int, trend: str) -> Smoothing:
    import pandas as pd
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    parts: dict[str, Any] = {"trend": None if trend == "none" else "add", "damped_trend": trend == "damped"}
    parts |= {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}
    with quiet_fit():
        result = ETSModel(pd.Series(values), error="add", initialization_method="heuristic", **parts).fit(disp=False)
    names = {"smoothing_level": "level", "smoothing_trend": "trend", "smoothing_seasonal": "season"}
    weights = {
        name: float(value)
        for parameter, value in zip(result.model.param_names, result.params, strict=True)
        for told, name in names.items()
        if parameter == told
    }
    return Smoothing(y, trend, season, float(result.aic), weights, bool(result.mle_retvals["converged"]), result)
