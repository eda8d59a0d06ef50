"""Every exercise of the course passes the author gate, with two parameter sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.catalog import Catalog
from workbench.checks import module
from workbench.course import Course
from workbench.gate import gate

COURSE = Course.find(Path(__file__).parent)
EXERCISES = [lesson for lesson in Catalog.load(COURSE.catalog).lessons if lesson.checks]


@pytest.mark.parametrize("slug", [lesson.slug for lesson in EXERCISES])
def test_the_exercise_passes_the_gate(slug):
    report = gate(COURSE, slug)
    assert len(report.sets) == 2
    assert [str(fault) for fault in report.faults] == []


@pytest.mark.parametrize("checks", [lesson.checks for lesson in EXERCISES])
def test_each_question_has_hints_and_two_wrong_answers(checks):
    for question in module.load(COURSE.checks / f"{checks}.py").questions.values():
        assert question.hints, question.slug
        assert len(question.mutants) >= 2, question.slug


@pytest.mark.parametrize("checks", [lesson.checks for lesson in EXERCISES])
def test_each_exercise_has_hidden_questions_with_two_wrong_answers_each(checks):
    hidden = module.hidden(COURSE, checks)
    assert hidden is not None
    assert [question.slug for question in hidden.questions.values() if len(question.mutants) < 2] == []


def test_every_check_module_belongs_to_a_lesson():
    names = sorted(lesson.checks for lesson in EXERCISES)
    assert module.available(COURSE) == names
    assert sorted(path.stem for path in COURSE.hidden.glob("[a-z]*.py")) == names


def test_nothing_of_a_hidden_question_is_in_what_students_get():
    """Not its name, its title, or what it tells an answer that fails."""
    folders = (COURSE.exercise_notebooks, COURSE.keys, COURSE.checks, COURSE.notebooks, COURSE.quizzes)
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.*") if path.is_file()]
    for lesson in EXERCISES:
        hidden = module.hidden(COURSE, lesson.checks)
        for question in hidden.questions.values() if hidden else ():
            assert not any(question.slug in text or question.title in text for text in texts), question.slug
