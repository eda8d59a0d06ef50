"""A key is a transcript of what the solution gave; a judge reads it and nothing else of the solution."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench import files
from workbench.catalog import Catalog
from workbench.checks import equal, key, question
from workbench.checks.answer import Answer, LiveNotebook
from workbench.checks.judge import judge
from workbench.checks.key import Once
from workbench.checks.verdict import Outcome
from workbench.course import Course
from workbench.errors import CheckError


def recorded(course: Course, slug: str, **parameters):
    return key.record(course, Catalog.load(course.catalog)[slug], parameters).visible.table()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_key_holds_each_request_and_what_the_solution_gave(tea_course):
    table = recorded(tea_course, "00")
    assert (table["lesson"], table["checks"], table["parameters"]) == ("00_water", "water", {"room": 20.0})
    assert table["questions"]["water.fahrenheit"] == [{"ask": ["read", "fahrenheit", [], {}], "reply": {"value": 176.0}}]
    asked = [entry["ask"][:3] for entry in table["questions"]["water.cooling"]]
    assert asked == [
        ["call", "cooler", [100.0]],
        ["call", "cooler", [50.0]],
        ["call", "cooler", [10.0]],
        ["read", "later", []],
    ]


def test_a_key_belongs_to_its_parameters(tea_course):
    default, other = recorded(tea_course, "01"), recorded(tea_course, "01", seed=5)
    assert other["parameters"] == {"seed": 5}
    assert default["questions"] != other["questions"]


def test_two_recordings_are_the_same_text(tea_course):
    one, two = (json.dumps(recorded(tea_course, "01"), sort_keys=True) for _ in range(2))
    assert one == two


def test_nothing_of_the_solution_s_source_is_in_the_key(tea_course):
    assert "9 / 5" not in json.dumps(recorded(tea_course, "00"))


def test_a_key_judges_as_the_solution_would(tea_course):
    path = files.write_json(tea_course.keys / "00_water.json", recorded(tea_course, "00"))
    made = question("water.fahrenheit", title="")(
        lambda answer, key: equal(answer.read("fahrenheit"), key.read("fahrenheit"))
    )
    transport = key.load(path).transport("water.fahrenheit")
    verdicts = [judge(made, LiveNotebook({"fahrenheit": value}), transport).outcome for value in (176, 177)]
    assert verdicts == [Outcome.CORRECT, Outcome.INCORRECT]


def test_a_request_that_was_not_recorded_is_an_error_and_no_verdict(tea_course):
    files.write_json(tea_course.keys / "00_water.json", recorded(tea_course, "00"))
    (found,) = key.available(tea_course, "water")
    with pytest.raises(CheckError, match=r"`cooler` with these arguments"):
        Answer(found.transport("water.cooling")).call("cooler", 99.0)
    with pytest.raises(CheckError, match=r"no question `water\.ice`"):
        found.transport("water.ice")


def test_the_default_key_comes_before_variants(tea_course):
    for name, seed in (("01_steeping-7f", 5), ("01_steeping", 1)):
        files.write_json(tea_course.keys / f"{name}.json", recorded(tea_course, "01", seed=seed))
    assert [found.parameters for found in key.available(tea_course, "steeping")] == [{"seed": 1}, {"seed": 5}]


def test_what_begins_from_the_same_state_is_called_once_for_each_set_of_arguments():
    """As the calls of hidden questions do; reading a name is passed on each time."""
    said = []
    once = Once(LiveNotebook({"add": lambda a, b=0: said.append((a, b)) or a + b, "x": 3}))
    replies = [once.call("add", [1], {"b": 2}), once.call("add", [1], {"b": 2}), once.call("add", [1, 2], {})]

    assert [reply["value"] for reply in replies] == [3, 3, 3]
    assert said == [(1, 2), (1, 2)]
    assert once.read("x") == once.read("x") == {"value": 3}


def test_a_solution_that_does_not_run_names_the_cell_and_line(tea_course):
    edit(tea_course.exercises / "00_water.py", "fahrenheit = 80 * 9 / 5 + 32", "fahrenheit = 80 / 0")
    with pytest.raises(CheckError, match=r"cell 00-fahrenheit-\d\d, line 1: ZeroDivisionError"):
        recorded(tea_course, "00")


def test_a_solution_that_fails_its_own_check_is_not_a_key(tea_course):
    edit(tea_course.exercises / "00_water.py", "fahrenheit = 80 * 9 / 5 + 32", "fahrenheit = 144")
    with pytest.raises(CheckError, match=r"`water.fahrenheit` is judged incorrect: .*32 degrees too low"):
        recorded(tea_course, "00")


def test_a_solution_whose_function_raises_when_called_is_not_a_key(tea_course):
    edit(tea_course.exercises / "00_water.py", "return start - 0.1", "return [][0] if start == 10 else start - 0.1")
    with pytest.raises(CheckError, match="IndexError"):
        recorded(tea_course, "00")


def test_a_solution_that_ends_its_process_is_an_error(tea_course):
    edit(tea_course.exercises / "00_water.py", "fahrenheit = 80 * 9 / 5 + 32", "import os\nos._exit(3)")
    with pytest.raises(CheckError, match="ended with 3"):
        recorded(tea_course, "00")


def test_an_unknown_parameter_is_refused(tea_course):
    with pytest.raises(Exception, match="no parameter `sugar`"):
        recorded(tea_course, "00", sugar=2)


def test_a_question_without_a_cell_and_a_cell_without_a_check_are_named(tea_course):
    edit(tea_course.exercises / "01_steeping.py", "question:steeping.leaves", "question:steeping.minutes")
    with pytest.raises(CheckError, match=r"`steeping.minutes` has no check"):
        recorded(tea_course, "01")
    edit(tea_course.exercises / "01_steeping.py", ' tags=["question:steeping.minutes"]', "")
    with pytest.raises(CheckError, match=r"no cell is tagged `question:steeping\.leaves`"):
        recorded(tea_course, "01")


@pytest.mark.parametrize("text", ["", "[]", '{"format": 99}'])
def test_a_file_that_is_no_key_is_refused(tmp_path, text):
    path = tmp_path / "00_water.json"
    path.write_text(text)
    with pytest.raises(CheckError, match="build it again"):
        key.load(path)
