"""A class in which most are hostile: the honest get what they deserve, and no page or table of ours carries an attack on."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from torture.canaries import HIDDEN_INPUT, copy_of
from torture.case import Case
from torture.families import CASES
from torture.sheet import POINTS, Sheet
from workbench.catalog import Catalog
from workbench.checks import module
from workbench.course import Course
from workbench.grading.arrivals.inbox import Arrival, Inbox
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.classwork.run import grade
from workbench.grading.classwork.summary import Summary
from workbench.grading.execution import bench
from workbench.grading.manifest import Manifest
from workbench.grading.people.roster import Roster, Student
from workbench.grading.reports import class_reading, class_report, feedback, lms
from workbench.release import release

FAMILIES = ("forging", "conversations", "exits", "notebooks", "output")
SURELY = {
    "spoken-html",
    "spoken-lone-surrogates-and-nul",
    "spoken-infinity-by-exponent",
    "html-and-svg",
    "control-sequences",
    "formulas",
    "rich-representation-by-hand",
    "cells-of-html-and-svg",
    "hidden-inputs-told",
    "state-kept-between-hidden-questions",
}
NAMES = (
    '=cmd|" /C calc"!A0',
    "<script>alert(1)</script>",
    "@SUM(1+1)",
    "-2+3",
    "\u202eevil",
    "Zoë 'Tea' Ångström",
    '"; DROP TABLE scores; --',
)
_PAGE = re.compile(r"^(?:[=@\t\r]|[+-](?!\d+(?:\.\d+)?$))")


def chosen() -> list[Case]:
    """Some that come to an end by themselves soon; the limits are the usual ones here, of which some are generous."""
    soon = [one for one in CASES.values() if one.family in FAMILIES and one.endings <= {"finished", "died"}]
    return [one for i, one in enumerate(soon) if one.name in SURELY or (i % 5 == 0 and one.name != "half-a-gigabyte")]


@dataclass(frozen=True)
class Graduation:
    """A class that has been graded."""

    course: Course
    manifest: Manifest
    inbox: Inbox
    book: Path
    cases: dict[str, Case | None]
    summary: Summary


@pytest.fixture(scope="module")
def graduation(require: Any, tmp_path_factory: pytest.TempPathFactory) -> Graduation:
    require(sys.platform == "linux", "grading needs Linux")
    folder = tmp_path_factory.mktemp("class")
    course = Course.find(copy_of(Path(__file__).parent / "course", folder / "course"))
    cases: dict[str, Case | None] = {}
    for number, case in enumerate(chosen()):
        cases[f"s{number:03d}"] = case
        if number % 5 == 0:
            cases[f"honest{number:03d}"] = None
    roster = Roster(tuple(Student(one, f"{NAMES[i % len(NAMES)]} {i}", "a@example.org") for i, one in enumerate(cases)))
    lesson = Catalog.load(course.catalog)["00"]
    manifest = release(course, [lesson], roster=roster, out=folder / "release")
    inbox = Inbox(folder / "inbox")
    places: dict[str, str] = defaultdict(lambda: "/nowhere")
    for student, case in cases.items():
        sheet = Sheet(json.loads((folder / "release" / "students" / student / "00_safe" / "00_safe.ipynb").read_bytes()))
        data = case.build(sheet, places) if case else sheet.honest().bytes()
        inbox.put(data, Arrival(datetime(2026, 11, 21, tzinfo=UTC)), lesson="00_safe", student=student)
    book = folder / "gradebook.sqlite"
    with Gradebook.open(book) as opened:
        opened.enrol(roster)
        summary = grade(course, inbox, release=manifest, gradebook=opened, jobs=2)
    bench.close()
    return Graduation(course, manifest, inbox, book, cases, summary)


def test_everybody_gets_what_they_deserve(graduation: Graduation) -> None:
    assert graduation.summary.faults == ()
    with Gradebook.open(graduation.book, write=False) as book:
        earned: dict[str, dict[str, float | None]] = defaultdict(dict)
        for score in book.scores():
            earned[score.student][score.slug] = score.points
        odd = {}
        for student, case in graduation.cases.items():
            graded = book.submission("00_safe", student)
            ending = graded.ending if graded else ""
            if not (case.deserves(earned[student], ending) if case else earned[student] == POINTS):
                odd[case.name if case else "honest"] = (ending, earned[student])
    assert odd == {}


def test_a_submission_that_cannot_be_read_is_named_and_not_lost(graduation: Graduation) -> None:
    refused = {student for student, case in graduation.cases.items() if case is not None and case.refused}
    assert {trouble.student for trouble in graduation.summary.unreadable} == refused
    assert refused


def test_no_cell_of_an_export_is_a_formula(graduation: Graduation) -> None:
    with Gradebook.open(graduation.book, write=False) as book:
        text = lms.plain_csv(book.scores(), book.totals(), book.students())
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > len(graduation.cases)
    assert [cell for row in rows for cell in row if _PAGE.match(cell) or "\x1b" in cell or "\0" in cell] == []


class _Live(HTMLParser):
    """Collects what a browser would run, or fetch from elsewhere."""

    def __init__(self, *, own: int = 0) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = -own

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "base", "form"):
            self.found.append(tag)
        for name, value in attributes:
            said = (value or "").strip().lower()
            if name.startswith("on") or said.startswith("javascript:"):
                self.found.append(f"{tag} {name}={said[:50]}")
            if name in ("src", "href", "xlink:href", "action") and not said.startswith(("data:image/png;base64,", "#")):
                self.found.append(f"{tag} {name}={said[:50]}")


def live(page: str) -> list[str]:
    parser = _Live()
    parser.feed(page)
    return parser.found


def test_no_page_of_feedback_carries_an_attack_on(graduation: Graduation, tmp_path: Path) -> None:
    checks = module.load(graduation.course.checks / "safe.py")
    with Gradebook.open(graduation.book, write=False) as book:
        pages = feedback.write(tmp_path, book, graduation.manifest["00"], checks, course="A safe")
    texts = {student: path.read_text(encoding="utf-8") for student, path in pages.items()}
    assert len(texts) == len(graduation.cases)
    assert {student: found for student, text in texts.items() if (found := live(text))} == {}
    leaks = [student for student, text in texts.items() if "CANARY" in text or re.search(rf"\D{HIDDEN_INPUT}\D", text)]
    assert [leak for leak in leaks if HIDDEN_INPUT not in _source(graduation, leak)] == []


def _source(graduation: Graduation, student: str) -> str:
    """What the student handed in: an attack that knows the hidden input has not learnt it here."""
    return "".join(one.read().decode("utf-8", "replace") for one in graduation.inbox.submissions() if one.student == student)


def test_the_instructors_report_carries_no_attack_on(graduation: Graduation) -> None:
    with Gradebook.open(graduation.book, write=False) as book:
        found = class_reading.summaries(book, release=graduation.manifest, inbox=graduation.inbox)
    assert live(class_report.page("A safe", found)) == []
