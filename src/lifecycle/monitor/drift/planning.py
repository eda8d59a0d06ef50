"""What to expect of the tests before they are made, and of many made at once: false alarms, rows needed, known answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lifecycle.errors import DataError
from lifecycle.monitor.drift.stability import stability_of_shares

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def adjust(p_values: ArrayLike, *, method: Literal["holm", "bh", "bonferroni"] = "holm") -> NDArray[np.float64]:
    """Raise p-values for the number of tests made, so that many looks do not find something by their number alone.

    Parameters
    ----------
    p_values : array_like, shape (k,)
        From 0 to 1, in any order.
    method : {"holm", "bh", "bonferroni"}
        ``holm`` and ``bonferroni`` bound the chance of any false alarm at all (Holm 1979 is never worse); ``bh`` bounds the
        expected share of false ones among the alarms (Benjamini and Hochberg 1995).

    Returns
    -------
    ndarray, shape (k,)
        Compare with the level that one test would have.

    Raises
    ------
    DataError
        When a value is no p-value, or the method unknown.
    """
    import numpy as np

    p = np.asarray(p_values, dtype=float)
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise DataError("p-values must be a list of numbers between 0 and 1")
    if method == "bonferroni":
        return np.asarray(np.minimum(p * len(p), 1))
    order = np.argsort(p, kind="stable")
    rank = np.arange(1, len(p) + 1)
    if method == "holm":
        stepped = np.maximum.accumulate(p[order] * (len(p) + 1 - rank))
    elif method == "bh":
        stepped = np.minimum.accumulate((p[order] * len(p) / rank)[::-1])[::-1]
    else:
        raise DataError(f"no method is called {method!r}", remedy="holm, bh or bonferroni")
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1)
    return adjusted


def family_false_alarm(tests: int, *, level: float) -> float:
    """Chance that at least one of so many independent tests cries wolf, each at `level`: ``1 - (1 - level) ** tests``."""
    if tests < 0 or not 0 <= level <= 1:
        raise DataError(f"{tests} tests at a level of {level:g}: 0 tests or more, and a level between 0 and 1, are meant")
    return float(1 - (1 - level) ** tests)


def least_n_for_ks(gap: float, *, level: float = 0.01) -> int:
    """The least number of rows a side at which a gap of this size is called significant, by the law for many rows.

    Parameters
    ----------
    gap : float
        Largest gap between the cumulative curves, above 0 and at most 1.
    level : float
        Of the test, between 0 and 1.

    Notes
    -----
    The gap times ``sqrt(n / 2)`` follows Kolmogorov's law: n is ``2 * (c / gap) ** 2`` with its critical value c.
    """
    from math import ceil

    from scipy.special import kolmogi

    if not 0 < gap <= 1 or not 0 < level < 1:
        raise DataError(f"a gap of {gap:g} at a level of {level:g}: both must lie between 0 and 1")
    return ceil(2 * (float(kolmogi(level)) / gap) ** 2)


def ks_of_normals(mean: float, sd: float, new_mean: float, new_sd: float) -> float:
    """Largest gap between the cumulative curves of two normal distributions; it lies where their densities cross."""
    import numpy as np
    from scipy.special import ndtr

    _deviations(sd, new_sd)
    if sd == new_sd:
        places = np.array([(mean + new_mean) / 2])
    else:  # densities are equal where a quadratic is 0
        a, b, c = (1 / new_sd**2 - 1 / sd**2, -2 * (new_mean / new_sd**2 - mean / sd**2), 0.0)
        c = new_mean**2 / new_sd**2 - mean**2 / sd**2 + 2 * np.log(new_sd / sd)
        root = np.sqrt(b * b - 4 * a * c)
        places = np.array([-b - root, -b + root]) / (2 * a)
    return float(np.abs(ndtr((places - mean) / sd) - ndtr((places - new_mean) / new_sd)).max())


def psi_of_normals(mean: float, sd: float, new_mean: float, new_sd: float, *, bins: int = 10) -> float:
    """Stability index of two normal distributions, with bins at the quantiles of the first and no sampling error."""
    import numpy as np
    from scipy.special import ndtr, ndtri

    _deviations(sd, new_sd)
    if bins < 2:
        raise DataError(f"`bins` is {bins}: one bin holds everything and can see nothing", remedy="ask for 2 or more")
    inner = mean + sd * ndtri(np.arange(1, bins) / bins)
    now = np.diff(np.concatenate([[0.0], ndtr((inner - new_mean) / new_sd), [1.0]]))
    return stability_of_shares(np.full(bins, 1 / bins), now)


def _deviations(*deviations: float) -> None:
    if min(deviations) <= 0:
        raise DataError("a normal distribution has a standard deviation above 0")
