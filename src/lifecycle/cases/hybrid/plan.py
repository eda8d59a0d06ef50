"""A monitoring plan as data: who watches what, from when it can be known, what limit counts, and what is done then.

A plan in prose is agreed to by everybody. As data it can be asked: does somebody own this? Is the truth there when the watch
looks? Is there a page in the runbook for it?
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number

VIEWS = ("service", "data", "truth", "business")
"""What a plan has to watch: does it answer, are the inputs what they were, is it right, and what is it worth?"""

PLAN_PARTS = ("detector", "owners", "truth", "people", "learning", "rollback", "watches", "runbook")
AT_ONCE = "at once"
"""The `truth` of a business watch that counts what is seen at once, as alerts, and needs no label."""

SEVERITIES = ("info", "warning", "critical")


def plan_faults(plan: Mapping[str, Any]) -> list[str]:
    """What is wrong with a plan; an empty list if nothing is.

    Parameters
    ----------
    plan : mapping
        Its parts are `PLAN_PARTS`: ``detector`` (name, version); ``owners`` (name: how to reach them); ``truth`` (source:
        ``days`` until it is in); ``people`` (``budget`` and ``capacity``, alerts a month); ``learning`` (``from_decisions``,
        true if what it stops gets its label from that; ``explore``, the share of alerts that are judged all the same;
        ``novelty_floor``); ``rollback`` (version, how); ``watches`` (each with ``name``, ``view``, ``unit``, ``above`` or
        ``below``, ``days`` that it looks back, ``severity``, ``owner``, ``runbook``, and ``truth``, a source, if it watches
        the truth or the business; `AT_ONCE` for business that needs no label); ``runbook`` (page: steps).

    Returns
    -------
    list of str
        A line a fault, which begins with the path to it, as ``watches[2].owner: ...``.
    """
    if not _is_mapping(plan):
        return ["plan: a mapping of its parts is needed"]
    missing = [f"{part}: the plan has no such part" for part in PLAN_PARTS if not plan.get(part)]
    missing = missing or _form_faults(plan)
    if missing:
        return missing
    faults = [fault for at, watch in enumerate(plan["watches"]) for fault in _watch_faults(f"watches[{at}]", watch, plan)]
    names = [str(watch.get("name")) for watch in plan["watches"]]
    faults += [f"watches: `{name}` is there twice" for name in sorted({n for n in names if names.count(n) > 1})]
    seen = {str(watch.get("view")) for watch in plan["watches"]}
    faults += [f"watches: nothing watches the {view}" for view in VIEWS if view not in seen]
    used = {str(watch.get("runbook")) for watch in plan["watches"]}
    faults += [f"runbook.{page}: no watch leads to it" for page in plan["runbook"] if page not in used]
    return faults + _people_faults(plan["people"]) + _learning_faults(plan["learning"])


def ringing(plan: Mapping[str, Any], values: Mapping[str, float]) -> list[dict[str, str]]:
    """The watches of a sound plan whose limit is crossed, or that were not measured, worst first.

    Parameters
    ----------
    plan : mapping
        Without faults.
    values : mapping of str to float
        A measurement by the name of its watch. One that is not there, or nan, rings: silence is not health.

    Returns
    -------
    list of dict
        ``watch``, ``severity``, ``owner``, ``value`` (as text) and ``first`` (the first step of its page in the runbook).

    Raises
    ------
    CaseError
        For a plan with faults, a value that no watch asks for, or one that is no number.
    """
    faults = plan_faults(plan)
    if faults:
        raise CaseError(
            "a plan with faults is not to be relied on", where=f"hybrid: {faults[0]}", remedy="mend it: `plan_faults`"
        )
    unknown = sorted(set(values) - {watch["name"] for watch in plan["watches"]})
    if unknown:
        raise CaseError(f"no watch asks for `{unknown[0]}`", where="hybrid: ringing")
    wrong = [name for name, value in values.items() if not _is_real(value)]
    if wrong:
        raise CaseError(f"what was measured for `{wrong[0]}` is no number", where="hybrid: ringing")
    rung = []
    for watch in plan["watches"]:
        value = float(values.get(watch["name"], math.nan))
        if math.isnan(value) or value > watch.get("above", math.inf) or value < watch.get("below", -math.inf):
            told = "not measured" if math.isnan(value) else f"{value:.3g} {watch['unit']}"
            rung.append(
                {"watch": watch["name"], "severity": watch["severity"], "owner": watch["owner"], "value": told}
                | {"first": plan["runbook"][watch["runbook"]][0]}
            )
    return sorted(rung, key=lambda each: -SEVERITIES.index(each["severity"]))


def _form_faults(plan: Mapping[str, Any]) -> list[str]:
    """What is not of the form that the questions are asked of."""
    parts = [part for part in PLAN_PARTS if part != "watches"]
    faults = [f"{part}: a mapping is needed" for part in parts if not _is_mapping(plan[part])]
    watches = plan["watches"]
    if not isinstance(watches, list | tuple) or not all(isinstance(watch, Mapping) for watch in watches):
        faults.append("watches: a list of mappings is needed")
    if faults:
        return faults
    for source, told in plan["truth"].items():
        if not isinstance(told, Mapping) or not is_number(told.get("days"), least=0):
            faults.append(f"truth.{source}.days: the days until it is in are needed, 0 or more")
    for page, steps in plan["runbook"].items():
        if not isinstance(steps, list | tuple) or not all(isinstance(step, str) and step for step in steps):
            faults.append(f"runbook.{page}: a list of steps in words is needed")
        elif not steps:
            faults.append(f"runbook.{page}: there are no steps")
    return faults


def _watch_faults(path: str, watch: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """What is wrong with one watch."""
    words = [part for part in ("name", "view", "unit", "severity", "owner", "runbook") if not _is_word(watch.get(part))]
    faults = [f"{path}.{part}: missing" for part in words]
    if not is_number(watch.get("days")) or watch["days"] <= 0:
        faults.append(f"{path}.days: a number above 0 is needed")
    if faults:
        return faults
    limits = [watch[side] for side in ("above", "below") if side in watch]
    if len(limits) != 1 or not is_number(limits[0]):
        faults.append(
            f"{path}: `{watch['name']}` needs one limit, `above` or `below`: without it nobody knows when it rings"
        )
    allowed: dict[str, Sequence[str] | Mapping[str, Any]] = {"view": VIEWS, "severity": SEVERITIES, "owner": plan["owners"]}
    allowed["runbook"] = plan["runbook"]
    faults += [f"{path}.{part}: `{watch[part]}` is unknown" for part, names in allowed.items() if watch[part] not in names]
    return faults + _truth_faults(path, watch, plan["truth"])


def _truth_faults(path: str, watch: Mapping[str, Any], truth: Mapping[str, Any]) -> list[str]:
    """Whether the truth is there when a watch looks: later days of the time it looks back have none yet."""
    source = watch.get("truth")
    if source is None or (source == AT_ONCE and watch["view"] == "business"):
        needed = source is None and watch["view"] in ("truth", "business")
        return [f"{path}.truth: `{watch['name']}` does not say from where it is known"] if needed else []
    if not _is_word(source) or source not in truth:
        return [f"{path}.truth: `{source}` is unknown"]
    days = truth[source]["days"]
    if watch["days"] <= days:
        return [f"{path}.days: looks back {watch['days']} days, and the truth of `{source}` takes {days}"]
    return []


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_real(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _people_faults(people: Mapping[str, Any]) -> list[str]:
    budget, capacity = people.get("budget"), people.get("capacity")
    if not is_number(budget, least=1) or not is_number(capacity, least=1):
        return ["people: a budget of alerts and the capacity of those who look are needed, 1 or more"]
    if people["budget"] > people["capacity"]:
        return [f"people.budget: {budget} alerts, and people can look at {capacity}"]
    return []


def _learning_faults(learning: Mapping[str, Any]) -> list[str]:
    faults = []
    if not is_number(learning.get("explore", 0), least=0, most=1):
        faults.append("learning.explore: a share lies in 0 to 1")
    elif learning.get("from_decisions") and not learning.get("explore"):
        faults.append("learning.explore: it learns from its own decisions, and nothing would contradict it")
    if not is_number(learning.get("novelty_floor", 0), least=0, most=1):
        faults.append("learning.novelty_floor: a share lies in 0 to 1")
    elif not learning.get("novelty_floor"):
        faults.append("learning.novelty_floor: nobody would look for what is new")
    return faults
