"""The form that masters keep: what a reader may rely on in every lesson and exercise, read from the text alone."""

from __future__ import annotations

import ast
import os
import re
import statistics
import symtable
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import master, regions, syntax, targets
from workbench.catalog import Lesson
from workbench.course import Course
from workbench.errors import MasterError, ParameterError
from workbench.parameters import resolve

MEDIAN_LINES = 5
MOST_LINES = 15
OPENING = ("You will be able to", "You need", "Time")
_POINTS = re.compile(r"\((\d+(?:\.\d+)?) points?\)")


@dataclass(frozen=True)
class Finding:
    """One rule that a master does not keep; `cell` is empty where the rule is about the whole master."""

    master: str
    cell: str
    text: str

    def __str__(self) -> str:
        return f"{self.master}: cell {self.cell}: {self.text}" if self.cell else f"{self.master}: {self.text}"


def of_lesson(course: Course, lesson: Lesson) -> list[Finding]:
    """The rules that the lesson's master does not keep.

    It opens with what the reader will be able to do; has one parameters cell that agrees with the catalogue; has small
    cells of plain Python; asks a quiz; and leads to its exercise.
    """
    target = targets.Target(course, lesson, "lesson")
    return _findings(target, (_opening, _parameters, _plain_python, _sizes, _ignored, _quiz, _exercise_link))


def of_exercise(course: Course, lesson: Lesson) -> list[Finding]:
    """The rules that the exercise's master does not keep.

    Each question has one cell, a check function and a check cell after it, says its points, and can be answered when the
    others are not; the stub is Python.
    """
    target = targets.Target(course, lesson, "exercise")
    return _findings(target, (_parameters, _plain_python, _ignored, _questions, _points, _independence, _closing))


def of_course(course: Course, lessons: Iterable[Lesson]) -> list[Finding]:
    """What `of_lesson` and `of_exercise` find in all of `lessons`."""
    found = []
    for lesson in lessons:
        found += of_lesson(course, lesson)
        found += of_exercise(course, lesson) if lesson.checks else []
    return found


def _findings(target: targets.Target, rules: Iterable[Any]) -> list[Finding]:
    where = target.course.relative(target.master)
    try:
        cells = master.table(target.master, target.course)["cells"]
        return [Finding(where, cell, text) for rule in rules for cell, text in rule(target, cells)]
    except MasterError as error:
        return [Finding(where, "", str(error).removeprefix(f"{where}: "))]


Found = Iterator[tuple[str, str]]


def _opening(target: targets.Target, cells: list[Any]) -> Found:
    for words in OPENING:
        if words not in cells[0]["source"]:
            yield cells[0]["id"], f"does not say “{words}”"


def _parameters(target: targets.Target, cells: list[Any]) -> Found:
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
    if len(tagged) != 1:
        yield "", f"{len(tagged)} cells are tagged `parameters`, not one"
        return
    where = target.course.relative(target.master)
    known = master.parameters_of({"cells": tagged}, where=f"{where}: cell {tagged[0]['id']}")
    if target.kind == "exercise":
        return
    for name in target.lesson.rules:
        if name not in {parameter.name for parameter in known}:
            yield tagged[0]["id"], f"the catalogue limits `{name}`, which is no parameter"
    for values in ({}, {p.name: p.default for p in known}, target.lesson.trial):
        try:
            resolve(values, known, rules=target.lesson.rules)
        except ParameterError as error:
            yield tagged[0]["id"], error.what


def _plain_python(target: targets.Target, cells: list[Any]) -> Found:
    for cell in _code(cells):
        if _parse(cell["source"]) is None:
            yield cell["id"], "is not plain Python (magics and shell commands are not portable)"
        elif "get_ipython" in cell["source"]:
            yield cell["id"], "uses `get_ipython`"


def _sizes(target: targets.Target, cells: list[Any]) -> Found:
    lines = {cell["id"]: sum(bool(line.strip()) for line in cell["source"].splitlines()) for cell in _code(cells)}
    for name, count in lines.items():
        if count > MOST_LINES:
            yield name, f"{count} lines of code, over {MOST_LINES}"
    median = statistics.median(lines.values() or [0])
    if median > MEDIAN_LINES:
        yield "", f"the median code cell has {median:g} lines, over {MEDIAN_LINES}"


def _ignored(target: targets.Target, cells: list[Any]) -> Found:
    for cell in _code(cells):
        if "nbval-ignore-output" in cell["metadata"].get("tags", ()) and not cell["source"].lstrip().startswith("#"):
            yield cell["id"], "is tagged `nbval-ignore-output` and does not open with a comment that says why"


