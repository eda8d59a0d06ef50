"""What shuffled cross-validation promises, what walk-forward validation promises, and what came: measured, case by case.

Shuffling does harm where a training row tells what a test row beside it is like, and no such row will be there when the
forecast is made. A series without trend whose memory is in the features has nothing more to tell, and no harm is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.forecast.checks import share, whole
from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import numbers_of
from lifecycle.forecast.validation.folds import shuffled_folds, walk_forward

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike

    from lifecycle.forecast.forecaster import Numbers, Values

    Learner = Callable[[Numbers, Numbers, Numbers], Numbers]  # features and targets to learn from, features to forecast for


@dataclass(frozen=True)
class SplitComparison:
    """Mean absolute errors of one learner, in the unit of the target.

    Attributes
    ----------
    shuffled : float
        What shuffled k-fold on the first part of the series said it would be.
    ordered : float
        What walk-forward on the same part said.
    later : float
        What it was on the rest, after learning from all of the first part.
    """

    shuffled: float
    ordered: float
    later: float


@dataclass(frozen=True)
class Case:
    """Rows in time order, and who learns from them.

    Attributes
    ----------
    features : array of shape (n, n_features)
    target : array of shape (n,)
    learner : callable
    features_then : array of shape (n, n_features), optional
        What the features are when a forecast is made, where the table holds something else.
    """

    features: Numbers
    target: Numbers
    learner: Learner
    features_then: Numbers | None = None


def compare_splits(
    features: ArrayLike,
    target: ArrayLike,
    learner: Learner,
    *,
    features_then: ArrayLike | None = None,
    later: float = 0.2,
    folds: int = 5,
    gap: int = 0,
    seed: int = 0,
) -> SplitComparison:
    """Validate on the first part of the rows in both ways, then see what the rest brings.

    Parameters
    ----------
    features : array of shape (n, n_features)
        Rows in time order.
    target : array of shape (n,)
    learner : callable
        ``learner(features, target, new_features) -> forecasts``, as `least_squares`.
    features_then : array of shape (n, n_features), optional
        The features as they will be when a forecast is made; only where they differ from `features`.
    later : float
        Share of the rows that are the future.
    folds : int
        Of either kind; a walk-forward test is a tenth of the first part.
    gap : int
        Rows left out between training and test of walk-forward, and before the future.
    seed : int
        Of the shuffling.

    Raises
    ------
    ForecastError
        When there are too few rows, features and target differ in shape, or any of them is missing or infinite.
    """
    import numpy as np

    y = numbers_of(target)
    x = _matrix(features, rows=len(y))
    then = x if features_then is None else _matrix(features_then, rows=len(y))
    known = len(y) - round(share(later, "later") * len(y))
    if not 20 <= known < len(y):
        raise ForecastError(f"{len(y)} rows leave {known} to validate on and {len(y) - known} later: 20 and 1 are the least")

    def error(train: ArrayLike, test: ArrayLike, seen: Numbers) -> float:
        train, test = np.asarray(train), np.asarray(test)
        return float(np.abs(learner(x[train], y[train], seen[test]) - y[test]).mean())

    ordered = walk_forward(known, folds=folds, horizon=max(known // 10, 1), gap=gap)
    return SplitComparison(
        shuffled=float(np.mean([error(fold.train, fold.test, x) for fold in shuffled_folds(known, folds=folds, seed=seed)])),
        ordered=float(np.mean([error(fold.train, fold.test, x) for fold in ordered])),
        later=error(range(known - gap), range(known, len(y)), then),
    )


def _matrix(features: ArrayLike, *, rows: int) -> Numbers:
    import numpy as np

    shape = np.shape(features)
    if len(shape) != 2 or shape[0] != rows:
        raise ForecastError(f"features of shape {shape} and {rows} targets: rows must be as many", where="features")
    return numbers_of(np.ravel(features)).reshape(shape)


def lag_table(y: Values, *, lags: int = 1, ahead: int = 1) -> tuple[Numbers, Numbers]:
    """The last `lags` values beside the mean of the next `ahead`: features of shape (rows, lags), newest first, and target.

    Neighbouring targets share ``ahead - 1`` values: so many rows belong between training and test, and to neither.
    """
    import numpy as np

    values = numbers_of(y)
    if len(values) < whole(lags, "lags") + whole(ahead, "ahead"):
        raise ForecastError(f"{len(values)} values have no row of {lags} lags and {ahead} ahead")
    windows = np.lib.stride_tricks.sliding_window_view(values, lags + ahead)
    return windows[:, lags - 1 :: -1].copy(), windows[:, lags:].mean(axis=1)


def least_squares(features: Numbers, target: Numbers, new: Numbers) -> Numbers:
    """A line with an intercept."""
    import numpy as np

    ones = np.ones((len(features), 1))
    weights = np.linalg.lstsq(np.hstack([ones, features]), target, rcond=None)[0]
    found: Numbers = weights[0] + new @ weights[1:]
    return found


def nearest_neighbours(features: Numbers, target: Numbers, new: Numbers) -> Numbers:
    """The mean target of the three most similar rows: flexible, and unable to go beyond what it has seen."""
    import numpy as np
    from scipy.spatial import cKDTree

    spread = features.std(axis=0)
    spread[spread == 0] = 1
    most = min(5, len(features))
    distance, near = (part.reshape(len(new), most) for part in cKDTree(features / spread).query(new / spread, k=most))
    order = np.lexsort((near, distance.round(9)), axis=1)  # two rows as far away: the earlier one, on every machine
    near = np.take_along_axis(near, order, axis=1)[:, :3]
    return np.asarray(target[near].mean(axis=1), dtype="float64")


def shuffling_harm(*, cases: tuple[str, ...] = (), simulations: int = 40, n: int = 200, seed: int = 0) -> pd.DataFrame:
    """Each of `SHUFFLING_CASES` simulated many times over: what both validations promised, and what came.

    Parameters
    ----------
    cases : tuple of str
        Which of them; all where none is named.
    simulations, n : int
        Series a case, values a series.
    seed : int

    Returns
    -------
    DataFrame, one row a case
        ``case``, ``learner`` (who learnt), the mean absolute errors ``shuffled``, ``walk-forward`` and ``later`` (means over
        the simulations), ``shuffled hides`` and ``walk-forward hides`` (share of the later error that was not promised;
        below 0 it came better), ``sd of the mean`` of the first of the two.

    Raises
    ------
    ForecastError
        When a case is not known, or a number too small.
    """
    import numpy as np
    import pandas as pd

    whole(simulations, "simulations")
    whole(n, "n", least=25)
    unknown = [name for name in cases if name not in SHUFFLING_CASES]
    if unknown:
        raise ForecastError(f"no case is called `{unknown[0]}`", tried=", ".join(SHUFFLING_CASES))
    rows = []
    for name, (make, gap) in SHUFFLING_CASES.items():
        if cases and name not in cases:
            continue
        rng = np.random.default_rng([seed, *name.encode()])
        found = []
        for number in range(simulations):
            case = make(rng, n)
            said = compare_splits(
                case.features, case.target, case.learner, features_then=case.features_then, gap=gap, seed=number
            )
            found.append((said.shuffled, said.ordered, said.later))
        shuffled, ordered, later = np.mean(found, axis=0)
        hidden = np.array([(row[2] - row[0]) / later for row in found])
        rows.append(
            {
                "case": name,
                "learner": case.learner.__name__.replace("_", " "),
                "shuffled": shuffled,
                "walk-forward": ordered,
                "later": later,
                "shuffled hides": hidden.mean(),
                "walk-forward hides": (later - ordered) / later,
                "sd of the mean": hidden.std(ddof=1) / np.sqrt(simulations) if simulations > 1 else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _memory(rng: np.random.Generator, n: int) -> Case:
    """AR(1) with its lag as the feature: all that a neighbour could tell is in the lag."""
    return Case(*lag_table(_autoregression(rng, n + 1, 0.9)), least_squares)


def _trend(rng: np.random.Generator, n: int) -> Case:
    """A straight line and noise, the day's number as the feature: shuffled, every test day has both its neighbours."""
    import numpy as np

    days = np.arange(n, dtype="float64")
    return Case(days[:, None], 0.1 * days + rng.normal(size=n), nearest_neighbours)


