import json
import os
import subprocess
import sys

import imblearn.pipeline
import numpy as np
import pandas as pd
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits
from xgboost import XGBClassifier

from lifecycle.develop import Recipe, fit, scores
from lifecycle.errors import DataError, LifecycleError

NAMES = ("a", "b", "c")
PLANS = [
    ("logistic", "none"), ("logistic", "smote"), ("logistic", "class_weight"), ("forest", "none"), ("forest", "smote"),
    ("forest", "class_weight"), ("boosting", "none"), ("boosting", "scale_pos_weight"),
]  # fmt: skip
ANSWERS = """
import json
from lifecycle.develop import Recipe, digest_of_model, fit, prepared, scores
recipe = Recipe({"use_case": "credit", "n_rows": 3000}, "default", ("limit_bal", "age", "utilisation", "pay_1", "bill_amt1"))
rows = prepared(recipe)
found = {}
for algorithm, balance in (("boosting", "scale_pos_weight"), ("forest", "class_weight"), ("logistic", "smote")):
    plan = recipe.but(algorithm=algorithm, balance=balance)
    model = fit(plan, rows[rows["split"] == "train"])
    answers = scores(model, rows[rows["split"] == "test"], plan)
    found[algorithm] = [digest_of_model(model), answers.tolist()]
print(json.dumps(found))
"""


def recipe(algorithm="boosting", balance="none", **changes):
    return Recipe({"use_case": "credit"}, "y", NAMES, algorithm, balance=balance, **changes)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.normal(size=(400, 3)) * [1, 30, 0.01] + [0, 5, 0], columns=list(NAMES))
    return frame.assign(y=(frame["a"] + frame["b"] / 30 + rng.normal(size=400) > 1.2).astype(int))


