"""The verdict: what happened, since when, how sure, on what evidence, and what to do."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.monitor.diagnosis.look import Look, Suspect
from lifecycle.monitor.diagnosis.reference import Reference
from lifecycle.monitor.diagnosis.scan import LIMIT, Sign
from lifecycle.monitor.diagnosis.seen import Seen, seen_by
from lifecycle.monitor.diagnosis.words import ACTIONS, EXPLANATIONS
from lifecycle.monitor.replay.stream import Stream

if TYPE_CHECKING:
    import pandas as pd

_SIGNS = 12


@dataclass(frozen=True)
class Diagnosis:
    """What probably happened.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    since : int
        First day affected; -1 for ``none``.
    confidence : float
        From 0.5, just beyond the line that decides, towards 1. Not a probability.
    features : tuple of str
        Those concerned, the strongest first.
    evidence : tuple of Sign
        What tells the kinds of shift from each other, then the strongest signs, whatever they speak for.
    words, action : str
        What it means and what to do, in plain words.
    """

    kind: str
    since: int
    confidence: float
    features: tuple[str, ...]
    words: str
    action: str
    evidence: tuple[Sign, ...] = field(repr=False)

    def table(self) -> pd.DataFrame:
        """The evidence, a row a sign."""
        import pandas as pd

        return pd.DataFrame([asdict(sign) for sign in self.evidence], columns=["about", "what", "size", "z", "since"])

    def to_json(self) -> str:
        """Everything as JSON."""
        return json.dumps(asdict(self), allow_nan=False)


def diagnose(evidence: Stream | Seen, reference: Reference, *, day: int | None = None) -> Diagnosis:
    """Say what happened to a stream, from what its team has seen by the end of a day.

    Four places are searched, each for the day since which it is different: single columns (a value that comes too often, a
    factor, the day before's column), the inputs as a whole, the outcomes given the inputs, and the service with its log.
    The strongest sign wins; a fault of a feed explains moved inputs, moved inputs explain moved scores, and whether the
    world's mix or the target's frequency moved is told by which of ``P(y|x)`` and ``P(x|y)`` stayed.

    Parameters
    ----------
    evidence : Stream or Seen
        Of a stream only what is seen by `day` is looked at, never its incident.
    reference : Reference
        See `reference_of`.
    day : int, optional
        The last day that is over; by default the last one of the evidence.

    Returns
    -------
    Diagnosis

    Raises
    ------
    DataError
        When the evidence lacks a column of the reference, or holds something of a later day.

    Notes
    -----
    A change counts from five standard errors on and with at least 100 requests since. One incident at a time is assumed.
    Labels are taken as they come: where one outcome is known sooner than the other, wait until both are in.
    """
    seen = seen_by(evidence, evidence.days - 1 if day is None else day) if isinstance(evidence, Stream) else evidence
    if day is not None and day != seen.day:
        raise DataError(f"the evidence ends on day {seen.day}, not {day}")
    missing = [name for name in reference.columns if name not in seen.requests.columns]
    if missing:
        raise DataError(f"column `{missing[0]}` of the reference is missing", where="requests")
    look = Look(seen, reference)
    found = max((look.data(), look.latency(), look.log()), key=lambda suspect: suspect.z)
    return _verdict(found, look.signs, look.kin)


def _verdict(found: Suspect, signs: list[Sign], kin: list[Sign]) -> Diagnosis:
    """The diagnosis in words."""
    strongest = max((sign.z for sign in signs), default=0.0)
    margin = LIMIT / found.z if found.kind != "none" else min(strongest, LIMIT) / LIMIT
    names = ", ".join(f"`{name}`" for name in found.features[:3])
    words = EXPLANATIONS[found.kind].format(features=names or "the inputs", since=found.since)
    shown = kin if found.kind in ("covariate", "prior", "concept") else []
    first = (*shown, *sorted(signs, key=lambda sign: -sign.z)[: _SIGNS - len(shown)])
    return Diagnosis(found.kind, found.since, round(1 - margin / 2, 3), found.features, words, ACTIONS[found.kind], first)
