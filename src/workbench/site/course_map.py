"""The course map: what a page needs to know of each stage and lesson to draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.catalog import Catalog, Lesson
from workbench.course import Course


@dataclass(frozen=True)
class Entry:
    """One lesson on the map.

    Attributes
    ----------
    reads : tuple of str
        Numbers of the lessons whose results it reads.
    needs : tuple of str
        What it takes beside them, in words.
    has_exercise : bool
        Whether there is a built exercise.
    folders : mapping
        The course's folders of built notebooks, by kind.
    """

    lesson: Lesson
    reads: tuple[str, ...]
    needs: tuple[str, ...]
    has_exercise: bool

    folders: Mapping[str, str]

    @property
    def number(self) -> str:
        """The two digits."""
        return self.lesson.slug[:2]

    def folder(self, kind: str) -> str:
        """The course's folder for its notebooks of this kind: ``lesson`` or ``exercise``."""
        return self.folders[kind]


@dataclass(frozen=True)
class StageOfMap:
    """A stage, and the lessons of it that have been built."""

    slug: str
    title: str
    entries: tuple[Entry, ...]

    @property
    def minutes(self) -> int:
        """Of lessons and exercises together."""
        return sum(entry.lesson.minutes + entry.lesson.exercise_minutes * entry.has_exercise for entry in self.entries)


def stages(course: Course, catalog: Catalog) -> tuple[StageOfMap, ...]:
    """The stages in order; one without a built lesson is left out."""
    found = []
    for stage in catalog.stages:
        built = [lesson for lesson in catalog.lessons if lesson.stage == stage.slug and _built(course, lesson)]
        if built:
            found.append(StageOfMap(stage.slug, stage.title, tuple(_entry(course, catalog, lesson) for lesson in built)))
    return tuple(found)


def _built(course: Course, lesson: Lesson) -> bool:
    return (course.notebooks / f"{lesson.slug}.ipynb").is_file()


def _entry(course: Course, catalog: Catalog, lesson: Lesson) -> Entry:
    reads = tuple(parent.slug[:2] for parent in catalog.parents(lesson))
    data = [name.replace("{use_case}", "the use case") for name in lesson.data]
    needs = (f"data: {', '.join(data)}",) if data else ()
    built = (course.exercise_notebooks / f"{lesson.slug}.ipynb").is_file()
    folders = {"lesson": course.relative(course.notebooks), "exercise": course.relative(course.exercise_notebooks)}
    return Entry(lesson, reads, needs, built, folders)
