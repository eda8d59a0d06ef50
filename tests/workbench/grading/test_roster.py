"""Rosters: what Canvas, Moodle and instructors write, and names that are never guessed."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.grading.people import names, tables
from workbench.grading.people.roster import Roster, RosterError, Student, of_rows

CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Data (501),Final Score\r\n"
    ",,,,,Manual Posting,\r\n"
    "    Points Possible,,,,,12.00,(read only)\r\n"
    '"Doe, Jane",4711,0042,jdoe@example.org,Section 1,,0\r\n'
    '"van Doe, Jan",4712,0043,,Section 1,EX,0\r\n'
    '"=""=2+5""",4713,,,Section 1,,0\r\n'
    '"Student, Test",4714,,f00,Section 1,,0\r\n'
)
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Last modified (submission)\n"
    "Participant 31,Jane Doe,jane@example.org,Submitted for grading,,12,-\n"
    "Participant 32,Jane Doe,other@example.org,No submission,,12,-\n"
)


def _file(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "roster.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_roster_of_ones_own_has_ids_names_and_what_other_systems_call_them(tmp_path):
    roster = Roster.read(_file(tmp_path, "ID;Name;Email;canvas_id\ns001;Jane  Doe;jane@example.org;4711\ns002;Jan;;\n"))
    assert list(roster) == [Student("s001", "Jane Doe", "jane@example.org", ("canvas:4711",)), Student("s002", "Jan")]
    assert roster.by_key("canvas", "4711") == roster.match("JANE@example.org") == roster["s001"]


def test_a_canvas_gradebook_is_a_roster(tmp_path):
    roster = Roster.read(_file(tmp_path, CANVAS))
    assert [student.id for student in roster] == ["jdoe@example.org", "0043", "4713"]
    assert [student.name for student in roster] == ["Jane Doe", "Jan van Doe", "2+5"]
    assert roster["0043"].keys == ("canvas:4712", "sis:0043")


def test_a_canvas_gradebook_with_two_name_columns_and_semicolons_is_one_too(tmp_path):
    text = "LastName;FirstName;ID;SIS Login ID;Section\nDoe;Jane;4711;jdoe;one\n"
    (student,) = Roster.read(_file(tmp_path, text, encoding="utf-16"))
    assert (student.id, student.name) == ("jdoe", "Jane Doe")


def test_a_moodle_worksheet_is_a_roster_and_namesakes_are_told_apart_by_number(tmp_path):
    roster = Roster.read(_file(tmp_path, WORKSHEET))
    assert roster.by_key("moodle", "32") == roster["other@example.org"]
    assert roster.match("Jane Doe") is None
    assert len(roster.named("Jane Doe")) == 2


def test_a_moodle_grader_report_is_a_roster(tmp_path):
    text = '"First name","Last name","ID number","Email address","Course total (Real)"\nJane,Doe,0042,jane@example.org,12\n'
    (student,) = Roster.read(_file(tmp_path, text))
    assert (student.id, student.name, student.keys) == ("0042", "Jane Doe", ("sis:0042",))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("id,name\n../x,Jane\n", "cannot be used"),
        ("id,name\ns1,Jane\nS1,Jan\n", "two students"),
        ("id,name\n,Jane\n", "no id"),
        ("id,name\n", "nobody"),
        ("", "empty"),
        ("colour,size\nred,1\n", "not a roster"),
        ("id,name\ns1,\x00" + "x" * 200_000 + "\n", "not CSV"),
    ],
)
def test_what_is_no_roster_is_refused_with_the_reason(tmp_path, text, what):
    with pytest.raises((RosterError, tables.TableError), match=what):
        Roster.read(_file(tmp_path, text))


HEADERS = st.sampled_from(
    ["", "id,name,email\n", "Student,ID,Section\n", "Identifier,Full name,Grade\n", "First name;Email address\n", "\xff\xfe"]
)


@given(
    HEADERS, st.text(st.characters(), max_size=200) | st.text(st.sampled_from(',;\t"\n\r=1a\0'), max_size=60), st.booleans()
)
def test_any_file_is_a_roster_with_usable_ids_or_refused(header, text, wide):
    data = (header + text).encode("utf-16" if wide else "utf-8", "surrogatepass")
    with suppress(RosterError, tables.TableError):
        students = [student for student in of_rows(tables.parse(data)) if student]
        roster = Roster(tuple({student.id.casefold(): student for student in students}.values()))
        assert all(names.is_segment(student.id) and names.clean(student.name) == student.name for student in roster)
        assert all(roster.match(student.name) in (student, None) for student in roster if student.name)


def test_a_roster_that_is_not_utf8_is_refused_with_the_place(tmp_path):
    with pytest.raises(tables.TableError, match="byte 12"):
        Roster.read(_file(tmp_path, "id,name\ns1,Müller\n", encoding="latin-1"))


