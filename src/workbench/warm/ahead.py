"""Warm kernels for a run whose lessons turn out one by one to be executed or not."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import TYPE_CHECKING

from workbench.catalog import Lesson
from workbench.course import Course
from workbench.warm import client

if TYPE_CHECKING:
    from workbench.warm.owned import Zygote


class Kernels:
    """A zygote from the first lesson on that is executed.

    It has what that lesson imports, and grows into one for all that come after it: to look through their text and to import
    what they do takes seconds, in which the first is executed. Where a zygote is offered from outside, or none is to be
    had, it offers nothing.

    Parameters
    ----------
    variables : mapping
        What all kernels of the run are given.
    here : bool
        Whether it is this process that executes the lessons.
    """

    def __init__(self, course: Course, variables: Mapping[str, str], *, here: bool) -> None:
        self._course = course
        self._here = here
        self._variables = variables
        self._held = ExitStack()
        self._zygote: Zygote | None = None
        self._asked = client.VARIABLE in os.environ or bool(client.unsupported())
        self._over = threading.Event()

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self._over.set()
        self._held.close()

    def offer(self, lesson: Lesson, ahead: Iterable[Lesson]) -> dict[str, str]:
        """Variables for the kernel of `lesson`, which is about to be executed; those `ahead` may come after it."""
        if not self._asked:
            from workbench.warm import offer

            self._asked = True
            self._zygote = zygote = offer.for_run(self._course, lesson, self._variables)
            if zygote:
                self._held.enter_context(zygote)
                looking = threading.Thread(target=self._grow, args=(zygote, [lesson, *ahead]), name="lessons ahead")
                looking.start()
                self._held.callback(looking.join)
        return {**self._variables, client.VARIABLE: self._zygote.path} if self._zygote else dict(self._variables)

    @property
    def ready(self) -> bool:
        """Whether a kernel that starts now has as much as one that starts later."""
        return self._zygote is None or self._zygote.grown

    def _grow(self, zygote: Zygote, lessons: list[Lesson]) -> None:
        wanted: list[str] = []
        try:
            if self._here:
                from workbench import engine  # noqa: F401 - what the first lesson waits for: threads share an interpreter
            from workbench.warm import preload

            for lesson in lessons:
                if self._over.is_set():
                    break
                with suppress(OSError, ValueError):  # a text that cannot be read, as will be said when it is its turn
                    found = preload.modules(self._course, [lesson], exercises=False)
                    wanted += [entry for entry in found if entry not in wanted]
        finally:
            zygote.grow(wanted)  # also nothing: it waits for this
