"""Who is told of what, and when: rules over a series of measurements, with the duration that keeps noise out.

A rule's condition has to hold for some time before anybody is told. The clock starts with the first measurement that meets
it (the alert is *pending*), and a single one that does not meet it sets the clock back, and so does a gap. This is how
Prometheus evaluates ``for``, and `prometheus_rules` writes the same rules down for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from lifecycle.monitor.service.errors import WatchError

if TYPE_CHECKING:
    import pandas as pd

STALE = 5.0
"""Minutes for which a measurement counts when no other follows, as in Prometheus."""

SEVERITIES = ("info", "warning", "critical")
"""From "read it when you have time" to "somebody is woken"."""


@dataclass(frozen=True)
class AlertRule:
    """A condition, how long it has to hold, how bad that is and what is to be done.

    Attributes
    ----------
    name : str
        In letters, digits and underscores, as ``"SlowAnswers"``.
    series : str
        The measurement's name: a column of what is evaluated.
    above, below : float or None
        The condition: strictly above, or strictly below. Exactly one of them is given, unless `missing`.
    minutes : float
        How long it has to hold, 0 or more.
    severity : str
        One of `SEVERITIES`.
    action : str
        What whoever is told should do first. A rule without an action is a decoration, so it is required.
    missing : bool
        The condition is that there is no measurement at all.
    expression : str
        The measurement in PromQL, for `prometheus_rules`. For a `missing` rule: the series that have to be there.
    lasting : str
        A second measurement in PromQL that has to meet the same limit: the short window of a burn rate, which says that it
        still goes on. `prometheus_rules` joins the two with ``and``; `alerts_of` takes a measurement as it is given, and
        `burning` has both windows in it.
    """

    name: str
    series: str
    above: float | None = None
    below: float | None = None
    minutes: float = 0
    severity: str = "warning"
    action: str = ""
    missing: bool = False
    expression: str = ""
    lasting: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise WatchError("a rule's name consists of letters, digits and underscores", where=repr(self.name))
        if (self.above is not None) + (self.below is not None) + self.missing != 1:
            raise WatchError("give one condition: `above`, `below` or `missing`", where=self.name)
        limit = self.above if self.above is not None else self.below
        if limit is not None and not math.isfinite(limit):
            raise WatchError(f"a limit of {limit:g} is never crossed", where=self.name)
        if not (self.minutes >= 0 and math.isfinite(self.minutes)):
            raise WatchError(f"a duration of {self.minutes:g} minutes is none", where=self.name)
        if self.severity not in SEVERITIES:
            raise WatchError(
                f"severity `{self.severity}` is unknown", where=self.name, tried="one of " + ", ".join(SEVERITIES)
            )
        if not self.action.strip():
            raise WatchError("nobody is told what to do", where=self.name, remedy="give an `action`, or drop the rule")
        if self.lasting and (self.missing or not self.expression):
            raise WatchError("`lasting` is a second measurement of what `expression` measures", where=self.name)

    @property
    def condition(self) -> str:
        """The condition in words, as ``p95_ms > 150 for 5 min``."""
        what = "is missing" if self.missing else f"> {self.above:g}" if self.above is not None else f"< {self.below:g}"
        lasting = f" for {self.minutes:g} min" if self.minutes else ""
        return f"{self.series} {what}{lasting}" + (", and lately too" if self.lasting else "")

    def met(self, value: float) -> bool:
        """Whether one measurement meets the condition; nan is a missing one and meets no limit."""
        if self.missing:
            return math.isnan(value)
        return value > self.above if self.above is not None else value < self.below  # type: ignore[operator]


@dataclass(frozen=True)
class Alert:
    """One time that somebody is told.

    Attributes
    ----------
    rule : AlertRule
    pending : float
        Minute of the first measurement that met the condition.
    fired : float
        Minute at which it had held long enough.
    resolved : float or None
        Minute of the first measurement that did not meet it any more; None while it goes on.
    """

    rule: AlertRule
    pending: float
    fired: float
    resolved: float | None

    def row(self) -> dict[str, object]:
        """As a line of a table."""
        return {
            "alert": self.rule.name, "severity": self.rule.severity, "pending": self.pending, "fired": self.fired,
            "resolved": self.resolved, "action": self.rule.action,
        }  # fmt: skip


def alerts_of(
    rule: AlertRule, values: Sequence[float], *, at: Sequence[float] | None = None, stale: float = STALE
) -> list[Alert]:
    """All times that a rule fires over a series.

    Parameters
    ----------
    rule : AlertRule
    values : sequence of float
        The measurements, in order of time; nan where there is none.
    at : sequence of float, optional
        Minute of each, strictly increasing; 0, 1, 2, … by default.
    stale : float
        A measurement counts for so many minutes at most, above 0. If the next comes later, there was none in between.

    Returns
    -------
    list of Alert
        In order of time.

    Notes
    -----
    A gap sets the clock back, whether it is a nan or a row that is not there. A nan is known to be a gap at once, like a
    source that Prometheus knows to be gone. A row that is not there is noticed when the measurement before it is `stale`
    minutes old, five as in Prometheus: an alert that was firing is resolved then, and a rule about missing values is met
    from then on. Otherwise a rule is looked at when something was measured, and after the last row nothing is said.

    Examples
    --------
    >>> slow = AlertRule("Slow", "p95_ms", above=150, minutes=2, action="look")
    >>> [(a.pending, a.fired, a.resolved) for a in alerts_of(slow, [90, 160, 170, 180, 90])]
    [(1, 3, 4)]
    """
    minutes = range(len(values)) if at is None else at
    if len(minutes) != len(values):
        raise WatchError(
            "each measurement needs its minute", where=rule.series, tried=f"{len(values)} values, {len(minutes)} minutes"
        )
    if not stale > 0:
        raise WatchError(f"a measurement that counts for {stale:g} minutes counts for none", where=rule.name)
    if len(minutes) > 1 and min(b - a for a, b in pairwise(minutes)) > stale:
        raise WatchError(
            f"no two measurements lie within {stale:g} minutes, so no condition could last", where=rule.series,
            remedy="give `stale`, longer than the time between two measurements",
        )  # fmt: skip
    found: list[Alert] = []
    pending = fired = None
    for minute, value in _with_gaps(rule, minutes, values, stale):
        if rule.met(value):
            pending = minute if pending is None else pending
            fired = minute if fired is None and minute - pending >= rule.minutes else fired
            continue
        if pending is not None and fired is not None:
            found.append(Alert(rule, pending, fired, minute))
        pending = fired = None
    if pending is not None and fired is not None:
        found.append(Alert(rule, pending, fired, None))
    return found


def evaluate_alerts(rules: Iterable[AlertRule], series: pd.DataFrame, *, stale: float = STALE) -> list[Alert]:
    """All alerts of all rules, in the order in which they fire; the graver first where two fire at once.

    Parameters
    ----------
    rules : iterable of AlertRule
    series : DataFrame
        A column a measurement, its index the minutes, increasing.
    stale : float
        Minutes for which a measurement counts at most; see `alerts_of`.

    Raises
    ------
    WatchError
        When a rule watches a column that is not there: silence about a missing column would look like health.
    """
    found: list[Alert] = []
    for rule in rules:
        if rule.series not in series.columns:
            raise WatchError(
                f"no measurement `{rule.series}`", where=rule.name, tried="columns: " + ", ".join(map(str, series.columns)),
                remedy="measure it, or drop the rule",
            )  # fmt: skip
        found += alerts_of(rule, series[rule.series].tolist(), at=series.index.tolist(), stale=stale)
    return sorted(found, key=lambda alert: (alert.fired, -SEVERITIES.index(alert.rule.severity), alert.rule.name))


def _with_gaps(
    rule: AlertRule, minutes: Iterable[float], values: Iterable[object], stale: float
) -> Iterator[tuple[float, float]]:
    """The measurements, and a nan where one has become too old to count."""
    last = None
    for minute, value in zip(minutes, values, strict=True):
        if last is not None and not minute > last:
            raise WatchError("the minutes do not increase", where=rule.series, tried=f"{minute:g} after {last:g}")
        if last is not None:
            moments = sorted({last + stale, last + stale + rule.minutes})  # when silence begins, and when it has held
            yield from ((moment, math.nan) for moment in moments if moment < minute)
        last = minute
        yield minute, _number(value, rule)


def _number(value: object, rule: AlertRule) -> float:
    """A measurement as a number; None is a missing one."""
    if value is None:
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise WatchError(
            f"`{value}` is no measurement", where=rule.series, remedy="give numbers, nan where there is none"
        ) from error
