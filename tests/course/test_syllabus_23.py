"""The figures that lesson 23 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lifecycle import iterate
from lifecycle.cases import (
    audience,
    best,
    budgeted,
    collaborative,
    either,
    evenings,
    fit_detector,
    fit_promise,
    halves,
    history,
    learn_by_month,
    live_factors,
    misses,
    outcome,
    payments,
    plan_faults,
    popularity,
    precision_at,
    show_titles,
    top,
    trips,
)
from lifecycle.forecast import conformal_quantile, coverage

COMMITTED = Path(__file__).parents[2] / "datasets/artifacts/23/plan.json"
SEED, BUDGET = 23, 90


@pytest.fixture(scope="module")
def bank() -> dict:
    start = pd.concat([payments(month, seed=SEED) for month in (1, 2)], ignore_index=True)
    months = [payments(month, seed=SEED) for month in range(3, 9)]
    detector = fit_detector(start, start["fraud"], seed=SEED)
    novel = [detector.novel(rows) for rows in months]
    return {"start": start, "months": months, "detector": detector, "novel": novel, "budget": BUDGET, "seed": SEED}


def test_the_hybrid_finds_the_new_scheme_within_the_budget_and_the_supervised_one_does_not(bank):
    third, novel = bank["months"][0], bank["novel"][0]
    known = bank["detector"].known(third)
    alone = outcome(third, top(known, BUDGET))
    both = outcome(third, budgeted(known, novel, budget=BUDGET, novelty=0.5))
    assert alone["recall new"] == 0
    assert both["recall new"] > 0.3
    assert alone["alerts"] == both["alerts"] == BUDGET
    assert both["recall known"] > 0.75
    assert both["precision"] > alone["precision"]


def test_unsupervised_alone_suspects_the_innocent_and_finds_all_only_far_down(bank):
    third, novel = bank["months"][0], bank["novel"][0]
    strange = outcome(third, top(novel, BUDGET))
    assert strange["innocent"] > BUDGET / 3
    assert strange["recall known"] < 0.5
    order = pd.Series(-novel).rank(method="first")
    assert order[third["fraud"] == 1].max() > 5 * BUDGET


def test_either_of_two_limits_goes_over_the_budget_once_something_happens(bank):
    quiet = payments(9, new=0, seed=SEED)  # nobody learned from it
    known, novel = bank["detector"].known(quiet), bank["detector"].novel(quiet)
    limits = {"known_limit": np.sort(known)[-BUDGET // 2], "novel_limit": np.sort(novel)[-BUDGET // 2]}
    assert either(known, novel, **limits).sum() <= BUDGET
    for rows, strange in zip(bank["months"], bank["novel"], strict=True):
        assert either(bank["detector"].known(rows), strange, **limits).sum() > BUDGET


def test_novelty_buys_time_and_labels_make_the_new_known(bank):
    hybrid = learn_by_month(**bank, novelty=0, floor=0.1)
    supervised = learn_by_month(**bank, novelty=0)
    assert hybrid["recall new"].iloc[:3].mean() > supervised["recall new"].iloc[:3].mean() + 0.3
    assert supervised["recall new"].iloc[3:].mean() > 0.8
    assert hybrid["by supervised"].iloc[0] == 0
    assert hybrid["by supervised"].iloc[-1] > 0.6


def test_a_third_scheme_is_found_first_by_those_who_look_for_the_strange(bank):
    months = [payments(month, newer=0.006, seed=SEED) for month in (5, 6, 7)]
    world = {"start": bank["start"], "detector": bank["detector"], "budget": BUDGET, "seed": SEED, "months": months}
    hybrid, alone = (learn_by_month(**world, novelty=0, floor=floor, kinds=("newer",)) for floor in (0.1, None))
    assert hybrid["recall newer"].iloc[1] > alone["recall newer"].iloc[1] + 0.15
    assert math.isnan(hybrid["recall newer"].iloc[0])


def test_learning_from_blocked_rows_confirms_itself_or_forgets(bank):
    taken = learn_by_month(**bank, novelty=0, floor=0.1, policy="taken for fraud")
    left_out = learn_by_month(**bank, novelty=0, floor=0.1, policy="left out")
    assert (taken["believed"] == 1).all()
    assert taken["precision"].max() < 0.85
    assert left_out["recall known"].iloc[-1] < left_out["recall known"].iloc[0] - 0.3
    kept = learn_by_month(**bank, novelty=0, floor=0.1, policy="left out", window=9)
    assert kept["recall known"].iloc[-1] > left_out["recall known"].iloc[-1] + 0.3


def test_precision_at_k_and_an_order_that_grows_old():
    crowd = audience(seed=SEED)
    shape = {"viewers": len(crowd.tastes), "titles": len(crowd.genres)}
    turned = crowd.turned(0.5, seed=SEED)
    weeks = [history(evenings(crowd if week < 4 else turned, week=week, seed=SEED), **shape) for week in range(8)]
    seen = np.maximum.reduce(weeks[:3])
    then, there = weeks[3] * (seen == 0), crowd.released <= 3
    alike, liked = (best(score(seen), 20, without=seen, there=there) for score in (collaborative, popularity))
    assert precision_at(alike[:, :5], then) > 2 * precision_at(liked[:, :5], then)
    assert precision_at(alike[:, :1], then) > precision_at(alike[:, :5], then) > precision_at(alike, then)
    for week in (5, 6, 7):
        old, fresh = (collaborative(np.maximum.reduce(past)) for past in (weeks[:2], weeks[week - 2 : week]))
        there = crowd.released <= week
        assert precision_at(best(fresh, 5, there=there), weeks[week]) > precision_at(best(old, 5, there=there), weeks[week])


def test_starts_prefer_one_order_and_minutes_the_other_and_sessions_are_not_viewers():
    crowd = audience(viewers=4_000, seed=SEED)
    orders = best(crowd.start_chance(), 10), best(crowd.start_chance() * crowd.stay(), 10)
    second = halves(4_000, seed=SEED)
    used = show_titles(crowd, np.where(second[:, None], orders[1], orders[0]), seed=SEED)
    a, b = used[~second], used[second]
    assert iterate.compare_ratios(a["starts"], a["sessions"], b["starts"], b["sessions"]).high < 0
    assert iterate.compare_means(a["minutes"], b["minutes"]).low > 0
    assert iterate.compare_means(a["stayed"], b["stayed"]).low > 0
    same = show_titles(crowd, orders[0], seed=SEED + 1)
    alarms = [0, 0]
    for draw in range(50):
        x, y = same[halves(4_000, seed=draw)], same[~halves(4_000, seed=draw)]
        sums = [int(group[name].sum()) for group in (x, y) for name in ("starts", "sessions")]
        alarms[0] += iterate.compare_rates(*sums).p < 0.05
        alarms[1] += iterate.compare_ratios(x["starts"], x["sessions"], y["starts"], y["sessions"]).p < 0.05
    assert alarms[0] > 5 > alarms[1]


def test_a_mean_hides_the_tail():
    steady, lucky = np.array([3, -3] * 5), np.array([1, -1, 1, -1, 1, -1, 1, -1, 1, 21])
    assert np.abs(steady).mean() == np.abs(lucky).mean() == 3
    assert (steady.max(), lucky.max()) == (3, 21)


def test_coverage_is_kept_until_the_bridge_closes_and_adaptive_beats_static_after():
    town = trips(days=30, closed_from=22, seed=SEED)
    past, later = town[town["day"] < 12], town[town["day"].between(12, 15)]
    calm, closed = town["day"].between(16, 21), town["day"] >= 22
    promise = fit_promise(past, seed=SEED)
    said = promise.minutes(later)
    promise = replace(promise, widening=conformal_quantile(misses(later["minutes"], said[0.05], said[0.95]), level=0.9))
    said = promise.minutes(town)

    def held(rows: pd.Series, table: pd.DataFrame) -> float:
        return coverage(town.loc[rows, "minutes"], table.loc[rows, 0.05], table.loc[rows, 0.95])

    assert held(calm, said) == pytest.approx(0.9, abs=0.02)
    assert held(closed & (town["zone"] == "south"), said) < 0.8
    ratio = town["minutes"] / said[0.5]
    factor = live_factors(town["start"].tolist(), town["end"].tolist(), ratio.tolist(), town["zone"].tolist(), weight=0.02)
    live = said.mul(factor, axis=0)
    error = {name: (town["minutes"] - table[0.5]).abs() for name, table in (("static", said), ("live", live))}
    assert error["live"][closed].mean() < 0.8 * error["static"][closed].mean()
    assert error["live"][calm].mean() < 1.05 * error["static"][calm].mean()
    assert held(closed, live) > held(closed, said)


def test_the_plan_that_is_handed_over_is_sound():
    handed = json.loads(COMMITTED.read_text(encoding="utf-8"))
    assert plan_faults(handed["plan"]) == []
    found = handed["new_scheme_found_in_month_3"]
    assert found["hybrid, trained monthly"] > found["supervised, trained monthly"]
