"""What the stage offers, and what it asks of every number it is given."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from lifecycle import cases
from lifecycle.cases import CaseError
from lifecycle.cases.credit_risk.checks import positive, whole
from lifecycle.cases.given import finite_numbers, is_number, is_whole, numbers_or_missing


def test_the_essay_names_all_that_the_stage_offers_and_nothing_else():
    named = set(re.findall(r"`(\w+)`", cases.__doc__))
    assert named == set(cases.__all__)
    assert len(cases.__all__) == len(set(cases.__all__))


@pytest.mark.parametrize("value", [1, 1.5, np.float32(2), np.int64(3)])
def test_numbers(value):
    assert is_number(value, least=1, most=3)
    assert not is_number(value, least=4)


@pytest.mark.parametrize("value", [True, None, "1", math.nan, math.inf, 10**400, -(10**400), 1j, [1]])
def test_what_is_no_number_counts_nothing_either(value):
    assert not is_number(value)
    assert not is_whole(value)


def test_whole_numbers_are_counted_with():
    assert all(is_whole(value, least=0) for value in (0, 7, np.int64(7)))
    assert not any(is_whole(value) for value in (3.0, 1.5, np.float64(3)))
    assert not is_whole(0, least=1)
    assert not is_whole(9, most=8)


@pytest.mark.parametrize("values", ["text", ["a"], [10**400], [[1.0]], 1.0, None])
def test_what_is_no_row_of_numbers_is_refused_whether_some_may_be_missing_or_not(values):
    for read in (finite_numbers, numbers_or_missing):
        with pytest.raises(CaseError, match="here"):
            read(values, where="here")


def test_a_missing_number_is_nan_where_it_may_be_missing():
    assert np.isnan(numbers_or_missing([1.0, None], where="here")).tolist() == [False, True]
    assert numbers_or_missing([], where="here").tolist() == []
    for values in ([1.0, None], [], [1.0, math.inf]):
        with pytest.raises(CaseError, match="here"):
            finite_numbers(values, where="here")
    with pytest.raises(CaseError, match=r"from 0 to 1"):
        finite_numbers([2.0], where="here", least=0, most=1)
    with pytest.raises(CaseError, match="shape"):
        finite_numbers([1.0, 2.0], where="here", length=3)


def test_a_number_too_large_for_a_float_is_refused_by_name():
    for ask in (whole, positive):
        with pytest.raises(CaseError, match="credit_risk: base"):
            ask(10**400, where="base")
    assert whole(3.0, where="base") == 3
