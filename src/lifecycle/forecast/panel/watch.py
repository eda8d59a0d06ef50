"""Forecast drift: errors that have become larger, or that lean to one side, compared with what was usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.forecast.checks import has_columns, share
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import numbers_of
from lifecycle.forecast.validation.calibration import conformal_quantile

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Numbers


@dataclass(frozen=True)
class ErrorWatch:
    """Two limits on the errors since a forecast was made.

    Errors of one forecast lean together: who is 5 too low in March is likely too low in April. So no formula for independent
    errors is used. The limits are what whole forecasts of a good time stayed below.

    Attributes
    ----------
    lean : float
        Largest ``|sum of errors| / sqrt(steps)``, errors in half widths of their intervals.
    size : float
        Largest root mean square of the errors so far, in the same unit.
    false_alarms : float
        Share of good forecasts that were to pass one of them at any step, 0 to 1.
    """

    lean: float
    size: float
    false_alarms: float

    @classmethod
    def of(cls, outcomes: pd.DataFrame, *, false_alarms: float = 0.05) -> ErrorWatch:
        """Learn from the folds of a `backtest`: the longer they are, the longer a forecast can be watched.

        Parameters
        ----------
        outcomes : DataFrame
            Of a time that was good. For limits at 0.05, 40 folds or more: with fewer the largest that was seen is the limit.
        false_alarms : float

        Raises
        ------
        ForecastError
            When `false_alarms` is no share, an interval has no width, or there is no forecast to learn from.
        """
        import numpy as np

        share(false_alarms, "share of false alarms")
        has_columns(outcomes, ("fold",), where="outcomes")
        if outcomes.empty:
            raise ForecastError("there is no forecast to learn from", where="outcomes", remedy="more folds in `backtest`")
        paths = [_path(part) for _, part in outcomes.groupby("fold", sort=True)]
        limits = [
            conformal_quantile(np.array([path[name].max() for path in paths]), level=1 - false_alarms / 2)
            for name in ("lean", "size")
        ]
        return cls(lean=limits[0], size=limits[1], false_alarms=false_alarms)

    def look(self, outcomes: pd.DataFrame) -> pd.DataFrame:
        """Step by step since the forecast was made.

        Parameters
        ----------
        outcomes : DataFrame
            ``actual``, ``mean``, ``low``, ``high`` in time order, beginning with the first step of the forecast.

        Returns
        -------
        DataFrame, one row a step
            ``error`` (half widths), ``lean`` and ``size`` so far, ``alarm``: empty, ``lean``, ``size`` or ``lean, size``.
        """
        import numpy as np
        import pandas as pd

        path = _path(outcomes)
        lean, size = path["lean"] > self.lean, path["size"] > self.size
        alarm = np.select([lean & size, lean, size], ["lean, size", "lean", "size"], "")
        return pd.DataFrame({**path, "alarm": alarm}, index=outcomes.index)

    def first_alarm(self, outcomes: pd.DataFrame) -> int | None:
        """Number of the step (from 1) at which a limit is passed for the first time; None while there is none."""
        alarms = (self.look(outcomes)["alarm"] != "").to_numpy()
        return int(alarms.argmax()) + 1 if alarms.any() else None


def _path(outcomes: pd.DataFrame) -> dict[str, Numbers]:
    import numpy as np

    has_columns(outcomes, ("actual", "mean", "low", "high"), where="outcomes")
    actual, mean, low, high = (numbers_of(outcomes[name]) for name in ("actual", "mean", "low", "high"))
    half = (high - low) / 2
    if (half <= 0).any():
        raise ForecastError("an interval has no width: errors cannot be held against it")
    error = (actual - mean) / half
    steps = np.arange(1, len(error) + 1)
    return {
        "error": error,
        "lean": np.abs(error.cumsum()) / np.sqrt(steps),
        "size": np.sqrt((error**2).cumsum() / steps),
    }
