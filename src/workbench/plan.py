"""What a run will execute: lessons in order, each with its parameters complete."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.catalog import Catalog, Lesson
from workbench.course import Course
from workbench.errors import MasterError, ParameterError
from workbench.parameters import Parameter, Value, parse_cell, resolve

_CELL = re.compile(r"^# %%(?P<head>.*)$", re.MULTILINE)
_TAGGED = re.compile(r"""tags=\[[^\]]*["']parameters["']""")


@dataclass(frozen=True)
class Step:
    """One lesson of a run.

    Attributes
    ----------
    parameters : mapping
        All of them, defaults included.
    injected : mapping
        Those that differ from the default: naming a default on the command line gives the notebook without it.
    fault : str
        Why the master cannot be executed, or the empty string.
    """

    lesson: Lesson
    master: Path
    parameters: Mapping[str, Value]
    injected: Mapping[str, Value]
    fault: str = ""


def of_run(course: Course, catalog: Catalog, *, slugs: Iterable[str] = (), given: Mapping[str, object]) -> list[Step]:
    """The steps that the named lessons (all, where none is named) and their ancestors need, in order.

    A parameter goes to each lesson that has it.

    Raises
    ------
    CourseError
        For a lesson that does not exist.
    ParameterError
        For a parameter that no named lesson has, or a value that a lesson does not allow.
    """
    named = {catalog[slug].slug for slug in slugs}
    lessons = catalog.with_ancestors(named)
    declared: dict[str, list[Parameter]] = {}
    faults: dict[str, str] = {}
    for lesson in lessons:
        try:
            declared[lesson.slug] = parameters_of(course.lessons / f"{lesson.slug}.py", where=f"{lesson.slug}.py")
        except MasterError as error:
            declared[lesson.slug], faults[lesson.slug] = [], str(error)
    _all_known(given, {slug: declared[slug] for slug in declared if not named or slug in named}, faults=faults)
    return [_step(course, lesson, declared[lesson.slug], given, fault=faults.get(lesson.slug, "")) for lesson in lessons]


def parameters_of(master: Path, *, where: str) -> list[Parameter]:
    """The parameters that a lesson's master declares.

    The cell is found in the text: a run that has nothing to execute does not load a notebook library to say so.

    Raises
    ------
    MasterError
        When the master is missing or the cell holds anything but parameters.
    """
    try:
        text = master.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MasterError(f"the master cannot be read: {error}", where=where) from error
    marks = list(_CELL.finditer(text))
    for i, mark in enumerate(marks):
        if _TAGGED.search(mark["head"]) and "[markdown]" not in mark["head"]:
            end = marks[i + 1].start() if i + 1 < len(marks) else len(text)
            return parse_cell(text[mark.end() : end], where=where)
    return []


def _step(course: Course, lesson: Lesson, declared: list[Parameter], given: Mapping[str, object], *, fault: str) -> Step:
    names = {parameter.name for parameter in declared}
    own = {name: value for name, value in given.items() if name in names}
    values = resolve(own, declared, rules=lesson.rules, where=lesson.slug)
    injected = {
        parameter.name: values[parameter.name] for parameter in declared if values[parameter.name] != parameter.default
    }
    return Step(lesson, course.lessons / f"{lesson.slug}.py", values, injected, fault)


def _all_known(given: Iterable[str], declared: Mapping[str, list[Parameter]], *, faults: Collection[str]) -> None:
    known = {parameter.name for parameters in declared.values() for parameter in parameters}
    unknown = sorted(set(given) - known)
    if unknown and not faults:  # a broken master is reported as such: the parameter may be its own
        lines = [f"           {slug}: {parameter}" for slug, found in declared.items() for parameter in found]
        raise ParameterError(
            f"no parameter `{unknown[0]}`",
            where=", ".join(declared) if len(declared) <= 3 else f"all {len(declared)} lessons",
            remedy="valid parameters:\n" + "\n".join(lines),
        )
