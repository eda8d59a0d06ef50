from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lifecycle.errors import DataError
from lifecycle.monitor import Normal, Rate, Triangular, monte_carlo

LEVELS = np.linspace(0.01, 0.99, 25)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=3, max_size=3).map(sorted).filter(lambda x: x[2] - x[0] > 0.01))
def test_a_triangle_is_that_of_scipy(values):
    low, mode, high = values
    theirs = stats.triang((mode - low) / (high - low), loc=low, scale=high - low).ppf(LEVELS)
    np.testing.assert_allclose(Triangular(low, mode, high).quantile(LEVELS), theirs, atol=1e-9)


def test_a_rate_and_a_bell_are_those_of_scipy():
    np.testing.assert_allclose(Rate(30, 100).quantile(LEVELS), stats.beta(30.5, 70.5).ppf(LEVELS), rtol=1e-10)
    theirs = np.clip(stats.norm(5, 2).ppf(LEVELS), 4, 8)
    np.testing.assert_allclose(Normal(5, 2, low=4, high=8).quantile(LEVELS), theirs, rtol=1e-10)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Triangular(2, 1, 3),
        lambda: Triangular(1, 1, 1),
        lambda: Rate(5, 4),
        lambda: Rate(0, 0),
        lambda: Normal(0, 0),
        lambda: monte_carlo(lambda: 0.0, {}),
        lambda: monte_carlo(lambda a: a, {"a": Rate(1, 2)}, correlation={("a", "b"): 0.5}),
        lambda: monte_carlo(lambda a, b: a, {"a": Rate(1, 2), "b": Rate(1, 2)}, correlation={("a", "b"): 1.5}),
        lambda: monte_carlo(lambda a: a, {"a": Rate(1, 2)}, n=200).interval(1),
    ],
)
def test_what_nobody_can_believe_is_refused(wrong):
    with pytest.raises(DataError):
        wrong()


@pytest.fixture(scope="module")
def worlds():
    beliefs = {"a": Normal(10, 3), "b": Normal(0, 4), "c": Triangular(0, 0.1, 0.2)}
    return monte_carlo(lambda a, b, c: a + b + c, beliefs, n=20_000, seed=1)


def test_a_sum_of_bells_has_the_closed_form(worlds):
    exact = stats.norm(10.1, 5)
    assert worlds.mean == pytest.approx(10.1, abs=0.15)
    assert worlds.interval(0.9) == pytest.approx((exact.ppf(0.05), exact.ppf(0.95)), abs=0.25)
    assert worlds.chance() == pytest.approx(exact.sf(0), abs=0.005)
    assert worlds.chance(above=10.1) == pytest.approx(0.5, abs=0.015)


def test_the_driver_is_what_spreads_most(worlds):
    table = worlds.drivers().set_index("assumption")
    assert table.index.tolist() == ["b", "a", "c"]
    assert table["share"].sum() == pytest.approx(1)
    assert table.loc["b", "share"] == pytest.approx(16 / 25, abs=0.02)


def test_correlation_moves_two_assumptions_together():
    beliefs = {"a": Normal(0, 1), "b": Normal(0, 1)}
    drawn = monte_carlo(lambda a, b: a + b, beliefs, n=20_000, seed=2, correlation={("a", "b"): -0.6})
    assert drawn.inputs.corr().loc["a", "b"] == pytest.approx(-0.6, abs=0.02)
    assert drawn.results.var() == pytest.approx(2 - 1.2, abs=0.05)


def test_one_seed_one_result():
    beliefs = {"a": Rate(3, 10)}
    first, second, other = (monte_carlo(lambda a: a, beliefs, n=200, seed=seed).results for seed in (4, 4, 5))
    assert (first == second).all()
    assert (first != other).any()
