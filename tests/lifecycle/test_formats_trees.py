"""Trees as numbers, SQL, Python, PFA, ONNX, PMML and Java give the scores of the library that grew them."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from lifecycle.deploy import (
    FormatError,
    PfaEngine,
    crossings,
    ensemble_of,
    java_compiler,
    parity,
    pipeline_to_onnx,
    run_java,
    score_onnx,
    score_pmml,
    scorecard_to_pfa,
    to_java,
    to_pmml,
    tree_of,
    tree_to_pfa,
    tree_to_python,
    tree_to_sql,
)
from lifecycle.deploy.formats.formula import Formula
from lifecycle.deploy.packaging.model_file import bytes_of
from lifecycle.deploy.packaging.onnx_model import to_onnx

NAMES = ["limit", "months", "share"]


@pytest.fixture(scope="module")
def rows():
    numbers = np.random.default_rng(5)
    columns = [numbers.integers(1, 80, 1500) * 10_000.0, numbers.integers(-2, 8, 1500), numbers.random(1500)]
    return pd.DataFrame(dict(zip(NAMES, columns, strict=True))).astype("float64")


@pytest.fixture(scope="module")
def target(rows):
    return (rows["months"] + 4 * rows["share"] + np.random.default_rng(6).normal(size=len(rows)) > 5).astype(int).to_numpy()


@pytest.fixture(scope="module")
def values(rows):
    return rows.to_numpy("float32")


@pytest.fixture(scope="module")
def boosted(rows, target):
    return XGBClassifier(n_estimators=30, max_depth=4, n_jobs=1).fit(rows.to_numpy(), target)  # its base score is estimated


@pytest.fixture(scope="module")
def expected(boosted, rows):
    return boosted.predict_proba(rows.to_numpy())[:, 1].astype("float64")


@pytest.fixture(scope="module")
def ensemble(boosted):
    return ensemble_of(bytes_of(boosted), features=NAMES)


@pytest.fixture(scope="module")
def small(rows, target):
    return DecisionTreeClassifier(max_depth=5, random_state=0).fit(rows.to_numpy(), target)


def test_the_trees_read_from_the_file_score_as_the_library(ensemble, values, expected):
    assert parity(expected, ensemble.scores(values), threshold=0.3).largest < 1e-6


def test_onnx_scores_as_the_library(boosted, values, expected):
    graph = to_onnx(boosted)
    assert graph == to_onnx(boosted)
    assert parity(expected, score_onnx(graph, values), threshold=0.3).largest < 1e-6


def test_pmml_scores_as_the_library(boosted, values, expected):
    document = to_pmml(boosted, features=NAMES, target="bad")
    assert b"Timestamp" not in document
    times: dict[str, float] = {}
    assert parity(expected, score_pmml(document, values, features=NAMES, times=times), threshold=0.3).largest < 1e-6
    assert set(times) == {"start", "all", "one"}
    with pytest.raises(FormatError, match="gives no scores"):
        score_pmml(document, values[:, :2], features=NAMES[:2])


def test_java_scores_as_the_library(ensemble, values, expected, require):
    require(java_compiler(), "there is no Java compiler (apt-get install default-jdk-headless)")
    assert parity(expected, run_java(to_java(ensemble), values), threshold=0.3).largest < 1e-6


def test_java_that_does_not_compile_is_said(values, require):
    require(java_compiler(), "there is no Java compiler (apt-get install default-jdk-headless)")
    with pytest.raises(FormatError, match="javac"):
        run_java("public final class Model { double score; ", values)


def test_without_a_compiler_java_says_what_to_install(values, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert java_compiler() is None
    with pytest.raises(FormatError, match="install a JDK"):
        run_java("", values)


def test_a_row_on_a_threshold_goes_the_librarys_way(small, boosted, ensemble):
    """Scikit-learn asks for less or equal, xgboost for less: every row here stands exactly on a split."""
    tree = tree_of(small)
    splits = [[tree.threshold[k]] * 3 for k in range(len(tree.left)) if not tree.leaf(k)]
    np.testing.assert_array_equal(tree.scores(np.array(splits, "float32")), small.predict_proba(splits)[:, 1])
    for k, name in enumerate(ensemble.features):
        at = [
            one.threshold[n]
            for one in ensemble.trees
            for n in range(len(one.left))
            if one.left[n] >= 0 and one.feature[n] == k
        ]
        rows = np.zeros((len(at), 3), "float32")
        rows[:, k] = at
        assert parity(boosted.predict_proba(rows)[:, 1], ensemble.scores(rows), threshold=0.3).largest < 1e-6, name


def test_a_tree_as_sql_python_and_pfa(small, rows):
    tree, expected = tree_of(small), small.predict_proba(rows.to_numpy())[:, 1]
    space: dict = {}
    exec(tree_to_python(tree, features=NAMES), space)
    engine = PfaEngine(tree_to_pfa(tree, features=NAMES, name="Tree"))
    with duckdb.connect() as database:
        database.register("t", rows.assign(id=range(len(rows))))
        in_sql = database.sql(tree_to_sql(tree, features=NAMES, table="t", key="id") + " ORDER BY id").df()["score"]
    records = rows.to_dict("records")
    for copy in ([space["score"](row) for row in records], [engine.score(row) for row in records], in_sql):
        np.testing.assert_allclose(copy, expected, rtol=1e-12)


def test_what_is_no_model_of_trees_is_refused(rows, target):
    with pytest.raises(FormatError, match="not a model"):
        ensemble_of(b"{}", features=NAMES)
    with pytest.raises(FormatError, match="2 inputs"):
        ensemble_of(bytes_of(XGBClassifier(n_estimators=2).fit(rows.to_numpy(), target)), features=NAMES[:2])
    linear = XGBClassifier(n_estimators=2, objective="multi:softprob").fit(rows.to_numpy(), rows["months"].astype(int) % 3)
    with pytest.raises(FormatError, match="multi:softprob"):
        ensemble_of(bytes_of(linear), features=NAMES)
    with pytest.raises(FormatError, match="DecisionTreeClassifier"):
        tree_of(DecisionTreeClassifier())


def test_a_scaler_before_the_trees_breaks_onnx_and_without_it_nothing_breaks(rows, target):
    scaler = StandardScaler().fit(rows.to_numpy())
    behind = XGBClassifier(n_estimators=30, max_depth=4, n_jobs=1).fit(scaler.transform(rows.to_numpy()), target)
    scaled = Pipeline([("scale", scaler), ("model", behind)])
    before = scaled.predict_proba(rows.to_numpy())[:, 1]
    broken = parity(before, score_onnx(pipeline_to_onnx(scaled, width=3), rows.to_numpy()), threshold=0.3)
    assert broken.largest > 0.01
    python_way = scaler.transform(rows.to_numpy()).astype("float32")
    graph_way = (rows.to_numpy("float32") - scaler.mean_.astype("f4")) * (1 / scaler.scale_).astype("f4")
    trees = ensemble_of(bytes_of(behind), features=NAMES)
    assert crossings(trees, python_way, graph_way)["crossed"].sum() > 0
    assert crossings(trees, python_way, python_way)["crossed"].sum() == 0
    mended = score_onnx(pipeline_to_onnx(behind, width=3), python_way)
    assert parity(before, mended, threshold=0.3).largest < 1e-6


CARD = scorecard_to_pfa(Formula(0.5, ("a", "b"), (1.0, -2.0)), name="Card")


def test_a_scorecard_by_the_formula():
    assert PfaEngine(CARD).score({"a": 3, "b": 0.5}) == pytest.approx(1 / (1 + np.exp(-2.5)))
    assert PfaEngine(CARD).score({"a": -1e4, "b": 0}) == 0.0


def test_arithmetic_of_pfa():
    action = {"/": [{"-": [{"+": ["input.a", 1]}, {"*": ["input.b", 2]}]}, {"m.exp": [0]}]}
    assert PfaEngine(json.dumps(json.loads(CARD) | {"action": action})).score({"a": 5, "b": 2}) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"method": "fold"}, "method map"),
        ({"output": "string"}, "output double"),
        ({"begin": []}, "`begin` is not understood"),
        ({"action": {"m.link.probit": [1]}}, "not a function"),
        ({"action": {"+": [1]}}, "takes 2 arguments"),
        ({"action": "input.c"}, "no field"),
        ({"action": {"cell": "other"}}, "no cell"),
        ({"action": [1, 2]}, "no expression"),
        ({"input": {"type": "record", "fields": [{"name": "a", "type": "string"}]}}, "record of numbers"),
        ({"cells": {"model": 3}}, "cells are objects"),
        ({"action": {"model.tree.simpleTree": ["input", {"cell": "model"}]}}, "lacks a part"),
    ],
)
def test_a_document_that_is_not_understood_is_refused_when_it_is_loaded(change, said):
    with pytest.raises(FormatError, match=said):
        PfaEngine(json.dumps(json.loads(CARD) | change))


@pytest.mark.parametrize(
    "row",
    [
        {"a": 1},
        {"a": 1, "b": 2, "c": 3},
        {"a": np.nan, "b": 1},
        {"a": True, "b": 1},
        {"a": "1", "b": 1},
        {"a": None, "b": 1},
    ],
)
def test_a_row_that_does_not_fit_the_document_is_refused(row):
    with pytest.raises(FormatError):
        PfaEngine(CARD).score(row)
    with pytest.raises(FormatError, match="JSON"):
        PfaEngine("{")


@pytest.mark.parametrize(
    ("action", "row", "said"),
    [
        ({"/": [1, "input.a"]}, {"a": 0, "b": 1}, "cannot be computed"),
        ({"m.exp": ["input.a"]}, {"a": 1e4, "b": 1}, "cannot be computed"),
    ],
)
def test_what_cannot_be_computed_is_said(action, row, said):
    with pytest.raises(FormatError, match=said):
        PfaEngine(json.dumps(json.loads(CARD) | {"action": action})).score(row)


def test_a_number_beyond_the_documents_type_is_refused_by_name():
    single = json.loads(CARD)
    for field in single["input"]["fields"]:
        field["type"] = "float"
    with pytest.raises(FormatError, match="`b` is too large"):
        PfaEngine(json.dumps(single)).score({"a": 1, "b": 1e300})


def test_steps_are_counted_across_zero(ensemble):
    small = np.float32(1e-45)  # the smallest one above 0
    one = np.array([[0.0, small, 1.0]], "float32")
    other = np.array([[-0.0, -small, np.nextafter(np.float32(1), np.float32(2))]], "float32")
    found = crossings(ensemble, one, other)
    assert found["steps"].tolist() == [0, 2, 1]
    assert found["rounded"].tolist() == [0, 1, 1]


@pytest.mark.parametrize(
    "init",
    [3, {}, {"coeff": [1.0, 2.0]}, {"coeff": [1.0, "2"], "const": 0.5}, {"coeff": [1.0], "const": 0.5},
     {"coeff": [1.0, float("nan")], "const": 0.5}, {"coeff": [1.0, 10**400], "const": 0.5}],
)  # fmt: skip
def test_a_linear_cell_without_its_numbers_is_refused_when_it_is_loaded(init):
    card = json.loads(CARD)
    card["cells"]["model"]["init"] = init
    with pytest.raises(FormatError, match="coeff"):
        PfaEngine(json.dumps(card))


def test_a_node_that_compares_with_no_number_is_refused_when_it_is_loaded(small):
    document = json.loads(tree_to_pfa(tree_of(small), features=NAMES, name="Tree"))
    document["cells"]["tree"]["init"]["value"] = "5"
    with pytest.raises(FormatError, match="compares with no number"):
        PfaEngine(json.dumps(document))
