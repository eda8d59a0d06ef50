"""The inbox keeps everything and changes nothing; the policy says which submission counts and what its time costs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.grading.arrivals.inbox import UNMATCHED, Arrival, Inbox, InboxError
from workbench.grading.manifest import Manifest, ReleasedExercise, ReleasedVariant, Terms
from workbench.grading.people.policy import Policy, PolicyError, Rule, lateness, moment
from workbench.grading.people.roster import Roster, Student

DUE = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)
TERMS = Terms(due="2026-11-20T23:59:00+01:00", grace_minutes=15, penalty_per_day=0.25, accept_days=3)
RELEASED = ReleasedExercise("02_data", "data", (ReleasedVariant({}, ()),), {"s1": 0, "s2": 0, "s3": 0}, TERMS)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _at(moment_: datetime, **more: str) -> Arrival:
    return Arrival(moment_, original="02_data.ipynb", source="a.zip", **more)


def _counting(inbox: Inbox, policy: Policy | None = None, student: str = "s1"):
    return next((one for one in inbox.counting(RELEASED, policy) if one.submission.student == student), None)


def test_what_is_put_can_be_read_again_with_all_that_is_known_of_it(tmp_path):
    inbox = Inbox(tmp_path / "inbox")
    submission, new = inbox.put(b"{}", _at(DUE, marked="late"), lesson="02_data", student="s1")
    assert new
    assert inbox.submissions() == inbox.submissions("02_data") == [submission]
    assert (submission.read(), submission.time, submission.marked, submission.size) == (b"{}", DUE, "late", 2)
    assert submission.path.relative_to(inbox.folder).as_posix() == f"02_data/s1/0001-{submission.sha256[:12]}.ipynb"
    assert json.loads(submission.path.with_suffix(".json").read_bytes())["exercise"] == "02_data"
    assert inbox.folder.stat().st_mode & 0o77 == 0


def test_the_same_bytes_are_kept_once_and_with_their_first_time(tmp_path):
    inbox = Inbox(tmp_path)
    first, _ = inbox.put(b"{}", _at(DUE), lesson="02_data", student="s1")
    assert inbox.put(b"{}", _at(DUE + DAY), lesson="02_data", student="s1") == (first, False)
    assert inbox.submissions() == [first]


def test_going_back_to_an_earlier_version_is_a_submission_of_its_own(tmp_path):
    inbox = Inbox(tmp_path)
    for hours, data in ((0, b"A"), (1, b"B"), (2, b"A")):
        inbox.put(data, _at(DUE - DAY + hours * HOUR), lesson="02_data", student="s1")
    assert [one.read() for one in inbox.submissions()] == [b"A", b"B", b"A"]
    assert _counting(inbox).submission.read() == b"A"


def test_collecting_an_old_archive_once_more_brings_nothing_back(tmp_path):
    inbox = Inbox(tmp_path)
    for hours, data in ((0, b"A"), (1, b"B"), (0, b"A")):
        inbox.put(data, _at(DUE - DAY + hours * HOUR), lesson="02_data", student="s1")
    assert _counting(inbox).submission.read() == b"B"


@pytest.mark.parametrize("name", ["..", "a/b", "", UNMATCHED, ".hidden", "a\0b"])
def test_a_name_that_is_no_plain_folder_is_refused(tmp_path, name):
    with pytest.raises(InboxError, match="cannot be the name"):
        Inbox(tmp_path).put(b"", _at(DUE), lesson="02_data", student=name)


def test_a_submission_that_was_changed_is_noticed(tmp_path):
    submission, _ = Inbox(tmp_path).put(b"{}", _at(DUE), lesson="02_data", student="s1")
    submission.path.write_bytes(b"[]")
    with pytest.raises(InboxError, match="changed"):
        submission.read()


def test_a_record_that_is_damaged_is_named(tmp_path):
    inbox = Inbox(tmp_path)
    submission, _ = inbox.put(b"{}", _at(DUE), lesson="02_data", student="s1")
    submission.path.with_suffix(".json").write_text("{")
    with pytest.raises(InboxError, match=submission.path.stem):
        inbox.submissions()


def test_a_notebook_that_was_left_without_its_record_gets_one(tmp_path):
    inbox = Inbox(tmp_path)
    submission, _ = inbox.put(b"{}", _at(DUE), lesson="02_data", student="s1")
    submission.path.with_suffix(".json").unlink()
    assert inbox.submissions() == []
    assert inbox.put(b"{}", _at(DUE), lesson="02_data", student="s1") == (submission, True)
    assert len(list(submission.path.parent.glob("*.ipynb"))) == 1


FULL = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from workbench.grading.arrivals.inbox import Arrival, Inbox, InboxError
inbox = Inbox(Path(sys.argv[1]))
for number in range(100):
    try:
        inbox.put(b"%03d" % number * 10_000, Arrival(datetime.now(UTC)), lesson="02_data", student="s1")
    except InboxError as error:
        assert "No space left" in error.what, error
        break
else:
    raise AssertionError("the disk never got full")
kept = inbox.submissions()
assert [one.read()[:3] for one in kept] == [b"%03d" % k for k in range(number)] and number, kept
assert len(list(inbox.folder.rglob("*.ipynb"))) - len(kept) in (0, 1)
"""


