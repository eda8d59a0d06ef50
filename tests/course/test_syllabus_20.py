"""The figures that lesson 20 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lifecycle import develop
from lifecycle.forecast import (
    ForecastError,
    arma,
    backtest,
    block_folds,
    decompose,
    ets,
    half_life,
    lag_table,
    legacy_shocks,
    memory_table,
    prophet,
    public_holidays,
    refit_policies,
    score_table,
    seasonal_naive,
    series_of,
    shuffled_folds,
    shuffling_harm,
    stationary_variance,
    swing,
    walk_forward,
)

COMMITTED = Path(__file__).parents[2] / "datasets/artifacts/20/forecast.json"
MONTHS = ["J", "F", "M", "A", "My", "Jn", "Jl", "Au", "S", "O", "N", "D"]
SALES = pd.DataFrame(
    {
        "trend": range(50, 62),
        "season": [-5, -8, -3, 0, 2, 3, 2, 1, -1, 0, 5, 10],
        "noise": [1, 0, 1, 3, 0, -1, 3, 2, -1, 1, -1, -1],
    },
    index=MONTHS,
)


@pytest.fixture(scope="module")
def station() -> pd.Series:
    return develop.ridership().set_index("date").asfreq("D").loc["2013":, "entries"]


def test_the_parts_of_the_shop_add_up_to_its_sales():
    assert SALES.sum(axis=1).tolist() == [46, 43, 50, 56, 56, 57, 61, 60, 56, 60, 64, 70]
    assert SALES["season"].sum() == 6


def test_the_rise_is_two_thirds_season():
    assert swing(SALES, "F", "D") == {"trend": 10, "season": 18, "noise": -1}


def test_a_season_of_12_takes_24_points_and_then_explains_even_noise():
    with pytest.raises(ForecastError, match="24"):
        decompose(SALES.sum(axis=1), period=12)
    noise = np.random.default_rng(20).normal(size=24)
    assert decompose(noise, period=12).strength_of_season == pytest.approx(1)


def test_the_four_memories():
    table = memory_table([0, 0.5, 0.9, 0.99], legacy_shocks(50, seed=42))
    assert table["variance"].round(1).tolist() == [0.9, 1.2, 5.1, 18.0]
    assert table["lag-1"].round(2).tolist() == [0.03, 0.53, 0.91, 0.98]
    assert table["stationary variance"].to_numpy() == pytest.approx([1, 1.33, 5.26, 50.3], rel=0.005)
    assert stationary_variance(0.99) == pytest.approx(50.25, abs=0.005)
    assert half_life(0.9) == pytest.approx(6.6, abs=0.05)


def test_the_gap_of_7_hundredths_is_noise():
    """4,000 series of 100 values, shocks of sd 5, a line through the last value with intercept: all at once."""
    rng = np.random.default_rng(1)
    pairs = [lag_table(arma(shocks, ar=[0.9])) for shocks in rng.normal(0, 5, (4_000, 100))]
    x, y = np.stack([pair[0][:, 0] for pair in pairs]), np.stack([pair[1] for pair in pairs])

    def error(folds) -> np.ndarray:
        found = []
        for fold in folds:
            a, b = x[:, list(fold.train)], y[:, list(fold.train)]
            a0, b0 = a.mean(axis=1, keepdims=True), b.mean(axis=1, keepdims=True)
            slope = ((a - a0) * (b - b0)).sum(axis=1, keepdims=True) / ((a - a0) ** 2).sum(axis=1, keepdims=True)
            test = list(fold.test)
            found.append(np.abs(y[:, test] - b0 - slope * (x[:, test] - a0)).mean(axis=1))
        return np.mean(found, axis=0)

    k_fold, walk = error(block_folds(99)), error(walk_forward(99, folds=5, horizon=10))
    assert k_fold.mean() == pytest.approx(4.07, abs=0.02)
    assert walk.mean() == pytest.approx(4.10, abs=0.02)
    assert (walk - k_fold).std() == pytest.approx(0.34, abs=0.015)


def test_shuffling_does_harm_with_a_trend_and_none_on_an_ar():
    cases = ("AR(1), its lag", "trend, the date", "trend, the date, by a line")
    harm = shuffling_harm(cases=cases, simulations=20, seed=20).set_index("case")
    assert abs(harm.loc["trend, the date, by a line", "shuffled hides"]) < 0.1
    assert abs(harm.loc["AR(1), its lag", "shuffled hides"]) < 0.1
    assert harm.loc["trend, the date", "shuffled hides"] > 0.4


def test_walk_forward_never_trains_on_the_future_and_shuffled_folds_are_refused(station):
    assert all(fold.in_order for fold in walk_forward(len(station), folds=6, horizon=28, step=60))
    with pytest.raises(ForecastError, match="future"):
        backtest(station, seasonal_naive, season=7, folds=shuffled_folds(len(station)))


def test_the_calendar_is_worth_more_than_smoothing_and_seasonal_naive_holds_its_own(station):
    folds = walk_forward(len(station), folds=5, horizon=28, step=60)
    with_holidays = partial(prophet, holidays=public_holidays(range(2013, 2018)))
    mase = {
        name: score_table(backtest(station, model, season=7, folds=folds), by="fold")["MASE"].to_numpy()
        for name, model in {"seasonal": seasonal_naive, "ets": partial(ets, trend="none"), "prophet": with_holidays}.items()
    }
    assert mase["prophet"].mean() < 0.7 < mase["ets"].mean() < mase["seasonal"].mean()
    assert (mase["seasonal"] < mase["ets"]).any()
    assert mase["seasonal"].argmax() == 0  # Christmas
    assert mase["seasonal"][3] > 2  # the week after Memorial Day, repeated
    assert mase["seasonal"][4] > 2 * mase["prophet"][4]  # no holiday anywhere near: a busy week, repeated


def test_the_committed_forecast_begins_where_the_series_ends(station):
    record = json.loads(COMMITTED.read_text())
    assert record["known_until"] == f"{station.index[-1]:%Y-%m-%d}"
    assert record["made_on"] == record["known_until"]
    assert record["level"] == 0.95
    assert record["validation"]["in_order"] is True
    assert not set(record["validation"]["chosen_on"]) & set(record["validation"]["measured_on"])
    assert record["measured"]["MASE"] < record["seasonal_naive"]["MASE"]
    assert len(record["forecast"]) == record["validation"]["horizon"]
    assert pd.Timestamp(record["forecast"][0]["date"]) == station.index[-1] + pd.Timedelta(days=1)
    assert all(day["low"] < day["mean"] < day["high"] for day in record["forecast"])


def test_an_alarm_earns_no_better_middle_than_a_blind_calendar_with_as_many_fits():
    garland = series_of(develop.housing(), key="city", values="sales", least=150)["Garland"]
    settings = {"season": 12, "start": 96, "every": (12, 18, 36), "origins": 36, "false_alarms": 0.1}
    told = refit_policies(garland, seasonal_naive, **settings).set_index("policy")
    assert told.loc["on alarm", "fits"] == told.loc["every 18", "fits"] == 6
    assert told["MASE"].round(2).to_dict() == {
        "never": 2.33, "every 12": 1.17, "every 18": 1.34, "every 36": 1.66, "on alarm": 1.34
    }  # fmt: skip
    assert told.loc["on alarm", "coverage"] > told.loc["every 18", "coverage"]
