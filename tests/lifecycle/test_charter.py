"""Targets, objectives, conflicts and charters of `lifecycle.develop`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop.objectives.briefs import brief, monthly_volume_of, platform
from lifecycle.develop.objectives.charter import Charter
from lifecycle.develop.objectives.conflicts import find_conflicts, monthly_decisions
from lifecycle.develop.objectives.feasibility import precision
from lifecycle.develop.objectives.objective import Objective, missing_elements
from lifecycle.develop.objectives.quantities import CharterError, Target, amount

DRAFT: dict[str, Any] = {
    "goal": "fewer parcels arrive late",
    "performance": {"recall": "at least 80 %", "false_positive_rate": "at most 5 %", "precision": "at least 60 %"},
    "infrastructure": {"requests": "at least 2 requests/s", "availability": "at least 99.5 %", "latency": "at most 0.3 s"},
    "cost": {
        "development": "at most 50,000 EUR",
        "operations": "at most 6,000 EUR/month",
        "training": "at most 500 EUR/month",
        "per_decision": "at most 0.001 EUR/decision",
        "year_one": "at most 130,000 EUR",
    },
    "change": ["call the customer before the parcel is late"],
}
PREVALENCE = 0.1


@pytest.fixture
def objective() -> Objective:
    return Objective.from_mapping(DRAFT)


@pytest.fixture
def charter(objective: Objective) -> Charter:
    return Charter(
        "parcels", objective, PREVALENCE, measured={"latency": 120}, stakeholders={"finance": True, "depot": False}
    )


units = st.sampled_from(["rate", "ms", "MB", "requests/s", "decisions/month", "USD", "EUR/month", "TWD/decision"])


@given(st.sampled_from(["at least", "at most"]), st.floats(min_value=1e-12, max_value=1), units)
def test_a_target_survives_being_written_and_read(direction: str, bound: float, unit: str) -> None:
    target = Target(direction, bound, unit)
    assert Target.parse(str(target)) == target


@given(st.integers(min_value=1, max_value=10**15))
def test_thousands_separators_are_read_back(bound: int) -> None:
    target = Target("at most", bound, "EUR")
    assert Target.parse(str(target)) == target


@pytest.mark.parametrize(
    ("text", "bound", "unit"),
    [
        ("at least 95 %", 0.95, "rate"),
        ("at least 0.95 rate", 0.95, "rate"),
        ("at most 0.05 s", 50, "ms"),
        ("at most 20,000 USD/month", 20_000, "USD/month"),
        ("at most 7.7e-7 USD/decision", 7.7e-7, "USD/decision"),
        (" at most 0 EUR ", 0, "EUR"),
    ],
)
def test_targets_as_people_write_them(text: str, bound: float, unit: str) -> None:
    target = Target.parse(text)
    assert (target.bound, target.unit) == (bound, unit)


@pytest.mark.parametrize(
    "text",
    [
        *("as good as possible", "95 %", "around 50 ms", "", "at most nan ms", "at most 50 ms or so"),
        *("at least 95", "at least 95 percent", "at most 5 usd", "at most 5 USD/year"),
        *("at least 120 %", "at least -5 %", "at most 0 ms", "at most -1 USD"),
    ],
)
def test_what_cannot_be_checked_is_refused_by_name(text: str) -> None:
    with pytest.raises(CharterError) as raised:
        Target.parse(text, name="performance.recall")
    assert raised.value.where == "performance.recall"


def test_a_bound_itself_meets_the_target() -> None:
    assert Target.parse("at most 50 ms").met_by(50)
    assert not Target.parse("at most 50 ms").met_by(50.1)
    assert Target.parse("at least 95 %").met_by(0.95)
    assert not Target.parse("at least 95 %").met_by(0.9499)


@pytest.mark.parametrize(
    ("direction", "bound", "unit"), [("about", 1, "ms"), ("at least", 1, "parsec"), ("at least", 2, "rate")]
)
def test_a_target_made_directly_is_checked_too(direction: str, bound: float, unit: str) -> None:
    with pytest.raises(CharterError):
        Target(direction, bound, unit)


@given(
    st.sets(st.sampled_from(["goal", "performance", "infrastructure", "cost", "change"])),
    st.sampled_from([None, "", " ", [], {}]),
)
def test_missing_elements_are_listed_in_order(emptied: set[str], empty: object) -> None:
    draft = {name: empty if name in emptied else value for name, value in DRAFT.items()}
    assert missing_elements(draft) == [name for name in DRAFT if name in emptied]


def test_an_objective_comes_back_from_its_mapping(objective: Objective) -> None:
    assert Objective.from_mapping(objective.to_mapping()) == objective


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"goal": ""}, "goal"),
        ({"cost": {}}, "cost"),
        ({"colour": "blue"}, "colour"),
        ({"performance": ["recall"]}, "performance"),
        ({"performance": {"recall": 0.95}}, "performance.recall"),
        ({"performance": {"recall": "at least 95"}}, "performance.recall"),
        ({"performance": {"recall": "at most 95 %"}}, "performance.recall"),
        ({"performance": {"recall": "at least 95 ms"}}, "performance.recall"),
        ({"performance": {"latency": "at most 50 ms"}}, "infrastructure.latency"),
        ({"cost": {"training": "at most 5 USD"}}, "cost.training"),
        ({"cost": {"training": "at most 5 USD/month", "operations": "at most 5 EUR/month"}}, "cost.training"),
        ({"change": "train people"}, "change"),
        ({"constraints": [1]}, "constraints[0]"),
    ],
)
def test_a_faulty_objective_names_the_field(change: dict[str, Any], where: str) -> None:
    with pytest.raises(CharterError) as raised:
        Objective.from_mapping({**DRAFT, **change})
    assert raised.value.where == where


def test_every_target_becomes_an_indicator(objective: Objective) -> None:
    known = {kpi.name: kpi.known for kpi in objective.kpis}
    assert set(known) == {path.split(".")[1] for path in objective.targets}
    assert known["recall"] == "when outcomes are known"
    assert known["latency"] == known["availability"] == "at once"
    assert known["operations"] == "with the month's bill"
    assert known["development"] == "when it is spent"


def test_revising_leaves_the_original_alone(objective: Objective) -> None:
    revised = objective.revise({"performance.recall": "at least 70 %", "infrastructure.model_size": "at most 50 MB"})
    assert (revised.bound("recall"), revised.bound("model_size")) == (0.7, 50)
    assert (objective.bound("recall"), objective.bound("model_size")) == (0.8, None)


@pytest.mark.parametrize("path", ["recall", "change.recall", "performance."])
def test_revising_what_is_no_target_is_refused(objective: Objective, path: str) -> None:
    with pytest.raises(CharterError) as raised:
        objective.revise({path: "at least 70 %"})
    assert raised.value.where == path


def test_targets_that_hold_together_have_no_conflict(objective: Objective) -> None:
    assert find_conflicts(objective, prevalence=PREVALENCE, measured={"latency": 300, "availability": 0.995}) == []


@pytest.mark.parametrize(
    ("change", "measured", "fields"),
    [
        ({"performance.precision": "at least 65 %"}, {}, ("performance.precision", "performance.false_positive_rate")),
        ({"performance.accuracy": "at least 90 %"}, {}, ("performance.accuracy", "prevalence")),
        ({"performance.precision": "at least 10 %"}, {}, ("performance.precision", "prevalence")),
        (
            {"performance.recall": "at least 5 %", "performance.precision": "at least 10.0001 %"},
            {},
            ("performance.recall", "performance.false_positive_rate"),
        ),
        ({"cost.per_decision": "at most 0.002 EUR/decision"}, {}, ("cost.per_decision", "cost.operations")),
        ({"infrastructure.decisions": "at most 7,000,000 decisions/month"}, {}, ("cost.per_decision", "cost.operations")),
        ({"cost.year_one": "at most 127,999 EUR"}, {}, ("cost.year_one", "cost.operations")),
        ({}, {"latency": 301}, ("infrastructure.latency", "measured.latency")),
        ({}, {"availability": 0.99}, ("infrastructure.availability", "measured.availability")),
    ],
)
def test_each_kind_of_conflict_is_found(
    objective: Objective, change: dict[str, str], measured: dict[str, float], fields
) -> None:
    found = find_conflicts(objective.revise(change), prevalence=PREVALENCE, measured=measured)
    assert fields in [conflict.fields for conflict in found]
    assert all(conflict.reason and conflict.remedy for conflict in found)


percents = st.integers(min_value=1, max_value=99)


@given(percents, percents, percents, percents)
def test_precision_conflicts_exactly_when_the_bounds_miss_it(share: int, recall: int, fpr: int, wanted: int) -> None:
    rates = {"prevalence": share / 100, "tpr": recall / 100, "fpr": fpr / 100}
    revised = Objective.from_mapping(DRAFT).revise(
        {
            "performance.recall": f"at least {recall} %",
            "performance.false_positive_rate": f"at most {fpr} %",
            "performance.precision": f"at least {wanted} %",
        }
    )
    fields = [conflict.fields for conflict in find_conflicts(revised, prevalence=share / 100)]
    assert (("performance.precision", "performance.false_positive_rate") in fields) == (precision(**rates) < wanted / 100)


def test_a_stated_volume_replaces_the_peak_rate(objective: Objective) -> None:
    assert monthly_decisions(objective) == 2 * 86_400 * 30
    assert monthly_decisions(objective.revise({"infrastructure.decisions": "at most 9 decisions/month"})) == 9


def test_measuring_what_has_no_target_is_an_error(objective: Objective) -> None:
    with pytest.raises(CharterError) as raised:
        find_conflicts(objective, prevalence=PREVALENCE, measured={"happiness": 1})
    assert raised.value.where == "measured.happiness"


@pytest.mark.parametrize("prevalence", [0, 1, 22.12, -0.1])
def test_a_charter_needs_both_kinds_of_cases(objective: Objective, prevalence: float) -> None:
    with pytest.raises(CharterError) as raised:
        Charter("parcels", objective, prevalence)
    assert raised.value.where == "prevalence"


def test_a_contradictory_charter_names_the_field(objective: Objective) -> None:
    with pytest.raises(CharterError) as raised:
        Charter("parcels", objective.revise({"performance.precision": "at least 95 %"}), PREVALENCE)
    assert raised.value.where == "performance.precision"
    assert "performance.false_positive_rate" in str(raised.value)
    assert raised.value.remedy


def test_a_charter_comes_back_from_yaml(charter: Charter) -> None:
    full = replace(charter, evidence=("a published result",), assumptions=("the volume: assumed",))
    assert Charter.from_yaml(full.to_yaml()) == full
    assert Charter.from_yaml(full.to_yaml()).to_yaml() == full.to_yaml()


def test_the_yaml_carries_numbers_for_monitoring(charter: Charter) -> None:
    kpis = {kpi["name"]: kpi for kpi in yaml.safe_load(charter.to_yaml())["kpis"]}
    assert kpis["recall"]["bound"] == 0.8
    assert (kpis["latency"]["unit"], kpis["latency"]["bound"]) == ("ms", 300)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("use_case: parcels\n", "", "use_case"),
        ("prevalence: 0.1\n", "", "prevalence"),
        ("prevalence: 0.1", "prevalence: 10", "prevalence"),
        ("prevalence: 0.1", "prevalence: high", "prevalence"),
        ("recall: at least 80 %", "recall: 80", "performance.recall"),
        ("precision: at least 60 %", "precision: at least 90 %", "performance.precision"),
        ("bound: 0.8\n", "bound: 0.9\n", "kpis"),
        ("goal:", "gaol:", "gaol"),
        ("change:\n- call the customer before the parcel is late", "change: []", "change"),
        ("use_case: parcels", "use_case: [", "charter"),
        ("evidence: []", "evidence: 7", "evidence"),
        ("measured:\n  latency: 120.0", "measured: fast", "measured"),
        ("latency: 120.0", "latency: quick", "measured.latency"),
        ("finance: true", "finance: maybe", "stakeholders.finance"),
    ],
)
def test_an_edited_file_is_refused_by_field(charter: Charter, old: str, new: str, where: str) -> None:
    text = charter.to_yaml()
    assert old in text
    with pytest.raises(CharterError) as raised:
        Charter.from_yaml(text.replace(old, new, 1))
    assert raised.value.where == where


@pytest.mark.parametrize("text", ["", "- a list", "just text", "!!python/object/apply:os.getcwd []"])
def test_what_is_no_charter_is_refused(text: str) -> None:
    with pytest.raises(CharterError):
        Charter.from_yaml(text)


def test_the_checklist_says_what_is_open(charter: Charter) -> None:
    done = {row["item"]: row["done"] for row in charter.checklist()}
    assert len(done) == 7
    assert not done["targets quantified and realistic"]
    assert not done["all stakeholders committed"]
    settled = replace(charter, evidence=("a published result",), stakeholders={"finance": True})
    assert all(row["done"] for row in settled.checklist())
    nobody = {row["item"]: row["done"] for row in replace(charter, stakeholders={}).checklist()}
    assert not nobody["cost approved"]
    assert not nobody["all stakeholders committed"]


def test_an_amount_may_have_to_be_positive() -> None:
    assert amount(0, "x") == 0
    with pytest.raises(CharterError, match="more than 0"):
        amount(0, "x", positive=True)


@pytest.mark.parametrize(("name", "prevalence"), [("credit", 0.2212), ("fraud", 492 / 284_807), ("churn", 0.7429)])
def test_each_brief_has_three_conflicts_and_a_volume_that_mends_one(name: str, prevalence: float) -> None:
    asked = Objective.from_mapping(brief(name))
    found = find_conflicts(asked, prevalence=prevalence, measured=platform())
    assert len(found) == 3
    volume = f"at most {monthly_volume_of(name):,} decisions/month"
    assert (
        len(find_conflicts(asked.revise({"infrastructure.decisions": volume}), prevalence=prevalence, measured=platform()))
        == 2
    )


def test_a_brief_is_a_copy() -> None:
    brief("credit")["performance"].clear()
    assert brief("credit")["performance"]
