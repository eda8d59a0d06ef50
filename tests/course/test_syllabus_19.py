"""The figures that lesson 19 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lifecycle.develop import Confusion
from lifecycle.govern import (
    card_fields,
    classify,
    frameworks,
    gates,
    measures,
    missing_fields,
    not_monotone,
    operations,
    questionnaire,
    raci,
    read_card,
    unknown_laws,
    verify_run,
)
from lifecycle.iterate import compare_rates, implied_positives

HANDED_OVER = Path(__file__).parents[2] / "datasets/artifacts"


def test_the_raci_table_answers_as_taught():
    table = raci()
    assert table.who("Data modelling", "A") == ("BA",)
    assert table.who("Deployments", "R") == ("DO",)
    assert table.tasks_of("RA", "A") == ("Model acceptance",)
    assert (len(table.tasks), len(table.roles), table.faults()) == (11, 7, [])


def test_the_loan_card_implies_47_per_cent_approved_and_51_per_cent_rejected():
    """By another way than the lesson: counts with the implied share give back all three figures of the card."""
    low, high = implied_positives(0.87, 0.85, 0.88)
    assert low < 0.472 < high
    counts = Confusion.from_rates(prevalence=0.47223, precision=0.85, recall=0.88, n=1_000_000)
    assert counts.accuracy == pytest.approx(0.87, abs=1e-5)
    assert counts.flag_rate == pytest.approx(1 - 0.511, abs=5e-4)
    assert counts.f1 == pytest.approx(0.865, abs=5e-4)


def test_85_against_89_is_a_disparity():
    assert compare_rates(8_500, 10_000, 8_900, 10_000).z == pytest.approx(8.4, abs=0.05)


def test_there_is_no_fair_lending_act():
    named = ["Fair Lending Act", "Equal Credit Opportunity Act", "Fair Housing Act"]
    assert unknown_laws(named) == ["Fair Lending Act"]


def test_six_gates_with_their_approvers():
    assert [(gate.name, gate.role) for gate in gates()] == [
        ("development complete", "tech lead"),
        ("technical review", "ML engineer"),
        ("business validation", "product manager"),
        ("governance review", "model risk manager"),
        ("deployment readiness", "DevOps lead"),
        ("final sign-off", "chief data officer"),
    ]


def test_the_five_projects_are_classed_as_taught():
    keys = [row["key"] for row in questionnaire()]
    projects = {
        "none, own team, nuisance, days, ad hoc, yearly, weeks, hardly, nobody": "light",
        "none, company, money, days, batch, quarterly, months, slowly, experts": "middle",
        "privacy, public, nuisance, days, batch, daily, months, quickly, nobody": "middle",
        "sector, public, money, days, 24/7, quarterly, months, quickly, experts": "strong",
        "sector, public, life, years, batch, yearly, years, slowly, the person concerned": "strong",
    }
    for text, level in projects.items():
        assert classify(dict(zip(keys, text.split(", "), strict=True))).level == level


def test_points_put_a_thermometer_before_a_prison_and_the_class_does_not():
    keys = [row["key"] for row in questionnaire()]
    cases = [
        "privacy, company, nuisance, days, 24/7, daily, years, quickly, experts",
        "sector, public, life, years, ad hoc, yearly, weeks, hardly, the person concerned",
    ]
    thermometer, parole = (classify(dict(zip(keys, text.split(", "), strict=True))) for text in cases)
    assert (thermometer.points, thermometer.level) == (11, "middle")
    assert (parole.points, parole.level) == (10, "strong")
    impact = next(row["answers"] for row in questionnaire() if row["key"] == "error_impact")
    assert impact == ["nuisance", "trust", "money", "lawsuit", "life"]


def test_stars_measures_and_frameworks_are_those_of_the_tables():
    assert not_monotone() == ["separation"]
    assert [row["integration"] for row in operations()] == [0, 0, 0, 3]
    assert measures("middle")["explain"] == "Shapley values"
    assert len(measures("strong")) == 9
    assert len(frameworks()) == 13


def test_the_card_has_the_taught_sections():
    sections = {field.split(".")[0] for field in card_fields()}
    assert sections == {"details", "performance", "fairness", "ethics", "operation", "compliance"}


def test_the_committed_card_is_whole_and_speaks_of_the_committed_model():
    card = read_card((HANDED_OVER / "19/card.json").read_text(encoding="utf-8"))
    assert missing_fields(card) == []
    explained = json.loads((HANDED_OVER / "06/explanations.json").read_text(encoding="utf-8"))["model_sha256"]
    assert card["evidence"]["04/model.json"] == explained
    assert verify_run(HANDED_OVER).holds
