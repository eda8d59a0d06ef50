"""What a check asks of a value to name a likely mistake: the same answer in every lesson."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.checks import as_list, close, is_number, near

NO_NUMBERS = [True, False, None, "1", [1.0], {"x": 1}, np.array([1.0]), 1j]


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_what_is_no_number_is_near_to_none(value: Any) -> None:
    assert not is_number(value)
    assert not near(value, 1)


@pytest.mark.parametrize("value", [0, -3, 2.5, math.inf, math.nan, np.float64(2)])
def test_whole_and_decimal_numbers_are_numbers(value: Any) -> None:
    assert is_number(value)


@pytest.mark.parametrize(
    ("value", "wrong", "said"),
    [
        (1.0009, 1, True), (1.0011, 1, False), (0.9991, 1, True), (-1, 1, False), (0, 0, True), (1e-10, 0, True),
        (1e-8, 0, False), (5, math.inf, False), (math.inf, math.inf, False), (math.nan, math.nan, False), (1, None, False),
    ],
)  # fmt: skip
def test_near_is_a_thousandth_of_what_the_mistake_gives(value: float, wrong: float | None, said: bool) -> None:
    assert near(value, wrong) is said


def test_the_tolerance_can_be_chosen() -> None:
    assert near(101, 100, rtol=0.01)
    assert not near(100.01, 100, rtol=1e-6)


@given(st.floats(-1e9, 1e9), st.floats(-1e-3, 1e-3))
def test_what_is_near_is_close_as_well(wrong: float, part: float) -> None:
    value = wrong * (1 + part)
    if near(value, wrong):
        close(value, wrong, atol=1e-8)


@pytest.mark.parametrize("value", [(3, 1), [3, 1], np.array([3, 1]), pd.Series([3, 1], index=[7, 8]), pd.Index([3, 1])])
def test_a_list_is_made_of_every_kind_of_sequence(value: Any) -> None:
    found = as_list(value)
    assert (type(found), found) == (list, [3, 1])
    assert {type(each) for each in found} == {int}


@pytest.mark.parametrize("value", ["text", {"a": 1}, {1, 2}, 3, None])
def test_what_is_no_sequence_stays_what_it_is(value: Any) -> None:
    assert as_list(value) is value
