"""`workbench gradebook`: what a person types and reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from workbench.checks.verdict import Outcome
from workbench.checks.verdict import Result as Verdict
from workbench.cli import application
from workbench.errors import GradingError, ParameterError
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import Enrolled, QuestionInfo
from workbench.grading.outcome import Graded, Judgement

Command = Callable[..., Result]
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Data quality (4711),Other (4712)
Points Possible,,,,,4,10
"Lovelace, Ada",101,s1,ada,Lab 1,,7
"Hopper, Grace",102,s2,grace,Lab 1,,8
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A class of two: one graded, late by a day; of the other our side could not judge a question."""
    where = tmp_path / "class.sqlite"
    with Gradebook.open(where) as book:
        book.enrol([Enrolled("s1", "Ada Lovelace", "ada@x.org"), Enrolled("s2", "=HYPERLINK(1)", "")])
        book.describe(
            "02_data", [QuestionInfo("data.a", "A", 1.0, "visible", 0), QuestionInfo("data.b", "B", 3.0, "hidden", 1)]
        )
        right = Judgement(Verdict("data.a", "A", Outcome.CORRECT, 1.0, 1.0), basis="a")
        half = Judgement(Verdict("data.b", "B", Outcome.PARTIAL, 1.0, 3.0), basis="b")
        lost = Judgement(Verdict("data.b", "B", Outcome.NOT_JUDGED, 0.0, 3.0), fault="the judge was killed \x1b[2J")
        book.finish("02_data", "s1", "a" * 64, Graded((right, half)), factor=0.5, late_days=1)
        book.finish("02_data", "s2", "b" * 64, Graded((right, lost)))
    return where


@pytest.fixture
def gradebook(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a subcommand on it, in a folder that is no course's."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WORKBENCH_COURSE", raising=False)

    def run(name: str, *words: str) -> Result:
        return CliRunner().invoke(application(), ["gradebook", name, "--gradebook", str(file), *words])

    return run


def test_show_tells_an_incomplete_total_from_a_complete_one(gradebook: Command) -> None:
    lines = gradebook("show").stdout.splitlines()
    assert lines[1].split() == ["s1", "02_data", "1", "4", "1", "d,", "x", "0.5", "finished"]
    assert lines[2].split() == ["s2", "02_data", "1?", "4", "1", "finished"]
    assert lines[3] == "infrastructure error: 02_data s2 data.b the judge was killed \\x1b[2J"


def test_show_lists_the_questions_of_one_student(gradebook: Command) -> None:
    lines = gradebook("show", "s1", "--exercise", "02").stdout.splitlines()
    assert [line.split()[1:] for line in lines[1:]] == [
        ["data.a", "1", "1", "correct", "auto"],
        ["data.b", "1", "3", "partly", "correct", "auto"],
    ]
    found = json.loads(gradebook("show", "s1", "--json").stdout)
    assert [(one["slug"], one["points"]) for one in found] == [("data.a", 1.0), ("data.b", 1.0)]


def test_a_score_is_set_audited_and_cleared(gradebook: Command) -> None:
    done = gradebook("set", "s2", "data.b", "2.5", "--reason", "seen in class", "--who", "prof")
    assert done.stdout == "s2 data.b: - -> 2.5 of 3\n"
    assert gradebook("show").stdout.splitlines()[2].split() == ["s2", "02_data", "3.5", "4", "finished"]
    (entry,) = json.loads(gradebook("audit", "--student", "s2", "--json").stdout)
    assert (entry["who"], entry["before"], entry["after"], entry["reason"]) == ("prof", None, 2.5, "seen in class")
    assert gradebook("clear", "s2", "data.b", "--reason", "mistake").stdout == "s2 data.b: 2.5 -> - of 3\n"
    assert len(gradebook("audit").stdout.splitlines()) == 3


def test_a_score_is_not_set_without_a_reason(gradebook: Command) -> None:
    assert gradebook("set", "s2", "data.b", "2").exit_code == 2
    assert isinstance(gradebook("set", "s2", "data.b", "2", "--reason", " ").exception, GradingError)
    assert gradebook("audit").stdout.splitlines()[1:] == []


def test_an_exercise_that_is_not_there_is_refused(gradebook: Command) -> None:
    assert isinstance(gradebook("show", "--exercise", "07").exception, ParameterError)


def test_the_plain_export_holds_every_question_and_no_formula(gradebook: Command) -> None:
    text = gradebook("export").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["student"], row["question"], row["points"], row["counts"]) for row in rows] == [
        ("s1", "data.a", "1.0", "0.5"), ("s1", "data.b", "1.0", "0.5"), ("s1", "", "2.0", "1.0"),
        ("s2", "data.a", "1.0", "1.0"), ("s2", "data.b", "", ""), ("s2", "", "1.0", ""),
    ]  # fmt: skip
    assert '"=HYPER' not in text


def test_canvas_gets_its_own_file_back_with_complete_totals_in_it(gradebook: Command, tmp_path: Path) -> None:
    (tmp_path / "canvas.csv").write_text(CANVAS)
    done = gradebook(
        "export", "--format", "canvas", "--template", "canvas.csv", "--column", "02=Data quality", "--out", "up.csv"
    )
    assert done.exit_code == 1, "one total is not complete"
    assert "s2 has no complete score for 02_data yet" in done.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "up.csv").read_text())))
    assert [(row["ID"], row["Data quality (4711)"]) for row in rows] == [("", "4"), ("101", "1"), ("102", "")]


def test_a_platform_without_its_export_is_refused(gradebook: Command) -> None:
    assert isinstance(gradebook("export", "--format", "moodle").exception, ParameterError)


def test_a_negative_score_is_refused_for_what_it_is(gradebook: Command) -> None:
    done = gradebook("set", "s2", "data.b", "-1", "--reason", "late")
    assert isinstance(done.exception, GradingError)
    assert "-1" in str(done.exception)


def test_an_export_tells_what_it_changes_and_never_writes_over_its_template(gradebook: Command, tmp_path: Path) -> None:
    template = tmp_path / "canvas.csv"
    template.write_text(CANVAS.replace("Lab 1,,7", "Lab 1,3,7"))
    words = ["--format", "canvas", "--template", str(template), "--column", "02=Data quality"]
    done = gradebook("export", *words, "--out", str(tmp_path / "upload.csv"))
    assert "s1 02_data: 3 -> 1" in done.stdout
    printed = gradebook("export", *words)
    assert "3 -> 1" not in printed.stdout
    assert "3 -> 1" in printed.stderr
    before = template.read_bytes()
    refused = gradebook("export", *words, "--out", str(tmp_path / "x" / ".." / "canvas.csv"))
    assert isinstance(refused.exception, ParameterError)
    assert template.read_bytes() == before
