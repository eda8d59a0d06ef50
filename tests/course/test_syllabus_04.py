"""The figures of lesson 04, through the functions that the lesson uses."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from lifecycle.develop import (
    Confusion,
    Recipe,
    average_precision,
    break_even,
    confusion,
    mae,
    mape,
    r2,
    rmse,
    roc_auc,
    wilson,
)

ROWS, FRAUDS = 284_807, 492
HANDED_OVER = Path(__file__).parents[2] / "datasets" / "artifacts" / "04"


def iteration(precision: float, recall: float) -> Confusion:
    return Confusion.from_rates(prevalence=FRAUDS / ROWS, precision=precision, recall=recall, n=ROWS)


FOUR = [iteration(0.05, 0.60), iteration(0.15, 0.85), iteration(0.85, 0.80), iteration(0.92, 0.88)]
CLAIMED = [0.9985, 0.97, 0.995, 0.997]


def test_the_accuracies_that_precision_and_recall_imply() -> None:
    assert [round(each.accuracy, 4) for each in FOUR] == [0.9796, 0.9914, 0.9994, 0.9997]


def test_f1_of_the_four_iterations() -> None:
    assert [round(each.f1, 4) for each in FOUR] == [0.0923, 0.2550, 0.8242, 0.8996]


def test_flag_rates_as_multiples_of_the_prevalence() -> None:
    assert FOUR[0].flag_rate == pytest.approx(0.0207, abs=5e-5)
    assert [each.flag_rate * ROWS / FRAUDS for each in FOUR] == pytest.approx([12, 5.667, 0.941, 0.957], abs=1e-3)


def test_counts_of_the_first_and_the_last_iteration() -> None:
    assert FOUR[3].fp == pytest.approx(37.6, abs=0.05)
    assert [(round(each.tp), round(each.fp)) for each in (FOUR[0], FOUR[3])] == [(295, 5_609), (433, 38)]


def test_no_claimed_accuracy_is_the_implied_one_and_silence_beats_three_of_them() -> None:
    assert all(abs(claim - each.accuracy) > 0.0002 for claim, each in zip(CLAIMED, FOUR, strict=True))
    silence = Confusion(0, 0, FRAUDS, ROWS - FRAUDS).accuracy
    assert round(silence, 4) == 0.9983
    assert [claim < silence for claim in CLAIMED] == [False, True, True, True]


def test_the_false_positive_rate_of_the_last_iteration_is_not_that_of_the_slide() -> None:
    assert FOUR[3].false_positive_rate == pytest.approx(0.00013, rel=0.02)
    assert 0.018 / FOUR[3].false_positive_rate > 100


@pytest.mark.parametrize(("true_negatives", "accuracy"), [(0, 0.5), (150, 0.8), (9_900, 0.995)])
def test_the_small_worked_example(true_negatives: int, accuracy: float) -> None:
    counts = Confusion(50, 20, 30, true_negatives)
    assert (counts.precision, counts.recall, counts.accuracy) == (5 / 7, 0.625, accuracy)
    assert counts.f1 == pytest.approx(2 / 3)


def test_f1_from_rounded_and_from_exact_precision() -> None:
    rounded, exact = (
        Confusion.from_rates(prevalence=0.1, precision=precision, recall=0.625).f1 for precision in (0.71, 5 / 7)
    )
    assert (round(rounded, 4), round(exact, 4)) == (0.6648, 0.6667)


def test_accuracy_of_five_labels_and_of_four() -> None:
    assert confusion([1, 0, 1, 0, 1], [1, 0, 0, 0, 1]).accuracy == 0.8
    assert confusion([1, 0, 1, 1], [1, 0, 0, 1]).accuracy == 0.75
    assert wilson(4, 5)[1:] == pytest.approx((0.3755, 0.9638), abs=5e-5)


def test_rates_that_cannot_be_had_at_a_prevalence_are_refused() -> None:
    with pytest.raises(Exception, match="only 780 negative rows"):
        Confusion.from_rates(prevalence=0.22, precision=0.05, recall=0.90, n=1_000)


def test_rare_positives_leave_the_roc_area_and_ruin_average_precision() -> None:
    rng = np.random.default_rng(4)
    normal, fraud = rng.normal(0, 1, ROWS - FRAUDS), rng.normal(2, 1, FRAUDS)
    areas = {}
    for name, others in {"balanced": normal[:FRAUDS], "as it is": normal}.items():
        labels, scores = np.repeat([1, 0], [FRAUDS, len(others)]), np.append(fraud, others)
        areas[name] = roc_auc(labels, scores), average_precision(labels, scores)
    assert areas["balanced"][0] == pytest.approx(areas["as it is"][0], abs=0.02)
    assert areas["balanced"][1] > 0.9
    assert areas["as it is"][1] < 0.15


def test_one_disaster_doubles_mae_and_more_than_triples_rmse() -> None:
    actual = np.array([20, 25, 28, 30, 33, 35, 38, 41, 44, 47, 52, 60])
    predicted = np.array([22, 24, 31, 28, 35, 33, 41, 40, 43, 51, 49, 57])
    disaster = np.append(predicted[:-1], 90)
    assert mae(actual, disaster) == pytest.approx(2 * mae(actual, predicted))
    assert rmse(actual, disaster) > 3 * rmse(actual, predicted)


def test_mape_is_undefined_at_zero_and_r2_falls_below_it() -> None:
    assert math.isnan(mape([0, 20], [1, 22]))
    assert r2([10, 20, 30], [30, 20, 10]) == -3


def test_the_break_even_of_the_costs_in_the_exercise() -> None:
    assert break_even(cost_false_positive=5, cost_false_negative=500) == pytest.approx(5 / 505)


def test_the_winner_of_forty_equal_models_is_flattered_by_almost_four_points() -> None:
    rng = np.random.default_rng(0)
    on_test, on_fresh = rng.binomial(500, 0.8, size=(2, 2_000, 40)) / 500
    winners = on_test.argmax(axis=1)
    flattered = (on_test.max(axis=1) - on_fresh[np.arange(2_000), winners]).mean()
    assert 0.034 < flattered < 0.041


def test_the_tuned_model_that_is_handed_over_beats_the_baseline_on_the_test_rows() -> None:
    metrics = json.loads((HANDED_OVER / "metrics.json").read_text(encoding="utf-8"))
    gain = metrics["gain_over_baseline"]
    assert gain["metric"] == "average_precision"
    assert 0 < gain["low"] <= gain["estimate"] <= gain["high"]
    recipe = Recipe.from_json((HANDED_OVER / "recipe.json").read_text(encoding="utf-8"))
    assert (recipe.algorithm, recipe.balance) == ("boosting", "scale_pos_weight")
    assert round(recipe.threshold, 4) == metrics["threshold"]["score"]
