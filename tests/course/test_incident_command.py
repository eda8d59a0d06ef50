"""The incident game, played as a person plays it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lifecycle.deploy import open_package
from lifecycle.monitor import draw_incident, read_seen
from workbench.cli import application
from workbench.errors import WorkbenchError

SEED = 7  # a log that falls silent: found at once, so that the test is quick


def play(folder, *arguments, seed=SEED):
    outcome = CliRunner().invoke(
        application(), ["incident", "--seed", str(seed), "--out", str(folder), *map(str, arguments)]
    )
    if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    assert outcome.exit_code == 0
    return outcome.output


def refused(folder, *arguments, seed=SEED):
    with pytest.raises(WorkbenchError) as error:
        play(folder, *arguments, seed=seed)
    assert error.value.exit_code == 2
    return str(error.value)


@pytest.fixture(scope="module")
def truth(request):
    package = open_package(request.config.rootpath / "datasets/artifacts/07/package.zip")
    return draw_incident(SEED, features=package.features, days=60)


@pytest.fixture(scope="module")
def game(tmp_path_factory, truth):
    """A game that has been played to its end, and what was printed."""
    folder = tmp_path_factory.mktemp("game")
    first = play(folder)
    days = {place.name: place.stat().st_mtime_ns for place in folder.iterdir() if place.is_dir()}
    play(folder, "--next", truth.day + 1 - 14)
    last = play(folder, "--kind", truth.kind, "--since", truth.day)
    return folder, first, days, last


def test_days_are_revealed_and_never_the_next_ones(game, truth):
    folder, first, days, _ = game
    assert "Days 0 to 13 are in" in first
    assert "46 are left" in first
    assert sorted(days) == [f"day-{day:02d}" for day in range(14)]
    seen = read_seen(folder)
    assert seen.day == truth.day
    assert seen.labels["day_known"].max() <= truth.day
    assert (folder / "reference.csv").is_file()


def test_the_truth_is_nowhere_in_the_folder_before_the_answer(tmp_path):
    play(tmp_path)
    assert json.loads((tmp_path / "game.json").read_text(encoding="utf-8"))["answer"] is None
    text = "".join(place.read_text(encoding="utf-8") for place in tmp_path.rglob("*") if place.is_file())
    assert "log_anomaly" not in text
    assert "strength" not in text


def test_a_right_answer_on_the_first_day_earns_all_points_and_is_explained(game, truth):
    _, _, _, last = game
    assert last.startswith("100 of 100 points")
    assert f"the truth: {truth.kind} since day {truth.day}" in last
    assert "time:      1 days" in last
    assert "TWD lost, of" in last
    assert f"The course's own diagnosis says on day {truth.day}: {truth.kind}" in last


def test_a_game_that_is_over_stays_over(game):
    folder, *_, last = game
    assert play(folder) == last
    assert json.loads(play(folder, "--json"))["outcome"]["points"] == 100
    assert "an answer was given" in refused(folder, "--kind", "none")
    assert "the game is over" in refused(folder, "--next", 1)


def test_the_same_seed_gives_the_same_bytes(game, tmp_path):
    folder, *_ = game
    play(tmp_path)
    for place in tmp_path.rglob("*.csv"):
        assert place.read_bytes() == (folder / place.relative_to(tmp_path)).read_bytes()


def test_what_cannot_be_done_is_refused(game, tmp_path):
    folder, *_ = game
    assert "no day has been revealed" in refused(tmp_path / "new", "--kind", "none")
    assert "holds another game" in refused(folder, seed=8)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear diary", encoding="utf-8")
    assert "holds something else" in refused(tmp_path / "full")
    assert "are parts of a diagnosis" in refused(tmp_path / "new", "--since", 3)
    (tmp_path / "full" / "game.json").write_text("{", encoding="utf-8")
    assert "holds another game" in refused(tmp_path / "full")


def test_an_answer_that_makes_no_sense_ends_no_game(tmp_path):
    play(tmp_path)
    assert "no incident of kind `flood`" in refused(tmp_path, "--kind", "flood")
    assert "there is no feature `age`" in refused(tmp_path, "--kind", "silent_null", "--feature", "age")
    assert "day 14 is not among those seen" in refused(tmp_path, "--kind", "prior", "--since", 14)
    assert "46 are left" in play(tmp_path)
