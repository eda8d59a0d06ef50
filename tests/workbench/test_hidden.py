"""Hidden questions judge the same answers by what must not be guessed; nothing of them reaches a student."""

from __future__ import annotations

import json

import pytest

from workbench import freshness, targets
from workbench.build import build
from workbench.catalog import Catalog
from workbench.checks import key, module
from workbench.checks.notebook import Checker
from workbench.errors import CheckError
from workbench.gate import gate
from workbench.targets import Target

HIDDEN = '''"""Hidden questions on exercise 00."""

from workbench.checks import Mutant, close, question


@question(
    "water.any_pot",
    of="water.cooling",
    title="Cooling, from any start",
    points=1,
    mutants=[
        Mutant("the three pots of the visible check by heart", code=BY_HEART),
        Mutant("rises", replace=("0.1", "-0.1")),
    ],
)
def any_pot(answer, key):
    for start in (317.25, -4.75):
        close(answer.call("cooler", start), key.call("cooler", start), "`cooler` fails for a start that it was not shown")
'''
BY_HEART = "later = 100\ndef cooler(start):\n    return {100.0: 92.0, 50.0: 47.0, 10.0: 11.0}.get(start, start)\n"


def write(course, text: str = HIDDEN) -> None:
    course.hidden.mkdir(exist_ok=True)
    (course.hidden / "water.py").write_text(text.replace("BY_HEART", repr(BY_HEART)), encoding="utf-8")


def faults(course) -> set[tuple[str, str]]:
    target = Target(course, Catalog.load(course.catalog)["00"], "exercise")
    return {(fault.kind, fault.file) for fault in freshness.faults(target)}


@pytest.fixture
def hidden_course(tea_course):
    write(tea_course)
    return tea_course


@pytest.fixture
def built(hidden_course):
    report = build(hidden_course, ["00"])
    assert report.problems == []
    return hidden_course


def test_the_gate_tries_hidden_questions_as_it_tries_the_others(hidden_course):
    report = gate(hidden_course, "00")
    assert (report.faults, report.questions, report.mutants) == ([], 3, 6)


def test_the_gate_names_a_wrong_answer_that_a_hidden_question_lets_pass(hidden_course):
    write(hidden_course, HIDDEN.replace("(317.25, -4.75)", "(100.0, 10.0)"))
    found = {(fault.kind, fault.question) for fault in gate(hidden_course, "00").faults}
    assert found == {("mutant", "water.any_pot")}


def test_its_key_lies_beside_the_solutions_and_the_students_key_knows_nothing_of_it(built):
    ours = key.load(built.hidden_keys / "00_water.json")
    theirs = key.load(built.keys / "00_water.json")
    assert (set(ours.questions), set(theirs.questions)) == ({"water.any_pot"}, {"water.fahrenheit", "water.cooling"})
    assert [entry["ask"][2] for entry in ours.questions["water.any_pot"]] == [[317.25], [-4.75]]


def test_no_file_that_a_student_gets_holds_its_name_its_arguments_or_a_digest_of_its_key(built):
    digest = json.loads((built.solutions / "00_water.ipynb").read_bytes())["metadata"]["workbench"]["hidden_key"]
    given = [*built.exercise_notebooks.rglob("*"), *built.notebooks.rglob("*"), *built.checks.rglob("*.py")]
    for text in (path.read_text(encoding="utf-8") for path in given if path.is_file() and "__pycache__" not in path.parts):
        assert not any(secret in text for secret in ("any_pot", "317.25", "4.75", digest))


def test_check_in_a_notebook_never_looks_at_hidden_questions(built, monkeypatch):
    monkeypatch.chdir(built.root)
    shown = []
    checker = Checker(names=lambda: {"room": 20.0}, display=shown.append)
    checker("water.any_pot")
    checker.hint("water.any_pot")
    checker.progress("water")
    assert all("there is no question `water.any_pot`" in said.text.lower() for said in shown[:2])
    assert "any start" not in shown[2].text


def test_a_build_is_stale_when_the_hidden_questions_change_and_differs_when_their_key_does(built):
    assert faults(built) == set()
    (built.hidden_keys / "00_water.json").write_text("{}", encoding="utf-8")
    assert faults(built) == {("differs", "solutions/keys/00_water.json")}
    write(built, HIDDEN.replace("317.25", "318.5"))
    assert ("stale", "solutions/00_water.ipynb") in faults(built)


def test_the_key_of_removed_hidden_questions_is_an_orphan(built):
    (built.hidden / "water.py").unlink()
    everything = targets.of(built, Catalog.load(built.catalog).lessons)
    orphans = {fault.file for fault in freshness.strays(built, everything) if fault.kind == "orphan"}
    assert orphans == {"solutions/keys/00_water.json"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('    of="water.cooling",\n', "", "`water.any_pot` does not say `of` which question"),
        ("water.cooling", "water.boiling", "no cell is tagged `question:water.boiling`"),
        ('"water.any_pot"', '"water.cooling"', "the name of a visible and of a hidden question"),
        ("water.cooling", "cooling", "`cooling` is not a question's name"),
    ],
)
def test_a_hidden_question_that_fits_no_visible_one_is_named(hidden_course, old, new, words):
    write(hidden_course, HIDDEN.replace(old, new))
    (fault,) = gate(hidden_course, "00").faults
    assert words in fault.text


def test_a_visible_module_may_not_hold_a_hidden_question(hidden_course):
    text = (hidden_course.hidden / "water.py").read_text(encoding="utf-8")
    (hidden_course.checks / "water.py").write_text(text, encoding="utf-8")
    with pytest.raises(CheckError, match="it is a hidden one"):
        module.load(hidden_course.checks / "water.py")
