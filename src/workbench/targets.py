"""What a master is built into: which files, which notebooks before they are executed, and what they depend on."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from workbench import files, master, regions, syntax
from workbench.catalog import Lesson
from workbench.course import Course
from workbench.parameters import Value

PYTHON = "311"  # stored outputs belong to the lock of this Python


@dataclass(frozen=True)
class Target:
    """One master and what is built from it."""

    course: Course
    lesson: Lesson
    kind: Literal["lesson", "exercise"]

    @property
    def label(self) -> str:
        """The name in messages: ``00_water``, ``exercise 00_water``."""
        return self.lesson.slug if self.kind == "lesson" else f"exercise {self.lesson.slug}"

    @property
    def master(self) -> Path:
        """The master's file."""
        folder = self.course.lessons if self.kind == "lesson" else self.course.exercises
        return folder / f"{self.lesson.slug}.py"

    @property
    def checks(self) -> Path:
        """The module of the exercise's checks."""
        return self.course.checks / f"{self.lesson.checks}.py"

    @property
    def executed(self) -> Path:
        """The built notebook that holds outputs: the lesson, or the exercise's solution."""
        return self._notebook(self.course.notebooks if self.kind == "lesson" else self.course.solutions)

    @property
    def stub(self) -> Path | None:
        """The built notebook that a student fills in."""
        return self._notebook(self.course.exercise_notebooks) if self.kind == "exercise" else None

    @property
    def key(self) -> Path | None:
        """The built answer key."""
        return self.course.keys / f"{self.lesson.slug}.json" if self.kind == "exercise" else None

    @property
    def hidden_key(self) -> Path | None:
        """The built key of the hidden questions, beside the solutions; None where there is no such question."""
        hidden = self.kind == "exercise" and (self.course.hidden / f"{self.lesson.checks}.py").is_file()
        return self.course.hidden_keys / f"{self.lesson.slug}.json" if hidden else None

    @property
    def notebooks(self) -> tuple[Path, ...]:
        """The built notebooks."""
        return (self.stub, self.executed) if self.stub else (self.executed,)

    @property
    def artifacts(self) -> Mapping[str, Path]:
        """The committed artefacts that it writes, by name."""
        names = self.lesson.outputs if self.kind == "lesson" else ()
        return {name: self.course.artifacts / name for name in names}

    @property
    def inputs(self) -> tuple[str, ...]:
        """The artefacts that it may read; an exercise also those of its own lesson."""
        return self.lesson.inputs if self.kind == "lesson" else (*self.lesson.inputs, *self.lesson.outputs)

    @property
    def as_lesson(self) -> Lesson:
        """The lesson with what this target may read and write, for the kernel's environment."""
        return self.lesson if self.kind == "lesson" else replace(self.lesson, inputs=self.inputs, outputs=())

    def _notebook(self, folder: Path) -> Path:
        return folder / f"{self.lesson.slug}.ipynb"


def of(course: Course, lessons: Iterable[Lesson]) -> list[Target]:
    """The targets of `lessons`, each exercise right after its lesson."""
    targets = []
    for lesson in lessons:
        targets.append(Target(course, lesson, "lesson"))
        if lesson.checks:
            targets.append(Target(course, lesson, "exercise"))
    return targets


def skeletons(target: Target) -> dict[Path, Any]:
    """The notebooks of `target` as they are before anything is executed, by the path they are built to.

    Raises
    ------
    MasterError
        When the master cannot be read.
    """
    where = target.course.relative(target.master)
    notebook = master.table(target.master, target.course)
    if target.kind == "lesson":
        return {target.executed: notebook}
    mark_for_nbgrader(notebook, points_of(target.checks))
    stub = copy.deepcopy(notebook)
    for nb in (stub, notebook):
        for cell in nb["cells"]:
            without = regions.stub if cell["cell_type"] == "code" else regions.stub_words
            convert = without if nb is stub else regions.solution
            cell["source"] = convert(cell["source"], where=f"{where}: cell {cell['id']}")
    return {path: nb for path, nb in ((target.stub, stub), (target.executed, notebook)) if path}


def fingerprint(target: Target) -> str:
    """The digest of all that the built files depend on: 64 hexadecimal digits.

    Raises
    ------
    WorkbenchError
        When the master or a data set that it names cannot be read.
    """
    from workbench import fingerprint as prints

    return prints.of_lesson(*_asked(target), inputs=inputs(target), python=PYTHON)


