"""The catalogue: the course's lessons, what each reads and writes, and so the order they run in."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from workbench.errors import CourseError
from workbench.parameters import Rule, Value

_LESSON_KEYS = {
    "slug", "title", "stage", "summary", "minutes", "inputs", "outputs", "data", "checks", "exercise_minutes",
    "exercise_reads", "parameters", "trial",
}  # fmt: skip


@dataclass(frozen=True)
class Stage:
    """A stage of the course, for the map and the report."""

    slug: str
    title: str


@dataclass(frozen=True)
class Lesson:
    """One lesson as the catalogue declares it.

    Attributes
    ----------
    slug : str
        Name of the master without its ending, ``NN_name``; permanent.
    inputs, outputs : tuple of str
        Artefacts read and written, ``NN/file``.
    data : tuple of str
        Data sets read; ``{name}`` stands for the value of the parameter of that name.
    checks : str
        The exercise's check module, also the first part of its question slugs; empty for a lesson without an exercise.
    exercise_reads : tuple of str or None
        Of these artefacts and data sets, those that the exercise reads and a released bundle must hold; None for all.
    rules : mapping
        Limits on the parameters, by name.
    trial : mapping
        A second parameter set that tests run the lesson and its exercise with.
    """

    slug: str
    title: str
    stage: str
    summary: str = ""
    minutes: int = 0
    exercise_minutes: int = 0
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    checks: str = ""
    exercise_reads: tuple[str, ...] | None = None
    rules: Mapping[str, Rule] = field(default_factory=dict)
    trial: Mapping[str, Value] = field(default_factory=dict)

    @property
    def number(self) -> str:
        """The two digits that open the slug."""
        return self.slug.split("_", 1)[0]

    def data_sets(self, parameters: Mapping[str, Value]) -> tuple[str, ...]:
        """The data sets read with these parameters."""
        return tuple(name.format_map(dict(parameters)) for name in self.data)


@dataclass(frozen=True)
class Catalog:
    """All lessons in an order in which each comes after those whose artefacts it reads."""

    stages: tuple[Stage, ...]
    lessons: tuple[Lesson, ...]

    @classmethod
    def load(cls, path: Path) -> Catalog:
        """Read ``catalog.toml``.

        Raises
        ------
        CourseError
            With the path to the fault (``catalog.toml: lessons[2].inputs[0]``): an unknown key, a stage nobody declared, an
            input that no lesson writes, an output written twice or under another lesson's number, a cycle.
        """
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise CourseError("there is no catalogue", where=str(path)) from error
        except tomllib.TOMLDecodeError as error:
            raise CourseError(f"not valid TOML: {error}", where=path.name) from error
        stages = tuple(Stage(entry["slug"], entry["title"]) for entry in table.get("stages", ()))
        entries = table.get("lessons", [])
        lessons = [_lesson(entry, f"{path.name}: lessons[{i}]", stages) for i, entry in enumerate(entries)]
        return cls(stages, tuple(_ordered(lessons, path.name)))

    def __getitem__(self, slug: str) -> Lesson:
        """The lesson called `slug`; its number alone will do (``"02"``).

        Raises
        ------
        CourseError
            When there is none, with the names there are.
        """
        for lesson in self.lessons:
            if slug in (lesson.slug, lesson.number):
                return lesson
        names = ", ".join(lesson.slug for lesson in self.lessons)
        raise CourseError(f"no lesson `{slug}`", where="catalog.toml", remedy=f"lessons: {names}")

    def producer(self, artifact: str) -> Lesson:
        """The lesson that writes `artifact`."""
        return next(lesson for lesson in self.lessons if artifact in lesson.outputs)

    def parents(self, lesson: Lesson) -> tuple[Lesson, ...]:
        """The lessons whose artefacts `lesson` reads."""
        producers = {self.producer(name).slug for name in lesson.inputs}
        return tuple(other for other in self.lessons if other.slug in producers)

    def with_ancestors(self, slugs: Iterable[str]) -> tuple[Lesson, ...]:
        """The named lessons and all they depend on, in order; all lessons where none is named."""
        waiting = [self[slug] for slug in slugs] or list(self.lessons)
        wanted: set[str] = set()
        while waiting:
            lesson = waiting.pop()
            if lesson.slug not in wanted:
                wanted.add(lesson.slug)
                waiting.extend(self.parents(lesson))
        return tuple(lesson for lesson in self.lessons if lesson.slug in wanted)


def _lesson(entry: Mapping[str, Any], where: str, stages: Iterable[Stage]) -> Lesson:
    unknown = sorted(set(entry) - _LESSON_KEYS)
    if unknown:
        raise CourseError(
            f"unknown key `{unknown[0]}`", where=f"{where}.{unknown[0]}", remedy=f"keys: {sorted(_LESSON_KEYS)}"
        )
    missing = sorted({"slug", "title", "stage"} - set(entry))
    if missing:
        raise CourseError(f"`{missing[0]}` is missing", where=where)
    slug = str(entry["slug"])
    if not (slug[:2].isdigit() and slug[2:3] == "_" and slug[3:].isidentifier()):
        raise CourseError(f"`{slug}` is not two digits, an underscore and a name", where=f"{where}.slug")
    if entry["stage"] not in {stage.slug for stage in stages}:
        raise CourseError(f"no stage `{entry['stage']}`", where=f"{where}.stage")
    for i, output in enumerate(entry.get("outputs", ())):
        if not output.startswith(f"{slug[:2]}/"):
            raise CourseError(f"`{output}` must start with `{slug[:2]}/`", where=f"{where}.outputs[{i}]")
    rules = {
        name: Rule(tuple(rule.get("choices", ())), rule.get("min"), rule.get("max"))
        for name, rule in entry.get("parameters", {}).items()
    }
    return Lesson(
        slug=slug,
        title=str(entry["title"]),
        stage=str(entry["stage"]),
        summary=str(entry.get("summary", "")),
        minutes=int(entry.get("minutes", 0)),
        exercise_minutes=int(entry.get("exercise_minutes", 0)),
        inputs=tuple(entry.get("inputs", ())),
        outputs=tuple(entry.get("outputs", ())),
        data=tuple(entry.get("data", ())),
        checks=str(entry.get("checks", "")),
        exercise_reads=tuple(entry["exercise_reads"]) if "exercise_reads" in entry else None,
        rules=rules,
        trial=dict(entry.get("trial", {})),
    )


def _ordered(lessons: list[Lesson], name: str) -> list[Lesson]:
    by_slug: dict[str, Lesson] = {}
    writer: dict[str, str] = {}
    for i, lesson in enumerate(lessons):
        if lesson.slug in by_slug or any(other.number == lesson.number for other in by_slug.values()):
            raise CourseError(f"`{lesson.slug}` or its number is used twice", where=f"{name}: lessons[{i}].slug")
        by_slug[lesson.slug] = lesson
        for k, output in enumerate(lesson.outputs):
            if output in writer:
                raise CourseError(
                    f"`{output}` is also written by {writer[output]}", where=f"{name}: lessons[{i}].outputs[{k}]"
                )
            writer[output] = lesson.slug
    graph: dict[str, set[str]] = {}
    for i, lesson in enumerate(lessons):
        for k, needed in enumerate(lesson.inputs):
            if needed not in writer:
                raise CourseError(f"no lesson writes `{needed}`", where=f"{name}: lessons[{i}].inputs[{k}]")
        graph[lesson.slug] = {writer[needed] for needed in lesson.inputs}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        raise CourseError("lessons wait for each other: " + " → ".join(error.args[1]), where=f"{name}: lessons") from error
    order: list[Lesson] = []
    ready = list(sorter.get_ready())
    while ready:  # always the smallest number among those that can run, so that the order is the course's
        ready.sort(reverse=True)
        slug = ready.pop()
        order.append(by_slug[slug])
        sorter.done(slug)
        ready.extend(sorter.get_ready())
    return order
