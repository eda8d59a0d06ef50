"""Trips, promises that hold, feedback that looks at nothing too early, and replicas that follow the load."""

from __future__ import annotations

import heapq
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, mean_pinball_loss

from lifecycle.cases import CaseError, ScalingRule, fit_promise, live_factors, misses, promise_table, scale, trips
from lifecycle.deploy import percentile, waiting_line

TOWN = trips(days=12, a_day=200, closed_from=10, seed=3)


def test_trips_begin_in_order_and_end_after_their_minutes():
    assert TOWN["start"].is_monotonic_increasing
    assert len(TOWN) == 2_400
    assert (TOWN["end"] - TOWN["start"]).to_numpy() == pytest.approx(TOWN["minutes"].to_numpy())
    assert TOWN["minutes"].min() > 0


def test_the_bridge_slows_the_south_alone():
    open_, closed = (trips(days=12, a_day=200, closed_from=day, seed=3) for day in (None, 10))
    ratio = (closed["minutes"] / open_["minutes"]).round(2)
    late_south = (open_["day"] >= 10) & (open_["zone"] == "south")
    assert ratio[late_south].to_numpy() == pytest.approx(1.3, abs=0.02)
    assert (ratio[~late_south] == 1).all()


@pytest.fixture(scope="module")
def promise():
    return fit_promise(TOWN[TOWN["day"] < 7], seed=1)


def test_quantiles_are_in_order_and_each_beats_the_others_at_its_own_loss(promise):
    calm = TOWN[TOWN["day"].between(7, 9)]
    said = promise.minutes(calm)
    assert (said[0.05] <= said[0.5]).all()
    assert (said[0.5] <= said[0.95]).all()
    losses = {level: {own: mean_pinball_loss(calm["minutes"], said[own], alpha=level) for own in said} for level in said}
    assert all(min(by, key=by.get) == level for level, by in losses.items())


def test_widening_by_the_misses_holds_where_it_was_learned(promise):
    calm = TOWN[TOWN["day"].between(7, 9)]
    said = promise.minutes(calm)
    outside = misses(calm["minutes"], said[0.05], said[0.95])
    assert ((outside > 0) == ((calm["minutes"] < said[0.05]) | (calm["minutes"] > said[0.95]))).all()
    wider = type(promise)(promise.model, promise.levels, float(np.quantile(outside, 0.9, method="higher"))).minutes(calm)
    held = calm["minutes"].between(wider[0.05], wider[0.95]).mean()
    assert 0.9 <= held <= 0.91


def test_a_promise_table_agrees_with_others():
    told = promise_table(TOWN, TOWN["minutes"] - 12, late=10)
    assert told == {"MAE": pytest.approx(12), "bias": pytest.approx(12), "p95 late": pytest.approx(12), "late": 1.0}
    said = TOWN["km"] * 3
    assert promise_table(TOWN, said)["MAE"] == pytest.approx(mean_absolute_error(TOWN["minutes"], said))


def test_only_trips_that_have_ended_teach():
    starts, ends = [0.0, 5.0, 10.0, 10.0, 11.0], [10.0, 30.0, 12.0, 13.0, 12.0]
    factors = live_factors(starts, ends, [2.0, 9.0, 9.0, 9.0, 9.0], ["a", "a", "a", "b", "a"], weight=0.5)
    assert factors.tolist() == pytest.approx([1, 1, 2**0.5, 1, 2**0.5])


@given(st.lists(st.floats(0.2, 5), min_size=2, max_size=25), st.floats(0.01, 1))
def test_changing_an_answer_changes_no_promise_before_its_end(ratios, weight):
    n = len(ratios)
    starts, ends = [2.0 * i for i in range(n)], [2.0 * i + 7 for i in range(n)]
    one = live_factors(starts, ends, ratios, ["a"] * n, weight=weight)
    other = live_factors(starts, ends, [ratios[0] * 2, *ratios[1:]], ["a"] * n, weight=weight)
    assert (one[:4] == other[:4]).all()
    assert (one >= 0.5 - 1e-12).all()
    assert (one <= 2 + 1e-12).all()


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 5)), min_size=1, max_size=40), st.integers(1, 4))
def test_fixed_replicas_are_a_waiting_line(requests, workers):
    gaps, work = (list(each) for each in zip(*requests, strict=True))
    arrivals = np.cumsum(gaps).tolist()
    run = scale(arrivals, work, rule=ScalingRule(least=workers, most=workers, every=2.0))
    visits = waiting_line(arrivals, work, workers=workers)
    assert run.waits == pytest.approx([visit.started - visit.arrived for visit in visits])
    assert run.waited(0.95) == pytest.approx(percentile([visit.started - visit.arrived for visit in visits], 0.95))
    assert run.changes == ((0.0, workers),)
    assert run.seconds == pytest.approx(workers * max([arrivals[-1], *(visit.finished for visit in visits)]))


