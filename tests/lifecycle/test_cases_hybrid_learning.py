"""A detector that learns from its own months."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lifecycle.cases import CaseError, budgeted, fit_detector, learn_by_month, outcome, payments

SMALL = {"rows": 2_000, "seed": 5}


@pytest.fixture(scope="module")
def bank() -> dict:
    start = payments(1, **SMALL)
    months = [payments(month, **SMALL) for month in (3, 4, 5)]
    detector = fit_detector(start, start["fraud"], trees=20, seed=5)
    return {"start": start, "months": months, "detector": detector, "novel": [detector.novel(rows) for rows in months]}


def test_without_learning_each_month_is_the_first_detector_alone(bank):
    table = learn_by_month(**bank, budget=30, novelty=0.4, policy="never")
    detector = bank["detector"]
    for row, rows in zip(table.to_dict("records"), bank["months"], strict=True):
        alerts = budgeted(detector.known(rows), detector.novel(rows), budget=30, novelty=0.4)
        assert {name: row[name] for name in outcome(rows, alerts)} == outcome(rows, alerts)
        assert row["believed"] == row["precision"]


def test_decisions_taken_for_truth_believe_themselves_and_left_out_ones_believe_nothing(bank):
    believed = {
        policy: learn_by_month(**bank, budget=30, novelty=0.4, policy=policy)["believed"]
        for policy in ("taken for fraud", "left out", "reviewed")
    }
    assert (believed["taken for fraud"] == 1).all()
    assert believed["left out"].isna().all()
    assert (believed["reviewed"] < 1).all()


def test_who_looks_at_a_part_believes_what_is_there(bank):
    whole = learn_by_month(**bank, budget=30, novelty=0.4, policy="taken for fraud", explore=1.0)
    assert whole["believed"].tolist() == pytest.approx(whole["precision"].tolist())
    part = learn_by_month(**bank, budget=30, novelty=0.4, policy="left out", explore=0.5, seed=1)
    assert part["believed"].notna().all()


def test_a_scheme_that_people_label_is_known_to_the_supervised_model_later(bank):
    table = learn_by_month(**bank, budget=30, novelty=0.5)
    assert table["by supervised"].iloc[-1] > table["by supervised"].iloc[0]


def test_the_floor_lets_novelty_have_what_is_left(bank):
    table = learn_by_month(**bank, budget=30, novelty=0, floor=0.2)
    assert table["novelty"].between(0.2, 1).all()


def test_the_same_seed_gives_the_same_months_and_given_novelty_changes_nothing(bank):
    again = {name: value for name, value in bank.items() if name != "novel"}
    first, second = (learn_by_month(**each, budget=30, novelty=0.5, explore=0.5, seed=2) for each in (bank, again))
    pd.testing.assert_frame_equal(first, second)


def test_complaints_come_after_their_delay(bank):
    everyone = {"known": 1.0, "new": 1.0}
    soon, late = (
        learn_by_month(**bank, budget=10, novelty=0, reported=everyone, delay=delay)["by supervised"] for delay in (0, 9)
    )
    assert np.mean(soon.iloc[1:]) > np.mean(late.iloc[1:])


@pytest.mark.parametrize(
    "wrong",
    [
        {"policy": "hope"},
        {"explore": 2.0},
        {"delay": -1},
        {"window": 0},
        {"delay": 0.5},
        {"window": 1.5},
        {"seed": 0.5},
        {"reported": {"known": 1.2}},
        {"novel": []},
        {"months": []},
    ],
)
def test_what_cannot_be_is_refused(bank, wrong):
    with pytest.raises(CaseError, match="hybrid: learning"):
        learn_by_month(**(bank | {"budget": 10, "novelty": 0.5} | wrong))
