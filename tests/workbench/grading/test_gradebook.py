"""What a gradebook keeps and gives back, the same on SQLite and on a PostgreSQL server."""

from __future__ import annotations

import math
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.checks.verdict import Outcome, Result
from workbench.errors import GradingError
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.records import words_digest
from workbench.grading.book.rows import (
    Enrolled,
    GradebookBusyError,
    GradebookError,
    QuestionInfo,
    ReviewConflictError,
    Standing,
)
from workbench.grading.outcome import CellRun, Graded, Judgement, Usage
from workbench.grading.work import Flag

Place = str
LESSON, SHA, NEWER = "02_tea", "a" * 64, "b" * 64
QUESTIONS = [
    QuestionInfo("tea.water", "Water", 2.0, "visible", 0),
    QuestionInfo("tea.heat", "Heat", 1.0, "hidden", 1),
    QuestionInfo("tea.why", "Why", 3.0, "manual", 2, (("cause", 1.0), ("example", 2.0))),
]
HOSTILE = "=1+1 \x00 \ud800 \x1b[2J <b>ä</b>"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a new gradebook may be."""
    if request.param == "sqlite":
        return str(tmp_path / "marks #1?.db")
    return str(request.getfixturevalue("new_database")())


@pytest.fixture
def book(place: Place) -> Iterator[Gradebook]:
    with Gradebook.open(place) as one:
        one.enrol([Enrolled("s1", "Ann", "ann@x.org"), Enrolled("s2", HOSTILE)])
        one.describe(LESSON, QUESTIONS)
        yield one


def judgement(slug: str = "tea.water", points: float = 2.0, out_of: float = 2.0, **more: object) -> Judgement:
    outcome = Outcome.CORRECT if points == out_of else Outcome.PARTIAL if points else Outcome.INCORRECT
    transcript = ({"ask": ["read", "x", [], {}], "reply": {"value": HOSTILE}},)
    return Judgement(Result(slug, slug.title(), outcome, points, out_of, (HOSTILE,)), transcript, f"basis of {slug}", **more)  # type: ignore[arg-type]


def graded(points: float = 2.0, **more: object) -> Graded:
    both = (judgement(points=points), judgement("tea.heat", 1.0, 1.0, hidden=True))
    return Graded(both, texts={"tea.why": "because it is hot"}, tier="bubblewrap", **more)  # type: ignore[arg-type]


def points_of(book: Gradebook, student: str = "s1") -> dict[str, tuple[float | None, str]]:
    return {score.slug: (score.points, score.source) for score in book.scores(LESSON, student)}


def test_a_graded_submission_comes_back_as_it_was(book: Gradebook) -> None:
    one = graded(
        cells=(CellRun("c1", ({"kind": "text", "content": HOSTILE},), "E: \x00", 0.5),),
        flags=(Flag("edited cell", HOSTILE, "c1"),),
        usage=Usage(1.0, 0.5, 10**10, "pss", 3),
        ending="memory",
    )
    book.finish(LESSON, "s1", SHA, one)
    assert book.submission(LESSON, "s1") == one
    assert book.submission(LESSON, "s2") is None
    assert [student.name for student in book.students()] == ["Ann", HOSTILE]


def test_what_is_recorded_is_there_for_a_later_reader(place: Place, book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    with Gradebook.open(place, write=False) as reader:
        assert reader.scores() == book.scores()
        assert reader.totals() == book.totals()
        with pytest.raises(GradebookError, match="opened for reading"):
            reader.enrol([])


def test_each_kind_of_score_says_where_it_comes_from(book: Gradebook) -> None:
    assert points_of(book) == dict.fromkeys(("tea.water", "tea.heat", "tea.why"), (0.0, "missing"))
    book.record(LESSON, "s1", SHA, judgement())
    assert set(points_of(book).values()) == {(None, "pending")}
    book.stand_all([Standing(LESSON, "s1", SHA)])
    assert points_of(book)["tea.water"] == (2.0, "auto")
    assert points_of(book)["tea.heat"] == (None, "pending")
    book.finish(LESSON, "s1", SHA, graded())
    assert points_of(book) == {"tea.water": (2.0, "auto"), "tea.heat": (1.0, "auto"), "tea.why": (None, "manual")}
    book.finish(LESSON, "s1", SHA, graded(), excused=True)
    assert set(points_of(book).values()) == {(None, "excused")}


def test_a_fault_of_ours_is_no_score_and_is_listed(book: Gradebook) -> None:
    book.record(LESSON, "s1", SHA, judgement())
    book.fault(LESSON, "s1", SHA, "the forker died")
    assert set(points_of(book).values()) == {(None, "fault")}
    assert book.faults() == [(LESSON, "s1", "", "the forker died")]
    assert book.judged(LESSON, "s1", SHA) == {"tea.water": "basis of tea.water"}
    (ann, _other) = book.totals()
    assert ann.points is None
    book.finish(LESSON, "s1", SHA, graded())
    assert book.faults() == []


def test_a_submission_whose_grading_failed_takes_the_place_of_an_older_one(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    book.fault(LESSON, "s1", NEWER, "the forker died")
    assert set(points_of(book).values()) == {(None, "fault")}


def test_a_question_that_could_not_be_judged_has_no_score_and_is_judged_again(book: Gradebook) -> None:
    broken = judgement(points=0.0, fault="the judge was killed")
    book.finish(LESSON, "s1", SHA, Graded((broken,)))
    assert points_of(book)["tea.water"] == (None, "fault")
    assert book.judged(LESSON, "s1", SHA) == {}
    assert book.faults() == [(LESSON, "s1", "tea.water", "the judge was killed")]


def test_an_unfinished_newer_submission_leaves_the_older_one_counting(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded(points=1.0))
    book.record(LESSON, "s1", NEWER, judgement())
    assert points_of(book)["tea.water"] == (1.0, "auto")
    book.finish(LESSON, "s1", NEWER, graded(points=2.0))
    assert points_of(book)["tea.water"] == (2.0, "auto")
    assert book.standings() == [Standing(LESSON, "s1", NEWER, state="finished")]


def test_a_question_described_later_has_no_score_until_it_is_judged(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    book.describe(LESSON, [*QUESTIONS, QuestionInfo("tea.cup", "Cup", 1.0, "visible", 3)])
    assert points_of(book)["tea.cup"] == (None, "pending")


def test_lateness_takes_its_share_of_the_total_only(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded(), factor=0.5, late_days=2, received="2026-11-01T12:00:00+01:00", note="two days")
    book.put_review("s1", "tea.why", {"cause": 1, "example": 2}, "", "ta")
    (ann, missing) = book.totals()
    assert (ann.points, ann.earned, ann.out_of, ann.open) == (3.0, 6.0, 6.0, 0)
    assert (ann.standing.late_days, ann.standing.note) == (2, "two days")
    assert (missing.points, missing.standing.state) == (0.0, "missing")


def test_recording_the_same_again_changes_nothing(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    before = (book.scores(), book.submission(LESSON, "s1"), book.audit())
    book.record(LESSON, "s1", SHA, judgement())
    book.finish(LESSON, "s1", SHA, graded())
    assert (book.scores(), book.submission(LESSON, "s1"), book.audit()) == before


def test_a_score_that_changes_when_judged_again_is_audited(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    book.record(LESSON, "s1", SHA, judgement(points=1.0), reason="the check changed")
    (entry,) = book.audit()
    assert (entry.action, entry.before, entry.after, entry.reason) == ("judge again", 2.0, 1.0, "the check changed")


@pytest.mark.parametrize("points", [math.nan, math.inf, -1.0, 2.5])
def test_points_that_cannot_be_are_refused_and_nothing_is_written(book: Gradebook, points: float) -> None:
    with pytest.raises(GradingError, match="points cannot be"):
        book.record_all(
            [(LESSON, "s1", SHA, judgement("tea.heat", 1.0, 1.0)), (LESSON, "s1", SHA, judgement(points=points))], reason=""
        )
    assert book.judged(LESSON, "s1", SHA) == {}


def test_an_override_survives_another_grading_until_it_is_cleared(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded(points=1.0))
    book.set_score("s1", "tea.water", 2.0, reason="right in spirit", who="prof")
    book.finish(LESSON, "s1", SHA, graded(points=0.0))
    book.finish(LESSON, "s1", NEWER, graded(points=0.0))
    assert points_of(book)["tea.water"] == (2.0, "override")
    book.clear_override("s1", "tea.water", reason="wrong student", who="prof")
    assert points_of(book)["tea.water"] == (0.0, "auto")
    persons = [(one.action, one.before, one.after, one.who) for one in book.audit(student="s1") if one.who == "prof"]
    assert persons == [("set", 1.0, 2.0, "prof"), ("clear", 2.0, 0.0, "prof")]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"points": 2.5}, "0 to 2 points"),
        ({"points": math.nan}, "0 to 2 points"),
        ({"student": "nobody"}, "not in the gradebook"),
        ({"slug": "tea.milk"}, "no question"),
        ({"reason": "  "}, "for a reason"),
    ],
)
def test_an_override_that_cannot_be_meant_is_refused(book: Gradebook, change: dict[str, object], why: str) -> None:
    order = {"student": "s1", "slug": "tea.water", "points": 1.0, "reason": "r", "who": "prof"} | change
    with pytest.raises(GradingError, match=why):
        book.set_score(**order)  # type: ignore[arg-type]
    assert book.audit() == []


def test_a_review_counts_when_each_criterion_has_its_points(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    assert not book.put_review("s1", "tea.why", {"cause": 1}, "half", "ta").complete
    assert points_of(book)["tea.why"] == (None, "manual")
    assert book.put_review("s1", "tea.why", {"cause": 1, "example": 0.5}, "whole", "ta").complete
    assert points_of(book)["tea.why"] == (1.5, "manual")
    (review,) = book.reviews(LESSON)
    assert (review.comment, review.reviewer, dict(review.points)) == ("whole", "ta", {"cause": 1, "example": 0.5})
    assert [(one.action, one.before, one.after) for one in book.audit()] == [("review", None, 1.5)]


def test_a_review_holds_as_long_as_the_words_are_the_same(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    (read,) = book.words(LESSON, "tea.why")
    book.put_review("s1", "tea.why", {"cause": 1, "example": 2}, "", "ta", digest=read.digest)
    book.finish(LESSON, "s1", NEWER, graded(points=0.0))
    assert points_of(book)["tea.why"] == (3.0, "manual")
    book.finish(LESSON, "s1", "c" * 64, Graded(texts={"tea.why": "another reason"}))
    assert points_of(book)["tea.why"] == (None, "manual")
    with pytest.raises(ReviewConflictError, match="other words"):
        book.put_review("s1", "tea.why", {"cause": 1}, "", "ta", digest=read.digest)


def test_a_review_by_an_older_rubric_is_not_complete(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    book.put_review("s1", "tea.why", {"cause": 1, "example": 2}, "", "ta")
    for rubric in ((("cause", 1.0), ("source", 2.0)), (("cause", 2.0), ("example", 1.0))):
        book.describe(LESSON, [*QUESTIONS[:2], QuestionInfo("tea.why", "Why", 3.0, "manual", 2, rubric)])
        assert points_of(book)["tea.why"] == (None, "manual")
    book.describe(LESSON, [*QUESTIONS[:2], QuestionInfo("tea.why", "Why", 1.0, "manual", 2, (("cause", 1.0),))])
    assert points_of(book)["tea.why"] == (1.0, "manual")


def test_a_second_reader_of_the_same_words_is_refused_unless_meant(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    book.put_review("s1", "tea.why", {"cause": 1, "example": 2}, "", "ta1")
    with pytest.raises(ReviewConflictError, match="ta1"):
        book.put_review("s1", "tea.why", {"cause": 0, "example": 0}, "", "ta2")
    assert points_of(book)["tea.why"] == (3.0, "manual")
    book.put_review("s1", "tea.why", {"cause": 0, "example": 0}, "", "ta2", replace=True)
    assert points_of(book)["tea.why"] == (0.0, "manual")


def test_an_answer_without_words_has_no_points_and_needs_no_reader(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, Graded(texts={"tea.why": " \n"}))
    assert points_of(book)["tea.why"] == (0.0, "manual")


@pytest.mark.parametrize("points", [{"colour": 1}, {"cause": 1.5}, {"cause": -1}, {"cause": math.nan}])
def test_points_outside_of_the_rubric_are_refused(book: Gradebook, points: dict[str, float]) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    with pytest.raises(GradingError, match=r"tea\.why"):
        book.put_review("s1", "tea.why", points, "", "ta")
    assert book.reviews() == []


def test_a_second_writer_is_refused_and_may_come_when_the_first_has_gone(place: Place) -> None:
    with Gradebook.open(place), pytest.raises(GradebookBusyError, match="writes in this gradebook"):
        Gradebook.open(place)
    Gradebook.open(place).close()


def test_a_writer_in_another_process_is_refused_too(place: Place) -> None:
    code = "import sys; from workbench.grading.book.gradebook import Gradebook; Gradebook.open(sys.argv[1])"
    with Gradebook.open(place):
        done = subprocess.run([sys.executable, "-c", code, place], capture_output=True, text=True, check=False)
    assert "GradebookBusyError" in done.stderr


def test_verdicts_that_arrive_from_several_threads_are_all_kept(book: Gradebook) -> None:
    def work(student: str) -> None:
        for slug, out_of in (("tea.water", 2.0), ("tea.heat", 1.0)):
            book.record(LESSON, student, SHA, judgement(slug, out_of, out_of))

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(book.judged(LESSON, f"t{number}", SHA)) == 2 for number in range(8))


def test_both_databases_give_the_same_scores(tmp_path: Path, new_database: Callable[[], str]) -> None:
    found = []
    for where in (tmp_path / "book.db", new_database()):
        with Gradebook.open(where) as one:
            one.enrol([Enrolled(name) for name in ("b", "A", "ä", "a", "B_", "B")])
            one.describe(LESSON, QUESTIONS)
            one.finish(LESSON, "a", SHA, graded(points=0.1), factor=0.7)
            one.set_score("ä", "tea.water", 1 / 3, reason="r", who="w", when="2026-01-01T00:00:00+00:00")
            found.append((one.scores(), one.totals(), one.audit(), one.students()))
    assert found[0] == found[1]


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    for write in (False, True):
        (tmp_path / "noise.db").write_bytes(b"noise " * 1000)
        with pytest.raises(GradebookError, match="file is not a database"):
            Gradebook.open(tmp_path / "noise.db", write=write)
    with pytest.raises(GradebookError, match="no gradebook in this database"):
        Gradebook.open(other, write=False)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE students (x)")
    connection.close()
    with pytest.raises(GradebookError, match="students already exists"):
        Gradebook.open(other)
    with pytest.raises(GradebookError, match="no gradebook in this database"):
        Gradebook.open(other, write=False)
    with pytest.raises(GradebookError, match="no gradebook here"):
        Gradebook.open(tmp_path / "absent.db", write=False)
    assert not (tmp_path / "absent.db").exists()


@pytest.mark.parametrize("where", ["mysql://host/x", "sqlite://", "a b://x"])
def test_an_address_that_is_not_one_is_refused(where: str) -> None:
    with pytest.raises(GradebookError):
        Gradebook.open(where)


def test_a_password_is_not_in_the_message_when_the_server_cannot_be_reached(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(GradebookError) as caught:
        Gradebook.open(f"postgresql://me:sesame@/class?host={tmp_path}&password=sesame")
    assert "sesame" not in str(caught.value)
    assert "server" in caught.value.remedy


def test_a_gradebook_is_for_its_owner_alone(tmp_path: Path) -> None:
    with Gradebook.open(tmp_path / "book.db") as one:
        one.describe(LESSON, QUESTIONS)
        modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("book.db*")}
    assert set(modes) >= {"book.db", "book.db-wal", "book.db.lock"}
    assert set(modes.values()) == {0}


@given(words=st.text(st.characters(), max_size=50))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_of_a_students_comes_back(book: Gradebook, words: str) -> None:
    book.finish(LESSON, "s1", SHA, Graded(texts={"tea.why": words}, flags=(Flag("added cell", words),), fault=words))
    kept = book.submission(LESSON, "s1")
    assert kept is not None
    assert (kept.texts["tea.why"], kept.flags[0].text, kept.fault) == (words, words, words)
    assert book.words(LESSON, "tea.why")[0].digest == words_digest(words)


def test_what_a_regrade_found_comes_all_at_once_and_leaves_persons_and_transcripts_alone(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    book.put_review("s1", "tea.why", {"cause": 1, "example": 1}, "", "ta")
    book.set_score("s1", "tea.heat", 0.5, reason="r", who="prof")
    asked = judgement().transcript
    new = Judgement(Result("tea.water", "", Outcome.PARTIAL, 1.0, 4.0), (), "new basis")
    cold = Judgement(Result("tea.heat", "", Outcome.INCORRECT, 0.0, 1.0), (), "new basis")
    broken = Judgement(Result("tea.heat", "", Outcome.PARTIAL, math.nan, 1.0))
    described = [QuestionInfo("tea.water", "Water", 4.0, "visible", 0), *QUESTIONS[1:]]
    rows = [(LESSON, "s1", SHA, new, True), (LESSON, "s1", SHA, cold, False)]
    before = book.scores()
    with pytest.raises(GradingError, match="points cannot be"):
        book.regraded({LESSON: described}, [*rows, (LESSON, "s1", SHA, broken, True)], reason="r")
    assert book.scores() == before
    book.regraded({LESSON: described}, rows, reason="the check changed")
    assert points_of(book) == {"tea.water": (1.0, "auto"), "tea.heat": (0.5, "override"), "tea.why": (2.0, "manual")}
    assert [score.out_of for score in book.scores(LESSON, "s1")] == [4.0, 1.0, 3.0]
    kept = {one.result.slug: one for one in book.submission(LESSON, "s1").judgements}  # type: ignore[union-attr]
    assert (kept["tea.water"].transcript, kept["tea.heat"].transcript) == (asked, ())


def test_a_link_to_a_gradebook_has_the_same_lock(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "book.db")
    with Gradebook.open(tmp_path / "book.db"), pytest.raises(GradebookBusyError):
        Gradebook.open(tmp_path / "link.db")


def test_an_answer_that_could_be_judged_and_now_cannot_loses_its_score_with_a_word_in_the_audit(book: Gradebook) -> None:
    book.finish(LESSON, "s1", SHA, graded())
    book.record(LESSON, "s1", SHA, judgement(points=0.0, fault="the judge was killed"))
    assert points_of(book)["tea.water"] == (None, "fault")
    assert [(one.before, one.after) for one in book.audit()] == [(2.0, None)]


def test_terms_of_many_submissions_are_taken_all_or_none(book: Gradebook) -> None:
    good = [Standing(LESSON, name, SHA, "2026-11-01T12:00:00+01:00", 0.5, 2.0, False, HOSTILE) for name in ("s1", "s2")]
    with pytest.raises(GradingError, match="0 to 1"):
        book.stand_all([*good, Standing(LESSON, "s3", SHA, factor=1.5)])
    assert book.standings() == []
    book.stand_all([*good, Standing(LESSON, "s3", excused=True)])
    assert [(one.student, one.state, one.factor, one.excused) for one in book.standings()] == [
        ("s1", "open", 0.5, False), ("s2", "open", 0.5, False), ("s3", "missing", 1.0, True)
    ]  # fmt: skip
    assert {score.points for score in book.scores()} == {None}, "handed in, and not graded yet"


def test_verdicts_behind_which_something_raised_can_be_asked_for(book: Gradebook) -> None:
    odd = Result("tea.water", "Water", Outcome.INCORRECT, 0.0, 2.0, ("odd",), "KeyError: 'x'\nTraceback")
    book.record(LESSON, "s1", SHA, Judgement(odd))
    book.finish(LESSON, "s1", SHA, Graded((judgement("tea.heat", 1.0, 1.0, hidden=True),)))
    book.record(LESSON, "s1", SHA, judgement("tea.heat", 1.0, 1.0, hidden=True))
    assert [(lesson, student, one.slug, one.detail) for lesson, student, one in book.raised()] == [
        (LESSON, "s1", "tea.water", odd.detail)
    ]
