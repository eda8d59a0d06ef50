"""What the engine's tests share: a course that has nothing to do with machine learning, in a folder of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from workbench.course import Course

TEA = Path(__file__).parent / "fixtures" / "tea_course"


@pytest.fixture
def tea_course(tmp_path: Path) -> Course:
    """A copy of the tea course, nothing built: three lessons, two exercises."""
    folder = tmp_path / "tea"
    shutil.copytree(TEA, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return Course.find(folder)
