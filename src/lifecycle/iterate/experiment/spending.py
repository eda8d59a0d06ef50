"""What looking costs: the chance that a test of two equal versions crosses its bounds at any of several looks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import ceil, exp, log, sqrt
from typing import TYPE_CHECKING, Any, Literal

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np

Spending = Literal["obrien-fleming", "pocock", "even"]
_FAR = 9.0  # bound that nothing is expected to reach (1e-19)
_REACH = 7.0  # standard deviations that the nodes cover (1e-12)
_NODES = 3  # a standard deviation of the step between two looks


def spent(fraction: float, *, alpha: float = 0.05, spending: Spending = "obrien-fleming") -> float:
    """How much of alpha may be used up when `fraction` of the planned information is in (Lan and DeMets 1983).

    ``"obrien-fleming"``
        4 (1 - Phi(z / sqrt(t))) with z the normal quantile of 1 - alpha / 4: next to nothing early, nearly all at the end.
    ``"pocock"``
        alpha ln(1 + (e - 1) t): about the same at each look.
    ``"even"``
        alpha t.

    Parameters
    ----------
    fraction : float
        Information so far over that of the plan, above 0; from 1 on, all is spent.
    """
    _check_alpha(alpha)
    if not fraction > 0:
        raise DataError(f"a look at {fraction!r} of the information sees nothing", where="spent: fraction")
    t = min(fraction, 1.0)
    if spending == "pocock":
        return alpha * log(1 + (exp(1) - 1) * t)
    if spending == "even":
        return alpha * t
    if spending != "obrien-fleming":
        raise DataError(f"there is no spending {spending!r}", tried="obrien-fleming, pocock, even")
    from scipy.stats import norm

    return float(4 * norm.sf(norm.isf(alpha / 4) / sqrt(t)))


def spending_bounds(
    fractions: Sequence[float], *, alpha: float = 0.05, spending: Spending = "obrien-fleming", final: bool = False
) -> list[float]:
    """Bounds of |z| at each look, so that a test of two equal versions crosses any of them with chance `spent` at most.

    Found look by look: each bound uses up what may be spent between the look before and this one. So neither the number nor
    the times of the looks need to be known beforehand.

    Parameters
    ----------
    fractions : sequence of float
        Information at each look over that of the plan, rising.
    alpha : float
        Two-sided chance of a false alarm in all.
    spending : str
        See `spent`.
    final : bool
        Whether the last look is the last one whatever its fraction: then it may spend all that is left.

    Returns
    -------
    list of float

    Examples
    --------
    >>> [round(bound, 2) for bound in spending_bounds([0.2, 0.4, 0.6, 0.8, 1.0])]
    [4.88, 3.36, 2.68, 2.29, 2.03]
    """
    times = _times(fractions)
    spender = Spender(alpha=alpha, spending=spending)
    return [spender.bound_at(t, final=final and t == times[-1]) for t in times]


class Spender:
    """Bounds one look at a time, for a test whose looks are not known beforehand; see `spending_bounds`.

    Parameters
    ----------
    alpha : float
    spending : str
    """

    def __init__(self, *, alpha: float = 0.05, spending: Spending = "obrien-fleming") -> None:
        spent(1.0, alpha=alpha, spending=spending)
        self._alpha, self._spending = alpha, spending
        self._walk, self._used = _Walk(), 0.0

    def bound_at(self, fraction: float, *, final: bool = False) -> float:
        """The bound of |z| at the next look, which has to come after the one before; `final` spends all that is left."""
        from scipy.optimize import brentq

        if not fraction > self._walk.now:
            raise DataError(f"a look at {fraction:g} of the information after one at {self._walk.now:g}", where="Spender")
        most = self._alpha if final else spent(fraction, alpha=self._alpha, spending=self._spending)
        left = max(most - self._used, 0.0)
        self._walk.step_to(fraction)
        bound = _FAR
        if self._walk.beyond(_FAR) < left:
            bound = float(brentq(lambda at: self._walk.beyond(at) - left, 0.0, _FAR, xtol=1e-10))
        self._used += self._walk.stop_at(bound)
        return bound


def crossing_probability(fractions: Sequence[float], bounds: Sequence[float], *, drift: float = 0.0) -> list[float]:
    """Chance that |z| has crossed its bound by each look (Armitage, McPherson and Rowe 1969, integrated numerically).

    Parameters
    ----------
    fractions : sequence of float
        Information at each look, rising; only its ratios matter where `drift` is 0.
    bounds : sequence of float
        Of |z|, one a look, each above 0.
    drift : float
        Expected z at fraction 1: 0 where the versions are equal; z_alpha + z_beta where the effect is the one planned for.

    Returns
    -------
    list of float
        Rising; the last is the chance over all looks.

    Examples
    --------
    Five equally spaced looks at 1.96 each:

    >>> round(crossing_probability([1, 2, 3, 4, 5], [1.959964] * 5)[-1], 3)
    0.142
    """
    times = _times(fractions)
    if len(bounds) != len(times) or not all(bound > 0 for bound in bounds):
        raise DataError(f"{len(times)} looks need as many bounds above 0", where="crossing_probability: bounds")
    walk, total, found = _Walk(drift), 0.0, []
    for t, bound in zip(times, bounds, strict=True):
        walk.step_to(t)
        total += walk.stop_at(min(bound, _FAR + abs(drift) * sqrt(t)))
        found.append(total)
    return found


def inflation(
    fractions: Sequence[float], *, alpha: float = 0.05, power: float = 0.80, spending: Spending = "obrien-fleming"
) -> float:
    """How many times the users of a test with one look a test with these looks needs at most, for the same power.

    Raises
    ------
    DataError
        When the last look comes before all is in (fraction 1), or the power is not between 0.5 and 1.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    if _times(fractions)[-1] < 1 - 1e-9:
        raise DataError(f"the last of these looks sees {fractions[-1]:g} of the plan", remedy="end with a look at 1")
    if not 0.5 <= power < 1:  # below, the wrong side helps to reach it
        raise DataError(f"a power of {power!r} promises little", remedy="choose one from 0.5 on and below 1, as 0.8")
    bounds = spending_bounds(fractions, alpha=alpha, spending=spending)
    fixed = float(norm.isf(alpha / 2) + norm.ppf(power))

    def missing(drift: float) -> float:
        return crossing_probability(fractions, bounds, drift=drift)[-1] - power

    return (float(brentq(missing, 0.0, 2 * fixed + 2, xtol=1e-6)) / fixed) ** 2


