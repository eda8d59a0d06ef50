"""The data contract: drafted from a sample, written as text, enforced by pandera."""

import pandas as pd
import pytest
import yaml

from lifecycle.develop.exploration.contract import Contract, draft_contract
from lifecycle.errors import DataError

FRAME = pd.DataFrame({"paid": [10.5, 0.0, 3.0], "visits": [1, 2, 3], "city": ["a", "b", "a"], "bad": [0, 1, 0]})


@pytest.fixture
def contract() -> Contract:
    return draft_contract(FRAME, name="clients", target="bad", purpose="teaching", licence="none", protected=("city",))


def test_the_sample_keeps_the_contract_drafted_from_it(contract):
    assert contract.violations(FRAME) == []
    assert contract.enforce(FRAME) is FRAME


def test_the_largest_value_of_the_sample_is_not_a_limit(contract):
    assert contract.violations(FRAME.assign(paid=[1e9, 0.0, 1.0])) == []


@pytest.mark.parametrize(
    ("change", "column", "row", "rule"),
    [
        ({"paid": [1.0, -2.0, 3.0]}, "paid", 1, "at least 0"),
        ({"bad": [0, 2, 0]}, "bad", 1, "at most 1"),
        ({"city": ["a", "b", "z"]}, "city", 2, "one of a, b"),
        ({"visits": [1, 2.5, 3]}, "visits", 1, "of kind integer"),
        ({"visits": [1, "two", 3]}, "visits", 1, "of kind integer"),
        ({"paid": [1.0, None, 3.0]}, "paid", 1, "no value may be missing"),
        ({"extra": [1, 2, 3]}, "extra", None, "no column without a promise"),
    ],
)
def test_a_broken_promise_names_column_row_and_rule(contract, change, column, row, rule):
    found = contract.violations(FRAME.assign(**change))
    assert (found[0].column, found[0].row, found[0].rule) == (column, row, rule)


def test_a_missing_column_is_a_violation(contract):
    assert contract.violations(FRAME.drop(columns="visits"))[0].rule == "the column must be there"


def test_the_error_names_the_first_fault_and_counts_all(contract):
    with pytest.raises(
        DataError, match=r"clients: column `paid`, row 0: -1.0 breaks the rule at least 0 \(3 violations in all\)"
    ):
        contract.enforce(FRAME.assign(paid=[-1.0, -1.0, -1.0]))


def test_text_and_back(contract):
    text = contract.to_yaml()
    assert Contract.from_yaml(text) == contract
    assert yaml.safe_load(text)["columns"][2] == {"name": "city", "kind": "category", "allowed": ["a", "b"]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just words", "a mapping"),
        ("name: [", "not valid YAML"),
        ("name: x", "`target` is missing"),
        ("name: x\ntarget: y\npurpose: p\nlicence: l\ncolumns: [{kind: number}]", r"columns\[0\]: a column needs a `name`"),
        ("name: x\ntarget: y\npurpose: p\nlicence: l\ncolumns: [{name: a, kind: odd}]", "`kind` must be one of"),
        ("name: x\ntarget: y\npurpose: p\nlicence: l\ncolumns: [{name: a, kind: number, unit: m}]", "unknown key `unit`"),
    ],
)
def test_text_that_is_no_contract_names_the_part(text, message):
    with pytest.raises(DataError, match=message):
        Contract.from_yaml(text)
