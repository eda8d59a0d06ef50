"""The cheapest threshold against trying every one."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop.evaluation.metrics import confusion
from lifecycle.develop.evaluation.threshold import break_even, cheapest_threshold, cost_at, cost_curve, threshold_for_recall
from lifecycle.errors import DataError

rows = st.lists(st.tuples(st.booleans(), st.one_of(st.integers(0, 4), st.floats(-1e3, 1e3))), min_size=1, max_size=40).map(
    lambda made: tuple(np.array(column, dtype=float) for column in zip(*made, strict=True))
)
cost = st.one_of(st.sampled_from([0, 1, 5, 500]), st.floats(0, 1e4))


@given(rows, cost, cost)
def test_the_choice_equals_brute_force(made, false_positive, false_negative):
    labels, scores = made
    tried = []
    for threshold in [math.inf, *sorted(set(scores), reverse=True)]:
        wrong = [(score >= threshold) - label for label, score in zip(labels, scores, strict=True)]
        tried.append((wrong.count(1) * false_positive + wrong.count(-1) * false_negative, -threshold))
    lowest, threshold = min(tried)
    choice = cheapest_threshold(labels, scores, cost_false_positive=false_positive, cost_false_negative=false_negative)
    assert (choice.cost, choice.threshold) == (lowest, -threshold)
    assert choice.confusion == confusion(labels, scores >= choice.threshold)
    costs = {"cost_false_positive": false_positive, "cost_false_negative": false_negative}
    assert cost_at(choice.confusion, **costs) == choice.cost


@given(rows)
def test_each_row_of_the_curve_is_what_its_threshold_flags(made):
    labels, scores = made
    curve = cost_curve(labels, scores, cost_false_positive=2, cost_false_negative=3)
    assert curve["threshold"].is_monotonic_decreasing
    for row in curve.itertuples():
        assert (row.tp, row.fp, row.fn, row.tn) == confusion(labels, scores >= row.threshold)
        assert row.cost == 2 * row.fp + 3 * row.fn


def test_free_false_alarms_flag_all_positives_and_free_misses_flag_nothing():
    labels, scores = [0, 1, 0, 1], [0.1, 0.2, 0.3, 0.4]
    assert cheapest_threshold(labels, scores, cost_false_positive=0, cost_false_negative=1).threshold == 0.2
    assert cheapest_threshold(labels, scores, cost_false_positive=1, cost_false_negative=0).threshold == math.inf
    assert cheapest_threshold([0, 0], [1, 2], cost_false_positive=1, cost_false_negative=9).threshold == math.inf


def test_for_honest_chances_the_cheapest_threshold_is_near_break_even():
    rng = np.random.default_rng(0)
    chances = rng.random(40_000)
    labels = rng.random(40_000) < chances
    costs = {"cost_false_positive": 5, "cost_false_negative": 45}
    assert break_even(**costs) == 0.1
    assert cheapest_threshold(labels, chances, **costs).threshold == pytest.approx(0.1, abs=0.03)
    assert math.isnan(break_even(cost_false_positive=0, cost_false_negative=0))


@given(rows, st.floats(0, 1))
def test_the_threshold_for_a_recall_reaches_it_and_no_higher_one_does(made, recall):
    labels, scores = made
    threshold = threshold_for_recall(labels, scores, recall=recall)
    if not labels.any():
        assert math.isnan(threshold)
        return
    assert confusion(labels, scores >= threshold).recall >= recall
    for higher in (score for score in set(scores) if score > threshold):
        assert confusion(labels, scores >= higher).recall < recall


@pytest.mark.parametrize("bad", [-1, math.nan, math.inf])
def test_a_cost_that_is_none_is_named(bad):
    with pytest.raises(DataError, match=r"cost_false_negative: .* is not a cost"):
        cheapest_threshold([0, 1], [1, 2], cost_false_positive=1, cost_false_negative=bad)
    with pytest.raises(DataError, match=r"80 % is 0\.8"):
        threshold_for_recall([0, 1], [1, 2], recall=80)