def test_a_full_disk_is_said_and_what_was_kept_stays(tmp_path, require):
    private = ["unshare", "--mount", "--map-root-user"]
    require(
        shutil.which("unshare") and not subprocess.run([*private, "true"], check=False).returncode, "no mount namespaces"
    )
    script = 'mount -t tmpfs -o size=300k none "$1" && exec "$2" -c "$3" "$1"'
    subprocess.run([*private, "sh", "-c", script, "sh", tmp_path, sys.executable, FULL], check=True, timeout=600)


def test_two_collectors_at_once_overwrite_nothing(tmp_path):
    def fill(start: int) -> None:
        for number in range(start, start + 15):
            Inbox(tmp_path).put(b"%d" % number, _at(DUE + number * HOUR), lesson="02_data", student="s1")

    with ThreadPoolExecutor() as pool:  # the lock is the file's: it holds between threads as it does between processes
        list(pool.map(fill, (0, 10)))
    kept = Inbox(tmp_path).submissions()
    assert {one.read() for one in kept} == {b"%d" % number for number in range(25)}
    assert len({one.path.name[:4] for one in kept}) == len(kept)


def test_what_is_set_aside_is_listed_until_it_is_somebodys(tmp_path):
    inbox = Inbox(tmp_path)
    aside, _ = inbox.set_aside(b"{}", _at(DUE), why="nobody")
    assert inbox.set_aside(b"{}", _at(DUE), why="nobody") == (aside, False)
    assert (aside.why, aside.read(), inbox.submissions()) == ("nobody", b"{}", [])
    inbox.put(b"{}", Arrival(DUE, original="somebody else's equal work.ipynb"), lesson="02_data", student="s1")
    assert inbox.unmatched() == [aside]
    inbox.put(b"{}", _at(DUE), lesson="02_data", student="s2")
    assert inbox.unmatched() == []


def test_an_inbox_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InboxError, match="cannot be written"):
        Inbox(tmp_path / "file" / "inbox").put(b"{}", _at(DUE), lesson="02_data", student="s1")


ARRIVALS = st.lists(st.tuples(st.integers(-200, 200), st.sampled_from([b"A", b"B"])), min_size=1, max_size=6)


@given(ARRIVALS)
@settings(max_examples=25)
def test_what_was_handed_in_last_counts_if_it_is_accepted_from_when_it_came_first(rows):
    rows = sorted(dict(rows).items())
    accepted = [row for row in rows if row[0] <= 72]
    with TemporaryDirectory() as folder:
        for hours, data in rows:
            Inbox(Path(folder)).put(data, _at(DUE + hours * HOUR), lesson="02_data", student="s1")
        counted = _counting(Inbox(Path(folder)))
        assert (counted is None) == (not accepted)
        if counted:
            others = [hours for hours, data in accepted if data != accepted[-1][1]]
            assert counted.submission.read() == accepted[-1][1]
            assert counted.submission.time == DUE + min(h for h, _ in accepted if h > max(others, default=-999)) * HOUR
        else:
            assert [one.student for one in Inbox(Path(folder)).absent(RELEASED)] == ["s1", "s2", "s3"]


def test_an_older_archive_that_is_collected_later_gives_the_earlier_time(tmp_path):
    for hours in (20, -5):
        Inbox(tmp_path).put(b"A", _at(DUE + hours * HOUR), lesson="02_data", student="s1")
    assert (_counting(Inbox(tmp_path)).late_days, _counting(Inbox(tmp_path)).submission.time) == (0, DUE - 5 * HOUR)


