"""A look at the evidence in four places: single columns, the inputs, the outcomes, the service and its log."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lifecycle.monitor.diagnosis.feeds import Fault, feed_faults, unmoved
from lifecycle.monitor.diagnosis.outcomes import kinship, prior_likeness
from lifecycle.monitor.diagnosis.reference import Reference
from lifecycle.monitor.diagnosis.scan import LIMIT, Changes, Sign, strongest_changes
from lifecycle.monitor.diagnosis.seen import Seen
from lifecycle.monitor.diagnosis.service import failure_sign, latency_sign, log_signs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LEAST_ROWS = 100
_LEAST_LABELS = 100
_LEAST_SHIFT = 0.12
_LEAST_SLOWER = 1.1
_LIKE_PRIOR = 0.6
_STAYED = 2.0


@dataclass(frozen=True)
class Suspect:
    """What one place speaks for; `z` 0 where nothing."""

    kind: str
    z: float
    since: int
    features: tuple[str, ...] = ()


NOBODY = Suspect("none", 0.0, -1)


class Look:
    """One look at the evidence; keeps the `signs` it meets, and what tells kinds of shift from each other (`kin`)."""

    def __init__(self, seen: Seen, reference: Reference) -> None:
        self.seen, self.reference = seen, reference
        self.days = seen.day + 1
        self.day: NDArray[np.int64] = seen.requests["day"].to_numpy(dtype="int64")
        self.ranks = reference.ranks_of(seen.requests)
        self.scores: NDArray[np.float64] = seen.requests["score"].to_numpy(dtype="float64")
        self.place = seen.places_of_labels()
        self.labels: NDArray[np.int64] = seen.labels["label"].to_numpy(dtype="int64")
        self.signs: list[Sign] = []
        self.kin: list[Sign] = []

    def data(self) -> Suspect:
        """A fault of a feed, else a shift of the inputs, else one of the outcomes."""
        moved = strongest_changes(self.ranks, self.day, days=self.days, reference_rows=self.reference.rows,
                                  least=_LEAST_ROWS)  # fmt: skip
        self._note(self.reference.columns, ["mean rank"] * len(self.reference.columns), moved)
        fault = self._fault(moved)
        if fault is not None:
            return Suspect(fault.kind, fault.z, fault.since, (fault.feature,))
        inputs, outcomes = self._inputs(moved), self._outcomes()
        if inputs.kind == "none" and outcomes.kind == "none":
            return NOBODY
        stronger = max(inputs, outcomes, key=lambda suspect: suspect.z)
        kind = self._shift(stronger.since, moved=inputs.kind != "none", surprising=outcomes.kind != "none")
        return replace(stronger, kind=kind)

    def _fault(self, moved: Changes) -> Fault | None:
        import numpy as np

        found: list[Fault] = []
        features = self.reference.columns[:-1]
        ranks = self.reference.ranks[:, :-1]  # mean 0 and deviation 1, or 0 throughout
        correlation = abs(ranks.T @ ranks) / len(ranks)
        np.fill_diagonal(correlation, 0)
        for place, name in enumerate(features):
            values = self.seen.requests[name].to_numpy(dtype="float64")
            others = [other for other in range(len(features)) if other != place]
            rest = Changes(moved.z[others], moved.size[others], moved.since[others])
            for fault in feed_faults(name, values, self.day, days=self.days, reference=self.reference, least=_LEAST_ROWS):
                self.signs.append(Sign(name, f"{fault.what}: share of requests", fault.share, fault.z, fault.since))
                if fault.plain or unmoved(rest, abs(float(moved.z[place])), float(correlation[place].max())):
                    found.append(fault)
        return max(found, key=lambda fault: fault.z, default=None)

    def _inputs(self, moved: Changes) -> Suspect:
        import numpy as np

        strong = (abs(moved.z) > LIMIT) & (abs(moved.size) >= _LEAST_SHIFT)
        if not strong.any():
            return NOBODY
        first = int(np.argmax(abs(moved.z) * strong))
        since, z = int(moved.since[first]), float(abs(moved.z[first]))
        order = [self.reference.columns[place] for place in np.argsort(-abs(moved.z)) if strong[place]]
        names = tuple(name for name in order if name != "score")
        return Suspect("covariate", z, since, names)

    def _shift(self, since: int, *, moved: bool, surprising: bool) -> str:
        """Which kind of shift it is: by what has stayed, and while outcomes are too few by the direction of the inputs."""
        after = self.day[self.place] >= since
        place, labels = self.place[after], self.labels[after]
        if len(labels) < _LEAST_LABELS and not moved:
            return "concept"
        if len(labels) < _LEAST_LABELS:
            shift = self.ranks[self.day >= since].mean(axis=0)
            return "prior" if prior_likeness(shift, self.reference) > _LIKE_PRIOR else "covariate"
        ranks, surprises = self.ranks[place], self.reference.surprises(self.ranks[place], self.scores[place], labels)
        first = surprises[:, : 1 + ranks.shape[1]]
        fit = kinship(ranks, first, labels, reference=self.reference)
        for what, size in (("outcomes given inputs", fit.given_inputs), ("inputs given outcome", fit.given_outcome)):
            self.kin.append(Sign("labels", f"{what}: mean square z, near 1 if they stayed", size, math.sqrt(size), since))
        ratio = fit.given_outcome / fit.given_inputs
        if surprising and (not moved or ratio < _STAYED) and ratio > 1 / _STAYED:
            return "concept"  # neither has stayed
        return "prior" if ratio < 1 else "covariate"

    def _outcomes(self) -> Suspect:
        import numpy as np

        if len(self.labels) < _LEAST_LABELS:
            return NOBODY
        surprises = self.reference.surprises(self.ranks[self.place], self.scores[self.place], self.labels)
        moved = strongest_changes(surprises, self.day[self.place], days=self.days, reference_rows=self.reference.rows,
                                  least=_LEAST_LABELS // 2)  # fmt: skip
        features = self.reference.columns[:-1]
        names = ("labels", *self.reference.columns, *features, *features)
        parts = ["outcomes beside scores"] * (len(features) + 2)
        parts += [f"order of outcomes by score where it is {side}" for side in ("high", "low") for _ in features]
        self._note(names, parts, moved)
        first = int(np.argmax(abs(moved.z)))
        if abs(moved.z[first]) <= LIMIT:
            return NOBODY
        about = (names[first],) if names[first] in features else ()
        return Suspect("concept", float(abs(moved.z[first])), int(moved.since[first]), about)

    def latency(self) -> Suspect:
        """The service is slower, or fails more often."""
        slower = latency_sign(self.seen.telemetry, days=self.days)
        failing = failure_sign(self.seen.telemetry, days=self.days)
        self.signs += [slower, failing]
        best = max((slower, failing), key=lambda sign: sign.z)
        if best.z <= LIMIT or best.size < _LEAST_SLOWER:
            return NOBODY
        return Suspect("latency", best.z, best.since)

    def log(self) -> Suspect:
        """The log says other things, or says them more or less often."""
        signs = log_signs(self.seen.log, days=self.days)
        self.signs += signs
        best = max(signs, key=lambda sign: sign.z, default=None)
        return NOBODY if best is None or best.z <= LIMIT else Suspect("log_anomaly", best.z, best.since)

    def _note(self, names: tuple[str, ...], parts: list[str], moved: Changes) -> None:
        for place, (name, part) in enumerate(zip(names, parts, strict=True)):
            what = f"{part}, in standard deviations"
            sign = Sign(name, what, float(moved.size[place]), float(abs(moved.z[place])), int(moved.since[place]))
            self.signs.append(sign)
