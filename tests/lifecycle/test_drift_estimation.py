import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from lifecycle.errors import DataError
from lifecycle.monitor import covariate_weights, estimated_performance, estimated_prior

FEW = settings(max_examples=40, deadline=None)
CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@FEW
@given(CHANCES, st.floats(0, 1))
def test_the_expected_confusion_is_the_mean_over_all_outcomes(chances, threshold):
    p = np.array(chances)
    rng = np.random.default_rng(0)
    outcomes = rng.random((4_000, len(p))) < p
    flagged = p >= threshold
    found = estimated_performance(chances, threshold=threshold)
    assert found.tp + found.fp == pytest.approx(flagged.sum(), abs=1e-9)
    assert found.tp + found.fp + found.fn + found.tn == pytest.approx(len(p), abs=1e-9)
    simulated = (outcomes == flagged).mean(axis=1)
    assert found.accuracy == pytest.approx(simulated.mean(), abs=0.06)
    reach = 1.96 * simulated.std()
    assert found.accuracy_high == pytest.approx(min(1, found.accuracy + reach), abs=0.03)
    assert found.accuracy_low == pytest.approx(max(0, found.accuracy - reach), abs=0.03)


def test_calibrated_chances_foretell_what_outcomes_say():
    rng = np.random.default_rng(1)
    chances = rng.beta(1, 3, 40_000)
    outcomes = rng.random(40_000) < chances
    found = estimated_performance(chances, threshold=0.4)
    flagged = chances >= 0.4
    assert found.precision == pytest.approx(outcomes[flagged].mean(), abs=0.01)
    assert found.recall == pytest.approx(flagged[outcomes].mean(), abs=0.01)
    assert found.f1 == pytest.approx(2 * found.precision * found.recall / (found.precision + found.recall))
    assert found.false_positive_rate == pytest.approx(flagged[~outcomes].mean(), abs=0.01)
    assert found.prevalence == pytest.approx(outcomes.mean(), abs=0.01)
    assert found.flag_rate == flagged.mean()
    assert found.roc_auc == pytest.approx(roc_auc_score(outcomes, chances), abs=0.01)


def test_it_follows_a_shift_of_inputs_and_is_blind_to_a_shift_of_the_rule():
    rng = np.random.default_rng(2)
    x = rng.normal(1.5, 1, 30_000)  # trained on a mean of 0
    chances = sigmoid(2 * x - 1)
    decided = chances >= 0.5
    as_before, turned = rng.random(30_000) < chances, rng.random(30_000) < sigmoid(0.5 - x)
    found = estimated_performance(chances, threshold=0.5)
    assert found.accuracy == pytest.approx((decided == as_before).mean(), abs=0.01)
    assert found.accuracy - (decided == turned).mean() > 0.4


def test_rows_of_one_kind_have_no_rates():
    found = estimated_performance([0.0, 0.0], threshold=0.5)
    assert np.isnan([found.precision, found.recall, found.f1, found.roc_auc]).all()
    assert found.accuracy == 1
    assert found.to_dict()["tn"] == 2


@pytest.mark.parametrize("positives", [0.05, 0.3, 0.7])
def test_the_share_of_positives_is_found_again_under_prior_shift(positives):
    rng = np.random.default_rng(3)
    y = rng.random(30_000) < positives
    x = rng.normal(2.0 * y, 1)
    chances = sigmoid(2 * x - 2 + np.log(0.2 / 0.8))  # right where 2 in 10 are positive
    found = estimated_prior(chances, trained=0.2)
    assert found.prior == pytest.approx(y.mean(), abs=0.015)
    right = sigmoid(2 * x - 2 + np.log(positives / (1 - positives)))
    np.testing.assert_allclose(found.chances, right, atol=0.03)
    assert found.chances.mean() == pytest.approx(found.prior, abs=1e-6)
    assert found.steps < 1_000


def test_nothing_changes_where_the_prior_is_right_already():
    chances = sigmoid(np.random.default_rng(4).normal(size=500))
    found = estimated_prior(chances, trained=float(chances.mean()))
    np.testing.assert_allclose(found.chances, chances, atol=1e-12)


def test_weighted_rows_of_the_reference_have_the_mean_of_today():
    rng = np.random.default_rng(5)
    reference = pd.DataFrame({"x": rng.normal(size=3_000), "z": rng.normal(size=3_000)})
    current = pd.DataFrame({"x": rng.normal(0.7, 1, 2_000), "z": rng.normal(size=2_000)})
    found = covariate_weights(reference, current)
    assert found.weights.mean() == pytest.approx(1)
    assert np.average(reference["x"], weights=found.weights) == pytest.approx(0.7, abs=0.1)
    assert np.average(reference["z"], weights=found.weights) == pytest.approx(0, abs=0.1)
    exact = np.exp(0.7 * reference["x"] - 0.7**2 / 2)  # the ratio of the two densities
    assert np.corrcoef(found.weights, exact)[0, 1] > 0.95
    assert 1_000 < found.effective < 2_500


def test_no_weight_is_beyond_the_longest():
    rng = np.random.default_rng(7)
    reference, current = (pd.DataFrame({"x": rng.normal(mean, 1, 3_000)}) for mean in (0, 3))
    found = covariate_weights(reference, current, longest=20)
    assert found.weights.max() == pytest.approx(20)
    assert found.weights.mean() == pytest.approx(1)
    near = reference["x"].between(1.0, 1.2).to_numpy()  # below the cut, weights are still in proportion to the ratio
    ratio = np.exp(3 * reference["x"][near])
    assert np.corrcoef(found.weights[near], ratio)[0, 1] > 0.9
    np.testing.assert_allclose(covariate_weights(reference, current, longest=1).weights, 1)
    with pytest.raises(DataError, match="`longest`"):
        covariate_weights(reference, current, longest=0.5)


def test_weights_of_unmoved_rows_are_all_about_one():
    frame = pd.DataFrame({"x": np.random.default_rng(6).normal(size=2_000)})
    assert covariate_weights(frame.iloc[:1_000], frame.iloc[1_000:]).effective > 950


def test_what_is_no_chance_is_refused():
    for bad in ([1.2], [-0.1, 0.4]):
        with pytest.raises(DataError, match="between 0 and 1"):
            estimated_performance(bad, threshold=0.5)
    with pytest.raises(DataError, match=r"chances\[1\]"):
        estimated_prior([0.1, np.nan], trained=0.5)
    with pytest.raises(DataError, match="`trained`"):
        estimated_prior([0.1], trained=1)


def test_tables_that_cannot_be_weighted_are_refused():
    frame = pd.DataFrame({"x": [1.0, np.nan]})
    with pytest.raises(DataError, match="missing or infinite"):
        covariate_weights(frame, frame)
    with pytest.raises(DataError, match="same columns"):
        covariate_weights(frame, frame.rename(columns={"x": "y"}))
