"""What students get back: everything of their own, nothing of the hidden questions, and nothing that could act."""

from __future__ import annotations

import re

import pytest

from workbench.checks.module import CheckModule
from workbench.checks.question import Question
from workbench.checks.verdict import Outcome, Result
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import QuestionInfo
from workbench.grading.manifest import ReleasedCell, ReleasedExercise, ReleasedVariant
from workbench.grading.outcome import CellRun, Graded, Judgement
from workbench.grading.people.roster import Roster, Student
from workbench.grading.reports import feedback, student_words
from workbench.grading.work import Flag

DIGEST = "a" * 64
HOSTILE = '</pre><script>alert(1)</script><img src=x onerror="alert(2)">'
CELLS = (
    ReleasedCell("t1", "text", "## Hot enough?\n\nSet `degrees`."),
    ReleasedCell("s1", "supplied", "import math"),
    ReleasedCell("a1", "answer", "# Your answer here", "tea.water"),
    ReleasedCell("c1", "check", 'check("tea.water")', "tea.water"),
)
EXERCISE = ReleasedExercise("00_water", "tea", (ReleasedVariant({}, CELLS),), {"ann": 0, "bob": 0})
CHECKS = CheckModule(
    "tea",
    None,
    {"tea.water": Question("tea.water", "Hot enough?", 2, lambda *_: None, ("Black tea wants more.", "Boil it."))},
)
QUESTIONS = [QuestionInfo("tea.water", "Hot enough?", 2), QuestionInfo("tea.other", "Other teas", 1, "hidden", 1)]


def judged(slug, points, out_of, *messages, hidden=False):
    outcome = Outcome.CORRECT if points == out_of else Outcome.INCORRECT
    return Judgement(Result(slug, slug, outcome, points, out_of, messages, "the secret detail"), hidden=hidden)


@pytest.fixture
def book(tmp_path):
    """A gradebook in which ann handed in a hostile notebook, late, and bob nothing."""
    with Gradebook.open(tmp_path / "book.sqlite") as gradebook:
        gradebook.enrol(Roster((Student("ann", "Ann <b>Lee</b>", ""), Student("bob", "Bob", ""))))
        gradebook.describe("00_water", QUESTIONS)
        judgements = (
            judged("tea.water", 0, 2, "`degrees` is too low"),
            judged("tea.other", 0, 1, "wrong for the argument 4711", hidden=True),
        )
        for one in judgements:
            gradebook.record("00_water", "ann", DIGEST, one)
        cells = (CellRun("a1", ({"kind": "text", "content": HOSTILE},), f"ValueError: {HOSTILE}"),)
        graded = Graded(judgements, cells, texts={}, tier="bubblewrap")
        gradebook.finish(
            "00_water", "ann", DIGEST, graded, received="2026-03-01T12:00:00+00:00", factor=0.9, late_days=1, excused=False,
            note="",
        )  # fmt: skip
        yield gradebook


@pytest.fixture
def pages(book):
    return dict(feedback.pages(book, EXERCISE, CHECKS, course="Tea"))


def test_a_missed_question_shows_what_was_asked_the_verdict_one_hint_and_the_output(pages):
    for piece in ("Set <code>degrees</code>", "is too low", "Black tea wants more.", "&lt;script&gt;alert(1)"):
        assert piece in pages["ann"]
    assert "Boil it." not in pages["ann"]


def test_of_a_hidden_question_only_title_and_points_are_told(pages):
    assert "Other teas" in pages["ann"]
    assert "4711" not in pages["ann"]
    assert "tea.other" not in pages["ann"]


def test_details_for_authors_stay_out(pages):
    assert "secret detail" not in pages["ann"]


def test_lateness_is_explained(pages):
    assert "1 day late, 90 % of them count" in re.sub(r"\s+", " ", pages["ann"])


def test_who_handed_in_nothing_is_told_so(pages):
    assert "Nothing was handed in" in pages["bob"]


def test_nothing_that_a_student_wrote_becomes_markup(pages):
    assert "<script" not in pages["ann"]
    assert "<b>" not in pages["ann"]
    assert not re.search(r"<[^>]*\sonerror", pages["ann"])
    assert "default-src 'none'" in pages["ann"]


