"""A learner's way through JupyterLab: an answer typed and judged, a quiz clicked and explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from workbench.course import Course

pytestmark = pytest.mark.browser


def _work(course: Course, folder: Any, name: str) -> Any:
    """The learner's copy of a built notebook."""
    return course.work / course.relative(folder) / name


def test_an_answer_is_judged_at_once(tea_lab: Any) -> None:
    course = tea_lab.course
    exercise = tea_lab.open(_work(course, course.exercise_notebooks, "00_water.ipynb"))
    exercise.run(exercise.index_of("room"))
    exercise.run(exercise.index_of("from workbench import check"))

    check = exercise.question("water.fahrenheit") + 1
    exercise.run(check)
    assert "Not attempted" in exercise.output(check)

    wrong = exercise.answer("water.fahrenheit", "fahrenheit = 80 * 9 / 5")
    assert "Incorrect" in wrong
    assert "32 degrees too low" in wrong
    assert "0 of 1 point" in wrong

    right = exercise.answer("water.fahrenheit", "fahrenheit = 80 * 9 / 5 + 32")
    assert "Correct" in right
    assert "1 of 1 point" in right
    assert "32 degrees too low" not in right


def test_a_quiz_explains_each_answer_before_anything_is_run(tea_lab: Any) -> None:
    course = tea_lab.course
    lesson = tea_lab.open(_work(course, course.notebooks, "00_water.ipynb"))
    index = lesson.index_of("from workbench import quiz")
    lesson.select(index)
    quiz = lesson.cell(index)
    assert "Its leaves are hardly processed" not in lesson.output(index)

    quiz.get_by_role("button", name="Black").click()
    quiz.get_by_text("Black leaves need the heat to open.").wait_for()
    quiz.get_by_role("button", name="Green").click()
    quiz.get_by_text("Its leaves are hardly processed").wait_for()
    assert "0 of 2 marks" in lesson.output(index)

    quiz.get_by_role("textbox", name="Towards which temperature").fill("0")
    quiz.get_by_role("button", name="Check").click()
    quiz.get_by_text("That would be outside, in winter.").wait_for()
    quiz.get_by_role("textbox", name="Towards which temperature").fill("20 degrees")
    quiz.get_by_role("textbox", name="Towards which temperature").press("Enter")
    quiz.get_by_text("It stops when there is no distance left to lose.").wait_for()


def test_an_exercise_of_the_course_judges_right_and_wrong_answers(course_lab: Any) -> None:
    course = course_lab.course
    exercise = course_lab.open(_work(course, course.exercise_notebooks, "02_data.ipynb"))
    for start in ("seed", "from workbench import check", "rows, frauds"):
        exercise.run(exercise.index_of(start))

    percent = "prevalence = 100 * frauds / rows\nratio = (rows - frauds) / frauds\nidle_accuracy = 1 - frauds / rows"
    wrong = exercise.answer("data.rarity", percent)
    assert "Partly correct" in wrong
    assert "`prevalence`" not in wrong, "the verdict is shown as plain text"
    assert "prevalence looks like a percentage" in wrong

    right = exercise.answer("data.rarity", percent.replace("100 * ", ""))
    assert "Correct" in right
    assert "2 of 2 points" in right
