"""Warm kernels for a run whose lessons turn out one by one to be executed or not."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType

from workbench.catalog import Lesson
from workbench.course import Course
from workbench.warm import client


class Kernels:
    """A zygote from the first lesson on that is executed while others wait.

    That lesson gets a cold kernel, for the libraries would have to be waited for: they are imported meanwhile. Where
    a zygote is offered from outside, or none is to be had, it offers nothing.

    Parameters
    ----------
    variables : mapping
        What all kernels of the run are given.
    """

    def __init__(self, course: Course, variables: Mapping[str, str]) -> None:
        self._course = course
        self._variables = variables
        self._held = ExitStack()
        self._offered: dict[str, str] = {}
        self._asked = client.VARIABLE in os.environ or bool(client.unsupported())

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._held.close()

    def offer(self, lessons: Sequence[Lesson]) -> dict[str, str]:
        """Variables of a job that is about to be executed; `lessons` are those that come after it."""
        now = self._offered
        if not self._asked and lessons:
            from workbench.warm import offer

            self._asked = True
            zygote = offer.for_kernels(self._course, lessons, exercises=False, variables=self._variables)
            if zygote:
                self._held.enter_context(zygote)
                self._offered = {client.VARIABLE: zygote.path}
        return now
