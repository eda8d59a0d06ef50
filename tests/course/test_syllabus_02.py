"""The figures that lesson 02 teaches, from the functions that it teaches them with."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.neighbors import KNeighborsClassifier

from lifecycle import develop


@pytest.fixture(scope="module")
def payments():
    return develop.load("fraud")


def test_shape_of_the_card_payments(payments):
    assert len(payments) == 284_807
    assert payments["Class"].value_counts().to_dict() == {0: 284_315, 1: 492}
    assert payments.shape[1] - 1 == 30
    assert payments.isna().sum().sum() == 0


def test_prevalence_ratio_and_the_accuracy_of_always_normal(payments):
    prevalence = payments["Class"].mean()
    assert prevalence == pytest.approx(0.001727, abs=5e-7)
    assert (1 - prevalence) / prevalence == pytest.approx(577.9, abs=0.05)
    assert 1 - prevalence == pytest.approx(0.99827, abs=5e-6)


def test_the_amount_is_skewed_and_its_direction_depends_on_the_statistic(payments):
    assert payments["Amount"].skew() > 5
    row = develop.class_summary(payments[["Amount", "Class"]], "Class").iloc[0]
    assert row["median_1"] < row["median_0"]
    assert row["mean_1"] > row["mean_0"]


def test_components_are_nearly_uncorrelated_and_the_amount_weakly_tied(payments):
    matrix = develop.correlations(payments[[f"V{i}" for i in range(1, 29)]]).to_numpy()
    assert np.abs(matrix[np.triu_indices(28, k=1)]).max() < 0.15
    assert abs(payments["Amount"].corr(payments["Class"])) < 0.05


def test_some_components_separate_the_classes(payments):
    table = develop.class_summary(payments.sample(60_000, random_state=0), "Class").set_index("column")
    strength = (table["auc"] - 0.5).abs()
    assert (strength > 0.35).sum() >= 3
    assert strength["Time"] < 0.15


def test_outliers_hold_most_of_the_fraud(payments):
    table = develop.class_summary(payments.sample(60_000, random_state=0), "Class")
    far = develop.outlier_mask(payments[table["column"][0]])
    assert far.mean() < 0.1
    assert payments.loc[far, "Class"].sum() / 492 > 0.5


def test_the_gate_gives_its_three_answers():
    offers = {True: "proceed", None: "ask", False: "stop"}
    assert {c: develop.compliance_gate(develop.DataSource("x", consent=c)).verdict for c in offers} == offers


def test_smote_before_the_split_flatters_and_changes_the_test_folds():
    credit = develop.load("credit", n_rows=3000, seed=0)
    x, y = credit[list(develop.use_case("credit").features)].to_numpy(dtype=float), credit["default"].to_numpy()
    tools = {"model": KNeighborsClassifier(5), "sampler": SMOTE(k_neighbors=3, random_state=0)}
    before, inside = (develop.cross_validate(x, y, where=where, **tools) for where in ("before", "inside"))
    assert np.mean([f.average_precision for f in before]) > np.mean([f.average_precision for f in inside]) + 0.2
    assert [f.test_positive for f in inside] == pytest.approx([y.sum() / 5] * 5, abs=1)
