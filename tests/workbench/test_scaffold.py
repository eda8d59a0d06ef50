"""A new lesson passes the gate as it is written, and nothing that exists is overwritten."""

from __future__ import annotations

import pytest

from workbench import quizzes, structure
from workbench.catalog import Catalog
from workbench.errors import CourseError
from workbench.gate import gate
from workbench.scaffold import new_lesson


def content(course):
    return {path: path.read_bytes() for path in course.root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("title", ["Biscuits", 'The "best" \\ $biscuits · été'])
def test_a_new_lesson_passes_the_gate(tea_course, title):
    written = new_lesson(tea_course, "03_biscuits", title=title, stage="table")
    assert [tea_course.relative(path) for path in written] == [
        "course/lessons/03_biscuits.py",
        "course/exercises/03_biscuits.py",
        "course/checks/biscuits.py",
        "hidden/biscuits.py",
        "course/quizzes/03_biscuits.toml",
        "catalog.toml",
    ]
    lesson = Catalog.load(tea_course.catalog)["03"]
    assert (lesson.title, lesson.stage, lesson.checks) == (title, "table", "biscuits")
    assert structure.of_course(tea_course, [lesson]) == []
    assert quizzes.load(tea_course.quizzes / "03_biscuits.toml").items
    assert gate(tea_course, "03").faults == []


def test_the_catalogue_s_other_text_stays_as_it_is(tea_course):
    before = tea_course.catalog.read_text()
    new_lesson(tea_course, "03_biscuits", title="Biscuits", stage="table", summary="Dry or not")
    after = tea_course.catalog.read_text()
    assert after.startswith(before.rstrip())
    assert Catalog.load(tea_course.catalog)["03"].summary == "Dry or not"


@pytest.mark.parametrize(
    ("slug", "stage", "words"),
    [
        ("biscuits", "table", "not two digits"),
        ("3_biscuits", "table", "not two digits"),
        ("03_Biscuits", "table", "not two digits"),
        ("03_../up", "table", "not two digits"),
        ("00_biscuits", "table", "taken by `00_water`"),
        ("03_water", "table", "taken by `00_water`"),
        ("03_biscuits", "oven", "no stage `oven`"),
    ],
)
def test_a_name_that_cannot_be_used_writes_nothing(tea_course, slug, stage, words):
    before = content(tea_course)
    with pytest.raises(CourseError, match=words):
        new_lesson(tea_course, slug, title="Biscuits", stage=stage)
    assert content(tea_course) == before


def test_a_file_that_exists_is_never_overwritten(tea_course):
    (tea_course.quizzes / "03_biscuits.toml").write_text("mine")
    before = content(tea_course)
    with pytest.raises(CourseError, match="exists already"):
        new_lesson(tea_course, "03_biscuits", title="Biscuits", stage="table")
    assert content(tea_course) == before
