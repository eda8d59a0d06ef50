"""How sure is a metric? Intervals, so that two models are not told apart by luck.

Each interval covers the true value in a share `level` of samples drawn as this one was. A share of independent rows has a
closed form (`wilson`, `clopper_pearson`), the area under the ROC curve too (`delong`); anything else is resampled
(`bootstrap`). Two models judged on the same rows are compared row by row (`paired_difference`): their two intervals may
overlap and the difference still be sure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle import show
from lifecycle.develop.evaluation.metrics import roc_auc
from lifecycle.develop.evaluation.samples import labels_and_scores, labels_of, same_length
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

UNDEFINED = 0.05
"""The largest share of bootstrap samples on which a statistic may be undefined; beyond it the limits are nan."""


class Interval(NamedTuple):
    """An estimate between two limits; a limit that cannot be had is nan."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{show.number(self.estimate)} ({show.number(self.low)} to {show.number(self.high)})"


def wilson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Score interval of a share (Wilson 1927): close to its level on average, also for small `n` and rare successes.

    Parameters
    ----------
    successes, n : int
        `successes` of `n` independent rows.
    level : float
        In (0, 1).

    Returns
    -------
    Interval
        Within [0, 1]; all nan for `n` = 0.
    """
    share = _share(successes, n, level)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    z = _z(level)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    # At the ends the limits are 0 and 1 exactly; rounding would leave 1e-18.
    return Interval(
        share, max(0.0, centre - reach) if successes else 0.0, min(1.0, centre + reach) if successes < n else 1.0
    )


def clopper_pearson(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Exact interval of a share (Clopper and Pearson 1934): never covers less than its level, so it is wider.

    Parameters and returns as in `wilson`.
    """
    from scipy.stats import beta

    share = _share(successes, n, level)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, successes, n - successes + 1)) if successes else 0.0
    high = float(beta.isf(tail, successes + 1, n - successes)) if successes < n else 1.0
    return Interval(share, low, high)


def bootstrap(
    statistic: Callable[..., float],
    *arrays: ArrayLike,
    n: int = 1000,
    level: float = 0.95,
    seed: int = 0,
    stratify: ArrayLike | None = None,
) -> Interval:
    """Percentile bootstrap (Efron 1979): compute the statistic again on rows drawn with replacement.

    Parameters
    ----------
    statistic : callable
        Takes as many arrays as are given and returns a number; nan means undefined on these rows.
    *arrays : array of shape (n_rows, ...)
        Drawn together, row by row.
    n : int
        Samples to draw.
    level : float
        In (0, 1).
    seed : int
        Of the draws: the same seed gives the same interval.
    stratify : array of shape (n_rows,), optional
        Classes whose numbers of rows each sample keeps. Give the labels where one class is rare.

    Returns
    -------
    Interval
        Samples on which the statistic is undefined are left out; where they are more than 5 % of all, or where the estimate
        itself is undefined, the limits are nan.

    Raises
    ------
    DataError
        When there are no rows, or the arrays differ in length.
    """
    import numpy as np

    _level(level)
    columns = [np.asarray(array) for array in arrays]
    groups = np.zeros(len(columns[0]), dtype=int) if stratify is None else np.asarray(stratify)
    same_length(**{f"array {i + 1}": column for i, column in enumerate(columns)}, stratify=groups)
    if len(groups) == 0 or n < 1:
        raise DataError("there is nothing to draw from" if n >= 1 else f"`n` is {n}", where="bootstrap")
    estimate = float(statistic(*columns))
    values = [statistic(*(column[rows] for column in columns)) for rows in draws(groups, n, seed)]
    return Interval(estimate, *limits(estimate, np.array(values, dtype=float), level))


