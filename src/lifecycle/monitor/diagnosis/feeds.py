"""Faults between a source and the service: one column changes in a way that no change of the world would have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.monitor.diagnosis.reference import Reference
from lifecycle.monitor.diagnosis.scan import LIMIT, Changes, strongest_changes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FACTORS = (1000.0, 100.0, 0.01, 0.001)
_WINDOW = 5
_LEAST_SHARE = 0.1
_POINT_LIMIT = 7.0  # the value is chosen because it stands out, and small counts have long tails
_EXPLAINED = 0.7
_RARE = 0.005
_STILL = 7.0  # two samples of one world can be five apart, where one of them is small


@dataclass(frozen=True)
class Fault:
    """A suspected fault of one feature's feed.

    Attributes
    ----------
    kind : str
        ``broken_feed``, ``unit_change`` or ``silent_null``.
    feature : str
    what : str
        What was seen, in words.
    share : float
        Of the requests that it touches, as far as can be told.
    z : float
    since : int
    plain : bool
        Whether no shift of the world does this, however the other inputs move.
    """

    kind: str
    feature: str
    what: str
    share: float
    z: float
    since: int
    plain: bool = False


def feed_faults(
    name: str, values: NDArray[np.float64], day: NDArray[np.int64], *, days: int, reference: Reference, least: int
) -> list[Fault]:
    """Faults that the values of one feature, in the order of requests, speak for; most often none.

    Parameters
    ----------
    name : str
    values, day : ndarray, shape (n,)
    days : int
    reference : Reference
    least : int
        As in `strongest_changes`.

    Returns
    -------
    list of Fault
        Where each explains most of how the values' distribution has changed; a shift of the world may explain it too.
    """
    known = reference.ordered[name]
    found = [
        *_points(name, values, day, days=days, known=known, least=least),
        *_scales(name, values, day, days=days, known=known, least=least),
        *_repeats(name, values, day, days=days, least=least),
    ]
    return [fault for fault in found if fault.z > LIMIT and fault.share >= _LEAST_SHARE]


def _points(
    name: str, values: NDArray[np.float64], day: NDArray[np.int64], *, days: int, known: NDArray[np.float64], least: int
) -> list[Fault]:
    """One value comes too often, and the rest are as they were."""
    import numpy as np

    recent, counts = np.unique(values[day >= days - _WINDOW], return_counts=True)
    if len(recent) == 0:
        return []
    usual = _share_of(known, recent)
    frozen = float(recent[np.argmax(counts / counts.sum() - usual)])
    found = []
    for value in sorted({0.0, frozen}):
        usually = float(_share_of(known, np.array([value]))[0])
        share = min(max(usually, _RARE), 1 - _RARE)
        quantity = ((values == value) - share) / np.sqrt(share * (1 - share))
        change = strongest_changes(quantity[:, None], day, days=days, reference_rows=len(known), least=least)
        since = int(change.since[0])
        touched = float(change.size[0]) * np.sqrt(share * (1 - share)) / (1 - share)
        if change.z[0] > _POINT_LIMIT and _is_mixture(values[day >= since], known, value, touched):
            kind = "silent_null" if value == 0 else "broken_feed"
            found.append(
                Fault(kind, name, f"{value:g} comes too often", touched, float(change.z[0]), since, plain=usually < _RARE)
            )
    return found


def _share_of(known: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return (np.searchsorted(known, values, side="right") - np.searchsorted(known, values)) / len(known)


def _is_mixture(now: NDArray[np.float64], known: NDArray[np.float64], value: float, share: float) -> bool:
    """Whether `now` is `known` with a share of it put to `value`: a shift of the others would show among the others."""
    import numpy as np

    rest_now, rest_known = now[now != value], known[known != value]
    if len(rest_now) < 30 or len(rest_known) < 30:
        return True
    cuts = np.unique(np.quantile(rest_known, np.linspace(0.1, 0.9, 9)))
    then, later = (np.bincount(np.searchsorted(cuts, rest, side="right"), minlength=len(cuts) + 1) / len(rest)
                   for rest in (rest_known, rest_now))  # fmt: skip
    moved = 0.5 * abs(then - later).sum() * len(rest_now) / len(now)
    noise = 0.4 * np.sqrt(len(cuts) / len(rest_now) + len(cuts) / len(rest_known))
    return bool(max(moved - noise, 0) <= (1 - _EXPLAINED) * share)


def _scales(
    name: str, values: NDArray[np.float64], day: NDArray[np.int64], *, days: int, known: NDArray[np.float64], least: int
) -> list[Fault]:
    """A share of the values is a round factor away from where it was."""
    if not (known != 0).any():
        return []
    usual = _Magnitudes(known)
    found = []
    for factor in _FACTORS:
        gain_known, gain = usual.gain(known, factor), usual.gain(values, factor)
        spread = max(float(gain_known.std()), 0.05)
        change = strongest_changes(((gain - gain_known.mean()) / spread)[:, None], day, days=days,
                                   reference_rows=len(known), least=least)  # fmt: skip
        since = int(change.since[0])
        if change.z[0] <= LIMIT:
            continue
        share, explained = usual.mixture(values[day >= since], factor)
        if explained >= _EXPLAINED:
            found.append(Fault("unit_change", name, f"values times {factor:g}", share, float(change.z[0]), since))
    return sorted(found, key=lambda fault: -fault.z)[:1]


class _Magnitudes:
    """How large values that are not 0 usually are: a smoothed histogram of ``log10(abs(value))``, signs apart."""

    _WIDE, _LOW, _CELLS = 0.1, -9.0, 240

    def __init__(self, known: NDArray[np.float64]) -> None:
        import numpy as np

        self._density = self._smoothed(np.bincount(self._cells(known[known != 0]), minlength=2 * self._CELLS))

    def _smoothed(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        import numpy as np

        rows = counts.reshape(2, -1).astype("float64")
        smooth = np.stack([np.convolve(row, (0.1, 0.2, 0.4, 0.2, 0.1), mode="same") for row in rows]) + 0.02
        return np.asarray(smooth / smooth.sum()).ravel()

    def _cells(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        import numpy as np

        place = ((np.log10(abs(values)) - self._LOW) / self._WIDE).astype("int64").clip(0, self._CELLS - 1)
        return np.where(values < 0, place, place + self._CELLS)

    def _moved(self, factor: float) -> NDArray[np.float64]:
        import numpy as np

        steps = round(float(np.log10(factor)) / self._WIDE)
        moved = np.roll(self._density.reshape(2, -1), steps, axis=1).ravel()
        return np.asarray(moved)

    def gain(self, values: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
        """What the factor explains better, a value: log likelihood ratio of a mixture in which half have it; 0 at 0."""
        import numpy as np

        gain = np.log(0.5 + 0.5 * self._moved(factor) / self._density).clip(-0.6, 4)
        found = np.zeros(len(values))
        there = values != 0
        found[there] = gain[self._cells(values[there])]
        return found

    def mixture(self, values: NDArray[np.float64], factor: float) -> tuple[float, float]:
        """Share of the values that the factor has hit, and how much of the change this explains, up to 1."""
        import numpy as np

        counts = np.bincount(self._cells(values[values != 0]), minlength=2 * self._CELLS)
        total, moved, share = counts.sum(), self._moved(factor), 0.5
        if total == 0:
            return 0.0, 0.0
        for _ in range(50):
            hit = share * moved / (share * moved + (1 - share) * self._density)
            share = float((counts * hit).sum() / total)
        now = self._smoothed(counts)
        changed = abs(now - self._density).sum()
        left = abs(now - (share * moved + (1 - share) * self._density)).sum()
        return share, float(1 - left / changed) if changed > 0 else 0.0


def _repeats(name: str, values: NDArray[np.float64], day: NDArray[np.int64], *, days: int, least: int) -> list[Fault]:
    """The n-th value of a day is that of the day before, more often than if the order were chance."""
    import numpy as np

    begins = np.searchsorted(day, np.arange(days + 1))
    quantity = np.zeros(len(values))
    for each in range(1, days):
        before, now = values[begins[each - 1] : begins[each]], values[begins[each] : begins[each + 1]]
        common = min(len(before), len(now))
        if common:
            usual = _share_of(np.sort(before[:common]), now[:common])
            quantity[begins[each] : begins[each] + common] = (now[:common] == before[:common]) - usual
    spread = max(float(quantity.std()), 0.1)
    change = strongest_changes(quantity[:, None] / spread, day, days=days, reference_rows=1e9, least=least)
    share = float(np.sqrt(max(change.size[0] * spread, 0)))
    # two days that both hold copies agree in the square of the share that is copied
    what, since = "the column of the day before comes again", int(change.since[0])
    return [Fault("broken_feed", name, what, share, float(change.z[0]), since, plain=True)]


def unmoved(others: Changes, own: float, correlation: float) -> bool:
    """Whether the other features stand still while one moves by `own`, although they usually move with it.

    Parameters
    ----------
    others : Changes
        Of the ranks of the other features.
    own : float
        z of this feature's rank.
    correlation : float
        The strongest one between its rank and another's.
    """
    return bool(abs(others.z).max(initial=0) < max(_STILL, 0.4 * correlation * own))
