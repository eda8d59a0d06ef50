"""Distances between two samples, each with what it can and cannot say.

Two questions are asked of today's values beside those of the reference period, and they have different answers. *Could
chance alone have done this?* is what a p-value answers; it falls without end as rows are added, however small the
difference. *How large is the difference?* is what an effect size answers: the largest gap between two cumulative curves, the
stability index, the distance that values have moved. Judge by the effect, and let the p-value only rule out chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.errors import DataError
from lifecycle.monitor.drift.stability import Level, as_sample, as_shares

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

KS_WATCH, KS_ACT = 0.1, 0.2
"""Customary bands of the largest gap between two cumulative curves. See `ks_level`."""

FEW_ROWS, MANY_ROWS = 50, 100_000
"""All arrangements are counted where one side has fewer rows than the first and the other no more than the second."""


@dataclass(frozen=True)
class DriftTest:
    """What a test of one column says.

    Attributes
    ----------
    test : str
        ``"Kolmogorov-Smirnov"`` or ``"chi-squared"``; of counts that are too small for its law, ``"Fisher"`` or
        ``"drawn tables"``.
    statistic : float
        The largest gap between the cumulative curves, 0 to 1; or chi-squared, 0 or more.
    p_value : float
        Chance of a statistic at least as large when both samples come from one distribution.
    effect : float
        How large the difference is, whatever the number of rows: the gap itself, or Cramér's V (0 to 1).
    degrees : int
        Degrees of freedom of chi-squared; 0 for the other.
    """

    test: str
    statistic: float
    p_value: float
    effect: float
    degrees: int = 0


class Gaps(NamedTuple):
    """What two cumulative curves say of each other: the largest gap, and the area between them in units of the values."""

    largest: float
    area: float


def kolmogorov_smirnov(reference: ArrayLike, current: ArrayLike, *, exact: bool | None = None) -> DriftTest:
    """Compare two samples of numbers by the largest gap between their cumulative curves.

    Parameters
    ----------
    reference, current : array_like, shapes (n,) and (m,)
        Finite numbers, at least one each.
    exact : bool, optional
        Count all arrangements of the rows (true: for some hundreds of rows at most) or use the law for many rows (false).
        By default they are counted where a side has fewer than 50 rows: there the law calls too much significant, 1 row
        against 15 in every tenth case where nothing has changed. Both are cautious wherever values repeat.

    Returns
    -------
    DriftTest

    Raises
    ------
    DataError
        When a sample is empty, or holds a value that is missing or infinite.

    Notes
    -----
    Two-sided. By the law, the p-value is that of one sample of ``n * m / (n + m)`` rows, rounded, as in
    `scipy.stats.ks_2samp` with ``method="asymp"``; counted, it is that of ``method="exact"``.
    Smirnov, "Table for estimating the goodness of fit of empirical distributions" (1948).
    """
    import numpy as np

    one, other = as_sample(reference, "reference"), as_sample(current, "current")
    if exact:
        from scipy.stats import ks_2samp

        outcome = ks_2samp(one, other, method="exact")
        gap, p = float(outcome.statistic), float(outcome.pvalue)
    else:
        gap = gaps_of_sorted(np.sort(one), np.sort(other)).largest
        p = ks_p_value(gap, len(one), len(other)) if exact is None else _p_by_law(gap, len(one), len(other))
    return DriftTest("Kolmogorov-Smirnov", gap, p, gap)


def ks_p_value(gap: float, n: int, m: int) -> float:
    """Chance of a gap at least so large between `n` and `m` rows of one distribution of numbers, two-sided.

    Exact where one of them is below 50 and the other at most 100,000; else by the law for many rows. Beyond that a few rows
    are compared with the other side as if that were the distribution itself.
    """
    from scipy.stats import kstwo

    from lifecycle.monitor.drift.smirnov import smirnov_p_value

    few, many = min(n, m), max(n, m)
    if few >= FEW_ROWS:
        return _p_by_law(gap, n, m)
    return smirnov_p_value(gap, few, many) if many <= MANY_ROWS else float(min(1.0, max(0.0, kstwo.sf(gap, few))))


def _p_by_law(gap: float, n: int, m: int) -> float:
    from scipy.stats import kstwo

    return float(min(1.0, max(0.0, kstwo.sf(gap, max(1, round(n * m / (n + m)))))))


def gaps_of_sorted(reference: NDArray[np.float64], current: NDArray[np.float64]) -> Gaps:
    """Measure the gaps between the cumulative curves of two samples that are sorted already, in one pass over both."""
    import numpy as np

    n, m = len(reference), len(current)
    both = np.concatenate([reference, current])
    order = np.argsort(both, kind="stable")  # two sorted runs: one merge
    gap = np.empty(n + m)  # filled in place: new memory costs more than the sums
    np.less(order, n, out=gap, casting="unsafe")
    gap *= n + m
    gap -= n
    np.cumsum(gap, out=gap)  # times n * m: whole numbers, so the sum is exact
    np.abs(gap, out=gap)
    both = both[order]
    steps = both[1:] - both[:-1]
    largest = float(gap[:-1].max(where=steps > 0, initial=0.0))  # between equal values the curves have not arrived yet
    return Gaps(largest / (n * m), float(np.dot(gap[:-1], steps)) / (n * m))


def wasserstein(reference: ArrayLike, current: ArrayLike, *, normed: bool = False) -> float:
    """How far, on average, values must be moved to turn one sample into the other (also called earth mover's distance).

    Parameters
    ----------
    reference, current : array_like, shapes (n,) and (m,)
        Finite numbers, at least one each.
    normed : bool
        Divide by the standard deviation of `reference`, so that columns of different units can be compared.

    Returns
    -------
    float
        0 or more, in the unit of the values, or in standard deviations. Infinite where `normed` and a constant reference
        has become another value.

    Raises
    ------
    DataError
        As in `kolmogorov_smirnov`.

    Notes
    -----
    The area between the two cumulative curves, as in `scipy.stats.wasserstein_distance`. Unlike the largest gap it grows
    with the distance: values times 1,000 are farther away than values times 2.
    """
    import numpy as np

    one, other = np.sort(as_sample(reference, "reference")), np.sort(as_sample(current, "current"))
    moved = gaps_of_sorted(one, other).area
    return in_deviations(moved, float(one.std())) if normed else moved


def in_deviations(distance: float, deviation: float) -> float:
    """A distance in standard deviations; 0 stays 0 where there is no deviation, and anything else is infinitely far."""
    if deviation > 0:
        return distance / deviation
    return 0.0 if distance == 0 else float("inf")


def chi_squared(reference: Iterable[object] | pd.Series, current: Iterable[object] | pd.Series) -> DriftTest:
    """Compare how often each category occurs in two samples.

    Parameters
    ----------
    reference, current : sequences of categories
        At least one known value each; missing ones are left out, which another measure must watch.

    Returns
    -------
    DriftTest
        Its effect is Cramér's V of the table with two rows. One category in both gives 0 and a p-value of 1.

    Raises
    ------
    DataError
        When a sample holds nothing.
    """
    counts = category_counts(reference, current)
    return chi_squared_of_counts(counts["reference"], counts["current"])


def category_counts(reference: Iterable[object] | pd.Series, current: Iterable[object] | pd.Series) -> pd.DataFrame:
    """Count each category in both samples, the most frequent of the reference first: ``reference`` and ``current``."""
    import pandas as pd

    one, other = (
        (values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)).value_counts(sort=False)
        for values in (reference, current)
    )
    one.index, other.index = one.index.astype(object), other.index.astype(object)
    names = one.index.union(other.index, sort=False)
    table = pd.DataFrame({"reference": one.reindex(names, fill_value=0), "current": other.reindex(names, fill_value=0)})
    table = table[table.sum(axis=1) > 0].astype("int64")  # categories that a type knows and no row has
    return table.sort_values(["reference", "current"], ascending=False, kind="stable")


def chi_squared_of_counts(reference: ArrayLike, current: ArrayLike) -> DriftTest:
    """Compare two lists of counts over the same categories; see `chi_squared`.

    Notes
    -----
    Pearson's statistic of the table with two rows (1900), without a correction, as `scipy.stats.chi2_contingency` has it.
    The law of the p-value wants about 5 rows expected in most cells; `drift_report` takes rare categories as one.
    """
    import numpy as np
    from scipy.special import chdtrc

    one, other = (np.asarray(counts, dtype=float) for counts in (reference, current))
    if one.shape != other.shape or one.ndim != 1:
        raise DataError(f"{one.shape} counts cannot be compared with {other.shape}", remedy="count the same categories")
    for name, counts in (("reference", one), ("current", other)):
        if not counts.sum() > 0 or not np.isfinite(counts).all() or counts.min() < 0:
            raise DataError(f"`{name}` has no counts above 0, or some that are no counts")
    table = np.stack([one, other])[:, one + other > 0]
    total = table.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / total
    statistic = float(((table - expected) ** 2 / expected).sum())
    degrees = table.shape[1] - 1
    if degrees == 0:
        return DriftTest("chi-squared", 0.0, 1.0, 0.0)
    return DriftTest("chi-squared", statistic, float(chdtrc(degrees, statistic)), float((statistic / total) ** 0.5), degrees)


def jensen_shannon(expected: ArrayLike, actual: ArrayLike) -> float:
    """Distance of Jensen and Shannon between two lists of shares: 0 for equal ones, 1 where they have nothing in common.

    Parameters
    ----------
    expected, actual : array_like, shape (k,)
        Shares of the same k bins or categories; each adds up to 1. Numbers are put into bins first: `shared_bins`.

    Returns
    -------
    float
        From 0 to 1. Needs no floor for empty bins, unlike the stability index, and is a distance: the way over a third list
        is never shorter.

    Raises
    ------
    DataError
        When the lists differ in length, have a negative or missing share, or do not add up to 1.

    Notes
    -----
    The square root of the divergence with logarithms to base 2 (Lin, "Divergence measures based on the Shannon entropy",
    1991), as in `scipy.spatial.distance.jensenshannon` with ``base=2``.
    """
    import numpy as np
    from scipy.special import rel_entr

    then, now = as_shares(expected, actual)
    then, now = then / then.sum(), now / now.sum()
    middle = (then + now) / 2
    divergence = (rel_entr(then, middle).sum() + rel_entr(now, middle).sum()) / 2 / np.log(2)
    return float(np.sqrt(min(1.0, max(0.0, divergence))))


def ks_level(gap: float) -> Level:
    """What the customary bands say of a Kolmogorov-Smirnov gap: ``stable`` below 0.1, ``watch`` up to 0.2, ``act`` above."""
    if gap > KS_ACT:
        return "act"
    return "watch" if gap >= KS_WATCH else "stable"
