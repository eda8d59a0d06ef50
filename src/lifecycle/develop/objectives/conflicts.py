"""Targets that cannot be relied on together, found by arithmetic before any model exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lifecycle.develop.objectives.cost import affordable_unit_cost, monthly_volume, total_spend
from lifecycle.develop.objectives.feasibility import largest_fpr, precision
from lifecycle.develop.objectives.objective import Objective
from lifecycle.develop.objectives.quantities import CharterError, amount, rate


@dataclass(frozen=True)
class Conflict:
    """Two fields that do not go together.

    Attributes
    ----------
    fields : tuple of two str
        Paths, as ``("performance.precision", "performance.false_positive_rate")``; what the data or the platform say is
        called ``prevalence`` or ``measured.latency``.
    reason : str
        The arithmetic, in a sentence.
    remedy : str
        What would resolve it.
    """

    fields: tuple[str, str]
    reason: str
    remedy: str


def find_conflicts(
    objective: Objective, *, prevalence: float, measured: Mapping[str, float] | None = None
) -> list[Conflict]:
    """List the conflicts between an objective's targets, its data and what has been measured.

    Parameters
    ----------
    objective : Objective
        The targets.
    prevalence : float
        Share of positive cases in the data, in (0, 1).
    measured : mapping, optional
        Values of measures that are known already, by measure, in the unit of their target (rates in [0, 1], ms, ...).

    Returns
    -------
    list of Conflict
        Empty where the targets hold together. Two bounds conflict when a system that only just meets one misses the other.

    Raises
    ------
    CharterError
        When `prevalence` is outside (0, 1), or `measured` names a measure without a target or has a value out of range.
    """
    if rate(prevalence, "prevalence") in (0, 1):
        raise CharterError(f"needs both kinds of cases, so not {prevalence!r}", where="prevalence")
    return [
        *_precision(objective, prevalence),
        *_empty_promises(objective, prevalence),
        *_unit_cost(objective),
        *_year_one(objective),
        *_measured(objective, measured or {}),
    ]


def _precision(objective: Objective, prevalence: float) -> list[Conflict]:
    recall, fpr = objective.bound("recall"), objective.bound("false_positive_rate")
    wanted = objective.bound("precision")
    if recall is None or fpr is None or not wanted:
        return []
    implied = precision(prevalence=prevalence, tpr=recall, fpr=fpr)
    if not implied < wanted:  # not a number where no alert is ever raised
        return []
    limit = largest_fpr(prevalence=prevalence, tpr=recall, precision=wanted)
    given, asked = _spoken(implied, "rate"), _spoken(wanted, "rate")
    reason = f"recall and false-positive rate at their bounds give a precision of {given}, not {asked}"
    remedy = f"a false-positive rate of {limit:.2g} at most, or a precision that the other two imply"
    return [Conflict(_pair(objective, "precision", "false_positive_rate"), reason, remedy)]


def _empty_promises(objective: Objective, prevalence: float) -> list[Conflict]:
    found = []
    majority = max(prevalence, 1 - prevalence)
    wanted = objective.bound("accuracy")
    if wanted is not None and wanted <= majority:
        reason = f"always giving the commoner answer is right in {_spoken(majority, 'rate')} of cases already"
        found.append(Conflict((_path(objective, "accuracy"), "prevalence"), reason, "ask for recall and precision instead"))
    wanted = objective.bound("precision")
    if wanted is not None and wanted <= prevalence:
        reason = f"raising an alert for everybody has a precision of {_spoken(prevalence, 'rate')} already"
        found.append(Conflict((_path(objective, "precision"), "prevalence"), reason, "ask for more than the prevalence"))
    recall, fpr = objective.bound("recall"), objective.bound("false_positive_rate")
    if recall is not None and fpr is not None and recall <= fpr:
        reason = "alerts drawn by lot meet both, since positives need not raise them more often than negatives"
        found.append(Conflict(_pair(objective, "recall", "false_positive_rate"), reason, "ask for more recall than that"))
    return found


def _unit_cost(objective: Objective) -> list[Conflict]:
    price, budget = objective.bound("per_decision"), objective.bound("operations")
    volume = monthly_decisions(objective)
    if price is None or budget is None or not volume or price * volume <= budget:
        return []
    reason = f"{volume:,.0f} decisions a month at {price:g} each cost {price * volume:,.0f}, and the budget is {budget:,.0f}"
    allowed = affordable_unit_cost(budget, per_second=volume / monthly_volume(1))
    return [Conflict(_pair(objective, "per_decision", "operations"), reason, f"{allowed:.2g} a decision, or fewer of them")]


def _year_one(objective: Objective) -> list[Conflict]:
    limit = objective.bound("year_one")
    if limit is None:
        return []
    monthly = (objective.bound("operations") or 0) + (objective.bound("training") or 0)
    spend = total_spend(setup=objective.bound("development") or 0, monthly=monthly)
    if spend <= limit:
        return []
    part = "operations" if monthly else "development"
    reason = f"set-up and twelve months cost {spend:,.0f}, and the limit is {limit:,.0f}"
    return [Conflict(_pair(objective, "year_one", part), reason, "lower a part or raise the limit")]


def _measured(objective: Objective, measured: Mapping[str, float]) -> list[Conflict]:
    found = []
    for measure, value in measured.items():
        path = objective.path_of(measure)
        if path is None:
            raise CharterError("was measured, but no target names it", where=f"measured.{measure}")
        target = objective.targets[path]
        (rate if target.unit == "rate" else amount)(value, f"measured.{measure}")
        if not target.met_by(value):
            reason = f"the target is {target}, and what has been measured is {_spoken(value, target.unit)}"
            found.append(Conflict((path, f"measured.{measure}"), reason, "pay for the difference or move the target"))
    return found


def monthly_decisions(objective: Objective) -> float | None:
    """Decisions a month: the target `decisions`, else `requests` arriving all month long, else ``None``."""
    stated, per_second = objective.bound("decisions"), objective.bound("requests")
    if stated is not None:
        return stated
    return None if per_second is None else monthly_volume(per_second)


def _pair(objective: Objective, first: str, second: str) -> tuple[str, str]:
    return _path(objective, first), _path(objective, second)


def _path(objective: Objective, measure: str) -> str:
    path = objective.path_of(measure)
    assert path is not None  # the caller has read its bound
    return path


def _spoken(value: float, unit: str) -> str:
    return f"{100 * value:.4g} %" if unit == "rate" else f"{value:,g} {unit}"
