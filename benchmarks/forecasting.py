"""Forecasting: the default against seasonal-naive on a panel of real series, intervals that hold, the same table everywhere.

The panel are the monthly series of 46 areas in Texas (homes sold, their value, their median price, listings, months of
inventory), each cut to its longest run without a gap, seven years or more. Each of its last three years is forecast from the
end of the year before (walk-forward). The settings of the default were chosen on these series, so the same figures are given
for series that had no say: daily entries of twenty railway stations, three times two weeks ahead. Medians are over series,
coverage is over all forecasts. Seconds are processor time of a fit and its forecast.

figure panel-series                series of the panel that every forecaster took
figure panel-mase-default          median MASE of the default
figure panel-mase-default-over-naive   divided by that of seasonal-naive
figure panel-series-won            share of series on which the default is closer than seasonal-naive
figure panel-coverage-95-least, -most  share of truths in the default's 95 % intervals, against both bounds
figure panel-seconds-per-series    median of the default
figure stations-...                the same on the stations
figure mase-default-over-ets       medians on every sixth series; the peer is exponential smoothing by statsmodels (`ets`)
figure winkler-default-over-ets    means of the interval score
figure executors-difference        largest difference between the tables of one process, a pool and a cluster on loopback
figure harm-hidden-by-shuffling    share of the later error that shuffled k-fold hides where the date is a feature of a trend
figure harm-hidden-ar1             the same for AR(1) with its lag, in standard errors: nothing
figure watch-false-alarms          share of honest forecasts that the watch at 0.05 complains of; at most that plus chance
"""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
from _measure import Figure, main
from distributed import Client, LocalCluster
from scipy import stats

from lifecycle.develop import housing, stations
from lifecycle.forecast import (
    ErrorWatch,
    default_choice,
    ets,
    panel_summary,
    seasonal_naive,
    series_of,
    shuffling_harm,
    validate_panel,
)

MEASURES = ("sales", "volume", "median", "listings", "inventory")
BOTH = {"default": default_choice, "naive": seasonal_naive}
MONTHS = {"season": 12, "horizon": 12, "folds": 3}
DAYS = {"season": 7, "horizon": 14, "folds": 3}


def measure(quick: bool) -> list[Figure]:
    panel = series_of(housing(), key="city", values=MEASURES, least=84)
    days = stations().set_index("date").tail(1_000).asfreq("D")
    trains = {str(name): days[name] for name in days.columns}
    if quick:
        panel = {name: panel[name] for name in list(panel)[::6]}
        trains = {name: trains[name] for name in list(trains)[::6]}
    seed = int(np.random.SeedSequence().generate_state(1)[0])
    print(f"seed {seed}", file=sys.stderr)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        table = validate_panel(panel, BOTH, executor=pool, **MONTHS)
        daily = validate_panel(trains, BOTH, executor=pool, **DAYS)
    return [
        *beside_naive("panel", table, least=10 if quick else 100),
        *beside_naive("stations", daily, least=1),
        *beside_ets(table, panel),
        executors(panel, table),
        *harm(seed, simulations=50 if quick else 400),
        watch(np.random.default_rng(seed), times=200 if quick else 2_000),
    ]


def beside_naive(name: str, table: pd.DataFrame, *, least: int) -> list[Figure]:
    """The default and what it has to beat."""
    said = panel_summary(table, against="naive").set_index("forecaster")
    print(f"{name}\n{said.round(4).to_string()}", file=sys.stderr)
    ours, ratio = said.loc["default"], float(said.loc["default", "median MASE"] / said.loc["naive", "median MASE"])
    own = table[(table["forecaster"] == "default") & (table["refused"] == "")]
    seconds = float((own["seconds"] / MONTHS["folds"]).median())
    return [
        Figure(f"{name}-series", float(ours["series"]), "series", ">=", least),
        Figure(f"{name}-mase-default", float(ours["median MASE"]), "", "<=", 1.0),
        Figure(f"{name}-mase-default-over-naive", ratio, "", "<=", 1.0),
        Figure(f"{name}-series-won", float(ours["beats"]), "of series", ">=", 0.5),
        Figure(f"{name}-coverage-95-least", float(ours["coverage"]), "of truths", ">=", 0.90),
        Figure(f"{name}-coverage-95-most", float(ours["coverage"]), "of truths", "<=", 0.98),
        Figure(f"{name}-seconds-per-series", seconds, "s", "<=", 1.0),
    ]


