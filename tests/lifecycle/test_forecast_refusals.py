"""What cannot be forecast or judged is refused by a ForecastError that names it, and never answered with a wrong number."""

import numpy as np
import pandas as pd
import pytest

from lifecycle.forecast import (
    ErrorWatch,
    Fold,
    ForecastError,
    arima,
    arima_search,
    autocorrelations,
    backtest,
    compare_splits,
    conformal_quantile,
    decompose,
    drift,
    half_life,
    lag_table,
    least_squares,
    naive,
    naive_scale,
    panel_summary,
    public_holidays,
    refit_policies,
    score_table,
    seasonal_naive,
    series_of,
    shuffling_harm,
    stationary_variance,
    swing,
    validate_panel,
)

LINE = np.arange(40.0)
MONTHS = pd.date_range("2001-01-01", periods=12, freq="MS")
ROWS = np.zeros((40, 1))
HOLE = np.where(LINE == 3, np.nan, LINE)


def outcomes(n=20, folds=4):
    rng = np.random.default_rng(0)
    fold = np.repeat(np.arange(1, folds + 1), n // folds)
    return pd.DataFrame({"fold": fold, "actual": rng.normal(size=n), "mean": 0.0, "low": -2.0, "high": 2.0, "scale": 1.0})


def cities(**columns):
    return pd.DataFrame({"city": "A", "date": MONTHS, "sales": range(12)} | columns)


def judged(**columns):
    row = {"series": "A", "forecaster": "naive", "MASE": 1.0, "coverage": 1.0, "Winkler": 1.0, "refused": ""}
    return pd.DataFrame([row | columns] * 2)


@pytest.mark.parametrize(
    ("said", "asked"),
    {
        "no folds": ("no fold", lambda: backtest(LINE, naive, season=1, folds=[])),
        "empty train": ("train part of a fold has no position", lambda: Fold([], [1])),
        "falling train": ("must rise", lambda: Fold(range(20, 0, -1), [30])),
        "below zero": ("must rise", lambda: Fold([0, 1], [-1])),
        "holes": ("holes", lambda: backtest(LINE, drift, season=1, folds=[Fold(range(0, 20, 2), range(20, 22))])),
        "beyond the end": ("beyond the 40", lambda: backtest(LINE, drift, season=1, folds=[Fold(range(39), range(39, 41))])),
        "season nan": ("`season` is nan", lambda: seasonal_naive(LINE, season=float("nan"))),
        "season None": ("`season` is None", lambda: seasonal_naive(LINE, season=None)),
        "season inf": ("`season` is inf", lambda: seasonal_naive(LINE, season=float("inf"))),
        "period nan": ("`period` is nan", lambda: decompose(LINE, period=float("nan"))),
        "half a period": ("`period` is 7.5", lambda: decompose(LINE, period=7.5)),
        "half a step": ("`horizon` is 2.5", lambda: naive(LINE).predict(2.5)),
        "dates as values": ("must be numbers", lambda: naive(MONTHS)),
        "complex": ("must be numbers", lambda: naive_scale(LINE * 1j)),
        "no steps known": ("no two known", lambda: naive_scale([1, np.nan, 3])),
        "unknown column": ("no column `x`", lambda: score_table(outcomes(), by="x")),
        "unknown row": ("no row 'Dec'", lambda: swing(cities(), 0, "Dec")),
        "a series twice": ("A has naive twice", lambda: panel_summary(judged(), against="naive")),
        "no panel": ("no column `series`", lambda: panel_summary(pd.DataFrame(), against="naive")),
        "a constant": ("nothing is left that varies", lambda: arima([5.0] * 40)),
        "a line, differenced": ("nothing is left that varies", lambda: arima(LINE, order=(1, 1, 0))),
        "two orders": ("three numbers", lambda: arima(LINE, order=(1, 0))),
        "no grid": ("`largest` is -1", lambda: arima_search(LINE, largest=-1)),
        "a float start": ("`start` is 30.0", lambda: refit_policies(LINE, naive, season=1, start=30.0)),
        "nan features": ("missing or infinite", lambda: compare_splits(HOLE[:, None], LINE, least_squares)),
        "nan target": ("missing or infinite", lambda: compare_splits(ROWS, HOLE, least_squares)),
        "few then": ("as many", lambda: compare_splits(ROWS, LINE, least_squares, features_then=ROWS[:9])),
        "nan lags": ("missing or infinite", lambda: lag_table(HOLE)),
        "no simulation": ("`simulations` is 0", lambda: shuffling_harm(simulations=0)),
        "one year": ("`years` is 2020", lambda: public_holidays(2020)),
        "phi nan": ("`phi` is nan", lambda: stationary_variance(float("nan"))),
        "no half-life": ("`phi` is nan", lambda: half_life(float("nan"))),
        "variance below 0": ("`shock_variance` is -1", lambda: stationary_variance(0.5, shock_variance=-1)),
        "nan scores": ("missing or infinite", lambda: conformal_quantile(np.array([1, 2, np.nan]), level=0.5)),
        "no scores": ("too short", lambda: conformal_quantile(np.array([]), level=0.5)),
        "nothing to learn": ("no forecast to learn", lambda: ErrorWatch.of(outcomes().head(0))),
        "a nan truth": ("missing or infinite", lambda: ErrorWatch(1, 1, 0.05).look(outcomes().assign(actual=np.nan))),
        "ends of months": (
            "A has 2001-01-31 00:00, off the rhythm 'MS'",
            lambda: series_of(cities(date=MONTHS + pd.offsets.MonthEnd()), key="city", values="sales"),
        ),
        "one day off": (
            "A has 2001-04-02",
            lambda: series_of(cities(date=MONTHS.where(MONTHS.month != 4, "2001-04-02")), key="city", values="sales"),
        ),
        "no rhythm": ("no rhythm 'never'", lambda: series_of(cities(), key="city", values="sales", freq="never")),
        "half a lag": ("`lags` is 2.5", lambda: autocorrelations(LINE, lags=2.5)),
        "dates as text": ("holds no dates", lambda: series_of(cities(date=MONTHS.astype(str)), key="city", values="sales")),
        "values as text": ("holds no numbers", lambda: series_of(cities(sales="x"), key="city", values="sales")),
        "keys alike": ("written alike", lambda: series_of(cities(city=[1, "1"] * 6), key="city", values="sales")),
        "a key missing": ("missing in 6 rows", lambda: series_of(cities(city=["A", None] * 6), key="city", values="sales")),
    }.values(),
)  # fmt: skip
def test_it_is_refused_and_said_why(said, asked):
    with pytest.raises(ForecastError, match=said):
        asked()


def test_a_number_of_folds_may_be_numpys():
    pd.testing.assert_frame_equal(
        backtest(LINE, drift, season=1, horizon=2, folds=np.int64(3)), backtest(LINE, drift, season=1, horizon=2, folds=3)
    )


class GivesUp:
    """What an optimiser does on a series that it cannot fit."""

    def __call__(self, y, *, season):
        raise RuntimeError("Error during optimization")


def test_an_optimiser_that_gives_up_or_a_missing_series_does_not_end_the_panel():
    panel = {"good": pd.Series(LINE**2), "none": None}
    told = validate_panel(panel, {"gives up": GivesUp(), "drift": drift}, season=1, horizon=2)
    assert told["refused"].tolist()[0] == "RuntimeError: Error during optimization"
    assert told["refused"].tolist()[1] == ""
    assert told["n"].tolist() == [40, 40, 0, 0]
    assert (told["refused"].iloc[2:] != "").all()
