"""Finding a course and its parts."""

import pytest

from workbench.course import Course
from workbench.errors import CourseError


def test_a_course_is_found_from_any_folder_below_it(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.workbench]\ntitle = "Tea"\nsources = ["src"]\n')
    deep = tmp_path / "here" / "deeper"
    deep.mkdir(parents=True)
    course = Course.find(deep)
    assert (course.title, course.root, course.sources) == ("Tea", tmp_path, (tmp_path / "src",))
    assert course.keys == tmp_path / "exercises-built" / "keys"
    assert course.relative(deep) == "here/deeper"


def test_a_course_may_say_what_may_be_done_with_it(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.workbench]\nlicence = "Tea is free."\n')
    assert Course.find(tmp_path).licence == "Tea is free."
    (tmp_path / "pyproject.toml").write_text("[tool.workbench]\n")
    assert Course.find(tmp_path).licence == ""


def test_a_variable_names_the_course_when_the_working_directory_is_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "pyproject.toml").write_text("[tool.workbench]\n")
    monkeypatch.setenv("WORKBENCH_COURSE", str(tmp_path))
    assert Course.find().root == tmp_path


def test_a_project_without_the_table_is_no_course(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    with pytest.raises(CourseError, match="no course found"):
        Course.find(tmp_path)


def test_an_unknown_key_and_broken_toml_are_errors(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[tool.workbench]\nlesson = "x"\n')
    with pytest.raises(CourseError, match="unknown key `lesson`"):
        Course.find(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.workbench\n")
    with pytest.raises(CourseError, match="not valid TOML"):
        Course.find(tmp_path)
