"""The form of the course's own masters, and who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from workbench import structure
from workbench.catalog import Catalog
from workbench.course import Course

ROOT = Path(__file__).parents[2]
COURSE = Course.find(ROOT)
LESSONS = Catalog.load(COURSE.catalog).lessons
SHARED = {"artifacts", "errors", "show"}
STAGES = sorted(folder.name for folder in (ROOT / "src/lifecycle").iterdir() if (folder / "__init__.py").is_file())
HEAVY = {"cryptography", "duckdb", "fairlearn", "imblearn", "jupytext", "matplotlib", "mlflow", "nbclient", "nbformat"}
HEAVY |= {"numpy", "pandas", "pandera", "papermill", "prophet", "pyarrow", "scipy", "shap", "skl2onnx", "sklearn"}
HEAVY |= {"statsmodels", "xgboost"}


@pytest.mark.parametrize("slug", [lesson.slug for lesson in LESSONS])
def test_a_lesson_has_the_form_that_readers_rely_on(slug):
    assert [str(finding) for finding in structure.of_lesson(COURSE, next(x for x in LESSONS if x.slug == slug))] == []


@pytest.mark.parametrize("slug", [lesson.slug for lesson in LESSONS if lesson.checks])
def test_an_exercise_can_be_answered_question_by_question(slug):
    assert [str(finding) for finding in structure.of_exercise(COURSE, next(x for x in LESSONS if x.slug == slug))] == []


def imports(path: Path) -> set[str]:
    """The absolute names of the modules that `path` imports, anywhere in it."""
    package = path.relative_to(ROOT / "src").parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def offending(folder: str, forbidden) -> list[str]:
    return [
        f"{path.relative_to(ROOT).as_posix()} imports {name}"
        for path in sorted((ROOT / "src" / folder).rglob("*.py"))
        for name in sorted(imports(path))
        if forbidden(name.split("."))
    ]


def test_the_engine_imports_neither_lifecycle_nor_course():
    assert offending("workbench", lambda name: name[0] in ("lifecycle", "course")) == []


def test_lifecycle_imports_neither_the_engine_nor_the_course():
    assert offending("lifecycle", lambda name: name[0] in ("workbench", "course")) == []


def test_the_rooms_of_a_stage_import_each_other_in_one_direction():
    """Sources before features, training before rebuilding: `prepare` raises where imports go round."""
    rooms = sorted(place.parent for place in (ROOT / "src/lifecycle").glob("*/*/__init__.py"))
    graph: dict[str, set[str]] = {}
    for room in rooms:
        here = f"{room.parent.name}.{room.name}"
        used = {".".join(name.split(".")[1:3]) for path in room.glob("*.py") for name in imports(path)}
        graph[here] = {other for other in used if other != here and other in {f"{r.parent.name}.{r.name}" for r in rooms}}
    assert graph["develop.training"] >= {"develop.sources", "develop.features"}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_no_other_stage(stage):
    others = {*STAGES} - {stage} - SHARED
    assert offending(f"lifecycle/{stage}", lambda name: name[0] == "lifecycle" and name[1:2] and name[1] in others) == []


def test_a_forbidden_import_would_be_noticed():
    """The three tests above pass on silence, so here is one that must not be silent."""
    assert offending("course", lambda name: name[0] == "typer")


@pytest.mark.parametrize(
    "package", ["lifecycle", *(f"lifecycle.{name}" for name in STAGES), "workbench", "workbench.cli", "course"]
)
def test_importing_a_package_loads_nothing_heavy(package):
    script = f"import sys, {package}; print(*sorted({{name.split('.')[0] for name in sys.modules}} & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
