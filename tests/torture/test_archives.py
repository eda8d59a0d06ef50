"""Hostile archives: the honest notebook in each is collected where it can be, and nothing is written elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from torture.archives import BUNDLES, STUDENTS, Bundle
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.grading.arrivals.collect import collect
from workbench.grading.arrivals.entry import ArchiveError
from workbench.grading.arrivals.inbox import Inbox
from workbench.grading.handout.bundle import released_variant
from workbench.grading.manifest import Manifest, ReleasedExercise
from workbench.grading.people.roster import Roster, Student
from workbench.variant import stub

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def released() -> tuple[Manifest, bytes]:
    course = Course.find(Path(__file__).parent / "course")
    parameters, notebook = stub(course, Catalog.load(course.catalog)["00"], {})
    exercise = ReleasedExercise("00_safe", "safe", (released_variant(notebook, parameters),), dict.fromkeys(STUDENTS, 0))
    return Manifest("A safe", {"00_safe": exercise}), json.dumps(notebook).encode()


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda bundle: bundle.name)
def test_what_is_honest_is_taken_and_nothing_is_written_elsewhere(
    bundle: Bundle, released: tuple[Manifest, bytes], tmp_path: Path
) -> None:
    manifest, notebook = released
    (tmp_path / "source").mkdir()
    source = bundle.make(tmp_path / "source", notebook)
    inbox = Inbox(tmp_path / "outer" / "inbox")
    before = set(tmp_path.rglob("*"))
    roster = Roster(tuple(Student(student) for student in STUDENTS))
    refused = 0
    try:
        report = collect(source, inbox, roster=roster, exercises=manifest, received=NOW)
        refused = len(report.refused) + len(report.unmatched)
        assert not bundle.unreadable
    except ArchiveError:
        assert bundle.unreadable
    taken = [one.student for one in inbox.submissions()]
    assert [student for student in bundle.taken if taken.count(student) != 1] == []
    assert refused >= bundle.refused
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "outer")} == before - {
        tmp_path / "outer"
    }
    assert not list(Path("/").glob("escape*"))
    for one in (*inbox.submissions(), *inbox.unmatched()):
        one.read()  # compares with what came
    assert not [path for path in inbox.folder.rglob("*") if path.is_symlink() or not (path.is_file() or path.is_dir())]
