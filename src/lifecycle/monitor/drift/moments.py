"""Times: how they are written, whether they have gone on, and what looks like a default among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lifecycle.monitor.drift.columns import Numbers

LATE = 0.8
"""A time whose median lies beyond this share of the reference has gone on."""

FAR = 10.0
"""A time so many lengths of the reference after its end is no later time."""

ALONE = 5.0
"""A moment so many times as frequent as the next one stands alone."""

DAY = 86_400.0


def moment(seconds: float) -> str:
    """A time as text, to the minute, or the day alone at midnight: ``2026-03-01 07:30``, ``2026-03-01``."""
    import numpy as np

    text = str(np.datetime64(round(seconds), "s").astype("datetime64[m]")).replace("T", " ")
    return text.removesuffix(" 00:00")


def gone_on(was: Numbers, now: Numbers) -> bool:
    """Whether more than half lies after most of the reference."""
    return at(now, 0.5) > at(was, LATE)


def at(numbers: Numbers, place: float) -> float:
    """The value at a place of the sorted sample, from 0 (lowest) to 1."""
    return float(numbers.values[round(place * (len(numbers.values) - 1))])


def time_faults(was: Numbers, now: Numbers, *, level: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Look for faults among times, which may go on and may not stand still or start again.

    Parameters
    ----------
    was, now : Numbers
        Seconds since 1970.
    level : float
        What chance alone does less often than this is a fault.

    Returns
    -------
    faults, notes : tuples of str
        Sentences about the column, without its name. A fault is a single moment where there were many, one that stands alone
        among the others, or rows from before the reference although most are later.
    """
    if not len(was.values) or not len(now.values):
        return (), ()
    if was.values[0] == was.values[-1]:
        return (), ("is constant in the reference",)
    fault = _one_moment(was, now, level=level) or _before_the_first(was, now, level=level)
    return ((fault,) if fault else ()), ()


def _one_moment(was: Numbers, now: Numbers, *, level: float) -> str:
    """A moment that is far more frequent than before and than the next: frozen, or a default as 1970-01-01."""
    import numpy as np

    from lifecycle.monitor.drift.faults import pile

    values = now.values
    value, share, before, distinct, p = pile(was, now)
    if not distinct or p >= level / distinct or _is_a_day(was, value, alone=distinct == 1):
        return ""
    if distinct == 1:
        return f"holds nothing but {moment(value)} now: a frozen feed?" if len(values) >= 20 else ""
    lengths = np.sort(np.unique(values, return_counts=True)[1])
    if lengths[-1] < ALONE * lengths[-2]:
        return ""
    return f"is {moment(value)} in {100 * share:.1f} % of the rows ({100 * before:.1f} % before): a default?"


def _is_a_day(was: Numbers, value: float, *, alone: bool) -> bool:
    """Whether a moment is a later day, or any day `alone`: a table of one day has that day in every row."""
    first, last = float(was.values[0]), float(was.values[-1])
    likely = (first if alone else last) <= value <= last + FAR * (last - first)
    return bool(likely and not (was.values % DAY).any())


def _before_the_first(was: Numbers, now: Numbers, *, level: float) -> str:
    import numpy as np

    from lifecycle.monitor.drift.faults import NOT_SLIGHT
    from lifecycle.monitor.drift.few import counts_test

    early = int(np.searchsorted(now.values, was.values[0], side="left"))
    share = early / len(now.values)
    if share < NOT_SLIGHT or not gone_on(was, now):
        return ""
    if counts_test([0, len(was.values)], [early, len(now.values) - early]).p_value >= level:
        return ""
    first = moment(float(was.values[0]))
    return f"lies before {first}, the first of the reference, in {100 * share:.1f} % of the rows, though most are later"
