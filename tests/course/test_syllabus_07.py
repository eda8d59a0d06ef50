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
