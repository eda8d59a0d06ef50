"""When a retraining is due, and how often a limit says so by chance."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.iterate import TRIGGERS, Above, Below, Requested, Scheduled, Week, false_alarms, fired


def names(found):
    return [(each.week, each.trigger) for each in found]


def series(measure, values, **more):
    return [Week(number, {measure: value}, **more) for number, value in enumerate(values, start=1)]


def test_the_four_triggers_fire_in_one_week_in_their_order():
    week = Week(4, {"accuracy": 0.8, "ks": 0.3}, labels=500, requests=("rules change", "a product ends"))
    found = fired([week])
    assert [each.trigger for each in found] == ["scheduled", "performance", "drift", "manual"]
    assert [each.action for each in found] == [each.action for each in TRIGGERS]
    assert found[3].reason == "rules change; a product ends"


@pytest.mark.parametrize(("value", "fires"), [(0.85, False), (0.8499, True), (0.9, False)])
def test_performance_fires_below_its_limit_and_not_at_it(value, fires):
    assert bool(fired(series("accuracy", [value]), [Below("accuracy", 0.85)])) is fires


@pytest.mark.parametrize(("value", "fires"), [(0.2, False), (0.2001, True), (0.1, False)])
def test_drift_fires_above_its_limit_and_not_at_it(value, fires):
    assert bool(fired(series("ks", [value]), [Above("ks", 0.2)])) is fires


@pytest.mark.parametrize("unknown", [None, math.nan])
def test_what_is_not_known_neither_fires_nor_counts_as_one_in_a_row(unknown):
    rule = [Below("accuracy", 0.85, in_a_row=2)]
    assert fired(series("accuracy", [0.8, unknown, 0.8]), rule) == []
    assert names(fired(series("accuracy", [unknown, 0.8, 0.8]), rule)) == [(3, "performance")]
    assert fired([Week(1)], [Above("ks"), Below("accuracy")]) == []


def test_a_week_with_few_labels_proves_nothing_and_interrupts_a_run():
    weeks = [Week(n, {"accuracy": 0.5}, labels=labels) for n, labels in enumerate([300, 199, 200, 250], start=1)]
    assert names(fired(weeks, [Below("accuracy", least_labels=200)])) == [
        (1, "performance"),
        (3, "performance"),
        (4, "performance"),
    ]
    assert names(fired(weeks, [Below("accuracy", least_labels=200, in_a_row=2)])) == [(4, "performance")]


@pytest.mark.parametrize("rule", [Below("accuracy", in_a_row=2), Above("accuracy", 0.2, in_a_row=2)])
def test_weeks_that_are_not_neighbours_are_not_two_running(rule):
    weeks = [Week(number, {"accuracy": 0.5}) for number in (1, 9, 11, 12)]
    assert names(fired(weeks, [rule])) == [(12, rule.name)]


def test_a_cool_down_silences_alarms_but_neither_the_calendar_nor_people():
    weeks = [Week(n, {"ks": 0.3}, requests=("please",)) for n in range(1, 7)]
    found = names(fired(weeks, [Scheduled(every=2), Above("ks"), Requested()], cool_down=3))
    assert [week for week, name in found if name == "drift"] == [1, 5]
    assert [week for week, name in found if name == "scheduled"] == [2, 4, 6]
    assert [week for week, name in found if name == "manual"] == [1, 2, 3, 4, 5, 6]


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30), st.integers(1, 4), st.integers(0, 5))
@settings(max_examples=50, deadline=None)
def test_what_fires_depends_on_the_past_alone(values, in_a_row, cool_down):
    weeks = series("accuracy", values, labels=100)
    rule = [Below("accuracy", 0.5, in_a_row=in_a_row)]
    whole = fired(weeks, rule, cool_down=cool_down)
    for known in range(len(weeks)):
        assert fired(weeks[:known], rule, cool_down=cool_down) == [each for each in whole if each.week <= known]


@pytest.mark.parametrize("labels", [1, 36, 100, 400])
@pytest.mark.parametrize("accuracy", [0.0, 0.87, 1.0])
def test_false_alarms_are_the_binomial_sum(labels, accuracy):
    limit = 0.85
    chance = sum(
        math.comb(labels, right) * accuracy**right * (1 - accuracy) ** (labels - right)
        for right in range(labels + 1)
        if right < limit * labels - 1e-9
    )
    assert false_alarms(accuracy, limit=limit, labels=labels, weeks=10) == pytest.approx(10 * chance, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: fired([Week(2), Week(1)]),
        lambda: fired([Week(1), Week(1)]),
        lambda: fired([Week(1)], [Requested(), Requested()]),
        lambda: fired([Week(1)], cool_down=-1),
        lambda: Scheduled(every=0),
        lambda: Below(in_a_row=0),
        lambda: false_alarms(87, limit=0.85, labels=100),
        lambda: false_alarms(0.87, limit=0.85, labels=0),
    ],
)
def test_nonsense_is_refused(broken):
    with pytest.raises(DataError):
        broken()
