"""What a series remembers, against closed forms and statsmodels."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.arima_process import ArmaProcess

from lifecycle.forecast import (
    ForecastError,
    arma,
    autocorrelations,
    half_life,
    lag_correlation,
    legacy_shocks,
    ljung_box,
    memory_table,
    stationary_variance,
)

PHIS = st.floats(-0.98, 0.98)


@given(PHIS, st.integers(1, 12))
def test_a_shock_fades_by_phi_each_step(phi, steps):
    assert arma([1.0] + [0.0] * steps, ar=[phi])[-1] == pytest.approx(phi**steps, abs=1e-12)


@given(st.lists(st.floats(-2, 2), max_size=3))
def test_a_surprise_is_gone_after_the_weights_of_an_ma(weights):
    assert arma([1.0] + [0.0] * 5, ma=weights) == pytest.approx([1, *weights, *[0] * (5 - len(weights))])


def test_arma_is_what_statsmodels_generates():
    shocks = np.random.default_rng(0).normal(size=80)
    theirs = ArmaProcess([1, -0.5, 0.2], [1, 0.4]).generate_sample(80, distrvs=lambda size: shocks)
    assert arma(shocks, ar=[0.5, -0.2], ma=[0.4]) == pytest.approx(theirs)


@given(PHIS.filter(lambda phi: abs(phi) > 0.01))
def test_after_a_half_life_half_is_left(phi):
    assert abs(phi) ** half_life(phi) == pytest.approx(0.5)


def test_the_ends_of_memory():
    assert half_life(0) == 0
    assert half_life(1) == half_life(-1.2) == math.inf
    assert stationary_variance(1) == math.inf
    assert stationary_variance(0.5, shock_variance=9) == pytest.approx(12)


def test_a_long_series_settles_at_its_stationary_variance():
    y = arma(np.random.default_rng(1).normal(size=400_000), ar=[0.9])
    assert y.var() == pytest.approx(stationary_variance(0.9), rel=0.02)
    assert lag_correlation(y) == pytest.approx(0.9, abs=0.005)


def test_the_acf_of_an_ar_fades_and_its_pacf_stops():
    table = autocorrelations(arma(np.random.default_rng(2).normal(size=50_000), ar=[0.8]), lags=6)
    assert table["acf"].to_numpy() == pytest.approx(0.8 ** table["lag"].to_numpy(), abs=0.03)
    assert table["pacf"].iloc[0] == pytest.approx(0.8, abs=0.02)
    assert (table["pacf"].iloc[1:].abs() < 0.02).all()


def test_the_bound_holds_nineteen_of_twenty_without_memory():
    rng = np.random.default_rng(3)
    inside = [(table["acf"].abs() < table["bound"]).mean() for table in (autocorrelations(rng.normal(size=400), lags=20)
                                                                        for _ in range(40))]  # fmt: skip
    assert np.mean(inside) == pytest.approx(0.95, abs=0.02)


def test_ljung_box_is_its_formula():
    y = np.random.default_rng(4).normal(size=120)
    r = autocorrelations(y, lags=8)["acf"].to_numpy()
    from scipy.stats import chi2

    q = 120 * 122 * (r**2 / (120 - np.arange(1, 9))).sum()
    assert ljung_box(y, lags=8) == pytest.approx(chi2.sf(q, 8))
    assert ljung_box(y, lags=8, parameters=2) == pytest.approx(chi2.sf(q, 6))


def test_legacy_shocks_are_those_of_old():
    assert legacy_shocks(3, seed=42) == pytest.approx([0.49671415, -0.1382643, 0.64768854])


def test_the_table_of_memories_has_a_row_each():
    table = memory_table([0, 0.9], legacy_shocks(50, seed=42))
    assert table["phi"].tolist() == [0, 0.9]
    assert table["variance"].iloc[0] == pytest.approx(np.var(legacy_shocks(50, seed=42)))


@pytest.mark.parametrize(
    "call",
    [
        lambda: autocorrelations([1.0, 2, 3, 4, 5], lags=3),
        lambda: autocorrelations([2.0] * 30, lags=3),
        lambda: lag_correlation([1.0, 2, 4, 3], lag=0),
        lambda: ljung_box([1.0, 2, 4, 3, 5, 1], lags=2, parameters=2),
        lambda: legacy_shocks(0, seed=1),
        lambda: arma([1.0, math.nan]),
    ],
)
def test_what_has_no_answer_is_an_error(call):
    with pytest.raises(ForecastError):
        call()
