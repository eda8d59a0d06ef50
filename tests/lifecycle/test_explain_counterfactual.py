"""Ways out: nothing cheaper exists on the grid, each is scored again, and what may not be advised is not."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.develop import engineer, load
from lifecycle.explain import ExplanationError, Lever, actions_for, counterfactuals

ROW = pd.DataFrame({"x": [0], "y": [0.0], "z": [1.0]})


@given(
    st.lists(st.floats(-2, 2), min_size=3, max_size=3),
    st.lists(st.floats(0.1, 3), min_size=3, max_size=3),
    st.floats(-3, 3),
    st.sampled_from(["at least", "below"]),
)
@settings(max_examples=40, deadline=None)
def test_no_setting_of_the_levers_is_cheaper(weights, efforts, threshold, wanted):
    def score(frame):
        return frame[["x", "y", "z"]].to_numpy() @ weights + 0.3 * frame["x"] * frame["y"]

    values = (-1.0, 0.0, 1.0, 2.0)
    levers = [Lever(name, values, effort) for name, effort in zip("xyz", efforts, strict=True)]
    ways = counterfactuals(score, ROW, levers, threshold=threshold, wanted=wanted, at_most=3)
    now = ROW.to_numpy()[0]
    passing = []
    for setting in product(values, repeat=3):
        height = float(np.dot(setting, weights)) + 0.3 * setting[0] * setting[1]
        if height >= threshold if wanted == "at least" else height < threshold:
            passing.append(float(np.abs(np.subtract(setting, now)) @ efforts))
    assert bool(ways) == bool(passing)
    if ways:
        assert ways[0].effort == pytest.approx(min(passing), abs=1e-9)
    for way in ways:
        changed = ROW.assign(**{change.name: change.after for change in way.changes})
        assert score(changed)[0] == pytest.approx(way.score)
        assert way.score >= threshold if wanted == "at least" else way.score < threshold


def test_a_way_that_only_adds_to_a_cheaper_one_is_left_out():
    levers = [Lever("x", (1, 2)), Lever("y", (1, 2))]
    ways = counterfactuals(lambda frame: frame["x"] + 0.1 * frame["y"], ROW, levers, threshold=1, wanted="at least")
    assert [str(way) for way in ways] == ["x 0 -> 1"]


def test_of_two_equally_cheap_ways_the_safer_is_taken():
    lever = Lever("y", (-1, 1))
    (way,) = counterfactuals(lambda frame: frame["y"] + 2 * frame["y"] ** 2, ROW, [lever], threshold=1, wanted="at least")
    assert way.changes[0].after == 1


def test_who_passes_already_has_nothing_to_change():
    (way,) = counterfactuals(lambda frame: frame["z"], ROW, [Lever("x", (1,))], threshold=1, wanted="at least")
    assert (way.changes, way.effort, way.score) == ((), 0, 1)


def test_no_way_is_an_empty_list_and_the_threshold_itself_is_not_below():
    assert counterfactuals(lambda frame: 0 * frame["x"] + 5, ROW, [Lever("x", (1,))], threshold=5, wanted="below") == []


def test_a_lever_with_its_present_value_alone_moves_nothing():
    assert counterfactuals(lambda frame: frame["x"], ROW, [Lever("x", (0,))], threshold=1, wanted="at least") == []


def test_whole_numbers_stay_whole_for_the_score():
    seen = []

    def score(frame):
        seen.append(frame["x"].dtype.kind)
        return frame["x"].to_numpy(dtype=float)

    counterfactuals(score, ROW, [Lever("x", (1, 2))], threshold=2, wanted="at least")
    assert set(seen) == {"i"}


@pytest.mark.parametrize(
    ("levers", "options", "said"),
    [
        ([Lever("age", (1,))], {"never": ["age"]}, "`age` must not be advised on"),
        ([Lever("w", (1,))], {}, "no column of the row"),
        ([Lever("x", (1,)), Lever("x", (2,))], {}, "stands twice"),
        ([Lever("x", (1,), effort=0)], {}, "costs 0"),
        ([Lever("x", tuple(range(500))), Lever("y", tuple(range(500)))], {}, "would score 251,000 rows"),
    ],
)
def test_levers_that_cannot_be_searched_say_why(levers, options, said):
    with pytest.raises(ExplanationError, match=said):
        counterfactuals(lambda frame: frame["x"], ROW, levers, threshold=9, wanted="at least", **options)


def test_a_score_that_looks_at_the_neighbours_breaks_its_promise_and_is_caught():
    with pytest.raises(ExplanationError, match="on its own"):
        counterfactuals(
            lambda frame: frame["x"] - frame["x"].mean(), ROW, [Lever("x", (1, 2, 3))], threshold=0.5, wanted="at least"
        )


def test_steps_reach_the_upper_end_in_spite_of_rounding():
    assert Lever.between("x", 0, 0.3, step=0.1).values == pytest.approx([0, 0.1, 0.2, 0.3])
    with pytest.raises(ExplanationError, match="no values from"):
        Lever.between("x", 1, 0, step=0.1)


@pytest.mark.parametrize("use_case", ["credit", "fraud", "churn"])
def test_actions_left_alone_change_nothing_and_every_setting_makes_a_row_that_can_be_engineered(use_case):
    rows = load(use_case, n_rows=100, seed=1)
    for number in (0, 17, 33):
        row = rows.iloc[[number]]
        actions = actions_for(use_case, row)
        same = engineer(actions.apply(actions.idle), use_case=use_case)
        assert same.to_numpy() == pytest.approx(engineer(row, use_case=use_case).to_numpy())
        for lever in actions.levers:
            settings_ = pd.concat([actions.idle] * len(lever.values), ignore_index=True).assign(**{lever.name: lever.values})
            assert not engineer(actions.apply(settings_), use_case=use_case).isna().to_numpy().any()


def test_waiting_a_month_moves_the_record_back_and_pays_on_time():
    row = load("credit", n_rows=40, seed=1).iloc[[5]]
    row = row.assign(pay_1=2, pay_2=3, pay_3=0, bill_amt1=900, bill_amt2=800, pay_amt1=70, pay_amt2=60, limit_bal=10_000)
    actions = actions_for("credit", row)
    after = actions.apply(actions.idle.assign(months=2, extra=5))
    assert after[["pay_1", "pay_2", "pay_3", "pay_4", "pay_5"]].to_numpy()[0].tolist() == [-1, -1, 2, 3, 0]
    assert after[["bill_amt1", "bill_amt2", "bill_amt3", "bill_amt4"]].to_numpy()[0].tolist() == [400, 900, 900, 800]
    assert after["pay_amt1"][0] == 570
    protected = ["sex", "age", "education", "marriage"]
    assert after[protected].to_numpy().tolist() == row[protected].to_numpy().tolist()
    assert not {lever.name for lever in actions.levers} & set(protected)


def test_nobody_pays_back_more_than_is_owed():
    row = load("credit", n_rows=40, seed=1).iloc[[5]].assign(bill_amt1=100, pay_amt1=0, limit_bal=10_000)
    assert actions_for("credit", row).apply(pd.DataFrame({"months": [0], "extra": [50]}))["bill_amt1"][0] == 0


def test_actions_are_for_one_row_of_a_known_use_case():
    with pytest.raises(ExplanationError, match="no actions are known"):
        actions_for("weather", ROW)
    with pytest.raises(ExplanationError, match="for one row"):
        actions_for("credit", pd.concat([ROW, ROW]))
