"""Rows for a service that no training has seen."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from lifecycle.develop import engineer, entity, load, production_rows, use_case
from lifecycle.errors import DataError

INPUTS = {"credit": ["limit_bal", "pay_1"], "churn": ["recency", "frequency"], "fraud": ["V1", "Amount"]}


def features(name: str, n_rows: int, seed: int = 3) -> pd.DataFrame:
    """As lesson 03 leaves them, with two inputs."""
    raw, target = load(name, n_rows=n_rows, seed=seed), use_case(name).target
    known = engineer(raw, use_case=name)[INPUTS[name]]
    return known.assign(entity=entity(raw, use_case=name), split="train", **{target: raw[target]})


@pytest.mark.parametrize("name", ["credit", "churn"])
def test_nobody_who_was_seen_is_among_them_and_everybody_else_is(name):
    seen = features(name, 9_000)
    rows = production_rows(name, seen=seen, n_rows=100_000)
    everybody = entity(load(name), use_case=name)

    assert list(rows.columns) == ["entity", use_case(name).target, *INPUTS[name]]
    assert sorted(rows["entity"]) == sorted(set(everybody) - set(seen["entity"]))


def test_customers_like_those_that_were_seen_stay_so_that_production_is_the_same_crowd():
    seen = features("churn", 12_000)
    rows = production_rows("churn", seen=seen, n_rows=8_000)
    table = [[(frame["frequency"] == 0).sum(), (frame["frequency"] > 0).sum()] for frame in (seen, rows)]

    assert chi2_contingency(table).pvalue > 0.001


def test_payments_have_no_identifier_and_none_equals_one_that_was_seen():
    seen = features("fraud", 10_000)
    rows = production_rows("fraud", seen=seen, n_rows=2_000)

    assert len(rows) == 10_000
    assert len(rows.merge(seen, on=INPUTS["fraud"])) == 0
    assert not set(rows["entity"]) & set(seen["entity"])


def test_the_same_seed_draws_the_same_rows_and_another_draws_others():
    seen = features("churn", 9_000)
    one, again, other = (production_rows("churn", seen=seen, n_rows=500, seed=seed) for seed in (1, 1, 2))

    pd.testing.assert_frame_equal(one, again)
    assert set(one["entity"]) != set(other["entity"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda seen: {"seen": seen.drop(columns="entity")}, "`entity` is missing"),
        (lambda seen: {"seen": seen, "n_rows": 9}, "too few"),
        (lambda _: {"seen": features("churn", 100_000)}, "has been seen"),
    ],
)
def test_what_makes_no_sense_is_refused(change, said):
    with pytest.raises(DataError, match=said):
        production_rows("churn", **change(features("churn", 100)))


def test_an_input_that_nobody_makes_is_named():
    with pytest.raises(DataError, match="nobody makes the input `mood`"):
        production_rows("churn", seen=features("churn", 100).assign(mood=1.0))
