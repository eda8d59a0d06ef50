"""A small invented project: pumps that fail within a month. All of it is known, so that every judgement can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import pandas as pd

INPUTS = ("temperature", "vibration", "hours")
TARGET = "fails"
_NEW_SENSOR = 0.7


def pumps(n: int, *, seed: int, moved: float = 0.0) -> pd.DataFrame:
    """Draw pumps.

    Parameters
    ----------
    n : int
        1 or more.
    seed : int
    moved : float
        What a new sensor adds to each vibration, in mm/s; the pumps themselves are as they were.

    Returns
    -------
    DataFrame
        ``temperature`` (degrees Celsius), ``vibration`` (mm/s), ``hours`` (since the last service, in thousands), ``fails``
        (1: within a month; about one in six).
    """
    import numpy as np
    import pandas as pd

    if n < 1:
        raise CaseError(f"{n} pumps: at least one is wanted", where="capstone: invented")
    rng = np.random.default_rng(seed)
    temperature, hours = rng.normal(60, 8, n), rng.gamma(4, 0.5, n)
    vibration = 2 + 0.4 * hours + rng.gamma(2, 0.6, n)
    logit = -7.9 + 0.09 * (temperature - 60) + 1.1 * vibration + 0.6 * hours
    fails = rng.random(n) < 1 / (1 + np.exp(-logit))
    table = {"temperature": temperature, "vibration": vibration + moved, "hours": hours, TARGET: fails.astype("int64")}
    return pd.DataFrame({name: column.round(3) if name != TARGET else column for name, column in table.items()})


def pump_weeks(weeks: int, per_week: int, *, seed: int, new_sensor: int | None = None) -> list[pd.DataFrame]:
    """Pumps of one week after another; from week `new_sensor` on (counted from 1) vibration is measured by a new sensor."""
    return [
        pumps(per_week, seed=1000 * (seed + 1) + week, moved=_NEW_SENSOR if new_sensor and week >= new_sensor else 0.0)
        for week in range(1, weeks + 1)
    ]
