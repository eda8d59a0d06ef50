"""Metrics against scikit-learn, on samples that hypothesis makes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from lifecycle.develop.evaluation.metrics import (
    Confusion,
    average_precision,
    brier,
    confusion,
    log_loss,
    mae,
    mape,
    pr_curve,
    r2,
    rmse,
    roc_auc,
    roc_curve,
)
from lifecycle.develop.objectives import feasibility
from lifecycle.errors import DataError

chances = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1, width=32))  # the first make ties
rows = st.lists(st.tuples(st.booleans(), chances), min_size=1, max_size=60)
both = rows.filter(lambda made: len({label for label, _ in made}) == 2)
amounts = st.floats(-1e6, 1e6)


def columns(made):
    labels, scores = zip(*made, strict=True)
    return np.array(labels, dtype=int), np.array(scores)


def same(value, expected):
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-12, nan_ok=True)


@given(rows)
def test_decisions_are_judged_as_by_scikit_learn(made):
    labels, scores = columns(made)
    decisions = scores >= 0.5
    counts = confusion(labels, decisions)
    assert (counts.tn, counts.fp, counts.fn, counts.tp) == tuple(
        sk.confusion_matrix(labels, decisions, labels=[0, 1]).ravel()
    )
    same(counts.accuracy, sk.accuracy_score(labels, decisions))
    same(counts.precision, sk.precision_score(labels, decisions, zero_division=np.nan))
    same(counts.recall, sk.recall_score(labels, decisions, zero_division=np.nan))
    same(counts.f1, sk.f1_score(labels, decisions, zero_division=np.nan))
    same(counts.specificity, sk.recall_score(labels, decisions, pos_label=0, zero_division=np.nan))
    same(counts.prevalence, labels.mean())
    same(counts.flag_rate, decisions.mean())


@given(both)
def test_balanced_accuracy_and_correlation_are_those_of_scikit_learn(made):
    labels, scores = columns(made)
    decisions = scores >= 0.5
    counts = confusion(labels, decisions)
    same(counts.balanced_accuracy, sk.balanced_accuracy_score(labels, decisions))
    same(counts.false_positive_rate, 1 - counts.specificity)
    if decisions.any() and not decisions.all():
        same(counts.matthews, sk.matthews_corrcoef(labels, decisions))
    else:
        assert math.isnan(counts.matthews)


@given(both)
def test_scores_are_judged_as_by_scikit_learn(made):
    labels, scores = columns(made)
    same(roc_auc(labels, scores), sk.roc_auc_score(labels, scores))
    same(average_precision(labels, scores), sk.average_precision_score(labels, scores))


@given(rows)
def test_chances_are_judged_as_by_scikit_learn(made):
    labels, scores = columns(made)
    same(log_loss(labels, scores), sk.log_loss(labels, scores, labels=[0, 1]))
    same(brier(labels, scores), sk.brier_score_loss(labels, scores, labels=[0, 1], pos_label=1))


@given(both)
def test_the_curves_are_those_of_scikit_learn(made):
    labels, scores = columns(made)
    fpr, tpr, thresholds = sk.roc_curve(labels, scores, drop_intermediate=False)
    curve = roc_curve(labels, scores)
    np.testing.assert_array_equal(curve["threshold"], thresholds)
    np.testing.assert_allclose(curve[["false_positive_rate", "recall"]], np.column_stack([fpr, tpr]), rtol=1e-12)
    precision, recall, thresholds = sk.precision_recall_curve(labels, scores)
    curve = pr_curve(labels, scores)[::-1]
    np.testing.assert_array_equal(curve["threshold"], thresholds)
    # scikit-learn ends its curve with a point of its own at recall 0.
    np.testing.assert_allclose(curve[["precision", "recall"]], np.column_stack([precision, recall])[:-1], rtol=1e-12)


@given(rows)
def test_the_area_depends_on_the_order_alone(made):
    labels, scores = columns(made)
    same(
        roc_auc(labels, scores),
        roc_auc(labels, np.argsort(np.argsort(np.unique(scores)))[np.searchsorted(np.unique(scores), scores)]),
    )


@given(st.lists(st.tuples(amounts, amounts), min_size=2, max_size=60))
def test_amounts_are_judged_as_by_scikit_learn(made):
    actual, predicted = (np.array(column) for column in zip(*made, strict=True))
    same(mae(actual, predicted), sk.mean_absolute_error(actual, predicted))
    same(rmse(actual, predicted), sk.root_mean_squared_error(actual, predicted))
    if (actual == actual[0]).all():
        assert math.isnan(r2(actual, predicted))
    elif ((actual - actual.mean()) ** 2).sum() > 0:
        same(r2(actual, predicted), sk.r2_score(actual, predicted))
    if (np.abs(actual) > np.finfo(float).eps).all():
        same(mape(actual, predicted), sk.mean_absolute_percentage_error(actual, predicted))


def test_what_is_not_defined_is_nan():
    nothing_flagged = confusion([1, 0], [0, 0])
    assert math.isnan(nothing_flagged.precision)
    assert nothing_flagged.recall == nothing_flagged.f1 == 0
    no_positives = confusion([0, 0], [0, 0])
    assert math.isnan(no_positives.recall)
    assert math.isnan(no_positives.f1)
    assert math.isnan(no_positives.balanced_accuracy)
    assert math.isnan(confusion([1], [1]).false_positive_rate)
    assert math.isnan(roc_auc([0, 0], [0.1, 0.2]))
    assert math.isnan(average_precision([0, 0], [0.1, 0.2]))
    assert roc_curve([0, 0], [0.1, 0.2])["recall"].isna().all()
    assert pr_curve([0, 0], [0.1, 0.2])["recall"].isna().all()
    assert math.isnan(mape([0, 1], [1, 1]))
    assert math.isnan(r2([3], [3]))


@given(st.floats(0.001, 0.5), st.floats(0.05, 1), st.floats(0.001, 1))
def test_rates_give_a_confusion_matrix_that_has_them(prevalence, precision, recall):
    if recall * prevalence * (1 / precision - 1) > 1 - prevalence:
        with pytest.raises(DataError, match=r"needs .* false alarms"):
            Confusion.from_rates(prevalence=prevalence, precision=precision, recall=recall)
        return
    counts = Confusion.from_rates(prevalence=prevalence, precision=precision, recall=recall, n=1000)
    same([counts.prevalence, counts.precision, counts.recall, counts.n], [prevalence, precision, recall, 1000])
    rates = {"prevalence": prevalence, "tpr": recall, "fpr": counts.false_positive_rate}
    assert counts.accuracy == pytest.approx(feasibility.accuracy(**rates))
    assert counts.flag_rate == pytest.approx(feasibility.alert_rate(**rates))


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        ({"prevalence": 5, "precision": 0.5, "recall": 0.5}, "prevalence: 5 is not a share"),
        ({"prevalence": 0.1, "precision": 0, "recall": 0.5}, "precision: 0 is not a share"),
        ({"prevalence": 0.1, "precision": 0.5, "recall": 80}, "recall: 80 is not a share"),
        ({"prevalence": 0.5, "precision": 0.1, "recall": 0.9}, "precision is at least 0.4737"),
    ],
)
def test_rates_that_cannot_be_are_named(rates, message):
    with pytest.raises(DataError, match=message):
        Confusion.from_rates(**rates)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: confusion([0, 1, 2], [0, 1, 1]), "labels, row 3: 2 is neither 0 nor 1"),
        (lambda: confusion([0, 1], [0.2, 0.8]), "give decisions"),
        (lambda: confusion([0, 1], [1]), "`labels` has 2 rows, `decisions` has 1 rows"),
        (lambda: roc_auc([0, 1], [0.5, np.nan]), "scores, row 2: nan is not a finite number"),
        (lambda: roc_auc([], []), "labels: there are no rows"),
        (lambda: roc_auc([[0, 1]], [0.5]), r"one column is needed, not an array of shape \(1, 2\)"),
        (lambda: roc_auc(["no", "yes"], [0.5, 0.6]), "labels: not a column of numbers"),
        (lambda: log_loss([0, 1], [0.5, 1.2]), "chances, row 2: 1.2 is not a chance between 0 and 1"),
        (lambda: rmse([1, 2], [1, np.inf]), "predicted, row 2: inf is not a finite number"),
        (lambda: mae([1, 2], [1]), "`actual` has 2 rows"),
    ],
)
def test_input_that_cannot_be_judged_is_named(call, message):
    with pytest.raises(DataError, match=message):
        call()
