"""Models of memory against statsmodels' exact likelihood and series whose orders are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.tsa.statespace.sarimax import SARIMAX

from lifecycle.forecast import ForecastError, arima, arima_search, arma


def walk(n: int = 160, seed: int = 0) -> np.ndarray:
    return arma(np.random.default_rng(seed).normal(size=n), ar=[0.6], ma=[0.3])


@pytest.mark.parametrize("order", [(1, 0, 1), (2, 0, 0), (1, 1, 1)])
def test_weights_and_aic_are_those_of_the_exact_likelihood(order):
    y = walk().cumsum() if order[1] else walk()
    ours = arima(y, order=order)
    rest = y - ours.base - ours.slope * np.arange(len(y))
    theirs = SARIMAX(rest, order=order, simple_differencing=True).fit(disp=0)
    assert list(ours.weights.values()) == pytest.approx(list(theirs.params), abs=0.01)
    assert ours.aic == pytest.approx(theirs.aic + 2, abs=0.05)
    assert ours.converged


def test_the_level_that_was_taken_off_comes_back():
    y = walk(400) + 1000
    assert arima(y, order=(1, 0, 0)).predict(200)["mean"].iloc[-1] == pytest.approx(y.mean(), abs=0.01)


@pytest.mark.parametrize(("season", "order", "seasonal"), [(1, (0, 1, 1), (0, 0, 0)), (4, (0, 0, 0), (0, 1, 1))])
def test_the_slope_that_was_taken_off_comes_back(season, order, seasonal):
    y = 3 + 0.5 * np.arange(80) + np.random.default_rng(1).normal(0, 0.05, 80)
    said = arima(y, season=season, order=order, seasonal=seasonal).predict(8)
    np.testing.assert_allclose(said["mean"], 3 + 0.5 * np.arange(80, 88), atol=0.3)


def test_an_ar_forecasts_by_its_recursion_and_spreads_by_its_weights():
    fitted = arima(walk(300, 2), order=(1, 0, 0))
    said, phi, sigma2 = fitted.predict(4), fitted.weights["ar.L1"], fitted.weights["sigma2"]
    last = walk(300, 2)[-1] - fitted.base
    np.testing.assert_allclose(said["mean"], fitted.base + last * phi ** np.arange(1, 5), rtol=1e-6)
    spread = np.sqrt(sigma2 * np.cumsum(phi ** (2 * np.arange(4))))
    np.testing.assert_allclose(said["high"] - said["mean"], 1.959964 * spread, rtol=1e-5)


def test_the_grid_is_ordered_and_finds_memory_that_is_there():
    found = arima_search(arma(np.random.default_rng(3).normal(size=300), ar=[0.5, 0.3]), largest=2)
    assert len(found.table) == 9
    assert found.table["AIC"].is_monotonic_increasing
    assert found.best.name == found.table["model"].iloc[0]
    assert found.best.order[1] == 0
    assert found.best.forgotten() > 0.05


def test_bic_takes_no_more_weights_than_aic():
    y = walk(120, 4)
    by_aic, by_bic = (arima_search(y, largest=1, criterion=name).best for name in ("AIC", "BIC"))
    assert len(by_bic.weights) <= len(by_aic.weights)


def test_residuals_remember_a_season_that_the_model_was_not_told_of():
    y = pd.Series(np.resize([4.0, 0, -4, 0, 2, -2], 180), pd.date_range("2000-01-01", periods=180, freq="MS"))
    y += np.random.default_rng(5).normal(size=180)
    assert arima(y, order=(1, 0, 0)).forgotten(lags=12) < 1e-6
    assert arima(y, season=6, order=(0, 0, 0), seasonal=(0, 1, 1)).forgotten() > 0.01


@pytest.mark.parametrize(
    "settings",
    [{"order": (-1, 0, 0)}, {"seasonal": (1, 0, 0)}, {"season": 12, "seasonal": (1, 1, 1)}],
)
def test_impossible_orders_are_refused(settings):
    with pytest.raises(ForecastError):
        arima(walk(20), **settings)


def test_an_unknown_criterion_is_refused():
    with pytest.raises(ForecastError, match="criterion"):
        arima_search(walk(60), criterion="R2")
