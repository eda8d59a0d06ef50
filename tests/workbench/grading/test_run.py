"""A class is graded: what counts, what is recorded, and what is not done twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from school import EARLY, WRONG, School
from workbench.errors import GradingError
from workbench.grading.arrivals.inbox import Arrival, Inbox
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import Standing
from workbench.grading.classwork.lineup import UNREADABLE
from workbench.grading.classwork.progress import Step
from workbench.grading.people.policy import Policy, Rule
from workbench.grading.sandbox.limits import Limits

HIDDEN = """
from workbench.checks import close, question

@question("water.cooling_elsewhere", of="water.cooling", title="Cooling elsewhere", points=2)
def elsewhere(answer, key):
    close(answer.call("cooler", 33.0), key.call("cooler", 33.0), "`cooler` fails for a start that it was not shown")
"""


def _forgive(checks: Path) -> None:
    """Edit a check: who forgot the offset of the scale gets the point all the same."""
    forgiven = checks.read_text().replace(
        "    mistake(value == 144", "    if value == 144:\n        return\n    mistake(value == 144", 1
    )
    checks.write_text(forgiven)


def _points(fahrenheit: float, cooling: float, leaves: float, bitter: float | None = 0) -> Mapping[str, float | None]:
    return {
        "water.fahrenheit": fahrenheit, "water.cooling": cooling, "steeping.leaves": leaves, "steeping.bitter": bitter,
    }  # fmt: skip


def test_a_class_is_graded_from_its_inbox_to_its_scores(school: School) -> None:
    for lesson in ("00_water", "01_steeping"):
        school.hand_in("s001", lesson)
        school.hand_in("s002", lesson, school.released.answered("s002", lesson, {}))
        school.hand_in("s003", lesson, school.released.answered("s003", lesson, WRONG))
    summary = school.grade(jobs=2)
    assert (summary.graded, summary.recorded, summary.absent, summary.faults) == (6, 0, 0, ())
    assert sum(summary.tiers.values()) == 6
    assert school.points() == {"s001": _points(1, 2, 1, None), "s002": _points(0, 0, 0), "s003": _points(0, 0, 0)}
    with school.reader() as book:
        outcomes = {score.slug: score.outcome for score in book.scores(student="s003")}
        assert outcomes == {
            "water.fahrenheit": "incorrect", "water.cooling": "not attempted", "steeping.leaves": "incorrect",
            "steeping.bitter": "not attempted",
        }  # fmt: skip
        assert [cell.error for cell in book.submission("00_water", "s003").cells if cell.error] == ["SystemExit: "]


def test_what_is_recorded_is_not_done_again(school: School) -> None:
    school.hand_in("s001", "00_water")
    school.hand_in("s002", "00_water", b"not a notebook")
    school.grade()
    before = school.file.read_bytes()
    steps: list[Step] = []
    again = school.grade(on_progress=steps.append)
    assert (again.graded, again.recorded) == (0, 1)
    assert {step.student: step.happened for step in steps if step.student} == {
        "s001": "recorded before",
        "s002": "unreadable",
    }
    assert school.file.read_bytes() == before


def test_a_file_that_is_no_notebook_gets_no_points_a_reason_and_a_flag(school: School) -> None:
    school.hand_in("s001", "00_water", b"PK\x03\x04 my notebook is in here")
    summary = school.grade()
    assert [(one.lesson, one.student) for one in summary.unreadable] == [("00_water", "s001")]
    assert summary.faults == ()
    with school.reader() as book:
        graded = book.submission("00_water", "s001")
        assert graded is not None
        assert [flag.kind for flag in graded.flags] == [UNREADABLE]
        assert all("could not be read" in judgement.result.messages[0] for judgement in graded.judgements)
        assert [(score.points, score.source) for score in book.scores("00_water", "s001")] == [(0, "auto")] * 2


def test_what_came_in_place_of_a_notebook_is_named_until_a_notebook_comes(school: School) -> None:
    school.hand_in("s001", "00_water")
    for student, lesson in (("s001", "00_water"), ("s002", "00_water"), ("s003", "")):
        school.inbox.keep_other(b"words", Arrival(EARLY, "my\nessay.docx"), student=student, lesson=lesson)
    summary = school.grade(lessons=["00_water"])
    assert [(one.lesson, one.student) for one in summary.other] == [("00_water", "s002"), ("", "s003")]
    assert "my\\nessay.docx" in summary.other[0].text
    school.hand_in("s002", "00_water", when=EARLY + timedelta(days=1))
    assert [one.student for one in school.grade(lessons=["00_water"]).other] == ["s003"]


def test_inbox_and_gradebook_beneath_the_course_s_data_are_closed_to_submissions(school: School) -> None:
    data = school.released.course.datasets
    (data / "inbox").mkdir(parents=True)
    for name in ("grades.sqlite", "leaves.csv"):
        (data / name).touch()  # with modes that would let anybody read them
    school.inbox, school.file = Inbox(data / "inbox"), data / "grades.sqlite"
    look = f"""
