"""Pseudonyms, crowds and noise: what is promised to the one is measured on all."""

from __future__ import annotations

import hmac
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare, dlaplace

from lifecycle.govern import (
    GovernanceError,
    PrivacyBudget,
    Pseudonymiser,
    RefusedError,
    crowds,
    dictionary_attack,
    generalise,
    k_anonymity,
    l_diversity,
    link_attack,
    mondrian,
    noise_pmf,
    private_count,
    pseudonymise,
    suppress,
)

KEY = bytes(range(32))
TABLES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=40).map(
    lambda rows: pd.DataFrame(rows, columns=["a", "b", "secret"])
)


def test_a_pseudonym_is_an_hmac_with_a_key_of_the_domain():
    inner = hmac.new(KEY, b"domain:analysis", "sha256").digest()
    assert Pseudonymiser(KEY, domain="analysis", digits=64).of(17) == hmac.new(inner, b"17", "sha256").hexdigest()


def test_pseudonyms_join_within_a_domain_and_not_across():
    frame = pd.DataFrame({"payer": ["Ana", "Bo", None], "payee": ["Bo", "Ana", "Ana"], "sum": [1, 2, 3]})
    one = pseudonymise(frame, {"payer": "bank", "payee": "bank"}, key=KEY)
    assert one["payer"].iloc[0] == one["payee"].iloc[1]
    assert pd.isna(one["payer"].iloc[2])
    assert frame["payer"].iloc[0] == "Ana"
    other = pseudonymise(frame, {"payer": "tax"}, key=KEY)
    assert not set(other["payer"].dropna()) & set(one["payer"].dropna())
    with pytest.raises(GovernanceError, match="`name`"):
        pseudonymise(frame, {"name": "bank"}, key=KEY)


def test_who_can_make_pseudonyms_can_undo_them_and_nobody_else():
    ours, theirs = Pseudonymiser(KEY, domain="a"), Pseudonymiser(KEY[::-1], domain="a")
    released = [ours.of(n) for n in range(50)]
    assert dictionary_attack(released, range(1000), ours.of) == {ours.of(n): n for n in range(50)}
    assert dictionary_attack(released, range(1000), theirs.of) == {}


@pytest.mark.parametrize(
    "bad", [{"key": b"short", "domain": "a"}, {"key": KEY, "domain": ""}, {"key": KEY, "domain": "a", "digits": 4}]
)
def test_a_key_that_can_be_guessed_is_refused(bad):
    with pytest.raises(GovernanceError):
        Pseudonymiser(bad.pop("key"), **bad)


@given(TABLES)
def test_crowds_are_counted_as_by_hand(frame):
    counts = Counter(zip(frame["a"], frame["b"], strict=True))
    assert crowds(frame, ["a", "b"]).tolist() == [counts[pair] for pair in zip(frame["a"], frame["b"], strict=True)]
    assert k_anonymity(frame, ["a", "b"]) == min(counts.values())
    secrets = {pair: set() for pair in counts}
    for a, b, secret in frame.itertuples(index=False):
        secrets[a, b].add(secret)
    assert l_diversity(frame, ["a", "b"], "secret") == min(map(len, secrets.values()))


@given(TABLES, st.integers(1, 5))
def test_coarser_values_and_left_out_rows_never_make_a_smaller_crowd(frame, k):
    assert k_anonymity(generalise(frame, {"a": 2, "b": 2}), ["a", "b"]) >= k_anonymity(frame, ["a", "b"])
    left = suppress(frame, ["a", "b"], k=k)
    assert len(left) == 0 or k_anonymity(left, ["a", "b"]) >= k


@given(TABLES, st.integers(1, 8))
def test_mondrian_keeps_its_promise_and_every_row(frame, k):
    if len(frame) < k:
        with pytest.raises(GovernanceError, match="cannot hide"):
            mondrian(frame, ["a", "b"], k=k)
        return
    cut = mondrian(frame, ["a", "b"], k=k)
    assert k_anonymity(cut, ["a", "b"]) >= k
    assert cut.index.equals(frame.index)
    for name in ("a", "b"):
        for value, text in zip(frame[name], cut[name], strict=True):
            low, _, high = text.partition("-")
            assert float(low) <= value <= float(high or low)


def test_what_an_acquaintance_learns():
    released = pd.DataFrame({"age": [1, 1, 2, 2, 3], "ill": ["x", "x", "x", "y", "z"]})
    known = pd.DataFrame({"person": ["A", "B", "C", "D"], "age": [1, 2, 3, 9]})
    seen = link_attack(released, known, on=["age"], secret="ill")
    assert seen["candidates"].tolist() == [2, 2, 1, 0]
    assert seen["learnt"].fillna("").tolist() == ["x", "", "z", ""]
    with pytest.raises(GovernanceError, match="`town`"):
        link_attack(released, known, on=["town"], secret="ill")


def test_missing_values_are_a_crowd_of_their_own():
    frame = pd.DataFrame({"a": [1.0, np.nan, np.nan]})
    assert crowds(frame, ["a"]).tolist() == [1, 2, 2]
    with pytest.raises(GovernanceError, match="missing"):
        mondrian(frame, ["a"], k=1)


@given(st.integers(-30, 30), st.floats(0.05, 3))
def test_the_noise_is_the_discrete_laplace_distribution(noise, epsilon):
    assert noise_pmf(noise, epsilon=epsilon) == pytest.approx(dlaplace.pmf(noise, epsilon), rel=1e-9)
    ratio = noise_pmf(noise, epsilon=epsilon) / noise_pmf(noise + 1, epsilon=epsilon)
    assert math.exp(-epsilon) - 1e-9 <= ratio <= math.exp(epsilon) + 1e-9


def test_counts_are_drawn_from_it():
    rng = np.random.default_rng(5)
    draws = Counter(private_count(100, epsilon=0.8, rng=rng) - 100 for _ in range(6_000))
    inside = range(-4, 5)
    seen = [draws[n] for n in inside] + [sum(c for n, c in draws.items() if n not in inside)]
    chances = [dlaplace.pmf(n, 0.8) for n in inside]
    assert chisquare(seen, [6_000 * p for p in [*chances, 1 - sum(chances)]]).pvalue > 0.001


@settings(max_examples=30)
@given(st.lists(st.floats(0.01, 0.5), min_size=1, max_size=20))
def test_a_budget_is_never_overdrawn(epsilons):
    budget = PrivacyBudget(1.0, rng=np.random.default_rng(0))
    for epsilon in epsilons:
        before = len(budget.asked)
        if epsilon > budget.left + 1e-12:
            with pytest.raises(RefusedError, match="left"):
                budget.count(7, epsilon=epsilon, question="q")
            assert len(budget.asked) == before
        else:
            budget.count(7, epsilon=epsilon, question="q")
    assert sum(spent for _, spent in budget.asked) <= 1.0 + 1e-9


@pytest.mark.parametrize("epsilon", [0, -1, float("inf"), float("nan")])
def test_an_epsilon_that_is_none_is_refused(epsilon):
    with pytest.raises(GovernanceError):
        private_count(1, epsilon=epsilon, rng=np.random.default_rng(0))
