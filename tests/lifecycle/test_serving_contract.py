import json

import jsonschema
import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from lifecycle.deploy import Field
from lifecycle.deploy.serving.contract import Contract
from lifecycle.deploy.serving.refusal import RefusalError
from lifecycle.deploy.serving.schemas import batch_schema, one_schema
from lifecycle.deploy.serving.strict_json import read_json

FIELDS = (
    Field("amount", "number", 0.0, 1e6, "amount of the payment", "EUR"),
    Field("hour", "integer", 0.0, 23.0),
    Field("channel", "integer", 0.0, 3.0, choices=(0.0, 1.0, 3.0)),
)
GOOD = {"amount": 1500.5, "hour": 2, "channel": 1}


@pytest.fixture
def contract():
    return Contract(FIELDS, batch_rows=3)


def _problems(refused):
    return {each.field: each.problem for each in refused.value.problems}


def test_a_row_comes_out_in_the_order_of_the_model(contract):
    asked = contract.one({"request_id": "TX123456", "features": dict(reversed(GOOD.items()))})
    assert (asked.request_id, asked.rows) == ("TX123456", [[1500.5, 2.0, 1.0]])
    assert contract.one({"features": GOOD}).request_id is None


@pytest.mark.parametrize(
    ("change", "field", "problem"),
    [
        ({"amount": "1500"}, "features.amount", "must be a number, not text"),
        ({"amount": None}, "features.amount", "must be a number, not null"),
        ({"amount": [1]}, "features.amount", "must be a number, not a list"),
        ({"amount": True}, "features.amount", "must be a number, not a truth value"),
        ({"amount": -0.01}, "features.amount", "must lie between 0 and 1000000"),
        ({"amount": float("inf")}, "features.amount", "must be a number, and finite"),
        ({"amount": 10**400}, "features.amount", "must lie between 0 and 1000000"),
        ({"hour": 2.5}, "features.hour", "must be a whole number"),
        ({"hour": 24}, "features.hour", "must lie between 0 and 23"),
        ({"channel": 2}, "features.channel", "must be one of 0, 1, 3"),
        ({"colour": 1}, "features.colour", "is not known here"),
    ],
)
def test_a_value_that_breaks_the_contract_is_named(contract, change, field, problem):
    with pytest.raises(RefusalError) as refused:
        contract.one({"features": {**GOOD, **change}})
    assert refused.value.status == 422
    assert _problems(refused) == {field: problem}


def test_all_that_is_wrong_is_said_at_once(contract):
    with pytest.raises(RefusalError) as refused:
        contract.one({"features": {"hour": "x", "day": 1}, "request_id": "a b", "extra": 1})
    assert _problems(refused) == {
        "request_id": "must be 1 to 64 letters, digits, dots, colons, hyphens or underscores",
        "extra": "is not known here",
        "features.amount": "is missing",
        "features.hour": "must be a whole number, not text",
        "features.channel": "is missing",
        "features.day": "is not known here",
    }


def test_a_long_list_of_problems_is_cut(contract):
    with pytest.raises(RefusalError) as refused:
        contract.one({"features": {f"unknown{number}": 1 for number in range(1000)}})
    assert len(refused.value.problems) == 20


def test_a_refusal_carries_the_clients_id_where_that_can_be_repeated(contract):
    for given_id, kept in (("TX1", "TX1"), ("TX 1", None), (7, None)):
        with pytest.raises(RefusalError) as refused:
            contract.one({"features": {}, "request_id": given_id})
        assert refused.value.request_id == kept


def test_a_batch_names_the_row(contract):
    with pytest.raises(RefusalError) as refused:
        contract.batch({"rows": [GOOD, {**GOOD, "hour": 99}, 5]})
    assert _problems(refused) == {"rows[1].hour": "must lie between 0 and 23", "rows[2]": "must be an object, not a number"}


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "must hold a row or more"),
        ({}, "must be a list of objects, not an object"),
        ([GOOD] * 4, "holds 4 rows, and 3 is the most"),
    ],
)
def test_a_batch_of_the_wrong_size_is_refused(contract, rows, problem):
    with pytest.raises(RefusalError) as refused:
        contract.batch({"rows": rows})
    assert _problems(refused) == {"rows": problem}


def test_a_hostile_name_is_repeated_in_plain_ascii(contract):
    with pytest.raises(RefusalError) as refused:
        contract.one({"features": {**GOOD, '\ud800\x00"</script>\u202e' + "x" * 500: 1}})
    (problem,) = refused.value.problems
    assert problem.field.isascii()
    assert problem.field.isprintable()
    assert len(problem.field) < 80


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, "x"]), inner, max_size=3),
    max_leaves=5,
)
_ROW = st.fixed_dictionaries(
    {
        "amount": st.floats(-1, 1.1e6) | st.integers(-1, 10**7) | _ANY,
        "hour": st.integers(-1, 25) | st.sampled_from([3.0, 3.5]) | _ANY,
        "channel": st.integers(-1, 4) | _ANY,
    }
) | st.dictionaries(st.sampled_from([*GOOD, "x"]), _ANY, max_size=4)
_IDS = st.text("ab._:- /", max_size=3) | _ANY


@settings(max_examples=150, deadline=None)
@given(content=st.fixed_dictionaries({"features": _ROW | _ANY}, optional={"request_id": _IDS, "y": _ANY}) | _ANY)
def test_what_is_accepted_is_what_the_published_schema_says(content):
    valid = jsonschema.Draft202012Validator(one_schema(FIELDS)).is_valid(content)
    assert _accepts(Contract(FIELDS).one, content) == valid


@settings(max_examples=80, deadline=None)
@given(content=st.fixed_dictionaries({"rows": st.lists(_ROW, max_size=4) | _ANY}, optional={"request_id": _IDS}))
def test_the_same_holds_of_batches(content):
    valid = jsonschema.Draft202012Validator(batch_schema(FIELDS, rows=3)).is_valid(content)
    assert _accepts(Contract(FIELDS, batch_rows=3).batch, content) == valid


def _accepts(read, content):
    try:
        asked = read(content)
    except RefusalError:
        return False
    assert np.isfinite(asked.rows).all()
    return True


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1} x', "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b"[-Infinity]", "-Infinity"),
        (b'{"a": 1, "b": 2, "a": 3}', "names `a` twice"),
        (b'{"x": {"a\\u0000": 1, "a\\u0000": 3}}', r"names `a\?` twice"),
        (b'"\xff"', "not UTF-8: byte 1"),
        ('"é"'.encode("utf-16"), "not UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b"[" * 60_000, "nested too deeply"),
        (b'{"a":' * 12_000, "nested too deeply"),
        (b"7" * 5000, "too many digits"),
    ],
)
def test_what_is_not_json_is_refused(body, said):
    with pytest.raises(RefusalError, match=said) as refused:
        read_json(body)
    assert refused.value.status == 400


@given(content=_ANY)
def test_json_is_read_as_it_was_written(content):
    try:
        text = json.dumps(content, allow_nan=False)
    except ValueError:  # infinity
        reject()
    assert read_json(text.encode()) == content
