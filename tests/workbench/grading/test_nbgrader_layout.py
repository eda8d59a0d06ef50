"""What is exported to nbgrader, tried with nbgrader itself: full points for the solution, none for the stub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench.cli import application


def nbgrader(folder: Path, *command: str) -> None:
    told = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH")}
    told["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), told.get("PATH", os.defpath)])  # it calls alembic
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command], cwd=folder, env=told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]


def answered(notebook: Any, answers: dict[str, str]) -> Any:
    for cell in notebook["cells"]:
        for tag in cell["metadata"].get("tags", ()):
            if tag.removeprefix("question:") in answers:
                cell["source"] = answers[tag.removeprefix("question:")]
    return notebook


def scores(folder: Path, assignment: str) -> dict[str, dict[str, float]]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{folder}/gradebook.db") as book:
        return {
            submission.student.id: {grade.name: grade.auto_score for grade in submission.notebooks[0].grades}
            for submission in book.assignment_submissions(assignment)
        }


@pytest.fixture
def exported(built_tea, tmp_path, monkeypatch):
    monkeypatch.chdir(built_tea.root)
    out = tmp_path / "nbgrader"
    done = CliRunner().invoke(application(), ["release", "00", "01", "--nbgrader", "--out", str(out)])
    assert done.exit_code == 0, done.output
    return out


def test_nbgrader_generates_and_autogrades_what_is_exported(exported, tmp_path):
    nbgrader(exported, "generate_assignment", "00_water", "--create")
    released = exported / "release" / "00_water" / "00_water.ipynb"
    assert "SOLUTION" not in released.read_text(encoding="utf-8")
    assert "9 / 5" not in released.read_text(encoding="utf-8")
    solution = {
        "water.fahrenheit": "fahrenheit = 80 * 9 / 5 + 32",
        "water.cooling": "def cooler(start):\n    return start - 0.1 * (start - room)\n\nlater = 67.2",
    }
    half = {"water.cooling": solution["water.cooling"].partition("later")[0], "water.fahrenheit": "fahrenheit = 144"}
    handed_in: dict[str, dict[str, str]] = {"solved": solution, "stub": {}, "half": half}
    for student, answers in handed_in.items():
        folder = exported / "submitted" / student / "00_water"
        folder.mkdir(parents=True)
        notebook = answered(json.loads(released.read_bytes()), answers)
        (folder / "00_water.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    nbgrader(exported, "autograde", "00_water")
    assert scores(exported, "00_water") == {
        "solved": {"water-fahrenheit-check": 1, "water-cooling-check": 2},
        "stub": {"water-fahrenheit-check": 0, "water-cooling-check": 0},
        "half": {"water-fahrenheit-check": 0, "water-cooling-check": 1},
    }


def test_nbgrader_takes_an_exercise_with_an_answer_in_words(exported):
    nbgrader(exported, "generate_assignment", "01_steeping", "--create")
    text = (exported / "release" / "01_steeping" / "01_steeping.ipynb").read_text(encoding="utf-8")
    assert "YOUR ANSWER HERE" in text
    assert "tannins" not in text
    assert (exported / "release" / "01_steeping" / "checks" / "steeping.py").is_file()


def test_the_layout_holds_no_mutant_and_locks_the_parameters(exported):
    assert b"Mutant" not in (exported / "source" / "00_water" / "checks" / "water.py").read_bytes()
    cells = json.loads((exported / "source" / "01_steeping" / "01_steeping.ipynb").read_bytes())["cells"]
    (parameters,) = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    assert parameters["metadata"]["nbgrader"]["locked"]
