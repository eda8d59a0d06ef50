"""Parameters: what a cell declares, what a caller may give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import MasterError, ParameterError
from workbench.parameters import Parameter, Rule, parse_cell, resolve, source_of

CELL = """\
use_case: str = "tea"  # which leaf
minutes: int = 3  # steeping time
heat: float = 95.5  # degrees Celsius
milk: bool = False  # or not"""


def test_a_cell_declares_name_type_default_and_help():
    assert parse_cell(CELL)[1] == Parameter("minutes", "int", 3, "steeping time")


def test_a_cell_can_be_written_back_with_other_values():
    parameters = parse_cell(CELL)
    assert [p.default for p in parse_cell(source_of(parameters, {"minutes": 5}))] == ["tea", 5, 95.5, False]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("minutes = 3  # no type", "expected `name: type = value"),
        ("minutes: int = 3", "no comment"),
        ("minutes: int = 'three'  # text", "not of type `int`"),
        ("minutes: list = []  # list", "is not one of"),
        ("minutes: int = len('abc')  # call", "must be a literal"),
        ("minutes: int = (", "not Python"),
    ],
)
def test_a_line_that_is_no_parameter_is_an_error_with_its_place(line, message):
    with pytest.raises(MasterError, match=message.replace("(", r"\(")):
        parse_cell(line, where="tea.py")


def test_an_unknown_name_lists_the_valid_ones_with_types_and_help():
    with pytest.raises(ParameterError) as error:
        resolve({"sugar": 1}, parse_cell(CELL))
    assert "no parameter `sugar`" in str(error.value)
    assert "minutes: int = 3  # steeping time" in str(error.value)


@pytest.mark.parametrize(
    ("name", "value"), [("minutes", "3.5"), ("minutes", True), ("milk", 1), ("use_case", 3), ("heat", "hot")]
)
def test_a_value_of_another_type_is_refused(name, value):
    with pytest.raises(ParameterError, match=f"`{name}` must be of type"):
        resolve({name: value}, parse_cell(CELL))


def test_text_from_a_shell_becomes_the_declared_type():
    resolved = resolve({"minutes": "4", "heat": "80", "milk": "true", "use_case": "4"}, parse_cell(CELL))
    assert resolved == {"use_case": "4", "minutes": 4, "heat": 80.0, "milk": True}
    assert type(resolved["heat"]) is float


@pytest.mark.parametrize(
    ("rule", "value", "message"),
    [(Rule(choices=(1, 2)), 3, "one of 1, 2"), (Rule(min=2), 1, "at least 2"), (Rule(max=9), 10, "at most 9")],
)
def test_a_value_outside_the_rule_is_refused(rule, value, message):
    with pytest.raises(ParameterError, match=message):
        resolve({"minutes": value}, parse_cell(CELL), rules={"minutes": rule})


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.text())
def test_whatever_is_written_into_a_cell_is_read_back(minutes, heat, milk, use_case):
    values = {"use_case": use_case, "minutes": minutes, "heat": heat, "milk": milk}
    assert {p.name: p.default for p in parse_cell(source_of(parse_cell(CELL), values))} == values