def test_a_name_matches_in_any_order_of_its_words_and_never_by_half():
    roster = Roster((Student("s1", "Jane van Doe"), Student("s2", "Ann Lee"), Student("s3", "Lee Ann")))
    assert roster.match("van doe, jane") == roster.match("doejanevan") == roster["s1"]
    assert roster.match("Jane") is roster.match("vandoe jan") is None
    assert roster.match("ann lee") is None  # or Lee Ann, whose platform turns names round
    assert roster.match("") is roster.match("...") is None


def test_what_one_is_called_and_another_has_as_an_id_is_ambiguous():
    roster = Roster((Student("lee", "Jane Doe"), Student("s2", "Lee")))
    assert roster.match("lee") is None


def test_a_look_alike_letter_of_another_script_is_another_letter():
    assert Roster((Student("s1", "Anna Ott"),)).match("\u0410nna Ott") is None


def test_joining_adds_what_the_platform_knows_and_nobody_else(tmp_path):
    own = Roster((Student("s1", "Jane Doe"), Student("s2", "Jan van Doe", "jan@example.org"), Student("s3", "Jo")))
    joined = own.joined(Roster.read(_file(tmp_path, CANVAS)))
    assert [student.id for student in joined] == ["s1", "s2", "s3"]
    assert joined.by_key("canvas", "4711") == joined["s1"]
    assert joined["s1"].email == "jdoe@example.org"
    assert joined.by_key("canvas", "4712") == joined["s2"]
    assert joined["s3"] == own["s3"]


@pytest.mark.parametrize(
    ("stranger", "who"),
    [
        (Student("x", "Somebody", "JANE@example.org"), "7"),
        (Student("x", "Somebody", "", ("canvas:4711",)), "7"),
        (Student("7", "Jane Doe"), "7"),
        (Student("x", "Jan Vandoe", "", ("canvas:7",)), None),  # that system's 7 is not the roster's
        (Student("x", "Somebody", "", ("canvas:7",)), None),
        (Student("jvd", "Somebody"), "jvd"),
        (Student("jvd", "Jane Doe"), None),
        (Student("x", "Doe, Jane", "", ("moodle:1",)), "7"),
        (Student("x", "Jane Doe", "", ("canvas:4712",)), None),  # another one of the same name
        (Student("x", "", "", ("canvas:4711", "login:jan")), None),
        (Student("x"), None),
    ],
)
def test_a_student_of_another_roster_is_recognised_when_that_is_certain(stranger, who):
    own = (Student("7", "Jane Doe", "jane@example.org", ("canvas:4711",)), Student("jvd", "Jan Vandoe", "", ("login:jan",)))
    found = Roster(own).recognise(stranger)
    assert (found.id if found else None) == who


@given(st.text())
@example('="=cmd|x"')
@example("\u202egnp.exe\x1b[2J")
@example("=\u0338" * 3)
def test_a_clean_name_is_one_visible_line_without_a_formula_and_stays_as_it_is(text):
    clean = names.clean(text)
    assert names.clean(clean) == clean
    assert len(clean) <= names.NAME_LENGTH
    assert not clean.startswith(("=", "+", "-", "@", "\uff1d"))
    assert not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") or "\u202a" <= c <= "\u202e" for c in clean)


@given(st.text())
def test_a_compact_name_is_the_same_for_every_case_and_form(text):
    compact = names.compact(text)
    assert names.compact(compact) == compact
    assert names.compact(unicodedata.normalize("NFD", text)) == names.compact(unicodedata.normalize("NFC", text))


@given(st.text(max_size=80))
def test_a_segment_is_one_plain_name_below_its_folder(text):
    if names.is_segment(text):
        assert (Path("/folder") / text).parent == Path("/folder")
        assert text not in (".", "..")
        assert text.isascii()
        assert text.isprintable()


@given(st.lists(st.lists(st.text(st.characters()), min_size=2, max_size=2), min_size=1))
@example([["=1", "\r=1"], ['"', " +x"], ["\ud800", "\0"]])
def test_what_is_written_can_be_read_again_and_is_no_formula(rows):
    written = tables.write([["a", "b"], *rows]).encode()
    kept = [[tables.harmless(cell) for cell in row] for row in rows if any(tables.harmless(cell).strip() for cell in row)]
    assert [list(row) for row in tables.parse(written).rows] == kept
    assert not any(cell.startswith(("=", "@", "\t", "\r")) for row in kept for cell in row)


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+1+1", "-1+cmd|' /C calc'!A0", "\t=1", "\uff1d1", " =1"])
def test_a_formula_is_written_as_text(cell):
    assert tables.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1.5", "+3", "Doe, Jane", "12"])
def test_a_number_or_a_word_stays_as_it_is(cell):
    assert tables.harmless(cell) == cell
