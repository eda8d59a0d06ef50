"""Exports: the platforms' own files with scores in them, safe to open, with ids and columns as they were."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.grading.arrivals.inbox import Submission
from workbench.grading.book.rows import Score, Standing, Total
from workbench.grading.people.roster import Roster, Student
from workbench.grading.reports import lms
from workbench.grading.reports.lms import Overwritten, TemplateError
from workbench.grading.reports.lms_feedback import feedback_zip, member

PEOPLE = Roster((Student("s1", "Jane Doe", "jane@example.org"), Student("s2", "Jan van Doe"), Student("s3", "Zed")))
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Exercise 02: Data (501),Essay (502),Final Score\r\n"
    ",,,,,Manual Posting,,\r\n"
    "    Points Possible,,,,,12.00,5.00,(read only)\r\n"
    '"Doe, Jane",4711,,jane@example.org,"=cmd|\'/C calc\'!A0",,3.00,80\r\n'
    '"van Doe, Jan",4712,,,One,4.00,,70\r\n'
    '"Stranger, A",4713,,,One,1.00,,60\r\n'
)
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (submission),Last modified (grade)\n"
    'Participant 31,Jane Doe,jane@example.org,Submitted,,"24,00",-,-\n'
    'Participant 32,Jan van Doe,,Submitted,"1,00","24,00",-,-\n'
)


def _total(student: str, points: float | None, lesson: str = "02_data", *, excused: bool = False) -> Total:
    standing = Standing(lesson, student, excused=excused, state="finished")
    return Total(student, lesson, points, points or 0.0, 12.0, 0 if points is not None else 1, standing)


def _file(tmp_path: Path, text: str) -> Path:
    (tmp_path / "template.csv").write_text(text, newline="")
    return tmp_path / "template.csv"


def _rows(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_canvas_gets_its_own_rows_and_headings_back_with_the_scores_in_them(tmp_path):
    export = lms.canvas_csv([_total("s1", 8.5), _total("s2", 0.0)], PEOPLE, _file(tmp_path, CANVAS))
    assert _rows(export.text) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Exercise 02: Data (501)"],
        ["", "", "", "", "", "Manual Posting"],
        ["    Points Possible", "", "", "", "", "12.00"],
        ["Doe, Jane", "4711", "", "jane@example.org", "'=cmd|'/C calc'!A0", "8.5"],
        ["van Doe, Jan", "4712", "", "", "One", "0"],
        ["Stranger, A", "4713", "", "", "One", "1.00"],
    ]
    assert export.filled == 2
    assert export.notes == ("A Stranger is in the platform's file and not in the gradebook",)


def test_excused_is_said_as_canvas_says_it_and_what_has_no_score_yet_stays_as_it_was(tmp_path):
    totals = [_total("s1", None, excused=True), _total("s2", None), _total("s3", 1.0)]
    export = lms.canvas_csv(totals, PEOPLE, _file(tmp_path, CANVAS))
    assert [row[5] for row in _rows(export.text)[3:5]] == ["EX", "4.00"]
    assert "s2 has no complete score for 02_data yet" in export.notes
    assert "s3 is in the gradebook and has no row in the platform's file" in export.notes


def _missing(student: str) -> Total:
    return Total(student, "02_data", 0.0, 0.0, 12.0, 0, Standing("02_data", student, state="missing"))


def test_who_handed_in_nothing_keeps_the_platforms_cell_unless_a_zero_is_asked_for(tmp_path):
    template = _file(tmp_path, CANVAS)
    export = lms.canvas_csv([_total("s1", 8.5), _missing("s2")], PEOPLE, template)
    assert [row[5] for row in _rows(export.text)[3:5]] == ["8.5", "4.00"]
    assert (export.filled, export.left, export.changes) == (1, (("s2", "02_data"),), ())
    zeros = lms.canvas_csv([_missing("s1"), _missing("s2")], PEOPLE, template, missing_as_zero=True)
    assert [row[5] for row in _rows(zeros.text)[3:5]] == ["0", "0"]
    assert zeros.changes == (Overwritten("s2", "02_data", "4.00", "0"),)
    moodle = lms.moodle_csv([_missing("s2")], PEOPLE, _file(tmp_path, WORKSHEET), lesson="02_data")
    assert (_rows(moodle.text)[2][4], moodle.left) == ("1,00", (("s2", "02_data"),))


def test_a_cell_whose_value_changes_is_told_with_the_old_one(tmp_path):
    export = lms.canvas_csv([_total("s1", 4.0), _total("s2", 4.0)], PEOPLE, _file(tmp_path, CANVAS))
    assert export.changes == (), "4.00 is 4, and an empty cell had no value"
    export = lms.moodle_csv([_total("s2", 3.25)], PEOPLE, _file(tmp_path, WORKSHEET), lesson="02_data")
    assert export.changes == (Overwritten("s2", "02_data", "1,00", "6,5"),)


def test_points_are_scaled_to_the_platforms_and_that_is_said(tmp_path):
    export = lms.canvas_csv([_total("s1", 9.0)], PEOPLE, _file(tmp_path, CANVAS.replace("12.00", "100.00")))
    assert _rows(export.text)[3][5] == "75"
    assert "02_data: scaled from 12 points to the platform's 100" in export.notes


def test_all_columns_can_be_kept(tmp_path):
    export = lms.canvas_csv([_total("s1", 9.0)], PEOPLE, _file(tmp_path, CANVAS), everything=True)
    assert _rows(export.text)[0] == CANVAS.splitlines()[0].split(",")
    assert _rows(export.text)[3][6] == "3.00"


@pytest.mark.parametrize("name", ["Essay (502)", "essay", "502"])
def test_an_assignment_can_be_named(tmp_path, name):
    export = lms.canvas_csv([_total("s1", 12.0)], PEOPLE, _file(tmp_path, CANVAS), columns={"02_data": name})
    assert (_rows(export.text)[0][-1], _rows(export.text)[3][-1]) == ("Essay (502)", "5")


def test_an_assignment_is_also_known_by_the_lessons_title(tmp_path):
    export = lms.canvas_csv([_total("s1", 5.0, "07_words")], PEOPLE, _file(tmp_path, CANVAS), titles={"07_words": "Essay"})
    assert _rows(export.text)[0][-1] == "Essay (502)"


def test_an_assignment_that_cannot_be_told_is_asked_for_by_name(tmp_path):
    with pytest.raises(TemplateError, match=r"no assignment.*\n.*\n.*`Essay \(502\)`"):
        lms.canvas_csv([_total("s1", 5.0, "07_words")], PEOPLE, _file(tmp_path, CANVAS))
    twice = CANVAS.replace("Essay", "02 data again")
    with pytest.raises(TemplateError, match="more than one"):
        lms.canvas_csv([_total("s1", 5.0)], PEOPLE, _file(tmp_path, twice))


def test_semicolons_and_decimal_commas_are_kept(tmp_path):
    text = "Student;ID;Section;02 Data (501)\n    Points Possible;;;12,00\nDoe, Jane;4711;One;\n"
    export = lms.canvas_csv([_total("s1", 8.5)], PEOPLE, _file(tmp_path, text))
    assert _rows(export.text, ";")[2] == ["Doe, Jane", "4711", "One", "8,5"]


def test_two_students_of_one_name_are_told_apart_by_number_or_not_at_all(tmp_path):
    text = 'Student,ID,Section,02 Data (501)\n"Doe, Jane",1,One,\n"Doe, Jane",2,One,\n'
    twins = (Student("a", "Jane Doe"), Student("b", "Jane Doe"))
    totals = [_total("a", 3.0), _total("b", 4.0)]
    assert lms.canvas_csv(totals, Roster(twins), _file(tmp_path, text)).filled == 0
    known = Roster(tuple(Student(one.id, one.name, "", (f"canvas:{n}",)) for n, one in enumerate(twins, 1)))
    export = lms.canvas_csv(totals, known, _file(tmp_path, text))
    assert [row[-1] for row in _rows(export.text)[1:]] == ["3", "4"]


def test_a_moodle_worksheet_is_filled_with_scaled_grades_and_its_dashes_stay(tmp_path):
    export = lms.moodle_csv([_total("s1", 8.25), _total("s2", None)], PEOPLE, _file(tmp_path, WORKSHEET), lesson="02_data")
    rows = _rows(export.text)
    assert rows[0] == WORKSHEET.splitlines()[0].split(",")
    assert rows[1] == ["Participant 31", "Jane Doe", "jane@example.org", "Submitted", "16,5", "24,00", "-", "-"]
    assert rows[2][4] == "1,00"


def test_a_moodle_grader_report_is_filled_in_the_column_of_the_lesson(tmp_path):
    text = (
        "First name,Last name,Email address,Assignment: 02 data (Real),Assignment: x (Real)\nJane,Doe,jane@example.org,-,-\n"
    )
    export = lms.moodle_csv([_total("s1", 8.25)], PEOPLE, _file(tmp_path, text), lesson="02_data")
    assert _rows(export.text)[1][3:] == ["8.25", "-"]
    with pytest.raises(TemplateError, match="cannot be told"):
        lms.moodle_csv([_total("s1", 8.25, "09_x")], PEOPLE, _file(tmp_path, text), lesson="09_y")


def test_a_file_of_another_kind_is_refused(tmp_path):
    plain = _file(tmp_path, "id,name\ns1,Jane\n")
    for export in (lambda: lms.canvas_csv([], PEOPLE, plain), lambda: lms.moodle_csv([], PEOPLE, plain, lesson="02_data")):
        with pytest.raises(TemplateError, match=r"not a gradebook|neither"):
            export()


def test_the_plain_export_has_a_line_a_question_and_the_total_after_the_last():
    people = [Student("s1", "=Jane", "jane@example.org"), Student("s2")]
    scores = [
        Score("s1", "02_data", "data.mean", "visible", 2.0, 3.0, "incorrect", "auto", 0.5),
        Score("s1", "02_data", "data.words", "manual", None, 2.0, "to be read", "pending", 0.5),
        Score("s2", "02_data", "data.mean", "visible", 3.0, 3.0, "correct", "auto"),
    ]
    rows = _rows(lms.plain_csv(scores, [_total("s1", None), _total("s2", 3.0)], people))
    assert [row[:8] for row in rows[1:]] == [
        ["s1", "'=Jane", "jane@example.org", "02_data", "data.mean", "2.0", "3.0", "1.0"],
        ["s1", "'=Jane", "jane@example.org", "02_data", "data.words", "", "2.0", ""],
        ["s1", "'=Jane", "jane@example.org", "02_data", "", "0.0", "12.0", ""],
        ["s2", "", "", "02_data", "data.mean", "3.0", "3.0", "3.0"],
        ["s2", "", "", "02_data", "", "3.0", "12.0", "3.0"],
    ]
    assert len({len(row) for row in rows}) == 1


@given(st.floats(0, 1e6))
def test_a_number_loses_no_more_than_the_fourth_decimal_and_is_never_an_exponent(points):
    assert float(lms.number(points)) == pytest.approx(points, abs=5e-5)
    assert set(lms.number(points)) <= set("0123456789.")


def _submission(original: str, student: str = "s1") -> Submission:
    return Submission(student, "02_data", "0" * 64, "2026-11-20T12:00:00+00:00", original, Path("x.ipynb"))


def test_feedback_lies_under_the_names_that_the_platform_gave(tmp_path):
    originals = {
        "s1": "doejane_LATE_4711_800001_02_data-1.ipynb",
        "s2": "Jan van Doe_32_assignsubmission_file_/work.zip",
        "s3": "s3/02_data.ipynb",
    }
    pages = {}
    for student in (*originals, "s4"):
        pages[student] = tmp_path / f"{student}.html"
        pages[student].write_text(f"<p>{student}</p>")
    submissions = {student: _submission(original, student) for student, original in originals.items()}
    made = feedback_zip(tmp_path / "feedback.zip", pages, submissions)
    assert (len(made.members), made.without) == (3, ("s4",))
    with zipfile.ZipFile(made.path) as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == {
            "doejane_LATE_4711_800001_02_data-1.html": "<p>s1</p>",
            "Jan van Doe_32_assignsubmission_file_/work.html": "<p>s2</p>",
            "s3/02_data.html": "<p>s3</p>",
        }
    first = made.path.read_bytes()
    assert feedback_zip(tmp_path / "feedback.zip", dict(reversed(pages.items())), submissions).path.read_bytes() == first


def test_pages_of_one_original_name_do_not_hide_each_other(tmp_path):
    (tmp_path / "a.html").write_text("a")
    (tmp_path / "b.html").write_text("b")
    pages = {"s1": tmp_path / "a.html", "s2": tmp_path / "b.html"}
    submissions = {student: _submission("02_data.ipynb", student) for student in pages}
    with zipfile.ZipFile(feedback_zip(tmp_path / "feedback.zip", pages, submissions).path) as archive:
        assert archive.namelist() == ["02_data.html", "s2/02_data.html"]


@given(st.text(max_size=60))
def test_whatever_a_submission_was_called_its_page_stays_within_the_zip(original):
    name = member(_submission(original))
    assert name.endswith(".html")
    assert name.isprintable() or "\u200c" in name or "\u200d" in name
    assert not name.startswith("/")
    assert ".." not in name.split("/")
