"""Since when a quantity is another: every day is tried as the day of the change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


LIMIT = 5.0
"""Standard errors from which on a change counts. High, because many days and columns are tried, every day again."""


@dataclass(frozen=True)
class Sign:
    """One thing that stands out.

    Attributes
    ----------
    about : str
        Where it was seen: a feature, ``score``, ``labels``, ``latency``, a kind of log line.
    what : str
        What was looked at.
    size : float
        How far it moved, in the unit that `what` names.
    z : float
        The same in standard errors; 0 or more.
    since : int
        The day that fits best as the first one.
    """

    about: str
    what: str
    size: float
    z: float
    since: int


@dataclass(frozen=True, eq=False)
class Changes:
    """The strongest change of each of k quantities; arrays of shape (k,).

    Attributes
    ----------
    z : ndarray of float
        Standard errors between the days from `since` on and all that came before; with a sign.
    size : ndarray of float
        The same in standard deviations of a row.
    since : ndarray of int
    """

    z: NDArray[np.float64]
    size: NDArray[np.float64]
    since: NDArray[np.int64]


def strongest_changes(
    values: NDArray[np.float64], day: NDArray[np.int64], *, days: int, reference_rows: float, least: int
) -> Changes:
    """Try each day as the first one of a change, and keep for each quantity the one that stands out most.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        A row a request, scaled so that the reference has mean 0 and standard deviation 1.
    day : ndarray of int, shape (n,)
        From 0 to ``days - 1``.
    days : int
    reference_rows : float
        Rows of the reference, which come before day 0; may be 0.
    least : int
        Rows that there must be on either side of a change.

    Returns
    -------
    Changes
        Zeros where no day leaves enough rows on both sides.

    Notes
    -----
    A two-sample z statistic at each day, as in the cumulative-sum test for one change. Its maximum over days is larger than
    one z value is by chance: the limit to hold it against has to allow for that.
    """
    import numpy as np

    counts = np.bincount(day, minlength=days).astype("float64")
    sums = np.stack([np.bincount(day, weights=column, minlength=days) for column in values.T], axis=1)
    rows_after, sum_after = counts[::-1].cumsum()[::-1], sums[::-1].cumsum(axis=0)[::-1]
    rows_before = reference_rows + counts.sum() - rows_after
    sum_before = sums.sum(axis=0) - sum_after
    enough = (rows_after >= least) & (rows_before >= least)
    if not enough.any():
        nothing = np.zeros(values.shape[1])
        return Changes(nothing, nothing, nothing.astype("int64"))
    first = np.flatnonzero(enough)
    after, before = rows_after[first, None], rows_before[first, None]
    size = sum_after[first] / after - sum_before[first] / before
    z = size / np.sqrt(1 / after + 1 / before)
    best = abs(z).argmax(axis=0)
    columns = np.arange(values.shape[1])
    return Changes(z[best, columns], size[best, columns], first[best])
