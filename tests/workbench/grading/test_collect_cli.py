"""``workbench collect`` as an instructor uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from workbench.cli import application
from workbench.errors import WorkbenchError
from workbench.grading.arrivals.inbox import Inbox
from workbench.grading.manifest import Manifest, ReleasedCell, ReleasedExercise, ReleasedVariant

CELLS = tuple(ReleasedCell(f"02-cell-{number}", "answer", "") for number in range(2))
NOTEBOOK = json.dumps({"cells": [{"id": cell.id} for cell in CELLS]})


@pytest.fixture
def class_(tmp_path: Path, monkeypatch) -> Path:
    """A release, two rosters and a folder of submissions."""
    exercise = ReleasedExercise("02_data", "data", (ReleasedVariant({}, CELLS),), {"s1": 0, "s2": 0})
    (tmp_path / "release").mkdir()
    Manifest("Course", {"02_data": exercise}).write(tmp_path / "release")
    (tmp_path / "roster.csv").write_text("id,name\ns1,Jane Doe\ns2,Jan van Doe\n")
    (tmp_path / "canvas.csv").write_text('Student,ID,SIS Login ID,Section\n"Doe, Jane",4711,,one\n')
    for name in ("janedoe_4711_800001_02_data.ipynb", "stranger.ipynb"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text(NOTEBOOK + " " * len(name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*arguments: str) -> Result:
    usual = ["--release", "release", "--roster", "roster.csv", "--roster", "canvas.csv", "--inbox", "inbox"]
    return CliRunner().invoke(application(), ["collect", *arguments, *usual])


def test_what_is_unmatched_is_listed_with_its_path_and_given_to_its_student_by_it(class_):
    first = _run("in")
    assert first.exit_code == 1
    assert "1 new, 0 there before, 1 unmatched" in first.output
    (aside,) = Inbox(class_ / "inbox").unmatched()
    assert str(aside.path.relative_to(class_)) in first.output
    second = _run(str(aside.path), "--student", "s2")
    assert second.exit_code == 0
    assert [one.student for one in Inbox(class_ / "inbox").submissions()] == ["s1", "s2"]


def test_the_result_can_be_read_by_a_program(class_):
    table = json.loads(_run("in", "--json").output)
    assert [(row["student"], row["exercise"]) for row in table["added"]] == [("s1", "02_data")]
    assert table["unmatched"][0]["why"]


def test_a_time_can_be_given_for_all(class_):
    _run("in", "--received", "2026-11-20T12:00:00+01:00")
    (one,) = Inbox(class_ / "inbox").submissions()
    assert (one.received, one.clock) == ("2026-11-20T12:00:00+01:00", "given")


@pytest.mark.parametrize(
    "arguments",
    [("in", "--received", "yesterday"), ("in", "--student", "s9"), ("in", "--exercise", "09"), ("roster.csv",)],
)
def test_a_request_that_makes_no_sense_is_refused_and_nothing_collected(class_, arguments):
    result = _run(*arguments)
    assert isinstance(result.exception, WorkbenchError)
    assert not (class_ / "inbox").exists()
