"""A forecast for a series that nobody has looked at: no choice to make, quick, intervals put to the test."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import index_ahead, numbers_of
from lifecycle.forecast.models.grid import Settings, every_setting, mean_errors, past_errors
from lifecycle.forecast.models.table import level_of, season_of

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.forecast.forecaster import Numbers, Values

BEST = 8  # one in so many settings is kept
HALF_LIFE = 60  # steps after which an error counts half, or three seasons where those are longer


@dataclass(frozen=True)
class DefaultChoice:
    """The default, once it has seen a series.

    Attributes
    ----------
    y : series
    season : int
        Steps; 1 where the series is too short for the one that was asked for.
    """

    y: Values
    season: int

    def predict(self, horizon: int, *, level: float = 0.95) -> pd.DataFrame:
        """Columns ``mean``, ``low``, ``high`` for the next `horizon` steps."""
        import numpy as np
        import pandas as pd

        index, blend = index_ahead(self.y, horizon), self.blend(horizon)
        reach = blend.reach(level)
        said = {"mean": blend.ahead, "low": blend.ahead - reach, "high": blend.ahead + reach}
        if blend.logarithm:
            with np.errstate(over="ignore"):
                said = {name: np.minimum(np.exp(values), np.finfo(float).max) for name, values in said.items()}
        return pd.DataFrame(said, index=index)

    def blend(self, horizon: int) -> Blend:
        """What it does for so many steps: which settings, on which scale, and how far they were off in the past."""
        tried = [self._blend(horizon, logarithm=logarithm) for logarithm in self._scales]
        return min(tried, key=lambda blend: blend.mean_error)

    @cached_property
    def _values(self) -> Numbers:
        return numbers_of(self.y)

    @property
    def _scales(self) -> tuple[bool, ...]:
        return (True, False) if self._values.min() > 0 else (False,)

    def _blend(self, horizon: int, *, logarithm: bool) -> Blend:
        import numpy as np

        values = np.log(self._values) if logarithm else self._values
        settings, half_life = every_setting(self.season), float(max(HALF_LIFE, 3 * self.season))
        judged = min(horizon, max(12, self.season), len(values) // 4)
        scores = mean_errors(values, settings, season=self.season, horizon=max(judged, 1), half_life=half_life)
        best = settings[np.argsort(scores, kind="stable")[: max(len(settings) // BEST, 1)]]
        errors, ahead = past_errors(values, best, season=self.season, horizon=horizon)
        return Blend(self._values, best, errors, ahead, logarithm, half_life)


@dataclass(frozen=True)
class Blend:
    """The mean of the settings that did best, with its errors at every time of the past.

    Attributes
    ----------
    values : array of shape (n,)
        The series in its own unit.
    settings : Settings
        Which were kept, the best one first.
    errors : array of shape (n_origins, horizon)
        Truth minus forecast at each time of the past, NaN beyond the end; of the logarithm where that was taken.
    ahead : array of shape (horizon,)
        The forecast, on the same scale.
    logarithm : bool
    half_life : float
        Steps after which an error counts half.
    """

    values: Numbers
    settings: Settings
    errors: Numbers
    ahead: Numbers
    logarithm: bool
    half_life: float

    @property
    def mean_error(self) -> float:
        """Mean absolute error in the unit of the series, recent errors counting more."""
        import numpy as np

        errors = self.errors
        if self.logarithm:
            rows, steps = np.indices(errors.shape)
            at = len(self.values) - len(errors) + rows + steps
            truth = np.where(np.isfinite(errors), self.values[np.minimum(at, len(self.values) - 1)], np.nan)
            with np.errstate(over="ignore"):  # a forecast beyond all numbers is infinitely wrong, and is not taken
                errors = truth * (1 - np.exp(-errors))  # the forecast is the truth over exp(error)
        return float(np.nansum(self._weights * np.abs(errors)) / self._weights.sum())

    @property
    def spread(self) -> Numbers:
        """Root mean square of the errors at each step, recent ones counting more; never falling: (horizon,)."""
        import numpy as np

        squares, weights = np.nan_to_num(self.errors) ** 2, self._weights
        sums, step = weights.sum(axis=0), np.arange(1, len(self.ahead) + 1)
        known = sums > 0
        spread = np.sqrt((weights * squares).sum(axis=0)[known] / sums[known])
        last = len(spread)  # further ahead than any truth: it grows as a random walk does
        beyond = spread[-1] * np.sqrt(step[last:] / last)
        return np.maximum.accumulate(np.concatenate([spread, beyond]))

    def reach(self, level: float = 0.95) -> Numbers:
        """Half widths of the intervals: (horizon,).

        Forecasts of h steps from n neighbouring times share most of their errors: no more than n / h of them are
        independent. So the spread is known as well as from n / h errors, and Student's t with so many degrees of freedom
        takes the place of the normal curve.
        """
        import numpy as np
        from scipy.stats import t

        counts = np.maximum(np.isfinite(self.errors).sum(axis=0), 1)
        independent = np.maximum(counts / np.arange(1, len(self.ahead) + 1), 2.0)
        wider: Numbers = t.ppf((1 + level_of(level)) / 2, independent) * np.sqrt(1 + 1 / independent)
        return wider * self.spread

    @property
    def _weights(self) -> Numbers:
        import numpy as np

        age = np.arange(len(self.errors), 0, -1)[:, None]
        return 0.5 ** (age / self.half_life) * np.isfinite(self.errors)


def default_choice(y: Values, *, season: int) -> DefaultChoice:
    """The forecaster to begin with, and to keep until another one has beaten it.

    Level, damped trend and season are carried forward under some hundred settings. Each is judged by its errors at every
    time of the past, over all steps that are asked for; the best eighth forecast together (their mean), on the logarithm
    where that did better. The intervals are as wide as the errors of that mean were, step by step. Nothing is drawn at
    random and nothing optimised: the same series gives the same forecast everywhere. Some hundred values take hundredths
    of a second, some thousand a second.

    Parameters
    ----------
    y : series
        4 values or more, no gaps.
    season : int
        Steps in the season that matters most; 1 for none. Below two and a half seasons it is taken for none, because what is
        seen once is no season. A second season (weeks within years) and holidays are beyond it.

    Raises
    ------
    ForecastError
        When it is too short or has gaps.
    """
    import numpy as np

    values, season = numbers_of(y, least=4), season_of(season)
    if np.abs(values).max() > 1e150:
        raise ForecastError("values above 1e150 are too large to be squared", remedy="another unit")
    return DefaultChoice(y, season if 2 * len(values) >= 5 * season else 1)
