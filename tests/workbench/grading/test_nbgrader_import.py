"""Assignments made for nbgrader become exercises: same points, hidden tests stay hidden, and all are labelled forgeable."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench import variant
from workbench.catalog import Catalog
from workbench.checks import inherited, module
from workbench.checks.answer import LiveNotebook
from workbench.checks.judge import judge
from workbench.checks.verdict import Outcome
from workbench.cli import application
from workbench.errors import CourseError, GradingError
from workbench.gate import gate
from workbench.grading.execution import bench
from workbench.grading.execution.bench import grade_task
from workbench.grading.execution.task import Task
from workbench.grading.handout import bundle
from workbench.grading.handout import nbgrader_masters as masters
from workbench.grading.handout.nbgrader_import import import_assignment
from workbench.grading.manifest import Terms
from workbench.grading.notebooks import intake

SQUARES = "def squares(n):\n    ### BEGIN SOLUTION\n    return [i * i for i in range(1, n + 1)]\n    ### END SOLUTION"
VISIBLE = "assert squares(3) == [1, 4, 9]\nassert squares(1) == [1]"
HIDDEN = "### BEGIN HIDDEN TESTS\nassert squares(0) == []\n### END HIDDEN TESTS"


def cell(source: str, name: str = "", kind: str = "code", **mark: Any) -> dict[str, Any]:
    marks = {
        "grade": False,
        "solution": False,
        "locked": False,
        "schema_version": 3,
        "task": False,
        "grade_id": name,
        **mark,
    }
    made: dict[str, Any] = {"cell_type": kind, "source": source, "metadata": {"nbgrader": marks} if name else {}}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


CELLS = [
    cell("# Problem set 1", kind="markdown"),
    cell("%matplotlib inline\nimport math", "setup", locked=True),
    cell("## Squares", kind="markdown"),
    cell(SQUARES, "squares", solution=True),
    cell(f"{VISIBLE}\n{HIDDEN}", "squares_test", grade=True, locked=True, points=2),
    cell("assert squares(2) == [1, 4]", "squares_more", grade=True, locked=True, points=1),
    cell("## Roots", kind="markdown"),
    cell("root = math.sqrt(2)", "root", solution=True),
    cell(HIDDEN.replace("squares(0) == []", "1.41 < root < 1.42"), "root_test", grade=True, locked=True, points=2),
    cell("helper = 3", "helper", solution=True),
    cell("total = helper + 1", "total", solution=True),
    cell("assert total == 4", "total_test", grade=True, locked=True, points=1),
    cell("## Why?", kind="markdown"),
    cell("Because.", "why", "markdown", grade=True, solution=True, points=3),
    cell(
        "Draw.\n\n=== BEGIN MARK SCHEME ===\n\nA line.\n\n=== END MARK SCHEME ===", "draw", "markdown", task=True, points=2
    ),
    cell("left", kind="raw"),
]


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source" / "ps1"
    folder.mkdir(parents=True)
    kernel = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": kernel, "cells": CELLS}
    (folder / "ps1.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "table.csv").write_text("a\n", encoding="utf-8")
    return folder


@pytest.fixture
def imported(tea_course, source):
    return import_assignment(tea_course, source, slug="03_numbers", title="Numbers", stage="table")


def asked(course) -> dict[str, Any]:
    return {
        **module.load(course.checks / "numbers.py").questions,
        **module.load(course.hidden / "numbers.py", hidden=True).questions,
    }


def test_points_are_kept(tea_course, imported):
    points = {slug: question.points for slug, question in asked(tea_course).items()}
    assert points == {
        "numbers.squares": 2.0,
        "numbers.squares_hidden": 1.0,
        "numbers.root": 0.2,
        "numbers.root_hidden": 1.8,
        "numbers.helper": 1.0,
    }
    manual = module.load(tea_course.checks / "numbers.py").manual
    assert {slug: one.points for slug, one in manual.items()} == {"numbers.why": 3, "numbers.draw": 2}
    graded = sum(one["metadata"].get("nbgrader", {}).get("points", 0) for one in CELLS)
    assert sum(points.values()) + 5 == pytest.approx(graded)


def test_every_question_with_tests_is_labelled_forgeable(tea_course, imported):
    assert all(question.forgeable for question in asked(tea_course).values())


def test_the_gate_finds_right_answers_right_and_names_what_is_to_be_rewritten(tea_course, imported):
    report = gate(tea_course, "03")
    found = {(fault.kind, fault.question) for fault in report.faults}
    questions = set(asked(tea_course))
    assert {slug for kind, slug in found if kind == "forgeable"} == questions
    assert {slug for kind, slug in found if kind == "mutant"} == questions
    (other,) = found - {(kind, slug) for kind in ("forgeable", "mutant") for slug in questions}
    assert other == ("solution", "numbers.root")
    assert [fault.text for fault in report.faults if fault.kind == "solution"] == ["the check asks nothing of the key"]


def test_hidden_tests_and_solutions_are_not_handed_out(tea_course, imported):
    lesson = Catalog.load(tea_course.catalog)["03"]
    files = bundle.shared_files(tea_course, lesson, terms=Terms())
    _, notebook = variant.stub(tea_course, lesson, {})
    text = b"".join(files.values()).decode() + json.dumps(notebook)
    for secret in ("squares(0)", "1.41", "i * i", "math.sqrt", "helper = 3", "Because", "A line", "forgeable", "tests_in_"):
        assert secret not in text, secret
    assert "squares(3) == [1, 4, 9]" in text


def test_what_could_not_be_converted_is_told(imported):
    assert sorted(imported.notes) == sorted(
        [
            "`table.csv` lies beside the notebook: bring it along if the exercise reads it",
            "`%matplotlib inline` was made a comment",
            "`total` was joined with the answer before it, which no test judges",
            "a raw cell was left out",
        ]
    )


def verdict(course, slug: str, names: dict[str, Any]) -> Any:
    solved = {"squares": lambda n: [i * i for i in range(1, n + 1)]}
    for space in (names, solved):
        space[inherited.RUNNER] = inherited.tests_in(space)
    return judge(asked(course)[slug], LiveNotebook(names), LiveNotebook(solved))


def test_a_wrong_answer_is_told_which_test_fails(tea_course, imported):
    result = verdict(tea_course, "numbers.squares", {"squares": lambda n: [1, 4, 9][:n]})
    assert result.outcome is Outcome.CORRECT
    result = verdict(tea_course, "numbers.squares", {"squares": lambda n: [1, 4]})
    assert (result.outcome, result.points) == (Outcome.PARTIAL, 1)
    assert result.messages == ("the tests of `squares_test`: a test fails: AssertionError",)


@pytest.mark.parametrize("names", [{}, {"squares": ...}])
def test_no_answer_is_not_attempted(tea_course, imported, names):
    assert verdict(tea_course, "numbers.squares", names).outcome is Outcome.NOT_ATTEMPTED


def test_tests_leave_the_students_names_alone():
    names = {"x": 1, "__builtins__": __builtins__}
    before = dict(names)
    assert inherited.tests_in(names)("x = 2\ny = 3\nassert x == 2") == "passed"
    assert inherited.tests_in(names)("del x\nassert False, 'no'") == "AssertionError: no"
    assert names == before


def test_tests_may_take_a_name_away_to_see_whether_it_is_used():
    names: dict[str, Any] = {}
    exec("def one(): return 1\ndef two(): return one() + 1", names)
    taken = "kept = one\ndel one\ntry:\n    two()\nexcept NameError:\n    pass\nelse:\n    assert False\n"
    assert inherited.tests_in(names)(taken) == "passed"
    assert names["two"]() == 2


def test_a_source_that_is_not_one_is_refused(tea_course, tmp_path):
    (tmp_path / "one.ipynb").write_text("{", encoding="utf-8")
    for place in (tmp_path / "one.ipynb", tmp_path / "none.ipynb", tmp_path / "empty"):
        (tmp_path / "empty").mkdir(exist_ok=True)
        with pytest.raises(GradingError):
            import_assignment(tea_course, place, slug="03_x", title="X", stage="table")


def test_nothing_graded_is_refused_and_nothing_written(tea_course, source):
    path = source / "ps1.ipynb"
    table = json.loads(path.read_bytes()) | {"cells": CELLS[:3]}
    path.write_text(json.dumps(table), encoding="utf-8")
    with pytest.raises(GradingError, match="no cell of it is graded"):
        import_assignment(tea_course, source, slug="03_numbers", title="Numbers", stage="table")
    assert not (tea_course.exercises / "03_numbers.py").exists()


def test_a_taken_name_is_refused(tea_course, source):
    with pytest.raises(CourseError, match="taken"):
        import_assignment(tea_course, source, slug="03_water", title="Numbers", stage="table")


def test_the_command_converts(tea_course, source, monkeypatch):
    monkeypatch.chdir(tea_course.root)
    given = ["import-nbgrader", str(source), "--slug", "03_numbers", "--title", "Numbers", "--stage", "table"]
    done = CliRunner().invoke(application(), given)
    assert done.exit_code == 0, done.output
    assert "wrote course/exercises/03_numbers.py" in done.output


@pytest.mark.parametrize("name", ["question", "part", "class", "2nd", "numbers_one", "---", "Große Zahl"])
def test_any_name_of_nbgraders_becomes_one_of_ours(tea_course, source, name):
    path = source / "ps1.ipynb"
    cells = [cell("x = 1", name, solution=True), cell("assert x == 1", "t", grade=True, locked=True, points=1)]
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"cells": cells}), encoding="utf-8")
    import_assignment(tea_course, source, slug="03_numbers", title="Numbers", stage="table")
    (slug,) = module.load(tea_course.checks / "numbers.py").questions
    assert slug.startswith("numbers.")


@pytest.mark.parametrize("text", ['a = "x"', "a = '''x'''", 'a = """x"""', "a = '\\n'", 'a = "\\\\"', 'x\n"'])
def test_tests_are_quoted_as_they_are(text):
    assert ast.literal_eval(masters._text(text)).strip() == text.strip()


def test_the_tests_run_in_the_sandbox_and_can_be_forged_there(tea_course, imported):
    lesson = Catalog.load(tea_course.catalog)["03"]
    values, notebook = variant.stub(tea_course, lesson, {})
    released = bundle.released_variant(notebook, values)

    def earned(source: str) -> dict[str, float]:
        handed_in = json.loads(json.dumps(notebook))
        for one in handed_in["cells"]:
            if "question:numbers.squares" in one["metadata"].get("tags", ()):
                one["source"] = source
        work = intake.read(json.dumps(handed_in).encode(), released)
        graded = grade_task(Task(str(tea_course.root), lesson.slug, lesson.checks, values, work, allow_plain=True))
        assert not graded.fault
        return {one.result.slug: one.result.points for one in graded.judgements if "squares" in one.result.slug}

    try:
        assert earned("def squares(n):\n    return [i**2 for i in range(1, n + 1)]") == {
            "numbers.squares": 2,
            "numbers.squares_hidden": 1,
        }
        assert earned("def squares(n):\n    return [1, 4, 9][:n] or [0]") == {
            "numbers.squares": 2,
            "numbers.squares_hidden": 0,
        }
        assert earned("") == {"numbers.squares": 0, "numbers.squares_hidden": 0}
        # Why they are labelled:
        assert earned("squares = nbgrader_tests = lambda *_: 'passed'") == {
            "numbers.squares": 2,
            "numbers.squares_hidden": 1,
        }
    finally:
        bench.close()
