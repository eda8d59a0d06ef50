"""Covariate shift, prior shift and concept drift are told apart by what stayed."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from lifecycle.errors import DataError
from lifecycle.monitor import SHIFT_KINDS, ShiftLimits, kind_of_shift

ROWS = 3_000


def chance(x, turned=0.0):
    """Of y = 1, from the first two of four columns; `turned` moves weight from the first to the second."""
    return 1 / (1 + np.exp(0.5 - (1 - turned) * 1.4 * x[:, 0] - turned * 1.4 * x[:, 1]))


def drawn(seed, *, shift=0.0, turned=0.0, share=None, n=ROWS):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(4 * n, 4))
    x[:, 0] += shift
    y = (rng.random(len(x)) < chance(x, turned)).astype(int)
    chosen = rng.permutation(len(x))
    if share is not None:  # as many of each class as asked for, whatever their inputs
        ones, zeros = (chosen[y[chosen] == value] for value in (1, 0))
        chosen = rng.permutation(np.concatenate([ones[: round(share * n)], zeros[: n - round(share * n)]]))
    frame = pd.DataFrame(x, columns=["a", "b", "c", "d"]).assign(y=y)
    return frame.iloc[chosen[:n]].reset_index(drop=True)


@pytest.fixture(scope="module")
def reference():
    return drawn(0)


@pytest.mark.parametrize(
    ("kind", "world"),
    [
        ("none", {}),
        ("covariate", {"shift": 0.6}),
        ("covariate", {"shift": -1.2}),
        ("prior", {"share": 0.6}),
        ("prior", {"share": 0.2}),
        ("concept", {"turned": 0.5}),
        ("concept", {"turned": 1.0}),
        ("both", {"shift": 1.0, "turned": 1.0}),
    ],
)
def test_the_kind_is_that_of_the_world_the_rows_were_drawn_from(reference, kind, world):
    assert kind_of_shift(reference, drawn(1, **world), target="y").kind == kind


def test_the_change_at_the_same_inputs_is_that_of_the_world(reference):
    """The average change of the chance where all chances rose by 15 points."""
    now = drawn(3)
    rng = np.random.default_rng(4)
    now["y"] = np.where(rng.random(len(now)) < 0.15 / (1 - now["y"].mean()), 1, now["y"])
    found = kind_of_shift(reference, now, target="y").labels_given_inputs
    points = float(found.detail.split(" points")[0])
    assert points == pytest.approx(15, abs=4)


def test_equal_rows_that_come_again_and_again_are_no_evidence(reference):
    """Rows drawn with replacement from few people: five times as many rows, and no more people."""
    people = drawn(5, n=600)
    again = people.iloc[np.random.default_rng(6).integers(0, 600, 5 * 600)]
    assert not kind_of_shift(reference, again, target="y").labels_given_inputs.changed


def test_inputs_that_never_occurred_before_leave_the_kind_open(reference):
    cents = drawn(7).assign(a=lambda frame: 100 * frame["a"] + 10_000)
    found = kind_of_shift(reference, cents, target="y")
    assert found.kind == "unclear"
    assert found.overlap < 0.1
    assert "fault" in found.action


def test_columns_of_text_truth_and_gaps_are_looked_at(reference):
    def dressed(frame, *, north):
        rng = np.random.default_rng(8)
        return frame.assign(
            region=np.where(rng.random(len(frame)) < north, "north", "south"),
            flag=frame["b"] > 0,
            a=frame["a"].mask(frame["c"] > 1.5),
        )

    found = kind_of_shift(dressed(reference, north=0.5), dressed(drawn(9), north=0.8), target="y")
    assert found.kind == "covariate"
    assert "region = " in found.inputs.detail


def test_the_same_rows_give_the_same_answer_and_it_becomes_json(reference):
    now = drawn(10, turned=1.0)
    first, second = (kind_of_shift(reference, now, target="y", seed=3) for _ in range(2))
    assert first == second
    told = json.loads(json.dumps(first.to_json()))
    assert told["kind"] in SHIFT_KINDS
    assert told["inputs"]["part"] == "P(X)"
    assert told["n_current"] == ROWS
    assert [row["part"] for row in first.rows()] == ["P(X)", "P(y)", "P(y | X)", "P(X | y)"]
    assert first.words
    assert first.action


def test_limits_say_from_which_size_on_a_change_counts(reference):
    now = drawn(11, shift=0.6)
    blind = ShiftLimits(gap=0.9, area=0.99, share=0.9)
    assert kind_of_shift(reference, now, target="y", limits=blind).kind == "none"


def test_most_bounds_the_rows_and_features_the_columns(reference):
    found = kind_of_shift(reference, drawn(12, shift=1.0), target="y", features=["c", "d"], most=1_000)
    assert not found.inputs.changed  # the column that moved is not among them
    assert (found.n_reference, found.n_current) == (1_000, 1_000)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame.drop(columns="y"), "column `y` is missing"),
        (lambda frame: frame.assign(y=frame["y"].astype(float).mask(frame.index < 3)), "not known in 3 rows"),
        (lambda frame: frame.assign(y=frame["y"] + 1), "0 and 1 are meant"),
        (lambda frame: frame.head(100), "100 rows cannot tell"),
        (lambda frame: frame.rename(columns=str.upper).rename(columns={"Y": "y"}), "no feature in common"),
        (lambda frame: frame.assign(a=np.inf), "`a` holds infinite values"),
    ],
)
def test_what_cannot_be_judged_is_refused_by_name(reference, change, message):
    with pytest.raises(DataError, match=message):
        kind_of_shift(reference, change(reference), target="y")


def test_one_class_a_strange_level_and_a_column_nobody_has_are_refused(reference):
    alone = reference.assign(y=1)
    with pytest.raises(DataError, match="1 in every row"):
        kind_of_shift(alone, alone, target="y")
    with pytest.raises(DataError, match="`level` is 5"):
        kind_of_shift(reference, reference, target="y", level=5)
    with pytest.raises(DataError, match="column `age` is not in both frames"):
        kind_of_shift(reference, reference, target="y", features=["age"])


def test_without_any_change_false_alarms_are_rare():
    kinds = [kind_of_shift(drawn(20 + i, n=600), drawn(60 + i, n=600), target="y").kind for i in range(10)]
    assert kinds.count("none") >= 9
