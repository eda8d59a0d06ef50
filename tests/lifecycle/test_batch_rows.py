import json
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.deploy import BatchError, Field
from lifecycle.deploy.batch.rows import Faults, check_rows, check_types

FIELDS = (
    Field("amount", "number", 0.0, 1e6),
    Field("months", "integer", -2.0, 8.0),
    Field("flag", "integer", 0.0, 1.0, choices=(0.0, 1.0)),
)
VALUES = st.floats() | st.integers(-3, 9).map(float) | st.sampled_from([0.0, 1.0, 1e6, math.nextafter(1e6, 2e6), -0.0, 0.5])


def checked(columns, fields=FIELDS):
    table = pa.table(columns)
    faults = Faults(table.num_rows)
    return check_rows(table, fields, faults), faults


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=15))
def test_a_row_is_scored_exactly_when_no_field_finds_a_fault(rows):
    columns = {field.name: pa.array([row[i] for row in rows], pa.float64()) for i, field in enumerate(FIELDS)}
    values, faults = checked(columns)
    wrong = [any(field.fault(value) for field, value in zip(FIELDS, row, strict=True)) for row in rows]
    assert sorted(faults.reasons) == [number for number, bad in enumerate(wrong) if bad]
    expected = [row for row, bad in zip(rows, wrong, strict=True) if not bad]
    assert np.array_equal(values, np.array(expected, dtype="float32").reshape(-1, 3))


@given(st.lists(VALUES, min_size=1, max_size=15))
def test_text_is_read_as_the_number_it_spells(values):
    field = (Field("amount", "number", -1e300, 1e300),)
    numbers, _ = checked({"amount": pa.array(values, pa.float64())}, field)
    texts, faults = checked({"amount": pa.array([f" {value!r} " for value in values])}, field)
    assert np.array_equal(numbers, texts)
    assert set(faults.counts) <= {"amount: not a number", "amount: out of range"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "missing"), ("  ", "missing"), (None, "missing"), ("n/a", "not a number"), ("nan", "not a number"),
     ("0x1f", "not a number"), ("1_000", "not a number"), ("1,5", "not a number"), ("1e999", "not finite"),
     ("-1", "out of range"), ("1000000.5", "out of range"), ("١٢", "not a number"), ("=1+1", "not a number"),
     ("5\x00", "not a number"), ("--5", "not a number")],
)  # fmt: skip
def test_each_fault_has_its_reason(text, reason):
    values, faults = checked({"amount": pa.array([text, "+5."], pa.string())}, FIELDS[:1])
    assert faults.reasons == {0: [f"amount: {reason}"]}
    assert values.tolist() == [[5.0]]


def test_a_row_with_two_faults_has_two_reasons_and_counts_in_both():
    columns = {"amount": [None, 1.0], "months": [2.5, 3.0], "flag": [1.0, 7.0]}
    _, faults = checked(columns)
    assert faults.reasons == {0: ["amount: missing", "months: not a whole number"], 1: ["flag: unknown code"]}
    assert faults.counts == {"amount: missing": 1, "months: not a whole number": 1, "flag: unknown code": 1}


def test_of_a_broken_record_nothing_more_is_said():
    faults = Faults(2)
    faults.add([True, False], "record: broken")
    faults.broken.add(0)
    check_rows(pa.table({"amount": pa.array([None, None], pa.string())}), FIELDS[:1], faults)
    assert faults.reasons == {0: ["record: broken"], 1: ["amount: missing"]}


def test_columns_are_found_by_name_whatever_their_order():
    straight, _ = checked({"amount": [1.0], "months": [2], "flag": [0]})
    turned, _ = checked({"flag": [0], "extra": ["x"], "months": [2], "amount": [1.0]})
    assert np.array_equal(straight, turned)


def test_missing_columns_are_all_named():
    with pytest.raises(BatchError, match="2 of 3 columns are missing: amount, flag"):
        check_types(pa.schema([("months", pa.int64())]), FIELDS, where="table")


@pytest.mark.parametrize("kind", [pa.bool_(), pa.date32(), pa.list_(pa.float64()), pa.binary()], ids=str)
def test_a_column_of_neither_numbers_nor_text_is_refused(kind):
    schema = pa.schema([("amount", kind), ("months", pa.int8()), ("flag", pa.decimal128(3, 1))])
    with pytest.raises(BatchError, match="neither numbers nor text") as caught:
        check_types(schema, FIELDS, where="table")
    assert "`amount`" in str(caught.value)


def test_decimals_and_small_integers_are_numbers():
    columns = {
        "amount": pa.array([1, 2, None], pa.uint8()),
        "months": pa.array(["1.0", "2.5", "3.0"], pa.string()).cast(pa.decimal128(3, 1)),
        "flag": pa.array([0, 1, 1], pa.int8()),
    }
    values, faults = checked(columns)
    assert values.tolist() == [[1.0, 1.0, 0.0]]
    assert json.dumps(faults.reasons) == '{"2": ["amount: missing"], "1": ["months: not a whole number"]}'
