"""Decomposition and stationarity, against statsmodels and series whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.seasonal import seasonal_decompose

from lifecycle.forecast import ForecastError, arma, decompose, differences_needed, stationarity, swing


def known(period: int, n: int, *, slope: float = 0.3, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    pattern = rng.normal(size=period)
    return slope * np.arange(n) + np.resize(pattern - pattern.mean(), n) * 3 + noise * rng.normal(size=n)


@pytest.mark.parametrize("period", [2, 7, 12])
@pytest.mark.parametrize("extra", [0, 5])
def test_classical_parts_are_those_of_statsmodels(period, extra):
    y = known(period, 3 * period + extra, noise=1)
    ours, theirs = decompose(y, period=period).parts, seasonal_decompose(y, period=period)
    for name, values in {"trend": theirs.trend, "season": theirs.seasonal, "noise": theirs.resid}.items():
        np.testing.assert_allclose(ours[name], values, atol=1e-9)


@pytest.mark.parametrize("method", ["classical", "stl"])
def test_a_line_and_a_season_are_found_exactly(method):
    found = decompose(known(7, 70), period=7, method=method)
    assert found.parts["noise"].abs().max() < 1e-6
    assert found.parts["trend"].diff().dropna().to_numpy() == pytest.approx(0.3, abs=1e-6)
    assert found.strength_of_season == pytest.approx(1)


@settings(max_examples=25)
@given(st.integers(2, 9), st.integers(0, 6), st.integers(0, 99))
def test_parts_add_up_and_the_season_to_nothing(period, extra, seed):
    y = pd.Series(
        known(period, 2 * period + extra, noise=1, seed=seed), pd.date_range("2020-01-01", periods=2 * period + extra)
    )
    found = decompose(y, period=period)
    whole = found.parts.dropna()
    np.testing.assert_allclose(whole[["trend", "season", "noise"]].sum(axis=1), whole["series"])
    assert sum(found.pattern) == pytest.approx(0, abs=1e-9)
    assert found.parts.index.equals(y.index)


def test_two_periods_of_noise_are_all_season_and_many_are_none():
    noise = np.random.default_rng(5).normal(size=1200)
    assert decompose(noise[:24], period=12).strength_of_season == pytest.approx(1)
    assert decompose(noise, period=12).strength_of_season < 0.06


def test_robust_parts_leave_an_outlier_in_the_noise():
    y = known(7, 210, noise=0.5)
    y[105] -= 40
    robust, plain = (decompose(y, period=7, method=method).parts["noise"] for method in ("stl", "classical"))
    assert robust.iloc[105] == pytest.approx(-40, abs=3)
    assert plain.iloc[105] > -36
    assert robust.drop(105).abs().max() < 3 < plain.drop(105).abs().max()


def test_one_period_is_refused_with_the_number_that_it_takes():
    with pytest.raises(ForecastError, match="24"):
        decompose(np.arange(23.0), period=12)


@pytest.mark.parametrize("asked", [{"period": 1}, {"period": 2.5}, {"period": 3, "method": "x11"}])
def test_what_makes_no_season_is_refused(asked):
    with pytest.raises(ForecastError):
        decompose(np.arange(40.0) % 7, **asked)


def test_swing_is_last_less_first():
    parts = pd.DataFrame({"trend": [1.0, 4.0], "season": [2.0, -1.0]}, index=["a", "b"])
    assert swing(parts, "a", "b") == {"trend": 3, "season": -3}


def test_stationarity_of_what_was_made_so():
    shocks = np.random.default_rng(6).normal(size=600)
    assert stationarity(arma(shocks, ar=[0.5])).verdict == "stationary"
    assert stationarity(shocks.cumsum()).verdict == "not stationary"


@pytest.mark.parametrize(("times", "needed"), [(0, 0), (1, 1), (2, 2)])
def test_sums_are_differenced_as_often_as_they_were_summed(times, needed):
    y = np.random.default_rng(7).normal(size=400)
    for _ in range(times):
        y = y.cumsum()
    assert differences_needed(y) == (needed, 0)


def test_a_strong_season_is_differenced_and_noise_is_not():
    assert differences_needed(known(12, 180, noise=0.3), season=12)[1] == 1
    assert differences_needed(np.random.default_rng(8).normal(size=180), season=12) == (0, 0)


@pytest.mark.parametrize("y", [[3.0] * 30, [1.0, 2, 3]])
def test_no_verdict_on_a_constant_or_a_handful(y):
    with pytest.raises(ForecastError):
        stationarity(y)
