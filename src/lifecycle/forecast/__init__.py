"""Forecasting: the one kind of prediction in which order is the information.

Series
    A series is a trend, a season, perhaps a cycle, and noise: `decompose` takes it apart, `swing` says which part moved it.
    What makes it predictable is memory: values that linger (AR) or surprises that do (MA). `arma` makes such series out of
    shocks, `autocorrelations` shows what another one remembers, `half_life` for how long, `ljung_box` whether what a model
    left still remembers something. Memory needs a level to come back to (`stationarity`, `differences_needed`). Without
    memory there is no forecast but the mean.

Models
    A `Forecaster` is a function of a series and the steps in its season; what it gives is `Fitted` and predicts a table of
    `mean`, `low` and `high`. `naive`, `seasonal_naive`, `drift` and `mean` take no thought, and often win. `ets` carries
    level, trend and season forward; `arima` fits one model of memory and `arima_search` a grid of them; `prophet` adds up
    trend, seasons and holidays (`public_holidays`). `default_choice` is for a series that nobody has looked at.

Validation
    `walk_forward` folds train on the past and test on what came next, where `shuffled_folds` train on the future;
    `compare_splits` measures what that does, `shuffling_harm` where it does. `backtest` asks a forecaster at several times
    of the past (truths that are missing are not judged), `score_table` says how it did: `mase`, `smape`, `pinball`,
    `coverage`, `winkler`. `Calibrated` makes intervals as wide as past errors were.

Panel
    Many series at once: `series_of` cuts them from a table, `validate_panel` and `forecast_panel` hand them to any
    executor; a series that cannot be forecast is a row with its reason. `ErrorWatch` sees that errors have become larger or
    lean to one side, and `refit_policies` what fitting again never, often, or on an alarm would have cost.
"""

from __future__ import annotations

from lifecycle.forecast.errors import ForecastError
from lifecycle.forecast.forecaster import Fitted, Forecaster
from lifecycle.forecast.models.additive import Additive, prophet
from lifecycle.forecast.models.arima import Arima, ArimaSearch, arima, arima_search
from lifecycle.forecast.models.baselines import Baseline, drift, mean, naive, seasonal_naive
from lifecycle.forecast.models.default import Blend, DefaultChoice, default_choice
from lifecycle.forecast.models.holidays import public_holidays
from lifecycle.forecast.models.smoothing import Smoothing, ets
from lifecycle.forecast.panel.refit import refit_policies
from lifecycle.forecast.panel.run import forecast_panel, validate_panel
from lifecycle.forecast.panel.series import series_of
from lifecycle.forecast.panel.summary import panel_summary
from lifecycle.forecast.panel.watch import ErrorWatch
from lifecycle.forecast.series.decomposition import Decomposition, decompose, swing
from lifecycle.forecast.series.memory import (
    autocorrelations,
    half_life,
    lag_correlation,
    ljung_box,
    memory_table,
    stationary_variance,
)
from lifecycle.forecast.series.simulation import arma, legacy_shocks
from lifecycle.forecast.series.stationarity import Stationarity, differences_needed, stationarity
from lifecycle.forecast.validation.backtest import backtest, score_table
from lifecycle.forecast.validation.calibration import Calibrated, conformal_quantile
from lifecycle.forecast.validation.folds import Fold, block_folds, shuffled_folds, walk_forward
from lifecycle.forecast.validation.metrics import coverage, mase, naive_scale, pinball, smape, winkler
from lifecycle.forecast.validation.shuffling import (
    SHUFFLING_CASES,
    SplitComparison,
    compare_splits,
    lag_table,
    least_squares,
    nearest_neighbours,
    shuffling_harm,
)

__all__ = [
    "SHUFFLING_CASES",
    "Additive",
    "Arima",
    "ArimaSearch",
    "Baseline",
    "Blend",
    "Calibrated",
    "Decomposition",
    "DefaultChoice",
    "ErrorWatch",
    "Fitted",
    "Fold",
    "ForecastError",
    "Forecaster",
    "Smoothing",
    "SplitComparison",
    "Stationarity",
    "arima",
    "arima_search",
    "arma",
    "autocorrelations",
    "backtest",
    "block_folds",
    "compare_splits",
    "conformal_quantile",
    "coverage",
    "decompose",
    "default_choice",
    "differences_needed",
    "drift",
    "ets",
    "forecast_panel",
    "half_life",
    "lag_correlation",
    "lag_table",
    "least_squares",
    "legacy_shocks",
    "ljung_box",
    "mase",
    "mean",
    "memory_table",
    "naive",
    "naive_scale",
    "nearest_neighbours",
    "panel_summary",
    "pinball",
    "prophet",
    "public_holidays",
    "refit_policies",
    "score_table",
    "seasonal_naive",
    "series_of",
    "shuffled_folds",
    "shuffling_harm",
    "smape",
    "stationarity",
    "stationary_variance",
    "swing",
    "validate_panel",
    "walk_forward",
    "winkler",
]
