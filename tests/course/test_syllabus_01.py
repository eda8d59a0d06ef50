"""The figures of lesson 01, through the functions that the lesson uses."""

from __future__ import annotations

import pytest

from lifecycle.develop import Objective, Target, find_conflicts, load, missing_elements
from lifecycle.develop.objectives.cost import (
    affordable_unit_cost,
    allowed_downtime,
    monthly_cost,
    monthly_volume,
    total_spend,
)
from lifecycle.develop.objectives.feasibility import false_match_probability, largest_fpr, precision, recall_for_goal

FRAUD = 492 / 284_807
CASE_A = {
    "goal": "fraud below 0.1 % of transactions",
    "performance": {
        "recall": "at least 95 %",
        "false_positive_rate": "at most 2 %",
        "latency": "at most 50 ms",
        "per_decision": "at most 0.01 USD/decision",
    },
    "infrastructure": {"requests": "at least 10,000 requests/s", "availability": "at least 99.99 %"},
    "cost": {
        "development": "at most 100,000 USD",
        "operations": "at most 20,000 USD/month",
        "training": "at most 5,000 USD/month",
    },
    "change": ["train analysts", "change procedures", "tell customers"],
}


@pytest.fixture
def case_a() -> Objective:
    return Objective.from_mapping(CASE_A)


def test_precision_of_case_a() -> None:
    reached = precision(prevalence=FRAUD, tpr=0.95, fpr=0.02)
    assert reached == pytest.approx(0.0760, abs=5e-5)
    assert round(13 * (1 - reached)) == 12


def test_false_positive_rate_for_precision_95_at_recall_90() -> None:
    assert largest_fpr(prevalence=FRAUD, tpr=0.90, precision=0.95) == pytest.approx(8.2e-5, rel=0.01)


def test_a_cent_each_at_full_rate() -> None:
    assert monthly_volume(10_000) == 25_920_000_000
    assert monthly_cost(0.01, per_second=10_000) == pytest.approx(259_200_000)
    assert affordable_unit_cost(20_000, per_second=10_000) == pytest.approx(7.7e-7, rel=0.01)


def test_downtime_at_four_nines() -> None:
    assert allowed_downtime(0.9999) == pytest.approx(4.32)


def test_year_one_of_case_a(case_a: Objective) -> None:
    monthly = case_a.bound("operations") + case_a.bound("training")
    assert total_spend(setup=case_a.bound("development"), monthly=monthly) == 400_000


def test_the_elements_that_a_wish_lacks() -> None:
    wish = {name: CASE_A[name] for name in ("goal", "performance")}
    assert missing_elements(wish) == ["infrastructure", "cost", "change"]


def test_the_first_three_inputs_become_indicators(case_a: Objective) -> None:
    assert {kpi.source for kpi in case_a.kpis} == {"performance", "infrastructure", "cost"}
    assert len(case_a.kpis) == 9


def test_the_targets_of_case_a_that_cannot_hold_together(case_a: Objective) -> None:
    full = case_a.revise({"performance.precision": "at least 95 %"})
    found = find_conflicts(full, prevalence=FRAUD, measured={"latency": 80, "availability": 0.999})
    assert [conflict.fields for conflict in found] == [
        ("performance.precision", "performance.false_positive_rate"),
        ("performance.per_decision", "cost.operations"),
        ("performance.latency", "measured.latency"),
        ("infrastructure.availability", "measured.availability"),
    ]


def test_the_business_rate_as_a_recall() -> None:
    assert recall_for_goal(prevalence=FRAUD, goal=0.001) == pytest.approx(0.421, abs=5e-4)


def test_ninety_five_percent_accuracy_is_no_false_match_rate() -> None:
    assert false_match_probability(100, per_comparison=0.05) == pytest.approx(0.9941, abs=5e-5)
    assert false_match_probability(100, per_comparison=0.001) == pytest.approx(0.0952, abs=5e-5)


def test_the_examples_of_the_elements_are_targets() -> None:
    assert Target.parse("at most 100 ms").met_by(99)
    assert not Target.parse("at most 10,000 USD/month").met_by(10_001)


def test_the_data_have_the_prevalence_that_the_lesson_states() -> None:
    assert load("fraud")["Class"].mean() == pytest.approx(FRAUD)
