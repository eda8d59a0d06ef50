"""Regrading the tea course's class after its checks have changed, with real keys, judges and sandboxes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench.cli import application
from workbench.course import Course
from workbench.errors import CheckError, GradingError
from workbench.grading.arrivals.inbox import Arrival, Inbox
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import Score
from workbench.grading.classwork.regrade import REASON, regrade
from workbench.grading.classwork.regrade_table import RegradeTable
from workbench.grading.classwork.run import grade
from workbench.grading.reports.lms import plain_csv

LESSON = "00_water"
NOON = datetime.fromisoformat("2026-11-28T12:00:00+01:00")
FASTER = """
def cooler(start):
    return start - 0.2 * (start - room)

later = 100.0
for _ in range(5):
    later = cooler(later)
"""
ANSWERS = {
    "s001": {"water.fahrenheit": "fahrenheit = 144", "water.cooling": "def cooler(start):\n    return start\nlater = 65"},
    "s002": {"water.fahrenheit": "fahrenheit = 176", "water.cooling": FASTER},
}
STRICT = "    mistake(value == 144"
LENIENT = "    if value == 144:\n        return\n    mistake(value == 144"
CURIOUS = '    answer.read("room")\n    if value == 144:\n        return\n    mistake(value == 144'


class Class:
    """A graded class in a folder: the course, its release, its inbox and its gradebook."""

    def __init__(self, folder: Path) -> None:
        self.course = Course.find(folder / "tea")
        self.release = folder / "release"
        self.inbox = Inbox(folder / "inbox")
        self.file = folder / "gradebook.sqlite"

    @property
    def checks(self) -> Path:
        return self.course.checks / "water.py"

    def edit(self, path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def grade(self) -> int:
        with Gradebook.open(self.file) as book:
            return grade(self.course, self.inbox, release=self.release, gradebook=book, lessons=[LESSON]).graded

    def regrade(self, *, commit: bool = False, **options: Any) -> RegradeTable:
        with Gradebook.open(self.file, write=commit) as book:
            return regrade(book, self.course, release=self.release, lessons=[LESSON], commit=commit, **options)

    def scores(self) -> list[Score]:
        with Gradebook.open(self.file, write=False) as book:
            return book.scores(LESSON)

    def points(self, slug: str) -> dict[str, float | None]:
        return {score.student: score.points for score in self.scores() if score.slug == slug}


@pytest.fixture(scope="module")
def graded_once(_released_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graded") / "class"
    shutil.copytree(_released_once, folder)
    group = Class(folder)
    for student, answers in ANSWERS.items():
        path = group.release / "students" / student / LESSON / f"{LESSON}.ipynb"
        notebook = json.loads(path.read_bytes())
        for cell in notebook["cells"]:
            for tag in cell["metadata"].get("tags", ()):
                cell["source"] = answers.get(tag.removeprefix("question:"), cell["source"])
        group.inbox.put(json.dumps(notebook).encode(), Arrival(NOON), lesson=LESSON, student=student)
    group.inbox.put(b"no notebook", Arrival(NOON), lesson=LESSON, student="s003")
    assert group.grade() == 2
    return folder


@pytest.fixture
def group(graded_once: Path, tmp_path: Path) -> Class:
    shutil.copytree(graded_once, tmp_path / "class")
    return Class(tmp_path / "class")


def test_a_gradebook_on_a_server_gets_the_same_export(group: Class, new_database: Callable[[], str]) -> None:
    exports = []
    for where in (group.file, new_database()):
        with Gradebook.open(where) as book:
            grade(group.course, group.inbox, release=group.release, gradebook=book, lessons=[LESSON])
            group.edit(group.checks, STRICT, LENIENT)
            regrade(book, group.course, release=group.release, inbox=group.inbox, lessons=[LESSON], commit=True)
            exports.append(plain_csv(book.scores(), book.totals(), book.students()))
        group.edit(group.checks, LENIENT, STRICT)
    assert exports[0] == exports[1]
    assert '"s001"' in exports[0]


def test_nothing_is_judged_again_where_nothing_changed(group: Class) -> None:
    assert group.regrade() == RegradeTable()


def test_a_hint_or_a_wrong_answer_of_the_author_changes_no_score(group: Class) -> None:
    group.edit(group.checks, "Where does each scale put freezing water?", "Think of ice.")
    assert group.regrade().judged == 0


def test_a_lenient_check_is_shown_first_and_written_when_asked(group: Class) -> None:
    group.edit(group.checks, STRICT, LENIENT)
    before = group.file.read_bytes()
    table = group.regrade()
    assert [(one.student, one.slug, one.before, one.after, one.how) for one in table.changes] == [
        ("s001", "water.fahrenheit", 0.0, 1.0, "recorded answer")
    ]
    assert (table.judged, table.executed, table.impossible) == (2, 0, ())
    assert group.file.read_bytes() == before

    assert group.regrade(commit=True).changes == table.changes
    assert group.points("water.fahrenheit") == {"s001": 1.0, "s002": 1.0, "s003": 0.0}
    with Gradebook.open(group.file, write=False) as book:
        assert [(one.student, one.before, one.after, one.reason) for one in book.audit()] == [("s001", 0.0, 1.0, REASON)]
    assert group.regrade().judged == 0
    assert group.grade() == 0, "grading has nothing left to do"


def test_a_check_that_is_changed_back_finds_what_was_recorded_first(group: Class) -> None:
    first = group.scores()
    group.edit(group.checks, STRICT, LENIENT)
    group.edit(group.checks, "    if value == 144:", "    if True:")
    group.edit(group.checks, '    value = answer.read("fahrenheit")', "    value = 144")
    group.regrade(commit=True)
    assert group.points("water.fahrenheit")["s001"] == 1.0
    group.edit(group.checks, "    value = 144", '    value = answer.read("fahrenheit")')
    group.edit(group.checks, "    if True:\n        return\n", "")
    assert group.regrade(commit=True).executed == 0
    assert group.scores() == first


def test_a_check_that_asks_for_more_runs_the_submission_again(group: Class) -> None:
    group.edit(group.checks, STRICT, CURIOUS)
    without = group.regrade()
    assert {(one.student, one.after) for one in without.impossible} == {("s001", 0.0), ("s002", 1.0)}
    assert without.changes == ()
    table = group.regrade(inbox=group.inbox, commit=True)
    assert [(one.student, one.slug, one.after, one.how) for one in table.changes] == [
        ("s001", "water.fahrenheit", 1.0, "run again")
    ]
    assert (table.executed, table.impossible) == (2, ())
    regraded = group.scores()
    group.file.unlink()
    assert group.grade() == 2
    assert group.scores() == regraded


def test_a_changed_solution_touches_the_questions_whose_key_it_changes(group: Class) -> None:
    group.edit(group.course.exercises / f"{LESSON}.py", "0.1 * (start", "0.2 * (start")
    table = group.regrade(inbox=group.inbox, commit=True)
    assert [(one.student, one.slug, one.before, one.after, one.how) for one in table.changes] == [
        ("s002", "water.cooling", 0.0, 2.0, "run again")  # the old check had stopped at the first value that was wrong
    ]
    assert table.judged == 2


def test_what_a_person_set_stays(group: Class) -> None:
    with Gradebook.open(group.file) as book:
        book.set_score("s001", "water.fahrenheit", 0.5, reason="half right", who="prof")
    group.edit(group.checks, STRICT, LENIENT)
    (change,) = group.regrade(commit=True).changes
    assert (change.before, change.after, change.overridden) == (0.0, 1.0, True)
    assert group.points("water.fahrenheit")["s001"] == 0.5
    with Gradebook.open(group.file) as book:
        book.clear_override("s001", "water.fahrenheit", reason="the check is right now", who="prof")
    assert group.points("water.fahrenheit")["s001"] == 1.0


def test_a_question_worth_more_and_one_that_is_new(group: Class) -> None:
    group.edit(group.checks, 'title="Fahrenheit",\n    points=1', 'title="Fahrenheit",\n    points=3')
    group.course.hidden.mkdir()
    (group.course.hidden / "water.py").write_text(
        "from workbench.checks import close, question\n\n"
        '@question("water.other", of="water.cooling", title="Other", points=1)\n'
        'def other(answer, key):\n    close(answer.call("cooler", 33.0), key.call("cooler", 33.0))\n'
    )
    table = group.regrade(inbox=group.inbox, commit=True)
    assert [(one.student, one.slug, one.before, one.after, one.out_of) for one in table.changes] == [
        ("s001", "water.fahrenheit", 0.0, 0.0, 3.0),
        ("s001", "water.other", None, 0.0, 1.0),
        ("s002", "water.fahrenheit", 1.0, 3.0, 3.0),
        ("s002", "water.other", None, 0.0, 1.0),
    ]
    assert {(score.slug, score.out_of) for score in group.scores()} == {
        ("water.fahrenheit", 3.0), ("water.cooling", 2.0), ("water.other", 1.0)
    }  # fmt: skip
    (group.course.hidden / "water.py").unlink()
    removed = [one for one in group.regrade(commit=True).changes if one.how == "removed"]
    assert [(one.student, one.before, one.after) for one in removed] == [("s001", 0.0, None), ("s002", 0.0, None)]
    assert {score.slug for score in group.scores()} == {"water.fahrenheit", "water.cooling"}


def test_a_check_that_does_not_run_changes_nothing(group: Class) -> None:
    before = group.scores()
    group.edit(group.checks, "from workbench.checks", "import nothing_of_that_name\nfrom workbench.checks")
    with pytest.raises(CheckError, match="does not run"):
        group.regrade(commit=True)
    assert group.scores() == before


def test_a_fault_of_ours_is_left_for_grading(group: Class) -> None:
    with Gradebook.open(group.file) as book:
        (sha256,) = [one.sha256 for one in book.standings(LESSON) if one.student == "s001"]
        book.fault(LESSON, "s001", sha256, "the forker died")
    group.edit(group.checks, STRICT, LENIENT)
    table = group.regrade(commit=True)
    assert (table.unfinished, table.changes, table.judged) == (1, (), 1)
    assert group.grade() == 1
    assert group.points("water.fahrenheit")["s001"] == 1.0


def test_an_exercise_that_was_not_released_is_refused(group: Class) -> None:
    with Gradebook.open(group.file, write=False) as book, pytest.raises(GradingError, match="not in the release"):
        regrade(book, group.course, release=group.release, lessons=["07"])


def test_the_command_shows_the_changes_and_says_how_to_write_them(group: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    group.edit(group.checks, STRICT, LENIENT)
    monkeypatch.chdir(group.course.root)
    words = ["regrade", "--release", str(group.release), "--gradebook", str(group.file), "--exercise", "00"]
    shown = CliRunner().invoke(application(), words)
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert lines[1].split() == ["s001", LESSON, "water.fahrenheit", "0", "1", "1", "recorded", "answer"]
    assert lines[-1].endswith("the same command with --commit")
    assert group.points("water.fahrenheit")["s001"] == 0.0
    written = json.loads(CliRunner().invoke(application(), [*words, "--commit", "--json"]).stdout)
    assert (written["committed"], written["judged"], len(written["changes"])) == (True, 2, 1)
    assert group.points("water.fahrenheit")["s001"] == 1.0
