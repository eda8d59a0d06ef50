"""Signs in what the service measures of itself and in its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.monitor.diagnosis.scan import Sign
from lifecycle.monitor.service.logs import log_template

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_BEFORE = 5
_STEADY_DAYS = 5
_LEAST_LINES = 4
_MEDIAN_STEP = 0.954  # of the distance of two standard normal values: 0.6745 * sqrt(2)


def latency_sign(telemetry: pd.DataFrame, *, days: int) -> Sign:
    """The strongest change of the time that answers take: of the daily mean of its logarithm, against days before.

    Days differ from each other for reasons of their own, so the yardstick is the spread of days, not that of requests.
    """
    import numpy as np

    daily = np.log(telemetry["latency_ms"].clip(lower=1e-3)).groupby(telemetry["day"]).mean()
    level = daily.reindex(range(days)).ffill().bfill().to_numpy() if len(daily) else np.zeros(days)
    best = Sign("latency", "answers take longer, as a factor", 1.0, 0.0, 0)
    steps = abs(np.diff(level))  # a change is in one of them only, so their median knows the days' spread in spite of it
    spread = max(float(np.median(steps)) / _MEDIAN_STEP, 0.03) if len(steps) else 1.0
    for first in range(_BEFORE, days):
        before, after = level[:first], level[first:]
        gap = float(after.mean() - before.mean())
        z = gap / (spread * np.sqrt(1 / len(before) + 1 / len(after)))
        if z > best.z:
            best = Sign("latency", best.what, float(np.exp(gap)), float(z), first)
    return best


def failure_sign(telemetry: pd.DataFrame, *, days: int) -> Sign:
    """The strongest rise of the requests that fail (status 500 and above)."""
    import numpy as np

    failing = np.bincount(telemetry.loc[telemetry["status"] >= 500, "day"].to_numpy(dtype="int64"), minlength=days)
    z, since, size = _count_change(failing[:days].astype("float64"), rising_only=True)
    return Sign("latency", "requests fail, as a factor", size, z, since)


def log_signs(log: pd.DataFrame, *, days: int) -> list[Sign]:
    """The strongest change of each kind of line, kinds being templates (see `log_template`)."""
    import pandas as pd

    if len(log) == 0:
        return []
    kinds = {message: log_template(message) for message in log["message"].unique()}
    table = pd.crosstab(log["message"].map(kinds), log["day"]).reindex(columns=range(days), fill_value=0)
    signs = []
    for name, counts in table.iterrows():
        z, since, size = _count_change(counts.to_numpy(dtype="float64"))
        signs.append(Sign("log", f"{name}: lines a day, as a factor", size, z, since))
    return signs


def _count_change(counts: NDArray[np.float64], *, rising_only: bool = False) -> tuple[float, int, float]:
    """Standard errors, first day and factor of the strongest change of a daily count.

    The root of the deviance of two Poisson counts with one rate, divided by the counts' own dispersion, which is drawn
    towards 1: by five days' worth, and more where the counts are too small to show their dispersion.
    """
    import numpy as np

    best, since, size = 0.0, 0, 1.0
    for first in range(_BEFORE, len(counts)):
        before, after = counts[:first], counts[first:]
        mean = (before.sum() + 0.5) / first
        steady = _STEADY_DAYS * (1 + 1 / mean)
        dispersion = (((before - mean) ** 2 / mean).sum() + steady) / (first - 1 + steady)
        seen, share = after.sum(), len(after) / len(counts)
        rate = counts.sum() * share
        deviance = sum(2 * part * np.log(part / whole) for part, whole in
                       ((seen, rate), (before.sum(), counts.sum() - rate)) if part)  # fmt: skip
        z = float(np.sqrt(max(deviance, 0) / dispersion))
        excess = seen - mean * len(after)
        if z > best and abs(excess) >= _LEAST_LINES and not (rising_only and excess < 0):
            best, since, size = z, first, float(seen / (mean * len(after)))
    return best, since, size