def _line(rng: np.random.Generator, n: int) -> Case:
    """The same by a line: it cannot look up a neighbour, and so nothing leaks."""
    made = _trend(rng, n)
    return Case(made.features, made.target, least_squares)


def _season(rng: np.random.Generator, n: int) -> Case:
    """A yearly season on a level that wanders, month and number as features."""
    import numpy as np

    months = np.arange(n, dtype="float64")
    level, angle = rng.normal(scale=0.5, size=n).cumsum(), 2 * np.pi * months / 12
    season = np.column_stack([np.sin(angle), np.cos(angle)])
    return Case(
        np.column_stack([months, season]), level + 3 * season[:, 0] + rng.normal(scale=0.5, size=n), nearest_neighbours
    )


def _overlap(rng: np.random.Generator, n: int) -> Case:
    """The mean of the next ten values from the means of the last 10, 20 and 40.

    Neighbouring rows look alike and share nine of the ten values of their targets.
    """
    import numpy as np

    past, target = lag_table(_autoregression(rng, n + 49, 0.5), lags=40, ahead=10)
    return Case(np.column_stack([past[:, :last].mean(axis=1) for last in (10, 20, 40)]), target, nearest_neighbours)


def _smoothed(rng: np.random.Generator, n: int) -> Case:
    """A feature smoothed over the whole series before it is split: it holds the value that is to be forecast.

    Both validations look into the same table, so neither sees it. When the forecast is made only the past can be smoothed.
    """
    import numpy as np

    values = _autoregression(rng, n + 8, 0.5)
    windows = np.lib.stride_tricks.sliding_window_view(values, 5).mean(axis=1)  # ends at position 4, 5, ...
    at = np.arange(6, n + 6)
    return Case(windows[at - 2][:, None], values[at], least_squares, windows[at - 5][:, None])


def _autoregression(rng: np.random.Generator, n: int, memory: float) -> Numbers:
    """AR(1) with shocks of standard deviation 1, begun from its own distribution."""
    from scipy.signal import lfilter

    shocks = rng.normal(size=n)
    shocks[0] /= (1 - memory**2) ** 0.5
    found: Numbers = lfilter([1.0], [1.0, -memory], shocks)
    return found


SHUFFLING_CASES: dict[str, tuple[Callable[[np.random.Generator, int], Case], int]] = {
    "AR(1), its lag": (_memory, 0),
    "trend, the date": (_trend, 0),
    "trend, the date, by a line": (_line, 0),
    "season, wandering level": (_season, 0),
    "overlapping targets": (_overlap, 9),
    "smoothed before the split": (_smoothed, 0),
}
"""Name to (maker, rows of gap that walk-forward needs)."""
