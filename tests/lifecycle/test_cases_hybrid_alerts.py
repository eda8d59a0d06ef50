"""One budget of alerts, spent on what is known and on what is strange."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.cases import CaseError, budgeted, either, fit_detector, inputs, outcome, payments, share_left, top
from lifecycle.cases.hybrid.payments import INPUTS, KINDS

SCORES = st.lists(st.floats(-5, 5, allow_nan=False).map(lambda x: round(x, 1)), min_size=1, max_size=30)


@given(SCORES, st.integers(0, 40))
def test_the_top_is_what_sorting_gives(scores, n):
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    assert set(np.flatnonzero(top(scores, n))) == set(order[:n])


def test_the_top_leaves_out_what_is_taken_and_refuses_what_has_no_place():
    assert top([3, 2, 1], 1, without=[True, False, False]).tolist() == [False, True, False]
    for scores, n in (([1.0, math.nan], 1), ([1.0], -1), ([1.0], 1.5)):
        with pytest.raises(CaseError, match="ranking"):
            top(scores, n)


@given(SCORES, st.integers(0, 30), st.floats(0, 1), st.randoms())
def test_a_budget_is_spent_exactly_and_no_place_twice(known, budget, novelty, random):
    novel = known[:]
    random.shuffle(novel)
    alerts = budgeted(known, novel, budget=budget, novelty=novelty)
    assert alerts.sum() == min(budget, len(known))
    sure = top(known, budget - round(budget * novelty))
    assert (alerts & sure).sum() == sure.sum()


def test_all_or_nothing_for_novelty_is_one_score_alone():
    rng = np.random.default_rng(1)
    known, novel = rng.random((2, 50))
    assert (budgeted(known, novel, budget=9, novelty=0) == top(known, 9)).all()
    assert (budgeted(known, novel, budget=9, novelty=1) == top(novel, 9)).all()
    with pytest.raises(CaseError, match="novelty"):
        budgeted(known, novel, budget=9, novelty=1.1)


def test_either_counts_both_sides_and_knows_no_budget():
    found = either([0.9, 0.1, 0.9, 0.0], [1.0, 8.0, 9.0, 2.0], known_limit=0.5, novel_limit=8.0)
    assert found.tolist() == [True, True, True, False]


def test_what_the_model_is_sure_of_leaves_the_rest_and_never_less_than_the_floor():
    assert share_left([0.9, 0.8, 0.1], budget=4, floor=0.1) == pytest.approx(0.5)
    assert share_left([0.9] * 10, budget=4, floor=0.1) == 0.1
    assert share_left([0.0] * 10, budget=4, floor=0.1) == 1.0
    for wrong in ({"budget": 0, "floor": 0.1}, {"budget": 1.5, "floor": 0.1}, {"budget": 4, "floor": 1.5}):
        with pytest.raises(CaseError, match="floor"):
            share_left([0.5], **wrong)


def test_an_outcome_counts_what_was_found_by_kind():
    frame = pd.DataFrame({"kind": ["known", "new", "new", "odd", "honest"], "fraud": [1, 1, 1, 0, 0]})
    told = outcome(frame, [True, True, False, True, False])
    assert told == {"alerts": 3, "precision": 2 / 3, "recall known": 1.0, "recall new": 0.5, "innocent": 1}
    empty = outcome(frame.iloc[3:], [False, False])
    assert math.isnan(empty["precision"])
    assert math.isnan(empty["recall new"])
    with pytest.raises(CaseError, match="5 payments"):
        outcome(frame, [True])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: fit_detector(payments(1, rows=100), [0] * 99),
        lambda: fit_detector(payments(1, rows=100), [math.nan] * 100),
        lambda: fit_detector(payments(1, rows=100).iloc[:0], []),
        lambda: fit_detector(payments(1, rows=100), [0] * 100, trees=1.5),
        lambda: budgeted([1, 2], [1, 2], budget=1.5, novelty=0.0),
        lambda: top([1, 2, 3], 1, without=[True]),
        lambda: budgeted([1, 2], [1], budget=1, novelty=0.0),
        lambda: either([1, 2], [1], known_limit=1, novel_limit=1),
        lambda: either([1, math.nan], [1, 1], known_limit=1, novel_limit=1),
        lambda: share_left([math.nan], budget=1, floor=0.1),
        lambda: outcome(pd.DataFrame({"kind": ["known"], "fraud": [1]}), [math.nan]),
    ],
)
def test_scores_labels_and_alerts_that_are_missing_or_too_few_are_refused(wrong):
    with pytest.raises(CaseError, match="hybrid"):
        wrong()


def test_payments_have_the_shares_they_were_asked_for_and_are_the_same_again():
    first = payments(3, rows=1_000, known=0.02, odd=0.05, new=0.01, seed=4)
    assert first["kind"].value_counts().to_dict() == {"honest": 920, "odd": 50, "known": 20, "new": 10}
    assert (first["fraud"] == first["kind"].isin(["known", "new"])).all()
    third = payments(6, rows=1_000, newer=0.01, seed=4)
    assert set(third["kind"]) == set(KINDS)
    assert third.loc[third["kind"] == "newer", "fraud"].tolist() == [1] * 10
    pd.testing.assert_frame_equal(first, payments(3, rows=1_000, known=0.02, odd=0.05, new=0.01, seed=4))
    assert not first["amount"].equals(payments(4, rows=1_000, seed=4)["amount"])
    assert "new" not in set(payments(2, seed=4)["kind"])


def test_inputs_show_nothing_of_the_truth():
    frame = payments(3, rows=200, seed=1)
    assert list(inputs(frame).columns) == list(INPUTS)
    assert inputs(frame).drop(columns="night").to_numpy().min() >= 0
    assert np.isfinite(inputs(frame)).all().all()
    assert set(inputs(frame)["night"]) <= {0.0, 1.0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"month": 0},
        {"month": 1.5},
        {"month": 1, "rows": 5},
        {"month": 1, "rows": 200.5},
        {"month": 1, "new_from": "march"},
        {"month": 1, "odd": 1.0},
        {"month": 1, "known": -0.1},
        {"month": 1, "seed": -1},
        {"month": 1, "seed": 0.5},
    ],
)
def test_payments_that_cannot_be_are_refused(wrong):
    with pytest.raises(CaseError, match="hybrid"):
        payments(**wrong)
