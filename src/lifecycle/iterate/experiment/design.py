"""Before a test: how many people it takes, and what a given number of them can show."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite, sqrt
from typing import Literal

from lifecycle.errors import DataError

Variance = Literal["pooled", "unpooled", "both"]


def sample_size(
    baseline: float,
    effect: float,
    *,
    alpha: float = 0.05,
    power: float = 0.80,
    sided: int = 2,
    variance: Variance = "pooled",
) -> int:
    """Users in *each* of two equal groups, so that a difference of `effect` between two rates is found with chance `power`.

    With p1 the baseline, p2 = p1 + effect, z_a and z_b the normal quantiles of the two promises:

    ``"pooled"``
        2 (z_a + z_b)^2 p(1 - p) / effect^2 with p the mean of the two rates.
    ``"unpooled"``
        (z_a + z_b)^2 (p1(1 - p1) + p2(1 - p2)) / effect^2.
    ``"both"``
        (z_a sqrt(2 p(1 - p)) + z_b sqrt(p1(1 - p1) + p2(1 - p2)))^2 / effect^2: pooled where no difference is assumed,
        unpooled where there is one (Fleiss, Levin and Paik 2003).

    The three differ by less than a per mille where rates are close; a report says which was used.

    Parameters
    ----------
    baseline : float
        Rate of the present version, in (0, 1).
    effect : float
        Smallest difference worth finding, as a fraction (0.005 is half a percentage point); negative where a fall is wanted.
    alpha : float
        How often a difference may be claimed where there is none, in (0, 1).
    power : float
        How often a difference of `effect` is to be found, in (alpha, 1).
    sided : int
        2, or 1 where only one direction counts; to be fixed before the data are seen.

    Returns
    -------
    int
        Rounded up.

    Raises
    ------
    DataError
        When a rate or a promise is none.

    Examples
    --------
    >>> sample_size(0.05, 0.005), sample_size(0.05, 0.005, sided=1)
    (31235, 24604)
    """
    rates = _rates(baseline, effect)
    _check_power(alpha, power)
    from scipy.stats import norm

    z_alpha, z_beta = _critical(alpha, sided), float(norm.ppf(power))
    null, other = _deviations(*rates, variance)
    return ceil((z_alpha * null + z_beta * other) ** 2 / effect**2 - 1e-9)


def power_of(
    baseline: float,
    effect: float,
    *,
    n: float,
    alpha: float = 0.05,
    sided: int = 2,
    variance: Variance = "pooled",
) -> float:
    """Chance that a test with `n` users in each group finds a difference of `effect`, in the direction in which it lies.

    Parameters and formulas as in `sample_size`.

    Examples
    --------
    >>> round(power_of(0.05, 0.005, n=50_000), 3)
    0.943
    """
    rates = _rates(baseline, effect)
    if not n > 0:
        raise DataError(f"a group of {n!r} shows nothing", where="power_of: n")
    from scipy.stats import norm

    null, other = _deviations(*rates, variance)
    return float(norm.cdf((abs(effect) * sqrt(n) - _critical(alpha, sided) * null) / other))


def detectable(baseline: float, *, n: float, alpha: float = 0.05, power: float = 0.80, sided: int = 2) -> float:
    """Smallest rise over `baseline` that `n` users in each group find with chance `power` (pooled variance).

    Raises
    ------
    DataError
        When not even a rise to 100 % would be found, or a promise is none.
    """
    from scipy.optimize import brentq

    _check_power(alpha, power)

    def missing(effect: float) -> float:
        return power_of(baseline, effect, n=n, alpha=alpha, sided=sided) - power

    largest = (1 - baseline) * (1 - 1e-9)
    _rates(baseline, largest)
    if missing(largest) < 0:
        raise DataError(f"{n:,.0f} users in each group are too few to find anything", where="detectable")
    return float(brentq(missing, 1e-12, largest))


@dataclass(frozen=True)
class ExperimentPlan:
    """What is fixed, and signed, before the first user is assigned.

    Attributes
    ----------
    metric : str
        The one rate that decides, in words: "clicks per visitor".
    baseline, effect : float
        Rate of the champion, and the smallest difference worth having; negative where fewer are better.
    alpha, power : float
    sided : int
        1 or 2.
    share : float
        Share of the users in the experiment that meet the challenger, in (0, 1).
    salt : str
        Name of the experiment, from which the assignment follows.
    left_out : tuple of str
        Who is not part of it: bots, staff.

    Raises
    ------
    DataError
        When rates, promises or the share cannot be.

    Examples
    --------
    >>> plan = ExperimentPlan("clicks per visitor", 0.05, 0.005, salt="ranking-2.4", left_out=("bots", "staff"))
    >>> plan.per_group, plan.total, plan.days(10_000)
    (31235, 62470, 7)
    """

    metric: str
    baseline: float
    effect: float
    alpha: float = 0.05
    power: float = 0.80
    sided: int = 2
    share: float = 0.5
    salt: str = "experiment"
    left_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise DataError(f"the challenger's share is {self.share!r}", remedy="choose one between 0 and 1")
        if not self.salt:
            raise DataError("an experiment without a name assigns like any other without one", where="plan: salt")
        sample_size(self.baseline, self.effect, alpha=self.alpha, power=self.power, sided=self.sided)

    @property
    def per_group(self) -> int:
        """Users in the smaller group; with unequal shares the same information as equal groups of `sample_size`."""
        equal = sample_size(self.baseline, self.effect, alpha=self.alpha, power=self.power, sided=self.sided)
        smaller = min(self.share, 1 - self.share)
        return ceil(equal / (2 * (1 - smaller)) - 1e-9)

    @property
    def total(self) -> int:
        """Users in both groups."""
        return ceil(self.per_group / min(self.share, 1 - self.share) - 1e-9)

    def days(self, users_a_day: float, *, whole_weeks: bool = True) -> int:
        """How long it takes; rounded up to whole weeks, because Mondays differ from Sundays."""
        if not users_a_day > 0:
            raise DataError(f"{users_a_day!r} users a day never fill a group", where="plan: users_a_day")
        days = ceil(self.total / users_a_day)
        return 7 * ceil(days / 7) if whole_weeks else days

    @property
    def hypotheses(self) -> tuple[str, str]:
        """What is assumed until shown otherwise, and what would count as shown."""
        better = "more" if self.effect > 0 else "fewer"
        other = f"the challenger has {better} {self.metric}" if self.sided == 1 else "the two differ, in either direction"
        return f"{self.metric}: champion and challenger are equal", other


def _rates(baseline: float, effect: float) -> tuple[float, float]:
    if not 0 < baseline < 1:
        raise DataError(f"a baseline of {baseline!r} is no rate that can move", remedy="give a share between 0 and 1")
    if not isfinite(effect) or effect == 0:
        raise DataError(f"an effect of {effect!r} cannot be found, however many take part")
    if not 0 < baseline + effect < 1:
        raise DataError(
            f"a baseline of {baseline:g} and an effect of {effect:g} make a rate of {baseline + effect:g}",
            remedy="effects are fractions: half a percentage point is 0.005",
        )
    return baseline, baseline + effect


def _check_power(alpha: float, power: float) -> None:
    if not alpha < power < 1:
        raise DataError(f"a power of {power!r} promises nothing", remedy=f"choose one between alpha, {alpha!r}, and 1")


def _critical(alpha: float, sided: int) -> float:
    if not 0 < alpha < 1:
        raise DataError(f"an alpha of {alpha!r} is no chance", remedy="choose one between 0 and 1, as 0.05")
    if sided not in (1, 2):
        raise DataError(f"a test has one side or two, not {sided!r}")
    from scipy.stats import norm

    return float(norm.ppf(1 - alpha / sided))


def _deviations(p1: float, p2: float, variance: Variance) -> tuple[float, float]:
    """Standard deviation of a difference of two single users, where there is no effect and where there is one."""
    mean = (p1 + p2) / 2
    pooled, unpooled = sqrt(2 * mean * (1 - mean)), sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    chosen = {"pooled": (pooled, pooled), "unpooled": (unpooled, unpooled), "both": (pooled, unpooled)}
    if variance not in chosen:
        raise DataError(f"there is no variance {variance!r}", tried=", ".join(chosen))
    return chosen[variance]
