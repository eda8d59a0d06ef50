"""After a test: the difference of two rates, how sure it is, and what days or cities in between do to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from lifecycle.errors import DataError


@dataclass(frozen=True)
class RateTest:
    """Two rates and their difference, challenger minus champion.

    Attributes
    ----------
    rate_a, rate_b : float
        Champion and challenger.
    difference, low, high : float
        The difference and its interval, as fractions.
    z, p : float
        Test statistic and p-value; z is 0 and p is 1 where no user or every user of both groups succeeded.
    sided : int
        2, or 1 where the challenger was asked to be higher (or lower: `direction`).
    """

    rate_a: float
    rate_b: float
    difference: float
    low: float
    high: float
    z: float
    p: float
    sided: int = 2


def compare_rates(
    successes_a: int,
    n_a: int,
    successes_b: int,
    n_b: int,
    *,
    level: float = 0.95,
    sided: int = 2,
    direction: int = 1,
) -> RateTest:
    """Test whether two groups have the same rate.

    z uses the pooled rate (what is assumed is that the two are equal); the interval uses each group's own (Wald), since it
    is about the difference that there is. Fit for groups in which dozens of users, at the least, did and did not succeed.

    Parameters
    ----------
    successes_a, n_a, successes_b, n_b : int
        Successes and users of champion and challenger; n at least 1. One user counts once.
    level : float
        Of the interval, in (0, 1). The interval is two-sided always.
    sided : int
        1 or 2, as planned.
    direction : int
        With one side: 1 where more is better, -1 where fewer are.

    Returns
    -------
    RateTest

    Raises
    ------
    DataError
        When counts cannot be.

    Examples
    --------
    >>> week = compare_rates(2550, 50_000, 2850, 50_000)
    >>> round(week.z, 2), round(100 * week.low, 2), round(100 * week.high, 2)
    (4.2, 0.32, 0.88)
    """
    from scipy.stats import norm

    check_counts(successes_a, n_a)
    check_counts(successes_b, n_b)
    if sided not in (1, 2) or direction not in (1, -1) or not 0 < level < 1:
        raise DataError(f"sided {sided!r}, direction {direction!r} or level {level!r} cannot be", where="compare_rates")
    rate_a, rate_b = successes_a / n_a, successes_b / n_b
    difference = rate_b - rate_a
    z = difference / deviation if (deviation := pooled_deviation(successes_a, n_a, successes_b, n_b)) > 0 else 0.0
    p = 2 * norm.sf(abs(z)) if sided == 2 else norm.sf(direction * z)
    half = norm.ppf((1 + level) / 2) * sqrt(rate_a * (1 - rate_a) / n_a + rate_b * (1 - rate_b) / n_b)
    p = 1.0 if deviation == 0 else float(p)
    return RateTest(rate_a, rate_b, difference, difference - float(half), difference + float(half), z, p, sided)


def pooled_deviation(successes_a: int, n_a: int, successes_b: int, n_b: int) -> float:
    """Standard error of the difference, where both groups are taken to have one rate."""
    rate = (successes_a + successes_b) / (n_a + n_b)
    return sqrt(rate * (1 - rate) * (1 / n_a + 1 / n_b))


def check_counts(successes: int, n: int) -> None:
    """Raise DataError where `successes` of `n` is no rate."""
    if not n >= 1 or not 0 <= successes <= n:
        raise DataError(f"{successes!r} of {n!r} is no rate", remedy="count users, each of them once")


def stratified_rates(strata: Iterable[tuple[int, int, int, int]], *, level: float = 0.95) -> RateTest:
    """Difference of two rates within strata (days, cities), put together: what a changing split cannot fool.

    Each stratum counts with the weight n_a n_b / (n_a + n_b) of Cochran (1954) and Mantel and Haenszel (1959). Rates are
    weighted in the same way, so that they belong together. Strata in which one group is empty say nothing and are left out.

    Parameters
    ----------
    strata : iterable of (successes_a, n_a, successes_b, n_b)
    level : float

    Raises
    ------
    DataError
        When no stratum has both groups.
    """
    from scipy.stats import norm

    weight_all = sum_a = sum_b = pooled = own = 0.0
    for successes_a, n_a, successes_b, n_b in strata:
        if n_a == 0 or n_b == 0:
            continue
        check_counts(successes_a, n_a)
        check_counts(successes_b, n_b)
        weight = n_a * n_b / (n_a + n_b)
        rate_a, rate_b = successes_a / n_a, successes_b / n_b
        weight_all += weight
        sum_a += weight * rate_a
        sum_b += weight * rate_b
        pooled += (weight * pooled_deviation(successes_a, n_a, successes_b, n_b)) ** 2
        own += weight**2 * (rate_a * (1 - rate_a) / n_a + rate_b * (1 - rate_b) / n_b)
    if weight_all == 0:
        raise DataError("no stratum holds users of both groups: there is nothing to compare", where="stratified_rates")
    difference = (sum_b - sum_a) / weight_all
    z = (sum_b - sum_a) / sqrt(pooled) if pooled > 0 else 0.0
    half = float(norm.ppf((1 + level) / 2)) * sqrt(own) / weight_all
    p = float(2 * norm.sf(abs(z))) if pooled > 0 else 1.0
    return RateTest(sum_a / weight_all, sum_b / weight_all, difference, difference - half, difference + half, z, p)
