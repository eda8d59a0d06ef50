"""Whatever a student calls their file, their folder or themself: it is theirs, or nobody's, and never another one's."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.grading.arrivals import layouts
from workbench.grading.people.roster import Roster, Student

LESSONS = ("02_data", "03_features", "03_features_more", "12_words")
ROSTER = Roster(
    (
        Student("s1", "Jane Doe", "", ("canvas:4711", "moodle:31")),
        Student("s2", "Jan van Doe", "", ("canvas:4712", "moodle:32")),
        Student("77", "Jo", "", ("canvas:999", "moodle:33")),
    )
)
WITHOUT_NAMES = Roster(tuple(Student(one.id, "", "", one.keys) for one in ROSTER))  # a name alone would say who it is
CHARACTERS = ("_", "-", " ", ".", "(1)", "x", "é", "\u202e")
NUMBERS_AND_NAMES = ("4712", "999", "32", "77", "LATE", "s2", "Jo", "vandoejan", "Jan van Doe", "02_data", "12_words")
PARTS = ("assignsubmission", "file", "_assignsubmission_file_", "_4712_999_", "_4712-_8-_", "_02_data", "-12_words")
PIECES = st.sampled_from(CHARACTERS + NUMBERS_AND_NAMES + PARTS)
NAMES = st.lists(PIECES, max_size=9).map("".join)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@given(NAMES)
@example("4712_999_x")
@example("_4712_02_data")
@example("02_data-1")
def test_in_canvas_a_file_name_makes_nobody_else_its_owner(name):
    assert layouts.place(f"doejane_4711_800001_{name}.ipynb", ROSTER, LESSONS).student in ("s1", "")


@given(NAMES, NAMES, st.booleans())
@example("vandoejan_4712", "02_data", False)
@example("vandoejan_4712-_800009-_02_data", "02_data", False)
@example("vandoejan_4712-_800009-_x", "02_data", False)
@example("_4712-_8-_-02_data", "", False)
@example("_4712-_8-_-12_words", "12_words", False)
@example("_-32_assignsubmission_file_", "", False)
@example("jo_999", "x", True)
@example("jo_999_LATE", "02_data", False)
def test_in_canvas_a_name_of_ones_own_choice_makes_nobody_else_the_owner(called, name, late):
    """The platform takes numbers between underscores, and everything but letters, digits and underscores, out of names."""
    kept = re.sub(r"\W", "", re.sub(r"_(\d+)_", r"\1", called)).lower()
    for own in ("4711", "5000"):  # one who is on the roster, and one who is not
        path = f"{kept}_{'LATE_' if late else ''}{own}_800001_{name}.ipynb"
        assert layouts.place(path, WITHOUT_NAMES, LESSONS).student in ({"4711": "s1"}.get(own, ""), "")


def test_in_canvas_a_namesake_with_another_number_is_somebody_else():
    place = layouts.place("doejane_5000_800001_02_data.ipynb", ROSTER, LESSONS)
    assert (place.student, place.why) == ("", "it has s1's name and not their number")


@given(PATHS)
def test_in_moodle_nothing_below_ones_folder_makes_anybody_else_its_owner(path):
    place = layouts.place(f"Jane Doe_31_assignsubmission_file_/{path}.ipynb", ROSTER, LESSONS, level=0)
    assert place.student == "s1"


@given(NAMES.map(lambda name: name.replace("_", " ")), PATHS)
def test_in_moodle_a_name_of_ones_own_choice_makes_nobody_else_the_owner(called, path):
    place = layouts.place(f"{called}_31_assignsubmission_file_/{path}.ipynb", ROSTER, LESSONS, level=0)
    assert place.student in ("s1", "")


@given(PATHS, st.lists(PATHS, max_size=4))
@example("Jan van Doe_32_assignsubmission_file_/02_data", ["s2/x"])
def test_below_a_students_folder_everything_is_theirs_and_below_a_strangers_nothing_is_anybodys(path, others):
    paths = ["in/s1/02_data.ipynb", "in/stranger/x.ipynb", *(f"in/stranger/{other}.ipynb" for other in others)]
    level = layouts.student_level(paths, ROSTER)
    assert level == 1
    assert layouts.place(f"in/s1/{path}.ipynb", ROSTER, LESSONS, level=level).student == "s1"
    assert layouts.place(f"in/stranger/{path}.ipynb", ROSTER, LESSONS, level=level).student == ""


@pytest.mark.parametrize(
    ("paths", "level"),
    [
        (["a.ipynb"], None),
        (["in/a.ipynb", "in/b.ipynb"], None),
        (["s1/a.ipynb"], 0),
        (["in/s1/s2/a.ipynb", "in/who/s2/a.ipynb"], 1),
        (["in/Who_99_assignsubmission_file_/s1/a.ipynb"], 1),
        (["one/s1_02_data.ipynb", "two/s1_02_data.ipynb"], 0),
        (["02_data/s1/a.ipynb", "03_features/s1/a.ipynb", "03_features/readme.md"], 1),
        (["group a/s1/a.ipynb", "group a/s2/a.ipynb", "group b/77/a.ipynb", "group b/s1/a.ipynb"], 1),
        (["readme.md", "in/s1/a.ipynb"], 1),
        (["in/02_data/Who_99_assignsubmission_file_/a.ipynb", "in/03_features/Who_7_assignsubmission_file_/a.ipynb"], 2),
    ],
)
def test_the_depth_of_the_students_folders_is_one_for_a_whole_source(paths, level):
    assert layouts.student_level(paths, ROSTER, LESSONS) == level


@pytest.mark.parametrize(
    "others",
    [
        ["x1/02_data.ipynb"],
        ["x1/02_data/02_data.ipynb"],
        ["x1/essay.pdf"],
        ["x1/s1/02_data.ipynb"],
        ["group/s1/a.ipynb", "group/77/a.ipynb"],
        ["group/s1/a.ipynb", "group/77/a.ipynb", "x3/77/a.ipynb", "x3/a.ipynb"],
        ["x1_02_data.ipynb"],
        ["work.zip"],
    ],
)
@pytest.mark.parametrize("above", ["", "in/", "all/of it/"])
def test_a_folder_called_like_a_student_below_one_that_may_be_a_strangers_is_nobodys(others, above):
    paths = [above + path for path in ("x3/s2/02_data.ipynb", *others)]
    found = layouts.place(paths[0], ROSTER, LESSONS, level=layouts.student_level(paths, ROSTER, LESSONS))
    assert found.student == ""
    assert found.why == "it is in a folder called like s2, within one that is nobody's: see whose it is"


@pytest.mark.parametrize(
    ("path", "name", "marked"),
    [
        ("doejane_4711_800001_02_data-1.ipynb", "02_data-1.ipynb", "on time"),
        ("doejane_LATE_4711_800001_my_work.ipynb", "my_work.ipynb", "late"),
        ("doejane_4711_800001_12_words-2.ipynb", "12_words-2.ipynb", "on time"),
        ("Jane Doe_31_assignsubmission_file_/a/02_data.ipynb", "02_data.ipynb", ""),
        ("Jane Doe_31_assignsubmission_file_02_data.ipynb", "02_data.ipynb", ""),
    ],
)
def test_what_the_student_called_the_file_is_known(path, name, marked):
    place = layouts.place(path, ROSTER, LESSONS, level=layouts.student_level([path], ROSTER))
    assert (place.student, place.name, place.marked) == ("s1", name, marked)


@pytest.mark.parametrize(
    ("name", "lesson"),
    [
        ("02_data.ipynb", "02_data"),
        ("My 02 Data (3).ipynb", "02_data"),
        ("02-data-Copy1.ipynb", "02_data"),
        ("03_features_more.ipynb", "03_features_more"),
        ("03_features-2.ipynb", "03_features"),
        ("102_data.ipynb", ""),
        ("02_database.ipynb", ""),
        ("02_data_and_03_features.ipynb", ""),
        ("homework.ipynb", ""),
    ],
)
def test_an_exercise_is_known_by_its_whole_name_alone(name, lesson):
    assert layouts.lesson_named(name, LESSONS) == lesson


def test_an_exercise_is_known_by_half_of_its_cells_whatever_it_is_called():
    cells = {lesson: frozenset(b"%s-%d" % (lesson[:2].encode(), n) for n in range(4)) for lesson in LESSONS[:2]}
    data = b'{"id" : "02-0", "id":"02-1", "id": "03-0"}'
    assert layouts.lesson_of("03_features.ipynb", data, cells) == "02_data"
    assert layouts.lesson_of("03_features.ipynb", b'{"id": "02-0"}', cells) == "03_features"
    assert layouts.lesson_of("x.ipynb", data + data.replace(b"02-", b"03-"), cells) == ""


def test_in_moodle_a_number_does_not_outweigh_another_name():
    found = layouts.place("Eve Mallory_31_assignsubmission_file_/02_data.ipynb", ROSTER, LESSONS, level=0)
    assert (found.student, "its name is nobody's" in found.why) == ("", True)