@pytest.mark.parametrize(
    ("late", "days", "factor"),
    [(-DAY, 0, 1), (timedelta(0), 0, 1), (timedelta(minutes=15), 0, 1), (timedelta(minutes=16), 1, 0.75), (2 * DAY, 2, 0.5)],
)
def test_each_day_begun_after_the_grace_costs_its_share(late, days, factor):
    found = lateness(DUE + late, TERMS, Rule())
    assert (found.accepted, found.days, found.factor) == (True, days, factor)


def test_work_after_the_last_day_is_not_accepted_and_a_penalty_never_goes_below_nothing():
    assert not lateness(DUE + 3 * DAY + HOUR, TERMS, Rule()).accepted
    assert lateness(DUE + 90 * DAY, Terms(TERMS.due, 0, 0.25), Rule()).factor == 0
    assert lateness(DUE + 90 * DAY, Terms(), Rule()).factor == 1


@given(st.floats(-100, 100), st.floats(0, 1), st.integers(0, 100))
def test_later_is_never_cheaper(hours, penalty, more):
    terms = Terms(TERMS.due, 15, penalty)
    one, other = (lateness(DUE + timedelta(hours=late), terms, Rule()) for late in (hours, hours + more))
    assert 0 <= other.factor <= one.factor <= 1


def test_an_extension_takes_the_place_of_the_due_date_and_keeps_the_grace(tmp_path):
    inbox, policy = Inbox(tmp_path), Policy({("s1", "02_data"): Rule(until=DUE + 5 * DAY, note="illness")})
    for student in ("s1", "s2"):
        inbox.put(b"{}", _at(DUE + 5 * DAY + HOUR / 4), lesson="02_data", student=student)
    counted = _counting(inbox, policy)
    assert (counted.factor, counted.late_days, counted.note) == (1, 0, "illness")
    (missing, _) = inbox.absent(RELEASED, policy)
    assert (missing.student, missing.note) == ("s2", "came after the last day: 1 submission(s)")


def test_excused_work_is_marked_whether_or_not_there_is_any(tmp_path):
    inbox, policy = (
        Inbox(tmp_path),
        Policy({("s1", "*"): Rule(excused=True), ("s2", "02_data"): Rule(excused=True, note="ill")}),
    )
    inbox.put(b"{}", _at(DUE + 50 * DAY), lesson="02_data", student="s1")
    assert _counting(inbox, policy).excused
    assert [(one.student, one.excused, one.note) for one in inbox.absent(RELEASED, policy)] == [
        ("s2", True, "ill"),
        ("s3", False, ""),
    ]


def test_a_download_time_makes_nothing_late_that_the_platform_did_not_mark(tmp_path):
    inbox = Inbox(tmp_path)
    for student, marked in (("s1", "on time"), ("s2", "late"), ("s3", "")):
        inbox.put(b"{}", _at(DUE + 2 * DAY, clock="archive", marked=marked), lesson="02_data", student=student)
    assert [(one.late_days, one.factor) for one in inbox.counting(RELEASED)] == [(0, 1), (1, 0.75), (2, 0.5)]


def test_a_time_that_was_given_is_believed_over_the_platforms_mark(tmp_path):
    inbox = Inbox(tmp_path)
    inbox.put(b"{}", _at(DUE + 2 * DAY, clock="given", marked="on time"), lesson="02_data", student="s1")
    assert _counting(inbox).late_days == 2


def test_two_notebooks_of_one_time_are_said(tmp_path):
    inbox = Inbox(tmp_path)
    for data in (b"A", b"B"):
        inbox.put(data, _at(DUE), lesson="02_data", student="s1")
    assert "2 different notebooks" in _counting(inbox).note


def test_students_to_whom_it_was_not_released_are_left_out(tmp_path):
    inbox = Inbox(tmp_path)
    inbox.put(b"{}", _at(DUE), lesson="02_data", student="s9")
    assert inbox.counting(RELEASED) == []


def _policy(tmp_path: Path, text: str) -> Policy:
    (tmp_path / "policy.csv").write_text(f"student,exercise,until,excused,note\n{text}")
    return Policy.read(tmp_path / "policy.csv", roster=Roster((Student("s1", "Jane Doe"), Student("s2", "Jan"))))


