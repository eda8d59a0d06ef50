"""A share that is logged with what it rests on: how many rows, and how far it may be off."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lifecycle.monitor.service.errors import WatchError


@dataclass(frozen=True)
class Reading:
    """One measurement of a share.

    Attributes
    ----------
    at : str
        When, or of what: a day, an hour, a release.
    good, n : int
        `good` of `n`.
    share, low, high : float
        With its interval (Wilson); all nan where `n` is 0.
    """

    at: str
    good: int
    n: int
    share: float
    low: float
    high: float

    def line(self) -> str:
        """As a line of JSON for a log, shares with four decimals; what is not known is null, since JSON has no NaN."""
        shares = {name: getattr(self, name) for name in ("share", "low", "high")}
        said = {name: None if math.isnan(value) else round(value, 4) for name, value in shares.items()}
        return json.dumps({"at": self.at, "good": self.good, "n": self.n} | said)


def measured_share(good: int, n: int, *, at: str = "", level: float = 0.95) -> Reading:
    """Measure a share; `WatchError` unless 0 <= good <= n and 0 < level < 1.

    Wilson's interval is that of independent trials. Runs that fail together (one source, one bad release) make the true one
    wider than it says.

    Examples
    --------
    >>> reading = measured_share(85, 90)
    >>> round(reading.share, 4), round(reading.low, 3), round(reading.high, 3)
    (0.9444, 0.876, 0.976)
    """
    from statsmodels.stats.proportion import proportion_confint

    if not 0 <= good <= n:
        raise WatchError(f"{good:,} of {n:,} cannot be good")
    _verify_level(level)
    if n == 0:
        return Reading(at, 0, 0, math.nan, math.nan, math.nan)
    low, high = proportion_confint(good, n, alpha=1 - level, method="wilson")
    return Reading(at, good, n, good / n, float(low), float(high))


class AccuracyMonitor:
    """Counts right decisions, logs each reading, and raises the alarm when chance is a poor excuse.

    Parameters
    ----------
    least : float
        Accuracy that is promised.
    write : callable, optional
        Takes each line of the log, as the ``info`` of a logger.
    level : float
        Of the interval, in (0, 1).

    Notes
    -----
    The alarm waits until the whole interval lies below `least`: a small day that looks bad is logged and wakes nobody. It is
    no proof. Where the accuracy is exactly `least`, about ``(1 - level) / 2`` of the periods ring by chance: at 0.95 one in
    forty, so nine days a year; at 0.999 one in two thousand. Decisions are taken to be right or wrong independently.
    """

    def __init__(self, *, least: float, write: Callable[[str], object] | None = None, level: float = 0.95) -> None:
        if not 0 < least < 1:
            raise WatchError(f"an accuracy of {least:g} cannot be promised")
        _verify_level(level)
        self.least = least
        self.level = level
        self.readings: list[Reading] = []
        self._write = write

    def add(self, labels: Sequence[int], decisions: Sequence[int], *, at: str = "") -> bool:
        """Take in the labels and decisions of a period, log the reading, and return whether the alarm is to be raised."""
        import numpy as np

        true, decided = np.asarray(labels), np.asarray(decisions)
        if true.shape != decided.shape or true.ndim != 1:
            raise WatchError(
                "labels and decisions are not of equal length", where=at, tried=f"{true.shape}, {decided.shape}"
            )
        reading = measured_share(int((true == decided).sum()), len(true), at=at, level=self.level)
        self.readings.append(reading)
        if self._write is not None:
            self._write(reading.line())
        return reading.high < self.least


def _verify_level(level: float) -> None:
    if not 0 < level < 1:
        raise WatchError(f"an interval of level {level:g} is none", remedy="give a share: 0.95")
