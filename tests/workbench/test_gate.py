"""The author gate lets a sound exercise through and names each way in which one is not."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from workbench import authoring
from workbench.catalog import Catalog
from workbench.errors import CheckError, CourseError
from workbench.gate import gate, parameter_sets
from workbench.warm import client
from workbench.warm.client import VARIABLE


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def found(course, slug):
    """What the gate finds with the default parameters: kind, question, text."""
    report = gate(course, slug)
    return [(fault.kind, fault.question, fault.text) for fault in report.faults if fault.parameters == report.sets[0]]


@pytest.mark.parametrize(
    ("slug", "questions", "mutants", "sets"),
    [("00", 2, 4, [{"room": 20.0}, {"room": 12.0}]), ("01", 1, 2, [{"seed": 1}, {"seed": 2}])],
)
def test_a_sound_exercise_passes_with_two_parameter_sets(tea_course, slug, questions, mutants, sets):
    report = gate(tea_course, slug)
    assert (report.faults, report.questions, report.mutants, report.sets) == ([], questions, mutants, sets)


def test_a_solution_that_its_check_refuses(tea_course):
    change(tea_course.exercises / "01_steeping.py", "leaves = [2 * cup + 1 for cup in cups]", "leaves = object()")
    (text,) = (text for kind, question, text in found(tea_course, "01") if kind == "solution")
    assert "a value of type `object` cannot be checked" in text


def test_a_wrong_answer_that_earns_all_points(tea_course):
    change(tea_course.checks / "steeping.py", 'code="leaves = 2 * cups[0] + 1"', 'replace=("2 * cup", "cup * 2")')
    assert found(tea_course, "01") == [("mutant", "steeping.leaves", "`a single table` earns all points")]


def test_a_wrong_answer_that_holds_for_one_parameter_set_only(tea_course):
    change(tea_course.checks / "steeping.py", "leaves = 2 * cups[0] + 1", "leaves = [7, 3, 9, 9, 11]")
    report = gate(tea_course, "01")
    assert [(fault.kind, fault.parameters) for fault in report.faults] == [("mutant", {"seed": 1})]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("leaves = (", "does not run: cell .*SyntaxError"),
        ("leaves = coups", "does not run: .*NameError"),
        ("sheets = 3", "leaves the answer out: `leaves` does not exist yet"),
    ],
)
def test_a_wrong_answer_that_is_not_wrong_in_its_value_is_broken(tea_course, code, words):
    change(tea_course.checks / "steeping.py", "leaves = 2 * cups[0] + 1", code)
    ((kind, _, text),) = found(tea_course, "01")
    assert kind == "broken mutant"
    assert re.search(words, text)


def test_a_wrong_answer_may_say_that_it_raises(tea_course):
    change(tea_course.checks / "steeping.py", 'code="leaves = 2 * cups[0] + 1"', 'code="leaves = coups", raises=True')
    assert found(tea_course, "01") == []


def test_a_wrong_answer_that_does_not_fit_the_solution_is_broken(tea_course):
    change(tea_course.checks / "steeping.py", '(" + 1", "")', '(" + 5", "")')
    ((kind, question, text),) = found(tea_course, "01")
    assert (kind, question) == ("broken mutant", "steeping.leaves")
    assert "not in the solution" in text


def test_a_question_without_a_wrong_answer(tea_course):
    text = (tea_course.checks / "steeping.py").read_text()
    start, end = text.index("    mutants=["), text.index("    ],\n") + len("    ],\n")
    (tea_course.checks / "steeping.py").write_text(text[:start] + text[end:])
    change(tea_course.checks / "steeping.py", "import Mutant, equal", "import equal")
    assert found(tea_course, "01") == [("mutant", "steeping.leaves", "it has no wrong answer to try")]


def test_a_stub_that_holds_the_answer(tea_course):
    change(tea_course.exercises / "01_steeping.py", "print(cups)", "leaves = [2 * cup + 1 for cup in cups]")
    kinds = [kind for kind, _, _ in found(tea_course, "01")]
    assert "stub" in kinds


def test_a_stub_that_does_not_run(tea_course):
    change(tea_course.exercises / "01_steeping.py", 'check("steeping.leaves")', "print(sum(leaves))")
    (fault,) = (fault for fault in found(tea_course, "01") if fault[0] == "stub")
    assert "NameError: name 'leaves' is not defined" in fault[2]


def test_a_question_that_needs_the_one_before(tea_course):
    change(tea_course.exercises / "00_water.py", "later = 100.0", "later = 100.0 + 0 * fahrenheit")
    kinds = {(kind, question) for kind, question, _ in found(tea_course, "00")}
    assert ("alone", "water.cooling") in kinds


def test_a_solution_that_differs_from_run_to_run(tea_course):
    change(tea_course.exercises / "01_steeping.py", "Random(seed + table)", "Random(id(object()) + hash('x') + table)")
    kinds = {kind for kind, _, _ in found(tea_course, "01")}
    assert "unsteady" in kinds


def test_a_notebook_that_does_one_thing_in_the_sandbox_and_another_in_a_plain_process(tea_course, tmp_path_factory, require):
    require(not client.unsupported(), "there is no sandbox here")
    beside = tmp_path_factory.mktemp("beside")
    elsewhere = f"import os\nif os.path.isdir({str(beside)!r}):\n    leaves = [0]"
    change(tea_course.exercises / "01_steeping.py", "print(cups)", elsewhere)
    ((kind, question, text),) = found(tea_course, "01")
    assert (kind, question) == ("unsteady", "steeping.leaves")
    assert "the stub is judged otherwise in a plain process: incorrect" in text


def test_an_exercise_that_cannot_be_read(tea_course):
    change(tea_course.exercises / "01_steeping.py", "### END SOLUTION", "")
    report = gate(tea_course, "01")
    assert [fault.kind for fault in report.faults] == ["exercise"]
    assert "never closed" in report.faults[0].text


def test_a_lesson_without_an_exercise_has_no_gate(tea_course):
    with pytest.raises(CheckError, match="has no exercise"):
        gate(tea_course, "02")
    with pytest.raises(CourseError, match="no lesson"):
        gate(tea_course, "99")


def test_the_second_set_has_another_seed_and_the_trial_values(tea_course):
    catalog = Catalog.load(tea_course.catalog)
    assert parameter_sets(tea_course, catalog["00"]) == [{}, {"room": 12.0}]
    assert parameter_sets(tea_course, catalog["01"]) == [{}, {"seed": 2}]


def test_the_loop_builds_and_compares_and_tells_each_step(tea_course):
    steps = {step.name: step for step in authoring.rounds(tea_course, "01")}
    assert [step.faults for step in steps.values()] == [()] * 5
    assert list(steps) == ["form", "build", "fresh", "outputs", "gate"]


def test_the_loop_finds_an_output_that_hangs_on_the_order_of_a_set(tea_course):
    change(
        tea_course.lessons / "00_water.py", "wait = waiting_time", "print({str(n) for n in range(20)})\nwait = waiting_time"
    )
    steps = {step.name: step for step in authoring.rounds(tea_course, "00")}
    assert steps["build"].ok
    assert "Cell outputs differ" in steps["outputs"].faults[0]


@pytest.mark.skipif(bool(client.unsupported()), reason=client.unsupported())
def test_the_loop_leaves_no_process_when_nobody_hears_it_out(tea_course):
    def children() -> set[str]:
        return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())

    before = children()
    loop = authoring.rounds(tea_course, "01")
    assert next(loop).name == "form"
    assert children() - before  # what others have left behind in this process may end at any time
    loop.close()
    assert children() - before == set()
    assert VARIABLE not in os.environ


def test_the_loop_says_when_libraries_were_imported_anew(tea_course, monkeypatch):
    monkeypatch.setattr(client, "unsupported", lambda: "not today")
    *steps, last = authoring.rounds(tea_course, "02")
    assert [step.ok for step in steps] == [True] * 5
    assert (last.name, last.ok, last.said) == ("warm", True, "libraries were imported anew for each notebook: not today")


def test_the_loop_alone_with_the_checks_builds_nothing(tea_course):
    steps = [step.name for step in authoring.rounds(tea_course, "01", checks_only=True)]
    assert steps == ["form", "gate"]
    assert not tea_course.notebooks.exists()


def test_a_changed_master_is_seen(tea_course):
    watched = authoring.watched(tea_course, "01")
    before = authoring.stamps(watched)
    assert 0 not in before
    change(tea_course.checks / "steeping.py", "Leaves", "Leaf")
    assert authoring.stamps(watched) != before
