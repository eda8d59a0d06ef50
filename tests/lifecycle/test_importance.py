"""Importance: impurity believes in many-valued noise, permutation on unseen rows does not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import permutation_importance as reference
from sklearn.linear_model import LogisticRegression

from lifecycle.develop.features import importance as imp
from lifecycle.errors import DataError


@pytest.fixture(scope="module")
def flags():
    """Two flags that matter, and three that do not."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({f"flag{i}": rng.integers(0, 2, 1500) for i in range(5)})
    chance = 0.1 + 0.4 * frame["flag0"] + 0.2 * frame["flag1"]
    labels = (rng.random(1500) < chance).astype(int)
    return imp.with_random_column(frame, seed=1), labels


@pytest.fixture(scope="module")
def judged(flags):
    frame, labels = flags
    model = imp.forest(frame[:1000], labels[:1000], trees=40, seed=0)
    return imp.importances(model, frame[1000:], labels[1000:], repeats=5, seed=0)


def test_impurity_prefers_the_random_column_to_most_flags(judged):
    impurity = judged.set_index("feature")["impurity"]
    assert impurity.sum() == pytest.approx(1)
    assert impurity["random"] > impurity["flag1"]


def test_permutation_does_not(judged):
    permutation = judged.set_index("feature")["permutation"]
    assert judged["feature"].iloc[0] == "flag0"
    assert permutation["random"] < permutation["flag1"]


def test_only_what_beats_the_random_column_is_kept(judged):
    kept = imp.better_than_random(judged)
    assert kept == ["flag0", "flag1"]


def test_permutation_agrees_with_scikit_learn_up_to_the_shuffles():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(800, 3)), columns=list("abc"))
    labels = (frame @ [2.0, 1.0, 0.0] + rng.normal(size=800) > 0).astype(int)
    model = LogisticRegression().fit(frame[:400], labels[:400])
    ours = imp.permutation_importance(model, frame[400:], labels[400:], repeats=30, seed=1)
    theirs = reference(model, frame[400:], labels[400:], scoring="average_precision", n_repeats=30, random_state=2)
    assert ours["permutation"].to_numpy() == pytest.approx(theirs.importances_mean, abs=0.015)
    assert ours["spread"].to_numpy() == pytest.approx(theirs.importances_std, abs=0.015)


def test_a_column_that_the_model_ignores_loses_nothing():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"used": rng.normal(size=200), "ignored": rng.normal(size=200)})
    labels = (frame["used"] > 0).astype(int)
    model = LogisticRegression().fit(frame.assign(ignored=0.0), labels)
    table = imp.permutation_importance(model, frame, labels).set_index("feature")
    assert table.loc["ignored", "permutation"] == 0
    assert table.loc["used", "permutation"] > 0.3


def test_same_seed_same_forest_and_same_shuffles(flags, judged):
    frame, labels = flags
    model = imp.forest(frame[:1000], labels[:1000], trees=40, seed=0)
    pd.testing.assert_frame_equal(imp.importances(model, frame[1000:], labels[1000:], repeats=5, seed=0), judged)


def test_typical_shares_of_the_top():
    typical = np.concatenate([np.full(20, 80 / 20), np.full(60, 19 / 60), np.full(20, 1 / 20)])
    assert imp.share_of_top(typical, share=0.2) == pytest.approx(0.80)
    assert imp.share_of_top(typical, share=0.8) == pytest.approx(0.99)
    assert imp.share_of_top([1, 1, 1, 1], share=0.5) == pytest.approx(0.5)
    assert imp.share_of_top([3, -1], share=0.1) == 1


def test_bad_input_is_named(flags, judged):
    frame, labels = flags
    model = imp.forest(frame[:100], labels[:100], trees=2)
    with pytest.raises(DataError, match="a column `random` already"):
        imp.with_random_column(frame)
    with pytest.raises(DataError, match="one class only"):
        imp.importances(model, frame, 0 * labels)
    with pytest.raises(DataError, match="not the columns that the model was fitted on"):
        imp.importances(model, frame.iloc[:, ::-1], labels)
    with pytest.raises(DataError, match="0 shuffles"):
        imp.permutation_importance(model, frame, labels, repeats=0)
    with pytest.raises(DataError, match="no column `dice`"):
        imp.better_than_random(judged, name="dice")
    with pytest.raises(DataError, match="share"):
        imp.share_of_top([1, 2], share=0)
    with pytest.raises(DataError, match="above 0"):
        imp.share_of_top([0, -1], share=0.5)
