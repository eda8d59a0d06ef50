"""Tests for few rows, where the laws for many rows promise what they do not keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.monitor.drift.statistics import DriftTest, chi_squared_of_counts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

LEAST = 5.0
"""Rows that the law of chi-squared wants to expect in every cell."""

DRAWS = 9_999
"""Tables drawn where neither the law nor a count of all tables will do."""


def counts_test(reference: ArrayLike, current: ArrayLike, *, seed: int = 0) -> DriftTest:
    """Compare two lists of counts, however small they are.

    Parameters
    ----------
    reference, current : array_like, shape (k,)
        Counts over the same categories; each list has some.
    seed : int
        Of the tables that are drawn.

    Returns
    -------
    DriftTest
        Chi-squared where 5 rows or more are expected in every cell. Otherwise the rarest categories are taken as one, until
        5 are; which ones, both lists decide together, so that this favours no outcome. Where then nothing is left to
        compare: Fisher's exact test of two categories, and of more the share of 9,999 tables drawn with the same sums that
        are at least as uneven, so that no p-value is below 0.0001.

    Raises
    ------
    DataError
        As in `chi_squared_of_counts`.
    """
    import numpy as np

    whole = chi_squared_of_counts(reference, current)
    table = np.array([reference, current], dtype=np.int64)
    table = table[:, table.sum(axis=0) > 0]
    expected = table.sum(axis=0) * (table.sum(axis=1).min() / table.sum())
    if expected.min() >= LEAST or table.shape[1] < 2:
        return whole
    order = np.argsort(expected, kind="stable")
    enough = int(np.searchsorted(np.cumsum(expected[order]), LEAST)) + 1
    pooled = max(enough, int((expected < LEAST).sum()))
    if pooled < table.shape[1]:
        merged = np.column_stack([table[:, order[:pooled]].sum(axis=1), table[:, order[pooled:]]])
        return chi_squared_of_counts(*merged)
    if table.shape[1] == 2:
        from scipy.stats import fisher_exact

        return DriftTest("Fisher", whole.statistic, min(1.0, float(fisher_exact(table).pvalue)), whole.effect, whole.degrees)
    return DriftTest("drawn tables", whole.statistic, _drawn_p(table, seed=seed), whole.effect, whole.degrees)


def _drawn_p(table: NDArray[np.int64], *, seed: int) -> float:
    """Share of tables with the same sums that are at least as uneven."""
    import numpy as np

    rows, columns = table.sum(axis=1), table.sum(axis=0)
    small = int(rows.argmin())
    drawn = np.random.default_rng(seed).multivariate_hypergeometric(columns, int(rows[small]), DRAWS, method="marginals")
    expected = columns * (rows[small] / rows.sum())
    uneven = ((np.vstack([table[small], drawn]) - expected) ** 2 / expected).sum(axis=1)
    return float((uneven >= uneven[0] * (1 - 1e-9)).mean())
