"""The figures that lesson 24 teaches, and those of earlier lessons that its checker of reports knows, recomputed."""

from __future__ import annotations

import pytest

from lifecycle.cases import RUBRIC, Step, drive, errata, holds, marks
from lifecycle.deploy import Observed, RampLimits, RampPlan, requests_to_see_one, walk_ramp
from lifecycle.develop import Confusion, wilson
from lifecycle.develop.objectives.feasibility import precision as implied_precision
from lifecycle.forecast import decompose
from lifecycle.forecast.errors import ForecastError
from lifecycle.iterate import REPLACEMENT, paired_sample_size, read_rules, sample_size
from lifecycle.monitor import Campaign, least_n_for_ks


def truth(name):
    return next(each.truth for each in errata() if each.id == name)


def test_the_rubric_is_worth_ten_points():
    names = ["objective", "data", "model", "evidence", "deployment", "monitoring", "fairness and governance", "value"]
    assert [each.name for each in RUBRIC] == names
    assert marks({each.name: each.points for each in RUBRIC}) == 10


def test_a_gate_report_passes_where_all_do_and_stops_where_one_does_not():
    good = Step("a", lambda _: {"x": 1}, lambda _: [holds("x", True)])
    bad = Step("b", lambda _: {}, lambda _: [holds("y", False)])
    assert drive([good]).passed
    assert drive([good, bad]).stopped_at == "b"
    assert drive([good]).digest == drive([good]).digest


def test_the_ramp_of_the_lesson_goes_back_at_its_third_step():
    trace = [Observed(3000, 4), Observed(15_000, 21), Observed(30_000, 960)]
    walked = walk_ramp(RampPlan((0.05, 0.25, 0.5, 1.0)), trace, limits=RampLimits(error_rate=0.01))
    assert (walked.rolled_back_at, walked.reached) == (3, 0)


def test_the_challenger_of_the_project_is_replaced_automatically_and_only_with_everything_known():
    evidence = {
        "gain": 0.02,
        "accuracy_fall": 0.0,
        "latency_rise": 0.04,
        "shift": 0.03,
        "critical_failures": 0,
        "compliant": True,
    }
    book = read_rules(REPLACEMENT)
    assert book.decide(evidence).outcome == "automatic"
    assert book.decide(evidence | {"latency_rise": None}).outcome == "manual"
    assert book.decide(evidence | {"accuracy_fall": 0.03}).outcome == "reject"


def test_what_the_checker_says_instead_is_what_the_functions_of_the_course_say():
    churn = Campaign(cases=10_000, recall=0.75, success=0.30, value=500, contact=50, development=100_000, maintenance=20_000)
    assert (f"{churn.roi:.0%}", f"{churn.but(precision=0.5).roi:.0%}") == ("127%", "29%")
    assert "127 %" in truth("13-roi")
    assert "29 %" in truth("13-roi")
    fraud = 492 / 284_807
    assert f"{implied_precision(prevalence=fraud, tpr=0.95, fpr=0.02):.1%}" == "7.6%"
    assert f"{implied_precision(prevalence=fraud, tpr=0.92, fpr=0.018):.1%}" == "8.1%"
    first = Confusion.from_rates(prevalence=fraud, precision=0.05, recall=0.60, n=284_807)
    assert (f"{first.accuracy:.2%}", f"{first.flag_rate:.2%}") == ("97.96%", "2.07%")
    fourth = Confusion.from_rates(prevalence=fraud, precision=0.92, recall=0.88, n=284_807)
    assert f"{fourth.false_positive_rate:.3%}" == "0.013%"
    assert f"{requests_to_see_one(0.001):,}" in truth("10-ramp")
    assert str(least_n_for_ks(0.08, level=0.01)) in truth("12-ks")
    assert str(paired_sample_size(0.02, disagreement=0.05)) in truth("15-statistics")
    assert f"{sample_size(0.05, 0.005):,}" in truth("16-size")
    interval = wilson(85, 90)
    assert f"from {100 * interval.low:.1f} to {100 * interval.high:.1f} %" in truth("11-success")


def test_twelve_months_cannot_be_decomposed():
    with pytest.raises(ForecastError):
        decompose(list(range(12)), period=12)
