"""What goes wrong in a stream: the truth that a detector is judged by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lifecycle.errors import DataError

KINDS = (
    "none", "covariate", "prior", "concept", "broken_feed", "unit_change", "silent_null", "latency", "log_anomaly",
)  # fmt: skip
"""Every kind of incident; `Incident` says what each does."""

FEED_KINDS = ("broken_feed", "unit_change", "silent_null")
"""Kinds that change values between the source and the service; the world stays as it was."""

DETAILS: dict[str, tuple[str, ...]] = {
    "none": ("",),
    "covariate": ("rise", "fall"),
    "prior": ("rise", "fall"),
    "concept": ("",),
    "broken_feed": ("frozen", "stale"),
    "unit_change": ("1000", "0.01"),
    "silent_null": ("",),
    "latency": ("",),
    "log_anomaly": ("new", "burst", "silence"),
}
"""The ways in which a kind comes; the first is meant where an incident has no detail."""


@dataclass(frozen=True)
class Incident:
    """One incident, or none.

    ===============  ================================================================================================
    ``none``         nothing happens
    ``covariate``    other clients come: rows are tilted by `features` (``rise`` or ``fall``); what happens to a
                     client of a given kind stays as it was
    ``prior``        the target becomes more (``rise``) or less frequent (``fall``): rows are tilted by it
    ``concept``      in half of the clients, cut by the feature, positives and negatives change places; inputs and the
                     frequency of the target stay. The one thing about the world that is simulated, not resampled
    ``broken_feed``  a feature stays at one value (``frozen``), or is the day before's column again (``stale``)
    ``unit_change``  a feature arrives multiplied by 1000 or by 0.01
    ``silent_null``  a feature's missing values arrive as its default, 0
    ``latency``      answers get slower and some fail; telemetry only
    ``log_anomaly``  lines of a kind never seen (``new``), many of a rare kind (``burst``), or an everyday kind that
                     stays out (``silence``); log only
    ===============  ================================================================================================

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    day : int
        First day affected, counted from 0; -1 for ``none``.
    strength : float
        Above 0, up to 1. For the three faults of a feed the share of requests that they touch; for ``concept`` the share of
        the segment's rarer class that changes places; otherwise how far things move.
    features : sequence of str
        The features concerned: one or more for ``covariate``, one for ``concept`` and the faults of a feed, else none.
    detail : str
        Which way, as in the table; empty for the first way.

    Raises
    ------
    DataError
        When the parts do not belong together.
    """

    kind: str
    day: int
    strength: float = 1.0
    features: tuple[str, ...] = ()
    detail: str = ""

    def __post_init__(self) -> None:
        """Check that the parts belong together."""
        object.__setattr__(self, "features", tuple(self.features))
        if self.kind not in KINDS:
            raise DataError(f"there is no incident of kind `{self.kind}`", remedy="one of " + ", ".join(KINDS))
        if (self.day == -1) != (self.kind == "none") or self.day < -1:
            raise DataError(f"day {self.day} does not go with kind `{self.kind}`", remedy="-1 for none, else 0 or later")
        if not 0 < self.strength <= 1:
            raise DataError(f"`strength` is {self.strength:g}", remedy="give a number above 0 and up to 1")
        if self.detail and self.detail not in DETAILS[self.kind]:
            ways = ", ".join(f"`{way}`" for way in DETAILS[self.kind] if way) or "no detail"
            raise DataError(f"`{self.detail}` is no way of kind `{self.kind}`", remedy=f"it takes {ways}")
        needed = "covariate" if self.kind == "covariate" else "one" if self.kind in ("concept", *FEED_KINDS) else "no"
        fits = {"covariate": len(self.features) >= 1, "one": len(self.features) == 1, "no": not self.features}[needed]
        if not fits:
            raise DataError(f"kind `{self.kind}` does not go with {len(self.features)} features",
                            remedy="covariate: 1 or more; concept and faults of a feed: 1; else none")  # fmt: skip

    @property
    def way(self) -> str:
        """The detail, or the first way of this kind."""
        return self.detail or DETAILS[self.kind][0]

    def active(self, day: int) -> bool:
        """Whether it has begun by this day."""
        return self.kind != "none" and day >= self.day

    def to_json(self) -> str:
        """The record as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Incident:
        """Read what `to_json` wrote; `DataError` where it is something else."""
        try:
            found: Any = json.loads(text)
            return cls(
                str(found["kind"]),
                int(found["day"]),
                float(found["strength"]),
                tuple(found["features"]),
                str(found["detail"]),
            )
        except (ValueError, TypeError, KeyError) as error:
            raise DataError("not the record of an incident", tried=f"reading it as JSON: {error}") from None


NO_INCIDENT = Incident("none", -1)


def draw_incident(seed: int, *, features: Sequence[str], days: int, kinds: Sequence[str] = KINDS) -> Incident:
    """Draw an incident that nobody has chosen: kind, day, strength, features and way.

    Parameters
    ----------
    seed : int
        One seed, one incident.
    features : sequence of str
        The columns that can be hit.
    days : int
        Length of the stream, 6 or more: the incident begins after the first third and before the last third of it, so
        that there is a quiet time to compare with, and time to notice.
    kinds : sequence of str
        What may be drawn, all equally likely.

    Returns
    -------
    Incident
        With a strength between 0.4 and 1.

    Raises
    ------
    DataError
        For an unknown kind, no features or too few days.
    """
    import numpy as np

    unknown = sorted({*kinds} - {*KINDS})
    if unknown or not len(kinds):
        raise DataError(f"there is no incident of kind `{unknown[0]}`" if unknown else "no kinds were given",
                        remedy="choose among " + ", ".join(KINDS))  # fmt: skip
    if not len(features):
        raise DataError("no features were given", remedy="name the columns that an incident can hit")
    if days < 6:
        raise DataError(f"{days} days are too few for an incident with a time before and after", remedy="ask for 6 or more")
    random = np.random.default_rng([seed, 11])
    kind = str(kinds[int(random.integers(len(kinds)))])
    day = int(random.integers(days // 3, days - days // 3))
    strength = round(float(random.uniform(0.4, 1)), 2)
    several = min(int(random.integers(1, 3)), len(features))
    chosen = [str(features[place]) for place in random.choice(len(features), size=several, replace=False)]
    ways = DETAILS[kind]
    way = ways[int(random.integers(len(ways)))]
    if kind == "none":
        return NO_INCIDENT
    count = several if kind == "covariate" else 1 if kind in ("concept", *FEED_KINDS) else 0
    return Incident(kind, day, strength, tuple(chosen[:count]), way)
