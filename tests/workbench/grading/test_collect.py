"""Collecting what Canvas, Moodle and instructors hand over: everything finds its place, or is listed with the reason."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tracemalloc
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import GradingError
from workbench.grading.arrivals import walk
from workbench.grading.arrivals.collect import CollectError, assign, collect
from workbench.grading.arrivals.inbox import OTHER, UNMATCHED, Inbox
from workbench.grading.arrivals.times import read_times
from workbench.grading.arrivals.walk import MOST_EACH
from workbench.grading.manifest import Manifest, ReleasedCell, ReleasedExercise, ReleasedVariant, Terms
from workbench.grading.people.roster import Roster, Student

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=400)
ROSTER = Roster(
    (
        Student("s1", "Jane Doe", "jane@example.org", ("canvas:4711", "moodle:31")),
        Student("s2", "Jan van Doe", "jan@example.org", ("canvas:4712", "moodle:32")),
        Student("s3", "Jo 7", "", ("canvas:999",)),
    )
)


def _exercise(lesson: str, students: tuple[str, ...] = ("s1", "s2", "s3")) -> ReleasedExercise:
    cells = tuple(ReleasedCell(f"{lesson[:2]}-cell-{number}", "answer", "", f"q.{number}") for number in range(4))
    return ReleasedExercise(
        lesson, "q", (ReleasedVariant({}, cells),), dict.fromkeys(students, 0), Terms(due="2026-11-20T12:00:00Z")
    )


ONE = Manifest("Course", {"02_data": _exercise("02_data")})
TWO = Manifest("Course", {**ONE.exercises, "03_features": _exercise("03_features", ("s1", "s2"))})


def _notebook(lesson: str = "", text: str = "") -> bytes:
    cells = [{"id": f"{lesson[:2]}-cell-{number}", "source": text} for number in range(3)] if lesson else []
    return json.dumps({"cells": cells, "text": text}).encode()


def _zip(path: Path, members: dict[str, bytes], when: datetime = NOW - timedelta(hours=1)) -> Path:
    path.write_bytes(_zipped(members, when))
    return path


def _zipped(members: dict[str, bytes], when: datetime = LONG_AGO) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, when.astimezone().timetuple()[:6])
            made.writestr(info, data, compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _collect(source: Path, inbox: Path, exercises: Manifest = TWO, **more):
    return collect(source, Inbox(inbox), **{"roster": ROSTER, "exercises": exercises, "now": NOW, **more})


def _owners(report) -> dict[str, str]:
    return {one.original: f"{one.student}/{one.lesson}" for one in report.added}


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


def test_a_canvas_download_is_told_apart_by_number_and_by_cells(tmp_path, box):
    source = _zip(
        tmp_path / "submissions.zip",
        {
            "doejane_4711_800001_02_data-1.ipynb": _notebook("02_data", "jane"),
            "vandoejan_LATE_4712_800002_my work.ipynb": _notebook("03_features", "jan"),
            "nobody_5000_800003_02_data.ipynb": _notebook("02_data", "x"),
            "doejane_4711_800004_notes.pdf": b"%PDF",
        },
    )
    report = _collect(source, box)
    assert _owners(report) == {
        "doejane_4711_800001_02_data-1.ipynb": "s1/02_data",
        "vandoejan_LATE_4712_800002_my work.ipynb": "s2/03_features",
    }
    assert [one.marked for one in report.added] == ["on time", "late"]
    assert [one.original for one in report.unmatched] == ["nobody_5000_800003_02_data.ipynb"]
    assert report.ignored == 1
    assert report.notes == []


@pytest.mark.parametrize(
    "name",
    [
        "jo_999_4711_800001_02_data.ipynb",  # a student who calls themself "Jo_999", and so like another one's number
        "doejane_4711_999_800001_02_data.ipynb",
        "doejane_4711_800001_999_800002_x.ipynb",
    ],
)
def test_a_canvas_name_that_can_be_read_in_two_ways_is_nobodys(tmp_path, box, name):
    report = _collect(_zip(tmp_path / "a.zip", {name: _notebook("02_data")}), box)
    assert report.added == []
    assert len(report.unmatched) == 1


def test_a_canvas_name_without_a_known_number_is_read_by_name_if_that_is_clear(tmp_path, box):
    roster = Roster((Student("s1", "Jane Doe"), Student("s2", "Jan Vandoe"), Student("s3", "Vandoe Jan")))
    members = {"doejane_1_2_02_data.ipynb": _notebook("02_data"), "vandoejan_3_4_02_data.ipynb": _notebook("02_data", "x")}
    report = _collect(_zip(tmp_path / "a.zip", members), box, roster=roster)
    assert _owners(report) == {"doejane_1_2_02_data.ipynb": "s1/02_data"}


def test_a_moodle_download_with_students_archives_in_it(tmp_path, box):
    source = _zip(
        tmp_path / "moodle.zip",
        {
            "Jane Doe_31_assignsubmission_file_/02_data.ipynb": _notebook("02_data", "jane"),
            "Jan van Doe_32_assignsubmission_file/work.zip": _zipped(
                {
                    "02_data/02_data.ipynb": _notebook("02_data", "jan"),
                    "__MACOSX/._02_data.ipynb": b"",
                    "02_data/README.md": b"",
                }
            ),
            "Jo 7_33_assignsubmission_file_/report.pdf": b"%PDF",
            "Somebody Else_34_assignsubmission_file_/s1/02_data.ipynb": _notebook("02_data", "forged"),
        },
    )
    report = _collect(source, box)
    assert _owners(report) == {
        "Jane Doe_31_assignsubmission_file_/02_data.ipynb": "s1/02_data",
        "Jan van Doe_32_assignsubmission_file/work.zip": "s2/02_data",
    }
    assert {one.time for one in report.added} == {NOW - timedelta(hours=1)}  # the archive's, not those within the student's
    assert [(one.original, one.student, one.read()) for one in report.other] == [
        ("Jo 7_33_assignsubmission_file_/report.pdf", "s3", b"%PDF")
    ]
    assert (report.refused, report.ignored, report.ok) == ([], 2, False)
    assert [one.original for one in report.unmatched] == ["Somebody Else_34_assignsubmission_file_/s1/02_data.ipynb"]


OTHERS = {
    "s1/My Essay.DOCX": b"PK\x03\x04 words",
    "s2/02_data.py": b"raise SystemExit(1)",
    "s3/all.zip": _zipped({"02_data/answers.html": b"<script>alert(1)</script>"}),
}


def test_what_is_handed_in_in_place_of_a_notebook_is_kept_as_it_came_under_a_name_of_ours(tmp_path, box):
    report = _collect(_zip(tmp_path / "a.zip", OTHERS), box)
    assert {one.original: one.read() for one in report.other} == OTHERS
    assert [one.lesson for one in report.other] == ["", "02_data", ""]
    names = [one.path.relative_to(box / OTHER).as_posix() for one in report.other]
    assert names == [
        f"{one.student}/0001-{one.sha256[:12]}.{kind}"
        for one, kind in zip(report.other, ("docx", "file", "file"), strict=True)
    ]
    assert (report.added, report.unmatched, Inbox(box).submissions(), Inbox(box).others()) == ([], [], [], report.other)


def test_what_is_no_notebook_is_kept_once_and_nothing_of_it_is_overwritten(tmp_path, box):
    first = _collect(_zip(tmp_path / "a.zip", OTHERS), box)
    kept = {path: path.read_bytes() for path in box.rglob("*") if path.is_file()}
    assert _collect(tmp_path / "a.zip", box).other == first.other
    assert {path: path.read_bytes() for path in box.rglob("*") if path.is_file()} == kept
    again = _collect(_zip(tmp_path / "a.zip", {**OTHERS, "s1/My Essay.DOCX": b"PK other words"}), box)
    assert [one.path.name[:4] for one in again.other] == ["0002", "0001", "0001"]
    assert {path: path.read_bytes() for path in kept} == kept


def test_beside_a_notebook_other_files_are_passed_over(tmp_path, box):
    report = _collect(_zip(tmp_path / "a.zip", {**OTHERS, "s1/02_data.ipynb": _notebook("02_data")}), box)
    assert [one.student for one in report.other] == ["s2", "s3"]


def test_one_student_s_files_that_are_no_notebook_are_counted(tmp_path, box):
    members = {f"s1/{number:02}.txt": b"%d" % number for number in range(walk.OTHERS_EACH + 2)}
    report = _collect(_zip(tmp_path / "a.zip", members), box)
    assert (len(report.other), len(report.refused)) == (walk.OTHERS_EACH, 2)


def test_of_a_student_of_whom_nothing_can_be_kept_a_notebook_is_to_be_asked_for(tmp_path, box):
    (tmp_path / "in" / "s1").mkdir(parents=True)
    (tmp_path / "in" / "s1" / "link.pdf").symlink_to("/etc/passwd")
    report = _collect(tmp_path / "in", box)
    assert [one.why for one in report.refused] == [
        "not a plain file",
        "s1 handed in no notebook, and nothing that can be kept: ask for one",
    ]
    assert report.other == []


def test_a_single_document_is_one_students_and_is_not_opened_as_an_archive(tmp_path, box):
    essay = tmp_path / "essay.docx"
    essay.write_bytes(_zipped({"word/document.xml": b"<w/>"}))
    (one,) = _collect(essay, box, student="s2").other
    assert (one.student, one.read()) == ("s2", essay.read_bytes())


def test_what_strangers_hand_in_goes_to_nobody_whatever_their_folders_are_called(tmp_path, box):
    members = {"x1/02_data.ipynb": _notebook("02_data"), "x3/s2/02_data.ipynb": _notebook("02_data", "forged")}
    report = _collect(_zip(tmp_path / "a.zip", members), box)
    assert report.added == []
    assert [one.original for one in report.unmatched] == list(members)
    assert "called like s2, within one that is nobody's" in report.unmatched[1].why


def test_in_moodle_a_number_and_a_name_that_disagree_are_nobodys(tmp_path, box):
    report = _collect(
        _zip(tmp_path / "a.zip", {"Jane Doe_32_assignsubmission_file_/02_data.ipynb": _notebook("02_data")}), box
    )
    (aside,) = report.unmatched
    assert aside.why == "its number is s2's and its name is s1's"


@pytest.mark.parametrize(
    "path",
    [
        "s1/02_data.ipynb",
        "submitted/Doe, Jane/02_data/02_data.ipynb",
        "jane@example.org/anything.ipynb",
        "s1_02_data.ipynb",
        "02_data-Jane Doe.ipynb",
        "Jane Doe.ipynb",
        "s1_02_data.ipynb.txt",
        "doe_jane_02_data (2).ipynb",
    ],
)
def test_folders_and_files_named_after_students(tmp_path, box, path):
    (tmp_path / "in" / path).parent.mkdir(parents=True)
    (tmp_path / "in" / path).write_bytes(_notebook("02_data"))
    assert list(_owners(_collect(tmp_path / "in", box)).values()) == ["s1/02_data"]
    assert list(_owners(_collect(_zip(tmp_path / "in.zip", {path: _notebook("02_data")}), tmp_path / "other")).values()) == [
        "s1/02_data"
    ]


def test_a_folder_within_a_strangers_folder_makes_nobody_else_its_owner(tmp_path, box):
    members = {
        "s2/02_data.ipynb": _notebook("02_data", "honest"),
        "stranger/s1/02_data.ipynb": _notebook("02_data", "forged"),
    }
    members |= {
        "stranger/s1_02_data.ipynb": _notebook("02_data", "forged too"),
        "who.zip": _zipped({"s1/02_data.ipynb": b"{}"}),
    }
    report = _collect(_zip(tmp_path / "a.zip", members), box)
    assert list(_owners(report).values()) == ["s2/02_data"]
    assert len(report.unmatched) == 3


def test_the_cells_say_which_exercise_it_is_before_the_name_does(tmp_path, box):
    report = _collect(_zip(tmp_path / "a.zip", {"s1/02_data.ipynb": _notebook("03_features")}), box)
    assert list(_owners(report).values()) == ["s1/03_features"]


def test_a_notebook_that_does_not_say_is_the_exercise_that_was_asked_for(tmp_path, box):
    source = _zip(
        tmp_path / "a.zip",
        {"s1/final.ipynb": _notebook(), "s2/02_data.ipynb": _notebook(text="a"), "s2/scratch.ipynb": _notebook(text="b")},
    )
    unasked = _collect(source, tmp_path / "other")
    assert list(_owners(unasked).values()) == ["s2/02_data"]
    assert len(unasked.unmatched) == 2
    for report in (_collect(source, box, exercise="02"), _collect(source, tmp_path / "single", ONE)):
        assert sorted(_owners(report).values()) == ["s1/02_data", "s2/02_data"]
        (aside,) = report.unmatched
        assert "another notebook of s2's" in aside.why


def test_another_exercise_than_the_one_asked_for_and_one_not_released_are_set_aside(tmp_path, box):
    members = {"s1/03_features.ipynb": _notebook("03_features"), "s3/03_features.ipynb": _notebook("03_features", "x")}
    asked = _collect(_zip(tmp_path / "a.zip", members), box, exercise="02")
    assert asked.added == []
    report = _collect(tmp_path / "a.zip", tmp_path / "other")
    assert [one.why for one in report.unmatched] == ["03_features was not released to s3"]


def test_collecting_twice_adds_nothing(tmp_path, box):
    members = {"s1/02_data.ipynb": _notebook("02_data"), "who/02_data.ipynb": _notebook("02_data", "x")}
    source = _zip(tmp_path / "a.zip", members)
    _collect(source, box)
    before = {path: path.read_bytes() for path in box.rglob("*") if path.is_file()}
    again = _collect(source, box)
    assert (len(again.added), len(again.duplicates), len(again.unmatched)) == (0, 1, 1)
    assert {path: path.read_bytes() for path in box.rglob("*") if path.is_file()} == before


def test_an_unmatched_notebook_can_be_given_to_its_student_with_the_time_at_which_it_came(tmp_path, box):
    _collect(_zip(tmp_path / "a.zip", {"who/02_data.ipynb": _notebook("02_data")}), box)
    inbox = Inbox(box)
    (aside,) = inbox.unmatched()
    (given,) = assign(inbox, aside.path, roster=ROSTER, exercises=TWO, student="s2").added
    assert (given.student, given.lesson, given.time) == ("s2", "02_data", NOW - timedelta(hours=1))
    assert inbox.unmatched() == []
    with pytest.raises(CollectError, match="not one of the inbox's unmatched"):
        assign(inbox, aside.path, roster=ROSTER, exercises=TWO, student="s2")


def test_times_come_from_the_archive_unless_they_are_given(tmp_path, box):
    source = _zip(
        tmp_path / "a.zip", {"s1/02_data.ipynb": _notebook("02_data"), "s2/02_data.ipynb": _notebook("02_data", "x")}
    )
    (tmp_path / "times.csv").write_text("student,received,exercise\nDoe Jane,2026-11-19T10:00:00+01:00,02_data\n")
    times = read_times(tmp_path / "times.csv", ROSTER, TWO)
    jane, jan = _collect(source, box, times=times).added
    assert (jane.clock, jane.time) == ("given", datetime(2026, 11, 19, 9, tzinfo=UTC))
    assert (jan.clock, jan.time) == ("archive", NOW - timedelta(hours=1))
    (first, _) = _collect(source, tmp_path / "other", received=NOW - timedelta(days=3)).added
    assert first.time == NOW - timedelta(days=3)


def test_a_time_for_an_exercise_by_its_number_is_a_time_for_that_exercise(tmp_path, box):
    (tmp_path / "times.csv").write_text("student,received,exercise\ns1,2026-11-19T10:00:00+01:00,02\n")
    assert list(read_times(tmp_path / "times.csv", ROSTER, TWO)) == [("s1", "02_data")]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("s1,2026-11-19T10:00:00+01:00,02_date", "times.csv:2: there is no exercise `02_date`(.|\n)*did you mean `02_data`"),
        ("Jan Doe,2026-11-19T10:00:00+01:00,", "times.csv:2.*nobody on the roster(.|\n)*did you mean `Jane Doe`"),
    ],
)
def test_a_time_that_nobody_s_work_can_have_is_refused_with_what_may_be_meant(tmp_path, row, what):
    (tmp_path / "times.csv").write_text(f"student,received,exercise\n{row}\n")
    with pytest.raises(GradingError, match=what) as caught:
        read_times(tmp_path / "times.csv", ROSTER, TWO)
    assert caught.value.exit_code == 2


def test_a_time_stamp_in_the_future_counts_as_now_and_late_ones_are_said(tmp_path, box):
    source = _zip(tmp_path / "a.zip", {"s1/02_data.ipynb": _notebook("02_data")}, NOW + timedelta(days=400))
    report = _collect(source, box)
    assert (report.added[0].time, report.added[0].clock) == (NOW, "now")
    assert "late by their time stamps" in report.notes[0]


def test_a_moodle_worksheet_says_when_work_came(tmp_path):
    (tmp_path / "sheet.csv").write_text(
        "Identifier,Full name,Email address,Status,Grade,Last modified (submission)\n"
        'Participant 31,Jane Doe,,,,"Friday, 20 November 2026, 12:05 AM"\nParticipant 32,Jan van Doe,,,,-\n'
    )
    assert read_times(tmp_path / "sheet.csv", ROSTER, TWO) == {("s1", "*"): datetime(2026, 11, 20, 0, 5).astimezone()}
    (tmp_path / "sheet.csv").write_text(
        "Identifier,Grade,Last modified (submission)\nParticipant 31,,vendredi 20 novembre\n"
    )
    with pytest.raises(GradingError, match="not a time"):
        read_times(tmp_path / "sheet.csv", ROSTER, TWO)


def test_a_naive_time_of_arrival_is_refused(tmp_path, box):
    with pytest.raises(CollectError, match="no offset"):
        _collect(tmp_path, box, received=datetime(2026, 1, 1))


@pytest.mark.parametrize("inside", [".", "inbox", "inbox/unmatched"])
def test_an_inbox_is_not_collected_into_itself(tmp_path, box, inside):
    (box / UNMATCHED).mkdir(parents=True)
    with pytest.raises(CollectError, match="into itself"):
        _collect(tmp_path / inside, box)


def test_hostile_members_are_refused_and_the_honest_ones_beside_them_taken(tmp_path, box):
    link = zipfile.ZipInfo("s2/02_data.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    canary = tmp_path / "canary.ipynb"
    canary.write_bytes(b"untouched")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("s1/02_data.ipynb", _notebook("02_data"))
        made.writestr(link, "/etc/passwd")
        made.writestr("../canary.ipynb", "overwritten")
        made.writestr("s1/../../canary.ipynb", "overwritten")
        made.writestr("s2/bomb.ipynb", bytes(19 << 20))
        made.writestr("s2/bomb.zip", _zipped({f"{number}.ipynb": bytes(19 << 20) for number in range(3)}))
        made.writestr("s2/nested.zip", _zipped({"more.zip": _zipped({"02_data.ipynb": _notebook("02_data")})}))
    report = _collect(tmp_path / "a.zip", box)
    assert _owners(report) == {"s1/02_data.ipynb": "s1/02_data"}
    assert canary.read_bytes() == b"untouched"
    reasons = {(refused.path, refused.why) for refused in report.refused}
    assert ("s2/bomb.zip/0.ipynb", "compressed more than 200 times") in reasons
    assert ("s2/nested.zip/more.zip", "an archive within an archive within the source") in reasons
    assert ("../canary.ipynb", "its path leads out of the archive") in reasons
    assert len([why for path, why in reasons if path.startswith("s2/bomb.zip/")]) == 3
    assert not report.ok


def test_memory_stays_flat_over_many_large_submissions_and_bombs(tmp_path, box):
    stored = os.urandom(3 << 20)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_STORED) as made:
        for number in range(8):
            made.writestr(f"s1/{number}.ipynb", stored + b"%d" % number)
            made.writestr(f"s2/{number}.zip", _zipped({"x.ipynb": stored + b"%d" % number}))
    tracemalloc.start()
    report = _collect(tmp_path / "a.zip", box)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(report.unmatched) == 16
    assert peak < 25 << 20


def test_one_student_cannot_flood_the_inbox(tmp_path, box):
    flood = _zipped({f"02_data-{number}.ipynb": _notebook("02_data", str(number)) for number in range(MOST_EACH + 20)})
    source = _zip(tmp_path / "a.zip", {"s1/x.zip": flood, "s2/02_data.ipynb": _notebook("02_data", "honest")})
    report = _collect(source, box)
    assert len(report.added) == MOST_EACH + 1
    assert {refused.why for refused in report.refused} == {f"s1 has more than {MOST_EACH} notebooks here"}


def test_one_student_cannot_keep_everybody_waiting(tmp_path, box, monkeypatch):
    monkeypatch.setattr(walk, "BYTES_EACH", 1 << 20)
    heavy = _zipped({f"{number}.ipynb": os.urandom(200 << 10) for number in range(2)})
    members = {f"s1/{number}.zip": heavy + bytes(number) for number in range(8)}
    report = _collect(_zip(tmp_path / "a.zip", {**members, "s2/02_data.ipynb": _notebook("02_data")}), box, ONE)
    assert [one.student for one in report.added if one.student == "s2"] == ["s2"]
    assert any("more than 1 MB" in refused.why for refused in report.refused)


KILLED = """
import os, signal, sys
from pathlib import Path
from workbench import files
from workbench.grading.arrivals import collect
from workbench.grading.arrivals.inbox import Inbox
from workbench.grading.manifest import Manifest
from workbench.grading.people.roster import Roster
source, box, release, roster, after = sys.argv[1:]
left = int(after)
def audit(event, arguments):
    global left
    if event == "os.rename" and str(arguments[1]).startswith(box):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(audit)
