"""Versions, risk classes and ramps: the arithmetic of a release."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest

from lifecycle.deploy import (
    GATES,
    RISKS,
    Field,
    Observed,
    Project,
    RampLimits,
    RampPlan,
    Version,
    blocking_gates,
    chance_to_see_one,
    change_between,
    contract_breaks,
    deployment_style,
    judge,
    requests_to_see_one,
    risk_class,
    walk_ramp,
)
from lifecycle.deploy.release.ramp import share_interval
from lifecycle.errors import LifecycleError

NUMBERS = st.integers(0, 10**6)
VERSIONS = st.builds(Version, NUMBERS, NUMBERS, NUMBERS)


@given(VERSIONS)
def test_a_version_reads_back_what_it_writes(version):
    assert Version.parse(str(version)) == version


@given(VERSIONS, st.sampled_from(["major", "minor", "patch"]))
def test_a_bump_is_newer_and_starts_again_right_of_the_change(version, change):
    bumped = version.bump(change)
    assert bumped > version
    assert (change == "patch") or bumped.patch == 0
    assert (change != "major") or bumped.minor == 0


def test_versions_are_ordered_as_numbers():
    assert Version.parse("1.10.0") > Version.parse("1.9.9")


@pytest.mark.parametrize("text", ["v1.0.0", "1.0", "1.0.0-rc1", "01.0.0", "1.0.0 ", "", "1.-1.0"])
def test_other_spellings_are_no_versions(text):
    with pytest.raises(LifecycleError, match="no version"):
        Version.parse(text)


def test_an_unknown_kind_of_change_is_refused():
    with pytest.raises(LifecycleError, match="no kind of change"):
        Version(1, 0, 0).bump("breaking")


AGE = Field("age", "number", 18, 100, unit="years")
CODE = Field("code", "integer", 0, 3, choices=(0.0, 1.0, 2.0, 3.0))


def breaks(after, before=(AGE, CODE)):
    return contract_breaks(before, after)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ([AGE], "`code` is gone"),
        ([AGE, CODE, replace(AGE, name="income")], "`income` is new"),
        ([replace(AGE, kind="integer"), CODE], "is now an integer"),
        ([replace(AGE, unit="months"), CODE], "in years and is now in months"),
        ([replace(AGE, low=21), CODE], "allowed 18 to 100 and now allows 21 to 100"),
        ([replace(AGE, high=99), CODE], "now allows 18 to 99"),
        ([AGE, replace(CODE, choices=(0.0, 1.0, 2.0))], "fewer codes"),
        ([replace(AGE, choices=(20.0, 30.0)), CODE], "fewer codes"),
    ],
)
def test_what_may_break_a_caller_is_named(after, words):
    (found,) = breaks(after)
    assert words in found
    assert change_between((found,), same_answers=True) == "major"


@pytest.mark.parametrize(
    "after",
    [
        [AGE, CODE],
        [CODE, replace(AGE, low=0, high=130)],
        [AGE, replace(CODE, kind="number", choices=())],
        [AGE, replace(CODE, high=4, choices=(0.0, 1.0, 2.0, 3.0, 4.0))],
        [replace(AGE, meaning="in full years"), CODE],
    ],
)
def test_what_allows_more_breaks_nobody(after):
    assert breaks(after) == ()


def test_without_a_break_the_answers_decide():
    assert change_between((), same_answers=False) == "minor"
    assert change_between((), same_answers=True) == "patch"


@pytest.mark.parametrize(
    ("properties", "risk", "style"),
    [
        ({}, "low", "lightweight"),
        ({"customer_facing": True}, "medium", "robust"),
        ({"impact": "medium"}, "medium", "robust"),
        ({"impact": "high"}, "high", "robust"),
        ({"critical": True}, "high", "robust"),
        ({"regulated": True}, "high", "robust"),
    ],
)
def test_one_reason_is_enough_for_a_higher_risk(properties, risk, style):
    project = Project("p", **properties)
    assert (risk_class(project), deployment_style(project)) == (risk, style)


def test_an_unknown_impact_is_refused():
    with pytest.raises(LifecycleError, match="no impact"):
        Project("p", impact="huge")


def test_a_higher_risk_blocks_at_every_gate_that_a_lower_one_blocks_at():
    low, medium, high = (set(blocking_gates(risk)) for risk in RISKS)
    assert low < medium < high == set(GATES)
    assert all(list(blocking_gates(risk)) == [gate for gate in GATES if gate in blocking_gates(risk)] for risk in RISKS)
    with pytest.raises(LifecycleError, match="no risk class"):
        blocking_gates("none")


@given(st.floats(0.0005, 0.5), st.floats(0.05, 0.999))
def test_the_requests_are_the_fewest_that_keep_the_promise(rate, chance):
    needed = requests_to_see_one(rate, chance=chance)
    assert 1 - binom.pmf(0, needed, rate) >= chance - 1e-9
    assert needed == 1 or 1 - binom.pmf(0, needed - 1, rate) < chance + 1e-9


@given(st.floats(1e-6, 1), st.integers(0, 5000))
def test_the_chance_to_see_one_is_that_of_the_binomial(rate, requests):
    assert chance_to_see_one(rate, requests=requests) == pytest.approx(1 - binom.pmf(0, requests, rate), abs=1e-9)


@pytest.mark.parametrize("arguments", [(0, 0.95), (1, 0.95), (0.1, 1), (-0.1, 0.5)])
def test_a_rate_or_chance_that_is_none_is_refused(arguments):
    with pytest.raises(LifecycleError, match="between 0 and 1"):
        requests_to_see_one(arguments[0], chance=arguments[1])


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.9, 0.95, 0.999]))
def test_the_interval_of_a_share_is_the_exact_one(counts, level):
    successes, n = counts
    right = binomtest(successes, n).proportion_ci(level, method="exact")
    assert share_interval(successes, n, level=level) == pytest.approx((right.low, right.high), abs=1e-9)


@given(st.integers(0, 300), st.integers(0, 300))
def test_more_errors_never_look_better(one, other):
    ranks = {"go on": 0, "hold": 1, "roll back": 2}
    few, many = (judge(Observed(300, errors), RampLimits(error_rate=0.05)).action for errors in sorted((one, other)))
    assert ranks[few] <= ranks[many]


@pytest.mark.parametrize(
    ("seen", "action"),
    [
        (Observed(0, 0), "hold"),
        (Observed(50, 0), "hold"),
        (Observed(3, 3), "roll back"),
        (Observed(1000, 0), "hold"),
        (Observed(1000, 0, flagged=0, answered=3), "hold"),
        (Observed(1000, 0, flagged=60, answered=1000), "hold"),
        (Observed(1000, 0, p95_ms=101), "roll back"),
        (Observed(10, 0, p95_ms=101), "hold"),
        (Observed(1000, 0, flagged=900, answered=1000), "roll back"),
        (Observed(1000, 0, flagged=100, answered=1000), "go on"),
    ],
)
def test_a_step_is_judged(seen, action):
    assert judge(seen, RampLimits(p95_ms=100, flag_rate=(0.05, 0.5))).action == action


def test_too_few_requests_never_let_a_step_go_on():
    limits = RampLimits(error_rate=0.2, p95_ms=100, least=50)
    assert judge(Observed(49, 0, p95_ms=9000), limits).action == "hold"
    assert judge(Observed(50, 0, p95_ms=9000), limits).action == "roll back"
    assert [judge(Observed(n, 0), limits).action for n in (49, 50)] == ["hold", "go on"]


@given(st.integers(0, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_step_goes_on_when_the_share_of_flags_is_kept_for_sure(counts):
    flagged, answered = counts
    low, high = share_interval(flagged, answered, level=0.999)
    verdict = judge(Observed(2000, 0, flagged, answered), RampLimits(flag_rate=(0.1, 0.3)))
    assert (verdict.action == "go on") == (low >= 0.1 and high <= 0.3)
    assert (verdict.action == "roll back") == (low > 0.3 or high < 0.1)


def test_counts_that_cannot_be_are_refused():
    for seen in (Observed(1, 2), Observed(5, 0, flagged=3, answered=2)):
        with pytest.raises(LifecycleError, match="cannot be"):
            judge(seen, RampLimits())


def test_a_ramp_stops_at_the_first_step_that_breaks_a_limit():
    good, bad, little = Observed(5000, 3), Observed(5000, 500), Observed(20, 0)
    plan, limits = RampPlan(), RampLimits()
    walked = walk_ramp(plan, [good, bad, good], limits=limits)
    assert (walked.rolled_back_at, walked.reached, len(walked.verdicts)) == (2, 0.0, 2)
    assert walk_ramp(plan, [good] * 4, limits=limits).reached == 1.0
    held = walk_ramp(plan, [good, little, bad], limits=limits)
    assert (held.rolled_back_at, held.reached) == (None, 0.25)
    with pytest.raises(LifecycleError, match="5 observations"):
        walk_ramp(plan, [good] * 5, limits=limits)


@pytest.mark.parametrize("shares", [(), (0.5,), (0.5, 0.25, 1.0), (0.0, 1.0), (0.5, 0.5, 1.0), (0.5, 1.5)])
def test_shares_that_do_not_rise_to_one_are_no_ramp(shares):
    with pytest.raises(LifecycleError, match="no ramp"):
        RampPlan(shares)


def test_a_plan_knows_its_shares_and_what_they_need():
    plan = RampPlan()
    assert [plan.share_at(step) for step in range(5)] == [0, 0.05, 0.25, 0.5, 1.0]
    assert plan.requests_needed(1, rate=0.001) == 59_900
    for step, words in ((5, "no step 5"), (-1, "no step")):
        with pytest.raises(LifecycleError, match=words):
            plan.share_at(step)
    with pytest.raises(LifecycleError, match="shows nothing"):
        plan.requests_needed(0, rate=0.001)
