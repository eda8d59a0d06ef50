"""Printed text and tables: numbers by tolerance, words exactly, and each difference named."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.regress.numbers import Tolerance, relative_change, tokens
from workbench.regress.table import compare_html, read_tables
from workbench.regress.text import compare_text

LOOSE = Tolerance(1e-6, 1e-12)
EXACT = Tolerance(0, 0)
TABLE = """\
           mean  median  missing
age       35.49   34.00        0
limit  167484.3  140000       12
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("V28 is a name", []),
        ("on 2026-01-31", ["2026", "01", "31"]),
        ("-1.5e-3, +2 and .5", ["-1.5e-3", "+2", ".5"]),
        ("284,807 rows", ["284,807"]),
        ("[1,2,3]", ["1", "2", "3"]),
        ("7-3", ["7", "3"]),
        ("12% of nan or -inf", ["12", "nan", "-inf"]),
        ("3.1.2", ["3.1"]),
        ("\u22124 degrees", ["\u22124"]),
    ],
)
def test_numbers_are_found_where_they_stand_alone(text: str, expected: list[str]) -> None:
    assert [token.text for token in tokens(text)] == expected


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert compare_text(text, text, tolerance=LOOSE) == []
    assert compare_html(text, text, tolerance=EXACT) == []


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8),
    st.data(),
    st.sampled_from(["{}", "loss {} after\n{}", "row  {}  x\nnext  {}  y"]),
)
def test_any_number_that_changes_beyond_the_tolerance_is_named(
    values: list[float], data: st.DataObject, layout: str
) -> None:
    index = data.draw(st.integers(0, len(values) - 1))
    other = data.draw(st.floats(allow_nan=False, allow_infinity=False))
    assume(abs(other - values[index]) > LOOSE.atol + LOOSE.rtol * abs(values[index]))
    lines = [layout.format(value, value) for value in values]
    changed = list(lines)
    changed[index] = layout.format(values[index], other) if layout.count("{}") == 2 else layout.format(other)
    found = compare_text("\n".join(lines), "\n".join(changed), tolerance=LOOSE)
    assert [(one.old, one.new) for one in found] == [(repr(values[index]), repr(other))]
    expected = abs(other - values[index]) / abs(values[index]) if values[index] else math.inf
    assert found[0].relative == pytest.approx(expected)


@given(st.floats(1e-3, 1e6), st.floats(-9e-7, 9e-7))
def test_a_change_within_the_tolerance_passes_unless_it_is_exact(value: float, change: float) -> None:
    old, new = f"loss {value!r}", f"loss {value * (1 + change)!r}"
    assert compare_text(old, new, tolerance=LOOSE) == []
    assert bool(compare_text(old, new, tolerance=EXACT)) == (old != new)


def test_exact_also_compares_how_a_number_is_written() -> None:
    assert compare_text("0.10", "0.1", tolerance=LOOSE) == []
    assert [one.new for one in compare_text("0.10", "0.1", tolerance=EXACT)] == ["0.1"]


@pytest.mark.parametrize(
    ("old", "new"), [("nan", "0.3"), ("inf", "1.0"), ("1" + "0" * 400, "2" + "0" * 400), ("-inf", "inf")]
)
def test_what_is_not_finite_equals_only_itself(old: str, new: str) -> None:
    (found,) = compare_text(f"loss {old}", f"loss {new}", tolerance=LOOSE)
    assert (found.old, found.new, found.relative) == (old, new, None)
    assert compare_text(f"loss {old}", f"loss {old}", tolerance=LOOSE) == []


def test_changes_from_zero_are_infinite() -> None:
    assert relative_change("0", "0.5") == math.inf


def test_words_are_exact() -> None:
    (found,) = compare_text("accuracy 0.9\ndone", "precision 0.9\ndone", tolerance=LOOSE)
    assert (found.kind, found.where, found.old, found.new) == ("text", "line 1", "accuracy 0.9", "precision 0.9")


def test_no_character_of_a_text_is_taken_for_a_number() -> None:
    assert [one.kind for one in compare_text("a \0 b", "a 5 b", tolerance=LOOSE)] == ["text"]
    assert [one.kind for one in compare_html("<table><td>\0</td></table>", "<table><td>5</td></table>", tolerance=LOOSE)]


def test_a_long_text_is_compared_in_reasonable_time() -> None:
    old = [f"row {k}  1.5  2.5" for k in range(1500)]
    assert len(compare_text("\n".join(old), "\n".join(old).replace("2.5", "3.5"), tolerance=LOOSE)) == 1500
    (more, *_) = compare_text("\n".join(old), "\n".join(old[1:]), tolerance=LOOSE)
    assert (more.old, more.new) == ("0", "1")


