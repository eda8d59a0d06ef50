"""What people are told at the end: checks that raised, notebooks of somebody else's, exercises without a cell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.checks.verdict import Outcome, Result
from workbench.cli import application
from workbench.course import Course
from workbench.grading.reports.raised_checks import raised

BREAK = """

@question("steeping.broken", title="Broken", of="steeping.leaves")
def broken(answer, key):
    answer.read("leaves") == key.read("leaves") or {}["not there"]
"""


def _run(*words: str) -> str:
    done = CliRunner().invoke(application(), list(words))
    assert done.exit_code == 0, done.output
    return done.output


def _result(slug: str, detail: str, outcome: Outcome = Outcome.INCORRECT) -> Result:
    return Result(slug, slug, outcome, 0, 1, ("odd",), detail)


def test_verdicts_are_grouped_by_question_and_exception() -> None:
    key, zero = "KeyError: 'b'\nTraceback ...", "ZeroDivisionError: no"
    rows = raised([("bob", _result("a.x", key)), ("ann", _result("a.x", key)), ("ann", _result("a.x", zero))])
    assert [(row.exception, row.count, row.example) for row in rows] == [
        ("KeyError", 2, "KeyError: 'b'"),
        ("ZeroDivisionError", 1, "ZeroDivisionError: no"),
    ]


@pytest.mark.parametrize(("detail", "outcome"), [("", Outcome.INCORRECT), ("our fault", Outcome.NOT_JUDGED)])
def test_a_plain_verdict_and_an_infrastructure_fault_are_not_among_them(detail: str, outcome: Outcome) -> None:
    assert raised([("ann", _result("a.x", detail, outcome))]) == []


def test_grading_names_the_check_that_raised_and_the_page_the_notebook_of_another_variant(
    built_tea: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_COURSE", str(built_tea.root))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "steeping.py").write_text(f"from workbench.checks import question\n{BREAK}")
    (tmp_path / "roster.csv").write_text("id,name,email\ns001,Ada Lovelace,\ns002,Grace Hopper,\n")
    common = ["--roster", "roster.csv", "--release", "release"]
    _run("release", "01", "--roster", "roster.csv", "--out", "release", "--per-student")
    for student, answer in (("s001", "leaves = [1 + 2 * cup for cup in cups]"), ("s002", "leaves = [0 for cup in cups]")):
        # both hand in what the first was given
        notebook = json.loads((tmp_path / "release/students/s001/01_steeping/01_steeping.ipynb").read_bytes())
        for cell in notebook["cells"]:
            if "question:steeping.leaves" in cell["metadata"].get("tags", ()):
                cell["source"] = answer
        (tmp_path / "uploads" / student).mkdir(parents=True)
        (tmp_path / "uploads" / student / "01_steeping.ipynb").write_text(json.dumps(notebook))
    _run("collect", "uploads", *common, "--inbox", "inbox", "--received", "2026-11-30T12:00:00+01:00")
    told = _run("grade", "inbox", *common, "--hidden", "hidden")
    assert "check raised: steeping.broken, 1 answer: KeyError: 'not there'" in told
    _run("report", "--out", "report.html")
    assert "KeyError: &#39;not there&#39;" in (tmp_path / "report.html").read_text()
    _run("feedback", "--release", "release")
    pages = {one: (tmp_path / "feedback" / one / "01_steeping.html").read_text() for one in ("s001", "s002")}
    assert ["worked out with other data" in page for page in pages.values()] == [False, True]
    assert "not there" not in pages["s002"]
