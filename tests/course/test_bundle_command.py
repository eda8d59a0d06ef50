"""``workbench bundle`` and ``workbench rebuild``, on what ``workbench train`` writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from lifecycle.develop import Recipe, digest_of_frame, fit, prepared, read_table, to_bytes
from workbench.cli import application
from workbench.errors import WorkbenchError

ROOT = Path(__file__).resolve().parents[2]


def call(*arguments):
    return CliRunner().invoke(application(), [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a table and, in ``model``, a recipe, a model and metrics."""
    folder = tmp_path_factory.mktemp("trained")
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    pd.DataFrame({"x": x, "y": (x + rng.normal(size=200) > 0).astype(int)}).to_csv(folder / "data.csv", index=False)
    frame = read_table(folder / "data.csv")
    recipe = Recipe({"file": "data.csv", "sha256": digest_of_frame(frame)}, "y", ("x",), settings={"n_estimators": 5})
    rows = prepared(recipe, data=frame)
    (folder / "model").mkdir()
    (folder / "model" / "recipe.json").write_text(recipe.to_json())
    (folder / "model" / "model.json").write_bytes(to_bytes(fit(recipe, rows[rows["split"] == "train"])))
    (folder / "model" / "metrics.json").write_text("{}")
    return folder


def test_bundle_then_rebuild(trained, tmp_path):
    place = tmp_path / "bundle.zip"
    packed = call("bundle", trained / "model", "--data", trained / "data.csv", "--out", place, "--json")
    assert packed.exit_code == 0, packed.output
    digest = json.loads(packed.stdout)["digest"]
    rebuilt = call("rebuild", place, "--digest", digest, "--out", tmp_path / "out", "--json")
    assert rebuilt.exit_code == 0, rebuilt.output
    assert json.loads(rebuilt.stdout)["bit_equal"]
    assert (tmp_path / "out" / "LOG.md").is_file()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "the model was trained on the table `data.csv`"),
        (["--data", "none.csv"], "no such file"),
        (["--data", str(ROOT / "datasets" / "credit.parquet")], "digest differs"),
    ],
)
def test_bundle_says_what_is_wrong(trained, tmp_path, options, message):
    result = call("bundle", trained / "model", "--out", tmp_path / "b.zip", *options)
    assert isinstance(result.exception, WorkbenchError)
    assert result.exception.exit_code == 2
    assert message in str(result.exception)


def test_bundle_overwrites_nothing(trained, tmp_path):
    (tmp_path / "b.zip").write_text("mine")
    result = call("bundle", trained / "model", "--data", trained / "data.csv", "--out", tmp_path / "b.zip")
    assert "nothing is overwritten" in str(result.exception)
    assert (tmp_path / "b.zip").read_text() == "mine"


def test_a_folder_that_is_none_of_train_is_refused(trained, tmp_path):
    assert "recipe.json" in str(call("bundle", tmp_path, "--out", tmp_path / "b.zip").exception)
    shutil.copy(trained / "model" / "recipe.json", tmp_path)
    (tmp_path / "metrics.json").write_text("{")
    assert "not JSON" in str(call("bundle", tmp_path, "--out", tmp_path / "b.zip").exception)


def test_rebuild_refuses_what_is_no_bundle(trained):
    result = call("rebuild", trained / "data.csv")
    assert isinstance(result.exception, WorkbenchError)
    assert "not a zip archive" in str(result.exception)
