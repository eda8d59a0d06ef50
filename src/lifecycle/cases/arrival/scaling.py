"""Replicas that follow the load: a line of requests, workers that come and go, and what both cost."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import finite_numbers, is_number, is_whole

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class ScalingRule:
    """When replicas are added and taken away.

    Attributes
    ----------
    least, most : int
        Bounds of their number, 1 or more.
    target : float
        Share of the time that a replica should be busy, between 0 and 1: the rest is for what comes unevenly.
    every : float
        Seconds between two decisions.
    boot : float
        Seconds until a new replica takes its first request, 0 or more.
    patience : int
        So many decisions in a row must ask for fewer replicas before one is taken away; 1 or more.
    """

    least: int = 1
    most: int = 20
    target: float = 0.7
    every: float = 60.0
    boot: float = 90.0
    patience: int = 5

    def __post_init__(self) -> None:
        times = is_number(self.every) and self.every > 0 and is_number(self.boot, least=0)
        counts = is_whole(self.least, least=1) and is_whole(self.most, least=self.least) and is_whole(self.patience, least=1)
        if not (times and counts and is_number(self.target) and 0 < self.target < 1):
            raise CaseError(
                "a rule has whole numbers 1 <= least <= most, a target between 0 and 1, times that pass, and patience",
                where=f"arrival: {self}",
            )


@dataclass(frozen=True)
class Scaled:
    """What came of a run.

    Attributes
    ----------
    waits : tuple of float
        Seconds in the line, a request each, in order of arrival.
    changes : tuple of (second, replicas)
        From when on so many were paid for, the first at 0.
    seconds : float
        Replica-seconds paid for, booting included.
    """

    waits: tuple[float, ...]
    changes: tuple[tuple[float, int], ...]
    seconds: float

    def waited(self, share: float) -> float:
        """Seconds in the line that a `share` of requests, as 0.95, did not exceed (nearest rank)."""
        if not (is_number(share, most=1) and share > 0):
            raise CaseError("a share lies above 0 and up to 1", where="arrival: waited", tried=f"{share!r}")
        return sorted(self.waits)[math.ceil(share * len(self.waits)) - 1]


def scale(arrivals: Sequence[float], work: Sequence[float], *, rule: ScalingRule) -> Scaled:
    """Serve requests first come, first served, with replicas that follow the load.

    At each decision the rule looks back over the time since the last one: work that came, and work that still waits, over
    `target`. There is one line: its head goes to the replica that is free first, also to one that came later. A replica that
    is taken away finishes what it does. With ``least == most`` this is a line with fixed workers.

    Parameters
    ----------
    arrivals : sequence of float, length n
        Seconds from 0 on, not decreasing; one at least.
    work : sequence of float, length n
        Seconds of work of each, 0 or more.

    Raises
    ------
    CaseError
        When there is no request, lengths differ, a number is missing, or arrivals are out of order.
    """
    came = finite_numbers(arrivals, where="arrival: scaling, seconds of arrival", least=0).tolist()
    takes = finite_numbers(work, where="arrival: scaling, seconds of work", length=len(came), least=0).tolist()
    if any(later < earlier for earlier, later in pairwise(came)):
        raise CaseError(
            "requests are given in order of arrival", where="arrival: scaling", remedy="sort them, each with its work"
        )
    return _Fleet(rule).serve(came, takes)


class _Fleet:
    """One line, and replicas, each by the second at which it is free and the one at which it had booted."""

    def __init__(self, rule: ScalingRule) -> None:
        self.rule = rule
        self.line: deque[tuple[float, float]] = deque()
        self.free = [(0.0, 0.0)] * rule.least
        self.changes = [(0.0, rule.least)]
        self.waits: list[float] = []
        self.calm = 0
        self.left = 0.0  # seconds that replicas which were taken away still worked

    def serve(self, arrivals: Sequence[float], work: Sequence[float]) -> Scaled:
        came, at = 0.0, self.rule.every
        for arrived, takes in zip(arrivals, work, strict=True):
            while arrived >= at:
                self._decide(at, came)
                came, at = 0.0, at + self.rule.every
            came += takes
            self.line.append((arrived, takes))
        if self.rule.least == self.rule.most:
            self._start(math.inf)
        while self.line:
            self._decide(at, came)
            came, at = 0.0, at + self.rule.every
        end = max(arrivals[-1], *(free for free, _ in self.free))
        times = [*(change for change in self.changes if change[0] < end), (end, 0)]
        paid = sum(count * (later - since) for (since, count), (later, _) in pairwise(times))
        return Scaled(tuple(self.waits), tuple(self.changes), paid + self.left)

    def _start(self, until: float) -> None:
        """Let the head of the line go to the replica that is free first, as long as that is before `until`."""
        while self.line and (started := max(self.line[0][0], self.free[0][0])) < until:
            arrived, takes = self.line.popleft()
            _, booted = heapq.heappop(self.free)
            heapq.heappush(self.free, (started + takes, booted))
            self.waits.append(started - arrived)

    def _decide(self, now: float, came: float) -> None:
        """Serve up to now; then change the number of replicas, if the last interval asks for it."""
        self._start(now)
        waiting = sum(takes for _, takes in self.line)
        waiting += sum(max(free - max(now, booted), 0.0) for free, booted in self.free)  # to boot is no work
        wanted = math.ceil((came + waiting) / self.rule.every / self.rule.target - 1e-9)
        wanted = min(max(wanted, self.rule.least), self.rule.most)
        count = len(self.free)
        self.calm = self.calm + 1 if wanted < count else 0
        if wanted > count:
            for _ in range(wanted - count):
                heapq.heappush(self.free, (now + self.rule.boot, now + self.rule.boot))
        elif self.calm >= self.rule.patience:
            free, booted = heapq.heappop(self.free)  # the one that is free first
            self.left += max(free - now, 0.0) if booted <= now else 0.0
            self.calm = 0
        if len(self.free) != count:
            self.changes.append((now, len(self.free)))
