import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification

from lifecycle import show
from lifecycle.develop import Recipe, Tracker, TrackingError, digest_of_model, fit, scores
from lifecycle.errors import ArtifactError

PLAN = Recipe({"use_case": "credit", "n_rows": 100}, "y", ("a", "b"), settings={"n_estimators": 5}, seed=4)
PLANS = {
    "boosted": PLAN,
    "plain": PLAN.but(algorithm="logistic"),
    "wood": PLAN.but(algorithm="forest", settings={"n_estimators": 4}),
}
F1 = {"boosted": 0.7, "plain": 0.5, "wood": 0.7}
DATA = "c0ffee" * 10


@pytest.fixture(scope="module")
def rows():
    values, labels = make_classification(200, n_features=2, n_redundant=0, random_state=2)
    return pd.DataFrame(values, columns=["a", "b"]).assign(y=labels)


@pytest.fixture(scope="module")
def models(rows):
    return {name: fit(plan, rows) for name, plan in PLANS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("a folder, 50 % é")


@pytest.fixture(scope="module")
def tracker(folder, models):
    with Tracker(folder) as one:
        for name, plan in PLANS.items():
            with one.run(name, recipe=plan, data_version=DATA, feature_set="v1", person="Ada", notes="first try",
                         tags={"stage": "search"}, parameters={"rounds": 3}) as run:  # fmt: skip
                run.metrics({"validation_f1": F1[name], "validation_log_loss": F1[name], "undefined": float("nan")})
                if name == "boosted":
                    for step in range(3):
                        run.metrics({"train_loss": 1 / (step + 1)}, step=step)
                    figure, axes = show.figure(width=3, height=2)
                    axes.plot([0, 1])
                    run.figure("curve", figure)
                    run.table("confusion", pd.DataFrame([{"tp": 3, "fp": 1}]))
                run.model(models[name])
        yield one


def test_a_run_says_how_it_was_made_without_being_asked(tracker):
    record = tracker.recorded("boosted")
    assert record["status"] == "FINISHED"
    expected = {
        "algorithm": "boosting",
        "settings.n_estimators": "5",
        "seed": "4",
        "data_version": DATA,
        "feature_set": "v1",
    }
    assert expected.items() <= record["parameters"].items()
    assert record["parameters"]["rounds"] == "3"
    assert record["tags"]["mlflow.user"] == "Ada"
    assert record["tags"]["mlflow.note.content"] == "first try"
    assert record["tags"]["stage"] == "search"
    assert record["metrics"]["seconds"] > 0
    assert record["metrics"]["train_loss"] == 1 / 3
    assert np.isnan(record["metrics"]["undefined"])


def test_files_are_kept_with_the_run(tracker):
    assert tracker.files("boosted") == [
        "environment.json", "figures/curve.png", "model/model.json", "recipe.json", "tables/confusion.csv"
    ]  # fmt: skip
    assert tracker.read("boosted", "figures/curve.png").startswith(b"\x89PNG")
    assert tracker.read("boosted", "tables/confusion.csv") == b"tp,fp\n3,1\n"
    assert tracker.recipe("boosted") == PLAN
    environment = json.loads(tracker.read("boosted", "environment.json"))
    assert environment["packages"]["mlflow"].startswith("3.")
    assert environment["cpu_count"] == os.cpu_count()


def test_runs_are_compared_best_first_by_name(tracker):
    table = tracker.compare("validation_f1")
    assert table["run"].tolist() == ["boosted", "wood", "plain"]  # the earlier of equal ones first
    assert list(table.columns) == [
        "run", "algorithm", "balance", "feature_set", "data_version", "validation_f1", "train_loss", "undefined",
        "validation_log_loss",
    ]  # fmt: skip
    assert table["data_version"].unique().tolist() == [DATA[:12]]
    assert tracker.compare("validation_log_loss")["run"].tolist() == ["plain", "boosted", "wood"]
    assert tracker.compare()["run"].tolist() == tracker.runs()[:3] == list(PLANS)
    assert tracker.compare("seconds")["seconds"].is_monotonic_increasing
    assert tracker.compare("train_loss")["train_loss"].isna().tolist() == [False, True, True]


def test_the_best_run_is_named(tracker):
    assert tracker.best("validation_f1") == "boosted"
    assert tracker.best("validation_log_loss") == "plain"
    with pytest.raises(TrackingError, match="undefined in all runs"):
        tracker.best("undefined")


def test_the_registry_gives_back_the_model_that_was_promoted(tracker, models, rows):
    assert tracker.promote("plain", "risk") == 1
    assert tracker.promote("boosted", "risk") == 2
    assert tracker.promote("wood", "risk", alias="challenger") == 3
    champion = tracker.version("risk")
    assert (champion.version, champion.run, champion.aliases) == (2, "boosted", ("champion",))
    assert champion.recipe == PLAN
    assert champion.digest == digest_of_model(models["boosted"])
    for name, alias in (("boosted", "champion"), ("wood", "challenger")):
        loaded = tracker.load("risk", alias)
        np.testing.assert_array_equal(scores(loaded, rows, PLANS[name]), scores(models[name], rows, PLANS[name]))


def test_a_model_whose_file_was_touched_is_not_loaded(tracker, folder, models):
    with tracker.run("touched", recipe=PLAN, data_version=DATA) as run:
        digest = run.model(models["boosted"])
    tracker.promote("touched", "fragile")
    (file,) = (file for file in folder.rglob("model.json") if not file.parents[1].joinpath("figures").exists())
    file.write_bytes(file.read_bytes().replace(b"[", b"[ ", 1))
    assert digest == tracker.recorded("touched")["tags"]["model_digest"]
    with pytest.raises(ArtifactError, match=r"model\.json: not the model that was saved"):
        tracker.load("fragile")
    file.unlink()
    with pytest.raises(ArtifactError, match="file is gone"):
        tracker.load("fragile")


def test_a_run_that_raises_is_kept_as_failed_and_not_compared(tracker):
    def broken():
        with tracker.run("broken", data_version=DATA) as run:
            run.metrics({"validation_f1": 0.99})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert tracker.recorded("broken")["status"] == "FAILED"
    assert "broken" in tracker.runs()
    assert tracker.best("validation_f1") == "boosted"
    with pytest.raises(TrackingError, match="has not finished well: failed"):
        tracker.promote("broken", "risk")


def test_a_name_is_used_once_unless_the_run_is_replaced(tracker):
    with tracker.run("again", data_version=DATA) as run:
        run.metrics({"odd": 1})
    with pytest.raises(TrackingError, match="there is a run `again` already"), tracker.run("again", data_version=DATA):
        pass
    with tracker.run("again", data_version=DATA, replace=True) as run:
        run.metrics({"odd": 2})
    assert tracker.runs().count("again") == 1
    assert tracker.recorded("again")["metrics"]["odd"] == 2


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda one: one.recorded("nobody"), "no run `nobody`"),
        (lambda one: one.read("plain", "figures/curve.png"), r"no file `figures/curve\.png`"),
        (lambda one: one.compare("beauty"), "no finished run has a metric `beauty`"),
        (lambda one: one.best("beauty"), "metrics: .*validation_f1"),
        (lambda one: one.load("nothing"), "no model `nothing` in the registry"),
        (lambda one: one.promote("again", "risk"), "kept no model"),
        (lambda one: one.promote("plain", "bad/name"), "'bad/name' cannot name a model"),
        (lambda one: one.promote("plain", "risk", alias="a b"), "'a b' cannot name an alias"),
        (lambda one: one.promote("plain", "risk", alias="latest"), "'latest' cannot name an alias"),
        (lambda one: one.run("../up", data_version=DATA).__enter__(), "cannot name a run"),
        (lambda one: one.run("new", data_version="").__enter__(), "`data_version` is empty"),
    ],
)
def test_what_is_not_there_is_said_to_be_missing(tracker, ask, message):
    if "again" not in tracker.runs():
        with tracker.run("again", data_version=DATA):
            pass
    with pytest.raises(TrackingError, match=message):
        ask(tracker)


