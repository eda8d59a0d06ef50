"""The figures of lesson 06, through the functions that the lesson uses."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from lifecycle.explain import (
    REFERENCE,
    REJECTED,
    THRESHOLD,
    WANTED,
    Lever,
    check_additivity,
    counterfactuals,
    loan_chance,
    permutation_importance,
    shapley_of,
    shapley_values,
)

ARTIFACTS = Path(__file__).parents[2] / "datasets" / "artifacts"
APPLICANT, BASELINE = pd.DataFrame([dict(REJECTED)]), pd.DataFrame([dict(REFERENCE)])


def test_the_contributions_of_the_rejected_loan_and_the_baseline_they_need():
    account = shapley_of(loan_chance, APPLICANT, BASELINE)
    effects = dict(account.of(0)[["feature", "contribution"]].itertuples(index=False))
    assert {name: round(effect, 2) for name, effect in effects.items()} == {
        "credit_score": -0.15,
        "income": -0.08,
        "debt_to_income": -0.06,
        "employment": -0.04,
        "age": 0.01,
    }
    assert round(account.values.sum(), 2) == -0.32
    assert (round(account.base, 2), round(account.scores[0], 2), THRESHOLD) == (0.55, 0.23, 0.5)


def test_the_account_adds_up_to_nine_digits():
    assert check_additivity(shapley_of(loan_chance, APPLICANT, BASELINE), loan_chance(APPLICANT)) < 1e-9


def test_the_order_of_arrival_decides_what_a_single_change_does():
    first = loan_chance(BASELINE.assign(credit_score=580))[0] - loan_chance(BASELINE)[0]
    last = loan_chance(APPLICANT)[0] - loan_chance(APPLICANT.assign(credit_score=690))[0]
    assert (round(first, 3), round(last, 3)) == (-0.162, -0.135)


def test_the_game_of_two():
    assert shapley_values({(): 0, ("a",): 10, ("b",): 20, ("a", "b"): 50}, ["a", "b"]) == {"a": 20, "b": 30}


def test_addition_promises_what_the_model_does_not_keep():
    assert round(0.23 + 0.15 + 0.08 + 0.06 + 0.04, 2) == 0.56
    fixed = loan_chance(APPLICANT.assign(**WANTED))[0]
    assert round(fixed, 2) == 0.37
    assert fixed < THRESHOLD


def test_the_smallest_rise_of_the_credit_score_is_far_above_the_line_of_the_letter():
    lever = Lever.between("credit_score", 580, 850, step=1)
    (way,) = counterfactuals(loan_chance, APPLICANT, [lever], threshold=THRESHOLD, wanted="at least")
    assert way.changes[0].after == 784
    assert loan_chance(APPLICANT.assign(credit_score=783))[0] < THRESHOLD <= way.score


def test_a_factor_called_neutral_counts_against_the_old():
    account = shapley_of(loan_chance, BASELINE.assign(age=65), BASELINE)
    assert account.of(0)["feature"][0] == "age"
    assert round(account.of(0)["contribution"][0], 3) == -0.013


def test_a_noise_column_is_worth_nothing_on_unseen_rows():
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"signal": rng.normal(size=20_000), "noise": rng.random(20_000)})
    labels = (rng.random(20_000) < 1 / (1 + np.exp(1 - frame["signal"]))).astype(int)
    losses = permutation_importance(
        lambda rows: rows["signal"] + 0.1 * rows["noise"], frame, labels, metric=average_precision_score, repeats=3
    ).set_index("feature")["loss"]
    assert abs(losses["noise"]) < 0.01 < losses["signal"]


def test_the_explanations_that_are_handed_over_belong_to_the_model_that_is():
    handed = json.loads((ARTIFACTS / "06" / "explanations.json").read_text(encoding="utf-8"))
    model = (ARTIFACTS / "04" / "model.json").read_bytes()
    features = json.loads((ARTIFACTS / "04" / "recipe.json").read_text(encoding="utf-8"))["features"]
    assert handed["model_sha256"] == sha256(model).hexdigest()
    assert handed["additivity"]["holds"]
    assert sorted(handed["reasons"]) == sorted(each["feature"] for each in handed["ranking"]) == sorted(features)
    assert not {"sex", "age", "education", "marriage"} & set(handed["reasons"])
    assert abs(handed["noise_column"]["permutation"]) < 0.01 < handed["noise_column"]["gain"]
