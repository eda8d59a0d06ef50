"""Fields: what a request may hold, taken from training rows and documents."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.deploy import Field, PackageError, schema_of


def test_kinds_and_limits_come_from_the_rows():
    rows = pd.DataFrame({
        "amount": [0.0, 100_000.0, 250_000.0], "code": [-2.0, 0.0, 8.0], "flag": [0.0, 1.0, 1.0], "share": [0.0, 0.37, 1.0],
        "change": [-1.5, 0.2, 3.0], "constant": [5.0, 5.0, 5.0],
    })  # fmt: skip
    fields = {field.name: field for field in schema_of(rows)}
    assert list(fields) == list(rows)
    assert (fields["amount"].kind, fields["amount"].low, fields["amount"].high) == ("number", 0.0, 380_000.0)
    assert (fields["code"].kind, fields["code"].low, fields["code"].high) == ("integer", -7.0, 13.0)
    assert (fields["flag"].kind, fields["flag"].choices) == ("integer", (0.0, 1.0))
    assert (fields["share"].kind, fields["share"].low, fields["share"].high) == ("number", 0.0, 1.0)
    assert (fields["change"].low, fields["change"].high) == (-3.8, 5.3)
    assert fields["constant"].low < 5 < fields["constant"].high


def test_documents_go_before_the_rows():
    rows = pd.DataFrame({"code": [-1.0, 0.0, 2.0], "limit": [10.0, 20.5, 30.0]})
    code, limit = schema_of(
        rows,
        meanings={"code": "status"},
        units={"limit": "TWD"},
        choices={"code": range(-2, 9)},
        ranges={"limit": (1, None)},
    )
    assert (code.low, code.high, len(code.choices), code.meaning) == (-2, 8, 11, "status")
    assert (limit.low, limit.high, limit.unit) == (1, 40, "TWD")


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30), st.floats(0, 3))
def test_every_training_row_is_within_its_own_limits(values, margin):
    (field,) = schema_of(pd.DataFrame({"x": values}, dtype="float64"), margin=margin)
    assert [field.fault(value) for value in values] == [None] * len(values)
    assert Field.from_dict(field.to_dict()) == field


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (math.nan, "finite"), (math.inf, "finite"), (-math.inf, "finite"), (2.5, "whole"), (-1, "between 0 and 9"),
        (10, "between 0 and 9"), (0, None), (9, None), (3.0, None),
    ],
)  # fmt: skip
def test_a_fault_is_put_in_words(value, said):
    found = Field("months", "integer", 0, 9).fault(value)
    assert found == said if said is None else said in found


def test_a_code_must_be_one_of_its_choices():
    field = Field("flag", "integer", 0, 1, choices=(0, 1))
    assert field.fault(1) is None
    assert field.fault(2) == "must be one of 0, 1"


@pytest.mark.parametrize(
    "rows",
    [
        pd.DataFrame({"x": []}), pd.DataFrame({"x": [1.0, np.nan]}), pd.DataFrame({"x": ["a"]}),
        pd.DataFrame({"x": [np.inf]}),
    ],
)  # fmt: skip
def test_rows_that_give_no_limits_are_refused(rows):
    with pytest.raises(PackageError):
        schema_of(rows)


@pytest.mark.parametrize(
    "values",
    [
        ("x", "text", 0, 1),
        ("x", "number", 1, 0),
        ("x", "number", math.nan, 1),
        ("", "number", 0, 1),
        ("a\nb", "number", 0, 1),
    ],
)
def test_what_is_no_field_is_refused(values):
    with pytest.raises(PackageError):
        Field(*values)
