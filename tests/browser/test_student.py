"""A student's afternoon: from the start page to a lesson, another parameter, an exercise wrong and then right, and back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser
REPOSITORY = Path(__file__).parents[2]
PICTURE = '.jp-Notebook-cell[data-windowed-list-index="{}"] .jp-OutputArea-output img'
WRONG = 'components = ["monitoring", "deployment", "development", "iteration", "governance"]'


def solution(slug: str) -> str:
    """What the solution of an exercise writes there."""
    cells = json.loads((REPOSITORY / "solutions" / "00_start_here.ipynb").read_text(encoding="utf-8"))["cells"]
    return "".join(next(cell["source"] for cell in cells if f"question:{slug}" in cell["metadata"].get("tags", ())))


def picture(notebook: Any, index: int) -> Any:
    """The figure below a cell."""
    return notebook.page.locator(PICTURE.format(index))


def state(page: Any, lesson: str) -> str:
    """How far it is with a lesson, by its card on the start page."""
    card = page.locator("li.card").filter(has=page.get_by_role("heading", name=lesson, exact=True))
    return str(card.locator(".state").inner_text())


def test_a_student_reads_changes_answers_and_sees_how_far_it_is(course_lab: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    course = course_lab.course
    page = course_lab.start()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("link", name="12 Drift", exact=True).focus()
    page.keyboard.press("Enter")
    copy = course.work / "notebooks" / "12_drift.ipynb"
    page.wait_for_url(f"**/lab/tree/{course.relative(copy)}*")
    page.close()

    lesson = course_lab.open(copy)
    drawn = lesson.index_of("figure, (left_axes, right_axes)")
    lesson.select(drawn)
    before = picture(lesson, drawn).get_attribute("src")
    parameters = lesson.index_of("use_case")
    lesson.write(parameters, lesson.cells[parameters].source.replace("seed: int = 12", "seed: int = 5"))
    lesson.run_all()
    prompt = lesson.cell(lesson.index_of("from workbench import quiz")).locator(".jp-InputPrompt")
    prompt.filter(has_text="[*]").wait_for()  # all cells wait, of which the last has a number from its author's run
    prompt.filter(has_text=re.compile(r"\[\d+\]")).wait_for()  # which it would not get if one before it had raised
    lesson.select(drawn)
    assert picture(lesson, drawn).get_attribute("src") not in ("", before)
    lesson.page.keyboard.press("Control+S")
    lesson.page.locator(".jp-mod-dirty").first.wait_for(state="detached")
    lesson.page.close()

    exercise = course_lab.open(course.work / "exercises" / "00_start_here.ipynb")
    for begin in ("seed", "from workbench import check", "shuffled"):
        exercise.run(exercise.index_of(begin))
    assert "Incorrect" in exercise.answer("start.order", WRONG)
    assert "Correct" in exercise.answer("start.order", solution("start.order"))
    exercise.page.close()

    shown = course_lab.start()
    assert state(shown, "12 Drift") == "◔ begun"
    assert re.fullmatch(r"◐ [1-9]\d* of \d+ points", state(shown, "00 Start here"))
    assert state(shown, "01 Objectives") == "○ to come"
