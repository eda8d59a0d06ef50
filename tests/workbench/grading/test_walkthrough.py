"""docs/instructors.md, executed as it stands: the real course is released, collected, graded and given back."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8"), re.DOTALL)
NEEDED = ("src", "datasets", "exercises", "solutions", "requirements", "pyproject.toml")


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """A copy of the course in which all blocks were executed, and what they said."""
    root = tmp_path_factory.mktemp("walk") / "course"
    for name in NEEDED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "local"))
        else:
            shutil.copy(ROOT / name, root / name)
    programs = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"}
    environment.pop("WORKBENCH_COURSE", None)
    said = []
    for block in BLOCKS:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block], cwd=root, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout)
    return root / "class", "\n".join(said)


@pytest.fixture(scope="module")
def grades(walked):
    """The exported points by student and question."""
    folder, _ = walked
    with (folder / "grades.csv").open(encoding="utf-8", newline="") as stream:
        return {(row["student"], row["question"]): row for row in csv.DictReader(stream)}


def test_the_model_solution_has_every_point_that_a_check_gives(grades):
    ada = [row for (student, slug), row in grades.items() if student == "ada" and slug and row["points"]]
    assert len(ada) > 10
    assert all(float(row["points"]) == float(row["out_of"]) for row in ada)


def test_the_untouched_notebook_has_none_but_what_a_person_gave(grades):
    alan = {slug: row for (student, slug), row in grades.items() if student == "alan" and slug.startswith("data.")}
    assert {slug: float(row["points"]) for slug, row in alan.items() if float(row["points"])} == {"data.rarity": 1}


def test_the_audit_says_who_changed_what_and_why(walked):
    assert "right idea, shown in the office hour" in walked[1]


def test_everybody_gets_a_page_and_the_platform_its_zip(walked):
    folder, _ = walked
    assert len(list((folder / "feedback").glob("*/*.html"))) == 6
    assert (folder / "feedback" / "02_data.zip").is_file()


def test_the_report_names_both_exercises(walked):
    text = (walked[0] / "report.html").read_text(encoding="utf-8")
    assert 'id="01_objectives"' in text
    assert 'id="02_data"' in text


def test_nothing_that_a_student_gets_holds_a_solution(walked):
    solved = re.compile(rb"idle_accuracy = \(rows - frauds\) / rows|BEGIN SOLUTION")
    for path in (walked[0] / "release" / "students").rglob("*"):
        assert not path.is_file() or not solved.search(path.read_bytes()), path