def beside_ets(table: pd.DataFrame, panel: dict[str, pd.Series]) -> list[Figure]:
    """The same series with exponential smoothing by statsmodels: every sixth series."""
    some = {name: panel[name] for name in list(panel)[::6]}
    both = validate_panel(some, {"default": default_choice, "ets": ets}, **MONTHS)
    said = panel_summary(both, against="ets").set_index("forecaster")
    seconds = both.groupby("forecaster")["seconds"].median() / MONTHS["folds"]
    print(f"{said.round(4).to_string()}\nseconds {seconds.round(3).to_dict()}", file=sys.stderr)
    ratios = said.loc["default"] / said.loc["ets"]
    return [
        Figure("mase-default-over-ets", float(ratios["median MASE"]), "", "<=", 1.05),
        Figure("winkler-default-over-ets", float(ratios["Winkler"]), "", "<=", 1.0),
    ]


def executors(panel: dict[str, pd.Series], table: pd.DataFrame) -> Figure:
    """The pool's table beside a cluster's (two processes, TCP on loopback), and every tenth series in this process."""
    settings = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "n_workers": 2, "threads_per_worker": 1}
    with LocalCluster(processes=True, **settings) as cluster, Client(cluster) as client:
        there = validate_panel(panel, BOTH, executor=client.get_executor(pure=False), **MONTHS)
    here = validate_panel({name: panel[name] for name in list(panel)[::10]}, BOTH, **MONTHS)
    worst = 0.0
    for other in (there, here):
        pair = table.merge(other, on=["series", "forecaster"], suffixes=("", " other"))
        if len(pair) != len(other) or not (pair["refused"] == pair["refused other"]).all():
            worst = np.inf
        for name in ("MASE", "sMAPE", "coverage", "Winkler"):
            worst = max(worst, float((pair[name] - pair[f"{name} other"]).abs().max()))
    return Figure("executors-difference", worst, "", "<=", 0.0)


def harm(seed: int, *, simulations: int) -> list[Figure]:
    """Where shuffling hides the error, and where it does not."""
    said = shuffling_harm(simulations=simulations, seed=seed).set_index("case")
    print(said.round(4).to_string(), file=sys.stderr)
    none = said.loc["AR(1), its lag"]
    return [
        Figure("harm-hidden-by-shuffling", float(said.loc["trend, the date", "shuffled hides"]), "of the error", ">=", 0.2),
        Figure("harm-hidden-ar1", float(abs(none["shuffled hides"]) / none["sd of the mean"]), "standard errors", "<=", 4.0),
    ]


def watch(rng: np.random.Generator, *, times: int) -> Figure:
    """Errors of honest forecasts, which remember each other: AR(1) with 0.6."""
    learnt = ErrorWatch.of(_honest(rng, 400), false_alarms=0.05)
    alarms = sum(learnt.first_alarm(part) is not None for _, part in _honest(rng, times).groupby("fold"))
    bound = float(stats.binom.ppf(0.999, times, 0.05)) / times + 3 * (0.05 * 0.95 / 400) ** 0.5  # of the limits, too
    return Figure("watch-false-alarms", alarms / times, "of forecasts", "<=", bound)


def _honest(rng: np.random.Generator, forecasts: int) -> pd.DataFrame:
    errors = np.empty((forecasts, 12))
    errors[:, 0] = rng.normal(size=forecasts)
    for step in range(1, 12):
        errors[:, step] = 0.6 * errors[:, step - 1] + 0.8 * rng.normal(size=forecasts)
    fold = np.repeat(np.arange(1, forecasts + 1), 12)
    return pd.DataFrame({"fold": fold, "actual": errors.ravel(), "mean": 0.0, "low": -1.96, "high": 1.96})


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