def test_spaces_outside_of_tables_are_exact() -> None:
    assert compare_text("one two", "one  two", tolerance=LOOSE)
    assert compare_text("done\n", "done", tolerance=LOOSE)[0].where == "ends of lines"


def test_a_line_more_and_a_line_fewer_are_named() -> None:
    (more,) = compare_text("first\nlast", "first\nmiddle\nlast", tolerance=LOOSE)
    assert (more.where, more.old, more.new) == ("line 2 is new", "", "middle")
    (fewer,) = compare_text("first\nmiddle\nlast", "first\nlast", tolerance=LOOSE)
    assert (fewer.where, fewer.old, fewer.new) == ("line 2 is gone", "middle", "")


def test_an_entry_of_an_aligned_table_is_named_by_row_and_column() -> None:
    (found,) = compare_text(TABLE, TABLE.replace("34.00", "39.00"), tolerance=LOOSE, where="stdout")
    assert found.where == "stdout, row 'age', column 'median' (line 2)"
    assert (found.old, found.new, found.relative) == ("34.00", "39.00", pytest.approx(5 / 34))


def test_a_wider_number_moves_no_other_entry() -> None:
    frame = pd.DataFrame({"mean": [9.5, 2.5], "n": [3, 4]}, index=["age", "limit"])
    wider = frame.assign(mean=[10.25, 2.5])
    found = compare_text(frame.to_string(), wider.to_string(), tolerance=LOOSE)
    assert [(one.where, one.new) for one in found] == [("row 'age', column 'mean' (line 2)", "10.25")]


def test_the_rule_below_a_header_may_grow_with_its_column() -> None:
    old, new = "name  mean\n----------\nage   9.50\n", "name   mean\n-----------\nage   10.50\n"
    (found,) = compare_text(old, new, tolerance=LOOSE)
    assert found.where == "row 'age', column 'mean' (line 3)"
    assert len(compare_text(old, new, tolerance=EXACT)) == 3


@given(st.integers(0, 3), st.integers(0, 2), st.integers(100, 10_000))
def test_an_entry_of_an_html_table_is_named_by_row_and_column(row: int, column: int, value: int) -> None:
    frame = pd.DataFrame([[1.5, 2.0, 3.0]] * 4, columns=["mean", "median", "loss"], index=["age", "limit", "sex", "bill"])
    changed = frame.copy()
    changed.iloc[row, column] = value
    (found,) = compare_html(frame.to_html(), changed.to_html(), tolerance=LOOSE)
    assert found.where == f"table, row {frame.index[row]!r}, column {frame.columns[column]!r}"
    assert float(found.new) == value


def test_headers_of_several_levels_are_joined() -> None:
    columns = pd.MultiIndex.from_product([["credit", "fraud"], ["mean", "sd"]])
    frame = pd.DataFrame([[1, 2, 3, 4]], columns=columns, index=["age"])
    changed = frame.copy()
    changed.iloc[0, 3] = 5
    (found,) = compare_html(frame.to_html(), changed.to_html(), tolerance=LOOSE)
    assert found.where == "table, row 'age', column 'fraud · sd'"


def test_rows_and_columns_that_come_and_go_are_named() -> None:
    frame = pd.DataFrame({"mean": [1, 2]}, index=["age", "limit"])
    (found,) = compare_html(frame.to_html(), frame.assign(sd=[3, 4]).drop(index="age").to_html(), tolerance=LOOSE)
    assert (found.kind, found.old, found.new) == ("output", "2 × 1, row 'age'", "1 × 2, column 'sd'")


def test_what_stands_around_a_table_and_its_markup_count() -> None:
    html = "<p>loss 3</p><table><tr><th>a</th></tr><tr><td style='color: red'>1</td></tr></table>"
    (outside,) = compare_html(html, html.replace("loss 3", "loss 4"), tolerance=LOOSE)
    assert (outside.old, outside.new) == ("3", "4")
    assert compare_html(html, html.replace("red", "green"), tolerance=LOOSE)


def test_cells_that_span_stand_in_each_place() -> None:
    (table,) = read_tables(
        "<table><tr><th></th><th colspan=2>n</th></tr><tr><th rowspan=2>a</th><td>1</td><td>2</td></tr>"
        "<tr><td>3</td><td>4</td></tr></table>"
    )
    assert table.rows == [["a", "1", "2"], ["a", "3", "4"]]
    assert (table.header, table.labels, table.shape) == ([["", "n", "n"]], 1, "2 × 2")


@given(st.lists(st.sampled_from(["<table>", "</table>", "<tr>", "<td rowspan=3>", "<th colspan=9>", "x", "</td>", "1"])))
def test_broken_tables_are_read_too(pieces: list[str]) -> None:
    html = "".join(pieces) + "</table>"
    assert compare_html(html, html, tolerance=LOOSE) == []
    for table in read_tables(html):
        assert "×" in table.shape
