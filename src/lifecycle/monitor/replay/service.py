"""What the service and its pipeline would have measured and logged, simulated.

The lines and times are made up; their shapes are the usual ones: log-normal times that differ a little from day to day and
grow with the load, errors that are rare, a pipeline that says the same things every morning with other numbers in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.monitor.replay.incident import Incident

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_MEDIAN_MS = 18.0
_FAILING = 0.0005


def minutes(days: int, per_day: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Minute of the day of each request, sorted within a day: few at night, most around two in the afternoon."""
    import numpy as np

    day = 24 * 60
    drawn = np.where(random.random((days, per_day)) < 0.25, random.uniform(0, day, (days, per_day)),
                     random.normal(14 * 60, 200, (days, per_day)))  # fmt: skip
    return np.sort(drawn.clip(0, day - 1).astype("int64"), axis=1).ravel()


def measurements(requests: pd.DataFrame, incident: Incident, random: np.random.Generator) -> pd.DataFrame:
    """How long each answer took, and its status: 200, or 503 where it failed."""
    import numpy as np

    day, count = requests["day"].to_numpy(), len(requests)
    ill = (day >= incident.day) & (incident.kind == "latency")
    of_day = np.exp(0.04 * random.standard_normal(int(day.max()) + 1))[day]
    load = 1 + 0.15 * np.exp(-(((requests["minute"].to_numpy() - 14 * 60) / 200) ** 2))
    took = _MEDIAN_MS * of_day * load * np.exp(0.35 * random.standard_normal(count))
    took *= np.where(ill, 1 + 3 * incident.strength, 1.0)
    failing = np.where(ill, _FAILING + 0.02 * incident.strength, _FAILING)
    status = np.where(random.random(count) < failing, 503, 200)
    return requests[["request_id", "day"]].assign(latency_ms=took.round(2), status=status)


def log_lines(days: int, per_day: int, incident: Incident, random: np.random.Generator) -> pd.DataFrame:
    """The lines of all days, in the order of time."""
    import pandas as pd

    lines: list[tuple[int, int, str, str]] = []
    for day in range(days):
        usual = _usual_day(day, per_day, random)
        strange = _strange(day, incident, random)
        if incident.kind == "log_anomaly" and incident.active(day) and incident.way == "silence":
            usual = [line for line in usual if "validated" not in line[3] or random.random() >= incident.strength]
        lines += sorted([*usual, *strange], key=lambda line: line[:2])
    return pd.DataFrame(lines, columns=["day", "minute", "level", "message"])


def _usual_day(day: int, per_day: int, random: np.random.Generator) -> list[tuple[int, int, str, str]]:
    lines = [(day, 5, "INFO", f"rotated log, {int(random.integers(20, 40))} MB kept")]
    for part, minute in enumerate(range(6 * 60, 8 * 60 + 1, 30)):
        rows = int(random.poisson(per_day * 8))
        lines.append((day, minute, "INFO", f"ingest part {part}: {rows} rows in {random.gamma(9, 0.4):.1f} s"))
        lines.append((day, minute + 1, "INFO", f"validated part {part}: {int(random.poisson(2))} rows set aside"))
        lines.append((day, minute + 2, "INFO", f"wrote part {part} to lake, {rows * 88} bytes"))
    for hour in range(24):
        answered = int(random.poisson(per_day / 24))
        lines.append((day, hour * 60 + 59, "INFO", f"answered {answered} requests, {random.gamma(30, 0.7):.1f} ms at 95 %"))
    for _ in range(int(random.poisson(2))):
        minute = int(random.integers(1440))
        lines.append((day, minute, "WARNING", f"retry 1 of 3 for source {int(random.integers(1, 6))}"))
    for _ in range(int(random.poisson(0.3))):
        lines.append((day, int(random.integers(1440)), "WARNING", f"slow query: {random.gamma(4, 1.5):.1f} s"))
    return lines


def _strange(day: int, incident: Incident, random: np.random.Generator) -> list[tuple[int, int, str, str]]:
    if incident.kind != "log_anomaly" or not incident.active(day) or incident.way == "silence":
        return []
    count = int(random.poisson(4 + 16 * incident.strength))
    begin = int(random.integers(7 * 60, 10 * 60))
    spread = begin + random.integers(0, 30, count)
    if incident.way == "burst":
        return [(day, int(minute), "WARNING", f"retry {1 + number % 3} of 3 for source {int(random.integers(1, 6))}")
                for number, minute in enumerate(spread)]  # fmt: skip
    places = zip(spread, random.integers(0, 5, count), random.integers(0, 10**6, count), strict=True)
    return [(day, int(minute), "ERROR", f"checksum of part {part} differs at byte {byte}") for minute, part, byte in places]