import os
names = ("inbox", "grades.sqlite", "grades.sqlite-wal", "leaves.csv")
fahrenheit = 176 if [name for name in names if os.access({str(data)!r} + "/" + name, os.R_OK)] == ["leaves.csv"] else 0
"""
    school.hand_in("s001", "00_water", school.released.answered("s001", "00_water", {"water.fahrenheit": look}))
    school.grade(lessons=["00_water"])
    assert school.points()["s001"]["water.fahrenheit"] == 1


def test_a_person_may_overrule_what_was_recorded_of_an_unreadable_file_for_good(school: School) -> None:
    school.hand_in("s001", "00_water", b"{}")
    school.grade()
    with Gradebook.open(school.file) as book:
        book.set_score("s001", "water.cooling", 1.5, reason="shown in class", who="teacher")
    school.grade()
    assert school.points()["s001"]["water.cooling"] == 1.5


def test_the_last_submission_counts_once_it_is_there(school: School) -> None:
    school.hand_in("s001", "00_water", school.released.answered("s001", "00_water", {}))
    school.grade()
    assert school.points()["s001"]["water.cooling"] == 0
    school.hand_in("s001", "00_water", when=EARLY + timedelta(hours=1))
    assert school.grade().graded == 1
    assert school.points()["s001"]["water.cooling"] == 2


def test_changed_terms_are_recorded_without_running_anything(school: School) -> None:
    school.hand_in("s001", "00_water", when=EARLY + timedelta(days=5))  # two days late
    school.grade()
    with school.reader() as book:
        assert [(total.points, total.earned) for total in book.totals("00_water", "s001")] == [(pytest.approx(2.4), 3)]
    rules = {
        ("s001", "00_water"): Rule(until=EARLY + timedelta(days=9), note="illness"),
        ("s002", "*"): Rule(excused=True, note="transferred"),
    }
    assert school.grade(policy=Policy(rules)).graded == 0
    with school.reader() as book:
        assert book.totals("00_water", "s001")[0].points == 3
        standings = {one.student: one for one in book.standings("00_water")}
        assert (standings["s001"].note, standings["s002"].excused) == ("illness", True)
        assert {score.source for score in book.scores("00_water", "s002")} == {"excused"}
        assert {score.source for score in book.scores("00_water", "s003")} == {"missing"}


def test_hidden_questions_of_another_folder_are_asked(school: School, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "water.py").write_text(HIDDEN)
    by_heart = {
        "water.cooling": "def cooler(start):\n    return {100.0: 92.0, 50.0: 47.0, 10.0: 11.0}[start]\n\nlater = 67.2392"
    }
    school.hand_in("s001", "00_water")
    school.hand_in("s002", "00_water", school.released.answered("s002", "00_water", by_heart))
    school.grade(hidden=tmp_path / "private", lessons=["00"])
    points = school.points()
    assert points["s001"] == {"water.fahrenheit": 1, "water.cooling": 2, "water.cooling_elsewhere": 2}
    assert points["s002"] == {"water.fahrenheit": 0, "water.cooling": 2, "water.cooling_elsewhere": 0}


def test_grading_leaves_what_other_checks_have_judged_and_judges_new_work_by_todays(school: School) -> None:
    school.hand_in("s001", "00_water", school.released.answered("s001", "00_water", WRONG))
    school.grade()
    _forgive(school.released.course.checks / "water.py")
    school.hand_in("s002", "00_water", school.released.answered("s002", "00_water", WRONG))
    summary = school.grade()
    assert (summary.graded, summary.recorded, summary.outdated) == (1, 1, 1)
    assert {name: school.points()[name]["water.fahrenheit"] for name in ("s001", "s002")} == {"s001": 0, "s002": 1}
    with school.reader() as book:
        assert book.audit() == []


def test_of_an_unfinished_submission_only_what_a_changed_check_touches_is_judged_again(school: School) -> None:
    school.hand_in("s001", "00_water", school.released.answered("s001", "00_water", WRONG))
    school.grade()
    with school.reader() as book:
        before = {one.result.slug: one for one in book.submission("00_water", "s001").judgements}
    _forgive(school.released.course.checks / "water.py")
    with Gradebook.open(school.file) as book:
        (sha256,) = [one.sha256 for one in book.standings("00_water") if one.student == "s001"]
        book.fault("00_water", "s001", sha256, "the machine went down")
    assert school.grade().graded == 1
    with school.reader() as book:
        after = {one.result.slug: one for one in book.submission("00_water", "s001").judgements}
        assert [(entry.slug, entry.before, entry.after) for entry in book.audit()] == [("water.fahrenheit", 0, 1)]
    assert after["water.cooling"] == before["water.cooling"]  # the time it took, too


def test_checks_that_are_edited_while_they_are_used_give_what_a_run_with_the_new_ones_gives(school: School) -> None:
    for student in ("s001", "s002", "s003"):
        school.hand_in(student, "00_water", school.released.answered(student, "00_water", WRONG))
    checks = school.released.course.checks / "water.py"

    def edit(step: Step) -> None:
        if step.happened == "graded" and step.done == 1:
            _forgive(checks)

    assert school.grade(on_progress=edit, lessons=["00"]).faults == ()
    assert school.points() == {name: {"water.fahrenheit": 1, "water.cooling": 0} for name in ("s001", "s002", "s003")}


def test_a_module_that_a_check_imports_is_noticed_when_it_is_edited_while_it_is_used(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = school.released.course
    monkeypatch.syspath_prepend(str(course.root / "src"))  # as where the course is installed
    checks, helper = course.checks / "water.py", course.root / "src" / "mercy.py"
    helper.write_text("def forgiven(value):\n    return False\n")
    forgiving = checks.read_text().replace(
        "    mistake(value == 144", "    if forgiven(value):\n        return\n    mistake(value == 144"
    )
    checks.write_text(forgiving.replace("from workbench", "from mercy import forgiven\nfrom workbench", 1))
    for student in ("s001", "s002", "s003"):
        school.hand_in(student, "00_water", school.released.answered(student, "00_water", WRONG))

    def edit(step: Step) -> None:
        if step.happened == "graded" and step.done == 1:
            helper.write_text("def forgiven(value):\n    return value == 144\n")

    assert school.grade(on_progress=edit, lessons=["00"]).faults == ()
    assert school.points() == {name: {"water.fahrenheit": 1, "water.cooling": 0} for name in ("s001", "s002", "s003")}


def test_an_exercise_that_was_not_released_is_refused(school: School) -> None:
    with pytest.raises(GradingError, match="not in the release"):
        school.grade(lessons=["07"])


def test_a_submission_that_changed_in_the_inbox_is_our_fault_and_no_zero(school: School) -> None:
    school.hand_in("s001", "00_water")
    (path,) = (one.path for one in school.inbox.submissions())
    notebook = json.loads(path.read_bytes())
    path.write_text(json.dumps(notebook | {"metadata": {}}))
    summary = school.grade()
    assert [(one.student, "has changed" in one.text) for one in summary.faults] == [("s001", True)]
    assert school.points()["s001"]["water.cooling"] is None


def test_another_folder_for_the_inbox_is_refused_and_leaves_the_class_as_it_was(school: School, tmp_path: Path) -> None:
    school.hand_in("s001", "00_water")
    school.grade()
    before, right = school.points(), school.inbox
    (tmp_path / "empty").mkdir()
    (tmp_path / "uploads" / "s001").mkdir(parents=True)
    (tmp_path / "uploads" / "s001" / "00_water.ipynb").write_bytes(school.released.answered("s001", "00_water"))
    others = Inbox(tmp_path / "others")
    others.put(b"{}", Arrival(EARLY), lesson="77_elsewhere", student="s001")
    others.put(b"{}", Arrival(EARLY), lesson="00_water", student="somebody")
    for folder, why in (("empty", "no inbox"), ("uploads", "no inbox"), ("gone", "no inbox"), ("others", "belongs to")):
        school.inbox = Inbox(tmp_path / folder)
        with pytest.raises(GradingError, match=rf"{why}[^`]*\n.*workbench collect"):
            school.grade()
    assert school.points() == before
    school.inbox = right
    assert (school.grade().graded, school.grade().recorded) == (0, 1)


def test_what_is_recorded_and_no_longer_in_the_inbox_stays_and_is_named(school: School, tmp_path: Path) -> None:
    for student in ("s001", "s002"):
        school.hand_in(student, "00_water")
    school.hand_in("s002", "00_water", school.released.answered("s002", "00_water", {}), when=EARLY + timedelta(hours=1))
    school.grade()
    before, right = school.points(), school.inbox
    school.inbox = Inbox(tmp_path / "partial")
    school.hand_in("s002", "00_water")  # an earlier one than that which is recorded
    school.hand_in("s003", "00_water", b"no notebook")
    summary = school.grade(lessons=["00"])
    assert summary.gone == {"00_water": ("s001", "s002")}
    assert (summary.graded, summary.missing) == (0, {})
    assert school.points() == before
    excused = Policy({("s001", "*"): Rule(excused=True, note="ill")})
    assert school.grade(lessons=["00"], policy=excused).gone["00_water"] == ("s001", "s002")
    assert set(school.points()["s001"].values()) == {None, 0}, "excused from the one exercise that was graded"
    school.grade(lessons=["00"], policy=Policy())
    assert school.points() == before, "an excuse that is dropped leaves what was recorded"
    school.inbox = right
    again = school.grade(lessons=["00"])
    assert (again.graded, again.recorded, again.gone) == (0, 2, {"00_water": ("s003",)})
    assert school.points() == before


def test_a_submission_that_was_once_taken_for_missing_is_not_run_again(school: School) -> None:
    school.hand_in("s001", "00_water")
    school.grade()
    before = school.points()
    with Gradebook.open(school.file) as book:
        book.stand_all([Standing("00_water", "s001")])
    again = school.grade()
    assert (again.graded, again.recorded) == (0, 1)
    assert school.points() == before


def test_a_later_file_that_cannot_be_read_gives_way_to_the_last_that_can(school: School) -> None:
    school.hand_in("s001", "00_water", school.released.answered("s001", "00_water", {}))
    school.hand_in("s001", "00_water", when=EARLY + timedelta(hours=1))
    arrival = Arrival(EARLY + timedelta(hours=2), original="s001/final\x1b.ipynb")
    school.inbox.put(b"PK broken", arrival, lesson="00_water", student="s001")
    school.hand_in("s002", "00_water", b"one")
    school.hand_in("s002", "00_water", b"two", when=EARLY + timedelta(hours=1))
    summary = school.grade()
    assert [(one.student, one.text) for one in summary.unread] == [("s001", "s001/final\x1b.ipynb")]
    assert [one.student for one in summary.unreadable] == ["s002"]
    assert school.points()["s001"]["water.cooling"] == 2
    with school.reader() as book:
        flags = [flag for flag in book.submission("00_water", "s001").flags if flag.kind == "later file"]
        assert [flag.text for flag in flags] == ["a later file cannot be read: s001/final\\x1b.ipynb"]
        (standing,) = [one for one in book.standings("00_water") if one.student == "s001"]
        assert "a later file cannot be read" in standing.note
    before = school.file.read_bytes()
    again = school.grade()
    assert (again.graded, again.recorded, len(again.unread)) == (0, 1, 1)
    assert school.file.read_bytes() == before


def test_the_policy_of_the_last_run_is_used_again_until_it_is_dropped(school: School) -> None:
    school.hand_in("s001", "00_water", when=EARLY + timedelta(days=5))
    rules = {("s001", "00_water"): Rule(until=EARLY + timedelta(days=9), note="illness"), ("s002", "*"): Rule(excused=True)}
    assert school.grade(policy=Policy(rules)).rules == 0
    before = school.settled()
    assert school.grade().rules == 2
    assert school.settled() == before
    assert school.grade(policy=Policy()).rules == 0
    with school.reader() as book:
        assert [(one.student, one.excused) for one in book.standings("00_water") if one.excused] == []
        assert book.totals("00_water", "s001")[0].points == pytest.approx(2.4)


def test_the_limits_of_a_submission_can_be_set(school: School) -> None:
    school.hand_in("s001", "00_water", school.released.answered("s001", "00_water", {"water.cooling": "while True: pass"}))
    school.grade(limits=Limits.given(seconds=3))
    with school.reader() as book:
        graded = book.submission("00_water", "s001")
        assert graded is not None
        assert graded.usage.cpu < 10
        assert any(cell.error for cell in graded.cells) or graded.ending != "finished"
    assert Limits.given(memory_mb=256) == Limits(memory=256 << 20)
