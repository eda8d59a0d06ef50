"""What it costs to run a service on one's own machines, on rented ones, or on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from lifecycle.errors import LifecycleError

HOURS_A_MONTH = 730
"""Hours in a twelfth of a year, rounded as cloud bills round it."""


@dataclass(frozen=True)
class OnPremises:
    """Servers that are bought.

    Attributes
    ----------
    price : float
        Of one server.
    months : int
        Over which it is written off, at least 1.
    upkeep : float
        Power, space and spare parts of one server, a month.
    staff : float
        People who look after the estate, a month, however many servers there are.
    rps : float
        Requests a second that one server carries.
    spare : int
        Servers beyond the need, so that one may fail.
    """

    price: float
    months: int
    upkeep: float
    staff: float
    rps: float
    spare: int = 1

    def servers(self, load: Sequence[float]) -> int:
        """How many must stand there: bought for the busiest hour, and idle in all others."""
        return ceil(max(_checked(load)) / self.rps) + self.spare

    def monthly(self, load: Sequence[float]) -> float:
        """Cost of a month."""
        return self.servers(load) * (self.price / self.months + self.upkeep) + self.staff


@dataclass(frozen=True)
class Cloud:
    """Instances that are rented by the hour.

    Attributes
    ----------
    hourly : float
        Price of one instance for an hour.
    staff : float
        People who look after it, a month.
    rps : float
        Requests a second that one instance carries.
    at_least : int
        Instances that run even when nobody asks.
    """

    hourly: float
    staff: float
    rps: float
    at_least: int = 2

    def instances(self, load: Sequence[float]) -> list[int]:
        """How many run in each hour of the day: as many as that hour needs."""
        return [max(self.at_least, ceil(each / self.rps)) for each in _checked(load)]

    def monthly(self, load: Sequence[float]) -> float:
        """Cost of a month whose days all look like `load`."""
        running = self.instances(load)
        return sum(running) / len(running) * HOURS_A_MONTH * self.hourly + self.staff


@dataclass(frozen=True)
class Hybrid:
    """Servers for what is always there, rented instances for what comes on top.

    Attributes
    ----------
    own : OnPremises
    rented : Cloud
    base : float
        Requests a second up to which the own servers carry; both estates need their staff.
    """

    own: OnPremises
    rented: Cloud
    base: float

    def monthly(self, load: Sequence[float]) -> float:
        """Cost of a month whose days all look like `load`."""
        kept = [min(each, self.base) for each in _checked(load)]
        above = [each - low for each, low in zip(load, kept, strict=True)]
        burst = Cloud(self.rented.hourly, self.rented.staff, self.rented.rps, at_least=0)
        return self.own.monthly(kept) + burst.monthly(above)


def break_even_load(
    own: OnPremises, rented: Cloud, *, shape: Sequence[float], highest: float = 100_000, step: float = 10
) -> float | None:
    """Find the average load from which servers of one's own are cheaper, and stay so.

    Parameters
    ----------
    own : OnPremises
    rented : Cloud
    shape : sequence of float
        Load by hour of the day in any unit; only its form counts: all ones is a steady load.
    highest : float
        Up to which average load, in requests a second, to look.
    step : float
        How finely, greater than 0.

    Returns
    -------
    float or None
        Average requests a second, a multiple of `step`; None where renting is cheaper at `highest` still.
    """
    average = sum(_checked(shape)) / len(shape)
    if average <= 0 or step <= 0:
        raise LifecycleError("a shape with some load in it, and a step above 0, are needed", where="break_even_load")
    found = None
    for count in range(round(highest / step), 0, -1):
        load = [each * count * step / average for each in shape]
        if own.monthly(load) >= rented.monthly(load):
            break
        found = count * step
    return found


def _checked(load: Sequence[float]) -> Sequence[float]:
    if not load or min(load) < 0:
        raise LifecycleError("a load is at least one number, and none below 0", where="requests a second by hour")
    return load
