"""Variants of an exercise: the same questions on other parameters, hence with other right answers.

A release gives each student the same exercise, or one of a few variants, chosen so that nobody can guess another's without
the course's secret, and so that the same roster always gives the same choice.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench import master, targets
from workbench.catalog import Lesson
from workbench.checks.key import Key, record
from workbench.course import Course
from workbench.errors import CheckError, MasterError, ParameterError
from workbench.parameters import Value, resolve, source_of
from workbench.targets import Target


@dataclass(frozen=True)
class Variant:
    """One variant.

    Attributes
    ----------
    parameters : mapping
        All of the exercise's parameters. They are written into the literals of the notebook's `parameters` cell.
    notebook : NotebookNode
        The exercise to hand out: no solution, no output.
    key : Key
        What the answers to its visible questions are judged by.
    hidden_key : Key or None
        The same for its hidden questions; it is never handed out.
    """

    parameters: Mapping[str, Value]
    notebook: Any
    key: Key
    hidden_key: Key | None


def make(course: Course, lesson: Lesson, parameters: Mapping[str, object]) -> Variant:
    """Make the variant of a lesson's exercise that `parameters` describe.

    Raises
    ------
    ParameterError
        For a parameter that the exercise does not have, or a value of another type.
    CheckError
        When the lesson has no exercise, or its solution does not earn all points with these parameters.
    """
    values, notebook = stub(course, lesson, parameters)
    return Variant(values, notebook, *record(course, lesson, values))


def stub(course: Course, lesson: Lesson, parameters: Mapping[str, object]) -> tuple[dict[str, Value], Any]:
    """All parameters of a variant, and the notebook to hand out: no solution, no output. Nothing is executed.

    Raises
    ------
    ParameterError
        For a parameter that the exercise does not have, or a value of another type.
    CheckError
        When the lesson has no exercise.
    """
    return stubs(course, lesson, [parameters])[0]


def stubs(
    course: Course, lesson: Lesson, parameter_sets: Sequence[Mapping[str, object]]
) -> list[tuple[dict[str, Value], Any]]:
    """`stub` for many variants; they share the cells in which they do not differ.

    Raises
    ------
    ParameterError, CheckError
        As `stub` does.
    """
    if not lesson.checks:
        raise CheckError(f"`{lesson.slug}` has no exercise")
    declared = _declared(course, lesson)
    notebook = targets.skeletons(Target(course, lesson, "exercise"))[course.exercise_notebooks / f"{lesson.slug}.ipynb"]
    made = []
    for parameters in parameter_sets:
        values = resolve(parameters, declared, where=lesson.slug)
        made.append(
            (values, {**notebook, "cells": [_given(cell, source_of(declared, values)) for cell in notebook["cells"]]})
        )
    return made


def _given(cell: dict[str, Any], parameters: str) -> dict[str, Any]:
    """The cell, with `parameters` for its source where it is the parameters cell."""
    return {**cell, "source": parameters} if "parameters" in cell["metadata"].get("tags", ()) else cell


def number_of(student: str, *, exercise: str, count: int, secret: bytes) -> int:
    """Which of `count` variants a student gets, 0 to ``count - 1``.

    Keyed by HMAC-SHA-256 (RFC 2104): without the secret, a student's name does not tell the number.

    Raises
    ------
    ParameterError
        When `count` is less than 1, or the secret is shorter than 16 bytes.
    """
    if count < 1:
        raise ParameterError(f"there must be 1 variant or more, not {count}")
    return _keyed(secret, exercise, student) % count


def seed_of(name: str, *, exercise: str, secret: bytes) -> int:
    """The seed of a variant, 0 to 999,999,999, by the variant's name; keyed as `number_of` is.

    Raises
    ------
    ParameterError
        When the secret is shorter than 16 bytes.
    """
    return _keyed(secret, exercise, "seed", name) % 10**9


def edited(notebook: Mapping[str, Any], parameters: Mapping[str, Value], *, where: str = "parameters") -> list[str]:
    """The names of the parameters that a notebook declares otherwise than it was released; empty when none was touched.

    A `parameters` cell that cannot be read, or is gone, counts as edited in all of them.
    """
    try:
        declared = {parameter.name: parameter.default for parameter in master.parameters_of(notebook, where=where)}
    except MasterError:
        return sorted(parameters)
    return sorted(name for name, value in parameters.items() if name not in declared or declared[name] != value)


def _keyed(secret: bytes, *words: str) -> int:
    if len(secret) < 16:
        raise ParameterError(f"the secret has {len(secret)} bytes; 16 or more keep it from being guessed")
    return int.from_bytes(hmac.digest(secret, "\0".join(words).encode(), "sha256")[:8], "big")


def _declared(course: Course, lesson: Lesson) -> list[Any]:
    path = course.exercises / f"{lesson.slug}.py"
    return list(master.parameters_of(master.table(path, course), where=course.relative(path)))