collect.collect(Path(source), Inbox(Path(box)), roster=Roster.read(Path(roster)), exercises=Manifest.read(Path(release)))
"""


@pytest.mark.parametrize("after", [1, 2, 3, 4])
def test_a_collection_that_is_killed_at_any_file_can_be_done_again_with_the_same_result(tmp_path, box, after):
    """Renaming is the last thing that happens to each file: the process dies just before one of them."""
    source = _zip(
        tmp_path / "a.zip", {f"{name}/02_data.ipynb": _notebook("02_data", name) for name in ("s1", "s2", "who")}, LONG_AGO
    )
    ONE.write(tmp_path)
    (tmp_path / "roster.csv").write_text("id,name\ns1,Jane Doe\ns2,Jan van Doe\n")
    places = [str(path) for path in (source, box, tmp_path / "manifest.json", tmp_path / "roster.csv")]
    killed = subprocess.run([sys.executable, "-c", KILLED, *places, str(after)], check=False, timeout=600)
    assert killed.returncode == -signal.SIGKILL
    for inbox in (box, tmp_path / "uninterrupted"):
        collect(source, Inbox(inbox), roster=ROSTER, exercises=ONE)
    assert _visible(box) == _visible(tmp_path / "uninterrupted")


def _visible(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name[0] != "."
    }


def test_names_with_control_sequences_are_shown_as_escapes(tmp_path, box):
    name = "s1/\x1b[2J\u202egnp.ipynb"
    report = _collect(_zip(tmp_path / "a.zip", {name: bytes(21 << 20)}), box)
    assert report.refused[0].path == "s1/\\x1b[2J\\u202egnp.ipynb"


def test_a_folder_in_any_language_and_a_file_that_is_no_text_are_collected_too(tmp_path, box):
    (tmp_path / "in" / "s1").mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(tmp_path / "in" / "s1") + b"/02_data_\xff\xfe.ipynb")).write_bytes(
        b"\xff\xfe not a notebook"
    )
    report = _collect(tmp_path / "in", box)
    assert report.added[0].original == "s1/02_data_\\xff\\xfe.ipynb"
    assert report.added[0].read() == b"\xff\xfe not a notebook"


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30),
        st.binary(max_size=30),
        max_size=5,
    )
)
@settings(max_examples=25)
def test_whatever_the_names_are_nothing_is_written_outside_of_the_inbox_and_nothing_is_lost(members):
    with TemporaryDirectory() as folder:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as made:
            for name, data in members.items():
                made.writestr(zipfile.ZipInfo(name.removesuffix("/") + ".ipynb"), data)
        (Path(folder) / "a.zip").write_bytes(stream.getvalue())
        report = _collect(Path(folder) / "a.zip", Path(folder) / "inbox", ONE)
        assert {path.name for path in Path(folder).iterdir()} <= {"a.zip", "inbox"}
        taken = len(report.added) + len(report.duplicates) + len(report.unmatched) + len(report.refused)
        assert taken + report.ignored == len(members)
        assert {path.parent.name for path in Path(folder).rglob("*.ipynb")} <= {"s1", "s2", "s3", UNMATCHED}


def test_the_tea_course_is_collected_as_its_students_have_it(released_tea, tmp_path):
    hand_in = tmp_path / "in"
    for student in released_tea.roster:
        for lesson in released_tea.manifest.exercises:
            (hand_in / student.id).mkdir(parents=True, exist_ok=True)
            (hand_in / student.id / f"renamed by {student.id}-{lesson[:2]}.ipynb").write_bytes(
                released_tea.answered(student.id, lesson)
            )
    inbox = Inbox(tmp_path / "inbox")
    report = collect(hand_in, inbox, roster=released_tea.roster, exercises=released_tea.manifest)
    assert report.ok
    assert [(one.lesson, one.student) for one in inbox.submissions()] == [
        (lesson, student.id) for lesson in sorted(released_tea.manifest.exercises) for student in released_tea.roster
    ]
    shutil.make_archive(str(tmp_path / "in"), "zip", hand_in)
    again = collect(tmp_path / "in.zip", inbox, roster=released_tea.roster, exercises=released_tea.manifest)
    assert (again.ok, again.added) == (True, [])


@pytest.mark.parametrize(
    "members",
    [
        ("doejane_4711_800001_02_data.ipynb", "doejane_9999_800002_02_data.ipynb"),
        ("Jane Doe_31_assignsubmission_file_/02_data.ipynb", "Jane Doe_77_assignsubmission_file_/02_data.ipynb"),
    ],
)
def test_two_people_of_one_name_are_not_taken_for_one_student(tmp_path, box, members):
    bare = Roster((Student("s1", "Jane Doe", ""), Student("s2", "Jan van Doe", "")))
    source = _zip(tmp_path / "submissions.zip", {name: _notebook("02_data", name) for name in members})
    report = _collect(source, box, roster=bare)
    assert report.added == []
    assert {one.why for one in report.unmatched} == {walk._TWO_PEOPLE}


def test_moodle_numbers_somebody_anew_in_each_assignment(tmp_path, box):
    bare = Roster((Student("s1", "Jane Doe", ""),))
    members = {f"{folder}/Jane Doe_{number}_assignsubmission_file_/{folder}.ipynb": _notebook(folder)
               for folder, number in (("02_data", 31), ("03_features", 77))}  # fmt: skip
    report = _collect(_zip(tmp_path / "both.zip", members), box, roster=bare)
    assert sorted(_owners(report).values()) == ["s1/02_data", "s1/03_features"]
