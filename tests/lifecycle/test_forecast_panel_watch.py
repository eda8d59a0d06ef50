"""Errors that drift are noticed, honest ones seldom raise an alarm, and the calendar is not always the cheapest."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lifecycle.forecast import ErrorWatch, ForecastError, naive, refit_policies, seasonal_naive


def paths(rng, n, *, shift=0.0, scale=1.0, steps=12):
    """Forecasts whose errors remember each other, in the form of `backtest`; half widths are 2."""
    parts = []
    for fold in range(1, n + 1):
        errors = np.zeros(steps)
        errors[0] = rng.normal()
        for step in range(1, steps):
            errors[step] = 0.6 * errors[step - 1] + 0.8 * rng.normal()
        parts.append(pd.DataFrame({"fold": fold, "actual": shift + scale * errors, "mean": 0.0, "low": -2.0, "high": 2.0}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def watch():
    return ErrorWatch.of(paths(np.random.default_rng(1), 200))


def alarms(watch, outcomes):
    return [watch.first_alarm(part) for _, part in outcomes.groupby("fold")]


def test_honest_errors_raise_no_more_alarms_than_promised(watch):
    false = sum(alarm is not None for alarm in alarms(watch, paths(np.random.default_rng(2), 300)))
    assert stats.binomtest(false, 300, 0.05).pvalue > 0.001


def test_errors_that_lean_or_grow_are_seen_before_the_forecast_ends(watch):
    rng = np.random.default_rng(3)
    leaning, grown = alarms(watch, paths(rng, 60, shift=3.0)), alarms(watch, paths(rng, 60, scale=3.0))
    assert sum(alarm is not None for alarm in leaning) > 45
    assert sum(alarm is not None for alarm in grown) > 45
    one = watch.look(paths(rng, 1, shift=6.0))
    assert one["alarm"].iloc[-1] == "lean, size"
    assert watch.first_alarm(paths(rng, 1, scale=0.1)) is None


def test_the_statistics_by_hand(watch):
    outcomes = pd.DataFrame({"actual": [2.0, -4, 6], "mean": 0.0, "low": -2.0, "high": 2.0})
    said = watch.look(outcomes)
    assert said["error"].tolist() == [1, -2, 3]
    assert said["lean"].tolist() == pytest.approx([1, 1 / 2**0.5, 2 / 3**0.5])
    assert said["size"].tolist() == pytest.approx([1, 2.5**0.5, (14 / 3) ** 0.5])


def test_intervals_without_width_cannot_be_watched(watch):
    with pytest.raises(ForecastError, match="no width"):
        watch.look(pd.DataFrame({"actual": [1.0], "mean": 1.0, "low": 1.0, "high": 1.0}))
    with pytest.raises(ForecastError, match="false alarms"):
        ErrorWatch.of(paths(np.random.default_rng(1), 2), false_alarms=0)


@pytest.fixture(scope="module")
def broken_level():
    """Eight quiet years of months, then the level jumps in the second year that is lived through."""
    rng = np.random.default_rng(5)
    return 50 + rng.normal(size=132) + np.where(np.arange(132) >= 112, 15.0, 0.0)


def test_an_alarm_fits_again_after_the_break_and_the_calendar_waits(broken_level):
    said = refit_policies(broken_level, seasonal_naive, season=1, start=96, every=(1, 24), origins=20).set_index("policy")
    assert said.loc["never", "fits"] == 1
    assert said.loc["every 1", "fits"] == 36
    assert said.loc["every 24", "fits"] == 2
    assert 2 <= said.loc["on alarm", "fits"] < 12
    assert said.loc["on alarm", "MASE"] < said.loc["every 24", "MASE"] < said.loc["never", "MASE"]


def test_what_leaves_nothing_to_live_through_is_refused(broken_level):
    with pytest.raises(ForecastError, match="`start` is 132"):
        refit_policies(broken_level, naive, season=1, start=132)
    with pytest.raises(ForecastError, match="`every`"):
        refit_policies(broken_level, naive, season=1, start=96, every=())
