"""A project behind gates: what stops it, and one hash for all of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.cases import (
    RUBRIC,
    CaseError,
    Finding,
    Step,
    at_least,
    at_most,
    digest_of,
    drive,
    holds,
    incident_memo,
    marks,
    pump_weeks,
    pumps,
    respond,
)
from lifecycle.monitor import KINDS

NAN = float("nan")


def step(name, made, *findings):
    return Step(name, lambda _: made, lambda _: findings)


def test_a_project_that_is_good_enough_reaches_its_end():
    found = drive([step("a", {"x": 1}, at_least("x", 1, 1)), step("b", {"y": 2}, at_most("y", 2, 2))])
    assert found.passed
    assert found.stopped_at is None
    assert not found.waiting
    assert found.made == {"x": 1, "y": 2}
    assert [row[""] for row in found.rows()] == ["passed", "passed"]


@pytest.mark.parametrize(
    "finding", [at_least("x", 0.9, 1), at_most("x", 1.1, 1), at_least("x", NAN, 1), at_most("x", NAN, 1), holds("x", None)]
)
def test_what_is_not_a_clear_yes_stops_the_project_and_nothing_runs_after_it(finding):
    ran = []
    later = Step("later", lambda _: ran.append("ran") or {}, lambda _: [holds("ran", True)])
    found = drive([step("a", {}, holds("fine", True), finding), later])
    assert (found.stopped_at, found.waiting, ran) == ("a", ("later",), [])
    assert [row[""] for row in found.rows()] == ["passed", "FAILED", "not run"]


def test_a_gate_that_checks_nothing_does_not_open():
    assert drive([step("a", {})]).stopped_at == "a"


def test_a_step_may_not_replace_what_another_made():
    with pytest.raises(CaseError, match="`x` is there already"):
        drive([step("a", {"x": 1}, holds("x", True)), step("b", {"x": 2}, holds("x", True))])
    with pytest.raises(CaseError, match="names of their own"):
        drive([step("a", {}), step("a", {})])


def test_a_later_step_sees_what_the_ones_before_it_made():
    double = Step("double", lambda made: {"y": 2 * made["x"]}, lambda made: [at_least("y", made["y"], made["x"])])
    assert drive([step("a", {"x": 3}, holds("x", True)), double]).made["y"] == 6


def test_objects_on_the_way_do_not_count_as_results():
    with_model = drive([step("a", {"x": 1, "_model": object()}, holds("x", True))])
    assert with_model.digest == drive([step("a", {"x": 1}, holds("x", True))]).digest


values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3) | st.floats(-1, 1),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=6,
)


def kind_and_value(value):
    if isinstance(value, dict):
        return {name: kind_and_value(each) for name, each in value.items()}
    return [kind_and_value(each) for each in value] if isinstance(value, list) else (type(value).__name__, repr(value))


@settings(max_examples=60, deadline=None)
@given(values, values)
def test_digests_are_equal_exactly_where_results_are(one, other):
    assert (digest_of(one) == digest_of(other)) == (kind_and_value(one) == kind_and_value(other))


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=5), st.randoms(use_true_random=False))
def test_a_digest_does_not_depend_on_the_order_of_names(table, chance):
    names = list(table)
    chance.shuffle(names)
    assert digest_of({name: table[name] for name in names}) == digest_of(table)


def test_arrays_count_by_value_and_shape():
    line = np.arange(6.0)
    assert digest_of(line) == digest_of(line.astype("float32"))
    assert digest_of(line) != digest_of(line.reshape(2, 3))
    assert digest_of(line) != digest_of(line[::-1])
    for strange in (NAN, object(), np.array(["a"])):
        with pytest.raises(CaseError):
            digest_of(strange)


def test_the_rubric_has_ten_points_and_no_line_may_be_left_out():
    full = {each.name: each.points for each in RUBRIC}
    assert marks(full) == 10
    assert marks(dict.fromkeys(full, 0)) == 0
    assert [each.points for each in RUBRIC] == [1, 1, 2, 2, 1, 1, 1, 1]
    for wrong in ({}, full | {"style": 1}, full | {"model": 3}, full | {"model": -1}, full | {"model": NAN}):
        with pytest.raises(CaseError):
            marks(wrong)


def test_a_rollback_is_advised_only_where_the_release_can_be_the_cause():
    advised = {kind for kind in KINDS if respond(kind, since=20, released=20).roll_back}
    assert advised == {"latency", "log_anomaly", "unit_change", "silent_null"}
    assert all(respond(kind, since=20).next_steps for kind in KINDS)
    assert "within 2 day(s)" in respond("latency", since=20, released=10, near=2).because
    assert not respond("silent_null", since=20, released=18).roll_back
    assert not respond("latency", since=20).roll_back
    assert not respond("latency", since=20, released=15).roll_back
    assert not respond("latency", since=20, released=21).roll_back, "it began before the release"
    with pytest.raises(CaseError, match="no incident"):
        respond("gremlins", since=1)


def memo(**changes):
    given = {"service": "s", "kind": "broken_feed", "since": 3, "seen": 7, "evidence": ["a < b"], "lost": 1200.4,
             "at_stake": 5000, "currency": "EUR", "rolled_back": False, "because": "of <it>", "action": "mend",
             "next_steps": {"look daily": "Ana"}}  # fmt: skip
    return incident_memo(**given | changes)


def test_a_memo_has_every_figure_and_escapes_its_page():
    text = str(memo())
    for part in ("broken feed, from day 3 on; known on day 7, its day number 5", "1,200 EUR", "5,000", "look daily (Ana)"):
        assert part in text
    assert "of &lt;it&gt;" in memo().html
    assert "<it>" not in memo().html


@pytest.mark.parametrize(
    "changes", [{"next_steps": {}}, {"next_steps": {"x": " "}}, {"evidence": []}, {"lost": NAN}, {"seen": 2}, {"since": -1}]
)
def test_a_memo_without_evidence_order_or_owner_is_refused(changes):
    with pytest.raises(CaseError):
        memo(**changes)


def test_where_nothing_was_found_the_memo_says_so():
    text = str(memo(kind="none", since=-1, seen=59, evidence=[], lost=0, at_stake=0))
    assert "Nothing was found up to day 59." in text
    assert "from day" not in text


def test_what_was_not_measured_does_not_pass_and_a_gate_of_none_does_not_open():
    assert at_least("x", None, 1) == Finding("x", "not measured", "at least 1", False)
    assert drive([Step("a", lambda _: {}, lambda _: None)]).stopped_at == "a"
    with pytest.raises(CaseError, match="no results by name"):
        drive([Step("a", lambda _: None, lambda _: [])])


def test_no_two_values_share_a_digest_for_want_of_a_way_to_write_them():
    big = np.array([2**64 - 1], dtype="uint64")
    for strange in (big, np.array([NAN]), {1: "a"}, {"a": {None: 1}}, 10**9999):
        with pytest.raises(CaseError):
            digest_of(strange)
    assert digest_of(10**400) != digest_of(10**400 + 1)
    assert digest_of(np.array([0])) != digest_of(np.array([0.0]))
    assert digest_of(np.array([7], dtype="uint8")) == digest_of(np.array([7]))


def test_a_new_sensor_moves_the_measure_and_not_the_pumps():
    before, after = pump_weeks(2, 300, seed=5), pump_weeks(2, 300, seed=5, new_sensor=2)
    assert before[0].equals(after[0])
    assert before[1].drop(columns="vibration").equals(after[1].drop(columns="vibration"))
    assert np.allclose(after[1]["vibration"] - before[1]["vibration"], 0.7)
    assert 0.1 < pumps(4000, seed=1)["fails"].mean() < 0.25
    with pytest.raises(CaseError):
        pumps(0, seed=1)


def test_a_finding_says_what_was_wanted():
    assert at_least("x", 0.5, 0.6) == Finding("x", "0.5", "at least 0.6", False)
