"""A linear model as JSON, Python and SQL is the linear model."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from lifecycle.deploy import FormatError, Formula, formula_of, parity

NAMES = ["limit", "months", "share"]


@pytest.fixture(scope="module")
def rows():
    numbers = np.random.default_rng(1)
    columns = [numbers.integers(1, 80, 500) * 10_000.0, numbers.integers(-2, 8, 500), numbers.random(500)]
    return pd.DataFrame(dict(zip(NAMES, columns, strict=True)))


@pytest.fixture(scope="module")
def target(rows):
    return (rows["months"] + 3 * rows["share"] + np.random.default_rng(2).normal(size=500) > 4).astype(int)


@pytest.mark.parametrize("steps", [[], [StandardScaler()], [SimpleImputer(), StandardScaler()]])
def test_every_way_to_write_it_gives_the_same_chances(rows, target, steps):
    if not steps:
        rows = rows.assign(limit=rows["limit"] / 1e5)
    model = make_pipeline(*steps, LogisticRegression(max_iter=2000)).fit(rows.to_numpy(), target)
    expected = model.predict_proba(rows.to_numpy())[:, 1]
    formula = formula_of(model, features=NAMES)
    space: dict = {}
    exec(formula.to_python(), space)
    with duckdb.connect() as database:
        database.register("t", rows.assign(id=range(len(rows))))
        in_sql = database.sql(formula.to_sql("t", key="id") + " ORDER BY id").df()["score"]
    for copy in (
        formula.scores(rows[NAMES[::-1]]),
        Formula.from_json(formula.to_json()).scores(rows),
        [space["score"](row) for row in rows.to_dict("records")],
        in_sql,
    ):
        assert parity(expected, copy, threshold=0.3).largest < 1e-12


def test_the_bare_regression_is_taken_too(rows, target):
    model = LogisticRegression().fit(rows[["months", "share"]].to_numpy(), target)
    assert formula_of(model, features=["months", "share"]).weights == tuple(model.coef_[0])


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), st.floats(-1e3, 1e3))
def test_json_keeps_every_bit(weights, intercept):
    formula = Formula(intercept, tuple(f"x{k}" for k in range(len(weights))), tuple(weights))
    assert Formula.from_json(formula.to_json()) == formula


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"link": "probit", "intercept": 0, "weights": {}}', '{"link": "logit", "intercept": NaN, "weights": {}}'],
)
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(FormatError):
        Formula.from_json(text)


def test_names_that_are_words_of_sql_or_worse_are_quoted():
    odd = 'order "by"; DROP TABLE t'
    rows = pd.DataFrame({odd: [0.0, 1.0], "select": [0, 1]})
    with duckdb.connect() as database:
        database.register("table", rows)
        found = database.sql(Formula(0.0, (odd,), (1.0,)).to_sql("table", key="select")).df()
    assert found["score"].tolist() == pytest.approx([0.5, 1 / (1 + np.exp(-1))])
    with pytest.raises(FormatError, match="no name"):
        Formula(0.0, ("a\nb",), (1.0,)).to_sql("t", key="id")


def test_a_step_that_no_formula_holds_is_named(rows, target):
    model = make_pipeline(MinMaxScaler(), LogisticRegression()).fit(rows.to_numpy(), target)
    with pytest.raises(FormatError, match="MinMaxScaler"):
        formula_of(model, features=NAMES)
    with pytest.raises(FormatError, match="logistic"):
        formula_of(StandardScaler().fit(rows.to_numpy()), features=NAMES)


@pytest.mark.parametrize("with_mean", [True, False])
@pytest.mark.parametrize("with_std", [True, False])
def test_a_scaler_is_taken_as_it_was_set(rows, target, with_mean, with_std):
    rows = rows.assign(limit=rows["limit"] / 1e5)
    scaler = StandardScaler(with_mean=with_mean, with_std=with_std)
    model = make_pipeline(scaler, LogisticRegression(max_iter=2000)).fit(rows.to_numpy(), target)
    formula = formula_of(model, features=NAMES)
    assert parity(model.predict_proba(rows.to_numpy())[:, 1], formula.scores(rows), threshold=0.3).largest < 1e-12


@pytest.mark.parametrize("log_odds", [-1e6, -745.0, -710.0, -700.5, -700.0, -1.0, 0.0, 800.0])
def test_its_python_has_a_chance_for_any_log_odds(log_odds):
    space: dict = {}
    exec(Formula(0.0, ("x",), (1.0,)).to_python(), space)
    expected = 1 / (1 + Decimal(-log_odds).exp())
    assert space["score"]({"x": log_odds}) == pytest.approx(float(expected), rel=1e-12)
