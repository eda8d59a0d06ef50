"""Quizzes at the end of a lesson: read from TOML, shown without a grade, every answer explained.

>>> from workbench import quiz  # doctest: +SKIP
>>> quiz("00_start_here")  # doctest: +SKIP

A file has ``[[questions]]`` of three kinds::

    id = "decay"; kind = "choice"; text = "..."
    options = [{ text = "...", why = "..." }, { text = "...", right = true, why = "..." }]

    id = "loss"; kind = "number"; text = "..."; answer = 14; tolerance = 0.01; unit = "pp"; why = "..."
    near = [{ value = 15.2, why = "that is the relative loss" }]

    id = "five"; kind = "short"; text = "..."; points = ["a key point, one mark", "another"]

(The module is not called ``quiz``: importing it would hide the function of that name in the package.)
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.course import Course
from workbench.errors import CheckError, WorkbenchError

_ID = re.compile(r"[a-z][a-z0-9_-]*")
_SHARED = {"id", "kind", "text"}
_KEYS = {
    "choice": ({"options"}, {"options"}),
    "number": ({"answer", "why"}, {"answer", "why", "tolerance", "unit", "near"}),
    "short": ({"points"}, {"points"}),
}  # what each kind needs, and what it may have


@dataclass(frozen=True)
class Option:
    """One thing to choose, and why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Near:
    """A wrong number that a likely mistake leads to."""

    value: float
    why: str


@dataclass(frozen=True)
class Item:
    """One question of a quiz. Which fields count depends on `kind`: ``choice``, ``number`` or ``short``.

    Attributes
    ----------
    answer, tolerance : float
        The right number, and how far off one may be: a share of it, or a plain distance where it is 0.
    points : tuple of str
        The key points of a short answer, one mark each.
    """

    id: str
    kind: str
    text: str
    options: tuple[Option, ...] = ()
    answer: float = 0.0
    tolerance: float = 0.01
    unit: str = ""
    why: str = ""
    near: tuple[Near, ...] = ()
    points: tuple[str, ...] = ()

    @property
    def marks(self) -> int:
        """What the question is worth in the score line."""
        return len(self.points) or 1

    def accepts(self, value: float) -> bool:
        """Whether `value` is near enough to the right number."""
        return abs(value - self.answer) <= self.tolerance * (abs(self.answer) or 1)


@dataclass(frozen=True)
class Quiz:
    """The questions of one lesson's quiz."""

    slug: str
    items: tuple[Item, ...]


def quiz(slug: object) -> None:
    """Show the quiz of the lesson `slug`. Never raises: what is wrong is shown in its place."""
    from workbench.checks import notebook, render
    from workbench.quiz_page import page

    try:
        shown = page(load(_path(Course.find(), slug)))
    except WorkbenchError as error:
        shown = render.fault(error)
    notebook.show(shown)