def paired_difference(
    statistic: Callable[..., float],
    labels: ArrayLike,
    scores_a: ArrayLike,
    scores_b: ArrayLike,
    *,
    n: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """By how much `a` exceeds `b` on the same rows, with a paired bootstrap within each class.

    Parameters
    ----------
    statistic : callable
        ``statistic(labels, scores)``, as `average_precision`.
    labels, scores_a, scores_b : array of shape (n_rows,)

    Returns
    -------
    Interval
        Of ``statistic(labels, scores_a) - statistic(labels, scores_b)``; where it holds 0, these rows do not tell which is
        better.
    """

    def difference(truth: Any, a: Any, b: Any) -> float:
        return statistic(truth, a) - statistic(truth, b)

    return bootstrap(difference, labels, scores_a, scores_b, n=n, level=level, seed=seed, stratify=labels_of(labels))


def delong(labels: ArrayLike, scores: ArrayLike, *, level: float = 0.95) -> Interval:
    """Interval of the area under the ROC curve without resampling (DeLong, DeLong and Clarke-Pearson 1988).

    Returns
    -------
    Interval
        Normal limits, cut at 0 and 1. With one class all nan, with a single row of a class the limits; where no two rows are
        out of order the estimate is 1 and so are the limits, which says little in a small sample.
    """
    import numpy as np

    truth, numbers = labels_and_scores(labels, scores)
    area, variance = _delong(truth, [numbers])
    low, high = _normal(float(area[0]), float(variance[0, 0]), level)
    return Interval(float(area[0]), float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1)))


def delong_difference(labels: ArrayLike, scores_a: ArrayLike, scores_b: ArrayLike, *, level: float = 0.95) -> Interval:
    """By how much the area of `a` exceeds that of `b` on the same rows, with their correlation (DeLong et al. 1988)."""
    truth, a = labels_and_scores(labels, scores_a)
    _, b = labels_and_scores(labels, scores_b)
    area, variance = _delong(truth, [a, b])
    difference = float(area[0] - area[1])
    return Interval(difference, *_normal(difference, float(variance[0, 0] + variance[1, 1] - 2 * variance[0, 1]), level))


def draws(groups: np.ndarray[Any, Any], n: int, seed: int) -> Iterator[np.ndarray[Any, Any]]:
    """Draw rows with replacement `n` times, within each group: `n` arrays of row numbers."""
    import numpy as np

    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    rng = np.random.default_rng(seed)
    for _ in range(n):
        yield np.concatenate([rows[rng.integers(0, len(rows), len(rows))] for rows in members])


def _delong(truth: np.ndarray[Any, Any], scores: list[np.ndarray[Any, Any]]) -> tuple[Any, Any]:
    """Areas and their covariance from placement values, by ranks (Sun and Xu 2014); nan where a class is missing."""
    import numpy as np
    from scipy.stats import rankdata

    m, n = int(truth.sum()), int((~truth).sum())
    if not m or not n:
        return np.full(len(scores), np.nan), np.full((len(scores), len(scores)), np.nan)
    of_positives, of_negatives = [], []
    for values in scores:
        ranks = rankdata(values)
        of_positives.append((ranks[truth] - rankdata(values[truth])) / n)
        of_negatives.append(1 - (ranks[~truth] - rankdata(values[~truth])) / m)
    areas = np.array([roc_auc(truth, values) for values in scores])
    if m < 2 or n < 2:
        return areas, np.full((len(scores), len(scores)), np.nan)
    return areas, np.atleast_2d(np.cov(of_positives)) / m + np.atleast_2d(np.cov(of_negatives)) / n


def limits(estimate: float, values: np.ndarray[Any, Any], level: float) -> tuple[float, float]:
    """The percentiles between which a share `level` of bootstrapped values lies; nan by the rule of `bootstrap`."""
    import numpy as np

    defined = values[~np.isnan(values)]
    if math.isnan(estimate) or len(defined) < (1 - UNDEFINED) * len(values):
        return math.nan, math.nan
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _normal(estimate: float, variance: float, level: float) -> tuple[float, float]:
    _level(level)
    reach = _z(level) * math.sqrt(max(variance, 0.0))  # in this order a nan stays nan
    return estimate - reach, estimate + reach


def _share(successes: int, n: int, level: float) -> float:
    _level(level)
    if successes != int(successes) or n != int(n) or not 0 <= successes <= n:
        raise DataError(
            f"{successes} of {n} is not a count of rows", where="successes, n", remedy="0 <= successes <= n, whole"
        )
    return successes / n if n else math.nan


def _level(level: float) -> None:
    if not 0 < level < 1:
        raise DataError(f"{level!r} is not between 0 and 1", where="level", remedy="95 % is 0.95")


def _z(level: float) -> float:
    from scipy.stats import norm

    return float(norm.isf((1 - level) / 2))
