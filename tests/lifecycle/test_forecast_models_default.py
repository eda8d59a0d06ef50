"""The default: its recursion against statsmodels, its choice, its intervals, and what it does with odd series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from lifecycle.forecast import Blend, ForecastError, backtest, default_choice, score_table, seasonal_naive
from lifecycle.forecast.models.grid import every_setting, first_origin, forecasts, mean_errors, past_errors


@pytest.fixture(scope="module")
def quarters():
    """Ten years of a rising season with memory."""
    rng, at = np.random.default_rng(8), np.arange(48)
    return 100 + 0.5 * at + np.tile([5.0, -3, 8, -10], 12) + rng.normal(size=48).cumsum()


@pytest.mark.parametrize("which", [0, 150, 333, 600])
def test_one_setting_is_the_recursion_of_statsmodels(quarters, which):
    """The same states at the beginning; statsmodels learns its own from there on."""
    one = every_setting(4)[which : which + 1]
    start = first_origin(48, 4)
    _, said = list(forecasts(quarters, one, season=4, horizon=6))[-1]
    trend = (quarters[4:start].mean() - quarters[:4].mean()) / 4
    level = quarters[:start].mean() - trend * (start + 1) / 2
    line = level + trend * np.arange(1, start + 1)
    season = (quarters[:start] - line).reshape(2, 4).mean(axis=0)
    known = {"initial_level": level, "initial_trend": trend, "initial_seasonal": season - season.mean()}
    form = {"error": "add", "trend": "add", "damped_trend": True, "seasonal": "add", "seasonal_periods": 4}
    peer = ETSModel(quarters, initialization_method="known", **form, **known)
    theirs = peer.smooth([one.level[0], one.level[0] * one.trend[0], one.season[0], one.damping[0]])
    np.testing.assert_allclose(said[0], theirs.forecast(6), rtol=1e-9)


def test_errors_of_the_past_are_those_of_a_shorter_series(quarters):
    """What it said at a time depends on nothing that came later, but for the settings."""
    best = every_setting(4)[:20]
    errors, ahead = past_errors(quarters, best, season=4, horizon=3)
    assert errors.shape == (48 - 8, 3)
    assert np.isnan(errors[-1]).tolist() == [False, True, True]
    cut = past_errors(quarters[:30], best, season=4, horizon=3)[1]
    np.testing.assert_allclose(quarters[30:33] - cut, errors[30 - 8])
    assert len(ahead) == 3


def test_a_setting_is_judged_by_its_own_errors(quarters):
    some = every_setting(4)[::200]
    scores = mean_errors(quarters, some, season=4, horizon=2, half_life=1e12)
    for at in range(len(some)):
        errors = past_errors(quarters, some[at : at + 1], season=4, horizon=2)[0]
        assert scores[at] == pytest.approx(np.nanmean(np.abs(errors), axis=1).mean())


def test_it_beats_seasonal_naive_where_there_is_a_trend_and_keeps_its_promise():
    scores = []
    for seed in range(6):
        rng, at = np.random.default_rng(seed), np.arange(96)
        y = np.exp(0.01 * at + 0.2 * np.sin(at / 6 * np.pi) + rng.normal(0, 0.05, 96))
        for name, forecaster in (("default", default_choice), ("naive", seasonal_naive)):
            scores.append(backtest(y, forecaster, season=12, horizon=12, folds=2).assign(name=name))
    said = score_table(pd.concat(scores), by="name").set_index("name")
    assert said.loc["default", "MASE"] < 0.6 * said.loc["naive", "MASE"]
    assert 0.9 <= said.loc["default", "coverage"] <= 1


def test_growth_in_per_cent_is_forecast_on_the_logarithm_and_growth_in_units_is_not():
    at, noise = np.arange(60), np.random.default_rng(1).normal(size=60)
    assert default_choice(np.exp(0.08 * at + 0.05 * noise), season=1).blend(6).logarithm
    assert not default_choice(100 + 10 * at + noise, season=1).blend(6).logarithm
    assert not default_choice(at - 30 + noise, season=1).blend(6).logarithm


@settings(max_examples=15)
@given(
    st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=40),
    st.sampled_from([1, 2, 4, 12]),
    st.integers(1, 30),
    st.sampled_from([0.5, 0.95]),
)
def test_any_series_has_a_finite_forecast_within_its_interval(values, season, horizon, level):
    said = default_choice(values, season=season).predict(horizon, level=level)
    assert len(said) == horizon
    assert np.isfinite(said.to_numpy()).all()
    assert ((said["low"] <= said["mean"]) & (said["mean"] <= said["high"])).all()
    assert said.index.tolist() == [*range(len(values), len(values) + horizon)]


def test_a_higher_level_has_a_wider_interval_and_positive_series_stay_positive():
    y = pd.Series(np.random.default_rng(2).gamma(1, 10, 60), index=pd.date_range("2010-01-01", periods=60, freq="MS"))
    fitted = default_choice(y, season=12)
    half, most = fitted.predict(18, level=0.5), fitted.predict(18, level=0.99)
    assert (most["high"] - most["low"] > half["high"] - half["low"]).all()
    assert str(most.index[0].date()) == "2015-01-01"
    if fitted.blend(18).logarithm:
        assert (most["low"] > 0).all()


def test_the_spread_never_falls_and_grows_beyond_what_was_ever_judged():
    blend = default_choice(np.random.default_rng(4).normal(size=16).cumsum(), season=1).blend(40)
    assert (np.diff(blend.spread) >= 0).all()
    assert blend.spread[39] > blend.spread[7]


def test_a_constant_series_is_forecast_as_what_it_is():
    said = default_choice([7.0] * 30, season=4).predict(3)
    np.testing.assert_allclose(said, 7.0)


def test_a_season_that_was_not_seen_twice_and_a_half_is_none():
    assert default_choice(range(1, 30), season=12).season == 1
    assert default_choice(range(1, 31), season=12).season == 12


@pytest.mark.parametrize(
    ("values", "said"), [([1, 2, 3], "4 are needed"), ([1, 2, None, 4, 5], "first at position 2"), (["a"] * 9, "numbers")]
)
def test_what_cannot_be_forecast_is_refused(values, said):
    with pytest.raises(ForecastError, match=said):
        default_choice(values, season=1)


def test_nothing_is_drawn_at_random(quarters):
    one, other = (default_choice(quarters, season=4).predict(8) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_the_width_by_hand():
    """Two origins, two steps; the newer error weighs twice as much where half is lost in a step."""
    errors = np.array([[1.0, 2.0], [-1.0, np.nan]])
    blend = Blend(np.array([5.0, 6, 7, 8]), every_setting(1)[:1], errors, np.zeros(2), False, half_life=1.0)
    assert blend.spread.tolist() == [1, 2]
    assert blend.mean_error == pytest.approx((0.25 * 1 + 0.25 * 2 + 0.5 * 1) / 1)
    expected = 4.302653 * np.sqrt(1.5) * blend.spread  # Student's t with 2 degrees of freedom, from a table
    assert blend.reach(0.95) == pytest.approx(expected, rel=1e-6)


def test_errors_on_the_logarithm_are_judged_in_the_unit_of_the_series():
    """Forecasts of 4 and 10 made before the third value and 16 before the last: truths are 8, 20 and 20."""
    values, said = np.array([5.0, 6, 8, 20]), np.array([[4.0, 10], [16, np.nan]])
    truths = np.array([[8.0, 20], [20, np.nan]])
    blend = Blend(values, every_setting(1)[:1], np.log(truths) - np.log(said), np.zeros(2), True, half_life=1e12)
    assert blend.mean_error == pytest.approx((4 + 10 + 4) / 3)
