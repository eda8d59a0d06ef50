"""McNemar's test and what it takes, against statsmodels, exact enumeration and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as theirs

from lifecycle.errors import DataError
from lifecycle.iterate import mcnemar, paired_power, paired_sample_size, sample_size, split_of

COUNTS = st.integers(0, 400)


@given(COUNTS, COUNTS)
def test_exact_and_asymptotic_p_are_those_of_statsmodels(first, second):
    table = [[7, first], [second, 9]]
    if first + second:
        assert mcnemar(first, second) == pytest.approx(min(1.0, theirs(table, exact=True).pvalue), abs=1e-12)
        for method, correction in (("asymptotic", False), ("corrected", True)):
            expected = theirs(table, exact=False, correction=correction).pvalue
            if first != second:  # theirs corrects a difference of 0 to one of -1
                assert mcnemar(first, second, method=method) == pytest.approx(expected, abs=1e-12)


@given(st.integers(1, 60), st.data())
def test_p_adds_up_what_is_as_uneven_or_more_so(n, data):
    fewer = data.draw(st.integers(0, n // 2))
    chances = [math.comb(n, k) / 2**n for k in range(n + 1)]
    as_uneven = sum(chance for k, chance in enumerate(chances) if abs(2 * k - n) >= n - 2 * fewer)
    assert mcnemar(fewer, n - fewer) == pytest.approx(as_uneven, abs=1e-12)
    own = chances[fewer] * (1 if 2 * fewer == n else 2)
    if 2 * fewer != n:
        assert mcnemar(fewer, n - fewer, method="mid-p") == pytest.approx(as_uneven - own / 2, abs=1e-12)


@given(COUNTS, COUNTS, st.sampled_from(["exact", "mid-p", "asymptotic", "corrected"]))
def test_it_does_not_matter_who_is_called_the_champion(first, second, method):
    p = mcnemar(first, second, method=method)
    assert p == mcnemar(second, first, method=method)
    assert 0 <= p <= 1


def test_models_that_never_part_are_not_told_apart():
    assert mcnemar(0, 0) == mcnemar(0, 0, method="asymptotic") == 1.0


@pytest.mark.parametrize(
    ("counts", "method"), [((-1, 2), "exact"), ((1.5, 2), "exact"), ((math.nan, 1), "exact"), ((1, 2), "no")]
)
def test_what_is_no_count_or_no_method_is_refused(counts, method):
    with pytest.raises(DataError):
        mcnemar(*counts, method=method)


@given(st.floats(0, 1), st.floats(-1, 1))
def test_a_split_adds_up_to_the_disagreement_and_differs_by_the_gain(disagreement, gain):
    if abs(gain) > disagreement:
        with pytest.raises(DataError, match="impossible"):
            split_of(gain, disagreement=disagreement)
        return
    new, old = split_of(gain, disagreement=disagreement)
    assert (new + old, new - old) == (pytest.approx(disagreement), pytest.approx(gain, abs=1e-12))
    assert min(new, old) >= 0


@settings(max_examples=50)
@given(st.floats(0.005, 0.2), st.floats(1.05, 8), st.floats(0.6, 0.95))
def test_the_size_is_the_least_that_keeps_the_promise(gain, ratio, power):
    disagreement = min(1.0, gain * ratio)
    n = paired_sample_size(gain, disagreement=disagreement, power=power)
    assert paired_power(n, gain=gain, disagreement=disagreement) >= power - 1e-9
    if n > 1:
        assert paired_power(n - 1, gain=gain, disagreement=disagreement) < power + 1e-9
    assert n == paired_sample_size(-gain, disagreement=disagreement, power=power)


def test_the_promise_holds_in_simulated_comparisons():
    n = paired_sample_size(0.02, disagreement=0.05)
    only_new, only_old = split_of(0.02, disagreement=0.05)
    drawn = np.random.default_rng(1).multinomial(n, [only_old, only_new, 1 - 0.05], size=4000)
    seen = np.mean((drawn[:, 0] - drawn[:, 1]) ** 2 / (drawn[:, 0] + drawn[:, 1]) > 3.8414588)
    assert seen == pytest.approx(0.80, abs=0.02)


def test_a_paired_comparison_of_strangers_takes_as_many_cases_as_one_arm():
    unrelated = 0.92 * 0.06 + 0.08 * 0.94
    assert paired_sample_size(0.02, disagreement=unrelated) == pytest.approx(
        sample_size(0.92, 0.02, variance="unpooled"), rel=0.01
    )


def test_power_and_size_agree_where_every_case_is_a_gain():
    n = paired_sample_size(1.0, disagreement=1.0)
    assert n == 4
    assert [paired_power(k, gain=1.0, disagreement=1.0) for k in (1, n - 1, n, 10)] == [0.0, 0.0, 1.0, 1.0]
    assert paired_power(10, gain=0.0, disagreement=0.0) == 0.0


def power_by_enumeration(n, method):
    """The chance that a test sees a gain of 2 points at 5 % disagreement, over all counts that can come out."""
    from scipy.stats import binom

    total = 0.0
    for tosses in range(20, 90):
        seen = [k for k in range(tosses + 1) if mcnemar(k, tosses - k, method=method) < 0.05]
        total += binom.pmf(tosses, n, 0.05) * binom.pmf(seen, tosses, 0.7).sum()
    return total


def test_the_size_is_of_the_asymptotic_test_and_the_exact_one_sees_less():
    assert power_by_enumeration(979, "exact") == pytest.approx(0.775, abs=5e-4)
    assert power_by_enumeration(979, "asymptotic") == pytest.approx(0.80, abs=0.015)
    assert paired_power(979, gain=0.02, disagreement=0.05) == pytest.approx(0.80, abs=1e-3)


@pytest.mark.parametrize(
    "arguments",
    [{"gain": 0, "disagreement": 0.1}, {"gain": 0.1, "disagreement": 0.05}, {"gain": 0.1, "disagreement": 2},
     {"gain": 0.01, "disagreement": 0.1, "power": 1}, {"gain": 0.01, "disagreement": 0.1, "alpha": 0},
     {"gain": math.nan, "disagreement": 0.1}],
)  # fmt: skip
def test_sizes_that_cannot_be_are_refused(arguments):
    with pytest.raises(DataError):
        paired_sample_size(**arguments)


def test_no_cases_have_no_power():
    with pytest.raises(DataError):
        paired_power(0, gain=0.02, disagreement=0.05)
