"""How long a batch takes, and whether it fits between two hours of the clock."""

from __future__ import annotations

import math

from lifecycle.errors import DataError


def rows_a_second(rows: int, *, minutes: float) -> float:
    """Throughput of a job that scored `rows` in so many minutes.

    Examples
    --------
    >>> round(rows_a_second(1_000_000, minutes=15), 1)
    1111.1
    """
    return rows / (60 * _positive(minutes, "minutes"))


def minutes_for(rows: int, *, rate: float) -> float:
    """Minutes that `rows` take at `rate` rows a second, start and end left out.

    Examples
    --------
    >>> minutes_for(4_000_000, rate=1_000_000 / 900)
    60.0
    """
    return rows / _positive(rate, "rate") / 60


def rows_in_window(*, minutes: float, rate: float, tries: int = 1) -> int:
    """How many rows fit into a window if each of `tries` tries may need all of its time.

    A job that just fits cannot be repeated after a failure: plan for two.
    """
    if tries < 1:
        raise DataError(f"`tries` is {tries}", where="rows_in_window", remedy="give 1 or more")
    return math.floor(_positive(minutes, "minutes") * 60 * _positive(rate, "rate") / tries)


def _positive(value: float, name: str) -> float:
    if not value > 0 or not math.isfinite(value):
        raise DataError(f"`{name}` is {value}", where="pace", remedy="give a positive number")
    return value