def test_an_alias_that_nobody_gave_is_said_to_be_missing(tracker):
    tracker.promote("plain", "lonely")
    with pytest.raises(TrackingError, match="no alias `challenger`") as caught:
        tracker.load("lonely", "challenger")
    assert caught.value.tried == "aliases: champion"


@pytest.mark.parametrize(("name", "value"), [("ok", "high"), ("ok", float("inf")), ("bad\nname", 1.0)])
def test_what_is_no_metric_is_refused(tracker, name, value):
    with pytest.raises(TrackingError), tracker.run("refused", data_version=DATA, replace=True) as run:
        run.metrics({name: value})


def test_a_value_logged_again_replaces_the_first_also_by_a_smaller_one(tracker):
    with tracker.run("twice", data_version=DATA) as run:
        for value in (3.0, 2.0, 1.0):
            run.metrics({"changing": value})
    assert tracker.recorded("twice")["metrics"]["changing"] == 1.0


def test_a_run_that_cannot_be_described_is_not_left_running(tracker):
    with (
        pytest.raises(TrackingError, match="MLflow refused"),
        tracker.run("wordy", data_version=DATA, recipe=PLAN, parameters={"algorithm": "another"}),
    ):
        pass
    assert tracker.recorded("wordy")["status"] == "FAILED"


