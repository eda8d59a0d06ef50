"""Many series: cut from a table, the same table whoever computes it, and one bad series among good ones."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest

from lifecycle.forecast import (
    ForecastError,
    backtest,
    drift,
    forecast_panel,
    naive,
    panel_summary,
    score_table,
    seasonal_naive,
    series_of,
    validate_panel,
)

MONTHS = pd.date_range("2001-01-01", periods=40, freq="MS")
FORECASTERS = {"naive": naive, "seasonal naive": seasonal_naive}


@pytest.fixture(scope="module")
def panel():
    """Nine walks, of which one is too short and one stands still."""
    rng = np.random.default_rng(6)
    made = {f"walk {i}": pd.Series(100 + rng.normal(size=40).cumsum(), index=MONTHS) for i in range(7)}
    return made | {"short": made["walk 0"].head(9), "still": pd.Series(5.0, index=MONTHS)}


@pytest.fixture(scope="module")
def validated(panel):
    return validate_panel(panel, FORECASTERS, season=4, horizon=4, folds=2)


def test_a_row_is_what_backtest_says_of_the_series_alone(panel, validated):
    row = validated.set_index(["series", "forecaster"]).loc[("walk 3", "naive")]
    alone = score_table(backtest(panel["walk 3"], naive, season=4, horizon=4, folds=2)).iloc[0]
    for name in ("MASE", "sMAPE", "coverage", "Winkler"):
        assert row[name] == alone[name]


def test_a_series_that_cannot_be_forecast_is_a_row_with_its_reason(validated):
    refused = validated[validated["refused"] != ""]
    assert {*refused["series"]} == {"short", "still"}
    assert "too short" in refused["refused"].iloc[0] or "needed" in refused["refused"].iloc[0]
    assert refused["MASE"].isna().all()
    assert validated["series"].tolist()[:4] == ["walk 0", "walk 0", "walk 1", "walk 1"]


def test_a_pool_of_threads_gives_the_same_table(panel, validated):
    with ThreadPoolExecutor(3) as pool:
        there = validate_panel(panel, FORECASTERS, season=4, horizon=4, folds=2, executor=pool)
    pd.testing.assert_frame_equal(there.drop(columns="seconds"), validated.drop(columns="seconds"))


def test_a_distributed_cluster_on_loopback_gives_the_same_table(panel, validated):
    from distributed import Client, LocalCluster

    settings = {"processes": False, "protocol": "tcp", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
    with LocalCluster(n_workers=2, threads_per_worker=1, **settings) as cluster, Client(cluster) as client:
        pool = client.get_executor(pure=False)
        there = validate_panel(panel, FORECASTERS, season=4, horizon=4, folds=2, executor=pool)
    pd.testing.assert_frame_equal(there.drop(columns="seconds"), validated.drop(columns="seconds"))


def test_forecasts_of_all_that_can_be_forecast(panel):
    table, refused = forecast_panel(panel, drift, season=1, horizon=3)
    assert refused == {}
    assert len(table) == 3 * len(panel)
    walk = table[table["series"] == "walk 2"]
    expected = drift(panel["walk 2"], season=1).predict(3)
    assert walk["at"].tolist() == expected.index.tolist()
    np.testing.assert_array_equal(walk[["mean", "low", "high"]], expected)
    nothing, refused = forecast_panel({"short": panel["short"]}, seasonal_naive, season=12)
    assert nothing.empty
    assert list(refused) == ["short"]


def test_a_forecaster_that_no_other_process_can_import_is_refused(panel):
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(ForecastError, match="cannot be sent to another process"),
    ):
        validate_panel(
            panel, {"of here": lambda y, *, season: naive(y, season=season)}, season=4, horizon=4, folds=2, executor=pool
        )


class Broken:
    """A fault that no series can cause."""

    def __call__(self, y, *, season):
        raise KeyError("level")


def test_a_fault_of_the_program_is_not_taken_for_a_bad_series(panel):
    with pytest.raises(KeyError, match="level"):
        validate_panel(panel, {"broken": Broken()}, season=4)


def test_the_summary_counts_wins_on_series_that_none_refused(validated):
    said = panel_summary(validated, against="seasonal naive").set_index("forecaster")
    taken = validated[validated["refused"] == ""]
    by_hand = taken.pivot(index="series", columns="forecaster", values="MASE")
    assert said.loc["naive", "beats"] == (by_hand["naive"] < by_hand["seasonal naive"]).mean()
    assert said.loc["naive", "median MASE"] == by_hand["naive"].median()
    assert said["series"].tolist() == [7, 7]
    assert said["refused"].tolist() == [2, 2]
    assert np.isnan(said.loc["seasonal naive", "beats"])
    with pytest.raises(ForecastError, match="no forecaster is called `drift`"):
        panel_summary(validated, against="drift")
    with pytest.raises(ForecastError, match="no series that all"):
        panel_summary(validated[validated["series"] == "short"], against="naive")


def test_a_series_is_the_longest_run_without_a_gap():
    table = pd.DataFrame({"city": "A", "date": MONTHS[:10], "sales": range(10), "price": 1.0})
    table.loc[3, "sales"] = np.nan
    table = pd.concat([table.drop(index=8), table.assign(city="B", sales=np.nan)])
    found = series_of(table, key="city", values=("sales", "price"), least=2)
    assert list(found) == ["A · sales", "A · price", "B · price"]
    assert found["A · sales"].tolist() == [4, 5, 6, 7]
    assert found["A · sales"].index.tolist() == [*MONTHS[4:8]]
    assert len(found["A · price"]) == 8
    assert list(series_of(table, key="city", values="price", least=9)) == ["B"]


def test_a_table_that_is_not_one_of_series_is_refused():
    table = pd.DataFrame({"city": ["A", "A"], "date": MONTHS[[0, 0]], "sales": [1, 2]})
    with pytest.raises(ForecastError, match="A has 2001-01-01 00:00:00 twice"):
        series_of(table, key="city", values="sales")
    with pytest.raises(ForecastError, match="no column `price`"):
        series_of(table, key="city", values="price")