def load(path: Path) -> Quiz:
    """Read a quiz, strictly.

    Raises
    ------
    CheckError
        With the path to the fault, as in ``00_start_here.toml: questions[2].options: no option is right``.
    """
    name = path.name
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CheckError("there is no such quiz", where=str(path)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CheckError(f"not valid TOML: {error}", where=name) from error
    _only(table, {"questions"}, {"questions"}, name)
    entries = _tables(table["questions"], f"{name}: questions")
    items = tuple(_item(entry, f"{name}: questions[{i}]") for i, entry in enumerate(entries))
    for i, item in enumerate(items):
        if item.id in [other.id for other in items[:i]]:
            raise CheckError(f"`{item.id}` is used twice", where=f"{name}: questions[{i}].id")
    return Quiz(path.stem, items)


def _path(course: Course, slug: object) -> Path:
    if not isinstance(slug, str):
        raise CheckError(f"a quiz is named by text, not by a value of type `{type(slug).__name__}`")
    path = course.quizzes / f"{slug}.toml"
    if path.parent != course.quizzes or not path.is_file():
        from workbench.checks.module import suggestion

        names = sorted(file.stem for file in course.quizzes.glob("*.toml"))
        raise CheckError(f"there is no quiz `{slug}`", remedy=suggestion(slug, names) if names else "no quizzes here")
    return path


def _item(entry: Mapping[str, Any], where: str) -> Item:
    kind = entry.get("kind")
    if kind not in _KEYS:
        raise CheckError(f"must be one of {', '.join(_KEYS)}, not {kind!r}", where=f"{where}.kind")
    needed, allowed = _KEYS[kind]
    _only(entry, needed | _SHARED, allowed | _SHARED, where)
    text, name = _text(entry, "text", where), _text(entry, "id", where)
    if not _ID.fullmatch(name):
        raise CheckError(f"`{name}` is not a name in lower case", where=f"{where}.id")
    if kind == "choice":
        return Item(name, kind, text, options=_options(entry, where))
    if kind == "number":
        return _number_item(entry, name, text, where)
    points = entry["points"]
    if not isinstance(points, list) or not points or not all(isinstance(point, str) and point.strip() for point in points):
        raise CheckError("must be a list of one or more texts", where=f"{where}.points")
    return Item(name, kind, text, points=tuple(points))


def _options(entry: Mapping[str, Any], where: str) -> tuple[Option, ...]:
    place = f"{where}.options"
    options = []
    for i, option in enumerate(_tables(entry["options"], place)):
        here = f"{place}[{i}]"
        _only(option, {"text", "why"}, {"text", "why", "right"}, here)
        if not isinstance(option.get("right", False), bool):
            raise CheckError("must be true or false", where=f"{here}.right")
        options.append(Option(_text(option, "text", here), _text(option, "why", here), option.get("right", False)))
    if len(options) < 2:
        raise CheckError("needs two or more", where=place)
    right = sum(option.right for option in options)
    if right != 1:
        raise CheckError("no option is right" if not right else f"{right} options are right", where=place)
    if len({option.text for option in options}) < len(options):
        raise CheckError("two options are the same", where=place)
    return tuple(options)


def _number_item(entry: Mapping[str, Any], name: str, text: str, where: str) -> Item:
    unit = entry.get("unit", "")
    if not isinstance(unit, str):
        raise CheckError("must be text", where=f"{where}.unit")
    near = []
    for i, miss in enumerate(_tables(entry.get("near", []), f"{where}.near", empty=True)):
        here = f"{where}.near[{i}]"
        _only(miss, {"value", "why"}, {"value", "why"}, here)
        near.append(Near(_number(miss, "value", here), _text(miss, "why", here)))
    item = Item(
        name,
        "number",
        text,
        answer=_number(entry, "answer", where),
        tolerance=_number(entry, "tolerance", where) if "tolerance" in entry else 0.01,
        unit=unit,
        why=_text(entry, "why", where),
        near=tuple(near),
    )
    if item.tolerance < 0:
        raise CheckError("must be 0 or more", where=f"{where}.tolerance")
    for i, wrong in enumerate(item.near):
        if item.accepts(wrong.value):
            raise CheckError("is within the tolerance of the answer", where=f"{where}.near[{i}].value")
    return item


def _only(table: Mapping[str, Any], needed: set[str], allowed: set[str], where: str) -> None:
    for key in table:
        if key not in allowed:
            raise CheckError(f"unknown key `{key}`", where=where, remedy=f"keys: {', '.join(sorted(allowed))}")
    for key in sorted(needed):
        if key not in table:
            raise CheckError(f"`{key}` is missing", where=where)


def _tables(value: Any, where: str, *, empty: bool = False) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value) or not (value or empty):
        raise CheckError("must be a list of tables", where=where)
    return value


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value.strip():
        raise CheckError("must be a text that says something", where=f"{where}.{key}")
    return value.strip()


def _number(table: Mapping[str, Any], key: str, where: str) -> float:
    value = table[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CheckError("must be a number", where=f"{where}.{key}")
    return value
