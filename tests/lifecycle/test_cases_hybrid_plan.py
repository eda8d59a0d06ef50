"""A monitoring plan that can be asked questions."""

from __future__ import annotations

import copy
import math

import pytest

from lifecycle.cases import PLAN_PARTS, VIEWS, CaseError, plan_faults, ringing


def watch(name: str, view: str, **more: object) -> dict:
    told = {"name": name, "view": view, "unit": "x", "days": 30, "severity": "warning", "owner": "desk", "runbook": "look"}
    return told | more


PLAN = {
    "detector": {"name": "cards", "version": "1"},
    "owners": {"desk": "every day", "team": "weekdays"},
    "truth": {"review": {"days": 2}, "complaints": {"days": 60}},
    "people": {"budget": 90, "capacity": 90},
    "learning": {"from_decisions": True, "explore": 0.1, "novelty_floor": 0.1},
    "rollback": {"version": "0", "how": "alias"},
    "watches": [
        watch("p95", "service", above=150, severity="critical"),
        watch("psi", "data", above=0.25, owner="team"),
        watch("precision", "truth", below=0.4, truth="review"),
        watch("lost", "business", above=1_000, runbook="stop", days=90, truth="complaints"),
        watch("alerts", "business", above=100, truth="at once"),
    ],
    "runbook": {"look": ["look", "then act"], "stop": ["stop it"]},
}
QUIET = {"p95": 80, "psi": 0.01, "precision": 0.7, "lost": 10, "alerts": 90}


def changed(path: str, value: object) -> dict:
    plan = copy.deepcopy(PLAN)
    *parts, last = path.split(".")
    at: object = plan
    for part in parts:
        at = at[int(part)] if isinstance(at, list) else at[part]
    at[int(last) if isinstance(at, list) else last] = value
    return plan


def test_a_sound_plan_has_no_faults_and_a_quiet_month_rings_nowhere():
    assert plan_faults(PLAN) == []
    assert ringing(PLAN, QUIET) == []


@pytest.mark.parametrize("part", PLAN_PARTS)
def test_a_missing_part_is_named(part):
    assert plan_faults({name: value for name, value in PLAN.items() if name != part}) == [
        f"{part}: the plan has no such part"
    ]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("watches.0.owner", "nobody", "watches[0].owner: `nobody` is unknown"),
        ("watches.0.owner", "", "watches[0].owner: missing"),
        ("watches.1.runbook", "page 9", "watches[1].runbook: `page 9` is unknown"),
        ("watches.1.severity", "loud", "watches[1].severity: `loud` is unknown"),
        ("watches.1.below", 0.1, "watches[1]: `psi` needs one limit"),
        ("watches.1.above", math.nan, "watches[1]: `psi` needs one limit"),
        ("watches.2.truth", None, "watches[2].truth: `precision` does not say from where it is known"),
        ("watches.2.truth", "at once", "watches[2].truth: `at once` is unknown"),
        ("watches.3.truth", None, "watches[3].truth: `lost` does not say from where it is known"),
        ("watches.3.days", 60, "watches[3].days: looks back 60 days, and the truth of `complaints` takes 60"),
        ("watches.3.days", "90", "watches[3].days: a number above 0"),
        ("watches.3.days", -7, "watches[3].days: a number above 0"),
        ("watches.3.days", math.nan, "watches[3].days: a number above 0"),
        ("watches.3.above", True, "watches[3]: `lost` needs one limit"),
        ("watches.3", "lost", "watches: a list of mappings"),
        ("watches", "lost", "watches: a list of mappings"),
        ("truth.review", {}, "truth.review.days: the days"),
        ("owners", ["desk"], "owners: a mapping"),
        ("runbook.stop", "stop it", "runbook.stop: a list of steps"),
        ("people.budget", -5, "people: a budget of alerts"),
        ("learning.explore", -1, "learning.explore: a share"),
        ("learning.novelty_floor", "no", "learning.novelty_floor: a share"),
        ("watches.2.truth", "stars", "watches[2].truth: `stars` is unknown"),
        ("watches.2.truth", "complaints", "watches[2].days: looks back 30 days, and the truth of `complaints` takes 60"),
        ("watches.3.name", "psi", "watches: `psi` is there twice"),
        ("watches.0.view", "data", "watches: nothing watches the service"),
        ("watches.3.runbook", "look", "runbook.stop: no watch leads to it"),
        ("runbook.stop", [], "runbook.stop: there are no steps"),
        ("people.budget", 91, "people.budget: 91 alerts, and people can look at 90"),
        ("people.capacity", 0, "people: a budget of alerts"),
        ("learning.explore", 0, "learning.explore: it learns from its own decisions"),
        ("learning.novelty_floor", 0, "learning.novelty_floor: nobody would look"),
    ],
)
def test_each_fault_is_named_with_its_path(path, value, told):
    faults = plan_faults(changed(path, value))
    assert [fault for fault in faults if fault.startswith(told)], faults


def test_learning_from_others_needs_no_exploration():
    plan = changed("learning.explore", 0)
    plan["learning"]["from_decisions"] = False
    assert plan_faults(plan) == []


def test_limits_ring_beyond_them_alone_worst_first_with_the_first_step():
    assert ringing(PLAN, QUIET | {"psi": 0.25, "precision": 0.4}) == []
    rung = ringing(PLAN, QUIET | {"psi": 0.3, "p95": 400, "precision": 0.39})
    assert [each["watch"] for each in rung] == ["p95", "psi", "precision"]
    assert rung[0] == {"watch": "p95", "severity": "critical", "owner": "desk", "value": "400 x", "first": "look"}


def test_silence_rings():
    values = {name: value for name, value in QUIET.items() if name != "p95"}
    assert [each["value"] for each in ringing(PLAN, values | {"psi": math.nan})] == ["not measured", "not measured"]


def test_a_plan_with_faults_and_a_value_that_nobody_asked_for_are_refused():
    with pytest.raises(CaseError, match="relied on"):
        ringing(changed("watches.0.owner", "nobody"), QUIET)
    with pytest.raises(CaseError, match="no watch asks for `cpu`"):
        ringing(PLAN, QUIET | {"cpu": 1})
    with pytest.raises(CaseError, match="`psi` is no number"):
        ringing(PLAN, QUIET | {"psi": "0.1"})
    assert plan_faults(None) == ["plan: a mapping of its parts is needed"]
    assert len(VIEWS) == 4
