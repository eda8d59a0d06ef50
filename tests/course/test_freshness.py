"""What is committed is what the masters give today."""

from __future__ import annotations

from pathlib import Path

from workbench.build import build
from workbench.course import Course


def test_everything_built_is_fresh_and_nothing_is_an_orphan():
    report = build(Course.find(Path(__file__)), check=True)
    assert [str(fault) for fault in report.faults] == []
    assert report.fresh
