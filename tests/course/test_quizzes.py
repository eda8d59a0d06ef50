"""Every lesson has a quiz that can be shown, and every answer in it is explained."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench import quizzes
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.quiz_page import page

COURSE = Course.find(Path(__file__).parent)
LESSONS = [lesson.slug for lesson in Catalog.load(COURSE.catalog).lessons]


@pytest.mark.parametrize("slug", LESSONS)
def test_the_quiz_is_valid_and_large_enough(slug):
    items = quizzes.load(COURSE.quizzes / f"{slug}.toml").items
    assert sum(item.kind != "short" for item in items) >= 4


@pytest.mark.parametrize("slug", LESSONS)
def test_the_page_keeps_the_explanations_to_itself(slug):
    quiz = quizzes.load(COURSE.quizzes / f"{slug}.toml")
    shown = page(quiz)
    for item in quiz.items:
        for reason in (*(option.why for option in item.options), item.why, *item.points):
            assert not reason or reason not in shown.text + shown.html


def test_no_quiz_is_without_a_lesson():
    assert sorted(path.stem for path in COURSE.quizzes.glob("*.toml")) == sorted(LESSONS)
