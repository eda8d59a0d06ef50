"""Questions that a person reads: from the master to the notebooks, and what ``check`` says of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import regions, structure, targets
from workbench.catalog import Catalog
from workbench.checks import exercise, manual, module
from workbench.checks.notebook import Checker
from workbench.errors import CheckError, MasterError
from workbench.gate import gate

MODEL = "gave up tannins"


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def steeping(course):
    lesson = Catalog.load(course.catalog)["01"]
    return targets.Target(course, lesson, "exercise")


def cells(course, which):
    target = steeping(course)
    notebook = targets.skeletons(target)[getattr(target, which)]
    return {cell["id"]: cell for cell in notebook["cells"]}


def test_the_stub_asks_for_words_and_the_solution_shows_the_model_answer(tea_course):
    stub, solution = cells(tea_course, "stub"), cells(tea_course, "executed")
    assert list(stub) == list(solution)
    assert stub["01-bitter-02"]["source"] == regions.WORDS
    assert MODEL not in json.dumps(stub)
    assert MODEL in solution["01-bitter-02"]["source"]
    assert "SOLUTION" not in json.dumps([stub, solution])


def test_a_model_answer_in_an_untagged_text_cell_is_not_handed_out_either(tea_course):
    change(tea_course.exercises / "01_steeping.py", '# %% [markdown] tags=["question:steeping.bitter"]', "# %% [markdown]")
    assert MODEL not in json.dumps(cells(tea_course, "stub"))


def test_words_carry_nbgraders_mark_for_grading_by_hand(tea_course):
    found = cells(tea_course, "stub")
    answer, asked = (found[name]["metadata"]["nbgrader"] for name in ("01-bitter-02", "01-bitter-03"))
    assert (answer["grade_id"], answer["grade"], answer["solution"], answer["locked"], answer["points"]) == (
        "steeping-bitter", True, True, False, 3,
    )  # fmt: skip
    assert (asked["grade_id"], asked["grade"], asked["solution"], asked["locked"]) == (
        "steeping-bitter-check", False, False, True,
    )  # fmt: skip


def test_what_is_read_without_running_the_module_agrees_with_it(tea_course):
    path = tea_course.checks / "steeping.py"
    found = module.load(path)
    assert targets.points_of(path) == {slug: found[slug].points for slug in found.slugs} == {
        "steeping.leaves": 1,
        "steeping.bitter": 3,
    }  # fmt: skip
    assert targets.read_by_a_person(path) == set(found.manual) == {"steeping.bitter"}
    assert found.points == 4


def test_the_gate_leaves_them_to_people(tea_course):
    report = gate(tea_course, "01")
    assert (report.faults, report.questions) == ([], 1)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '[markdown] tags=["question:steeping.bitter"]',
            "[markdown]",
            "no text cells are tagged `question:steeping.bitter`",
        ),
        (
            '# %% [markdown] tags=["question:steeping.bitter"]\n# ### BEGIN SOLUTION\n',
            '# %% tags=["question:steeping.bitter"]\n# ### BEGIN SOLUTION\n',
            "exactly",
        ),
        ("question:steeping.bitter", "question:steeping.sour", "no question that a person reads"),
        (
            '%% [markdown] tags=["question:steeping.bitter"]',
            '%% [markdown] tags=["question:steeping.leaves"]',
            "no question",
        ),
        ('# %% tags=["question:steeping.leaves"]', '# %% tags=["question:steeping.bitter"]', "is answered in words"),
    ],
)
def test_cells_and_rubrics_that_do_not_fit_are_named(tea_course, old, new, words):
    change(tea_course.exercises / "01_steeping.py", old, new)
    with pytest.raises((CheckError, MasterError), match=words):
        exercise.read(tea_course, steeping(tea_course).lesson, {})


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            '# %% tags=["question:steeping.leaves"]',
            '# %% tags=["question:steeping.bitter"]',
            "in a text cell, since a person",
        ),
        ("(3 points)", "(2 points)", "earns 3 points, and the text before it says 2"),
        ('check("steeping.bitter")', "pass", '0 cells `check("steeping.bitter")`'),
        ('[markdown] tags=["question:steeping.bitter"]', "[markdown]", "holds a solution and is not tagged"),
    ],
)
def test_the_form_of_the_master_is_held(tea_course, old, new, words):
    change(tea_course.exercises / "01_steeping.py", old, new)
    found = [str(finding) for finding in structure.of_exercise(tea_course, steeping(tea_course).lesson)]
    assert any(words in text for text in found), found


def test_a_rubric_may_not_hide_among_hidden_questions(tea_course):
    tea_course.hidden.mkdir()
    path = tea_course.hidden / "steeping.py"
    path.write_text("from workbench.checks import manual\nx = manual('steeping.x', title='X', criteria=[('a', 1)])\n")
    with pytest.raises(CheckError, match="cannot be hidden"):
        module.load(path, hidden=True)


@pytest.mark.parametrize(
    ("slug", "criteria", "words"),
    [
        ("Bitter", [("a", 1)], "not a question's name"),
        ("tea.why", [], "needs criteria"),
        ("tea.why", [("a", 0)], "more than 0 points"),
        ("tea.why", [("a", float("nan"))], "more than 0 points"),
        ("tea.why", [(" ", 1)], "each a text"),
        ("tea.why", [("a", 1), ("a ", 2)], "same text"),
    ],
)
def test_a_rubric_that_cannot_be_used_is_refused(slug, criteria, words):
    with pytest.raises(CheckError, match=words):
        manual(slug, title="Why?", criteria=criteria)


def test_check_says_that_a_person_reads_it(tea_course, monkeypatch):
    monkeypatch.chdir(tea_course.root)
    shown = []
    check = Checker(names=lambda: {"seed": 1}, display=shown.append)
    check("steeping.bitter")
    check.hint("steeping.bitter")
    check("steeping.biter")
    read, hint, wrong = shown
    assert read.text.startswith("✎ Read by a person · Bitter · 3 points\n  - write your answer in the text cell above")
    assert "went on in the pot" not in read.text + read.html
    assert hint.text.startswith("➜ Hint 1 of 1 · Bitter")
    assert "did you mean `steeping.bitter`" in wrong.text


def test_progress_lists_them_and_does_not_count_them(tea_course, monkeypatch):
    monkeypatch.chdir(tea_course.root)
    shown = []
    Checker(names=lambda: {"seed": 1}, display=shown.append).progress("steeping")
    head, leaves, bitter = shown[0].text.splitlines()
    assert head.endswith("0 of 1 point, 0 of 1 questions correct; 3 points more from a person who reads your answers")
    assert "Leaves" in leaves
    assert bitter == "  ✎ Bitter  –/3  read by a person"
    assert "read by a person" in shown[0].html


def test_own_words_are_what_was_written_in_place_of_the_request():
    assert regions.own_words(f" {regions.WORDS}\n\n", regions.WORDS) == ""
    assert regions.own_words("", regions.WORDS) == ""
    assert regions.own_words(f"{regions.WORDS}\nThe leaves.\n", regions.WORDS) == "The leaves."
    form = f"**Cause:**\n{regions.WORDS}"
    assert regions.own_words(form, form) == ""
    assert regions.own_words("**Cause:**\nThe leaves.", form) == "**Cause:**\nThe leaves."


@given(st.lists(st.sampled_from(["# a heading", "words", "", "- item", "* ### nothing", "    code"]), max_size=6))
def test_nothing_of_a_model_answer_is_left_in_the_stub(lines):
    source = "\n".join(["Before.", regions.BEGIN, *(f"secret {line}" for line in lines), regions.END, "After."])
    assert regions.stub_words(source) == f"Before.\n{regions.WORDS}\nAfter."
    assert regions.solution(source).count("secret") == len(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# %% [markdown]\n# ### BEGIN SOLUTION\n# a", "never closed"),
        ("# %% [markdown]\n### BEGIN SOLUTION\n# a\n### END SOLUTION", "exactly"),
        ("# %%\n# ### BEGIN SOLUTION", "exactly"),
    ],
)
def test_a_region_of_a_text_cell_is_written_as_a_comment(text, words):
    with pytest.raises(MasterError, match=words):
        regions.verify(text, where="01.py")
