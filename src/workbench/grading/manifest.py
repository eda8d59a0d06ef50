"""The release manifest: what was handed out to whom. It stays with the instructor; grading reads parameters from it alone.

``DIR/manifest.json`` of a release::

    {"format": 1, "course": "MLOps Workbench", "exercises": {"02_data": {"checks": "data", "terms": {...},
     "cells": [...], "variants": [{"parameters": {"seed": 2}, "differing": {}}], "students": {"s001": 0}}}}

Variants share their cells, all but a few: ``cells`` are those of the first variant, ``differing`` those of another that it
does not share, by their place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from workbench import files
from workbench.errors import GradingError
from workbench.parameters import Value

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True)
class ReleasedCell:
    """One cell as it was handed out.

    Attributes
    ----------
    id : str
        Its id in the notebook.
    kind : str
        ``text`` (prose), ``supplied`` (code of ours, the parameters cell too), ``answer`` (the student's, code), ``words``
        (the student's, read by a person) or ``check`` (asks for the verdict on `slug`).
    source : str
        As handed out.
    slug : str
        The question that it answers or asks for; empty for the others.
    grade_id : str
        nbgrader's name for it, where it has one: a second way to recognise it.
    parameters : bool
        Whether it is the (supplied) parameters cell.
    """

    id: str
    kind: Literal["text", "supplied", "answer", "words", "check"]
    source: str
    slug: str = ""
    grade_id: str = ""
    parameters: bool = False


@dataclass(frozen=True)
class ReleasedVariant:
    """One variant of an exercise: all its parameters, and its cells in order."""

    parameters: Mapping[str, Value]
    cells: tuple[ReleasedCell, ...]


@dataclass(frozen=True)
class Terms:
    """When work is due, and what lateness costs.

    Attributes
    ----------
    due : str
        ISO 8601 with an offset; empty for no date.
    grace_minutes : float
        After `due`, during which work is not late.
    penalty_per_day : float
        Share of the points lost for each day begun after that, 0 to 1; 0 costs nothing.
    accept_days : float or None
        Days after which nothing is accepted any more; None for no end.

    Raises
    ------
    GradingError
        When `due` is no such date, or a number is out of its range.
    """

    due: str = ""
    grace_minutes: float = 0.0
    penalty_per_day: float = 0.0
    accept_days: float | None = None

    def __post_init__(self) -> None:
        if self.due and not _has_offset(self.due):
            raise GradingError(
                f"`{self.due:.60}` is not a date with a time and an offset", remedy="such as 2026-12-01T23:59:00+01:00"
            )
        for name, value, most in (
            ("grace_minutes", self.grace_minutes, math.inf),
            ("penalty_per_day", self.penalty_per_day, 1.0),
            ("accept_days", self.accept_days or 0.0, math.inf),
        ):
            if not 0 <= value <= most:
                raise GradingError(f"`{name}` must be 0 or more" + (f", {most:g} at most" if most < math.inf else ""))


@dataclass(frozen=True)
class ReleasedExercise:
    """One exercise: its variants, and which of them each student has.

    Attributes
    ----------
    lesson, checks : str
        The lesson's slug, and the name of its check module.
    students : mapping
        Number of the variant, by the student's id.
    """

    lesson: str
    checks: str
    variants: tuple[ReleasedVariant, ...]
    students: Mapping[str, int]
    terms: Terms = field(default_factory=Terms)

    def variant_of(self, student: str) -> ReleasedVariant:
        """What `student` was given.

        Raises
        ------
        GradingError
            When nothing was released to them.
        """
        if student not in self.students:
            raise GradingError(
                f"`{self.lesson}` was not released to `{student}`", remedy="release it to them, or see the roster"
            )
        return self.variants[self.students[student]]


@dataclass(frozen=True)
class Manifest:
    """All exercises of a release folder, by lesson."""

    course: str
    exercises: Mapping[str, ReleasedExercise]

    def __getitem__(self, lesson: str) -> ReleasedExercise:
        """The released exercise of `lesson`; its number alone will do.

        Raises
        ------
        GradingError
            When it was not released.
        """
        for slug, exercise in self.exercises.items():
            if lesson in (slug, slug.partition("_")[0]):
                return exercise
        raise GradingError(f"`{lesson}` is not in the release", remedy="there are " + ", ".join(self.exercises))

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"format": FORMAT, "course": self.course, "exercises": {k: _table(v) for k, v in self.exercises.items()}}

    def write(self, folder: Path) -> Path:
        """Write ``manifest.json`` into the release folder."""
        return files.write_json(folder / NAME, self.to_json())

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Read the manifest of a release folder (or the file itself).

        Raises
        ------
        GradingError
            When there is none, or it is not one of this version.
        """
        path = folder / NAME if folder.is_dir() else folder
        try:
            table = json.loads(path.read_bytes())
            if table["format"] != FORMAT:
                raise ValueError(f"format {table['format']!r}")
            exercises = {slug: _exercise(row) for slug, row in table["exercises"].items()}
            return cls(table["course"], exercises)
        except FileNotFoundError as error:
            remedy = "run `workbench release EXERCISE --roster FILE --out DIR` first, and name that DIR"
            raise GradingError("there is no release here", where=str(path), remedy=remedy) from error
        except (ValueError, LookupError, TypeError) as error:
            raise GradingError(f"not a release manifest of this version: {error}", where=str(path)) from error


def _has_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _table(exercise: ReleasedExercise) -> dict[str, Any]:
    shared = [asdict(cell) for cell in exercise.variants[0].cells]
    rows = []
    for variant in exercise.variants:
        cells = [asdict(cell) for cell in variant.cells]
        if len(cells) != len(shared):
            raise GradingError(f"two variants of `{exercise.lesson}` do not have the same cells")
        differing = {str(place): cell for place, cell in enumerate(cells) if cell != shared[place]}
        rows.append({"parameters": dict(variant.parameters), "differing": differing})
    return {
        "lesson": exercise.lesson,
        "checks": exercise.checks,
        "terms": asdict(exercise.terms),
        "cells": shared,
        "variants": rows,
        "students": dict(exercise.students),
    }


def _exercise(row: Mapping[str, Any]) -> ReleasedExercise:
    shared = [ReleasedCell(**cell) for cell in row["cells"]]
    variants = []
    for one in row["variants"]:
        cells = list(shared)
        for place, cell in one["differing"].items():
            cells[int(place)] = ReleasedCell(**cell)
        variants.append(ReleasedVariant(one["parameters"], tuple(cells)))
    return ReleasedExercise(row["lesson"], row["checks"], tuple(variants), row["students"], Terms(**row["terms"]))
