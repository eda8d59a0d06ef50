"""The incident game: an answer about an unknown incident, judged by time, diagnosis and money."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.monitor.replay.incident import FEED_KINDS, KINDS
from lifecycle.monitor.replay.stream import Stream

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_POINTS = {"kind": 50, "feature": 10, "since": 10, "speed": 30}
_NEAR_DAYS = 2
_SLOWEST_DAYS = 14
_WRONG_DAYS = 10


@dataclass(frozen=True)
class Stakes:
    """What things cost, in one currency; all 0 or more.

    Parameters
    ----------
    false_positive, false_negative : float
        One mistake of either kind.
    failed_request : float
        One request that got no answer.
    late_day : float
        One day on which the pipeline does not do what it should.
    investigation : float
        Looking into an incident that is not there.
    currency : str
    """

    false_positive: float
    false_negative: float
    failed_request: float
    late_day: float
    investigation: float
    currency: str = ""


@dataclass(frozen=True)
class Answer:
    """What a player says.

    Parameters
    ----------
    day : int
        The last day that they had seen.
    kind : str
        One of `KINDS`.
    since : int
        The first day affected; -1 for ``none``, or where they do not say.
    feature : str
        The feature concerned; empty where they do not say.
    """

    day: int
    kind: str
    since: int = -1
    feature: str = ""

    def __post_init__(self) -> None:
        """Check the parts."""
        if self.kind not in KINDS:
            raise DataError(f"there is no incident of kind `{self.kind}`", remedy="one of " + ", ".join(KINDS))
        if not -1 <= self.since <= self.day:
            raise DataError(f"day {self.since} is not among those seen, 0 to {self.day}")
        if self.kind == "none" and (self.since != -1 or self.feature):
            raise DataError("where nothing happened there is neither a day nor a feature to name")


@dataclass(frozen=True)
class Outcome:
    """How an answer did.

    Attributes
    ----------
    points : float
        Of 100; the sum of `parts`.
    parts : dict
        Points for ``kind`` (50), ``feature`` (10), ``since`` (10: within two days), ``speed`` (30: falls to 0 over 14 days).
        Where there is no feature or no day to name, these points go with the kind.
    days_to_detection : int or None
        Days from the first day affected to the answer, both counted; None where it came before, or nothing happened.
    lost, at_stake : float
        Money lost until the answer, and what would have been lost had nobody noticed. A wrong kind is noticed ten days
        later; one named where nothing had happened yet costs an investigation.
    """

    points: float
    parts: dict[str, float]
    days_to_detection: int | None
    lost: float
    at_stake: float


def judge_answer(answer: Answer, stream: Stream, losses: NDArray[np.float64], *, stakes: Stakes) -> Outcome:
    """Hold an answer against the truth.

    Parameters
    ----------
    answer : Answer
    stream : Stream
    losses : ndarray, shape (days,)
        Money lost on each day while nobody reacts; see `daily_losses`.
    stakes : Stakes

    Raises
    ------
    DataError
        For an answer of a day that the stream does not have.
    """
    truth, days = stream.incident, stream.days
    if not 0 <= answer.day < days:
        raise DataError(f"there is no day {answer.day}", remedy=f"the stream has days 0 to {days - 1}")
    happened = truth.kind != "none"
    began = happened and answer.day >= truth.day
    right = answer.kind == truth.kind and (began or not happened)
    at_stake = max(float(losses.sum()), 0.0)
    noticed = answer.day if right else answer.day + _WRONG_DAYS if began and answer.kind != "none" else days
    lost = max(float(losses[: noticed + 1].sum()), 0.0)
    if answer.kind != "none" and not began:
        lost += stakes.investigation
    parts = dict.fromkeys(_POINTS, 0.0)
    if right:
        parts["kind"] = float(_POINTS["kind"])
        parts["feature"] = float(_POINTS["feature"]) if not truth.features or answer.feature in truth.features else 0.0
        near = not happened or (answer.since >= 0 and abs(answer.since - truth.day) <= _NEAR_DAYS)
        parts["since"] = float(_POINTS["since"]) if near else 0.0
        # nothing is known of a quiet time before it is over; an incident is worth less with each day that it goes on
        share = 1 - (answer.day - truth.day) / _SLOWEST_DAYS if happened else (answer.day + 1) / days
        parts["speed"] = round(_POINTS["speed"] * max(share, 0.0), 1)
    return Outcome(sum(parts.values()), parts, answer.day - truth.day + 1 if began else None, lost, at_stake)


def daily_losses(stream: Stream, quiet: Stream, *, threshold: float, stakes: Stakes) -> NDArray[np.float64]:
    """Money lost on each day because nobody reacts: what it cost, less what it would have cost after the right reaction.

    The right reaction to a fault of a feed is to repair it: the decisions on the values as they were meant. To a shift of
    the world, it is the threshold that turns out cheapest from then on (all or nobody flagged included). Failed requests and
    late days of the pipeline cost what `stakes` says. A single day can cost less by luck: its loss is below 0.

    Parameters
    ----------
    stream : Stream
    quiet : Stream
        The same rows and seed without an incident.
    threshold : float
        A request is flagged from this score on.
    stakes : Stakes

    Returns
    -------
    ndarray of float, shape (days,)
    """
    import numpy as np

    truth, day = stream.incident, stream.requests["day"].to_numpy()
    if len(quiet.requests) != len(stream.requests):
        raise DataError("the quiet stream is not the same stream", where="quiet")
    after = (day >= truth.day) & (truth.kind != "none")
    scores, labels = stream.requests["score"].to_numpy(), stream.truth()["label"].to_numpy()
    costs = np.zeros(len(day))
    if truth.kind in FEED_KINDS:
        meant = _costs(quiet.requests["score"].to_numpy(), labels, threshold, stakes)
        costs = _costs(scores, labels, threshold, stakes) - meant
    elif truth.kind in ("covariate", "prior", "concept"):
        best = cheapest_line(scores[after], labels[after], stakes)
        costs = _costs(scores, labels, threshold, stakes) - _costs(scores, labels, best, stakes)
    elif truth.kind == "latency":
        costs = np.where(stream.telemetry["status"].to_numpy() >= 500, stakes.failed_request, 0.0)
    if truth.kind == "log_anomaly":
        return np.where(np.arange(stream.days) >= truth.day, stakes.late_day, 0.0)
    return np.bincount(day, weights=np.where(after, costs, 0.0), minlength=stream.days).astype("float64")


def cheapest_line(scores: NDArray[np.float64], labels: NDArray[np.int64], stakes: Stakes) -> float:
    """The threshold with the least cost on these requests; infinite where it is cheapest to flag nobody."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    change = np.where(labels[order] == 1, -stakes.false_negative, stakes.false_positive)
    total = np.concatenate([[0.0], np.cumsum(change)])  # of flagging the first so many, beside flagging nobody
    ends = np.concatenate([[True], np.append(scores[order][1:] != scores[order][:-1], len(scores) > 0)])
    place = int(np.argmin(np.where(ends[: len(total)], total, math.inf)))
    return math.inf if place == 0 else float(scores[order][place - 1])


def _costs(scores: NDArray[np.float64], labels: NDArray[np.int64], threshold: float, stakes: Stakes) -> NDArray[np.float64]:
    import numpy as np

    flagged, ones = scores >= threshold, labels == 1
    needless = np.where(flagged & ~ones, stakes.false_positive, 0.0)
    return np.asarray(np.where(~flagged & ones, stakes.false_negative, needless))
