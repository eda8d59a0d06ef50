"""The course's own checks give the same verdicts in the sandbox as in a plain process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.catalog import Catalog
from workbench.checks import exercise, process
from workbench.course import Course
from workbench.grading.execution import bench

COURSE = Course.find(Path(__file__).parents[2])
LESSONS = [lesson for lesson in Catalog.load(COURSE.catalog).lessons if lesson.checks]


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Processes with a lesson's libraries are not kept for the tests after it."""
    yield
    bench.close()


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_solution_and_stub_are_judged_the_same_in_the_sandbox_and_here(lesson):
    work = exercise.read(COURSE, lesson, {})
    scenarios = [exercise.solution(work), exercise.stub(work)]
    assert process.run(work, [scenarios]) == process.run_here(work, [scenarios])
