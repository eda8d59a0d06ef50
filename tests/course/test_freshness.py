"""What is committed is what the masters give today."""

from __future__ import annotations

import time
from pathlib import Path

from workbench.build import build
from workbench.course import Course


def test_everything_built_is_fresh_and_nothing_is_an_orphan():
    started = time.process_time()
    report = build(Course.find(Path(__file__)), check=True)
    assert [str(fault) for fault in report.faults] == []
    assert report.fresh
    assert time.process_time() - started < 3  # seconds of this process: nothing is executed
