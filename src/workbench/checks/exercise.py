"""An exercise as the author's machine runs it: cells of plain Python, and the scenarios made from them."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench import master, regions, syntax
from workbench.catalog import Lesson
from workbench.checks.module import CheckModule, hidden, load
from workbench.checks.question import Mutant, Question
from workbench.course import Course
from workbench.errors import CheckError
from workbench.parameters import Value, resolve, source_of


@dataclass(frozen=True)
class Cell:
    """A code cell of the master; `question` is empty for a supplied one."""

    id: str
    source: str
    question: str = ""


@dataclass(frozen=True)
class Exercise:
    """One exercise under one set of parameters."""

    course: Course
    lesson: Lesson
    parameters: Mapping[str, Value]
    cells: tuple[Cell, ...]
    module: CheckModule
    hidden: CheckModule | None = None

    @property
    def questions(self) -> dict[str, Question]:
        """All questions, the visible ones first."""
        return {**self.module.questions, **(self.hidden.questions if self.hidden else {})}

    @property
    def where(self) -> str:
        """The master, as written in messages."""
        return self.course.relative(self.course.exercises / f"{self.lesson.slug}.py")

    def cell_of(self, slug: str) -> Cell:
        """The cell that a question is answered in; for a hidden question, that of the one whose answer it judges.

        Raises
        ------
        CheckError
            When there is none.
        """
        question = self.questions.get(slug)
        asked = (question.of if question else "") or slug
        for cell in self.cells:
            if cell.question == asked:
                return cell
        raise CheckError(f"no cell is tagged `question:{asked}`", where=self.where)


@dataclass(frozen=True)
class Scenario:
    """Cells to run in a fresh namespace, and the questions to judge after them.

    Attributes
    ----------
    steps : sequence of (str, str)
        Cell ids and sources, run in order until one raises.
    record : bool
        Whether the values are the key's, to be recorded, rather than an answer, to be judged against the recorded key.
    """

    name: str
    steps: Sequence[tuple[str, str]]
    questions: Sequence[str]
    record: bool = False


def read(course: Course, lesson: Lesson, parameters: Mapping[str, object]) -> Exercise:
    """Read an exercise's master with `parameters` in place of its defaults.

    Raises
    ------
    CheckError
        When the lesson has no exercise, or questions and cells do not fit each other.
    MasterError, ParameterError
        When the master or the parameters cannot be used.
    """
    if not lesson.checks:
        raise CheckError(f"`{lesson.slug}` has no exercise")
    path = course.exercises / f"{lesson.slug}.py"
    notebook = master.read(path, course)
    where = course.relative(path)
    declared = master.parameters_of(notebook, where=where)
    values = resolve(parameters, declared, where=where)
    cells, words = [], []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and (slug := regions.question_of(cell)):
            words.append(slug)
        if cell["cell_type"] != "code" or only_asks(cell["source"]):
            continue
        is_parameters = "parameters" in cell["metadata"].get("tags", ())
        source = source_of(declared, values) if is_parameters else cell["source"]
        cells.append(Cell(cell["id"], source, regions.question_of(cell) or ""))
    module = load(course.checks / f"{lesson.checks}.py")
    work = Exercise(course, lesson, values, tuple(cells), module, hidden(course, lesson.checks))
    _fitting(work)
    _fitting_words(work, words)
    return work


def solution(work: Exercise) -> Scenario:
    """The exercise solved, its values recorded."""
    return Scenario("solution", _steps(work, regions.solution), list(work.questions), record=True)


def stub(work: Exercise) -> Scenario:
    """The exercise as it is handed out."""
    return Scenario("stub", _steps(work, regions.stub), list(work.questions))


def alone(work: Exercise, slug: str) -> Scenario:
    """One question solved, all others left out."""
    return _one(work, f"alone {slug}", slug, regions.solution(work.cell_of(slug).source))


def mutant(work: Exercise, slug: str, wrong: Mutant) -> Scenario:
    """One question answered wrongly, all others left out.

    Raises
    ------
    CheckError
        When the mutant does not fit the solution.
    """
    return _one(work, f"mutant {slug}: {wrong.name}", slug, wrong.source(regions.solution(work.cell_of(slug).source)))


def _one(work: Exercise, name: str, slug: str, source: str) -> Scenario:
    steps = []
    own = work.cell_of(slug)
    for cell in work.cells:
        if cell is own:
            steps.append((cell.id, source))
            break
        if not cell.question:
            steps.append((cell.id, cell.source))
    return Scenario(name, steps, [slug])


def _steps(work: Exercise, convert: Any) -> list[tuple[str, str]]:
    return [(cell.id, convert(cell.source, where=f"{work.where}: cell {cell.id}")) for cell in work.cells]


def only_asks(source: str) -> bool:
    """Whether a cell does nothing but ask for a verdict, a hint, progress or a quiz."""
    try:
        body = syntax.tree(source).body
    except SyntaxError:
        return False
    calls = [
        ast.unparse(node.value.func) for node in body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    return bool(body) and len(calls) == len(body) and all(name.split(".")[0] in ("check", "quiz") for name in calls)


def _fitting(work: Exercise) -> None:
    asked = [cell.question for cell in work.cells if cell.question]
    twice = sorted({slug for slug in asked if asked.count(slug) > 1})
    if twice:
        raise CheckError(f"two cells are tagged `question:{twice[0]}`", where=work.where)
    for slug in asked:
        if slug in work.module.manual:
            raise CheckError(f"`{slug}` is answered in words", where=work.where, remedy="tag a text cell, not a code cell")
        if slug not in work.module.questions:
            raise CheckError(f"`{slug}` has no check", where=work.where, remedy=f"write it in {work.module.path.name}")
    for slug in work.questions:
        work.cell_of(slug)
    shared = [slug for slug in (work.hidden.questions if work.hidden else ()) if slug in work.module.slugs]
    if shared:
        raise CheckError(f"`{shared[0]}` is the name of a visible and of a hidden question", where=work.where)


def _fitting_words(work: Exercise, tagged: Sequence[str]) -> None:
    """Each question that a person reads has one text cell, and no other text cell is an answer."""
    for slug in tagged:
        if slug not in work.module.manual:
            raise CheckError(
                f"a text cell answers `{slug}`, which is no question that a person reads",
                where=work.where,
                remedy=f"describe it in {work.module.path.name} with `manual(...)`, or answer it in a code cell",
            )
    for slug in work.module.manual:
        if tagged.count(slug) != 1:
            count = tagged.count(slug)
            raise CheckError(f"{count or 'no'} text cells are tagged `question:{slug}`, not one", where=work.where)
