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


def test_every_check_module_belongs_to_a_lesson():
    assert module.available(COURSE) == sorted(lesson.checks for lesson in EXERCISES)
