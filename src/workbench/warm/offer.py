"""Zygotes for a course: what its lessons import, with the variables that its kernels are given."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

from workbench import user_cache
from workbench.catalog import Lesson
from workbench.course import Course
from workbench.execute import python_path
from workbench.warm import preload
from workbench.warm.client import NotWarm
from workbench.warm.identity import installed
from workbench.warm.owned import Zygote


def for_kernels(
    course: Course,
    lessons: Iterable[Lesson],
    *,
    exercises: bool = True,
    hash_seed: str = "",
    variables: Mapping[str, str] | None = None,
) -> Zygote | None:
    """A zygote for the kernels and the check processes of `lessons`; None where processes cannot be forked.

    Parameters
    ----------
    exercises : bool
        Whether exercises and checks are executed as well.
    hash_seed : str
        Seed of the order of sets of text; drawn at random where it is empty.
    variables : mapping, optional
        What its kernels will be given beside this process's own, as the share of threads that each may have.
    """
    return _started(
        [*preload.KERNEL, *preload.modules(course, lessons, exercises=exercises)], course, hash_seed, variables or {}
    )


def for_run(course: Course, lesson: Lesson, variables: Mapping[str, str]) -> Zygote | None:
    """A zygote for the kernels of a run that begins with `lesson`, to be told (`Zygote.grow`) what others import.

    None where processes cannot be forked.
    """
    return _started(
        [*preload.KERNEL, *preload.modules(course, [lesson], exercises=False)], course, "", variables, grows=True
    )


def for_nbval(course: Course) -> Zygote | None:
    """A zygote for pytest with nbval; None where processes cannot be forked."""
    return _started(preload.NBVAL, course, "", {})


def _started(
    modules: Iterable[str], course: Course, hash_seed: str, variables: Mapping[str, str], *, grows: bool = False
) -> Zygote | None:
    environment = {**os.environ, "PYTHONPATH": python_path(course), **variables}
    try:
        return Zygote(list(modules), environment=environment, hash_seed=hash_seed, grows=grows, note=_note(environment))
    except NotWarm:
        return None


def _note(environment: Mapping[str, str]) -> str:
    """The file for what must not be imported ahead of time, of all that is installed now."""
    folder = user_cache.folder("loud")
    return str(folder / f"{installed(environment, executable=sys.executable)}.json") if folder else ""
