"""A stream of days: requests, labels that come late, measurements of the service and its log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError
from lifecycle.monitor.replay.delay import NEVER, Delay
from lifecycle.monitor.replay.incident import FEED_KINDS, NO_INCIDENT, Incident
from lifecycle.monitor.replay.rows import drawn_rows, received, segment, turned
from lifecycle.monitor.replay.service import log_lines, measurements, minutes

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Scores = Callable[["pd.DataFrame"], Any]


@dataclass(frozen=True, eq=False)
class Stream:
    """What a service went through, day by day; made by `replay`.

    Attributes
    ----------
    requests : DataFrame
        A row a request, in the order of time: ``request_id``, ``day``, ``minute`` (0 to 1439), ``entity``, the features as
        the service received them, ``score``.
    labels : DataFrame
        ``request_id``, ``day_known`` (-1: never), ``label`` (-1 where it is never known). It holds the future too: what is
        known on a day is `known`.
    telemetry : DataFrame
        ``request_id``, ``day``, ``latency_ms``, ``status``: what the service measures of itself; simulated.
    log : DataFrame
        ``day``, ``minute``, ``level``, ``message``: lines of the data pipeline and the service; simulated.
    features : tuple of str
        The columns of `requests` that the model takes.
    days : int
    incident : Incident
        The truth. A detector that is to be judged must not look.
    """

    requests: pd.DataFrame
    labels: pd.DataFrame
    telemetry: pd.DataFrame
    log: pd.DataFrame
    features: tuple[str, ...]
    days: int
    incident: Incident = field(repr=False)
    _outcomes: NDArray[np.int64] = field(repr=False)

    def day(self, day: int) -> pd.DataFrame:
        """The requests of one day, with a fresh index; `DataError` for a day outside of the stream."""
        if not 0 <= day < self.days:
            raise DataError(f"there is no day {day}", remedy=f"the stream has days 0 to {self.days - 1}")
        return self.requests[self.requests["day"] == day].reset_index(drop=True)

    def known(self, day: int) -> pd.DataFrame:
        """The labels known at the end of `day`: ``request_id``, ``day_known``, ``label``."""
        when = self.labels["day_known"]
        return self.labels[(when != NEVER) & (when <= day)].reset_index(drop=True)

    def truth(self) -> pd.DataFrame:
        """All outcomes, ``request_id`` and ``label``: to judge with afterwards, never to detect with."""
        return self.requests[["request_id"]].assign(label=self._outcomes)

    def until(self, day: int) -> Stream:
        """What has been seen by the end of `day`: the same stream without its future. It still knows its incident."""
        seen = self.requests["day"] <= day
        labels = self.labels[seen]
        late = (labels["day_known"] == NEVER) | (labels["day_known"] > day)
        return Stream(
            self.requests[seen].reset_index(drop=True),
            labels.assign(
                day_known=labels["day_known"].mask(late, NEVER), label=labels["label"].mask(late, NEVER)
            ).reset_index(drop=True),
            self.telemetry[self.telemetry["day"] <= day].reset_index(drop=True),
            self.log[self.log["day"] <= day].reset_index(drop=True),
            self.features, min(day + 1, self.days), self.incident, self._outcomes[seen.to_numpy()],
        )  # fmt: skip


def replay(
    rows: pd.DataFrame,
    *,
    target: str,
    scores: Scores | str,
    days: int = 60,
    per_day: int = 200,
    incident: Incident | None = None,
    delay: Delay | None = None,
    seed: int = 0,
    features: Sequence[str] | None = None,
) -> Stream:
    """Make a stream of days of real rows.

    Rows are drawn with replacement, so a row can come more than once. With one seed, the days before an incident are the
    same whatever the incident is.

    Parameters
    ----------
    rows : DataFrame
        Rows that the model has not seen: `target`, the features, and perhaps ``entity`` and ``score``.
    target : str
        The column with the outcome, 0 or 1.
    scores : callable or str
        Takes the features of n requests as a DataFrame and gives n scores; or the name of a column with scores, which is
        enough as long as no incident changes values.
    days, per_day : int
        Days, and requests a day; 1 or more.
    incident : Incident, optional
        None: nothing happens.
    delay : Delay, optional
        By default ``Delay()``: a week, a month at most.
    seed : int
    features : sequence of str, optional
        What the model takes, in its order; by default every column but the target, ``entity``, ``split`` and ``score``.

    Returns
    -------
    Stream

    Raises
    ------
    DataError
        For columns that are missing or not numbers, a target that is not 0 and 1, scores that do not fit, an incident that
        hits a feature that is not there or comes after the last day.

    Examples
    --------
    >>> stream = replay(rows, target="default", scores=package.scores, incident=Incident("prior", 30))  # doctest: +SKIP
    """
    import numpy as np
    import pandas as pd

    happens, late = incident or NO_INCIDENT, delay or Delay()
    names = _features(rows, target, scores, features)
    _checked(rows, target, names, scores, happens, days, per_day)
    inputs = rows[names].astype("float64")
    outcomes = rows[target].to_numpy(dtype="int64")
    chance = {name: np.random.default_rng([seed, number]) for number, name in enumerate(
        ("rows", "minutes", "concept", "feed", "delay", "telemetry", "log"))}  # fmt: skip

    day = np.repeat(np.arange(days), per_day)
    place = drawn_rows(inputs, outcomes, day, happens, chance["rows"])
    came, labels = inputs.iloc[place].reset_index(drop=True), outcomes[place]
    if happens.kind == "concept":
        inside = segment(inputs[happens.features[0]].to_numpy())[place] & (day >= happens.day)
        labels = turned(labels, inside, happens.strength, chance["concept"])
    elif happens.kind in FEED_KINDS:
        name = happens.features[0]
        came[name] = received(came[name].to_numpy(), day, happens, chance["feed"])
    entity = rows["entity"].to_numpy()[place] if "entity" in rows.columns else place
    ids = [f"d{when:03d}-{number:05d}" for when in range(days) for number in range(per_day)]
    requests = pd.DataFrame(
        {"request_id": ids, "day": day, "minute": minutes(days, per_day, chance["minutes"]), "entity": entity}
    )
    requests = pd.concat([requests, came], axis=1)
    requests["score"] = rows[scores].to_numpy(dtype="float64")[place] if isinstance(scores, str) else _scored(scores, came)

    waits = late.days(labels, chance["delay"])
    when = np.where(waits == NEVER, NEVER, day + waits)
    shown = np.where(waits == NEVER, NEVER, labels)
    return Stream(
        requests, pd.DataFrame({"request_id": ids, "day_known": when, "label": shown}),
        measurements(requests, happens, chance["telemetry"]), log_lines(days, per_day, happens, chance["log"]),
        tuple(names), days, happens, labels,
    )  # fmt: skip


def _features(rows: pd.DataFrame, target: str, scores: Scores | str, features: Sequence[str] | None) -> list[str]:
    if features is not None:
        return [str(name) for name in features]
    others = {target, "entity", "split", "score", *([scores] if isinstance(scores, str) else [])}
    return [str(name) for name in rows.columns if name not in others]


def _checked(
    rows: pd.DataFrame, target: str, names: list[str], scores: Scores | str, incident: Incident, days: int, per_day: int
) -> None:
    import numpy as np

    if days < 1 or per_day < 1:
        raise DataError(f"{days} days with {per_day} requests make no stream", remedy="give 1 or more of both")
    if len(rows) == 0 or not names:
        raise DataError("there are no rows, or no features, to replay", where="rows")
    needed = [target, *names, *([scores] if isinstance(scores, str) else [])]
    for name in needed:
        if name not in rows.columns:
            raise DataError(f"column `{name}` is missing", where="rows")
        try:
            values = rows[name].to_numpy(dtype="float64")
        except (ValueError, TypeError):
            raise DataError(f"column `{name}` does not hold numbers", where="rows",
                            remedy="replay model inputs, not raw rows") from None  # fmt: skip
        if not np.isfinite(values).all():
            raise DataError(f"column `{name}` has missing or infinite values", where="rows")
    if not rows[target].isin((0, 1)).all():
        raise DataError(f"the target `{target}` holds values besides 0 and 1", where="rows")
    unknown = [name for name in incident.features if name not in names]
    if unknown:
        raise DataError(f"the incident hits `{unknown[0]}`, which is no feature", remedy="one of " + ", ".join(names))
    if incident.day >= days:
        raise DataError(f"the incident begins on day {incident.day}, and the stream has {days} days")
    if isinstance(scores, str) and incident.kind in FEED_KINDS:
        raise DataError(f"kind `{incident.kind}` changes values, and column `{scores}` has the scores of the unchanged ones",
                        remedy="give a function that scores rows, as a package's `scores`")  # fmt: skip


def _scored(scores: Scores, came: pd.DataFrame) -> NDArray[np.float64]:
    import numpy as np

    found = np.asarray(scores(came), dtype="float64")
    if found.shape != (len(came),):
        raise DataError(f"{len(came):,} rows got scores of shape {found.shape}", where="scores",
                        remedy="give one chance a row")  # fmt: skip
    if not np.isfinite(found).all():
        raise DataError("some scores are missing or infinite", where="scores")
    return found