def _quiz(target: targets.Target, cells: list[Any]) -> Found:
    asked = {targets.argument(node, "quiz") for cell in _code(cells) for node in _nodes(cell["source"])} - {None}
    if asked != {target.lesson.slug}:
        yield "", f'has no cell `quiz("{target.lesson.slug}")`'
    if not (target.course.quizzes / f"{target.lesson.slug}.toml").is_file():
        yield "", f"there is no quiz {target.course.relative(target.course.quizzes)}/{target.lesson.slug}.toml"


def _exercise_link(target: targets.Target, cells: list[Any]) -> Found:
    course, lesson = target.course, target.lesson
    folder = Path(os.path.relpath(course.exercise_notebooks, course.notebooks)).as_posix()
    link = f"]({folder}/{lesson.slug}.ipynb)"
    if lesson.checks and not any(link in cell["source"] for cell in cells if cell["cell_type"] == "markdown"):
        yield "", f"has no link `{link[1:]}` to its exercise"


def _questions(target: targets.Target, cells: list[Any]) -> Found:
    functions, manual = set(targets.points_of(target.checks)), targets.read_by_a_person(target.checks)
    tagged = [(slug, cell) for cell in cells if (slug := regions.question_of(cell))]
    slugs = [slug for slug, _ in tagged]
    asked = [slug for cell in cells if (slug := targets.checked_by(cell))]
    for slug, cell in tagged:
        if slugs.count(slug) > 1:
            yield cell["id"], f"`{slug}` has {slugs.count(slug)} cells, not one"
        if regions.BEGIN not in cell["source"]:
            yield cell["id"], f"`{slug}` has no solution"
        if slug not in functions:
            yield cell["id"], f"`{slug}` has no check function in {target.course.relative(target.checks)}"
        elif (slug in manual) != (cell["cell_type"] == "markdown"):
            wanted = "a text cell, since a person reads it" if slug in manual else "a code cell, since a function checks it"
            yield cell["id"], f"`{slug}` must be answered in {wanted}"
        if asked.count(slug) != 1:
            yield cell["id"], f'`{slug}` has {asked.count(slug)} cells `check("{slug}")`, not one'
        if not slug.startswith(f"{target.lesson.checks}."):
            yield cell["id"], f"`{slug}` does not begin with `{target.lesson.checks}.`"
    for slug in sorted(functions - set(slugs)):
        yield "", f"`{slug}` has a check function and no question"
    for cell in cells:
        if regions.BEGIN in cell["source"] and not regions.question_of(cell):
            yield cell["id"], "holds a solution and is not tagged `question:SLUG`"
    for cell in _code(cells):
        try:
            syntax.tree(regions.stub(cell["source"]))
        except SyntaxError as error:
            yield cell["id"], f"is not Python once the solution is taken out: {error.msg}"


def _points(target: targets.Target, cells: list[Any]) -> Found:
    points, said = targets.points_of(target.checks), None
    for cell in cells:
        slug = regions.question_of(cell)
        if cell["cell_type"] == "markdown" and not slug and (found := _POINTS.findall(cell["source"])):
            said = float(found[-1])
        if slug and slug in points:
            if said != points[slug]:
                yield cell["id"], f"`{slug}` earns {points[slug]:g} points, and the text before it says {said}"
            said = None


def _independence(target: targets.Target, cells: list[Any]) -> Found:
    """A name that only a question's solution defines is unknown to all other cells: it may not be answered yet."""
    supplied: set[str] = set()
    owner: dict[str, str] = {}
    for cell in _code(cells):
        slug = regions.question_of(cell)
        used, defined = _names(regions.solution(cell["source"]))
        for name in sorted(used - supplied - defined):
            if name in owner and owner[name] != slug:
                yield cell["id"], f"uses `{name}`, which the solution of `{owner[name]}` defines"
        if slug is None:
            supplied |= defined
        else:
            owner |= dict.fromkeys(defined - supplied, slug)


def _closing(target: targets.Target, cells: list[Any]) -> Found:
    if "check.progress()" not in cells[-1]["source"]:
        yield cells[-1]["id"], "the last cell is not `check.progress()`"


def _names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell takes from the notebook, in functions too, and those that it defines there."""
    try:
        top = symtable.symtable(source, "cell", "exec")
    except SyntaxError:
        return set(), set()  # another rule says so
    defined = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    used, tables = set(), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        used |= {s.get_name() for s in table.get_symbols() if s.is_referenced() and (table is top or s.is_global())}
    return used, defined


def _code(cells: Iterable[Any]) -> Iterator[Any]:
    return (cell for cell in cells if cell["cell_type"] == "code")


def _nodes(source: str) -> Iterator[ast.AST]:
    tree = _parse(source)
    return ast.walk(tree) if tree else iter(())


def _parse(source: str) -> ast.AST | None:
    try:
        return syntax.tree(source, name="cell", awaits=True)
    except SyntaxError:
        return None
