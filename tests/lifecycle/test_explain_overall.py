"""Importance, partial dependence and the local line, against scikit-learn and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.inspection import partial_dependence as by_sklearn
from sklearn.inspection import permutation_importance as permuted_by_sklearn
from sklearn.linear_model import LinearRegression
from sklearn.metrics import average_precision_score
from sklearn.tree import DecisionTreeRegressor

from lifecycle.explain import (
    ExplanationError,
    gain_importance,
    local_surrogate,
    partial_dependence,
    permutation_importance,
)


@pytest.fixture(scope="module")
def rows():
    return pd.DataFrame(np.random.default_rng(1).normal(size=(600, 3)), columns=["a", "b", "noise"])


def r2(labels, scores):
    return 1 - ((labels - scores) ** 2).sum() / ((labels - labels.mean()) ** 2).sum()


def test_permutation_importance_agrees_with_scikit_learn(rows):
    target = 2 * rows["a"] - rows["b"]
    model = LinearRegression().fit(rows, target)
    ours = permutation_importance(model.predict, rows, target, metric=r2, repeats=30, seed=0).set_index("feature")["loss"]
    theirs = permuted_by_sklearn(model, rows, target, n_repeats=30, random_state=0).importances_mean
    assert ours[rows.columns].to_numpy() == pytest.approx(theirs, abs=0.05)
    assert list(ours.index[:2]) == ["a", "b"]


def test_a_column_that_the_model_does_not_read_loses_nothing_at_all(rows):
    labels = (rows["a"] > 0).astype(int)
    table = permutation_importance(lambda frame: frame["a"], rows, labels, metric=average_precision_score, seed=2)
    by_name = table.set_index("feature")
    assert by_name.loc["noise", ["loss", "spread"]].tolist() == [0, 0]
    assert by_name.loc["a", "loss"] > 0.3


def test_a_column_is_dealt_the_same_whatever_stands_beside_it(rows):
    labels = (rows["a"] > 0).astype(int)
    few, many = (
        permutation_importance(lambda frame: frame["a"], frame, labels, metric=average_precision_score, seed=5)
        for frame in (rows[["a"]], rows)
    )
    assert few["loss"][0] == many.set_index("feature").loc["a", "loss"]


def test_permutation_needs_labels_and_a_shuffle(rows):
    with pytest.raises(ExplanationError, match="labels of the shape"):
        permutation_importance(lambda frame: frame["a"], rows, [0, 1], metric=r2)
    with pytest.raises(ExplanationError, match="too few"):
        permutation_importance(lambda frame: frame["a"], rows, rows["b"], metric=r2, repeats=0)


def test_gain_is_shared_out_and_a_column_without_a_split_has_none(rows):
    from xgboost import XGBClassifier

    frame = rows.assign(constant=1.0)
    model = XGBClassifier(n_estimators=5, max_depth=2, n_jobs=1).fit(frame, (rows["a"] > 0).astype(int))
    shares = gain_importance(model)
    assert shares["gain"].sum() == pytest.approx(1)
    assert shares["feature"][0] == "a"
    assert shares.set_index("feature").loc["constant", "gain"] == 0


def test_a_model_without_splits_has_no_gain(rows):
    from xgboost import XGBClassifier

    model = XGBClassifier(n_estimators=1, n_jobs=1).fit(rows.assign(a=0, b=0, noise=0), np.arange(600) % 2)
    with pytest.raises(ExplanationError, match="at least one split"):
        gain_importance(model)


def test_the_curves_are_those_of_scikit_learn(rows):
    model = DecisionTreeRegressor(max_depth=4, random_state=0).fit(rows, rows["a"] ** 2 + rows["b"])
    grid = [-1.5, 0.0, 0.25, 2.0]
    ours = partial_dependence(model.predict, rows, "a", grid=grid[::-1])
    theirs = by_sklearn(model, rows, ["a"], custom_values={"a": np.array(grid)}, kind="both", method="brute")
    assert ours.grid.tolist() == grid
    assert ours.curves == pytest.approx(theirs["individual"][0])
    assert ours.mean == pytest.approx(theirs["average"][0])


def test_values_are_those_that_occur_or_evenly_spaced_between_quantiles(rows):
    flags = rows.assign(flag=np.arange(600) % 2)
    assert partial_dependence(lambda frame: frame["flag"], flags, "flag").grid.tolist() == [0, 1]
    grid = partial_dependence(lambda frame: frame["a"], rows, "a", points=5, limits=(0.1, 0.9)).grid
    assert grid[[0, -1]] == pytest.approx(np.quantile(rows["a"], [0.1, 0.9]))
    assert np.diff(grid) == pytest.approx(np.full(4, (grid[-1] - grid[0]) / 4))


def test_whole_numbers_can_be_set_to_fractions():
    frame = pd.DataFrame({"n": [1, 2, 3]})
    assert partial_dependence(lambda each: each["n"], frame, "n", grid=[1.5]).mean == [1.5]


def test_opposite_curves_cancel_in_the_mean_and_show_in_the_table():
    frame = pd.DataFrame({"x": np.linspace(-1, 1, 50), "side": np.tile([-1, 1], 25)})
    curve = partial_dependence(lambda each: each["x"] * each["side"], frame, "x", grid=[-1, 1])
    assert curve.mean.tolist() == [0, 0]
    assert curve.table[["10 %", "90 %"]].to_numpy().tolist() == [[-1, 1], [-1, 1]]


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"feature": "none"}, "no rows with a column"), ({"feature": "a", "points": 1}, "no curve"),
     ({"feature": "a", "grid": []}, "no values"), ({"feature": "a", "limits": (0.9, 0.1)}, "no quantiles")],
)  # fmt: skip
def test_a_curve_that_cannot_be_drawn_says_why(rows, asked, said):
    with pytest.raises(ExplanationError, match=said):
        partial_dependence(lambda frame: frame["a"], rows, **asked)


def test_near_a_line_the_line_is_found_and_followed_wholly(rows):
    frame = rows * [1, 10, 1] + [0, 5, 0]
    line = local_surrogate(lambda each: 3 * each["a"] - 0.2 * each["b"] + 7, frame.iloc[4], frame, samples=100)
    assert line.slopes.to_numpy() == pytest.approx(np.array([3, -0.2, 0]) * frame.std(ddof=0).to_numpy(), abs=1e-8)
    assert line.fidelity == pytest.approx(1)
    assert line.fitted == pytest.approx(line.score)


def test_where_nothing_is_straight_the_fidelity_says_so(rows):
    bowl = local_surrogate(lambda each: each["a"] ** 2, rows.iloc[0] * 0, rows, width=1, samples=4000)
    assert bowl.fidelity < 0.05
    assert abs(bowl.slopes["a"]) < 0.15


def test_a_constant_model_and_a_constant_column_do_no_harm(rows):
    frame = rows.assign(same=4.0)
    line = local_surrogate(lambda each: each["same"] * 2, frame.iloc[0], frame)
    assert (line.score, line.fidelity, line.slopes["same"]) == (8, 1, 0)


def test_the_same_seed_draws_the_same_rows(rows):
    first, again, other = (
        local_surrogate(lambda each: np.sin(3 * each["a"]), rows.iloc[0], rows, seed=seed).slopes["a"] for seed in (1, 1, 2)
    )
    assert first == again != other


@pytest.mark.parametrize("asked", [{"width": 0}, {"samples": 6}])
def test_a_line_through_too_little_is_refused(rows, asked):
    with pytest.raises(ExplanationError, match="give no line"):
        local_surrogate(lambda each: each["a"], rows.iloc[0], rows, **asked)
