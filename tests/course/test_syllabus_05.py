"""The figures that lesson 05 teaches, from the functions that it teaches them with."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from lifecycle.develop import Confusion, Manifest, shared_rows, verify
from lifecycle.develop.evaluation.repeat import compare_shares, disagreements, share_sd
from lifecycle.develop.exploration.duplicates import repeat_rows, split_rows
from lifecycle.develop.training.defaults import settings_under

HANDED_OVER = Path(__file__).parents[2] / "datasets/artifacts"


@pytest.fixture(scope="module")
def planted():
    """The table of the first and third failure: 1,000 rows to train on, 500 to test on."""
    x, y = make_classification(1500, 20, n_informative=8, n_redundant=0, class_sep=1.2, flip_y=0.02, random_state=1)
    x = x.round(6)
    return x[:1000], y[:1000], x[1000:], y[1000:]


def accuracy(planted, **settings):
    x_train, y_train, x_test, y_test = planted
    return RandomForestClassifier(**settings).fit(x_train, y_train).score(x_test, y_test)


@pytest.mark.parametrize(("release", "shown"), [("1.9.0", 0.92), ("0.21.3", 0.87)])
def test_one_line_gives_92_or_87_percent_by_the_defaults_of_the_release(planted, release, shown):
    settings = settings_under(release, "RandomForestClassifier", {"random_state": 0})
    assert accuracy(planted, **settings) == pytest.approx(shown, abs=0.005)


def test_the_new_default_is_the_installed_one():
    assert settings_under("1.9.0", "RandomForestClassifier")["n_estimators"] == RandomForestClassifier().n_estimators


def test_duplicates_dropped_after_the_split_give_98_percent_and_before_it_89():
    columns = list("abcdef")
    z, label = make_classification(1200, 6, n_informative=4, n_redundant=0, class_sep=1.6, flip_y=0.08, random_state=1)
    delivered = repeat_rows(pd.DataFrame(z.round(2), columns=columns).assign(label=label), copies=3, share=0.8, seed=1)
    scores, shared = {}, {}
    for order in ("split, then drop", "drop, then split"):
        train, test = split_rows(delivered, order=order, seed=0)
        tree = DecisionTreeClassifier(random_state=0).fit(train[columns], train["label"])
        scores[order], shared[order] = tree.score(test[columns], test["label"]), shared_rows(train, test)
    assert scores["split, then drop"] == pytest.approx(0.98, abs=0.005)
    assert scores["drop, then split"] == pytest.approx(0.89, abs=0.005)
    assert shared["split, then drop"] > 0
    assert shared["drop, then split"] == 0


def test_runs_with_other_seeds_lie_points_apart(planted):
    scores = [accuracy(planted, n_estimators=10, random_state=seed) for seed in range(6)]
    assert max(scores) - min(scores) >= 0.03


def test_sd_of_an_accuracy():
    assert share_sd(0.9, 1000) == pytest.approx(0.0095, abs=5e-5)
    assert share_sd(0.9, 500) == pytest.approx(0.0134, abs=5e-5)


def test_five_points_on_500_rows_are_a_surprise_and_on_100_rows_are_not():
    assert compare_shares(0.92, 0.87, n_first=500, n_second=500).z == pytest.approx(2.6, abs=0.05)
    assert compare_shares(0.92, 0.87, n_first=100, n_second=100).p_value > 0.2


def test_an_accuracy_of_997_cannot_stand_beside_precision_92_and_recall_88():
    found = Confusion.from_rates(prevalence=492 / 284_807, precision=0.92, recall=0.88, n=284_807)
    figures = {name: getattr(found, name) for name in ("accuracy", "precision", "recall", "f1")}
    expected = {"accuracy": 0.997, "precision": 0.92, "recall": 0.88, "f1": 0.90}
    assert [each.name for each in disagreements(figures, expected, tolerance=0.001)] == ["accuracy"]
    assert figures["accuracy"] == pytest.approx(0.9997, abs=5e-5)


def test_columns_in_another_order_give_another_forest(planted):
    x_train, y_train, x_test, _ = planted
    one, other = (RandomForestClassifier(10, random_state=0).fit(x, y_train) for x in (x_train, x_train[:, ::-1]))
    assert not np.array_equal(one.predict_proba(x_test), other.predict_proba(x_test[:, ::-1]))


def test_the_committed_bundle_is_whole_and_holds_what_lesson_04_handed_over():
    manifest = verify(HANDED_OVER / "05/bundle.zip")
    assert manifest == Manifest.from_json((HANDED_OVER / "05/manifest.json").read_text(encoding="utf-8"))
    for name in ("model.json", "recipe.json"):
        assert manifest.files[name] == sha256((HANDED_OVER / "04" / name).read_bytes()).hexdigest()
