from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from lifecycle.errors import DataError
from lifecycle.monitor import (
    Campaign,
    Ledger,
    Prices,
    breaks_even_at,
    daily_value,
    incremental_effect,
    observed_value,
    pilot_size,
    reconcile,
    scenario_table,
    tornado,
)

BASE = Campaign(cases=10_000, recall=0.75, success=0.3, value=500, contact=50, development=100_000, maintenance=20_000)
shares = st.floats(0.01, 1)


def net(**changes):
    return BASE.but(**changes).net


@settings(max_examples=60, deadline=None)
@given(recall=shares, success=shares, precision=shares, value=st.floats(0, 1e4), false_alarm=st.floats(0, 100))
def test_a_year_is_what_one_adds_up_by_hand(recall, success, precision, value, false_alarm):
    case = BASE.but(recall=recall, success=success, precision=precision, value=value, false_alarm=false_alarm)
    right = 10_000 * recall
    wrong = right / precision - right
    by_hand = right * success * value - (right + wrong) * 50 - wrong * false_alarm - 120_000
    assert case.net == pytest.approx(by_hand, rel=1e-9, abs=1e-4)
    assert case.roi == pytest.approx(by_hand / case.ledger.cost, rel=1e-9, abs=1e-9)


def test_years_add_up_with_discount_and_decay():
    case = BASE.but(years=3, discount=0.1, decay=0.2)
    expected = -100_000 + sum((2_250 * 500 * 0.8**k - 20_000 - 7_500 * 50 * 0.8**k) / 1.1**k for k in range(3))
    assert case.net == pytest.approx(expected)
    table = case.by_year()
    assert table["cumulative"].iloc[-1] == pytest.approx(case.net)
    assert BASE.but(years=2).ledger.costs["development"] == 100_000


def test_who_would_have_come_anyway_is_not_saved():
    assert BASE.but(anyway=0.3).saved == 0
    assert BASE.but(anyway=0.4).ledger.benefit < 0


@pytest.mark.parametrize(
    "changes",
    [{"recall": 75}, {"precision": 0}, {"value": -1}, {"years": 0}, {"years": 1.5}, {"decay": 1}, {"cases": math.nan}],
)
def test_what_is_no_assumption_is_refused(changes):
    with pytest.raises(DataError, match=next(iter(changes))):
        BASE.but(**changes)


def test_an_unknown_assumption_is_named():
    with pytest.raises(DataError, match="no assumption `luck`"):
        BASE.but(luck=1)


def test_a_return_says_over_which_costs():
    ledger = Ledger({"a": 100.0}, {"b": 20.0, "c": 30.0})
    assert ledger.net == 50
    assert ledger.roi() == 1
    assert ledger.roi(["b"]) == 2.5
    assert ledger.with_costs(d=50).roi() == 0
    assert math.isnan(Ledger({"a": 1.0}, {}).roi())
    with pytest.raises(DataError, match="no cost `x`"):
        ledger.roi(["x"])
    with pytest.raises(DataError, match="positive amounts"):
        Ledger({}, {"b": -1.0})
    with pytest.raises(DataError, match="no amount"):
        Ledger({"a": math.inf}, {})


def test_a_tornado_has_the_largest_swing_on_top():
    table = tornado(net, {"recall": (0.6, 0.9), "success": (0.2, 0.4), "maintenance": (0, 40_000)})
    assert table["assumption"].tolist() == ["success", "recall", "maintenance"]
    assert table["swing"].tolist() == pytest.approx([750_000, 300_000, 40_000])
    assert (table["at_high"] - table["at_low"]).abs().tolist() == pytest.approx(table["swing"].tolist())
    with pytest.raises(DataError, match="down to"):
        tornado(net, {"recall": (0.9, 0.6)})
    with pytest.raises(DataError, match="no assumption to move"):
        tornado(net, {})


@settings(max_examples=40, deadline=None)
@given(root=st.floats(-0.99, 0.99), slope=st.floats(0.1, 100), falling=st.booleans())
def test_the_break_even_is_the_root_of_a_line(root, slope, falling):
    sign = -1 if falling else 1
    assert breaks_even_at(lambda x: sign * slope * (x - root), "x", low=-1, high=1) == pytest.approx(root, abs=1e-9)


def test_no_break_even_and_more_than_one_are_told_apart():
    with pytest.raises(DataError, match="never"):
        breaks_even_at(net, "recall", low=0.5, high=1)
    with pytest.raises(DataError, match="more than once"):
        breaks_even_at(lambda x: x * x - 0.25, "x", low=-1, high=1)
    with pytest.raises(DataError, match="nothing between"):
        breaks_even_at(net, "recall", low=1, high=1)
    assert breaks_even_at(net, "precision", low=0.1, high=1, target=255_000) == pytest.approx(0.5)