def test_a_page_a_student_is_written(book, tmp_path):
    paths = feedback.write(tmp_path / "out", book, EXERCISE, CHECKS, course="Tea")
    assert {path.relative_to(tmp_path / "out").as_posix() for path in paths.values()} == {
        "ann/00_water.html",
        "bob/00_water.html",
    }


def test_marks_show_once_the_words_are_read_to_the_end(book):
    manual = QuestionInfo("tea.why", "Why?", 3, "manual", 2, (("names the cause", 2.0), ("names a remedy", 1.0)))
    book.describe("00_water", [*QUESTIONS, manual])
    book.finish("00_water", "ann", "b" * 64, Graded(texts={"tea.why": HOSTILE}))
    book.put_review("ann", "tea.why", {"names the cause": 1.5}, "not yet <i>", "ta")
    page = dict(feedback.pages(book, EXERCISE, CHECKS, course="Tea"))["ann"]
    assert "not yet" not in page
    assert "names the cause" not in page
    book.put_review("ann", "tea.why", {"names the cause": 1.5, "names a remedy": 0.0}, "now <i>", "ta")
    page = dict(feedback.pages(book, EXERCISE, CHECKS, course="Tea"))["ann"]
    assert "1.5 of 2" in page
    assert "now &lt;i&gt;" in page
    assert "<script" not in page
    book.finish("00_water", "ann", "c" * 64, Graded(texts={"tea.why": "other words"}))
    page = dict(feedback.pages(book, EXERCISE, CHECKS, course="Tea"))["ann"]
    assert "now &lt;i&gt;" not in page


def page_of(book, graded, digest="d" * 64, title=""):
    """Ann's page after she has handed in something else."""
    for one in graded.judgements:
        book.record("00_water", "ann", digest, one)
    book.finish("00_water", "ann", digest, graded)
    return dict(feedback.pages(book, EXERCISE, CHECKS, course="Tea", title=title))["ann"]


def test_the_page_is_headed_by_the_exercises_title(book):
    text = page_of(book, Graded(), title="Water & heat")
    assert "<h1>Water &amp; heat</h1>" in text
    assert "00_water" not in text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("TimeLimit: the cell was stopped after 30 seconds", "Your cell was stopped after 30 seconds"),
        ("the notebook was ended in this cell: its time was up", "The notebook was ended in this cell: its time was up."),
    ],
)
def test_a_cell_that_was_stopped_says_so_where_its_question_is(book, error, told):
    missing = judged("tea.water", 0, 2, "`degrees` does not exist yet")
    assert told in page_of(book, Graded((missing,), (CellRun("a1", (), error),)))


def test_no_folder_of_the_graders_machine_is_shown(book):
    said = "/opt/grader/.venv/lib/python3.11/site-packages/pandas/core.py:3: UserWarning: no\nread /data/mine.csv"
    outputs = ({"kind": "text", "content": said},)
    text = page_of(book, Graded((judged("tea.water", 0, 2),), (CellRun("a1", outputs, "ValueError: no"),)))
    assert "core.py:3: UserWarning" in text
    assert "/opt/grader" not in text
    assert "/data/mine.csv" in text


def test_a_file_that_cannot_be_read_is_explained_once(book):
    why = "your file could not be read: it is not JSON"
    graded = Graded((judged("tea.water", 0, 2, why),), flags=(Flag("unreadable", "it is not JSON"),), ending="unreadable")
    assert page_of(book, graded).count("it is not JSON") == 1


def test_flags_are_told_in_words_to_the_student_and_suspicions_are_not(book):
    flags = (
        Flag("another variant", "INTERNAL"),
        Flag("shell", "INTERNAL"),
        Flag("edited cell", "a"),
        Flag("edited cell", "b"),
    )
    text = page_of(book, Graded(flags=flags))
    assert "worked out with other data" in text
    assert text.count(student_words.REMARKS["edited cell"]) == 1
    assert "INTERNAL" not in text


def test_an_override_shows_its_reason_and_its_points_though_nothing_was_handed_in(book):
    book.set_score("bob", "tea.water", 1.5, reason="shown on paper <b>", who="lee")
    text = dict(feedback.pages(book, EXERCISE, CHECKS, course="Tea"))["bob"]
    assert "shown on paper &lt;b&gt;" in text
    assert "Nothing was handed in" in text
    assert "1.5 of 3 points" in text
