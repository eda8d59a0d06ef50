"""Differences of means and of ratios per user, and how a look at the time before makes them sharper."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

from lifecycle.errors import DataError


@dataclass(frozen=True)
class MeanTest:
    """Two means (or ratios) and their difference, challenger minus champion.

    Attributes
    ----------
    mean_a, mean_b, difference, low, high : float
        In the unit of the values.
    deviation : float
        Standard error of the difference.
    p : float
        Two-sided; 1 where there is neither spread nor difference.
    """

    mean_a: float
    mean_b: float
    difference: float
    low: float
    high: float
    deviation: float
    p: float


def compare_means(values_a: Any, values_b: Any, *, level: float = 0.95) -> MeanTest:
    """Compare means of two groups of users by Welch's test, which does not ask for equal spread.

    Parameters
    ----------
    values_a, values_b : array_like, one value a user, at least two each
    level : float
        Of the interval, in (0, 1).

    Raises
    ------
    DataError
        When a group is too small or a value is not finite.
    """
    from scipy.stats import t

    a, b = _numbers(values_a, "values_a"), _numbers(values_b, "values_b")
    parts = [float(each.var(ddof=1)) / len(each) for each in (a, b)]
    deviation = sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(v**2 / (len(x) - 1) for v, x in zip(parts, (a, b), strict=True)) if deviation else inf
    return _test(float(a.mean()), float(b.mean()), deviation, t(freedom), level)


def compare_ratios(successes_a: Any, tries_a: Any, successes_b: Any, tries_b: Any, *, level: float = 0.95) -> MeanTest:
    """Compare clicks per impression (or the like) where *users* were assigned, and each has several impressions.

    A user's impressions are alike, so they are no independent draws; the variance of the ratio is that of the delta method,
    with users as the units (Deng, Lu and Litz 2017).

    Parameters
    ----------
    successes_a, tries_a, successes_b, tries_b : array_like
        Numerator and denominator of each user.

    Raises
    ------
    DataError
        When lengths differ, a value is not finite, or a group has no tries at all.
    """
    from scipy.stats import norm

    ratios, variances = [], []
    for successes, tries, name in ((successes_a, tries_a, "a"), (successes_b, tries_b, "b")):
        x, y = _numbers(successes, f"successes_{name}"), _numbers(tries, f"tries_{name}")
        if len(x) != len(y):
            raise DataError(f"{len(x):,} users have successes and {len(y):,} have tries", where=f"group {name}")
        if not y.mean() > 0:
            raise DataError("nobody tried: there is no ratio", where=f"group {name}")
        ratio = float(x.sum() / y.sum())
        ratios.append(ratio)
        variances.append(float((x - ratio * y).var(ddof=1)) / len(x) / float(y.mean()) ** 2)
    return _test(ratios[0], ratios[1], sqrt(sum(variances)), norm(), level)


def cuped(values: Any, before: Any) -> Any:
    """Take from each user's value what the time before the experiment foretold (CUPED; Deng, Xu, Kohavi and Walker 2013).

    The mean stays; the variance shrinks to 1 - r^2 of what it was, r being the correlation of `values` and `before`.

    Parameters
    ----------
    values : array_like
        What is compared, for the users of *both* groups together, so that both are adjusted by one slope.
    before : array_like
        Something about the same users that was known before they were assigned. What the experiment itself may have
        moved would take its effect away.

    Returns
    -------
    ndarray of float
    """
    import numpy as np

    y, x = _numbers(values, "values"), _numbers(before, "before")
    if len(x) != len(y):
        raise DataError(f"{len(y):,} users have values and {len(x):,} have a time before", where="cuped")
    spread = float(x.var())
    slope = float(np.mean((x - x.mean()) * (y - y.mean()))) / spread if spread > 0 else 0.0
    return y - slope * (x - x.mean())


def _numbers(values: Any, where: str) -> Any:
    import numpy as np

    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or len(found) < 2:
        raise DataError("two users are the least that have a spread", where=where)
    if not np.isfinite(found).all():
        raise DataError(
            "a user without a finite value", where=where, remedy="decide before the test what a missing value is"
        )
    return found


def _test(mean_a: float, mean_b: float, deviation: float, law: Any, level: float) -> MeanTest:
    if not 0 < level < 1:
        raise DataError(f"a level of {level!r} is no chance")
    difference = mean_b - mean_a
    half = float(law.ppf((1 + level) / 2)) * deviation
    p = 1.0 if difference == 0 else 0.0
    if deviation > 0:
        p = float(2 * law.sf(abs(difference) / deviation))
    return MeanTest(mean_a, mean_b, difference, difference - half, difference + half, deviation, p)
