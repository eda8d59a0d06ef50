"""The figures that lesson 18 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import ast
import re
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from lifecycle.govern import (
    answer_due,
    ccpa_applies,
    dictionary_attack,
    equal_turnover,
    generalise,
    k_anonymity,
    l_diversity,
    largest_fine,
    law,
    laws,
    link_attack,
    rights,
)

ROOT = Path(__file__).parents[2]


def test_the_largest_fine_is_20_and_40_million_and_equal_at_500():
    assert [largest_fine(turnover) for turnover in (400e6, 1e9)] == [20e6, 40e6]
    assert equal_turnover() == 500e6
    assert (law("gdpr.fine.amount"), law("gdpr.fine.share")) == (20_000_000, 0.04)


def test_the_dates_of_the_table():
    assert law("gdpr.adopted").year == 2016
    assert law("gdpr.since") == date(2018, 5, 25)
    assert [law(f"ccpa.{name}").year for name in ("adopted", "since", "amended")] == [2018, 2020, 2023]
    assert law("ai_act.since") == date(2024, 8, 1)
    assert law("nyc_hiring.since").year == 2023
    assert {"hipaa", "pci_dss", "us_accountability"} <= {row["key"] for row in laws()}


def test_the_thresholds_then_and_now():
    assert (
        dict(law("ccpa.original")).items() >= {"revenue_over": 25_000_000, "consumers": 50_000, "selling_share": 0.5}.items()
    )
    assert (
        dict(law("ccpa.today")).items() >= {"revenue_over": 26_625_000, "consumers": 100_000, "selling_share": 0.5}.items()
    )
    assert "devices" in law("ccpa.original.counted")
    assert "devices" not in law("ccpa.today.counted")


def test_two_of_the_four_firms_are_no_longer_reached():
    firms = [(26e6, 30_000, 0.0), (4e6, 70_000, 0.2), (2e6, 20_000, 0.8), (90e6, 12_000, 0.0)]
    named = [dict(zip(("revenue", "consumers", "selling_share"), firm, strict=True)) for firm in firms]
    assert [ccpa_applies(**firm).applies for firm in named] == [False, False, True, True]
    assert all(ccpa_applies(**firm, version="original").applies for firm in named)


def test_the_answer_is_due_after_45_days():
    assert answer_due(date(2026, 1, 31), rule="ccpa") - date(2026, 1, 31) == timedelta(days=45)
    assert answer_due(date(2026, 1, 31)) == date(2026, 2, 28)


def test_the_principles_the_bases_and_the_rights():
    assert len(law("gdpr.principles")) == 7
    assert len(law("gdpr.bases")) == 6
    names = {row["law"]: {each["right"] for each in rights() if each["law"] == row["law"]} for row in rights()}
    assert names["GDPR"] == {
        "be informed", "access", "rectify", "erase", "restrict", "portability", "object", "not solely automated decisions",
    }  # fmt: skip
    assert names["CCPA"] == {"know", "delete", "opt out of sale", "no retaliation", "correct", "limit"}


def test_the_ward_has_k_1_then_2_and_still_tells_on_eva():
    ward = pd.DataFrame(
        {
            "age": [34, 36, 38, 41, 47, 49, 52, 58],
            "zip": [10115, 10117, 10119, 10243, 10245, 10247, 10435, 10437],
            "illness": ["flu", "asthma", "flu", "cancer", "cancer", "cancer", "flu", "diabetes"],
        }
    )
    bands = {"age": 10, "zip": 100}
    coarse = generalise(ward, bands)
    assert [k_anonymity(each, ["age", "zip"]) for each in (ward, coarse)] == [1, 2]
    assert l_diversity(coarse, ["age", "zip"], "illness") == 1
    known = generalise(pd.DataFrame({"person": ["Eva", "Tom"], "age": [47, 36], "zip": [10245, 10117]}), bands)
    assert link_attack(coarse, known, on=["age", "zip"], secret="illness")["learnt"].fillna("").tolist() == ["cancer", ""]


def test_a_plain_hash_is_turned_back():
    numbers = [f"030 55{n:05d}" for n in range(2_000)]
    released = [sha256(number.encode()).hexdigest() for number in numbers[::100]]
    assert len(dictionary_attack(released, numbers, lambda number: sha256(number.encode()).hexdigest())) == len(released)


@pytest.fixture(scope="module")
def printed():
    """All that the cells of the built lesson print."""
    cells = nbformat.read(ROOT / "notebooks/18_data_governance.ipynb", as_version=4).cells
    outputs = [each for cell in cells if cell.cell_type == "code" for each in cell.outputs]
    texts = [each.text if each.output_type == "stream" else each.get("data", {}).get("text/plain", "") for each in outputs]
    return "\n".join(texts)


def test_the_refused_run_was_never_started(printed):
    assert "training runs so far: 0" in printed


def test_the_desk_sees_the_north_alone(printed):
    inside, named = (int(re.search(rf"{text}: (\d+)", printed).group(1)) for text in ("in the north", "for service"))
    assert 0 < named <= inside


def test_nothing_is_left_after_the_erasure_and_one_model_must_be_trained_again(printed):
    assert "traces left: 0" in printed
    assert re.search(r"to be trained again: model:\S+ 1\.1\.0$", printed, re.MULTILINE)


def test_the_lesson_says_as_of_when_its_law_is(printed):
    assert f"as of {law('as_of')}" in printed


def test_the_exercise_counts_as_the_law_file_does():
    source = (ROOT / "src/course/exercises/18_data_governance.py").read_text(encoding="utf-8")
    given = ast.literal_eval(re.search(r"^LAW = (\{.*?^\})", source, re.MULTILINE | re.DOTALL).group(1))
    fine, today = law("gdpr.fine"), law("ccpa.today")
    assert given == {
        "fine_amount": fine["amount"],
        "fine_share": fine["share"],
        "revenue_above": today["revenue_over"],
        "consumers": today["consumers"],
        "selling_share": today["selling_share"],
        "answer_days": law("ccpa.answer.days"),
    }


def test_the_letter_is_answered_in_time_and_to_its_last_sentence(printed):
    assert re.search(r"^answered 2026-04-01, in time: True$", printed, re.MULTILINE)
    for words in ("given to payment provider", "read by role desk north", "exception legal claims: allowed"):
        assert words in printed