class _Walk:
    """The part of a random walk that has not been stopped: its density on nodes, from look to look."""

    def __init__(self, drift: float = 0.0) -> None:
        self._drift = drift
        self._before = self.now = 0.0
        self._nodes: np.ndarray[Any, Any] | None = None  # None: all still at 0
        self._mass: Any = None  # density times weight, at the nodes

    def step_to(self, time: float) -> None:
        self._before, self.now = self.now, time

    def beyond(self, bound: float) -> float:
        """Chance to be beyond +-bound (in z) now, and not to have been stopped before."""
        from scipy.special import ndtr

        edge = bound * sqrt(self.now)
        at, mass = (0.0, 1.0) if self._nodes is None else (self._nodes, self._mass)
        mean, deviation = self._ahead(at)
        return float(((ndtr((mean - edge) / deviation) + ndtr((-edge - mean) / deviation)) * mass).sum())

    def stop_at(self, bound: float) -> float:
        """Stop what lies beyond +-bound now; returns how much that is."""
        import numpy as np

        stopped = self.beyond(bound)
        edge = bound * sqrt(self.now)
        centre = self._drift * self.now
        reach = _REACH * sqrt(self.now)
        low, high = max(-edge, centre - reach), min(edge, centre + reach)
        if low >= high:  # all of it was stopped
            self._nodes, self._mass = np.zeros(1), np.zeros(1)
            return stopped
        step = sqrt(self.now - self._before)
        points, weights = np.polynomial.legendre.leggauss(min(2000, max(40, ceil(_NODES * (high - low) / step))))
        nodes = low + (points + 1) * (high - low) / 2
        at, mass = (np.zeros(1), np.ones(1)) if self._nodes is None else (self._nodes, self._mass)
        mean, deviation = self._ahead(at)
        moved = np.exp(-0.5 * ((nodes[:, None] - mean[None, :]) / deviation) ** 2) / (deviation * sqrt(2 * np.pi))
        self._nodes, self._mass = nodes, (moved * mass[None, :]).sum(axis=1) * weights * (high - low) / 2
        return stopped

    def _ahead(self, at: Any) -> tuple[Any, float]:
        length = self.now - self._before
        return at + self._drift * length, sqrt(length)


def _times(fractions: Sequence[float]) -> list[float]:
    times = [float(each) for each in fractions]
    if not times or not times[0] > 0 or not all(one < other for one, other in pairwise(times)):
        raise DataError(f"looks at {times} do not rise from above 0", remedy="give the information at each look, in order")
    return times


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise DataError(f"an alpha of {alpha!r} is no chance", remedy="choose one between 0 and 1, as 0.05")
