"""When to retrain: four kinds of trigger, evaluated week by week on what was known in that week."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lifecycle.errors import DataError


def _at_least(value: int, least: int, name: str) -> None:
    if value < least:
        raise DataError(f"is {value}, and must be at least {least}", where=f"`{name}`")


@dataclass(frozen=True)
class Week:
    """What a team knows at the end of a week.

    Attributes
    ----------
    number : int
        1 or more.
    measures : mapping
        By name, as ``{"accuracy": 0.87, "ks": 0.12}``. What is not known is left out or None; NaN counts as unknown.
    labels : int
        How many labels stand behind what was measured with labels.
    requests : tuple of str
        What people asked for, as ``("the tariff rules change",)``.
    """

    number: int
    measures: Mapping[str, float | None] = field(default_factory=dict)
    labels: int = 0
    requests: tuple[str, ...] = ()

    def value(self, measure: str) -> float | None:
        """The measure, or None where it is not known."""
        found = self.measures.get(measure)
        return None if found is None or math.isnan(found) else float(found)


@dataclass(frozen=True)
class Scheduled:
    """Fires every `every` weeks, whatever the figures say."""

    every: int = 1
    action: str = "retrain on the last 6 months"
    approval: str = "automatic, after the comparison"
    name: str = "scheduled"

    def __post_init__(self) -> None:
        _at_least(self.every, 1, "every")

    def reason(self, weeks: Sequence[Week]) -> str | None:
        """Why it fires in the last of `weeks`, or None."""
        number = weeks[-1].number
        return f"week {number} is due" if number % self.every == 0 else None


@dataclass(frozen=True)
class Below:
    """Fires when a measure taken with labels is below `limit`, `in_a_row` weeks running, on enough labels each.

    A week with fewer than `least_labels` labels, or without the measure, proves nothing: it does not fire, and a run of
    weeks begins anew after it. So it does after a week that is missing altogether.
    """

    measure: str = "accuracy"
    limit: float = 0.85
    least_labels: int = 0
    in_a_row: int = 1
    action: str = "retrain at once"
    approval: str = "automatic if better than 0.90 on test and than the champion"
    name: str = "performance"

    def __post_init__(self) -> None:
        _at_least(self.in_a_row, 1, "in_a_row")
        _at_least(self.least_labels, 0, "least_labels")

    def reason(self, weeks: Sequence[Week]) -> str | None:
        """Why it fires in the last of `weeks`, or None."""
        values = [week.value(self.measure) if week.labels >= self.least_labels else None for week in weeks]
        numbers = [week.number for week in weeks]
        return _run(self.measure, numbers, values, lambda value: value < self.limit, f"< {self.limit:g}", self.in_a_row)


@dataclass(frozen=True)
class Above:
    """Fires when a measure that needs no labels is above `limit`, `in_a_row` weeks running.

    A week without the measure, or one that is missing, ends a run.
    """

    measure: str = "ks"
    limit: float = 0.2
    in_a_row: int = 1
    action: str = "alert"
    approval: str = "a person looks, then retrains"
    name: str = "drift"

    def __post_init__(self) -> None:
        _at_least(self.in_a_row, 1, "in_a_row")

    def reason(self, weeks: Sequence[Week]) -> str | None:
        """Why it fires in the last of `weeks`, or None."""
        values = [week.value(self.measure) for week in weeks]
        numbers = [week.number for week in weeks]
        return _run(self.measure, numbers, values, lambda value: value > self.limit, f"> {self.limit:g}", self.in_a_row)


@dataclass(frozen=True)
class Requested:
    """Fires when somebody asks: a rule changed, a product ended."""

    action: str = "planned retraining"
    approval: str = "full validation, and the people who asked"
    name: str = "manual"

    def reason(self, weeks: Sequence[Week]) -> str | None:
        """Why it fires in the last of `weeks`, or None."""
        return "; ".join(weeks[-1].requests) or None


Trigger = Scheduled | Below | Above | Requested
"""Any of the four kinds."""

TRIGGERS: tuple[Trigger, ...] = (Scheduled(), Below(), Above(), Requested())
"""The four with the limits that are usual in the field: weekly, accuracy below .85, KS above .2, on request."""


@dataclass(frozen=True)
class Fired:
    """A trigger that fired: in which week, why, what follows, and who has to agree."""

    week: int
    trigger: str
    reason: str
    action: str
    approval: str


def fired(weeks: Sequence[Week], triggers: Sequence[Trigger] = TRIGGERS, *, cool_down: int = 0) -> list[Fired]:
    """Go through the weeks as a team lives through them, and note what fires.

    Parameters
    ----------
    weeks : sequence of Week
        In their order.
    triggers : sequence of trigger
        Evaluated in this order in each week; several may fire in one.
    cool_down : int
        For so many weeks after a performance trigger has fired, it stays silent: a successor needs time to be made and to
        collect labels, and alarms about its predecessor are no news. The same for drift. Schedules and people are never
        silenced.

    Returns
    -------
    list of Fired
        By week, then in the order of the triggers.

    Raises
    ------
    DataError
        When the weeks are not in order, or two triggers have one name.
    """
    numbers = [week.number for week in weeks]
    if any(a >= b for a, b in pairwise(numbers)):
        raise DataError("the weeks are not in their order", where="weeks", tried=", ".join(map(str, numbers[:12])))
    names = [trigger.name for trigger in triggers]
    if len(set(names)) < len(names):
        raise DataError("two triggers have the same name", where="triggers", tried=", ".join(names))
    _at_least(cool_down, 0, "cool_down")
    found: list[Fired] = []
    last: dict[str, int] = {}
    for place, week in enumerate(weeks):
        for trigger in triggers:
            reason = trigger.reason(weeks[: place + 1])
            silenced = isinstance(trigger, Below | Above) and week.number - last.get(trigger.name, -math.inf) <= cool_down
            if reason is not None and not silenced:
                found.append(Fired(week.number, trigger.name, reason, trigger.action, trigger.approval))
                last[trigger.name] = week.number
    return found


def false_alarms(accuracy: float, *, limit: float, labels: int, weeks: int = 52) -> float:
    """How often a weekly limit fires in `weeks` weeks although nothing changes.

    Parameters
    ----------
    accuracy : float
        The true, unchanging accuracy, 0 to 1.
    limit : float
        The trigger fires when the accuracy measured on a week's labels is below it.
    labels : int
        Labels a week, 1 or more.
    weeks : int

    Returns
    -------
    float
        The expected number of alarms: `weeks` times the binomial probability of fewer right answers than the limit asks.

    Raises
    ------
    DataError
        For a share outside 0 to 1 or no labels.
    """
    from scipy.stats import binom

    if not (0 <= accuracy <= 1 and 0 <= limit <= 1):
        raise DataError(f"`accuracy` and `limit` are shares from 0 to 1, not {accuracy:g} and {limit:g}")
    _at_least(labels, 1, "labels")
    _at_least(weeks, 0, "weeks")
    least = math.ceil(round(limit * labels, 9))  # so many right answers are not below the limit
    return weeks * float(binom.cdf(least - 1, labels, accuracy))


def _run(
    measure: str,
    numbers: Sequence[int],
    values: Sequence[float | None],
    broken: Callable[[float], bool],
    limit: str,
    length: int,
) -> str | None:
    """The reason when the values of the last `length` weeks, none of which is missing, are all known and broken."""
    newest = values[-length:]
    if len(newest) < length or numbers[-1] - numbers[-length] != length - 1:
        return None
    if not all(value is not None and broken(value) for value in newest):
        return None
    weeks = "" if length == 1 else f", {length} weeks running"
    return f"{measure} {newest[-1]:.3g} {limit}{weeks}"
