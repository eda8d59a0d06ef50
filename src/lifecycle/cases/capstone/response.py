"""What helps against which incident. A rollback brings back an older version; it brings back no older world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lifecycle.cases.errors import CaseError

_FIRST = {
    "none": "nothing; write down what was looked at, and loosen the alarm if it rings like this again",
    "covariate": "weigh or retrain for the new mix of cases, after checking that it is real",
    "prior": "correct the chances for the new share and move the threshold",
    "concept": "raise caution by hand (a stricter threshold, people), then retrain on rows from after the change",
    "broken_feed": "stop the feed, score with what was known last, repair, and score again what was scored on it",
    "unit_change": "convert at the door, agree on the unit in the contract, and score again",
    "silent_null": "refuse rows without the field instead of filling it, repair the source, and score again",
    "latency": "take load off, or roll back where a release brought it",
    "log_anomaly": "retry the step that fails, and rerun what came after it",
}
_NEXT = {
    "none": {"a look every week at how often the alarm rings without cause": "model owner"},
    "covariate": {"the mix of cases is watched by segment": "data scientist"},
    "prior": {"the share of positives is asked for every week": "business owner"},
    "concept": {"outcomes arrive sooner for a small sample": "business owner"},
    "broken_feed": {"the contract refuses a feed that stands still": "data owner"},
    "unit_change": {"the contract has limits that another unit breaks": "data owner"},
    "silent_null": {"the contract refuses rows without the field": "data owner"},
    "latency": {"a load test at twice the traffic stands before a release": "operations"},
    "log_anomaly": {"an alarm counts the retries of each step": "operations"},
}
_OF_THE_VERSION = ("latency", "log_anomaly")
_OF_ITS_CODE = ("unit_change", "silent_null")
"""Faults of the inputs that new code for features brings as well as a feed does."""


@dataclass(frozen=True)
class Response:
    """What to do.

    Attributes
    ----------
    roll_back : bool
    because : str
        Why, or why not.
    first : str
        What to do first, rollback or not.
    next_steps : mapping of str to str
        What lets it be seen earlier the next time, or keeps it from happening, and who answers for it.
    """

    roll_back: bool
    because: str
    first: str
    next_steps: Mapping[str, str]


def respond(kind: str, *, since: int, released: int | None = None, near: int = 1) -> Response:
    """Choose a response to an incident.

    Parameters
    ----------
    kind : str
        What was diagnosed, as in `lifecycle.monitor.KINDS`.
    since : int
        First day affected; -1 where nothing happened.
    released : int, optional
        Day of the last release, where there was one.
    near : int
        Days between a release and the first day affected, up to which the release is suspected.

    Returns
    -------
    Response
        A rollback only where it can help: the fault is one that a version can bring, and it began with a release.

    Raises
    ------
    CaseError
        For a kind that is not known.
    """
    if kind not in _FIRST:
        raise CaseError(
            f"there is no incident of kind `{kind}`", where="capstone: response", remedy="one of " + ", ".join(_FIRST)
        )
    began_with_it = released is not None and since >= 0 and 0 <= since - released <= near
    back = began_with_it and kind in (*_OF_THE_VERSION, *_OF_ITS_CODE)
    if kind == "none":
        because = "nothing is wrong with the version"
    elif back and kind in _OF_ITS_CODE:
        because = f"it began on day {since}, with the release of day {released}: new code for features is a usual cause"
    elif back:
        because = f"it began on day {since}, with the release of day {released}"
    elif kind in _OF_THE_VERSION:
        because = f"no release within {near} day(s) before it: an older version would suffer as well"
    elif kind in _OF_ITS_CODE:
        because = f"no release within {near} day(s) before it: the older version would meet the same inputs"
    else:
        because = "the older version would meet the same inputs in the same world"
    return Response(back, because, _FIRST[kind], dict(_NEXT[kind]))