def test_scenarios_stand_in_a_table():
    table = scenario_table({"net": net}, {"base": {}, "worse": {"recall": 0.6}})
    assert table["net"].tolist() == [BASE.net, net(recall=0.6)]
    assert table["recall"].isna().tolist() == [True, False]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_an_effect_has_the_interval_of_newcombe(treated, control, data):
    good, good_without = data.draw(st.integers(0, treated)), data.draw(st.integers(0, control))
    found = incremental_effect(good, treated, good_without=good_without, control=control)
    low, high = confint_proportions_2indep(good, treated, good_without, control, compare="diff", method="newcomb")
    assert found.estimate == pytest.approx(good / treated - good_without / control)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_without_a_control_group_there_is_no_effect():
    with pytest.raises(DataError, match="cannot be told"):
        incremental_effect(3, 10, good_without=0, control=0)


def test_money_is_earned_on_one_day_and_booked_on_another():
    made = pd.DataFrame({"request_id": list("abcd"), "day": [0, 0, 2, 2], "decision": [1, 1, 1, 0]})
    news = pd.DataFrame({"request_id": list("abd"), "day_known": [3, 5, 4], "label": [1, 0, 1]})
    found = reconcile(made, news, as_of=6)
    prices = Prices(caught=100, false_alarm=30, flag=5)
    table = daily_value(found, prices)
    assert table.index.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert table["earned"].tolist() == [95 - 35, 0, 0, 0, 0, 0, 0]
    assert table["booked"].tolist() == [0, 0, 0, 95, 0, -35, 0]
    assert table["cumulative"].iloc[-1] == observed_value(found, prices) == 60
    assert table["maturity"].loc[[0, 2]].tolist() == [1, 0.5]
    assert np.isnan(table["maturity"].loc[1])
    with pytest.raises(DataError, match="no decision"):
        daily_value(reconcile(made, news, as_of=-1), prices)
    with pytest.raises(DataError, match="`caught`"):
        Prices(caught=-1, false_alarm=0)


def test_what_was_booked_stays_booked_and_a_correction_is_booked_on_its_own_day():
    made = pd.DataFrame({"request_id": ["P-1"], "day": [1], "decision": [1]})
    news = pd.DataFrame({"request_id": ["P-1", "P-1"], "day_known": [7, 30], "label": [0, 1]})
    prices = Prices(caught=1500, false_alarm=100)
    early, late = (daily_value(reconcile(made, news, as_of=day), prices) for day in (10, 30))
    assert early["booked"].loc[7] == late["booked"].loc[7] == -100
    assert late["booked"].loc[30] == 1600
    assert (early["earned"].loc[1], late["earned"].loc[1]) == (-100, 1500)


logs = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 9), st.integers(0, 1)), min_size=1, max_size=25)


@settings(max_examples=40, deadline=None)
@given(logs, st.integers(1, 12), st.integers(0, 12))
def test_the_books_never_change_afterwards_and_add_up(outcomes, day, more):
    made = pd.DataFrame({"request_id": list("abcde"), "day": [0, 0, 2, 2, 5], "decision": [1, 1, 1, 0, 1]})
    news = pd.DataFrame(outcomes, columns=["request_id", "day_known", "label"])
    prices = Prices(caught=7, false_alarm=3, flag=1)
    then, later = (reconcile(made, news, as_of=when) for when in (day, day + more))
    one, two = daily_value(then, prices), daily_value(later, prices)
    assert one["booked"].tolist() == two["booked"].loc[:day].tolist()
    assert one["cumulative"].iloc[-1] == one["earned"].sum() == observed_value(then, prices)


@pytest.mark.parametrize(
    ("expected", "needed", "precision", "anyway"),
    [
        (0.3, 0.232, 0.5, 0),
        (0.3, 0.232, 1, 0),
        (0.5, 0.34, 0.4, 0),
        (0.5, 0.34, 1, 0),
        (0.3, 0.232, 0.7, 0.17),
        (1, 0.9, 1, 0.5),
    ],
)
def test_a_pilot_of_that_size_succeeds_four_times_in_five(expected, needed, precision, anyway):
    n = pilot_size(expected, at_least=needed, precision=precision, anyway=anyway)
    rng = np.random.default_rng(1)
    treated = rng.binomial(n, 1 - precision + precision * expected, 1_500)
    alone = rng.binomial(n, 1 - precision + precision * anyway, 1_500)
    won = [incremental_effect(a, n, good_without=b, control=n).low > precision * (needed - anyway)
           for a, b in zip(treated.tolist(), alone.tolist(), strict=True)]  # fmt: skip
    assert 0.76 < np.mean(won) < 0.86  # small groups jump by whole cases


def test_a_large_pilot_has_the_size_of_the_textbook():
    textbook = (1.959964 + 0.841621) ** 2 * (0.65 * 0.35 + 0.25) / (0.5 * (0.3 - 0.27)) ** 2
    assert pilot_size(0.3, at_least=0.27, precision=0.5) == pytest.approx(textbook, rel=0.01)


def test_no_pilot_shows_what_is_not_believed():
    with pytest.raises(DataError, match="no pilot"):
        pilot_size(0.2, at_least=0.2)
    with pytest.raises(DataError, match="no pilot"):
        pilot_size(0.3, at_least=0.2, anyway=0.25)