def test_a_run_that_is_over_takes_nothing_more(tracker):
    with tracker.run("short", data_version=DATA) as run:
        pass
    with pytest.raises(TrackingError, match="the run is over"):
        run.metrics({"late": 1})


def test_a_tracker_can_be_closed_and_opened_again(tracker, folder):
    with Tracker(folder) as other:
        assert other.recorded("plain")["tags"] == tracker.recorded("plain")["tags"]
        assert other.compare("validation_f1").equals(tracker.compare("validation_f1"))
    with pytest.raises(TrackingError, match="the tracker is closed"):
        other.runs()
    other.close()
    assert tracker.runs()


def test_experiments_in_one_folder_are_apart(folder, tracker):
    with Tracker(folder, experiment="another") as other:
        assert other.runs() == []
        with other.run("boosted", data_version=DATA) as run:
            run.metrics({"validation_f1": 1})
    assert tracker.recorded("boosted")["metrics"]["validation_f1"] == 0.7


def test_a_folder_that_cannot_be_used_is_named(tmp_path):
    tmp_path.joinpath("mlflow.db").write_bytes(b"this is no database, whatever its name says")
    with pytest.raises(TrackingError, match="not an SQLite database"):
        Tracker(tmp_path)
    tmp_path.joinpath("file").touch()
    with pytest.raises(TrackingError, match="cannot be used"):
        Tracker(tmp_path / "file")
    with pytest.raises(TrackingError, match=r"cannot have \? or #"):
        Tracker(tmp_path / "what?")
    with pytest.raises(TrackingError, match="cannot name an experiment"):
        Tracker(tmp_path, experiment="../up")


def test_nothing_is_printed_and_the_working_directory_is_left_alone(tmp_path):
    code = """
    import os
    from pathlib import Path
    from lifecycle.develop import Tracker
    tracker = Tracker("deep/er")
    os.chdir("elsewhere")
    with tracker.run("one", data_version="1") as run:
        run.text("a/b.txt", "kept")
    assert tracker.read("one", "a/b.txt") == b"kept"
    tracker.close()
    import mlflow.telemetry.client as telemetry
    assert telemetry.get_telemetry_client() is None
    assert "MLFLOW_DISABLE_TELEMETRY" not in os.environ
    """
    (tmp_path / "elsewhere").mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW", "CI", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(code)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "elsewhere"]
    assert not list((tmp_path / "elsewhere").iterdir())
