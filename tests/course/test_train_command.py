import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from course.commands.failures import RequestError
from lifecycle.develop import Recipe, Tracker, digest_of_model, fit, from_bytes, prepared
from lifecycle.develop.exploration.tables import read_table
from workbench.cli import application


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"age": rng.integers(18, 80, 400), "city": rng.choice(["Köln", "Rom"], 400), "note": "x"})
    left = rng.random(400) < 1 / (1 + np.exp((frame["age"] - 40) / 8))
    place = tmp_path_factory.mktemp("table") / "shop.csv"
    frame.assign(left=np.where(left, "yes", "no")).to_csv(place, index=False)
    return place


def train(*arguments):
    return CliRunner().invoke(application(), ["train", *map(str, arguments)])


@pytest.fixture(scope="module")
def trained(table, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained") / "model"
    return train(table, "--target", "left", "--out", out, "--trials", 2, "--cost-false-negative", 4, "--json"), out


def test_the_result_is_printed_as_json_and_written(trained):
    done, out = trained
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert printed == json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert {row["metric"] for row in printed["test"]} >= {"average_precision", "recall", "f1"}
    assert printed["notes"][0].startswith("target coded")
    assert "training: baseline" in done.stderr
    assert (out / "candidates.csv").read_text().count("\n") == 5


def test_the_model_that_was_written_is_the_one_that_its_recipe_makes(trained, table):
    done, out = trained
    printed = json.loads(done.stdout)
    model = from_bytes((out / printed["model"]).read_bytes(), digest=printed["model_sha256"])
    recipe = Recipe.from_json((out / "recipe.json").read_text(encoding="utf-8"))
    rows = prepared(recipe, data=read_table(table))
    assert digest_of_model(fit(recipe, rows[rows["split"] == "train"])) == digest_of_model(model)
    with Tracker(out / "tracking") as tracker:
        assert tracker.recipe(printed["chosen"]) == recipe


def test_the_page_names_the_choice(table, tmp_path):
    done = train(table, "--target", "left", "--out", tmp_path / "new", "--trials", 1)
    assert done.exit_code == 0
    assert "* is chosen" in done.stdout
    assert "Average precision above the baseline's" in done.stdout


@pytest.mark.parametrize("target", ["gone", "city", "note"])
def test_a_request_that_cannot_be_carried_out_leaves_nothing_behind(table, tmp_path, target):
    text = table.read_text(encoding="utf-8").replace("Rom", "Bern", 3)  # a third city
    place = tmp_path / "data.csv"
    place.write_text(text, encoding="utf-8")
    done = train(place, "--target", target, "--out", tmp_path / "new")
    assert isinstance(done.exception, RequestError)
    assert done.exception.exit_code == 2
    assert not (tmp_path / "new").exists()


def test_a_folder_with_something_in_it_is_left_alone(table, tmp_path):
    tmp_path.joinpath("mine").touch()
    done = train(table, "--target", "left", "--out", tmp_path)
    assert isinstance(done.exception, RequestError)
    assert "not empty" in str(done.exception)
    assert [place.name for place in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("made_before", [False, True])
def test_a_failure_leaves_no_folder_that_the_next_try_would_trip_over(tmp_path, made_before):
    few = tmp_path / "few.csv"
    pd.DataFrame({"x": range(60), "y": [1] * 2 + [0] * 58}).to_csv(few, index=False)
    out = tmp_path / "model"
    if made_before:
        out.mkdir()
    said = [train(few, "--target", "y", "--out", out).exception for _ in range(2)]
    assert str(said[0]) == str(said[1])
    assert out.is_dir() == made_before
    assert not list(out.glob("*"))
