"""The figures that lesson 07 teaches, from the functions that it teaches them with."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from lifecycle import artifacts, develop
from lifecycle.deploy import (
    PIECES,
    FeatureOrderError,
    crossings,
    ensemble_of,
    java_record,
    missing_pieces,
    open_package,
    parity,
    to_java,
    version_record,
)

HANDED_OVER = Path(__file__).parents[2] / "datasets/artifacts"


@pytest.fixture(scope="module")
def package():
    return open_package(HANDED_OVER / "07/package.zip")


@pytest.fixture(scope="module")
def pipeline():
    """The recipe, the model and the rows of lesson 04, read as lesson 07 does."""
    recipe = develop.Recipe.from_json(artifacts.read_text("04/recipe.json"))
    model = develop.from_bytes(artifacts.read_bytes("04/model.json"))
    frame = artifacts.read_frame("03/features.parquet")
    return recipe, frame, develop.scores(model, frame, recipe)


def test_the_package_is_the_pipeline_of_lesson_04(package, pipeline):
    recipe, frame, scores = pipeline
    calibration = package.config["calibration"]
    chances = develop.correct_prior(scores, trained=calibration["trained"], actual=calibration["actual"])
    copy = package.scores(frame[list(package.features)])
    assert parity(chances, copy, threshold=package.threshold).ok
    assert np.abs(chances - copy).max() <= 1e-6
    np.testing.assert_array_equal(package.decide(copy), scores >= recipe.threshold)
    assert package.model_bytes == artifacts.read_bytes("04/model.json")


def test_the_threshold_of_lesson_04_stands_on_a_row_and_the_packages_on_none(package, pipeline):
    recipe, frame, scores = pipeline
    assert (scores[frame["split"] == "validation"] == recipe.threshold).sum() == 1
    assert np.abs(package.scores(frame[list(package.features)]) - package.threshold).min() > 1e-6


def test_swapped_columns_are_refused(package, pipeline):
    names = list(package.features)
    with pytest.raises(FeatureOrderError):
        package.guard(pipeline[1][[names[1], names[0], *names[2:]]])


def test_honest_rows_are_within_the_schema(package, pipeline):
    rows = pipeline[1][list(package.features)]
    assert not any(field.fault(value) for field in package.fields for value in rows[field.name])


def test_a_mail_with_the_model_alone_lacks_ten_of_eleven_pieces(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model/model.json").write_bytes(artifacts.read_bytes("04/model.json"))
    assert len(PIECES) == 11
    assert missing_pieces(tmp_path) == [name for name in PIECES if name != "model/model.json"]


def test_no_copy_on_record_changes_a_decision():
    record = artifacts.read_json("07/parity.json")
    assert {row["copy"] for row in record["rows"]} == {"xgboost JSON", "ONNX", "PMML", "trees by hand"}
    assert all(row["rows"] == 20_000 and row["beyond 1e-4"] == row["flips"] == 0 for row in record["rows"])


def test_the_java_on_record_is_that_of_the_committed_model(package):
    source = to_java(ensemble_of(package.model_bytes, features=package.features))
    record = java_record()
    assert record["source_sha256"] == sha256(source.encode()).hexdigest()
    assert (record["rows"], record["beyond"], record["flips"]) == (20_000, 0, 0)


def test_the_versions_on_record_tell_the_lessons_story():
    record = version_record()
    assert list(record["environments"]) == ["1.2.2", "1.5.2", "1.9.0"]
    worst = max(record["trained"], key=lambda row: row["largest"])
    assert [f"{chance:.2f}" for chance in worst["pair"]] == ["0.34", "0.83"]
    assert (worst["flips"], worst["rows"]) == (31, 500)
    silent = {(row["model"], row["saved"], row["loaded"]): row for row in record["loaded"]}[
        "LogisticRegression", "1.5.2", "1.2.2"
    ]
    assert "error" not in silent
    assert silent["largest"] == pytest.approx(0.15, abs=0.005)


def test_histogram_boosting_moved_by_the_way_borders_are_taken(monkeypatch):
    """Recompute the record's largest gap: the older releases' borders in this release give the older answers."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.ensemble._hist_gradient_boosting import binning

    numbers = np.random.RandomState(7)  # the data of benchmarks/versions.py
    x = numbers.normal(size=(1500, 8)).round(3)
    y = (x[:, 0] + x[:, 1] * x[:, 2] + numbers.normal(size=1500) > 0.4).astype(int)

    def chances():
        return HistGradientBoostingClassifier(random_state=0).fit(x[:1000], y[:1000]).predict_proba(x[1000:])[:, 1]

    def borders(column, max_bins, *_, **__):
        return np.percentile(column, np.linspace(0, 100, max_bins + 1)[1:-1], method="midpoint")

    newer = chances()
    monkeypatch.setattr(binning, "_find_binning_thresholds", borders)
    older = chances()
    worst = max(version_record()["trained"], key=lambda row: row["largest"])
    at = np.abs(newer - older).argmax()
    assert [older[at], newer[at]] == pytest.approx(worst["pair"], abs=1e-3)
    assert ((newer >= 0.5) != (older >= 0.5)).sum() == worst["flips"]


def test_values_under_each_others_names_pass_the_guard_and_not_the_golden_rows(package):
    one, other = "pay_1", "late_now"
    swapped = package.golden.rename(columns={one: other, other: one})[list(package.features)]
    assert package.guard(swapped).shape == (64, len(package.features))
    assert (np.abs(package.scores(swapped) - package.golden["score"]) > 1e-5).any()
    limits = next(field for field in package.fields if field.name == other)
    assert any(limits.fault(value) for value in swapped[other])


def test_a_scaler_in_the_graph_sends_rows_over_splits_downwards_only():
    """The finding of the lesson's planted table, on a smaller one and for another seed."""
    from sklearn.preprocessing import StandardScaler
    from xgboost import XGBClassifier

    rng = np.random.default_rng(11)
    columns = [rng.integers(1, 80, 4000) * 10_000, rng.integers(-2, 9, 4000), rng.random(4000).round(4)]
    rows = np.column_stack(columns).astype("float64")
    bad = (0.4 * rows[:, 1] + 2 * rows[:, 2] + rng.normal(size=4000) > 2.0).astype(int)
    scaler = StandardScaler().fit(rows)
    exact = scaler.transform(rows).astype("float32")
    graph = (rows.astype("float32") - scaler.mean_.astype("float32")) * (1 / scaler.scale_).astype("float32")
    apart = np.abs(graph.astype("float64") - exact)
    assert apart.max() < 1e-6 < 1e-5 < (apart / np.abs(exact)).max()
    boosted = XGBClassifier(n_estimators=20, n_jobs=1).fit(exact, bad)
    trees = ensemble_of(bytes(boosted.get_booster().save_raw("json")), features=["limit", "months", "share"])
    assert crossings(trees, exact, np.minimum(exact, graph))["crossed"].sum() > 0
    assert crossings(trees, exact, np.maximum(exact, graph))["crossed"].sum() == 0
