"""What to import ahead of time: the libraries that lessons, exercises and checks reach, and nothing that an author edits."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from workbench import modules as modules_of
from workbench import reach
from workbench.catalog import Lesson
from workbench.course import Course
from workbench.warm.order import KERNEL

__all__ = ["KERNEL", "NBVAL", "exercise", "modules"]

# The engine, and what it executes notebooks with; a kernel needs none of it.
_ENGINES = {"", "__future__", "workbench", "jupyter_client", "jupyter_core", "nbclient", "nbformat", "papermill"}
NBVAL = ("pytest", "nbformat", "nbformat.validator", "jupyter_client.manager", "ipykernel.kernelspec", "coverage")


def modules(course: Course, lessons: Iterable[Lesson], *, exercises: bool = True) -> list[str]:
    """The libraries that the masters and checks of `lessons` import, directly or through the course's own code.

    Parameters
    ----------
    exercises : bool
        False for what the lessons themselves import, without exercises and checks: a quarter of the text to look through.

    Returns
    -------
    list of str
        Entries of a `Plan`: ``"pandas"``, ``"scipy:stats"``; sorted, so that the same lessons give the same list.
    """
    found: set[tuple[str, str | None]] = set()
    for lesson in lessons:
        files = [course.lessons / f"{lesson.slug}.py"]
        if exercises:
            files.append(course.exercises / f"{lesson.slug}.py")
        if exercises and lesson.checks:
            files += [course.checks / f"{lesson.checks}.py", course.hidden / f"{lesson.checks}.py"]
        for file in files:
            if file.is_file():
                found |= reach.outside(file.read_text(encoding="utf-8"), course.sources)
    return sorted(f"{module}:{name}" if name else module for module, name in found if _foreign(module, course))


def exercise(course: Course, lesson: Lesson) -> list[str]:
    """What a submission to the exercise of `lesson` will import: libraries, then the course's own modules.

    For processes that live no longer than the course's code stays as it is.
    """
    path = course.exercises / f"{lesson.slug}.py"
    source = path.read_text(encoding="utf-8") if path.is_file() else ""
    outside = reach.outside(source, course.sources)
    libraries = sorted(f"{module}:{name}" if name else module for module, name in outside if _foreign(module, course))
    own = {place.partition(":")[0] for place in reach.of_source(source, course.sources) if ":" in place}
    return [*libraries, *sorted(name for name in own if name.partition(".")[0] not in _ENGINES)]


def _foreign(module: str, course: Course) -> bool:
    """Whether it is a library: not Python's own, the engine's, or the course's."""
    top = module.partition(".")[0]
    return top not in sys.stdlib_module_names | _ENGINES and modules_of.locate(top, course.sources) is None
