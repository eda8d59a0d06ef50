"""Trips through a town: distance, hour, rain, traffic; minutes with a long tail; and a bridge that closes one day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole

if TYPE_CHECKING:
    import pandas as pd

FEATURES = ("km", "hour", "rain", "traffic", "usual")
"""What is known when a trip begins."""

ZONES = ("north", "centre", "south")


def trips(
    *, days: int, a_day: int = 400, closed_from: int | None = None, slower: float = 1.3, seed: int = 0
) -> pd.DataFrame:
    """Trips of some days, in the order in which they begin.

    Parameters
    ----------
    days : int
        1 or more, counted from 0.
    a_day : int
        Trips a day, 10 or more.
    closed_from : int, optional
        From this day on trips in the south take `slower` times as long, and nothing that is known at their start says so.
    slower : float
        Above 0.
    seed : int
        0 or more.

    Returns
    -------
    DataFrame
        ``day``, ``start`` and ``end`` (minutes since midnight of day 0), ``zone`` (one of `ZONES`), ``km``, ``hour`` (with
        fractions), ``rain`` (0 or 1), ``traffic`` (1 is an empty road, 2 takes twice as long), ``usual`` (minutes per km of
        this zone in the past), ``minutes`` (what it took; known at the end, not at the start).

    Raises
    ------
    CaseError
        For numbers outside their limits.
    """
    import numpy as np
    import pandas as pd

    counts = is_whole(days, least=1) and is_whole(a_day, least=10) and is_whole(seed, least=0)
    closed = closed_from is None or is_whole(closed_from)
    if not (counts and closed and is_number(slower) and slower > 0):
        raise CaseError(
            "a town needs a day, ten trips in it, a factor above 0, and a seed of 0 or more; days are whole",
            where="arrival: trips",
            tried=f"{days} days, {a_day} trips a day, closed from {closed_from}, factor {slower}, seed {seed}",
        )
    rng = np.random.default_rng(seed)
    n = days * a_day
    day = np.repeat(np.arange(days), a_day)
    rush = np.where(rng.random(n) < 0.5, rng.normal(8.5, 1, n), rng.normal(17.5, 1.3, n))
    hour = np.clip(np.where(rng.random(n) < 0.5, rush, rng.uniform(6, 23, n)), 0, 23.95)
    zone = rng.integers(0, len(ZONES), n)
    rain = (rng.random(days) < 0.3).astype(int)[day]
    peak = np.exp(-(((hour - 8.5) / 1.2) ** 2)) + np.exp(-(((hour - 17.5) / 1.5) ** 2))
    traffic = 1 + (0.7 * peak + 0.15 * rain) * rng.lognormal(0, 0.15, n)
    usual = np.array([1.6, 2.6, 1.9])[zone]
    km = np.clip(rng.lognormal(1.6, 0.6, n), 0.5, 40)
    minutes = (3 + usual * km * traffic**0.9) * rng.lognormal(0, 0.1, n)
    minutes *= np.where(rng.random(n) < 0.06, rng.uniform(1.3, 2.2, n), 1.0)  # a level crossing, a lost passenger
    if closed_from is not None:
        minutes *= np.where((day >= closed_from) & (zone == ZONES.index("south")), slower, 1.0)
    start = day * 1_440 + hour * 60
    frame = pd.DataFrame(
        {
            "day": day,
            "start": start.round(2),
            "end": (start + minutes).round(2),
            "zone": np.array(ZONES)[zone],
            "km": km.round(2),
            "hour": hour.round(2),
            "rain": rain,
            "traffic": traffic.round(3),
            "usual": usual,
        }
    )
    return frame.assign(minutes=frame["end"] - frame["start"]).sort_values("start", kind="stable").reset_index(drop=True)
