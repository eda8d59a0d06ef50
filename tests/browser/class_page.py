"""The report on a class that answered exercise 02 as its author imagined: right, or with one of the wrong answers."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from conftest import REPOSITORY
from workbench import regions
from workbench.catalog import Catalog
from workbench.checks import exercise
from workbench.course import Course

LESSON = "02_data"
STUDENTS = 40


def write(folder: Path, *, seed: int = 2) -> Path:
    """Release, collect, grade and report by the commands that an instructor types; the page."""
    folder.mkdir(parents=True)
    roster = "".join(f"s{number:02d},Student {number:02d},\n" for number in range(STUDENTS))
    (folder / "roster.csv").write_text("id,name,email\n" + roster, encoding="utf-8")
    known = ("--roster", "roster.csv", "--release", "release")
    _say(folder, "release", LESSON, "--roster", "roster.csv", "--out", "release")
    _hand_in(folder, random.Random(seed))
    _say(folder, "collect", "uploads", *known, "--inbox", "inbox")
    _say(folder, "grade", "inbox", *known, "--gradebook", "grades.sqlite")
    _say(
        folder, "report", "--gradebook", "grades.sqlite", "--release", "release", "--inbox", "inbox", "--out", "report.html"
    )
    return folder / "report.html"


def _hand_in(folder: Path, chance: random.Random) -> None:
    course = Course.find(REPOSITORY)
    work = exercise.read(course, Catalog.load(course.catalog)[LESSON], {})
    for given in sorted((folder / "release" / "students").glob(f"*/{LESSON}/{LESSON}.ipynb")):
        notebook: dict[str, Any] = json.loads(given.read_bytes())
        skill = chance.betavariate(4, 1.5)
        for cell in notebook["cells"]:
            slug = regions.question_of(cell)
            if slug not in work.questions:
                continue
            right = regions.solution(work.cell_of(slug).source)
            wrong = chance.choice(work.questions[slug].mutants).source(right)
            cell["source"] = right if chance.random() < skill else wrong
        place = folder / "uploads" / given.parents[1].name
        place.mkdir(parents=True)
        (place / given.name).write_text(json.dumps(notebook), encoding="utf-8")


def _say(folder: Path, *words: str) -> None:
    command = [sys.executable, "-c", "from workbench.cli import main; main()", *words]
    variables = {**os.environ, "WORKBENCH_COURSE": str(REPOSITORY)}
    subprocess.run(command, cwd=folder, env=variables, check=True, stdout=subprocess.DEVNULL)
