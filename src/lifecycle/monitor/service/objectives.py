"""How much failure is allowed, how much of it is used up, and how fast it goes.

An objective of 99.9 % is a promise that at most one request in a thousand fails. That thousandth is a *budget*: it can be
counted, spent on releases and accidents, and watched running out. How fast it runs out, in times the speed that would just
use it up at the end of the period, is the *burn rate*. An alert on the burn rate follows from the objective, so no band is
left between what was promised and what somebody is told of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.monitor.service.errors import WatchError

if TYPE_CHECKING:
    import numpy as np

_MINUTES = 24 * 60


def minutes_down(availability: float, *, days: float = 30) -> float:
    """Minutes that a service with this availability is down within `days`.

    Parameters
    ----------
    availability : float
        Share of the time that it is up, in [0, 1].
    days : float
        Above 0.

    Examples
    --------
    >>> round(minutes_down(0.999), 1), round(minutes_down(0.9999), 2)
    (43.2, 4.32)
    """
    if not 0 <= availability <= 1:
        raise WatchError(f"an availability of {availability:g} is no share", remedy="give a fraction: 0.999 for 99.9 %")
    if not days > 0:
        raise WatchError(f"{days:g} days are no period")
    return (1 - availability) * days * _MINUTES


@dataclass(frozen=True)
class ErrorBudget:
    """What an objective allows, and what is left of it.

    Attributes
    ----------
    allowed : float
        Failures that the objective leaves room for among the requests seen.
    bad : int
        Failures there were.
    total : int
        Requests there were.
    """

    allowed: float
    bad: int
    total: int

    @property
    def spent(self) -> float:
        """Share of the budget that is used up; above 1 the objective is missed, nan where there were no requests."""
        return self.bad / self.allowed if self.total else float("nan")

    @property
    def held(self) -> bool:
        """Whether the objective is kept so far. No requests, no failure: kept."""
        return self.bad <= self.allowed * (1 + 1e-9)


@dataclass(frozen=True)
class Objective:
    """A share of requests that have to be good, over a period (a service level objective).

    Attributes
    ----------
    name : str
        What is promised, in words, as ``"answered without an error"``.
    target : float
        Share that is good, inside (0, 1).
    days : float
        Length of the period.

    Examples
    --------
    >>> promise = Objective("answered", 0.999)
    >>> promise.budget(5, 10_000).spent
    0.5
    >>> round(promise.burn_rate(5, 1_000), 3)
    5.0
    """

    name: str
    target: float
    days: float = 30

    def __post_init__(self) -> None:
        if not 0 < self.target < 1:
            raise WatchError(f"a target of {self.target:g} leaves no budget", where=self.name,
                             remedy="0.999 promises 99.9 %; 1 promises the impossible")  # fmt: skip
        if not self.days > 0:
            raise WatchError(f"{self.days:g} days are no period", where=self.name)

    @property
    def minutes(self) -> float:
        """Minutes of the period that may be bad altogether."""
        return minutes_down(self.target, days=self.days)

    def budget(self, bad: int, total: int) -> ErrorBudget:
        """The budget after `bad` of `total` requests; `WatchError` unless 0 <= bad <= total."""
        if not 0 <= bad <= total:
            raise WatchError(f"{bad:,} of {total:,} requests cannot be bad", where=self.name)
        return ErrorBudget((1 - self.target) * total, bad, total)

    def burn_rate(self, bad: int, total: int) -> float:
        """How many times faster the budget goes than would use it up exactly at the period's end; nan without requests."""
        return self.budget(bad, total).spent

    def days_until_spent(self, rate: float) -> float:
        """Days that a full budget lasts at a burn rate; infinite at 0."""
        if not rate >= 0:
            raise WatchError(f"a burn rate of {rate:g} is none", where=self.name)
        return self.days / rate if rate else float("inf")


def burning(
    bad: Sequence[float], total: Sequence[float], *, objective: Objective, windows: Sequence[int] = (60, 5)
) -> np.ndarray[Any, Any]:
    """Burn rate minute by minute: the smallest over several windows that end there.

    The long window says that it matters, the short one that it still goes on; both must be high, so the smaller decides.

    Parameters
    ----------
    bad, total : sequence of float
        Failures and requests of each minute, of equal length.
    objective : Objective
    windows : sequence of int
        Lengths in minutes, each 1 or more. In the first minutes a window holds what there is.

    Returns
    -------
    ndarray of float
        One value a minute; nan where a window saw no request.
    """
    import numpy as np

    failed, asked = np.asarray(bad, float), np.asarray(total, float)
    if failed.shape != asked.shape or failed.ndim != 1:
        raise WatchError("failures and requests are not of equal length", tried=f"{failed.shape} and {asked.shape}")
    if not np.all((failed >= 0) & (failed <= asked)):
        raise WatchError("each minute needs 0 <= failures <= requests")
    if not windows or min(windows) < 1:
        raise WatchError("a window is one minute or longer", tried=f"windows {tuple(windows)}")
    rates = []
    for window in windows:
        sums = [np.concatenate([[0.0], np.cumsum(each)]) for each in (failed, asked)]
        ends = np.arange(1, len(asked) + 1)
        starts = np.maximum(ends - window, 0)
        few, all_of_them = (each[ends] - each[starts] for each in sums)
        share = np.divide(few, all_of_them, out=np.full(len(asked), np.nan), where=all_of_them > 0)
        rates.append(share / (1 - objective.target))
    smallest: np.ndarray[Any, Any] = np.min(rates, axis=0)
    return smallest
