"""Which lesson begins first when several may, and how many do at once."""

from __future__ import annotations

from pathlib import Path

from workbench import chains, plan
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.run import run

HERE = Course.find(Path(__file__).parent)


def order(course: Course, seconds: dict[str, float]) -> list[str]:
    catalog = Catalog.load(course.catalog)
    return [
        step.lesson.slug for step in chains.longest_first(plan.of_run(course, catalog, slugs=(), given={}), catalog, seconds)
    ]


def test_the_lesson_that_more_work_waits_for_comes_first(tea_course: Course) -> None:
    assert order(tea_course, {}) == ["00_water", "01_steeping", "02_table"]
    assert order(tea_course, {"01_steeping": 1.0, "02_table": 5.0}) == ["00_water", "02_table", "01_steeping"]


def test_what_remains_is_the_longest_chain_of_all() -> None:
    catalog = Catalog.load(HERE.catalog)
    steps = plan.of_run(HERE, catalog, slugs=(), given={})
    seconds = {step.lesson.slug: float(number % 5 + 1) for number, step in enumerate(steps)}
    found = chains.remaining(steps, catalog, seconds)
    parents = {step.lesson.slug: [parent.slug for parent in catalog.parents(step.lesson)] for step in steps}

    def until(slug: str) -> float:  # by the other end: the longest chain that leads to a lesson
        return seconds[slug] + max(map(until, parents[slug]), default=0.0)

    assert max(found.values()) == max(map(until, parents))
    for slug, before in parents.items():
        assert all(found[parent] >= seconds[parent] + found[slug] for parent in before)
    first = order(HERE, seconds)
    assert all(first.index(parent) < first.index(slug) for slug, before in parents.items() for parent in before)


def test_the_latest_run_tells_how_long_lessons_take(tea_course: Course) -> None:
    assert chains.recorded(tea_course) == {}
    report = run(tea_course)
    assert chains.recorded(tea_course) == {lesson.slug: round(lesson.seconds, 3) for lesson in report.lessons}
    (report.folder / "run.json").write_text("[")
    assert chains.recorded(tea_course) == {}
