"""How many users a test takes, against statsmodels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import normal_sample_size_one_tail
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from lifecycle.errors import DataError
from lifecycle.iterate import ExperimentPlan, detectable, guardrail_size, power_of, sample_size

FEW = settings(max_examples=25)
BASELINES = st.floats(0.02, 0.6)
EFFECTS = st.floats(0.005, 0.3)


@FEW
@given(BASELINES, EFFECTS, st.floats(0.001, 0.2), st.floats(0.5, 0.99), st.sampled_from([1, 2]))
def test_each_formula_is_that_of_statsmodels(baseline, effect, alpha, power, sided):
    p1, p2 = baseline, baseline + effect
    mean = (p1 + p2) / 2
    pooled, unpooled = (2 * mean * (1 - mean)) ** 0.5, (p1 * (1 - p1) + p2 * (1 - p2)) ** 0.5
    tail = alpha / sided
    wanted = {
        "pooled": normal_sample_size_one_tail(effect, power, tail, pooled, pooled),
        "unpooled": normal_sample_size_one_tail(effect, power, tail, unpooled, unpooled),
        "both": samplesize_proportions_2indep_onetail(effect, p1, power, alpha=tail, alternative="smaller"),
    }
    for variance, right in wanted.items():
        got = sample_size(baseline, effect, alpha=alpha, power=power, sided=sided, variance=variance)
        assert got - 1 - 1e-6 <= right <= got + 1e-6


@FEW
@given(BASELINES, EFFECTS, st.sampled_from(["pooled", "unpooled", "both"]), st.sampled_from([1, 2]))
def test_the_size_just_has_the_power_that_was_asked_for(baseline, effect, variance, sided):
    n = sample_size(baseline, effect, variance=variance, sided=sided)
    assert power_of(baseline, effect, n=n, variance=variance, sided=sided) >= 0.8 - 1e-9
    assert n == 1 or power_of(baseline, effect, n=n - 1, variance=variance, sided=sided) < 0.8


@FEW
@given(BASELINES, st.floats(0.01, 0.3))
def test_a_fall_is_a_rise_seen_from_the_other_side(baseline, effect):
    assert sample_size(1 - baseline, -effect) == pytest.approx(sample_size(baseline, effect), abs=1)


@FEW
@given(st.floats(0.01, 0.5), st.integers(500, 10**6))
def test_the_detectable_effect_is_found_with_the_power_asked_for(baseline, n):
    assert power_of(baseline, detectable(baseline, n=n), n=n) == pytest.approx(0.8, abs=1e-6)


def test_a_guardrail_takes_the_size_of_a_one_sided_test_with_one_rate():
    right = normal_sample_size_one_tail(0.002, 0.8, 0.05, (2 * 0.02 * 0.98) ** 0.5)
    assert guardrail_size(0.02, 0.002) - 1 < right <= guardrail_size(0.02, 0.002)


def test_unequal_shares_cost_users():
    half, tenth = (ExperimentPlan("clicks", 0.05, 0.005, share=share) for share in (0.5, 0.1))
    assert tenth.total == pytest.approx(half.total * 0.25 / (0.1 * 0.9), rel=1e-3)
    assert tenth.per_group < half.per_group


def test_a_plan_runs_for_whole_weeks():
    plan = ExperimentPlan("clicks", 0.05, 0.005)
    assert [plan.days(n) for n in (10_000, 8_000, 62_470)] == [7, 14, 7]
    assert plan.days(10_000, whole_weeks=False) == 7


def test_the_hypotheses_say_what_was_planned():
    assert "fewer complaints" in ExperimentPlan("complaints", 0.05, -0.005, sided=1).hypotheses[1]
    assert "either direction" in ExperimentPlan("complaints", 0.05, -0.005).hypotheses[1]


@pytest.mark.parametrize(
    "arguments",
    [
        {"baseline": 0}, {"baseline": 1.2}, {"baseline": float("nan")}, {"effect": 0}, {"effect": 0.96},
        {"effect": float("nan")}, {"alpha": 0}, {"alpha": 0.9}, {"power": 1}, {"sided": 3}, {"variance": "other"},
    ],
)  # fmt: skip
def test_plans_that_promise_nothing_are_refused(arguments):
    arguments = {"baseline": 0.05, "effect": 0.005} | arguments
    with pytest.raises(DataError):
        sample_size(arguments.pop("baseline"), arguments.pop("effect"), **arguments)


def test_other_nonsense_is_refused():
    for wrong in ({"share": 1.0}, {"share": 0.0}, {"salt": ""}, {"baseline": 5.0}):
        with pytest.raises(DataError):
            ExperimentPlan(**{"metric": "clicks", "baseline": 0.05, "effect": 0.005} | wrong)
    with pytest.raises(DataError):
        power_of(0.05, 0.005, n=0)
    with pytest.raises(DataError, match="too few"):
        detectable(0.9, n=5)
    for wrong in ({"power": 0.01}, {"power": float("nan")}, {"alpha": 0}):
        with pytest.raises(DataError):
            detectable(0.05, n=1000, **wrong)
    with pytest.raises(DataError):
        guardrail_size(0.02, 0)
    with pytest.raises(DataError):
        ExperimentPlan("clicks", 0.05, 0.005).days(0)
