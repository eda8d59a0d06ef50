"""Accounts of scores: what adds up, what does not, and trees against enumeration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lifecycle.explain import (
    Contributions,
    ExplanationError,
    check_additivity,
    residuals,
    shapley_of,
    tree_contributions,
)


@pytest.fixture(scope="module")
def trees():
    """A small boosted model with an interaction, and rows."""
    from xgboost import XGBClassifier

    rng = np.random.default_rng(3)
    rows = pd.DataFrame(rng.normal(size=(400, 4)), columns=["a", "b", "c", "d"])
    labels = ((rows["a"] * rows["b"] > 0) & (rows["c"] > -1)).astype(int)
    model = XGBClassifier(n_estimators=12, max_depth=3, learning_rate=0.5, n_jobs=1, random_state=0).fit(rows, labels)
    return model, rows


@pytest.fixture
def account():
    rows = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [5.0, 4.0, 3.0], "z": [0.0, 0.0, 1.0]})
    return Contributions(("x", "y", "z"), np.array([[0.1, -0.5, 0.0], [0.3, 0.2, -0.1], [-0.2, 0.2, 0.4]]), 2.0, rows)


def margin(model):
    return lambda frame: model.predict(frame, output_margin=True)


def test_interventional_trees_are_exact_shapley_values(trees):
    model, rows = trees
    behind = rows.iloc[:30]
    fast = tree_contributions(model, rows.iloc[50:54], background=behind)
    for number in range(4):
        exact = shapley_of(margin(model), rows.iloc[[50 + number]], behind)
        assert fast.values[number] == pytest.approx(exact.values[0], abs=1e-4)
    assert fast.base == pytest.approx(exact.base, abs=1e-4)


def test_path_dependent_trees_are_what_the_model_itself_reports(trees):
    from xgboost import DMatrix

    model, rows = trees
    account = tree_contributions(model, rows)
    own = model.get_booster().predict(DMatrix(rows), pred_contribs=True)
    assert account.values == pytest.approx(own[:, :-1], abs=1e-5)
    assert account.base == pytest.approx(own[0, -1], abs=1e-5)
    assert check_additivity(account, margin(model)(rows), tolerance=1e-4) < 1e-4


def test_another_model_another_scale_and_another_order_of_rows_do_not_add_up(trees):
    from xgboost import XGBClassifier

    model, rows = trees
    account = tree_contributions(model, rows)
    other = XGBClassifier(n_estimators=13, max_depth=3, learning_rate=0.5, n_jobs=1, random_state=0)
    other.fit(rows, (rows["a"] > 0).astype(int))
    for scores in (margin(other)(rows), model.predict_proba(rows)[:, 1], margin(model)(rows)[::-1]):
        with pytest.raises(ExplanationError, match="off the score by"):
            check_additivity(account, scores, tolerance=1e-4)


def test_columns_in_another_order_are_refused_before_anything_is_computed(trees):
    model, rows = trees
    with pytest.raises(ExplanationError, match="in their order"):
        tree_contributions(model, rows[["b", "a", "c", "d"]])
    with pytest.raises(ExplanationError, match="background"):
        tree_contributions(model, rows, background=rows[["a", "b", "c"]])


def test_the_row_that_is_off_is_named(account):
    scores = account.scores
    assert check_additivity(account, scores) == 0
    scores[1] += 0.25
    assert residuals(account, scores) == pytest.approx([0, 0.25, 0])
    with pytest.raises(ExplanationError) as raised:
        check_additivity(account, scores)
    assert raised.value.where == "row 1"
    assert check_additivity(account, scores, tolerance=0.3) == pytest.approx(0.25)


def test_a_score_that_is_not_a_number_never_adds_up(account):
    with pytest.raises(ExplanationError, match="row 2"):
        check_additivity(account, [*account.scores[:2], np.nan], tolerance=np.inf)


def test_scores_of_other_rows_are_refused(account):
    with pytest.raises(ExplanationError, match="shape"):
        residuals(account, [1.0, 2.0])


def test_an_account_goes_by_size_whatever_the_sign(account):
    assert account.of(0)["feature"].tolist() == ["y", "x", "z"]
    assert account.of(0)["value"].tolist() == [5, 1, 0]
    assert account.ranking()["feature"].tolist() == ["y", "x", "z"]
    assert account.ranking()["mean_abs"].tolist() == pytest.approx([0.3, 0.2, 0.5 / 3])


def test_groups_add_up_to_their_mean_scores(account):
    means = account.by_group(["f", "m", "m"])
    assert list(means.columns) == ["f", "m"]
    assert means.sum().tolist() == pytest.approx([account.scores[0] - 2, account.scores[1:].mean() - 2])
    with pytest.raises(ExplanationError, match="labels"):
        account.by_group(["f"])


def test_a_family_has_the_sum_of_its_members_and_the_scores_stay(account):
    pooled = account.pooled({"both": ["x", "z"]})
    assert pooled.features == ("both", "y")
    assert pooled.values[:, 0] == pytest.approx([0.1, 0.2, 0.2])
    assert pooled.scores == pytest.approx(account.scores)
    for families in ({"w": ["nobody"]}, {"v": ["x"], "w": ["x"]}):
        with pytest.raises(ExplanationError, match="unknown, or in two"):
            account.pooled(families)
    with pytest.raises(ExplanationError, match="called `y` already"):
        account.pooled({"y": ["x", "z"]})


def test_every_row_of_the_background_counts(trees):
    model, rows = trees
    account = tree_contributions(model, rows.iloc[:3], background=rows)
    assert len(rows) > 100
    assert account.base == pytest.approx(margin(model)(rows).mean(), abs=1e-4)
