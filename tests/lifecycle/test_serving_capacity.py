"""Percentiles, Little's law, copies and the waiting line, against definitions and simulations of another kind."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.deploy import CapacityError, expected_latency, in_flight, instances, percentile, waiting_line

LATENCIES = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


@given(LATENCIES, st.integers(1, 100))
def test_a_percentile_is_numpys_inverted_cdf(values, percent):
    assert percentile(values, percent / 100) == np.quantile(values, percent / 100, method="inverted_cdf")


@given(LATENCIES, st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_that_enough_do_not_exceed(values, percent):
    found, share = percentile(values, percent / 100), Fraction(percent, 100)
    assert Fraction(sum(value <= found for value in values), len(values)) >= share
    assert Fraction(sum(value < found for value in values), len(values)) < share


@pytest.mark.parametrize("values", [[], [1.0, math.nan]])
def test_a_percentile_of_nothing_is_refused(values):
    with pytest.raises(CapacityError, match="needs values"):
        percentile(values, 0.5)


@pytest.mark.parametrize("share", [0, -0.1, 95, math.nan])
def test_a_share_that_is_no_fraction_is_refused(share):
    with pytest.raises(CapacityError, match="no percentile"):
        percentile([1, 2], share)


@given(st.integers(0, 10**6), st.integers(1, 10**4), st.integers(1, 100), st.integers(0, 5))
def test_copies_are_enough_and_one_less_is_not(rate, each, percent, spare):
    found = instances(rate, each, busy=percent / 100, spare=spare) - spare
    sustained = Fraction(each * percent, 100)
    assert found * sustained >= rate
    assert found == 1 or (found - 1) * sustained < rate


def test_a_whole_quotient_is_not_rounded_up_by_the_noise_of_floats():
    assert 2.1 / (1 * 0.7) > 3
    assert instances(2.1, 1, busy=0.7) == 3


@pytest.mark.parametrize("plan", [{"each": 0}, {"each": -5}, {"busy": 0}, {"busy": 1.1}, {"rate": -1}, {"spare": -1}])
def test_a_plan_that_nobody_can_have_is_refused(plan):
    values = {"rate": 10, "each": 5, "busy": 1.0, "spare": 0} | plan
    with pytest.raises(CapacityError):
        instances(values["rate"], values["each"], busy=values["busy"], spare=values["spare"])


@pytest.mark.parametrize(("rate", "seconds"), [(-1, 1), (1, -1), (math.nan, 1)])
def test_littles_law_wants_rates_and_times(rate, seconds):
    with pytest.raises(CapacityError):
        in_flight(rate, seconds)


TIMES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), max_size=40)


@given(TIMES, st.integers(1, 4))
def test_the_line_is_that_of_a_clock_that_ticks(requests, workers):
    """Each tick: workers that are done are free, those who wait are taken up in order."""
    requests = sorted(requests, key=lambda request: request[0])
    visits = waiting_line([at for at, _ in requests], [takes for _, takes in requests], workers=workers)
    free, waiting, started = [0] * workers, list(range(len(requests))), {}
    for now in range(30 + 20 * len(requests) + 1):
        while waiting and requests[waiting[0]][0] <= now and min(free) <= now:
            place = waiting.pop(0)
            started[place] = now
            free[free.index(min(free))] = now + requests[place][1]
    assert [visit.started for visit in visits] == [started[place] for place in range(len(requests))]
    assert all(v.finished - v.started == takes for v, (_, takes) in zip(visits, requests, strict=True))


def test_the_mean_wait_of_a_random_line_is_what_queueing_theory_says():
    """One worker, exponential gaps and work: the mean latency is work / (1 - busy)."""
    rng = np.random.default_rng(0)
    visits = waiting_line(rng.exponential(2, 60_000).cumsum().tolist(), rng.exponential(1, 60_000).tolist())
    assert np.mean([visit.latency for visit in visits]) == pytest.approx(1 / (1 - 0.5), rel=0.05)


@given(st.floats(0, 1e3), st.floats(0, 0.99))
def test_with_exponential_work_the_expected_latency_is_work_over_what_is_left(work, busy):
    """The closed form of the line with random arrivals and exponential work, which is derived in another way."""
    assert expected_latency(work, busy=busy, variation=1) == pytest.approx(work / (1 - busy))


@pytest.mark.parametrize(("variation", "draw"), [(0.0, lambda rng, n: np.full(n, 10.0)),
                                                 (12**-0.5 / 0.5, lambda rng, n: rng.uniform(0, 20, n))])  # fmt: skip
def test_the_expected_latency_is_the_mean_of_a_computed_line(variation, draw):
    rng = np.random.default_rng(0)
    arrivals, work = rng.exponential(10 / 0.7, 100_000).cumsum(), draw(rng, 100_000)
    found = np.mean([visit.latency for visit in waiting_line(arrivals.tolist(), work.tolist())])
    assert found == pytest.approx(expected_latency(10, busy=0.7, variation=variation), rel=0.04)


@pytest.mark.parametrize("bad", [{"busy": 1}, {"busy": -0.1}, {"work": -1}, {"variation": -1}, {"busy": math.nan}])
def test_a_line_without_a_mean_is_refused(bad):
    values = {"work": 10, "busy": 0.5, "variation": 0} | bad
    with pytest.raises(CapacityError, match="a line has a mean"):
        expected_latency(values["work"], busy=values["busy"], variation=values["variation"])


@pytest.mark.parametrize(("arrivals", "work", "workers"), [([2, 1], [1, 1], 1), ([1], [-1], 1), ([1], [1], 0)])
def test_a_line_that_cannot_be_is_refused(arrivals, work, workers):
    with pytest.raises(CapacityError):
        waiting_line(arrivals, work, workers=workers)