def depends(target: Target) -> dict[str, str]:
    """A short digest of each kind of thing that `fingerprint` covers, so that a stale file can say what has changed."""
    from workbench import fingerprint as prints

    parts = prints.parts(*_asked(target), inputs=inputs(target), python=PYTHON)
    return {kind: files.digest_json(part)[:12] for kind, part in parts.items()}


def _asked(target: Target) -> tuple[Course, Lesson, Path, dict[str, Value]]:
    course = target.course
    # An exercise works on its lesson's data, which the lesson's own parameters may name.
    masters = dict.fromkeys((course.lessons / target.master.name, target.master))
    values = {p.name: p.default for path in masters for p in master.parameters_of(master.table(path, course))}
    return course, target.lesson, target.master, values


def inputs(target: Target) -> dict[str, str]:
    """The digest of each artefact that `target` may read, ``"missing"`` where it is not there."""
    known = {name: target.course.artifacts / name for name in target.inputs}
    return {name: files.digest_file(path) if path.is_file() else "missing" for name, path in known.items()}


def source_digest(notebook: Mapping[str, Any]) -> str:
    """The digest of everything in the notebook's cells but their outputs."""
    return files.digest_json([described(cell) for cell in notebook["cells"]])


def described(cell: Mapping[str, Any]) -> list[Any]:
    """A cell without its outputs. Sources may be lists of lines, as they are in a file."""
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    return [cell.get("id", ""), cell["cell_type"], source, cell["metadata"]]


def mark_for_nbgrader(notebook: Any, points: Mapping[str, float]) -> None:
    """Add nbgrader's cell metadata, schema 3: an answer is a solution cell, its check a graded one, the rest locked.

    An answer in words is graded itself, by hand, and its check only says so.
    """
    by_hand: set[str] = set()
    for cell in notebook["cells"]:
        question, checked = regions.question_of(cell), checked_by(cell)
        mark = {
            "grade": False,
            "grade_id": cell["id"],
            "locked": True,
            "schema_version": 3,
            "solution": False,
            "task": False,
        }
        if question:
            mark |= {"grade_id": _grade_id(question), "locked": False, "solution": True}
            if cell["cell_type"] == "markdown":
                by_hand.add(question)
                mark |= {"grade": True, "points": points.get(question, 0)}
        elif checked in by_hand:
            mark["grade_id"] = f"{_grade_id(str(checked))}-check"
        elif checked:
            mark |= {"grade": True, "grade_id": f"{_grade_id(checked)}-check", "points": points.get(checked, 0)}
        elif "parameters" in cell["metadata"].get("tags", ()):
            continue  # a variant writes its own values here
        cell["metadata"]["nbgrader"] = mark


def checked_by(cell: Mapping[str, Any]) -> str | None:
    """The slug that the code cell ``check("SLUG")`` checks; None for any other cell."""
    if cell["cell_type"] != "code" or "check(" not in cell["source"]:
        return None
    try:
        body = syntax.tree(cell["source"]).body
    except SyntaxError:
        return None
    for node in body:
        if isinstance(node, ast.Expr) and (slug := argument(node.value, "check")):
            return slug
    return None


def points_of(checks: Path) -> dict[str, float]:
    """The points of each question in a module of checks, read without running it."""
    found: dict[str, float] = {}
    for node in ast.walk(syntax.tree(checks.read_bytes())) if checks.is_file() else ():
        for decorator in getattr(node, "decorator_list", ()):
            if slug := argument(decorator, "question"):
                found[slug] = next((_number(word.value) for word in decorator.keywords if word.arg == "points"), 1)
        if slug := argument(node, "manual"):
            found[slug] = sum(_rubric(node))
    return found


def read_by_a_person(checks: Path) -> set[str]:
    """The questions of a module of checks that are answered in words, read without running it."""
    nodes = ast.walk(syntax.tree(checks.read_bytes())) if checks.is_file() else ()
    return {slug for node in nodes if (slug := argument(node, "manual"))}


def _rubric(node: ast.AST) -> Iterator[float]:
    """The points of the criteria that ``manual(...)`` lists."""
    words = node.keywords if isinstance(node, ast.Call) else []
    listed = next((word.value for word in words if word.arg == "criteria"), None)
    for item in getattr(listed, "elts", ()):
        if isinstance(item, ast.Tuple) and len(item.elts) == 2:
            yield _number(item.elts[1])


def _number(node: ast.expr) -> float:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, int | float) else 1


def argument(node: ast.AST, function: str) -> str | None:
    """The text literal that `function` is called with in `node`."""
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != function or not node.args:
        return None
    first = node.args[0]
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _grade_id(slug: str) -> str:
    return slug.replace(".", "-")
