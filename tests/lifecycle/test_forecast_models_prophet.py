"""Prophet and the calendar that it is given."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from lifecycle.forecast import ForecastError, backtest, prophet, public_holidays, seasonal_naive


def days(n: int = 500) -> pd.Series:
    index = pd.date_range("2019-01-01", periods=n)
    week = np.array([2.0, 2, 2, 2, 1, -4, -5])[index.day_of_week]
    y = pd.Series(30 + 0.01 * np.arange(n) + week + np.random.default_rng(0).normal(0, 0.5, n), index)
    free = public_holidays({2019, 2020})["ds"]
    y[y.index.isin(free)] -= 10
    return y


@pytest.fixture(scope="module")
def fitted():
    return prophet(days().iloc[:-28], holidays=public_holidays(range(2019, 2021)), yearly=False)


def test_parts_add_up_to_the_forecast(fitted):
    parts = fitted.components(14)
    np.testing.assert_allclose(parts[["trend", "weekly", "holidays"]].sum(axis=1), parts["mean"], atol=1e-8)
    np.testing.assert_allclose(parts["mean"].iloc[-14:], fitted.predict(14)["mean"], atol=1e-8)


def test_holidays_are_found_and_named(fitted):
    effects = fitted.holiday_effects()
    assert effects["Independence Day"] == pytest.approx(-10, abs=2)
    assert list(effects.values()) == sorted(effects.values())


def test_the_forecast_and_its_interval_hold(fitted):
    truth, said = days().iloc[-28:], fitted.predict(28)
    assert (truth - said["mean"]).abs().mean() < 1
    assert truth.between(said["low"], said["high"]).mean() > 0.85
    assert said.index.equals(pd.DatetimeIndex(truth.index, freq="D"))


def test_the_spread_is_that_of_simulated_bends(fitted):
    """Bends come as a Poisson process, sizes are Laplace; the closed form against 20,000 futures."""
    rng, ahead = np.random.default_rng(1), 0.4
    model, n = fitted.model, 20_000
    size = float(np.abs(model.params["delta"]).mean()) * 50  # larger, so that the noise does not drown it
    bends = rng.poisson(len(model.changepoints_t) * ahead, n)
    moved = [(rng.laplace(0, size, k) * rng.uniform(0, ahead, k)).sum() for k in bends]
    closed = 2 * len(model.changepoints_t) * size**2 * ahead**3 / 3
    assert np.var(moved) == pytest.approx(closed, rel=0.05)
    sigma, small = float(model.params["sigma_obs"].mean()), size / 50
    whole = model.y_scale * np.sqrt(sigma**2 + 2 * len(model.changepoints_t) * small**2 * ahead**3 / 3)
    assert fitted.spread(np.array([1 + ahead]))[0] == pytest.approx(whole)


def test_it_bears_gaps_and_leaves_the_random_state_alone():
    y = days(200)
    y.iloc[50:60] = np.nan
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    assert np.isfinite(prophet(y, yearly=False).predict(5).to_numpy()).all()
    assert (np.random.get_state()[1] == before).all()


def test_twice_the_same():
    first, second = (prophet(days(120), yearly=False).predict(7) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("y", [range(50), pd.Series(range(50)), days(9)])
def test_without_dates_or_with_too_few_it_says_so(y):
    with pytest.raises(ForecastError):
        prophet(y)


def test_the_calendar_knows_days_in_lieu_and_countries():
    table = public_holidays([2021])
    assert table.loc[table["holiday"] == "Independence Day (observed)", "ds"].tolist() == [pd.Timestamp("2021-07-05")]
    assert "Labor Day" in set(public_holidays([2021], country="DE")["holiday"]) or len(public_holidays([2021], country="DE"))
    with pytest.raises(ForecastError, match="XX"):
        public_holidays([2021], country="XX")


def test_dates_may_be_missing_and_the_forecast_goes_on_at_their_rhythm():
    y = days(200).drop(pd.date_range("2019-03-01", periods=10))
    assert prophet(y, yearly=False).predict(3).index.tolist() == [*pd.date_range(y.index[-1], periods=4)[1:]]


def test_a_series_with_a_gap_is_validated_on_the_truths_that_are_known():
    y = days(200)
    y.iloc[[*range(60, 70), 195]] = np.nan
    told = backtest(y, partial(prophet, yearly=False), season=7, horizon=7, folds=1)
    assert told["step"].tolist() == [1, 2, 4, 5, 6, 7]
    assert np.isfinite(told[["actual", "mean", "scale"]].to_numpy()).all()
    with pytest.raises(ForecastError, match="missing"):
        backtest(y, seasonal_naive, season=7, horizon=7, folds=1)
    with pytest.raises(ForecastError, match="dates are missing"):
        backtest(y.drop(y.index[195]), partial(prophet, yearly=False), season=7, horizon=7, folds=1)
