"""The rates of `lifecycle.develop.objectives.feasibility`, against confusion matrices that are counted and not computed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import accuracy_score, precision_score

from lifecycle.develop.objectives.feasibility import (
    accuracy,
    alert_rate,
    expected_counts,
    false_match_probability,
    largest_false_match_rate,
    largest_fpr,
    precision,
    recall_for_goal,
)
from lifecycle.develop.objectives.quantities import CharterError

counts = st.integers(min_value=0, max_value=400)
inside = st.floats(min_value=0.001, max_value=0.999)


def cases(tp: int, fp: int, fn: int, tn: int) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """True labels, alerts and the three rates of a population with this confusion matrix."""
    truth = np.repeat([1, 0, 1, 0], [tp, fp, fn, tn])
    alerts = np.repeat([1, 1, 0, 0], [tp, fp, fn, tn])
    rates = {"prevalence": truth.mean(), "tpr": alerts[truth == 1].mean(), "fpr": alerts[truth == 0].mean()}
    return truth, alerts, {name: float(rate) for name, rate in rates.items()}


@given(counts, counts, counts, counts)
def test_rates_agree_with_counted_cases(tp: int, fp: int, fn: int, tn: int) -> None:
    assume(tp + fn and fp + tn)
    truth, alerts, rates = cases(tp, fp, fn, tn)
    assert accuracy(**rates) == pytest.approx(accuracy_score(truth, alerts))
    assert alert_rate(**rates) == pytest.approx(alerts.mean())
    if tp + fp:
        assert precision(**rates) == pytest.approx(precision_score(truth, alerts))
    else:
        assert math.isnan(precision(**rates))


@given(counts, counts, counts, counts)
def test_expected_counts_are_the_confusion_matrix(tp: int, fp: int, fn: int, tn: int) -> None:
    assume(tp + fn and fp + tn)
    truth, _, rates = cases(tp, fp, fn, tn)
    expected = expected_counts(len(truth), **rates)
    assert tuple(expected) == pytest.approx((tp, fp, fn, tn), abs=1e-9)
    assert expected.alerts == pytest.approx(tp + fp)


@given(inside, inside, inside)
def test_the_largest_fpr_gives_back_the_precision(prevalence: float, tpr: float, wanted: float) -> None:
    limit = largest_fpr(prevalence=prevalence, tpr=tpr, precision=wanted)
    reached = precision(prevalence=prevalence, tpr=tpr, fpr=limit)
    if limit < 1:
        assert reached == pytest.approx(wanted)
    else:
        assert reached >= wanted - 1e-9


@given(inside, inside, inside)
def test_a_larger_fpr_misses_the_precision(prevalence: float, tpr: float, wanted: float) -> None:
    limit = largest_fpr(prevalence=prevalence, tpr=tpr, precision=wanted)
    assume(limit < 0.99)
    assert precision(prevalence=prevalence, tpr=tpr, fpr=limit * 1.01) < wanted


@given(st.integers(min_value=1, max_value=5_000), st.floats(min_value=1e-9, max_value=0.5))
def test_false_matches_follow_the_binomial_distribution(n: int, rate: float) -> None:
    assert false_match_probability(n, per_comparison=rate) == pytest.approx(binom.sf(0, n, rate), rel=1e-6)


@given(st.integers(min_value=1, max_value=10**7), st.floats(min_value=1e-6, max_value=0.99))
def test_the_largest_false_match_rate_is_the_inverse(n: int, probability: float) -> None:
    rate = largest_false_match_rate(n, probability=probability)
    assert false_match_probability(n, per_comparison=rate) == pytest.approx(probability, rel=1e-9)


def test_certain_and_absent_false_matches() -> None:
    assert false_match_probability(0, per_comparison=1) == 0
    assert false_match_probability(3, per_comparison=1) == 1
    assert false_match_probability(0, per_comparison=0.5) == 0


@given(inside, inside, st.floats(min_value=0, max_value=0.05))
def test_the_recall_for_a_goal_leaves_the_goal(prevalence: float, goal: float, fpr: float) -> None:
    recall = recall_for_goal(prevalence=prevalence, goal=goal)
    left = expected_counts(1, prevalence=prevalence, tpr=recall, fpr=fpr).false_negatives
    assert left == pytest.approx(min(goal, prevalence))


@pytest.mark.parametrize("field", ["prevalence", "tpr", "fpr"])
@pytest.mark.parametrize("value", [-0.1, 1.5, 95, math.nan, math.inf, True, "0.5", None])
def test_what_is_no_rate_is_refused_by_name(field: str, value: object) -> None:
    rates = {"prevalence": 0.1, "tpr": 0.9, "fpr": 0.1, field: value}
    with pytest.raises(CharterError) as raised:
        precision(**rates)
    assert raised.value.where == field


def test_a_percentage_is_recognised() -> None:
    with pytest.raises(CharterError, match=r"write 0\.95"):
        precision(prevalence=0.1, tpr=95, fpr=0.02)


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: largest_fpr(prevalence=0, tpr=0.9, precision=0.9), "prevalence"),
        (lambda: largest_fpr(prevalence=1, tpr=0.9, precision=0.9), "prevalence"),
        (lambda: largest_fpr(prevalence=0.1, tpr=0.9, precision=0), "precision"),
        (lambda: recall_for_goal(prevalence=0, goal=0.1), "prevalence"),
        (lambda: largest_false_match_rate(10, probability=1), "probability"),
        (lambda: largest_false_match_rate(0, probability=0.1), "comparisons"),
        (lambda: false_match_probability(-1, per_comparison=0.1), "comparisons"),
        (lambda: expected_counts(-1, prevalence=0.1, tpr=0.1, fpr=0.1), "n"),
    ],
)
def test_questions_without_an_answer_are_refused(call, field: str) -> None:
    with pytest.raises(CharterError) as raised:
        call()
    assert raised.value.where == field