@given(st.lists(st.floats(0, 60), min_size=1, max_size=60), st.floats(0, 30), st.floats(0.3, 0.9))
def test_requests_that_wait_go_first_to_a_replica_that_came_later(work, boot, target):
    arrivals = [2.0 * i for i in range(len(work))]
    rule = ScalingRule(least=1, most=6, target=target, every=10, boot=boot, patience=10_000)
    run = scale(arrivals, work, rule=rule)
    free = [0.0] + [
        now + boot for (_, before), (now, after) in pairwise(run.changes) for _ in range(after - before)
    ]  # nothing is taken away, so all that matters is from when on each replica is there
    heapq.heapify(free)
    for arrived, takes, waited in zip(arrivals, work, run.waits, strict=True):
        started = max(arrived, heapq.heappop(free))
        heapq.heappush(free, started + takes)
        assert waited == pytest.approx(started - arrived)


def test_a_broken_clock_teaches_no_more_than_the_largest_factor():
    starts, ends = [0.0, 10.0], [5.0, 20.0]
    assert live_factors(starts, ends, [1e6, 1.0], ["a", "a"], weight=0.1)[1] == pytest.approx(2**0.1)


def test_replicas_come_with_the_load_and_leave_after_it():
    arrivals = [i / 10 for i in range(6_000)] + [600 + 10.0 * i for i in range(200)]
    rule = ScalingRule(least=1, most=8, target=0.6, every=30, boot=20, patience=3)
    run = scale(arrivals, [0.3] * len(arrivals), rule=rule)
    counts = [count for _, count in run.changes]
    assert max(counts) > 4
    assert counts[-1] < max(counts)
    assert rule.least <= min(counts)
    assert max(counts) <= rule.most
    assert run.waited(0.95) < scale(arrivals, [0.3] * len(arrivals), rule=ScalingRule(least=1, most=1)).waited(0.95)
    assert run.seconds < scale(arrivals, [0.3] * len(arrivals), rule=ScalingRule(least=8, most=8)).seconds


def test_each_message_names_what_is_wrong():
    with pytest.raises(CaseError, match=r"forgiven are a number(.|\n)*late nan"):
        promise_table(TOWN, TOWN["minutes"], late=math.nan)
    with pytest.raises(CaseError, match=r"weight 0.5, largest 0.9"):
        live_factors([0], [1], [1], ["a"], weight=0.5, largest=0.9)
    with pytest.raises(CaseError, match=r"closed from 2.5"):
        trips(days=3, closed_from=2.5)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: trips(days=0),
        lambda: trips(days=1.5),
        lambda: trips(days=1, a_day=10.5),
        lambda: trips(days=1, closed_from="monday"),
        lambda: trips(days=1, seed=0.5),
        lambda: trips(days=10**400),
        lambda: fit_promise(TOWN, levels=("a", "b", "c")),
        lambda: fit_promise(TOWN, seed=1.5),
        lambda: ScalingRule(least=1.5),
        lambda: ScalingRule(most=20.5),
        lambda: ScalingRule(patience=1.5),
        lambda: ScalingRule(target="0.5"),
        lambda: scale([1.0], [1.0], rule=ScalingRule()).waited("0.5"),
        lambda: fit_promise(TOWN, levels=(0.5, 0.9)),
        lambda: fit_promise(TOWN, levels=(0.9, 0.5, 0.1)),
        lambda: misses([1, 2], [0], [3]),
        lambda: live_factors([0, 1], [1, 2], [1, 1], ["a"]),
        lambda: live_factors([1, 0], [2, 2], [1, 1], ["a", "a"]),
        lambda: live_factors([0], [1], [0], ["a"]),
        lambda: live_factors([0], [1], [1], ["a"], weight=0),
        lambda: ScalingRule(least=3, most=2),
        lambda: ScalingRule(target=1.0),
        lambda: ScalingRule(boot=math.nan),
        lambda: ScalingRule(every=math.inf),
        lambda: scale([math.nan], [1.0], rule=ScalingRule()),
        lambda: scale([0.0], [math.inf], rule=ScalingRule()),
        lambda: live_factors([0], [1], [math.inf], ["a"]),
        lambda: live_factors([0], [math.nan], [1], ["a"]),
        lambda: misses([math.nan], [0], [1]),
        lambda: fit_promise(TOWN.iloc[:0]),
        lambda: fit_promise(TOWN.assign(km=math.nan)),
        lambda: promise_table(TOWN.iloc[:0], []),
        lambda: promise_table(TOWN, TOWN["minutes"] * math.nan),
        lambda: promise_table(TOWN, TOWN["minutes"].iloc[::-1]),
        lambda: promise_table(TOWN, [1.0]),
        lambda: scale([], [], rule=ScalingRule()),
        lambda: scale([1.0, 0.5], [1, 1], rule=ScalingRule()),
        lambda: scale([1.0], [1.0], rule=ScalingRule()).waited(0),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(CaseError, match="arrival"):
        wrong()
