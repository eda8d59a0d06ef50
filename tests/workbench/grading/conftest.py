"""What the tests of grading share: the tea course, built and released to a small class."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import postgresql
from school import School
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.grading.manifest import Manifest, Terms
from workbench.grading.people.roster import Roster, Student
from workbench.release import release

ROSTER = Roster(
    (
        Student("s001", "Ada Lovelace", "ada@example.org"),
        Student("s002", "Grace Hopper", "grace@example.org"),
        Student("s003", "Zoë 'Tea' Ångström", "zoe@example.org"),
    )
)
SOLUTIONS = {
    "water.fahrenheit": "fahrenheit = 80 * 9 / 5 + 32",
    "water.cooling": (
        "def cooler(start):\n    return start - 0.1 * (start - room)\n\n\n"
        "later = 100.0\nfor _ in range(5):\n    later = cooler(later)"
    ),
    "steeping.leaves": "leaves = [2 * cup + 1 for cup in cups]",
    "steeping.bitter": "The leaves were left in the pot.\n\nTake them out when the minutes are over.",
}


@dataclass(frozen=True)
class Released:
    """The built tea course and its release; ``folder/students/ID/LESSON/LESSON.ipynb`` is what a student was given."""

    course: Course
    folder: Path
    manifest: Manifest
    roster: Roster

    def notebook(self, student: str, lesson: str) -> dict[str, Any]:
        """What `student` was given of `lesson`, as a table."""
        path = self.folder / "students" / student / lesson / f"{lesson}.ipynb"
        return dict(json.loads(path.read_bytes()))

    def answered(self, student: str, lesson: str, answers: Mapping[str, str] | None = None) -> bytes:
        """A submission: the released notebook with `answers`, by slug; all questions solved where none are given."""
        notebook = self.notebook(student, lesson)
        answers = SOLUTIONS if answers is None else answers
        for cell in notebook["cells"]:
            for tag in cell["metadata"].get("tags", ()):
                if (slug := tag.removeprefix("question:")) in answers:
                    cell["source"] = answers[slug].splitlines(keepends=True)
        return json.dumps(notebook, ensure_ascii=False).encode()


@pytest.fixture(scope="session")
def _released_once(_built_once: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    shutil.copytree(_built_once.root, folder / "tea")
    course = Course.find(folder / "tea")
    terms = Terms(due="2026-12-01T23:59:00+01:00", grace_minutes=15, penalty_per_day=0.1, accept_days=7)
    lessons = [lesson for lesson in Catalog.load(course.catalog).lessons if lesson.checks]
    release(course, lessons, roster=ROSTER, out=folder / "release", terms=terms)
    return folder


@pytest.fixture
def released_tea(_released_once: Path, tmp_path: Path) -> Released:
    """A copy of the built tea course, with both its exercises released to three students (one variant, terms set)."""
    folder = tmp_path / "released_tea"
    shutil.copytree(_released_once, folder)
    return Released(Course.find(folder / "tea"), folder / "release", Manifest.read(folder / "release"), ROSTER)


@pytest.fixture
def school(released_tea: Released, tmp_path: Path) -> School:
    """The class of `released_tea`, with an inbox and a gradebook of its own."""
    return School(released_tea, tmp_path)


@pytest.fixture(scope="session")
def new_database(require: Callable[[object, str], None]) -> Iterator[Callable[[], str]]:
    """Gives the URL of an empty database of a real PostgreSQL server, a new one each time."""
    import psycopg

    require(postgresql.where(), "no PostgreSQL server (apt-get install postgresql)")
    numbers = count()
    with postgresql.running() as url:

        def make() -> str:
            name = f"class{next(numbers)}"
            with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            return url.format(name)

        yield make
