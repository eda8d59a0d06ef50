"""The whole way on the command line: a course that knows nothing of machine learning is released, collected and graded."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from workbench.cli import application
from workbench.course import Course
from workbench.errors import GradingError

ROSTER = "id,name,email\ns001,Ada Lovelace,ada@example.org\ns002,Grace Hopper,\ns003,=HYPERLINK(1),\n"
NAMES = ("s001", "s002", "s003")
ANSWERS = {
    "water.fahrenheit": "fahrenheit = 9 * 80 / 5 + 32",
    "water.cooling": "def cooler(start):\n    return 0.9 * start + 0.1 * room\n\nlater = 67.2392",
    "steeping.leaves": "leaves = [1 + 2 * cup for cup in cups]",
}


@pytest.fixture
def folder(built_tea: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the instructor works: beside the course."""
    monkeypatch.setenv("WORKBENCH_COURSE", str(built_tea.root))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roster.csv").write_text(ROSTER)
    return tmp_path


def _run(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(application(), list(words))
    assert done.exit_code == code, done.output
    return done.output


def _hand_in(folder: Path, student: str, lesson: str, answers: dict[str, str]) -> None:
    """What a student does: opens what they were given, fills cells in, uploads the notebook."""
    given = folder / "release" / "students" / student / lesson / f"{lesson}.ipynb"
    notebook: dict[str, Any] = json.loads(given.read_bytes())
    for cell in notebook["cells"]:
        for tag in cell["metadata"].get("tags", ()):
            cell["source"] = answers.get(tag.removeprefix("question:"), cell["source"])
    (folder / "uploads" / student).mkdir(parents=True, exist_ok=True)
    (folder / "uploads" / student / f"{lesson}.ipynb").write_text(json.dumps(notebook))


def test_a_course_is_released_collected_and_graded_with_variants(folder: Path) -> None:
    _run("release", "01", "--roster", "roster.csv", "--out", "release", "--per-student")
    _run("release", "00", "--roster", "roster.csv", "--out", "release", "--due", "2026-12-01T23:59:00+01:00")
    for lesson in ("00_water", "01_steeping"):
        _hand_in(folder, "s001", lesson, ANSWERS)
    _hand_in(folder, "s002", "00_water", {**ANSWERS, "water.cooling": "1 / 0"})
    common = ["--roster", "roster.csv", "--release", "release"]
    _run("collect", "uploads", *common, "--inbox", "inbox", "--received", "2026-11-30T12:00:00+01:00")

    printed = _run("grade", "inbox", *common)
    assert "3 graded, 0 recorded before, 3 absent" in printed
    summary = json.loads(_run("grade", "inbox", *common, "--json"))
    assert (summary["graded"], summary["recorded"], summary["faults"]) == (0, 3, [])

    _run("gradebook", "export", "--format", "plain", "--out", "scores.csv")
    rows = list(csv.DictReader((folder / "scores.csv").read_text().splitlines()))
    points = {name: {row["question"]: row["points"] for row in rows if row["student"] == name} for name in NAMES}
    assert [[points[name][slug] for slug in ANSWERS] for name in NAMES] == [
        ["1.0", "2.0", "1.0"],
        ["1.0", "0.0", "0.0"],
        ["0.0", "0.0", "0.0"],
    ]
    assert {row["name"] for row in rows} == {"Ada Lovelace", "Grace Hopper", "HYPERLINK(1)"}


def _refusal(*words: str, code: int = 1) -> str:
    done = CliRunner().invoke(application(), list(words))
    assert isinstance(done.exception, GradingError), done.output
    assert done.exception.exit_code == code
    return str(done.exception)


def _collected(folder: Path, *students: str) -> None:
    common = ["--roster", "roster.csv", "--release", "release"]
    _run("release", "00", "--roster", "roster.csv", "--out", "release")
    for student in students or ("s001",):
        _hand_in(folder, student, "00_water", ANSWERS)
    _run("collect", "uploads", *common, "--inbox", "inbox", "--received", "2026-11-30T12:00:00+01:00")


def test_what_is_not_there_is_refused_with_what_to_run_first_and_leaves_no_gradebook(folder: Path) -> None:
    assert "run `workbench release" in _refusal("grade", "nowhere", "--release", "release")
    _collected(folder)
    assert "run `workbench collect" in _refusal("grade", "nowhere", "--release", "release")
    assert "is no inbox" in _refusal("grade", "uploads", "--release", "release")
    assert "not in the release" in _refusal("grade", "inbox", "--release", "release", "--exercise", "09")
    assert not list(folder.glob("*.sqlite*"))
    assert "is not a tier" in _refusal("grade", "inbox", "--release", "release", "--require-tier", "velvet")


def test_a_command_that_corrects_or_reads_makes_no_gradebook(folder: Path) -> None:
    _collected(folder)
    for words in (
        ("gradebook", "set", "s001", "water.cooling", "1", "--reason", "x"),
        ("gradebook", "clear", "s001", "water.cooling", "--reason", "x"),
        ("regrade", "--release", "release", "--commit"),
        ("feedback", "--release", "release"),
        ("review", "--gradebook", "gradebook.sqlite", "--merge", "share.json"),
        ("review", "--gradebook", "gradebook.sqlite", "--assign", "anna=1"),
    ):
        if "--merge" in words:
            (folder / "share.json").write_text("{}")
            _refusal(*words)
        else:
            assert "there is no gradebook here" in _refusal(*words), words
    assert not list(folder.glob("*.sqlite*"))


def test_what_a_run_leaves_open_is_told_and_a_policy_is_kept_until_it_is_dropped(folder: Path) -> None:
    _collected(folder)
    (folder / "policy.csv").write_text("student,exercise,until,excused,note\ns002,*,,yes,ill\n")
    words = ["grade", "inbox", "--release", "release", "--seconds", "90", "--memory-mb", "1024"]
    first = _run(*words, "--policy", "policy.csv")
    assert "absent: s002, s003 (00_water)" in first
    assert "--no-policy" not in first
    assert "(1 lines); --no-policy drops them" in _run(*words)
    assert "excused" in _run("gradebook", "show", "s002")
    assert "--no-policy" not in _run(*words, "--no-policy")
    assert "excused" not in _run("gradebook", "show", "s002")
    assert "--no-policy" not in _run(*words)


def test_a_policy_with_a_line_that_means_nothing_is_refused_and_one_without_effect_is_told(folder: Path) -> None:
    _collected(folder)
    words = ["grade", "inbox", "--release", "release", "--policy", "policy.csv"]
    (folder / "policy.csv").write_text("student,exercise,excused\ns002,00_watre,yes\n")
    assert "did you mean `00_water`" in _refusal(*words, code=2)
    assert not list(folder.glob("*.sqlite*"))
    (folder / "policy.csv").write_text("student,exercise,excused\ns002,01,yes\n")
    assert "note: policy.csv:2: `01_steeping` is not in this release: the line has no effect" in _run(*words)


def test_who_is_no_longer_in_the_inbox_is_named_and_many_absent_are_counted(folder: Path) -> None:
    many = "".join(f"t{number:03},,\n" for number in range(15))
    (folder / "roster.csv").write_text(ROSTER + many)
    _collected(folder, "s001", "s002")
    first = _run("grade", "inbox", "--release", "release")
    assert "absent: s003, t000, t001, t002, t003, t004, t005, t006, t007, t008, t009, t010 and 4 more (00_water)" in first
    before = _run("gradebook", "show")
    (folder / "inbox" / "00_water" / "s002").rename(folder / "lost")
    second = _run("grade", "inbox", "--release", "release")
    assert "0 graded, 1 recorded before, 16 absent" in second
    assert "recorded before, not in this inbox: s002 (00_water)" in second
    assert _run("gradebook", "show") == before
