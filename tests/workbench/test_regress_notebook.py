"""Two notebooks compared: equal ones have no differences, each kind of change is named with its cell."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from workbench.regress import compare


def _cell(name: str, *outputs: Any, tags: tuple[str, ...] = (), source: str = "pass") -> Any:
    return new_code_cell(source, id=name, outputs=list(outputs), metadata={"tags": list(tags)} if tags else {})


def _printed(text: str, *, name: str = "stdout") -> Any:
    return new_output("stream", name=name, text=text)


def _shown(**data: Any) -> Any:
    return new_output("display_data", data={mime.replace("_", "/"): value for mime, value in data.items()})


def _error(name: str) -> Any:
    return new_output("error", ename=name, evalue="no", traceback=["random"])


def _notebook(*cells: Any) -> Any:
    return new_notebook(cells=list(cells))


_numbers = st.one_of(st.integers(-(10**6), 10**6), st.floats(allow_nan=False, allow_infinity=False, width=32))
_printable = st.text(st.characters(codec="ascii", categories=["L", "Zs"]), min_size=1, max_size=12)
_output = st.one_of(
    st.builds(_printed, st.builds("{} {}\n".format, _printable, _numbers)),
    st.builds(lambda n: _shown(text_plain=f"n {n}", text_html=f"<table><tr><td>{n}</td></tr></table>"), _numbers),
)
_notebooks = st.lists(st.lists(_output, max_size=3), max_size=4).map(
    lambda cells: _notebook(*(_cell(f"c-{k}", *outputs) for k, outputs in enumerate(cells)))
)


@given(_notebooks, st.sampled_from([0.0, 1e-6]))
def test_equal_notebooks_have_no_differences(notebook: Any, rtol: float) -> None:
    assert compare(notebook, copy.deepcopy(notebook), rtol=rtol, atol=rtol) == []


@given(st.lists(_numbers, min_size=1, max_size=5), st.data())
def test_a_changed_number_is_found_in_its_cell(values: list[float], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    new = values[index] * 1.01 + 1
    if abs(new - values[index]) <= 1e-6 * abs(values[index]) + 1e-12:  # at the fixed point of the change
        new += 1
    old_nb = _notebook(*(_cell(f"c-{k}", _printed(f"loss {value!r} %\n")) for k, value in enumerate(values)))
    new_nb = copy.deepcopy(old_nb)
    new_nb.cells[index].outputs[0].text = f"loss {new!r} %\n"
    (found,) = compare(old_nb, new_nb, notebook="n.ipynb")
    assert (found.kind, found.cell, found.notebook) == ("number", f"c-{index}", "n.ipynb")
    assert (found.old, found.new) == (repr(values[index]), repr(new))
    assert f"n.ipynb: cell c-{index}: stdout, line 1" in str(found)


def test_how_a_stream_was_cut_does_not_matter() -> None:
    whole = _notebook(_cell("a", _printed("one\ntwo\n"), _shown(text_plain="3")))
    pieces = _notebook(_cell("a", _printed("on"), _printed("e\n"), _printed("two\n"), _shown(text_plain="3")))
    assert compare(whole, pieces, rtol=0, atol=0) == []


def test_streams_are_told_apart() -> None:
    out, err = _notebook(_cell("a", _printed("x"))), _notebook(_cell("a", _printed("x", name="stderr")))
    assert [one.where for one in compare(out, err)] == ["stdout, line 1 is gone", "stderr, line 1 is new"]


@pytest.mark.parametrize("tag", ["nbval-ignore-output", "nbval-skip"])
def test_what_nbval_leaves_out_is_left_out(tag: str) -> None:
    old = _notebook(_cell("a", _printed("1"), tags=(tag,)), _cell("b", _printed("1")))
    new = _notebook(_cell("a", _printed("2"), tags=(tag,)), _cell("b", _printed("2")))
    assert [one.cell for one in compare(old, new)] == ["b"]


def test_nbvals_comment_markers_count_too() -> None:
    source = "# NBVAL_IGNORE_OUTPUT\nprint(1)"
    assert compare(_notebook(_cell("a", _printed("1"), source=source)), _notebook(_cell("a", source=source))) == []


def test_one_change_is_reported_once_in_the_most_telling_form() -> None:
    html = "<table><tr><th></th><th>mean</th></tr><tr><th>age</th><td>{}</td></tr></table>"
    old = _notebook(_cell("a", _shown(text_plain="     mean\nage  1.5", text_html=html.format(1.5))))
    new = _notebook(_cell("a", _shown(text_plain="     mean\nage  2.5", text_html=html.format(2.5))))
    (found,) = compare(old, new)
    assert found.where == "output, table, row 'age', column 'mean'"


def test_random_names_of_widgets_are_no_difference() -> None:
    mime = "application/vnd.jupyter.widget-view+json"
    old, new = (
        _notebook(_cell("a", new_output("display_data", data={"text/plain": "quiz", mime: {"model_id": name}})))
        for name in ("1", "2")
    )
    assert compare(old, new) == []


def test_an_output_more_or_of_another_type_is_named() -> None:
    one = _notebook(_cell("a", _shown(text_plain="1")))
    two = _notebook(_cell("a", _shown(text_plain="1"), _shown(text_html="<b>2</b>")))
    (found,) = compare(one, two)
    assert (found.kind, found.old, found.new) == ("output", "", "(text/html)")


def test_a_result_may_become_a_display_as_with_nbval() -> None:
    result = _notebook(_cell("a", new_output("execute_result", data={"text/plain": "1"}, execution_count=1)))
    assert compare(result, _notebook(_cell("a", _shown(text_plain="1")))) == []


def test_an_error_is_compared_by_name_and_message() -> None:
    old = _notebook(_cell("a", _error("ValueError")))
    assert compare(old, copy.deepcopy(old)) == []
    (found,) = compare(old, _notebook(_cell("a", _error("KeyError"))))
    assert (found.old, found.new) == ("ValueError: no", "KeyError: no")
    (raised,) = compare(_notebook(_cell("a")), old)
    assert (raised.kind, raised.new) == ("error", "ValueError: no")


def test_cells_belong_together_by_name_wherever_they_stand() -> None:
    old = _notebook(_cell("a", _printed("1")), new_markdown_cell("x"), _cell("b", _printed("2")))
    new = _notebook(_cell("b", _printed("2")), _cell("a", _printed("1")))
    assert compare(old, new) == []


def test_cells_without_counterpart_are_named() -> None:
    found = compare(_notebook(_cell("a"), _cell("b", source="old()")), _notebook(_cell("a"), _cell("c", source="new()")))
    assert [(one.cell, one.where, one.old, one.new) for one in found] == [
        ("b", "the cell is gone", "old()", ""),
        ("c", "the cell is new", "", "new()"),
    ]


def test_cells_of_notebooks_with_other_names_belong_together_by_order() -> None:
    old = _notebook(_cell("a", _printed("1")), _cell("b", _printed("2")))
    new = _notebook(_cell("x", _printed("1")), _cell("y", _printed("3")), _cell("z"))
    assert [(one.cell, one.new) for one in compare(old, new)] == [("b", "3"), ("z", "pass")]


def test_injected_parameters_are_left_out() -> None:
    new = _notebook(_cell("p", tags=("injected-parameters",)), _cell("a", _printed("1")))
    assert compare(_notebook(_cell("a", _printed("1"))), new) == []


@pytest.mark.parametrize("value", [-1.0, float("nan")])
def test_a_tolerance_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        compare(_notebook(), _notebook(), rtol=value)
