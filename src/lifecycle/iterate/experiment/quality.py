"""Can the data of an experiment be believed? Asked before its result is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SampleRatio:
    """Whether groups have the sizes that they were meant to have.

    Attributes
    ----------
    counts, expected : mapping of name to number
        Users found, and users that the shares lead one to expect.
    chi2, p : float
    mismatch : bool
        Whether p is below `alpha`.
    """

    counts: Mapping[str, int]
    expected: Mapping[str, float]
    chi2: float
    p: float
    mismatch: bool


def sample_ratio(counts: Mapping[str, int], shares: Mapping[str, float], *, alpha: float = 0.01) -> SampleRatio:
    """Test the sizes of the groups against their shares (sample-ratio mismatch; Pearson's chi-squared).

    A draw by lot cannot be far off, so a mismatch means that users are lost, or counted twice, in one group more than in the
    other: and those are rarely the average ones. The result of such a test is not to be corrected but to be thrown away.

    Parameters
    ----------
    counts : mapping of name to int
        Users that were *assigned* (not those who came through to the end).
    shares : mapping of name to float
        What was planned; adds up to 1.
    alpha : float
        Below which p is a mismatch. Smaller than for an effect, since every experiment is asked, and most are in order.

    Raises
    ------
    DataError
        When names differ, a number is none, or nobody was assigned.

    Examples
    --------
    >>> round(sample_ratio({"A": 50_000, "B": 51_000}, {"A": 0.5, "B": 0.5}).p, 4)
    0.0017
    """
    if set(counts) != set(shares):
        raise DataError(f"groups {sorted(counts)} were counted, and {sorted(shares)} were planned", where="sample_ratio")
    if not all(share > 0 for share in shares.values()) or not abs(sum(shares.values()) - 1) <= 1e-9:
        raise DataError(f"shares {dict(shares)} do not add up to 1", where="sample_ratio")
    total = sum(counts.values())
    if not all(0 <= count < inf for count in counts.values()) or not total > 0:
        raise DataError(f"counts {dict(counts)} are no users", where="sample_ratio")
    if not 0 < alpha < 1:
        raise DataError(f"an alpha of {alpha!r} is no chance", where="sample_ratio")
    from scipy.stats import chi2

    expected = {name: share * total for name, share in shares.items()}
    statistic = sum((counts[name] - expected[name]) ** 2 / expected[name] for name in expected)
    p = float(chi2.sf(statistic, len(shares) - 1))
    return SampleRatio(dict(counts), expected, float(statistic), p, p < alpha)


def in_both(log: pd.DataFrame, *, unit: str = "user", group: str = "group") -> int:
    """How many units met more than one group: none, where the assignment is sticky."""
    missing = [name for name in (unit, group) if name not in log]
    if missing:
        raise DataError(f"no column `{missing[0]}`", where="in_both", tried="columns: " + ", ".join(map(str, log.columns)))
    return int((log.groupby(unit)[group].nunique() > 1).sum())
