"""How far today's values are from those that a model was trained on: the population stability index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Level = Literal["stable", "watch", "act"]

WATCH, ACT = 0.10, 0.25
"""The customary levels: a habit of credit scoring, not a significance test. See `stability_level`."""


def population_stability_index(expected: ArrayLike, actual: ArrayLike, *, bins: int = 10, floor: float = 1e-4) -> float:
    """Population stability index (PSI) of one numeric feature or score.

    Bins are cut at the quantiles of `expected`, so that each holds about the same share of it, and are open at both ends.
    Where `expected` has no more than `bins` distinct values, each of them is a bin, and all values it never had form one
    more.

    Parameters
    ----------
    expected : array_like, shape (n,)
        Finite values of the reference period, as a rule the training data; at least one.
    actual : array_like, shape (m,)
        Finite values of the period to judge; at least one.
    bins : int
        Number of bins, 2 or more.
    floor : float
        Shares below it are raised to it before the logarithm, greater than 0; see `stability_of_shares`.

    Returns
    -------
    float
        0 or more; 0 when every bin has the same share in both. With n and m rows from one and the same distribution it is
        about ``(bins - 1) * (1 / n + 1 / m)`` on average, by chance alone.

    Raises
    ------
    DataError
        When a sample is empty, is not one-dimensional, or has a value that is missing or infinite: missing values are
        another fault, with a share of their own to watch.
    """
    import numpy as np

    from lifecycle.monitor.drift.bins import shares_of_sorted

    reference, current = (np.sort(as_sample(values, name)) for values, name in ((expected, "expected"), (actual, "actual")))
    shares = shares_of_sorted(reference, current, bins=bins)  # a bin that nobody is in says nothing
    return stability_of_shares(shares.reference, shares.current, floor=floor)


def stability_of_shares(expected: ArrayLike, actual: ArrayLike, *, floor: float = 1e-4) -> float:
    """Population stability index of two lists of shares, or of categories: ``sum((a - e) * ln(a / e))``.

    Parameters
    ----------
    expected, actual : array_like, shape (k,)
        Shares of the same k bins in both periods; each adds up to 1.
    floor : float
        Shares below it are raised to it, in both lists. Without that an empty bin would make the index infinite; with it, an
        emptied bin of share e adds about ``e * ln(e / floor)``. Say which floor you use: it decides the result there.

    Returns
    -------
    float
        0 or more.

    Raises
    ------
    DataError
        When the lists differ in length, have a negative or missing share, or do not add up to 1.

    Notes
    -----
    The index is the symmetric divergence of Jeffreys, the sum of the Kullback-Leibler divergences in both directions
    (Kullback and Leibler, "On Information and Sufficiency", 1951). Credit scoring made it customary under the present name
    (Siddiqi, "Credit Risk Scorecards", 2006).
    """
    import numpy as np

    if not floor > 0:
        raise DataError(f"`floor` is {floor:g}: the logarithm of an empty bin needs more than 0")
    then, now = (shares.clip(min=floor) for shares in as_shares(expected, actual))
    return float(np.sum((now - then) * np.log(now / then)))


def stability_level(index: float) -> Level:
    """What the customary rule says of a PSI: ``stable`` below 0.10, ``watch`` up to 0.25, ``act`` above."""
    if index > ACT:
        return "act"
    return "watch" if index >= WATCH else "stable"


def as_sample(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Finite numbers in one dimension, at least one; an error that names the first fault where they are not."""
    import numpy as np

    sample = np.asarray(values, dtype=float)
    if sample.ndim != 1 or len(sample) == 0:
        raise DataError(f"`{name}` must be a list of at least one number, not of shape {sample.shape}")
    broken = np.flatnonzero(~np.isfinite(sample))
    if len(broken):
        raise DataError(
            f"`{name}` has {len(broken):,} values that are missing or infinite",
            where=f"{name}[{broken[0]}]",
            remedy="count them as a fault of their own, then drop them here",
        )
    return sample


def as_shares(expected: ArrayLike, actual: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two lists of shares of the same bins, each adding up to 1; an error that names the list where they are not."""
    then, now = as_sample(expected, "expected"), as_sample(actual, "actual")
    for name, shares in (("expected", then), ("actual", now)):
        if shares.min() < 0 or abs(shares.sum() - 1) > 1e-6:
            raise DataError(f"`{name}` must be shares that add up to 1, not to {shares.sum():.4g}")
    if len(then) != len(now):
        raise DataError(f"{len(then)} shares were expected and {len(now)} given: the bins must be the same")
    return then, now
