"""The figures that lesson 17 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest
from statsmodels.stats.proportion import proportions_ztest

from lifecycle import develop
from lifecycle.govern import (
    CriterionChoice,
    GroupCounts,
    group_auc,
    group_report,
    implied_base_rate,
    implied_ppv,
    patrol_years,
    what_can_be_equal,
    zip_codes,
)

ROOT = Path(__file__).parents[2]
A, B = GroupCounts(tp=510, fp=60, fn=90, tn=340), GroupCounts(tp=320, fp=120, fn=80, tn=480)


@pytest.mark.parametrize(
    ("rate", "a", "b", "ratio"),
    [
        ("base_rate", 0.60, 0.40, 0.67),
        ("selection_rate", 0.57, 0.44, 0.77),
        ("tpr", 0.85, 0.80, 0.94),
        ("fpr", 0.15, 0.20, 1.33),
        ("ppv", 0.895, 0.727, 0.81),
        ("accuracy", 0.85, 0.80, 0.94),
    ],
)
def test_worked_a(rate, a, b, ratio):
    assert (A.rate(rate), B.rate(rate)) == pytest.approx((a, b), abs=5e-4)
    assert B.rate(rate) / A.rate(rate) == pytest.approx(ratio, abs=5e-3)


def test_worked_c_implies_a_base_rate_of_one_half_for_both():
    assert implied_base_rate(accuracy=0.85, fpr=0.10, fnr=0.20) == pytest.approx(0.5)
    assert implied_base_rate(accuracy=0.85, fpr=0.25, fnr=0.05) == pytest.approx(0.5)


def test_worked_d():
    town = zip_codes()
    r = town.corr()["group"]
    assert (r["zip"], r["income"]) == pytest.approx((-0.408, -0.438), abs=5e-4)
    assert r["zip"] ** 2 == pytest.approx(0.17, abs=5e-3)
    assert group_auc(-town["zip"], town["group"]) == pytest.approx(0.76, abs=5e-3)


def test_equal_odds_mean_another_ppv():
    assert [round(implied_ppv(b, tpr=0.9, fpr=0.3), 2) for b in (0.6, 0.3)] == [0.82, 0.56]


def test_odds_can_be_equal_and_exclude_predictive_parity():
    informed = what_can_be_equal((24, 16), (16, 24)).set_index("definitions")["informed"]
    assert informed["equalised odds"] > 0
    assert informed["equalised odds + predictive parity"] == 0


def test_the_published_compas_counts_give_the_published_rates():
    black, white = GroupCounts(1369, 805, 532, 990), GroupCounts(505, 349, 461, 1139)
    assert (black.rate("fpr"), white.rate("fpr")) == pytest.approx((0.449, 0.235), abs=1e-3)
    assert (black.rate("fnr"), white.rate("fnr")) == pytest.approx((0.280, 0.477), abs=5e-4)
    assert abs(black.rate("accuracy") - white.rate("accuracy")) < 0.04


def test_the_cards_groups_differ_by_more_than_chance():
    assert proportions_ztest([8_900, 8_500], [10_000, 10_000])[0] == pytest.approx(8.4, abs=0.05)


def test_four_cycles_give_a_three_quarters_of_the_patrols_for_nothing():
    years = patrol_years(4)
    assert years["patrols_a"].is_monotonic_increasing
    assert years["patrols_a"].iloc[-1] == pytest.approx(0.734, abs=5e-4)
    assert patrol_years(4, outside=0.5)["patrols_a"].iloc[-1] < 0.55


def test_the_lending_data_are_what_the_lesson_says():
    rows = develop.lending()
    report = group_report(rows["approved"], rows["approved"], rows["race"])
    minority = rows.loc[rows["race"] != 1, "approved"].mean()
    assert len(rows) == 1_989
    assert report.value("1", "selection_rate") == pytest.approx(0.908, abs=5e-4)
    assert report.value("2", "selection_rate") == pytest.approx(0.675, abs=5e-4)
    assert minority / report.value("1", "selection_rate") < 0.8


def test_a_name_is_called_back_a_third_less_often():
    cvs = develop.hiring()
    report = group_report(cvs["called"], cvs["called"], cvs["race"])
    ratio = report.ratio("selection_rate", "2", "1")
    assert ratio.value == pytest.approx(2 / 3, abs=0.01)
    assert ratio.high < 1


@pytest.fixture(scope="module")
def printed():
    """All that the cells of the built lesson print."""
    cells = nbformat.read(ROOT / "notebooks/17_fairness.ipynb", as_version=4).cells
    outputs = [each for cell in cells if cell.cell_type == "code" for each in cell.outputs]
    texts = [each.text if each.output_type == "stream" else each.get("data", {}).get("text/plain", "") for each in outputs]
    return "\n".join(texts)


def test_our_arithmetic_is_fairlearns(printed):
    assert float(re.search(r"largest difference to our own arithmetic: (\S+)", printed).group(1)) < 1e-9


def test_worked_b_has_two_points_at_one_fpr(printed):
    assert "TPR of B at FPR 20 %: [0.8, 0.7]; false accusations at 90/30: 1.5 times A's" in printed
    assert "70 in place of 90 is 22% less; at FPR 20 % the gap really is 90 against 80" in printed


def test_removing_words_leaves_the_tone(printed):
    ratios = [float(each) for each in re.findall(r"invites .* ratio (\S+)", printed)]
    assert len(ratios) == 3
    assert ratios[0] < ratios[1] < 0.95
    assert ratios[2] > 0.9


def test_odds_are_equal_up_to_chance_where_they_were_asked_for(printed):
    rows = dict(re.findall(r"^(one threshold, \.5|thresholds: [a-z ]+?)  +(.+)$", printed, re.MULTILINE))
    gaps = {name: [float(value) for value in row.split()] for name, row in rows.items()}
    assert gaps["thresholds: equalised odds"][3] < gaps["thresholds: none"][3]
    assert abs(1 - gaps["thresholds: demographic parity"][1]) < abs(1 - gaps["one threshold, .5"][1])


def test_what_fairness_costs_is_compared_with_the_same_rule_without_it(printed):
    parity = printed.split("from `none` to thresholds: demographic parity")[1].split("equalised odds")[0]
    who = {name: row.split() for name, row in re.findall(r"^(white|minority) +(.+)$", parity, re.MULTILINE)}
    assert who["white"][1:] == ["0", "0", "0", "0"]
    assert int(who["minority"][1]) > int(who["minority"][2]) == 0
    assert int(who["minority"][4]) > int(who["minority"][3])


def test_the_coin_is_thrown_for_one_group_only(printed):
    rules = dict(re.findall(r"^(white|minority): (threshold .+)$", printed, re.MULTILINE))
    assert rules["minority"].count("threshold") > 1 == rules["white"].count("threshold")


def test_cost_ranks_those_with_less_access_lower_at_the_same_need(printed):
    line = r"access: mean need (\S+), cost (\S+), beds for (\S+)%; of its neediest, (\d+)%"
    good, poor = (tuple(map(float, found)) for found in re.findall(line, printed))
    assert good[0] == pytest.approx(poor[0], rel=0.03)
    assert good[2] > 2 * poor[2]
    assert good[3] > 1.5 * poor[3]


def test_a_stricter_threshold_explains_part_of_the_ratio(printed):
    found = dict(re.findall(r"^(as decided|by the truth|by score, as many) .* (\S+)$", printed, re.MULTILINE))
    ratio = {name: float(value) for name, value in found.items()}
    assert ratio["as decided"] < ratio["by score, as many"] < ratio["by the truth"]


def test_the_record_measures_every_attribute_and_says_where_the_criterion_is_missed():
    handed = json.loads((ROOT / "datasets/artifacts/17/fairness.json").read_text())
    assert {f"{name}: tpr gap" for name in handed["groups"]} <= set(handed["decision"]["measured"])
    assert set(handed["criterion_missed_by"]) <= set(handed["groups"])


def test_a_choice_that_is_not_whole_does_not_stand(printed):
    assert "nobody heard: affected people" in printed
    assert "may not approve it too" in printed


def test_what_is_handed_over_can_be_read_and_is_of_the_package_of_lesson_07():
    from lifecycle import artifacts
    from lifecycle.deploy import open_package

    handed = json.loads((ROOT / "datasets/artifacts/17/fairness.json").read_text())
    assert handed["package_sha256"] == open_package(artifacts.path("07/package.zip")).digest
    assert CriterionChoice.from_dict(handed["decision"]).criterion == handed["criterion"]
    counts = GroupCounts(**handed["groups"]["sex"]["female"])
    assert sum(GroupCounts(**each).n for each in handed["groups"]["sex"].values()) == handed["rows"]
    assert np.isfinite(counts.rate("tpr"))
