"""Baselines and smoothing: their means by definition, their intervals by simulation and closed forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from lifecycle.forecast import ForecastError, drift, ets, mean, naive, seasonal_naive

BASELINES = (mean, naive, seasonal_naive, drift)
SERIES = st.lists(st.floats(-1e3, 1e3), min_size=14, max_size=40)


def dated(values, freq="D") -> pd.Series:
    return pd.Series(np.asarray(values, dtype=float), pd.date_range("2021-03-01", periods=len(values), freq=freq))


@given(SERIES, st.integers(1, 20))
def test_means_are_what_the_names_say(values, horizon):
    y, last = np.array(values), np.arange(1, horizon + 1)
    np.testing.assert_allclose(naive(y).predict(horizon)["mean"], y[-1])
    np.testing.assert_allclose(mean(y).predict(horizon)["mean"], y.mean(), atol=1e-9)
    np.testing.assert_allclose(seasonal_naive(y, season=7).predict(horizon)["mean"], np.resize(y[-7:], horizon))
    line = np.polyval(np.polyfit([0, len(y) - 1], y[[0, -1]], 1), len(y) - 1 + last)
    np.testing.assert_allclose(drift(y).predict(horizon)["mean"], line, atol=1e-6)


@given(SERIES)
def test_a_season_of_one_is_naive(values):
    pd.testing.assert_frame_equal(seasonal_naive(values, season=1).predict(5), naive(values).predict(5))


@pytest.mark.parametrize("forecaster", BASELINES)
@pytest.mark.parametrize("freq", ["D", "MS", "h"])
def test_the_index_goes_on(forecaster, freq):
    y = dated(np.random.default_rng(0).normal(size=30), freq)
    said = forecaster(y, season=7).predict(3)
    assert list(said.index) == list(pd.date_range(y.index[0], periods=33, freq=freq)[-3:])
    assert list(said.columns) == ["mean", "low", "high"]


@pytest.mark.parametrize("forecaster", [naive, drift])
def test_intervals_of_a_random_walk_hold_what_they_promise(forecaster):
    rng, inside = np.random.default_rng(1), []
    for _ in range(150):
        y = rng.normal(size=110).cumsum()
        said = forecaster(y[:100], season=1).predict(10, level=0.8)
        inside.append(((y[100:] >= said["low"]) & (y[100:] <= said["high"])).mean())
    assert np.mean(inside) == pytest.approx(0.8, abs=0.05)


def test_a_wider_promise_takes_a_wider_interval():
    fitted = naive(np.random.default_rng(2).normal(size=50))
    width = [(table["high"] - table["low"]).iloc[0] for table in (fitted.predict(1, level=level) for level in (0.5, 0.95))]
    assert width[1] / width[0] == pytest.approx(norm.ppf(0.975) / norm.ppf(0.75))


@pytest.mark.parametrize("forecaster", BASELINES)
@pytest.mark.parametrize(
    ("y", "season"), [([1.0, 2.0], 1), ([1.0, np.nan] * 10, 2), (["a"] * 20, 2), (np.ones((9, 2)), 2), (range(30), 0)]
)
def test_what_cannot_be_forecast_is_an_error(forecaster, y, season):
    with pytest.raises(ForecastError):
        forecaster(y, season=season)


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_is_a_share(level):
    with pytest.raises(ForecastError, match="level"):
        naive(range(10)).predict(2, level=level)


def test_smoothing_without_parts_is_the_recursion():
    y = np.random.default_rng(3).normal(size=120).cumsum()
    fitted = ets(y, season=1, trend="none")
    level = float(fitted.result.initial_level)
    for value in y:
        level += fitted.weights["level"] * (value - level)
    assert fitted.predict(4)["mean"].to_numpy() == pytest.approx(level)


def test_smoothing_spreads_as_its_closed_form_says():
    y = np.random.default_rng(4).normal(size=150).cumsum() + 50
    fitted = ets(y, season=1, trend="none")
    said, alpha = fitted.predict(6), fitted.weights["level"]
    sigma2 = float(fitted.result.mse)
    spread = np.sqrt(sigma2 * (1 + alpha**2 * np.arange(6)))
    np.testing.assert_allclose(said["high"] - said["mean"], norm.ppf(0.975) * spread, rtol=1e-3)


def test_smoothing_carries_season_and_trend_forward():
    y = dated(10 + 0.5 * np.arange(120) + np.resize([0, 3, -3, 1], 120) + np.random.default_rng(5).normal(0, 0.1, 120))
    said = ets(y, season=4, trend="linear").predict(4)
    truth = 10 + 0.5 * np.arange(120, 124) + np.resize([0, 3, -3, 1], 4)
    np.testing.assert_allclose(said["mean"], truth, atol=0.4)
    assert said.index[0] == y.index[-1] + pd.Timedelta(days=1)


def test_smoothing_refuses_a_trend_that_it_does_not_know():
    with pytest.raises(ForecastError, match="trend"):
        ets(range(30), season=1, trend="up")
