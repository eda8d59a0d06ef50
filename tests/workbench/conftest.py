"""What the engine's tests share: a course that has nothing to do with machine learning, in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from workbench.build import build
from workbench.course import Course

TEA = Path(__file__).parent / "fixtures" / "tea_course"


def _copy(source: Path, folder: Path) -> Course:
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return Course.find(folder)


@pytest.fixture
def tea_course(tmp_path: Path) -> Course:
    """A copy of the tea course, nothing built: three lessons, two exercises."""
    return _copy(TEA, tmp_path / "tea")


@pytest.fixture(scope="session")
def _built_once(tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = _copy(TEA, tmp_path_factory.mktemp("built") / "tea")
    report = build(course)
    assert report.ok, report.problems
    return course


@pytest.fixture
def built_tea(_built_once: Course, tmp_path: Path) -> Course:
    """A copy of the tea course with everything built."""
    return _copy(_built_once.root, tmp_path / "built_tea")
