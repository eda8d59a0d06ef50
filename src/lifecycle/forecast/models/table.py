"""The table that every forecaster gives back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.forecast.checks import share, whole

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


def level_of(level: float) -> float:
    """`level` as it is, once it is a share between 0 and 1."""
    return share(level, "level")


def season_of(season: int) -> int:
    """`season` as it is, once it is a whole number from 1 on."""
    return whole(season, "season")


def normal_table(index: pd.Index, mean: ArrayLike, spread: ArrayLike, *, level: float) -> pd.DataFrame:
    """The forecast table for errors that follow a normal curve.

    Parameters
    ----------
    index : Index of length horizon
    mean, spread : array of shape (horizon,)
        Forecast and standard deviation of its error, step by step.
    level : float
        Between 0 and 1.

    Returns
    -------
    DataFrame of shape (horizon, 3)
        Columns `mean`, `low`, `high`.
    """
    import numpy as np
    import pandas as pd
    from scipy.stats import norm

    mean, reach = np.asarray(mean, dtype=float), norm.ppf((1 + level_of(level)) / 2) * np.asarray(spread, dtype=float)
    return pd.DataFrame({"mean": mean, "low": mean - reach, "high": mean + reach}, index=index)
