"""Prophet: a trend that bends, several seasons and holidays, added up."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.forecast.checks import whole
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import index_ahead
from lifecycle.forecast.models.table import normal_table, season_of
from lifecycle.show import quiet

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Numbers, Values


@dataclass(frozen=True)
class Additive:
    """A Prophet that has seen a series.

    Attributes
    ----------
    y : Series
    model : prophet.Prophet
    """

    y: pd.Series
    model: Any

    def predict(self, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
        """Columns ``mean``, ``low``, ``high`` for the next `horizon` steps.

        The interval has the noise in it and the bends that the trend may take (`spread`). Prophet itself draws them at
        random, from a generator that all of NumPy shares.
        """
        index = index_ahead(self.y, horizon, gaps=True)
        with _quiet():
            said = self.model.predict(_frame(index))
        scaled = ((said["ds"] - self.model.start) / self.model.t_scale).to_numpy(dtype=float)
        return normal_table(index, said["yhat"].to_numpy(), self.spread(scaled), level=level)

    def components(self, horizon: int = 0) -> pd.DataFrame:
        """What each part adds, over the past and `horizon` steps beyond.

        Returns
        -------
        DataFrame
            Indexed by date, in the unit of the series: `trend`, and `weekly`, `yearly`, `holidays` where fitted; `mean` is
            their sum.
        """
        index = (
            self.y.index
            if whole(horizon, "horizon", least=0) == 0
            else self.y.index.append(index_ahead(self.y, horizon, gaps=True))
        )
        with _quiet():
            said = self.model.predict(_frame(index)).set_index("ds")
        kept = [name for name in ("trend", "weekly", "yearly", "holidays") if name in said]
        return said[kept].assign(mean=said["yhat"])

    def holiday_effects(self) -> dict[str, float]:
        """What each holiday adds to its day, in the unit of the series, the largest loss first."""
        if self.model.train_holiday_names is None:
            return {}
        names = [str(name) for name in self.model.train_holiday_names]
        days = self.model.holidays
        first = {name: days.loc[days["holiday"] == name, "ds"].min() for name in names}
        with _quiet():
            said = self.model.predict(_frame(list(first.values())))
        return dict(sorted(((name, float(said[name].iloc[i])) for i, name in enumerate(first)), key=lambda pair: pair[1]))

    def spread(self, t: Numbers) -> Numbers:
        """Standard deviation of the error at scaled times `t` (the past is 0 to 1), in the unit of the series.

        As Prophet assumes: noise of variance ``sigma^2``, and bends of the trend that come as often as there were places for
        them in the past (S a unit of time), each of a size drawn from Laplace(0, l), l being the mean size of the past's.
        Their variance at t is the integral of ``S * 2 l^2 (t - s)^2`` over s from 1 to t: ``2 S l^2 (t - 1)^3 / 3``.
        """
        import numpy as np

        fitted = self.model.params
        size, places = float(np.abs(fitted["delta"]).mean()), len(self.model.changepoints_t)
        ahead = np.clip(np.asarray(t, dtype=float) - 1, 0, None)
        variance = float(fitted["sigma_obs"].mean()) ** 2 + 2 * places * size**2 * ahead**3 / 3
        spread: Numbers = self.model.y_scale * np.sqrt(variance)
        return spread


def prophet(
    y: Values,
    *,
    season: int = 1,
    holidays: pd.DataFrame | None = None,
    yearly: bool | None = None,
    weekly: bool | None = None,
) -> Additive:
    """Fit Prophet (Taylor and Letham 2018) to a series with dates.

    Parameters
    ----------
    y : Series with a DatetimeIndex
        Missing values and missing dates are allowed (`backtest` takes the first alone: see `asfreq` of pandas).
    season : int
        Not used: Prophet takes its seasons from the dates.
    holidays : DataFrame, optional
        `ds` and `holiday`, past and future, as from `public_holidays`.
    yearly, weekly : bool, optional
        Whether to fit these seasons; not given: when there are two full ones.

    Raises
    ------
    ForecastError
        When the series has no dates, or fewer than ten values.
    """
    import pandas as pd

    season_of(season)
    if not (isinstance(y, pd.Series) and isinstance(y.index, pd.DatetimeIndex)):
        raise ForecastError("Prophet needs dates", where="y", remedy="give a Series with a DatetimeIndex")
    if y.notna().sum() < 10:
        raise ForecastError(f"{int(y.notna().sum())} values are too few for Prophet: 10 are needed", where="y")
    with _quiet():
        from prophet import Prophet

        model = Prophet(
            holidays=holidays,
            yearly_seasonality="auto" if yearly is None else yearly,
            weekly_seasonality="auto" if weekly is None else weekly,
            daily_seasonality=False,
            uncertainty_samples=0,
        )
        model.fit(_frame(y.index).assign(y=y.to_numpy()), seed=0)
    return Additive(y, model)


def _frame(dates: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({"ds": pd.DatetimeIndex(dates)})


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep off the page what Prophet 1.5 says to its developers, and that alone.

    It logs each run of its optimiser and the lack of plotly, which is not used here; and it calls pandas in ways that
    pandas 3 announces to change, which no caller can do anything about.
    """
    with quiet("cmdstanpy", "prophet", "prophet.plot"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"prophet\.")
        yield
