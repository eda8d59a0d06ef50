"""Exporting exercises to nbgrader: a source layout that its own ``generate_assignment`` and ``autograde`` take as it is.

``OUT/source/LESSON/LESSON.ipynb`` holds the solutions in the regions that nbgrader cuts out. Beside it lie the checks, the
key, the data and the settings that ``check`` finds them by, and nbgrader copies these to wherever it runs a submission. A
check cell gives its points as the cell's value, which is where nbgrader looks for a partial score.

What nbgrader runs, it runs in the student's own process: a score made by it can be forged. Hidden questions stay here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench import master, targets
from workbench.catalog import Lesson
from workbench.course import Course
from workbench.errors import GradingError
from workbench.grading.execution import key_cache
from workbench.grading.handout import bundle
from workbench.grading.manifest import Terms
from workbench.targets import Target


def export(course: Course, lessons: Sequence[Lesson], *, out: Path) -> list[Path]:
    """Write the source layout of some exercises for nbgrader.

    Parameters
    ----------
    lessons : sequence of Lesson
        Lessons with an exercise.
    out : Path
        The folder of an nbgrader course; what its ``source`` holds of other assignments is left alone.

    Returns
    -------
    list of Path
        The notebooks written.

    Raises
    ------
    GradingError
        When a lesson has no exercise, or something that the exercise needs was never built.
    CheckError
        When a solution does not earn all points of its own checks.
    """
    try:
        made = {lesson.slug: _contents(course, lesson) for lesson in lessons}
    finally:
        key_cache.close()
    for slug, content in made.items():
        bundle.write_folder(out / "source" / slug, content)
    return [out / "source" / slug / f"{slug}.ipynb" for slug in made]


def source(course: Course, lesson: Lesson) -> dict[str, Any]:
    """The notebook with its solutions in their regions, marked for nbgrader."""
    target = Target(course, lesson, "exercise")
    notebook = master.table(target.master, course)
    targets.mark_for_nbgrader(notebook, targets.points_of(target.checks))
    for cell in notebook["cells"]:
        mark = cell["metadata"].setdefault("nbgrader", _locked(cell))  # the parameters cell has no mark of its own
        if mark["grade"] and not mark["solution"]:
            cell["source"] = f'check.points("{targets.checked_by(cell)}")'
    return notebook


def _contents(course: Course, lesson: Lesson) -> dict[str, bytes]:
    if not lesson.checks:
        raise GradingError(f"`{lesson.slug}` has no exercise")
    key = key_cache.record_keys(course, lesson, {}).visible
    shared = bundle.shared_files(course, lesson, terms=Terms())
    return bundle.contents(lesson, notebook=source(course, lesson), key=key, shared=shared)


def _locked(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {"grade": False, "grade_id": cell["id"], "locked": True, "schema_version": 3, "solution": False, "task": False}
