"""What a retraining pipeline refuses, and the way back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from lifecycle.errors import DataError, LifecycleError
from lifecycle.iterate import (
    CHANGES,
    STEPS,
    BatchRules,
    RejectedError,
    Releases,
    Step,
    automation,
    champion_gate,
    fixed_gate,
    run_pipeline,
    share_alarm,
)

SHARES = st.floats(0, 1)
NAN = float("nan")
YES = fixed_gate(0.95, floor=0.9)


def rules(**changes):
    return BatchRules(**{"limits": {"amount": (0, 500), "age": (18, 110)}, "target": "late", "identifier": "id", **changes})


def batch(**columns):
    return pd.DataFrame({"id": range(10), "amount": 10.0, "age": 40, "late": [0, 1] * 5} | columns)


def test_a_good_batch_has_no_faults():
    assert rules(least_rows=10, prevalence=(0.5, 0.5), holdout={99}).faults(batch()) == []


@pytest.mark.parametrize(
    ("given_rules", "columns", "words"),
    [
        ({}, {"amount": 501.0}, "outside 0 to 500"),
        ({}, {"amount": NAN}, "outside"),
        ({}, {"amount": np.inf}, "outside"),
        ({}, {"amount": "ten"}, "not hold numbers"),
        ({}, {"late": 1}, "one class"),
        ({}, {"late": [0, 2] * 5}, "no label of 0 or 1"),
        ({}, {"late": [0, None] * 5}, "no label of 0 or 1"),
        ({"prevalence": (0.0, 0.4)}, {}, "expected 0.00% to 40.00%"),
        ({"least_rows": 11}, {}, "at least 11"),
        ({"holdout": {3, 99}}, {}, "1 rows belong to the holdout"),
        ({}, {"id": 7}, "9 rows repeat"),
    ],
)
def test_each_rule_names_its_fault(given_rules, columns, words):
    found = rules(**given_rules).faults(batch(**columns))
    assert len(found) == 1
    assert words in found[0]


def test_a_missing_column_is_said_before_anything_else():
    assert rules().faults(batch().drop(columns=["age", "late"])) == ["column `age` is missing", "column `late` is missing"]


def test_a_share_outside_is_allowed_up_to_the_rule():
    one = batch(amount=[-1.0] + [5.0] * 9)
    assert rules(most_outside=0.1).faults(one) == []
    assert len(rules(most_outside=0.09).faults(one)) == 1


def test_rows_that_are_kept_are_searched_for_the_holdout_too():
    kept = pd.DataFrame({"id": [1, 2, 3], "amount": [5.0, 6.0, 7.0]})
    assert rules(holdout={99}).leaks(kept) == []
    assert rules(identifier=None).leaks(kept) == []
    assert rules(holdout={2, 99}).leaks(kept) == ["`id`: 1 rows belong to the holdout"]
    assert "missing" in rules(holdout={2}).leaks(kept.drop(columns="id"))[0]
    assert "have none" in rules(holdout={99}).leaks(kept.assign(id=[1.0, np.nan, 3.0]))[0]


def test_identifiers_that_cannot_be_compared_are_no_proof_of_innocence():
    texts = batch(id=[str(number) for number in range(10)])
    assert rules(holdout={3}).faults(texts) == ["`id` holds texts, the holdout numbers: they cannot be compared"]
    assert rules(holdout={"3"}).faults(texts) == ["`id`: 1 rows belong to the holdout"]
    assert rules(holdout={np.int64(99)}).faults(batch()) == []
    with pytest.raises(DataError, match="identifier"):
        rules(identifier=None, holdout={3})


def test_an_empty_batch_is_refused():
    assert rules().faults(batch().head(0))


def steps(refuse=None, error=None):
    def run(name):
        def step(state):
            state["done"] = [*state["done"], name]
            if name == refuse:
                raise error
            return f"{name}: fine"

        return step

    return [Step(name, run(name)) for name in STEPS]


def test_a_run_in_which_every_step_is_done_is_deployed():
    run = run_pipeline(steps(), done=[])
    assert (run.outcome, run.stopped_at, run.state["done"]) == ("deployed", None, list(STEPS))
    assert [row["status"] for row in run.rows()] == ["done"] * 5


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize(("error", "outcome"), [(RejectedError("too few rows"), "rejected"), (KeyError("amount"), "failed")])
def test_the_first_refusal_ends_a_run_and_so_does_whatever_breaks(name, error, outcome):
    run = run_pipeline(steps(name, error), done=[])
    place = STEPS.index(name)
    assert (run.outcome, run.stopped_at) == (outcome, name)
    assert run.state["done"] == list(STEPS[: place + 1])
    assert [entry.status for entry in run.log] == ["done"] * place + [outcome] + ["not run"] * (4 - place)
    assert ("too few rows" if outcome == "rejected" else "KeyError") in run.log[place].note


def test_a_run_leaves_the_callers_state_alone_and_needs_steps():
    state = {"done": []}
    run_pipeline(steps(), **state)
    assert state == {"done": []}
    with pytest.raises(DataError):
        run_pipeline([])
    with pytest.raises(DataError):
        run_pipeline([*steps(), *steps()], done=[])


@pytest.mark.parametrize("names", [STEPS[-1:], STEPS[1:], STEPS[::-1], (*STEPS, "one more")])
def test_a_run_without_the_required_steps_in_their_order_does_not_begin(names):
    begun = []
    with pytest.raises(DataError, match="required ones"):
        run_pipeline([Step(name, lambda state: begun.append(1) or "done") for name in names])
    assert not begun


def test_other_steps_can_be_required():
    run = run_pipeline([Step("check", lambda state: "fine"), Step("go", lambda state: "gone")], required=("check", "go"))
    assert run.outcome == "deployed"


def test_the_fixed_gate_takes_91_over_92_and_the_comparison_does_not():
    assert fixed_gate(0.91, floor=0.90).accepted
    assert not champion_gate(0.91, 0.92, floor=0.90).accepted
    assert str(champion_gate(0.91, 0.92, floor=0.90)) == "reject: the difference, -0.01, is worse than +0"


@given(SHARES, SHARES, SHARES, st.floats(0, 0.2))
@settings(max_examples=80, deadline=None)
def test_nothing_passes_that_is_below_the_floor_or_worse_by_more_than_allowed(candidate, champion, floor, most_loss):
    accepted = champion_gate(candidate, champion, floor=floor, most_loss=most_loss).accepted
    assert accepted == (candidate >= floor and candidate - champion >= -most_loss - 1e-12)
    assert not accepted or fixed_gate(candidate, floor=floor).accepted


@pytest.mark.parametrize(
    "figures",
    [
        {"candidate": NAN, "champion": 0.9},
        {"candidate": 0.95, "champion": NAN},
        {"candidate": 0.95, "champion": 0.9, "interval": (NAN, 0.1)},
        {"candidate": 0.95, "champion": 0.9, "interval": (0.0, NAN)},
        {"candidate": 0.95, "champion": NAN, "interval": (0.0, 0.1)},
        {"candidate": 0.95, "champion": 0.9, "interval": (-0.03, 0.1)},
    ],
)
def test_what_was_not_shown_is_rejected(figures):
    assert champion_gate(**figures, floor=0.5, most_loss=0.02).outcome == "reject"


def test_what_is_surely_worse_does_not_pass_however_small_the_loss():
    """A difference of -0.0108 (-0.0160 to -0.0056) stays within a loss of 0.02, and it is a loss."""
    decision = champion_gate(0.768, 0.779, floor=0.6, most_loss=0.02, interval=(-0.016, -0.0056))
    assert str(decision) == "reject: surely worse than the champion: the difference is -0.016 to -0.0056"
    assert champion_gate(0.778, 0.779, floor=0.6, most_loss=0.02, interval=(-0.006, 0.001)).accepted


@given(st.floats(-0.2, 0.2), st.floats(0, 0.2), st.floats(0, 0.1))
@settings(max_examples=60, deadline=None)
def test_an_interval_passes_that_shows_little_loss_and_does_not_show_any(low, width, most_loss):
    accepted = champion_gate(0.8, 0.8, floor=0.5, most_loss=most_loss, interval=(low, low + width)).accepted
    assert accepted == (low >= -most_loss - 1e-12 and low + width >= 0)


def test_a_loss_that_is_allowed_is_not_negative_and_an_interval_has_its_ends_in_order():
    with pytest.raises(DataError):
        champion_gate(0.9, 0.9, floor=0.5, most_loss=-0.1)
    with pytest.raises(DataError):
        champion_gate(0.9, 0.9, floor=0.5, interval=(0.1, -0.1))


def test_a_release_is_automated_as_far_as_its_hardest_change():
    assert [automation([change]).level for change in CHANGES] == ["fully", "partly", "no", "no"]
    assert automation(["new data", "business logic", "new features"]) == CHANGES["business logic"]
    for unknown in ([], ["a new colour"]):
        with pytest.raises(DataError):
            automation(unknown)


def test_the_version_before_is_at_hand_until_there_is_none():
    releases = Releases("1.0.0", "old")
    releases.deploy("1.1.0", "new", decision=YES)
    releases.deploy("1.2.0", "newer", decision=YES)
    assert (releases.live.version, releases.live.model) == ("1.2.0", "newer")
    assert releases.roll_back("too many flagged").model == "new"
    assert releases.roll_back("still").model == "old"
    with pytest.raises(LifecycleError):
        releases.roll_back("again")
    with pytest.raises(DataError):
        releases.deploy("1.1.0", "another under the same name", decision=YES)
    assert [row["event"] for row in releases.rows()] == ["live"] * 3 + ["rolled back"] * 2


def test_what_no_gate_has_accepted_does_not_go_live():
    releases = Releases("1.0.0", "old")
    with pytest.raises(LifecycleError, match="not accepted"):
        releases.deploy("1.1.0", "new", decision=fixed_gate(0.8, floor=0.9))
    assert releases.live.version == "1.0.0"
    assert len(releases.rows()) == 1


@given(st.integers(0, 400), st.integers(1, 400), st.floats(0.01, 0.99), st.floats(0, 0.9))
@settings(max_examples=60, deadline=None)
def test_the_alarm_needs_an_interval_wholly_outside_of_what_is_tolerated(count, n, expected, tolerance):
    count = min(count, n)
    low, high = proportion_confint(count, n, alpha=0.01, method="wilson")
    outside = low > expected * (1 + tolerance) or high < expected * (1 - tolerance)
    assert share_alarm(count, n, expected=expected, tolerance=tolerance) == outside


def test_no_rows_raise_no_alarm_and_nonsense_is_refused():
    assert share_alarm(0, 0, expected=0.1) is False
    for count, n, expected in ((3, 2, 0.1), (-1, 2, 0.1), (1, 2, 0.0), (1, 2, NAN)):
        with pytest.raises(DataError):
            share_alarm(count, n, expected=expected)
