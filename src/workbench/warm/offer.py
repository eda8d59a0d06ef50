"""Zygotes for a course: what its lessons import, with the variables that its kernels are given."""

from __future__ import annotations

import os
from collections.abc import Iterable

from workbench.catalog import Lesson
from workbench.course import Course
from workbench.execute import python_path
from workbench.warm import preload
from workbench.warm.client import NotWarm, Zygote


def for_kernels(course: Course, lessons: Iterable[Lesson], *, hash_seed: str = "") -> Zygote | None:
    """A zygote for the kernels and the check processes of `lessons`; None where processes cannot be forked."""
    return _started([*preload.KERNEL, *preload.modules(course, lessons)], course, hash_seed)


def for_nbval(course: Course) -> Zygote | None:
    """A zygote for pytest with nbval; None where processes cannot be forked."""
    return _started(preload.NBVAL, course, "")


def _started(modules: Iterable[str], course: Course, hash_seed: str) -> Zygote | None:
    try:
        return Zygote(list(modules), environment={**os.environ, "PYTHONPATH": python_path(course)}, hash_seed=hash_seed)
    except NotWarm:
        return None
