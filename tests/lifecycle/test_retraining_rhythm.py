"""How often, how fresh, and what a model learns when its own decisions choose its labels."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from lifecycle.errors import DataError
from lifecycle.iterate import Timetable, best_interval, cost_of_interval, selective_rounds

NIGHT = Timetable([("22:00", "collect"), ("01:30", "train"), ("07:00", "live")])


@given(st.floats(1, 1e4), st.floats(0.1, 100))
@settings(max_examples=40, deadline=None)
def test_no_interval_is_cheaper_than_the_best(price, wear):
    found = minimize_scalar(
        lambda x: cost_of_interval(math.exp(x), price=price, wear=wear), bounds=(-5, 10), method="bounded"
    )
    assert cost_of_interval(best_interval(price=price, wear=wear), price=price, wear=wear) <= found.fun + 1e-9 * found.fun
    assert math.log(best_interval(price=price, wear=wear)) == pytest.approx(found.x, abs=1e-3)


def test_without_wear_there_is_no_reason_to_retrain():
    assert best_interval(price=600, wear=0) == math.inf
    assert best_interval(price=0, wear=3) == 0


def test_a_timetable_goes_past_midnight():
    assert NIGHT.hours("collect", "live") == 9
    assert NIGHT.hours("collect", "train") == 3.5
    assert NIGHT.ages("collect", "live") == (9, 33)
    assert NIGHT.late({"collect": 210, "train": 331}) == ["train"]
    assert NIGHT.late({}) == []


@pytest.mark.parametrize(
    "broken",
    [
        lambda: cost_of_interval(0, price=1, wear=1),
        lambda: cost_of_interval(1, price=-1, wear=1),
        lambda: best_interval(price=1, wear=-1),
        lambda: best_interval(price=float("nan"), wear=1),
        lambda: Timetable([]),
        lambda: Timetable([("24:00", "collect")]),
        lambda: Timetable([("01:00", "collect"), ("02:00", "collect")]),
        lambda: NIGHT.hours("collect", "lunch"),
        lambda: NIGHT.hours("live", "collect"),
    ],
)
def test_nonsense_is_refused(broken):
    with pytest.raises(DataError):
        broken()


def payments(rng, n=3000):
    fraud = rng.random(n) < 0.03
    return pd.DataFrame({"amount": rng.normal(size=n) + 6 * fraud, "fraud": fraud.astype(int)})


def slope(rows, weights):
    """Whether large amounts are suspicious: the weighted difference of the means; 0 where no fraud is known."""
    fraud = rows["fraud"] == 1
    if not fraud.any():
        return 0.0
    return float(
        np.average(rows.loc[fraud, "amount"], weights=weights[fraud])
        - np.average(rows.loc[~fraud, "amount"], weights=weights[~fraud])
    )


def loop(**changes):
    rng = np.random.default_rng(3)
    rounds = [payments(rng) for _ in range(4)]
    settings = {"start": payments(rng), "target": "fraud", "fit": slope, "block": 0.05, "seed": 1}
    return selective_rounds(rounds, score=lambda model, rows: model * rows["amount"].to_numpy(), **(settings | changes))


def test_a_model_that_blocks_all_fraud_never_sees_it_again_and_forgets_it():
    own, all_labels = loop(window=1), loop(window=1, everything=True)
    assert own["recall"][0] > 0.95
    assert own["seen"][0] < 0.1 * own["true"][0]
    assert own["recall"][1:].min() < 0.6 < all_labels["recall"].min()
    assert all_labels["seen"].tolist() == all_labels["true"].tolist()


def test_the_recall_of_each_kind_adds_up_to_the_whole():
    rng = np.random.default_rng(5)
    rows = [payments(rng).assign(kind=lambda each: rng.choice(["far", "large"], len(each))) for _ in range(3)]
    table = selective_rounds(
        rows,
        start=rows[0],
        target="fraud",
        fit=slope,
        score=lambda m, each: each["amount"].to_numpy(),
        block=0.03,
        kind="kind",
    )
    for number, each in enumerate(rows):
        share = each.loc[each["fraud"] == 1, "kind"].value_counts(normalize=True)
        parts = sum(share[name] * table[f"recall: {name}"][number] for name in ("far", "large"))
        assert table["recall"][number] == pytest.approx(parts)
    with pytest.raises(DataError, match="nobody"):
        loop(kind="nobody")


def test_letting_some_through_keeps_the_memory_and_costs_a_few():
    plain, explored = loop(window=1), loop(window=1, explore=0.2)
    assert explored["recall"].min() > 0.9
    assert explored["passed"][0] > plain["passed"][0]
    assert (explored["labels"] > plain["labels"]).all()


def test_exploration_makes_the_weighted_share_honest():
    """The weights of those let through add up, on average, to all that were to be blocked."""
    shares = []

    def note(rows, weights):
        shares.append(float(np.average(rows["fraud"], weights=weights)))
        return 1.0

    table = loop(fit=note, window=1, explore=0.25)
    assert np.mean(shares[1:]) == pytest.approx(table["true"][:-1].mean(), rel=0.25)
    assert table["seen"].mean() < 0.5 * table["true"].mean()


def test_a_round_without_positives_has_no_recall():
    none = payments(np.random.default_rng(0)).assign(fraud=0)
    table = selective_rounds(
        [none], start=none, target="fraud", fit=slope, score=lambda m, rows: rows["amount"].to_numpy(), block=0.1
    )
    assert math.isnan(table["recall"][0])
    assert table["true"][0] == 0


@pytest.mark.parametrize("shares", [{"block": 0}, {"block": 1}, {"explore": -0.1}, {"explore": 1.1}])
def test_shares_that_make_no_sense_are_refused(shares):
    with pytest.raises(DataError):
        loop(**shares)
