"""Calibration against scikit-learn."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import isotonic_regression, minimize
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from lifecycle.develop.evaluation.calibration import (
    Calibrator,
    correct_prior,
    expected_calibration_error,
    reliability,
    weighted_prevalence,
)
from lifecycle.develop.evaluation.intervals import wilson
from lifecycle.errors import DataError

rows = st.lists(
    st.tuples(st.booleans(), st.one_of(st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0]), st.floats(0, 1))), min_size=1, max_size=60
).map(lambda made: tuple(np.array(column, dtype=float) for column in zip(*made, strict=True)))
both = rows.filter(lambda made: len(set(made[0])) == 2)
share = st.floats(0.01, 0.99)


class Given(ClassifierMixin, BaseEstimator):
    """A classifier whose chances are its input."""

    def fit(self, x, y):
        self.classes_ = np.array([0, 1])
        return self

    def predict_proba(self, x):
        return np.column_stack([1 - x[:, 0], x[:, 0]])

    def predict(self, x):
        return (x[:, 0] >= 0.5).astype(int)


@given(both, st.integers(1, 12), st.sampled_from(["uniform", "quantile"]))
def test_the_reliability_table_is_the_curve_of_scikit_learn(made, bins, strategy):
    labels, chances = made
    rate, chance = calibration_curve(labels, chances, n_bins=bins, strategy=strategy)
    table = reliability(labels, chances, bins=bins, strategy=strategy)
    np.testing.assert_allclose(table["rate"], rate, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(table["chance"], chance, rtol=1e-12, atol=1e-12)
    assert table["n"].sum() == len(labels)
    first = table.iloc[0]
    assert (first["low"], first["high"]) == wilson(round(first["rate"] * first["n"]), first["n"])[1:]


@given(rows, st.integers(1, 12))
def test_the_expected_error_is_the_mean_gap_of_the_rows(made, bins):
    labels, chances = made
    bin_of = np.ceil(chances * bins).clip(1)  # (0, 1/bins] and so on, 0 with the first
    # A chance within rounding of an edge may fall on either side of it here.
    if (np.abs(chances * bins - np.round(chances * bins)) < 1e-9).any():
        bin_of = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], chances)
    gaps = [abs(labels[bin_of == b].mean() - chances[bin_of == b].mean()) for b in bin_of]
    assert expected_calibration_error(labels, chances, bins=bins) == pytest.approx(np.mean(gaps), abs=1e-12)


@given(both)
def test_isotonic_is_the_rising_curve_nearest_to_the_labels(made):
    labels, scores = made[0], made[1].round(6)  # scikit-learn takes scores that differ in the last bits for one
    distinct, place = np.unique(scores, return_inverse=True)
    weights = np.bincount(place)
    nearest = isotonic_regression(np.bincount(place, weights=labels) / weights, weights=weights).x
    np.testing.assert_allclose(Calibrator.fit(labels, scores)(distinct), nearest, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("method", "atol"), [("isotonic", 1e-12), ("sigmoid", 1e-4)])  # Platt's loss: theirs stops earlier
def test_scikit_learn_mends_alike(method, atol):
    rng = np.random.default_rng(1)
    scores = rng.random(500)
    labels = rng.random(500) < scores**3
    theirs = CalibratedClassifierCV(FrozenEstimator(Given().fit(None, None)), method=method, ensemble=False)
    theirs.fit(scores.reshape(-1, 1), labels)
    asked = np.linspace(0, 1, 21)
    ours = Calibrator.fit(labels, scores, method=method)(asked)
    np.testing.assert_allclose(ours, theirs.predict_proba(asked.reshape(-1, 1))[:, 1], rtol=0, atol=atol)


def test_sigmoid_is_where_the_loss_of_platt_is_lowest():
    rng = np.random.default_rng(5)
    scores = rng.normal(3, 2, 200)
    labels = rng.random(200) < expit(scores - 4)
    positives = labels.sum()
    target = np.where(labels, (positives + 1) / (positives + 2), 1 / (200 - positives + 2))

    def loss(at):
        z = at[0] * scores + at[1]
        return (np.logaddexp(0, z) - target * z).sum()

    lowest = minimize(loss, [0, 0], tol=1e-12).x
    made = Calibrator.fit(labels, scores, method="sigmoid")
    assert (made.slope, made.intercept) == pytest.approx(tuple(lowest), rel=1e-4)


def test_sigmoid_stays_finite_where_scores_split_the_classes_or_are_all_equal():
    split = Calibrator.fit([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9], method="sigmoid")
    assert 0 < split([0.0])[0] < 0.5 < split([1.0])[0] < 1
    level = Calibrator.fit([0, 0, 0, 1], [0.5] * 4, method="sigmoid")
    assert level([0.0, 0.5, 9.0]).tolist() == pytest.approx([0.3166666666666667] * 3)  # Platt's targets: 1/5 thrice, 2/3


@pytest.mark.parametrize("method", ["isotonic", "sigmoid"])
def test_chances_are_honest_after_mending_on_other_rows(method):
    rng = np.random.default_rng(2)
    truth = 1 / (1 + np.exp(-rng.normal(-2, 1.5, 40_000)))
    labels = rng.random(40_000) < truth
    shifted = correct_prior(truth, trained=0.2, actual=0.8)
    half = slice(20_000), slice(20_000, None)
    mended = Calibrator.fit(labels[half[0]], np.log(shifted / (1 - shifted))[half[0]], method=method)
    before = expected_calibration_error(labels[half[1]], shifted[half[1]])
    after = expected_calibration_error(labels[half[1]], mended(np.log(shifted / (1 - shifted))[half[1]]))
    assert before > 0.2
    assert after < 0.02


@given(both, st.sampled_from(["isotonic", "sigmoid"]))
def test_a_calibrator_keeps_the_order_and_survives_a_json_file(made, method):
    calibrator = Calibrator.fit(*made, method=method)
    if calibrator.slope >= 0:  # a sigmoid learned from reversed scores turns them round
        assert (np.diff(calibrator(np.linspace(-1, 2, 50))) >= 0).all()
    assert Calibrator.from_dict(json.loads(json.dumps(calibrator.to_dict()))) == calibrator


@given(st.lists(st.floats(0, 1), min_size=1), share, share)
def test_prior_correction_multiplies_the_odds_and_can_be_undone(chances, trained, actual):
    corrected = correct_prior(chances, trained=trained, actual=actual)
    np.testing.assert_allclose(correct_prior(corrected, trained=actual, actual=trained), chances, rtol=1e-9, atol=1e-12)
    factor = (actual / (1 - actual)) / (trained / (1 - trained))
    chances = np.array(chances)
    np.testing.assert_allclose(corrected * (1 - chances), factor * chances * (1 - corrected), rtol=1e-9, atol=1e-12)


def test_the_prevalence_of_weighted_rows():
    assert weighted_prevalence(0.2, weight=4) == 0.5
    rng = np.random.default_rng(4)
    feature = rng.normal(size=50_000)
    labels = rng.random(50_000) < 1 / (1 + np.exp(3 - feature))
    model = LogisticRegression(class_weight={0: 1, 1: 10}).fit(feature.reshape(-1, 1), labels)
    given_ = model.predict_proba(feature.reshape(-1, 1))[:, 1]
    prevalence = labels.mean()
    corrected = correct_prior(given_, trained=weighted_prevalence(prevalence, weight=10), actual=prevalence)
    assert expected_calibration_error(labels, given_) > 0.1
    assert expected_calibration_error(labels, corrected) < 0.01


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Calibrator.fit([1, 1], [0.1, 0.2]), "all 2 rows are of class 1"),
        (lambda: Calibrator.fit([0, 1], [0.1, 0.2], method="beta"), "methods: isotonic, sigmoid"),
        (lambda: Calibrator.from_dict({"method": "isotonic", "knots": []}), "no knots"),
        (lambda: Calibrator.from_dict({"method": "sigmoid", "slope": 1}), "intercept"),
        (lambda: reliability([0, 1], [0.1, 0.2], bins=0), "0 bins are too few"),
        (lambda: reliability([0, 1], [0.1, 0.2], strategy="even"), "strategies: uniform, quantile"),
        (lambda: correct_prior([0.5], trained=0, actual=0.5), "trained: 0 is not a prevalence"),
        (lambda: correct_prior([1.5], trained=0.5, actual=0.5), "is not a chance"),
        (lambda: weighted_prevalence(0.5, weight=0), "a weight above 0"),
    ],
)
def test_what_cannot_be_calibrated_is_named(call, message):
    with pytest.raises(DataError, match=message):
        call()
