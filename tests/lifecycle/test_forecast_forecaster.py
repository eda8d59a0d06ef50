"""What all forecasters share: a series is looked over before anything is fitted, and its index goes on as it went."""

import numpy as np
import pandas as pd
import pytest

from lifecycle.forecast import ForecastError
from lifecycle.forecast.forecaster import index_ahead, numbers_of


@pytest.mark.parametrize(
    ("index", "expected"),
    [
        (pd.date_range("2020-01-31", periods=4, freq="ME"), ["2020-05-31", "2020-06-30"]),
        (pd.DatetimeIndex(["2020-01-01", "2020-02-01", "2020-03-01"]), ["2020-04-01", "2020-05-01"]),
        (pd.DatetimeIndex(["2020-02-27", "2020-02-28", "2020-02-29"]), ["2020-03-01", "2020-03-02"]),
    ],
)
def test_dates_go_on_at_their_rhythm(index, expected):
    ahead = index_ahead(pd.Series(range(len(index)), index=index, dtype=float), 2)
    assert [str(date.date()) for date in ahead] == expected


def test_positions_go_on_where_they_ended():
    assert [*index_ahead([1.0, 2.0, 3.0], 2)] == [3, 4]
    assert [*index_ahead(pd.Series([1.0, 2.0], index=pd.RangeIndex(10, 14, 2)), 2)] == [14, 16]
    assert [*index_ahead(pd.Series([1.0, 2.0], index=["a", "b"]), 1)] == [2]


@pytest.mark.parametrize(
    "dates", [["2020-01-01", "2020-01-02", "2020-01-05"], ["2020-01-01"], ["2020-01-03", "2020-01-01", "2020-01-02"]]
)
def test_dates_without_a_rhythm_cannot_go_on(dates):
    with pytest.raises(ForecastError, match="no regular rhythm"):
        index_ahead(pd.Series(1.0, index=pd.DatetimeIndex(dates)), 1)


def test_dates_that_run_backwards_are_no_past():
    with pytest.raises(ForecastError, match="no regular rhythm"):
        index_ahead(pd.Series(1.0, index=pd.DatetimeIndex(["2020-01-03", "2020-01-02", "2020-01-01"])), 1)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, np.nan, np.inf], "2 values are missing or infinite, the first at position 1"),
        ([[1.0, 2.0]], "one dimension, not 2"),
        (["high", "low"], "must be numbers"),
        ([1.0], "2 are needed"),
    ],
)
def test_what_is_no_series_is_refused(values, said):
    with pytest.raises(ForecastError, match=said):
        numbers_of(values, least=2)


def test_a_horizon_begins_with_the_next_step():
    with pytest.raises(ForecastError, match="1 or more"):
        index_ahead([1.0], 0)
