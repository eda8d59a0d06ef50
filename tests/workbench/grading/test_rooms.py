"""The rooms of `workbench.grading` import one another in one direction only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import workbench.grading

HOME = Path(workbench.grading.__file__).parent
SHARED = "shared"
ORDER = [
    SHARED,
    "people",
    "arrivals",
    "notebooks",
    "sandbox",
    "judges",
    "execution",
    "handout",
    "book",
    "classwork",
    "reports",
]
ORDER += ["review"]


def room_of(path: Path) -> str:
    return path.relative_to(HOME).parts[0] if path.parent != HOME else SHARED


def imported(path: Path) -> set[str]:
    """The rooms that a module imports from."""
    names = [
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    ]
    inner = [name.split(".")[2] for name in names if name.startswith("workbench.grading.")]
    return {name if (HOME / name).is_dir() else SHARED for name in inner}


def test_every_room_has_its_place():
    folders = {path.name for path in HOME.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ORDER) - {SHARED}


@pytest.mark.parametrize("path", sorted(HOME.rglob("*.py")), ids=lambda path: path.relative_to(HOME).as_posix())
def test_a_module_imports_from_its_own_room_and_from_those_before(path):
    before = ORDER[: ORDER.index(room_of(path)) + 1]
    assert imported(path) <= set(before)
