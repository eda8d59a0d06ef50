"""Which rows come on which day, and what an incident makes of their values and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.monitor.replay.incident import Incident

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_COVARIATE_SD = 1.2
_PRIOR_LOG_ODDS = 1.5


def drawn_rows(
    inputs: pd.DataFrame, labels: NDArray[np.int64], day: NDArray[np.int64], incident: Incident, random: np.random.Generator
) -> NDArray[np.int64]:
    """Places of the rows that come, one a request: any row before the incident, tilted ones from its day on.

    The same random numbers choose in both cases, so that two streams with one seed differ only in what the incident does.
    """
    import numpy as np

    lot = random.random(len(day))
    place = (lot * len(labels)).astype("int64")
    weights = _weights(inputs, labels, incident)
    if weights is None:
        return place
    tilted = np.searchsorted(np.cumsum(weights) / weights.sum(), lot, side="right").clip(max=len(labels) - 1)
    return np.where(day >= incident.day, tilted, place)


def _weights(inputs: pd.DataFrame, labels: NDArray[np.int64], incident: Incident) -> NDArray[np.float64] | None:
    import numpy as np

    sign = -1 if incident.way == "fall" else 1
    if incident.kind == "covariate":
        values = inputs[list(incident.features)].to_numpy(dtype="float64")
        spread = values.std(axis=0)
        scaled = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1)
        return np.asarray(np.exp(sign * _COVARIATE_SD * incident.strength * scaled.clip(-2.5, 2.5).mean(axis=1)))
    if incident.kind == "prior":
        return np.asarray(np.exp(sign * _PRIOR_LOG_ODDS * incident.strength * labels))
    return None


def segment(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """About half of the values: those from a cut on, cut where the share comes nearest to a half without being all."""
    import numpy as np

    known, counts = np.unique(values, return_counts=True)
    if len(known) == 1:
        return np.ones(len(values), dtype=bool)
    from_here = counts[::-1].cumsum()[::-1][1:] / len(values)
    upper: NDArray[np.bool_] = values >= known[1:][np.argmin(abs(from_here - 0.5))]
    return upper


def turned(
    labels: NDArray[np.int64], inside: NDArray[np.bool_], strength: float, random: np.random.Generator
) -> NDArray[np.int64]:
    """Labels of which, `inside`, a share of the rarer class has changed places with as many of the other."""
    import numpy as np

    ones, zeros = np.flatnonzero(inside & (labels == 1)), np.flatnonzero(inside & (labels == 0))
    count = round(strength * min(len(ones), len(zeros)))
    after = labels.copy()
    after[random.permutation(ones)[:count]] = 0
    after[random.permutation(zeros)[:count]] = 1
    return after


def received(
    values: NDArray[np.float64], day: NDArray[np.int64], incident: Incident, random: np.random.Generator
) -> NDArray[np.float64]:
    """One feature as it arrives: `values` in the order of the requests, changed from the incident's day on."""
    import numpy as np

    hit = (day >= incident.day) & (random.random(len(values)) < incident.strength)
    if incident.kind == "unit_change":
        return np.where(hit, values * float(incident.way), values)
    if incident.kind == "silent_null":
        return np.where(hit, 0.0, values)
    if incident.way == "stale":
        return _stale(values, day, hit, incident.day)
    return np.where(hit, _last_telling(values[day < incident.day] if incident.day > 0 else values), values)


def _last_telling(values: NDArray[np.float64]) -> float:
    """The last value that is not 0: a feed that stays at 0 cannot be told from missing values."""
    import numpy as np

    telling = values[values != 0]
    return float(telling[-1]) if len(telling) else float(np.max(values, initial=0.0))


def _stale(values: NDArray[np.float64], day: NDArray[np.int64], hit: NDArray[np.bool_], first: int) -> NDArray[np.float64]:
    """From `first` on each day gets the column of the last good day once more, in the same order."""
    import numpy as np

    after = values.copy()
    copy = values[day == max(first - 1, 0)]
    for each in range(max(first, 1), int(day.max()) + 1):
        here = np.flatnonzero(day == each)
        after[here] = np.where(hit[here], np.resize(copy, len(here)), values[here])
    return after