def test_a_policy_file_names_students_as_the_instructor_does(tmp_path):
    policy = _policy(tmp_path, '"Doe, Jane",02,2026-11-30T23:59:00+01:00,,=illness\ns2,,,yes,\n')
    assert policy.of("s1", "02_data") == Rule(until=moment("2026-11-30T23:59:00+01:00", where=""), note="illness")
    assert policy.of("s2", "03_features").excused
    assert policy.of("s1", "03_features") == Rule()


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("s9,02_data,,yes,\n", "policy.csv:2.*nobody"),
        ("s1,02_data,2026-11-30,,\n", "no offset"),
        ("s1,02_data,2026-11-30T23:59:00,,\n", "no offset"),
        ("s1,02_data,tomorrow,,\n", "not a date"),
        ("s1,02_data,,perhaps,\n", "excused"),
        ("s1,02_data,,yes,\nJane Doe,02_data,,no,\n", "two different"),
    ],
)
def test_a_policy_that_is_not_clear_is_refused_with_the_line(tmp_path, text, what):
    with pytest.raises(PolicyError, match=what):
        _policy(tmp_path, text)


RELEASE = Manifest("Course", {"02_data": RELEASED, "03_words": replace(RELEASED, lesson="03_words", students={"s1": 0})})


def _released_policy(tmp_path: Path, text: str, roster: Roster | None = None) -> Policy:
    path = tmp_path / "policy.csv"
    path.write_text(f"student,exercise,until,excused,note\ns1,02,,yes,\n{text},,yes,\n")
    return Policy.read(path, roster=roster, release=RELEASE, lessons=("04_later",))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("s1,02_date", "policy.csv:3: there is no exercise `02_date`(.|\n)*did you mean `02_data`"),
        ("s1,homework", "there is no exercise `homework`(.|\n)*there are 02_data, 03_words, 04_later"),
        ("s1,07", "there is no exercise `07`"),
        ("s11,02_data", "policy.csv:3: `s11` is no student of this release(.|\n)*did you mean `s1`"),
        ("Jane Doe,*", "`Jane Doe` is no student of this release(.|\n)*--roster"),
    ],
)
def test_a_line_of_the_policy_that_can_mean_nothing_is_refused_with_what_may_be_meant(tmp_path, text, what):
    with pytest.raises(PolicyError, match=what):
        _released_policy(tmp_path, text)


def test_a_student_who_is_not_on_the_roster_may_be_one_spelt_like_them(tmp_path):
    with pytest.raises(PolicyError, match=r"policy.csv:3.*nobody on the roster(.|\n)*did you mean `Jane Doe`"):
        _released_policy(tmp_path, "Jane Dow,02_data", Roster((Student("s1", "Jane Doe"), Student("s2", "Jan"))))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("s1,04_later", "`04_later` is not in this release"),
        ("s2,03", "`s2` was not given `03_words` of this release"),
        ("s7,*", "`s7` was not given any exercise of this release"),
    ],
)
def test_a_line_of_the_policy_that_has_no_effect_here_is_remarked(tmp_path, text, why):
    roster = Roster((Student("s1"), Student("s2"), Student("s7")))
    policy = _released_policy(tmp_path, text, roster)
    assert policy.remarks == (f"{tmp_path}/policy.csv:3: {why}: the line has no effect",)
    assert len(policy.rules) == 2


def test_a_line_of_the_policy_that_has_an_effect_is_not_remarked_and_names_the_whole_exercise(tmp_path):
    policy = _released_policy(tmp_path, "s2,*")
    assert (policy.remarks, set(policy.rules)) == ((), {("s1", "02_data"), ("s2", "*")})


def test_a_policy_without_its_columns_is_refused(tmp_path):
    (tmp_path / "policy.csv").write_text("name,until\n")
    with pytest.raises(PolicyError, match="no column `student`"):
        Policy.read(tmp_path / "policy.csv")


def test_an_inbox_that_was_moved_is_the_same(tmp_path):
    Inbox(tmp_path / "a").put(b"{}", _at(DUE), lesson="02_data", student="s1")
    shutil.move(tmp_path / "a", tmp_path / "b")
    assert [one.read() for one in Inbox(tmp_path / "b").submissions()] == [b"{}"]
