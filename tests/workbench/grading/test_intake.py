"""Intake: broken but honest work is read by the manifest, flagged and never lost; anything else is refused in time."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import variant
from workbench.catalog import Catalog
from workbench.course import Course
from workbench.grading.handout import bundle
from workbench.grading.manifest import ReleasedCell, ReleasedVariant
from workbench.grading.notebooks import intake, submitted
from workbench.grading.notebooks.intake import IntakeError
from workbench.grading.work import Work

COURSE = Course.find(Path(__file__).parents[1] / "fixtures" / "tea_course")
ANSWERS = {
    "water.fahrenheit": "fahrenheit = 176",
    "water.cooling": "later = 67.2",
    "steeping.leaves": "leaves = [3]",
    "steeping.bitter": "Tannin.",
}


def _released(slug: str) -> tuple[Any, Any]:
    values, notebook = variant.stub(COURSE, Catalog.load(COURSE.catalog)[slug], {})
    return bundle.released_variant(notebook, values), json.loads(json.dumps(notebook))


WATER, _WATER = _released("00")
STEEPING, _STEEPING = _released("01")


def notebook(table: Any = _WATER, **answers: str) -> Any:
    """A copy with its questions answered, by the last part of their slugs; all of them where none is named."""
    made = copy.deepcopy(table)
    given_ = answers or {slug.partition(".")[2]: text for slug, text in ANSWERS.items()}
    for cell in made["cells"]:
        for tag in cell["metadata"].get("tags", ()):
            if tag.startswith("question:") and tag.partition(".")[2] in given_:
                cell["source"] = given_[tag.partition(".")[2]]
    return made


def cell_of(table: Any, name: str) -> Any:
    return next(cell for cell in table["cells"] if cell["id"] == name)


def code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def variants(*seeds: int) -> list[ReleasedVariant]:
    """The exercise with a parameters cell, a variant a seed."""
    made = []
    for seed in seeds:
        cell = ReleasedCell("p", "supplied", f"seed = {seed}", parameters=True)
        made.append(ReleasedVariant({"seed": seed}, (cell, *WATER.cells)))
    return made


def read(table: Any, released: Any = WATER) -> Work:
    return intake.read(json.dumps(table).encode(), released)


def told(work: Work) -> list[str]:
    """The steps in short: what is run, and ``? slug`` where a question is asked."""
    return [f"? {step.slug}" if step.kind == "ask" else step.source for step in work.steps]


def kinds(work: Work) -> list[str]:
    return [flag.kind for flag in work.flags]


ROOM = "room: float = 20.0  # temperature of the room in degrees Celsius"
WHOLE = [
    *(ROOM, "from workbench import check", "fahrenheit = 176", "? water.fahrenheit"),
    *("later = 67.2", "? water.cooling", "check.progress()"),
]


def test_whole_work_is_read_as_it_is():
    work = read(notebook())
    assert told(work) == WHOLE
    assert work.flags == ()
    assert [step.slug for step in work.steps if step.kind == "run"] == ["", "", "water.fahrenheit", "water.cooling", ""]


def test_untouched_work_answers_nothing_and_is_not_flagged():
    work = read(_STEEPING, STEEPING)
    assert work.texts == {"steeping.bitter": ""}
    assert work.flags == ()


# --- ways to recognise a cell ---


def test_cells_without_ids_are_recognised_by_nbgraders_names():
    table = notebook()
    for cell in table["cells"]:
        del cell["id"]
    table["nbformat_minor"] = 4
    assert told(read(table)) == WHOLE
    assert kinds(read(table)) == []


def test_cells_with_neither_are_recognised_by_their_text_and_their_neighbours():
    table = notebook()
    table["cells"] = [{**cell, "id": f"c{i}", "metadata": {}} for i, cell in enumerate(table["cells"])]
    work = read(table)
    assert told(work) == WHOLE
    assert [step.slug for step in work.steps if step.cell == "00-cooling-02"] == ["water.cooling"]
    assert kinds(work) == []


def test_ids_that_colab_moved_are_found():
    table = notebook()
    for cell in table["cells"]:
        cell["metadata"] = {"id": cell.pop("id")}
    assert told(read(table)) == WHOLE
    assert kinds(read(table)) == []


def test_a_notebook_of_the_old_format_is_read():
    cells = []
    for cell in notebook()["cells"]:
        key = "input" if cell["cell_type"] == "code" else "source"
        cells.append({"cell_type": cell["cell_type"], "metadata": cell["metadata"], key: cell["source"].splitlines(True)})
    work = read({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]})
    assert told(work) == WHOLE
    assert kinds(work) == ["old format"]


# --- what students do ---


def test_supplied_cells_are_the_manifests_and_an_edit_is_flagged():
    table = notebook()
    cell_of(table, "00-water-03")["source"] = "check = print"
    assert told(read(table)) == WHOLE
    assert kinds(read(table)) == ["edited cell"]


@pytest.mark.parametrize("known", [True, False])
def test_parameters_are_the_manifests_and_an_edit_is_flagged(known):
    table = notebook()
    cell = cell_of(table, "00-water-02")
    cell |= {"source": "room: float = 99.0", "id": cell["id"] if known else "other"}
    assert told(read(table)) == WHOLE
    assert kinds(read(table)) == ["edited parameters"]


def test_other_line_ends_and_blanks_are_no_edit():
    table = notebook()
    for cell in table["cells"]:
        cell["source"] = cell["source"].replace("\n", "  \r\n") + "\n"
    assert kinds(read(table)) == []


def test_missing_cells_are_restored_and_their_questions_asked():
    table = notebook()
    gone = ("00-water-02", "00-water-03", "00-cooling-03")
    table["cells"] = [cell for cell in table["cells"] if cell["id"] not in gone]
    work = read(table)
    assert told(work) == WHOLE
    assert [(flag.kind, flag.cell) for flag in work.flags] == [("missing cell", name) for name in gone]


def test_a_missing_answer_is_left_out_and_asked_for_all_the_same():
    table = notebook()
    table["cells"] = [cell for cell in table["cells"] if cell["id"] != "00-fahrenheit-02"]
    work = read(table)
    assert told(work) == [one for one in WHOLE if one != "fahrenheit = 176"]
    assert [flag.text for flag in work.flags] == ["the answer to `water.fahrenheit` is not there"]


@pytest.mark.parametrize("same", ["id", "grade_id"])
def test_both_copies_of_an_answer_run_in_order_at_its_place(same):
    table = notebook()
    twin = copy.deepcopy(cell_of(table, "00-fahrenheit-02")) | {"source": "fahrenheit = 177"}
    if same == "grade_id":
        twin["id"] = "a-copy-has-an-id-of-its-own"
    table["cells"].append(twin)
    work = read(table)
    assert told(work) == [*WHOLE[:3], "fahrenheit = 177", *WHOLE[3:]]
    assert kinds(work) == ["duplicate cell"]
    assert len({step.cell for step in work.steps if step.kind == "run"}) == 6


def test_a_copy_of_a_supplied_cell_runs_where_it_stands():
    table = notebook()
    table["cells"].append(copy.deepcopy(cell_of(table, "00-water-02")) | {"source": "room = 3"})
    work = read(table)
    assert told(work) == [*WHOLE, "room = 3"]
    assert kinds(work) == ["duplicate cell", "added cell"]


def test_reordered_cells_run_in_the_order_of_the_release():
    table = notebook()
    table["cells"].reverse()
    assert told(read(table)) == WHOLE
    assert kinds(read(table)) == ["reordered"]


def test_added_cells_run_after_those_that_they_followed():
    table = notebook()
    place = table["cells"].index(cell_of(table, "00-cooling-02"))
    table["cells"].insert(place, code("before = 1"))
    table["cells"].insert(0, code("first = 1"))
    work = read(table)
    assert told(work) == ["first = 1", *WHOLE[:4], "before = 1", *WHOLE[4:]]
    assert [flag.kind for flag in work.flags] == ["added cell"]
    assert [step.cell for step in work.steps if step.cell.startswith("added")] == ["added-1", "added-2"]


def test_a_question_is_asked_once_however_often_the_student_does():
    table = notebook()
    table["cells"] += [code('check("water.cooling")'), copy.deepcopy(cell_of(table, "00-cooling-03"))]
    assert told(read(table)) == WHOLE


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_an_answer_that_was_retyped_runs_all_the_same(kind):
    table = notebook()
    cell_of(table, "00-fahrenheit-02")["cell_type"] = kind
    assert told(read(table)) == WHOLE
    assert kinds(read(table)) == ["retyped cell"]


def test_what_was_written_into_a_check_cell_runs_before_it_asks():
    table = notebook(cooling="later = 67.2")
    cell_of(table, "00-fahrenheit-03")["source"] = 'fahrenheit = 176\ncheck("water.fahrenheit")'
    work = read(table)
    assert told(work)[3:5] == ['fahrenheit = 176\ncheck("water.fahrenheit")', "? water.fahrenheit"]
    assert "edited cell" in kinds(work)


def test_code_in_what_was_a_heading_runs():
    table = notebook()
    cell_of(table, "00-cooling-01").update(cell_type="code", source="mine = 1")
    assert told(read(table)) == [*WHOLE[:4], "mine = 1", *WHOLE[4:]]


@pytest.mark.parametrize(
    ("metadata", "flags"),
    [
        ({}, []),
        ({"kernelspec": {"name": "conda-env-x-py"}}, []),
        ({"kernelspec": {"name": "mine", "language": "python"}}, []),
        ({"kernelspec": {"name": "ir", "language": "R"}}, ["wrong kernel"]),
        ({"kernelspec": [], "language_info": {"name": "julia"}}, ["wrong kernel"]),
        ([], []),
    ],
)
def test_a_kernel_that_is_not_pythons_is_flagged(metadata, flags):
    work = read({**notebook(), "metadata": metadata})
    assert told(work) == WHOLE
    assert kinds(work) == flags


@pytest.mark.parametrize(
    "source", ["!ls", "  files = !ls", "%%bash\nls", "%pip install x", "import subprocess", "os.system('ls')"]
)
def test_cells_that_start_programs_are_flagged(source):
    assert kinds(read(notebook(fahrenheit=source, cooling="x"))) == ["shell"]


@pytest.mark.parametrize("source", ["x != y", "print('hi!')", "%matplotlib inline", "x = not y"])
def test_cells_that_do_not_are_not(source):
    assert kinds(read(notebook(fahrenheit=source, cooling="x"))) == []


def test_another_exercise_is_noticed():
    work = read(notebook(_STEEPING), WATER)
    assert "another exercise" in kinds(work)
    assert [step.slug for step in work.steps if step.kind == "ask"] == ["water.fahrenheit", "water.cooling"]


def test_flags_are_few():
    many = [code(f"!ls {i}") for i in range(500)]
    work = read({**notebook(), "cells": notebook()["cells"] + many})
    assert len(work.flags) == intake.MAX_FLAGS + 1
    assert work.flags[-1].kind == "more"
    assert len(told(work)) == len(WHOLE) + 500


# --- answers in words ---


def test_words_are_kept_for_the_person_who_reads_them():
    assert read(notebook(_STEEPING), STEEPING).texts == {"steeping.bitter": "Tannin."}


def test_words_in_added_text_cells_belong_to_the_answer():
    table = notebook(_STEEPING, leaves="")
    place = table["cells"].index(cell_of(table, "01-bitter-02"))
    table["cells"].insert(place + 1, {"cell_type": "markdown", "metadata": {}, "source": "Leaves."})
    table["cells"].insert(place + 2, {"cell_type": "markdown", "metadata": {}, "source": "And tannin."})
    assert read(table, STEEPING).texts == {"steeping.bitter": "Leaves.\n\nAnd tannin."}


def test_words_in_a_cell_that_was_turned_into_code_are_kept_and_not_run():
    table = notebook(_STEEPING)
    cell_of(table, "01-bitter-02")["cell_type"] = "code"
    work = read(table, STEEPING)
    assert work.texts == {"steeping.bitter": "Tannin."}
    assert "Tannin." not in told(work)
    assert kinds(work) == ["retyped cell"]


def test_missing_words_are_empty_and_nobody_is_asked_to_judge_them():
    table = notebook(_STEEPING)
    table["cells"] = [cell for cell in table["cells"] if cell["id"] != "01-bitter-02"]
    work = read(table, STEEPING)
    assert work.texts == {"steeping.bitter": ""}
    assert [step.slug for step in work.steps if step.kind == "ask"] == ["steeping.leaves"]


def test_what_no_database_takes_is_replaced():
    work = intake.read(json.dumps(notebook(_STEEPING, bitter="a\0b\ud800c\r\nd", leaves="x = '\0'")).encode(), STEEPING)
    assert work.texts == {"steeping.bitter": "a\ufffdb\ufffdc\nd"}
    assert "x = '\ufffd'" in told(work)


# --- what cannot be read ---


def _cells(text: str) -> bytes:
    return f'{{"nbformat": 4, "cells": {text}}}'.encode()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b" " * (submitted.MAX_BYTES + 1), "too large"),
        (_cells('[{"cell_type": "code", "source": "' + "x" * (submitted.MAX_SOURCE + 1) + '"}]'), "too large"),
        (_cells("[" + "[]," * submitted.MAX_BRACKETS + "[]]"), "too complex"),
        (_cells("[" + "1," * submitted.MAX_COMMAS + "1]"), "too complex"),
        (_cells("[" + '{"source": ""},' * submitted.MAX_CELLS + "{}]"), "too many cells"),
        (b"[" * 100_000 + b"]" * 100_000, "too deep"),
        (b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deep"),
        (b"\xff\xfe{}", "not UTF-8"),
        ("{}".encode("utf-16"), "not UTF-8"),
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (_cells("1" * 5000), "not JSON"),
        (b"PK\x03\x04", "not JSON"),
        (b"[]", "not a notebook"),
        (b"NaN", "not a notebook"),
        (b"{}", "not a notebook"),
        (_cells("{}"), "not a notebook"),
        (_cells("[]"), "no cells"),
        (_cells("[1, [], null]"), "no cells"),
    ],
)
def test_what_cannot_be_read_is_refused_by_kind(data, kind):
    with pytest.raises(IntakeError) as caught:
        intake.read(data, WATER, where="ada.ipynb")
    assert caught.value.kind == kind
    assert str(caught.value).startswith("ada.ipynb: ")


def test_a_byte_order_mark_does_no_harm():
    assert told(intake.read(b"\xef\xbb\xbf" + json.dumps(notebook()).encode(), WATER)) == WHOLE


def test_cells_that_are_none_are_left_out_and_flagged():
    table = notebook()
    table["cells"][3:3] = [None, {"cell_type": "code", "source": 7}, "cell", {"source": ["a", 1]}]
    assert told(read(table)) == WHOLE
    assert kinds(read(table)) == ["broken cell"]


@pytest.mark.parametrize(
    "source", [" " * 900_000, "\n" * 900_000, "a " * 400_000 + "=", " = !" * 200_000, "x: int = 1\n" * 80_000]
)
def test_a_source_made_to_be_slow_is_read(source):
    assert source in told(read(notebook(fahrenheit=source, cooling="x"))) or not source.strip()


# --- anything at all ---

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from([cell.id for cell in WATER.cells]) | JSON
METADATA = st.fixed_dictionaries({}, optional={"nbgrader": st.fixed_dictionaries({"grade_id": NAMES}) | JSON, "id": NAMES})
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "id": NAMES,
        "cell_type": st.sampled_from(["code", "markdown", "raw", "heading"]) | JSON,
        "source": st.sampled_from([cell.source for cell in WATER.cells]) | st.text() | st.lists(st.text()) | JSON,
        "input": JSON,
        "metadata": METADATA | JSON,
    },
)
NOTEBOOKS = st.fixed_dictionaries(
    {"cells": st.lists(CELLS | JSON, max_size=12) | JSON},
    optional={"nbformat": JSON, "metadata": JSON, "worksheets": st.lists(JSON)},
)


def _held(data: bytes) -> None:
    """It is refused, or it becomes work in which everything supplied is ours and each question is asked once."""
    try:
        work = intake.read(data, WATER)
    except IntakeError:
        return
    ours = [cell.source for cell in WATER.cells if cell.kind == "supplied"]
    by_cell = {cell.id: cell.source for cell in WATER.cells if cell.kind == "supplied"}
    assert [step.source for step in work.steps if step.cell in by_cell] == ours
    assert [step.slug for step in work.steps if step.kind == "ask"] == ["water.fahrenheit", "water.cooling"]
    runs = [step.cell for step in work.steps if step.kind == "run"]
    assert len(set(runs)) == len(runs)
    json.dumps([step.source for step in work.steps], ensure_ascii=False).encode("utf-8")


@given(st.binary(max_size=200))
def test_any_bytes(data):
    _held(data)


@given(JSON)
def test_any_json(value):
    _held(json.dumps(value).encode())


@given(NOTEBOOKS)
def test_anything_shaped_like_a_notebook(value):
    _held(json.dumps(value).encode())


@given(
    st.lists(st.sampled_from(range(len(_WATER["cells"]))), min_size=1, max_size=25),
    st.sampled_from(["whole", "no ids", "no marks"]),
)
def test_no_answer_is_lost_when_cells_are_moved_doubled_and_deleted(places, what):
    table = notebook(fahrenheit="fahrenheit = 1", cooling="later = 2")
    table["cells"] = [copy.deepcopy(table["cells"][place]) for place in places]
    for cell in table["cells"]:
        if what == "no ids":
            del cell["id"]
        elif what == "no marks":
            cell["metadata"] = {}
    _held(json.dumps(table).encode())
    work = read(table)
    for source, slug in (("fahrenheit = 1", "water.fahrenheit"), ("later = 2", "water.cooling")):
        handed_in = sum(cell["source"] == source for cell in table["cells"])
        ran = [step for step in work.steps if step.source == source]
        assert len(ran) == handed_in
        assert all(step.slug == slug for step in ran)


@pytest.mark.parametrize(
    ("seed", "kinds"), [(1, set()), (2, {"another variant"}), (9, {"edited parameters"})], ids=["own", "foreign", "edited"]
)
def test_the_notebook_of_another_variant_is_no_edit(seed, kinds):
    own, other = variants(1, 2)
    table = notebook()
    table["cells"].insert(0, {**code(f"seed = {seed}"), "id": "p"})
    work = intake.read(json.dumps(table).encode(), own, others=(own, other))
    assert {flag.kind for flag in work.flags} == kinds
    assert work.steps[0].source == "seed = 1"
    if seed == 2:
        assert "of variant 1 (parameters seed = 2), this student was given 0" in work.flags[0].text
