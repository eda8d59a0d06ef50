"""A fingerprint changes when something that a result depends on does, and only then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from workbench import fingerprint
from workbench.catalog import Lesson
from workbench.course import Course
from workbench.errors import DataError, MasterError

CATALOG = '[datasets.leaves]\nfile = "leaves.csv"\ntitle = "Leaves"\n\n[datasets.made]\ntitle = "Generated"\n'
FILES = {
    "pyproject.toml": "[tool.workbench]\n",
    "lessons/00_a.py": "# %%\nfrom lib.code import used\nused()\n",
    "exercises/00_a.py": "# %%\nprint(1)\n",
    "checks/a.py": "from lib.code import judged\n",
    "quizzes/00_a.toml": "questions = []\n",
    "src/lib/code.py": "def used():\n    return 1\ndef judged():\n    return 2\ndef idle():\n    return 3\n",
    "datasets/catalog.toml": CATALOG,
    "datasets/leaves.csv": "leaf\n1\n",
    "locks/learn-py311.lock": "numpy==2\n",
    "locks/learn-py312.lock": "numpy==3\n",
}
LESSON = Lesson("00_a", "A", "s", outputs=("00/a.json",), data=("{which}",), checks="a")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Course.from_table(tmp_path, {"sources": ["src"], "locks": "locks"})


def of(course: Course, **changed: object) -> str:
    given: dict[str, object] = {
        "lesson": LESSON,
        "master": course.lessons / "00_a.py",
        "parameters": {"which": "leaves", "n": 1},
        "inputs": {},
        "python": "311",
    } | changed
    return fingerprint.of_lesson(course, **given)  # type: ignore[arg-type]


def edit(name: str, old: str, new: str) -> Callable[[Course], None]:
    def change(course: Course) -> None:
        path = course.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    "change",
    [
        edit("lessons/00_a.py", "used()", "used()  # a comment is read by people"),
        edit("src/lib/code.py", "return 1", "return 11"),
        edit("datasets/leaves.csv", "1", "22"),
        edit("quizzes/00_a.toml", "[]", "[ ]"),
        edit("locks/learn-py311.lock", "2", "22"),
    ],
)
def test_what_a_lesson_depends_on_counts(course: Course, change: Callable[[Course], None]) -> None:
    before = of(course)
    change(course)
    assert of(course) != before


@pytest.mark.parametrize(
    "change",
    [
        edit("src/lib/code.py", "return 3", "return 33"),
        edit("src/lib/code.py", "return 1", "return 1  # one"),
        edit("checks/a.py", "judged", "used"),
        edit("datasets/catalog.toml", "Leaves", "Tea leaves"),
        edit("locks/learn-py312.lock", "3", "33"),
        edit("exercises/00_a.py", "1", "2"),
    ],
)
def test_what_it_does_not_depend_on_does_not(course: Course, change: Callable[[Course], None]) -> None:
    before = of(course)
    change(course)
    assert of(course) == before


def test_parameters_inputs_and_the_lock_count(course: Course) -> None:
    prints = [
        of(course),
        of(course, parameters={"which": "leaves", "n": 2}),
        of(course, parameters={"which": "leaves", "n": True}),
        of(course, parameters={"which": "leaves", "n": 1.0}),
        of(course, parameters={"which": "made", "n": 1}),
        of(course, inputs={"01/x.json": "ab"}),
        of(course, inputs={"01/x.json": "cd"}),
        of(course, python="312"),
        of(course, python="313"),
    ]
    assert len(set(prints)) == len(prints)
    assert all(len(value) == 64 and int(value, 16) >= 0 for value in prints)
    assert of(course, parameters={"n": 1, "which": "leaves"}) == prints[0]


def test_an_exercise_depends_on_its_checks_and_what_they_import(course: Course) -> None:
    master = course.exercises / "00_a.py"
    before = of(course, master=master)
    edit("src/lib/code.py", "return 3", "return 33")(course)
    assert of(course, master=master) == before
    edit("src/lib/code.py", "return 2", "return 22")(course)
    after = of(course, master=master)
    assert after != before
    edit("checks/a.py", "judged", "used")(course)
    assert of(course, master=master) != after


def test_a_local_copy_of_generated_data_counts_where_the_catalogue_allows_one(course: Course) -> None:
    parameters = {"which": "made"}
    before = of(course, parameters=parameters)
    edit("datasets/catalog.toml", '"Generated"', '"Generated"\nlocal = "local/own.csv"')(course)
    assert of(course, parameters=parameters) == before
    (course.datasets / "local").mkdir()
    (course.datasets / "local" / "own.csv").write_text("x\n", encoding="utf-8")
    assert of(course, parameters=parameters) != before


def test_an_unknown_data_set_is_named(course: Course) -> None:
    with pytest.raises(DataError, match=r"datasets/catalog.toml: no data set `coffee`"):
        of(course, lesson=replace(LESSON, data=("coffee",)))


def test_a_missing_master_is_named(course: Course) -> None:
    with pytest.raises(MasterError, match=r"lessons/01_b.py: cannot be read"):
        of(course, master=course.lessons / "01_b.py")
