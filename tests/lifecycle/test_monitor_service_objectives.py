"""Error budgets, readings with intervals, and the board."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.monitor import (
    AccuracyMonitor,
    AlertRule,
    Objective,
    Tile,
    WatchError,
    alerts_of,
    burning,
    measured_share,
    minutes_down,
    status_page,
)

PROMISE = Objective("answered", 0.999)


def test_minutes_of_three_nines_and_four():
    assert minutes_down(0.999) == pytest.approx(43.2)
    assert minutes_down(0.9999) == pytest.approx(4.32)
    assert PROMISE.minutes == minutes_down(0.999)


@pytest.mark.parametrize("call", [lambda: minutes_down(99.9), lambda: minutes_down(0.9, days=0), lambda: Objective("x", 1.0),
                                  lambda: Objective("x", 0.9, days=-1), lambda: PROMISE.budget(3, 2),
                                  lambda: PROMISE.days_until_spent(-1)])  # fmt: skip
def test_promises_that_are_none_are_refused(call):
    with pytest.raises(WatchError):
        call()


def test_a_budget_is_held_up_to_its_last_failure():
    assert PROMISE.budget(10, 10_000).held
    assert not PROMISE.budget(11, 10_000).held
    assert PROMISE.budget(0, 0).held
    assert math.isnan(PROMISE.budget(0, 0).spent)


def test_a_burn_rate_of_one_uses_the_budget_up_at_the_end():
    assert PROMISE.burn_rate(1, 1000) == pytest.approx(1)
    assert PROMISE.days_until_spent(PROMISE.burn_rate(5, 1000)) == pytest.approx(6)
    assert PROMISE.days_until_spent(0) == math.inf


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40), st.integers(1, 12), st.integers(1, 5)
)
def test_burning_equals_the_windows_summed_one_by_one(minutes, long, short):
    bad, total = [min(a, b) for a, b in minutes], [max(a, b) for a, b in minutes]
    found = burning(bad, total, objective=PROMISE, windows=(long, short))
    for minute, value in enumerate(found):
        rates = []
        for window in (long, short):
            start = max(0, minute + 1 - window)
            asked = sum(total[start : minute + 1])
            rates.append(PROMISE.burn_rate(sum(bad[start : minute + 1]), asked) if asked else math.nan)
        np.testing.assert_allclose(value, np.min(rates), rtol=1e-9)


@pytest.mark.parametrize(
    ("bad", "total", "windows"), [([1], [1, 2], (5,)), ([2], [1], (5,)), ([0], [1], ()), ([0], [1], (0,))]
)
def test_burning_refuses_counts_that_cannot_be(bad, total, windows):
    with pytest.raises(WatchError):
        burning(bad, total, objective=PROMISE, windows=windows)


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_interval_of_a_share_solves_wilsons_equation(good, more):
    """At its ends the score test rejects at exactly 5 %: |share - p| = z * sqrt(p (1 - p) / n)."""
    n = good + more
    reading = measured_share(good, n)
    for p in {reading.low, reading.high} - {0.0, 1.0}:
        assert abs(good / n - p) == pytest.approx(1.959964 * math.sqrt(max(p * (1 - p), 0) / n), abs=1e-6)


def test_no_rows_give_no_share_and_valid_json():
    reading = measured_share(0, 0, at="Sunday")
    assert math.isnan(reading.share)
    assert json.loads(reading.line()) == {"at": "Sunday", "good": 0, "n": 0, "share": None, "low": None, "high": None}


def test_a_few_bad_labels_wake_nobody_and_many_do():
    lines = []
    monitor = AccuracyMonitor(least=0.85, write=lines.append)
    assert not monitor.add([1] * 10, [1] * 8 + [0] * 2)
    assert monitor.add([1] * 1000, [1] * 810 + [0] * 190)
    assert [json.loads(line)["n"] for line in lines] == [10, 1000]


def test_labels_and_decisions_are_compared_one_by_one():
    monitor = AccuracyMonitor(least=0.5)
    monitor.add([0, 1, 1, 0, 1], [0, 1, 0, 0, 1])
    assert monitor.readings[0].share == 0.8
    with pytest.raises(WatchError, match="equal length"):
        monitor.add([1, 0], [1])


def test_at_the_promised_accuracy_the_level_says_how_often_it_rings_by_chance():
    random = np.random.default_rng(3)
    days = [np.arange(1000) < right for right in random.binomial(1000, 0.85, 400)]
    rang = {
        level: sum(AccuracyMonitor(least=0.85, level=level).add([1] * 1000, day) for day in days) for level in (0.95, 0.999)
    }
    assert 3 <= rang[0.95] <= 20
    assert rang[0.999] <= 2
    with pytest.raises(WatchError, match="level"):
        AccuracyMonitor(least=0.85, level=95)


def test_a_board_is_ok_only_if_all_of_it_is():
    rule = AlertRule("Slow", "p95", above=1, severity="critical", action="look")
    good = [Tile("errors", 0.0, most=0.1)]
    assert "✓ ok</b>. 1 of 1" in status_page("Board", good, alerts=alerts_of(rule, [2, 0]))
    assert "Altogether: <b>! an alert goes on" in status_page("Board", good, alerts=alerts_of(rule, [0, 2]))
    assert "Altogether: <b>✗ missed" in status_page("Board", [*good, Tile("x", 8, least=10)], alerts=alerts_of(rule, [0, 2]))
    with pytest.raises(WatchError, match="without a measurement"):
        status_page("Board", [])


def test_what_was_not_measured_is_never_ok():
    tiles = [Tile("errors", 0.0, most=0.1), Tile("quality", math.nan, least=0.8), Tile("uptime", 99.95, "%", least=99.99)]
    assert [tile.state for tile in tiles] == ["ok", "unknown", "missed"]
    assert [tile.target for tile in tiles] == ["≤ 0.1", "≥ 0.8", "≥ 99.99 %"]
    with pytest.raises(WatchError, match="without a target"):
        Tile("errors", 0.0)


def test_the_page_escapes_what_it_shows_and_names_who_is_still_rung():
    rule = AlertRule("Slow", "p95", above=1, action="<look>")
    page = status_page("A & <b>", [Tile("p95 <x>", 3, "ms", most=2)], alerts=alerts_of(rule, [2, 0, 2]), notes=["<i>"])
    assert "<x>" not in page
    assert "<look>" not in page
    assert "<title>A &amp; &lt;b&gt;</title>" in page
    assert page.index("goes on") < page.index("; over")
    assert "0 of 1 targets kept" in page
