"""A forecaster that is put back into the past sees the past alone, and is judged on what came."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lifecycle.forecast import (
    Calibrated,
    Fold,
    ForecastError,
    backtest,
    conformal_quantile,
    coverage,
    mase,
    naive,
    score_table,
    seasonal_naive,
    shuffled_folds,
    walk_forward,
    winkler,
)

MONTHS = pd.Series(
    np.random.default_rng(1).normal(100, 5, 60).round(2), index=pd.date_range("2001-01-01", periods=60, freq="MS")
)


class Spy:
    """Remembers what it was shown."""

    def __init__(self):
        self.seen = []

    def __call__(self, y, *, season):
        self.seen.append(y)
        return naive(y, season=season)


def test_a_forecaster_is_shown_the_training_part_and_nothing_else():
    spy, folds = Spy(), walk_forward(60, folds=3, horizon=6, gap=2)
    outcomes = backtest(MONTHS, spy, season=12, folds=folds)
    for past, fold in zip(spy.seen, folds, strict=True):
        pd.testing.assert_series_equal(past, MONTHS.iloc[list(fold.train)])
    assert [*outcomes["step"]] == [3, 4, 5, 6, 7, 8] * 3  # the gap is forecast too, and not judged
    assert [*outcomes["at"]] == [*MONTHS.index[-18:]]
    assert [*outcomes["actual"]] == [*MONTHS.iloc[-18:]]
    assert outcomes["mean"].iloc[0] == MONTHS.iloc[folds[0].train[-1]]


def test_the_table_of_scores_is_the_measures_one_by_one():
    outcomes = backtest(MONTHS, seasonal_naive, season=12, horizon=6, folds=1)
    whole, past = score_table(outcomes).iloc[0], MONTHS.iloc[:54]
    assert whole["MASE"] == pytest.approx(mase(outcomes["actual"], outcomes["mean"], past, season=12))
    assert whole["coverage"] == coverage(outcomes["actual"], outcomes["low"], outcomes["high"])
    expected = winkler(outcomes["actual"], outcomes["low"], outcomes["high"]) / outcomes["scale"].iloc[0]
    assert whole["Winkler"] == pytest.approx(expected)
    by_step = score_table(backtest(MONTHS, naive, season=12, horizon=6, folds=4), by="step")
    assert [*by_step["step"]] == [1, 2, 3, 4, 5, 6]
    assert [*by_step["n"]] == [4] * 6
    assert score_table(backtest(MONTHS, naive, season=12, folds=2), by=("fold",))["fold"].tolist() == [1, 2]


def test_a_fold_that_trains_on_the_future_is_refused():
    with pytest.raises(ForecastError, match="fold 1 trains on the future"):
        backtest(MONTHS, naive, season=12, folds=shuffled_folds(60))


def short(y, *, season):
    """Gives fewer steps than were asked for."""
    fitted = naive(y, season=season)

    class Short:
        def predict(self, horizon, *, level=0.95):
            return fitted.predict(horizon, level=level).head(horizon - 1)

    return Short()


def test_a_forecast_that_is_not_what_was_asked_for_names_the_forecaster():
    with pytest.raises(ForecastError, match="short: 12 steps were asked for and 11 came"):
        backtest(MONTHS, short, season=12, folds=2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [(lambda said: said.drop(columns="low"), "`low` is missing"), (lambda said: said / 0, "missing or infinite")],
)
def test_a_forecast_without_numbers_in_all_columns_is_refused(change, reason):
    class Changed:
        def __call__(self, y, *, season):
            self.fitted = naive(y, season=season)
            return self

        def predict(self, horizon, *, level=0.95):
            return change(self.fitted.predict(horizon, level=level))

    with pytest.raises(ForecastError, match=f"Changed: .*{reason}"):
        backtest(MONTHS, Changed(), season=12, folds=2)


def test_numbers_without_dates_serve_as_well():
    outcomes = backtest([*MONTHS], naive, season=1, folds=[Fold(range(40), range(40, 43))])
    assert [*outcomes["at"]] == [40, 41, 42]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=50), st.floats(0.05, 0.95))
def test_the_conformal_quantile_is_not_exceeded_by_as_many_scores_as_promised(scores, level):
    found, n = conformal_quantile(np.array(scores), level=level), len(scores)
    assert found in scores
    if (n + 1) * level <= n:
        assert sum(score <= found for score in scores) >= (n + 1) * level - 1e-6


def test_a_new_score_exceeds_the_conformal_quantile_no_more_often_than_promised():
    """With 19 exchangeable scores at 0.9 the chance is exactly 18 / 20."""
    drawn = np.random.default_rng(7).exponential(size=(4_000, 20))
    kept = sum(row[-1] <= conformal_quantile(row[:-1], level=0.9) for row in drawn)
    assert stats.binomtest(kept, 4_000, 0.9).pvalue > 0.001


class Boastful:
    """The naive forecast with a part of its interval."""

    def __init__(self, part):
        self.part = part

    def __call__(self, y, *, season):
        fitted, part = naive(y, season=season), self.part

        class Fitted:
            def predict(self, horizon, *, level=0.95):
                said = fitted.predict(horizon, level=level)
                return said.assign(**{end: said["mean"] + part * (said[end] - said["mean"]) for end in ("low", "high")})

        return Fitted()


def test_calibration_keeps_the_promise_that_a_boastful_forecaster_breaks():
    boastful = Boastful(1 / 3)
    walks = np.random.default_rng(11).normal(size=(8, 70)).cumsum(axis=1)
    calibrated = Calibrated(boastful, origins=20)
    said = {"alone": [], "calibrated": []}
    for walk in walks:
        for name, forecaster in (("alone", boastful), ("calibrated", calibrated)):
            said[name].append(backtest(walk, forecaster, season=1, horizon=4, folds=2, level=0.8))
    found = {name: score_table(pd.concat(parts), level=0.8)["coverage"].iloc[0] for name, parts in said.items()}
    assert found["alone"] < 0.5
    assert 0.7 < found["calibrated"] < 0.92
    factors = calibrated(walks[0], season=1).factors(4, level=0.8)
    assert 2 < factors.mean() < 4.5
    means = [fitted(walks[0], season=1).predict(4)["mean"].tolist() for fitted in (boastful, calibrated)]
    assert means[0] == means[1]


def test_an_interval_without_width_cannot_be_calibrated():
    with pytest.raises(ForecastError, match="no width"):
        Calibrated(Boastful(0))(MONTHS, season=1).predict(2)