def test_neither_threads_nor_the_process_nor_the_linear_algebra_change_a_bit_of_a_tree():
    found = []
    for threads, kernel in (("1", "Haswell"), ("4", "Prescott")):  # OpenBLAS picks its code by this where it knows the name
        given = {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads, "OPENBLAS_CORETYPE": kernel}
        made = subprocess.run(
            [sys.executable, "-W", "error", "-c", ANSWERS],
            env={**os.environ, **given, "PYTHONHASHSEED": threads}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.append(json.loads(made.stdout))
    one, other = found
    assert one["boosting"] == other["boosting"]
    assert one["forest"] == other["forest"]
    np.testing.assert_allclose(one["logistic"][1], other["logistic"][1], rtol=1e-8)


@pytest.mark.parametrize(("algorithm", "balance"), PLANS)
def test_the_same_rows_give_the_same_answers_to_the_bit_on_any_number_of_threads(rows, algorithm, balance):
    plan = recipe(algorithm, balance)
    answers = []
    for threads in (1, 4):
        with threadpool_limits(limits=threads):
            answers.append(scores(fit(plan, rows), rows, plan))
    np.testing.assert_array_equal(*answers)
    assert answers[0].dtype == np.float64
    assert answers[0].min() >= 0
    assert answers[0].max() <= 1


def test_boosting_sees_the_raw_numbers(rows):
    plan = recipe(settings={"n_estimators": 12, "max_depth": 2})
    plain = XGBClassifier(n_estimators=12, max_depth=2, learning_rate=0.1, tree_method="hist", n_jobs=1)
    plain.fit(rows[list(NAMES)], rows["y"])
    np.testing.assert_array_equal(scores(fit(plan, rows), rows, plan), plain.predict_proba(rows[list(NAMES)])[:, 1])


def test_weighing_the_positives_is_weighing_their_gradients(rows):
    plan = recipe(balance="scale_pos_weight", settings={"n_estimators": 12})
    weight = (rows["y"] == 0).sum() / (rows["y"] == 1).sum()
    plain = XGBClassifier(
        n_estimators=12, max_depth=4, learning_rate=0.1, tree_method="hist", n_jobs=1, scale_pos_weight=weight
    )
    plain.fit(rows[list(NAMES)], rows["y"])
    np.testing.assert_array_equal(scores(fit(plan, rows), rows, plan), plain.predict_proba(rows[list(NAMES)])[:, 1])


def test_the_logistic_model_sees_scaled_numbers(rows):
    plan = recipe("logistic")
    values = rows[list(NAMES)]
    scaled = (values - values.mean()) / values.std(ddof=0)
    plain = LogisticRegression(max_iter=1000).fit(scaled.to_numpy(), rows["y"])
    np.testing.assert_allclose(scores(fit(plan, rows), rows, plan), plain.predict_proba(scaled.to_numpy())[:, 1], rtol=1e-9)


def test_smote_resamples_what_the_classifier_learns_from_and_nothing_else(rows):
    plan = recipe("logistic", "smote", seed=4)
    model = fit(plan, rows)
    assert [name for name, _ in model.steps] == ["impute", "scale", "model"]
    peer = imblearn.pipeline.make_pipeline(StandardScaler(), SMOTE(random_state=4), LogisticRegression(max_iter=1000))
    peer.fit(rows[list(NAMES)].to_numpy(), rows["y"])
    expected = peer.predict_proba(rows[list(NAMES)].to_numpy())[:, 1]
    np.testing.assert_allclose(scores(model, rows, plan), expected, rtol=1e-9)


@pytest.mark.parametrize("algorithm", ["logistic", "forest", "boosting"])
def test_a_row_alone_gets_the_answer_it_gets_among_others_in_any_order_of_columns(rows, algorithm):
    plan = recipe(algorithm)
    model = fit(plan, rows)
    together = scores(model, rows, plan)
    alone = scores(model, rows.loc[[17], ["c", "y", "a", "b"]], plan)
    np.testing.assert_allclose(alone, together[[17]], rtol=1e-12)


@pytest.mark.parametrize("algorithm", ["logistic", "forest", "boosting"])
def test_missing_values_are_no_obstacle(rows, algorithm):
    plan = recipe(algorithm)
    holed = rows.assign(a=rows["a"].where(rows.index % 3 > 0), c=np.nan)
    assert np.isfinite(scores(fit(plan, holed), holed, plan)).all()


def test_any_character_is_allowed_in_a_name(rows):
    odd = rows.set_axis(["a[1]", "b<2", "ü, ]", "y"], axis=1)
    plan = Recipe({"use_case": "credit"}, "y", ("a[1]", "b<2", "ü, ]"))
    model = fit(plan, odd)
    assert model.get_booster().feature_names == list(plan.features)
    np.testing.assert_array_equal(scores(model, odd, plan), scores(fit(recipe(), rows), rows, recipe()))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rows: rows.drop(columns="b"), "no column `b`"),
        (lambda rows: rows.drop(columns="y"), "no column `y`"),
        (lambda rows: rows.head(0), "no rows"),
        (lambda rows: rows.assign(b="x"), "`b` does not hold numbers"),
        (lambda rows: rows.assign(c=np.inf), "`c` holds a value beyond"),
        (lambda rows: rows.assign(c=rows["c"] * 1e300), "`c` holds a value beyond"),
        (lambda rows: rows.assign(y=1), "all training rows have `y` = 1"),
        (lambda rows: rows.assign(y=rows["y"] * 2), "2 is neither 0 nor 1"),
        (lambda rows: rows.assign(split=["train"] * 399 + ["test"]), "1 rows do not belong to the training part"),
    ],
)
def test_rows_that_cannot_be_learned_from_are_refused(rows, change, message):
    with pytest.raises(DataError, match=message):
        fit(recipe(), change(rows))


def test_smote_needs_two_rows_of_a_class(rows):
    few = pd.concat([rows[rows["y"] == 0], rows[rows["y"] == 1].head(1)])
    with pytest.raises(DataError, match="one training row"):
        fit(recipe("logistic", "smote"), few)
    two = pd.concat([rows[rows["y"] == 0], rows[rows["y"] == 1].head(2)])
    assert fit(recipe("logistic", "smote"), two)


def test_a_model_that_has_not_converged_is_an_error(rows):
    with pytest.raises(LifecycleError, match="not converged in 1 steps"):
        fit(recipe("logistic", settings={"max_iter": 1}), rows)
