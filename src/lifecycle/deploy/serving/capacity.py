"""How long, how many, how busy: what a live service has to be planned with, from arithmetic and from a waiting line."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lifecycle.errors import LifecycleError

_NOISE = 1e-9  # relative: a quotient of floats that is this near a whole number is that number


class CapacityError(LifecycleError):
    """A figure that no service can have, such as a negative rate."""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` of them do not exceed (the nearest-rank definition).

    It is always a value that somebody really waited for; nothing is interpolated. (`numpy.quantile` interpolates by default,
    and so do some dashboards: on few values the two differ.)

    Parameters
    ----------
    values : sequence of float
        Latencies in any unit and order, none missing.
    share : float
        Above 0, at most 1; 0.95 for p95.

    Returns
    -------
    float
        In the unit of `values`.

    Raises
    ------
    CapacityError
        When there are no values, one is not a number, or the share is out of range.

    Examples
    --------
    >>> percentile([20, 10, 40, 30], 0.5), percentile([20, 10, 40, 30], 0.95)
    (20.0, 40.0)
    """
    if not 0 < share <= 1:
        raise CapacityError(f"a share of {share:g} is no percentile", remedy="give a fraction: 0.95 for p95")
    ordered = sorted(float(value) for value in values)
    if not ordered or any(math.isnan(value) for value in ordered):
        raise CapacityError("a percentile needs values, and each has to be a number", tried=f"{len(ordered):,} values")
    return ordered[_ceiling(share * len(ordered)) - 1]


def in_flight(rate: float, seconds: float) -> float:
    """Requests that are inside a service at one time, on average: Little's law.

    It holds for any stable service, whatever the order of work and the form of the arrivals, over a long time.

    Parameters
    ----------
    rate : float
        Requests that arrive (and leave) in a second, 0 or more.
    seconds : float
        What one request takes on average, waiting included, 0 or more. The mean: a percentile here overstates.

    References
    ----------
    J. D. C. Little, "A proof for the queuing formula L = λW", Operations Research 9 (1961).

    Examples
    --------
    >>> in_flight(10_000, 0.050)
    500.0
    """
    if not (rate >= 0 and seconds >= 0):
        raise CapacityError("a rate and a time are 0 or more", tried=f"rate {rate:g}, {seconds:g} s")
    return rate * seconds


def expected_latency(work: float, *, busy: float, variation: float = 0.0) -> float:
    """What a request takes on average at one worker, its turn in the line included, if requests come at random.

    The formula of Pollaczek and Khinchine, for the long run: work * (1 + busy * (1 + variation²) / (2 * (1 - busy))).

    Parameters
    ----------
    work : float
        What one request takes at the worker on average, in any unit, 0 or more.
    busy : float
        The share of its time that the worker works, 0 or more and below 1. At 1 the line grows for ever.
    variation : float
        Standard deviation of the work over its mean, 0 or more: 0 where each takes the same, 1 for exponential work.

    Returns
    -------
    float
        In the unit of `work`.

    References
    ----------
    L. Kleinrock, "Queueing Systems, volume I: Theory", Wiley (1975), section 5.6.

    Examples
    --------
    >>> expected_latency(10, busy=0.5), expected_latency(10, busy=0.5, variation=1)
    (15.0, 20.0)
    """
    if not (work >= 0 and 0 <= busy < 1 and variation >= 0):
        raise CapacityError(
            "a line has a mean for work of 0 or more and a worker that is busy for less than all of its time",
            tried=f"work {work:g}, busy {busy:g}, variation {variation:g}",
            remedy="plan for a busy share below 1",
        )
    return work * (1 + busy * (1 + variation**2) / (2 * (1 - busy)))


def instances(rate: float, each: float, *, busy: float = 1.0, spare: int = 0) -> int:
    """Copies of a service that together take `rate`.

    Parameters
    ----------
    rate : float
        Requests in a second at the peak, 0 or more.
    each : float
        Requests in a second that one copy sustains, as measured, above 0.
    busy : float
        The share of that which is planned for, above 0, at most 1. At 1 nothing is left for a burst.
    spare : int
        Copies that may fail, or be replaced, without anybody noticing; 0 or more.

    Returns
    -------
    int
        Rounded up, because a part of a copy serves nobody; at least 1.

    Examples
    --------
    >>> instances(10_000, 156.25), instances(10_000, 156.25, busy=0.7, spare=1)
    (64, 93)
    """
    if not (rate >= 0 and each > 0 and 0 < busy <= 1 and spare >= 0):
        tried = f"rate {rate:g}, each {each:g}, busy {busy:g}, spare {spare}"
        raise CapacityError("a plan needs a rate, a capacity above 0 and a busy share up to 1", tried=tried)
    return max(1, _ceiling(rate / (each * busy))) + spare


@dataclass(frozen=True)
class Visit:
    """One request on its way through the line, all times in the unit of the input.

    Attributes
    ----------
    arrived, started, finished : float
        When it came, when a worker took it up, and when it was answered.
    """

    arrived: float
    started: float
    finished: float

    @property
    def latency(self) -> float:
        """What the caller waited: in the line and at the worker."""
        return self.finished - self.arrived


def waiting_line(arrivals: Sequence[float], work: Sequence[float], *, workers: int = 1) -> list[Visit]:
    """Serve requests first come, first served, by so many workers, and say when each was answered.

    A worker does one request at a time, as a server with one process (or one blocking call) does. Computed, not waited for.

    Parameters
    ----------
    arrivals : sequence of float, length n
        When each request comes, not decreasing.
    work : sequence of float, length n
        What each takes at a worker, 0 or more, in the same unit.
    workers : int
        1 or more.

    Returns
    -------
    list of Visit, length n
        In order of arrival.

    Examples
    --------
    >>> [visit.latency for visit in waiting_line([0, 1, 2], [5, 1, 1])]
    [5, 5, 5]
    """
    times = list(zip(arrivals, work, strict=True))
    if workers < 1 or any(takes < 0 for _, takes in times):
        raise CapacityError("a line needs a worker, and work of 0 or more", tried=f"{workers} workers")
    if any(later < earlier for (earlier, _), (later, _) in pairwise(times)):
        raise CapacityError("requests are given in order of arrival", remedy="sort them, each with its work")
    free = [-math.inf] * workers
    visits = []
    for arrived, takes in times:
        started = max(arrived, heapq.heappop(free))
        heapq.heappush(free, started + takes)
        visits.append(Visit(arrived, started, started + takes))
    return visits


def _ceiling(value: float) -> int:
    nearest = round(value)
    return nearest if math.isclose(value, nearest, rel_tol=_NOISE) else math.ceil(value)
