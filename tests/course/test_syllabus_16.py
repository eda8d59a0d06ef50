"""The figures that lesson 16 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lifecycle.deploy import open_package
from lifecycle.iterate import (
    ExperimentPlan,
    Splitter,
    compare_rates,
    crossing_probability,
    detectable,
    guardrail_size,
    inflation,
    paired_sample_size,
    power_of,
    sample_ratio,
    sample_size,
    simpson,
    spending_bounds,
    stratified_rates,
)

HANDED_OVER = Path(__file__).parents[2] / "datasets" / "artifacts"


def test_the_plan_takes_31235_in_each_group_and_a_week():
    plan = ExperimentPlan("clicks per visitor", 0.05, 0.005, salt="ranking-2.4", left_out=("bots", "staff"))
    assert (plan.per_group, plan.total) == (31_235, 62_470)
    assert plan.total / 10_000 == pytest.approx(6.2, abs=0.05)
    assert plan.days(10_000) == 7
    assert detectable(0.05, n=31_235) == pytest.approx(0.005, rel=1e-3)


def test_one_side_takes_24604_and_half_the_lift_nearly_four_times():
    assert sample_size(0.05, 0.005, sided=1) == 24_604
    assert sample_size(0.05, 0.0025) == 122_125
    assert 2 * sample_size(0.05, 0.0025) == 244_250
    assert sample_size(0.05, 0.0025) / sample_size(0.05, 0.005) == pytest.approx(3.91, abs=0.005)


def test_50000_give_94_percent():
    assert power_of(0.05, 0.005, n=50_000) == pytest.approx(0.943, abs=5e-4)
    assert power_of(0.05, 0.005, n=31_235) == pytest.approx(0.80, abs=1e-4)


def test_week_2_and_both_weeks():
    week_1, week_2 = compare_rates(2500, 50_000, 2800, 50_000), compare_rates(2550, 50_000, 2850, 50_000)
    both = compare_rates(5050, 100_000, 5650, 100_000)
    assert (week_1.rate_a, week_1.rate_b) == (0.050, 0.056)
    assert (round(week_2.z, 2), f"{week_2.p:.1e}") == (4.20, "2.7e-05")
    assert (round(100 * week_2.low, 2), round(100 * week_2.high, 2)) == (0.32, 0.88)
    assert f"{both.p:.1e}" == "2.5e-09"
    assert (round(100 * both.low, 2), round(100 * both.high, 2)) == (0.40, 0.80)


def test_the_wrong_report_fits_a_group_of_24500():
    n = 24_500
    found = compare_rates(0.051 * n, n, 0.057 * n, n)
    assert (round(found.p, 3), round(100 * found.low, 1), round(100 * found.high, 1)) == (0.003, 0.2, 1.0)


def test_clicks_and_what_one_is_worth():
    clicks = 0.006 * 10_000_000
    assert clicks == 60_000
    assert 50_000 / (30 * clicks) == pytest.approx(0.028, abs=3e-4)


def test_a_side_chosen_afterwards():
    assert [round(compare_rates(2500, 50_000, 2627, 50_000, sided=sided).p, 3) for sided in (2, 1)] == [0.069, 0.034]


def test_five_peeks_cost_14_percent_and_a_sequential_test_keeps_5():
    exact = crossing_probability(range(1, 6), [1.96] * 5)[-1]
    assert exact == pytest.approx(0.142, abs=5e-4)
    rng = np.random.default_rng(16)
    z = np.abs(rng.normal(size=(40_000, 5)).cumsum(axis=1) / np.sqrt(np.arange(1, 6)))
    assert 0.13 <= (z >= 1.96).any(axis=1).mean() <= 0.155
    assert (z >= spending_bounds(np.arange(1, 6) / 5)).any(axis=1).mean() == pytest.approx(0.05, abs=0.004)


def test_what_daily_looks_cost():
    days = np.arange(1, 15) / 14
    assert (round(inflation(days), 2), round(inflation(days, spending="pocock"), 2)) == (1.04, 1.26)


def test_the_split_of_50000_and_51000_is_to_be_investigated():
    found = sample_ratio({"A": 50_000, "B": 51_000}, {"A": 0.5, "B": 0.5})
    assert (round(found.p, 4), found.mismatch) == (0.0017, True)
    lost = compare_rates(2580, 50_000, 2530, 45_000)
    assert (round(100 * lost.rate_a, 2), round(100 * lost.rate_b, 2), round(lost.p, 4)) == (5.16, 5.62, 0.0016)


def test_unpaired_takes_more_than_paired():
    assert (paired_sample_size(0.02, disagreement=0.05), sample_size(0.92, 0.02, variance="unpooled")) == (979, 2_551)


def test_a_guardrail_has_a_size_of_its_own():
    assert guardrail_size(0.02, 0.002) == 60_590


def test_the_ramp_that_turned_the_result_round():
    days = {"Friday": (5400, 90_000, 630, 10_000), "Saturday": (1500, 50_000, 1600, 50_000)}
    assert simpson(days)
    found = stratified_rates(days.values())
    assert (round(100 * found.difference, 2), round(100 * found.low, 2), round(100 * found.high, 2)) == (0.23, 0.02, 0.43)


def test_anna_always_meets_the_same_version():
    splitter = Splitter("ranking-2.4", {"champion": 0.5, "challenger": 0.5})
    assert [splitter.group(user) for user in ("anna", "bo", "cleo", "anna")] == [
        "champion", "champion", "challenger", "champion",
    ]  # fmt: skip


def test_the_committed_experiment_is_of_the_committed_packages():
    record = json.loads((HANDED_OVER / "16/experiment.json").read_text())
    digests = {
        "champion": open_package(HANDED_OVER / "07/package.zip").digest,
        "challenger": open_package(HANDED_OVER / "14/challenger.zip").digest,
    }
    assert record["packages"] == digests
    assert record["decision"] in ("invalid", "stop", "wait", "replace", "a person decides", "keep")
    assert record["ratio"]["mismatch"] is False
