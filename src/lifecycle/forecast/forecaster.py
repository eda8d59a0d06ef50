"""What every room calls a forecaster: a function that looks at a series and gives something that predicts.

`seasonal_naive(y, season=12).predict(6)` is the whole agreement. Whatever keeps to it can be validated, calibrated and run
over a panel, a reader's own function too.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol, TypeAlias

from lifecycle.forecast.checks import whole
from lifecycle.forecast.errors import ForecastError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers: TypeAlias = npt.NDArray[np.float64]
    Values: TypeAlias = pd.Series | npt.ArrayLike


class Fitted(Protocol):
    """A forecaster that has seen a series."""

    def predict(self, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
        """Columns ``mean``, ``low``, ``high`` for the next `horizon` steps, each interval meant to hold with chance `level`.

        The index is `index_ahead` of the series: dates where it had dates, else the positions that follow.
        """
        ...


class Forecaster(Protocol):
    """A function of a series (with dates or without) and the steps in its season (1: none); the rest has defaults."""

    def __call__(self, y: Values, *, season: int) -> Fitted:
        """Fit."""
        ...


def numbers_of(y: Values, *, least: int = 1, gaps: bool = False) -> Numbers:
    """A series as finite numbers; with `gaps` some may be missing (NaN).

    Raises
    ------
    ForecastError
        When it is shorter than `least`, not one-dimensional, no real numbers (dates are none), or has gaps.
    """
    import numpy as np

    try:
        if np.asarray(y).dtype.kind in "cmM":
            raise TypeError(f"dates, durations and complex numbers are none: {np.asarray(y).dtype}")
        values = np.asarray(y, dtype="float64")
    except (TypeError, ValueError) as error:
        raise ForecastError("a series must be numbers", tried=str(error)) from error
    if values.ndim != 1:
        raise ForecastError(f"a series has one dimension, not {values.ndim}", remedy="give one column at a time")
    if len(values) < least:
        raise ForecastError(f"a series of {len(values)} values is too short: {least} are needed")
    bad = np.flatnonzero(np.isinf(values) if gaps else ~np.isfinite(values))
    if bad.size:
        raise ForecastError(
            f"{bad.size} values are missing or infinite, the first at position {bad[0]}",
            remedy="fill or leave out: a gap that is closed silently shifts the season",
        )
    return values


def index_ahead(y: Values, horizon: int, *, gaps: bool = False) -> pd.Index:
    """The next `horizon` entries of a series' index: dates at the same rhythm, else positions.

    With `gaps` dates may be missing: the rhythm is then the one that holds in most places and leads to every date.

    Raises
    ------
    ForecastError
        When `horizon` is no whole number from 1 on, or the dates have no rhythm to go on with.
    """
    import numpy as np
    import pandas as pd

    horizon = whole(horizon, "horizon")
    index = y.index if isinstance(y, pd.Series) else None
    if isinstance(index, pd.DatetimeIndex):
        rhythm = index.freq or pd.DatetimeIndex(index, freq="infer").freq
        if rhythm is None and gaps:
            rhythm = _rhythm_with_gaps(index)
        if rhythm is None or rhythm.n < 1:
            raise ForecastError("the dates have no regular rhythm forwards", remedy="sort, resample, or give values alone")
        return pd.date_range(index[-1], periods=horizon + 1, freq=rhythm)[1:]
    if isinstance(index, pd.RangeIndex):
        return pd.RangeIndex(index.stop, index.stop + index.step * horizon, index.step)
    length = len(np.asarray(y))
    return pd.RangeIndex(length, length + horizon)


def _rhythm_with_gaps(index: pd.DatetimeIndex) -> pd.DateOffset | None:
    """The rhythm of most stretches of five dates, if it leads from the first to each of the others."""
    import pandas as pd

    stretches = (index[at : at + 5] for at in range(max(len(index) - 200, 0), len(index) - 4))
    found = Counter(pd.DatetimeIndex(stretch, freq="infer").freq for stretch in stretches)
    for rhythm, _ in found.most_common():
        if rhythm is not None and index.isin(pd.date_range(index[0], index[-1], freq=rhythm)).all():
            return rhythm
    return None
