"""Forecast measures against closed forms, statsmodels and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import mean_absolute_error, mean_pinball_loss
from statsmodels.tools.eval_measures import maxabs

from lifecycle.forecast import ForecastError, coverage, mase, naive_scale, pinball, seasonal_naive, smape, winkler

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
pairs = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=30).map(lambda rows: np.array(rows).T)
levels = st.floats(0.01, 0.99)


@given(pairs, levels)
def test_pinball_is_scikit_learns(rows, level):
    actual, said = rows
    assert pinball(actual, said, level=level) == pytest.approx(mean_pinball_loss(actual, said, alpha=level), rel=1e-9)


@given(pairs)
def test_pinball_of_the_median_is_half_the_absolute_error(rows):
    assert pinball(*rows, level=0.5) == pytest.approx(mean_absolute_error(*rows) / 2)


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=30), levels)
def test_the_interval_score_is_the_pinball_loss_of_both_ends(rows, level):
    """Gneiting and Raftery (2007): 2 / alpha times the sum of the two losses at alpha / 2 and 1 - alpha / 2."""
    actual, low, high = np.array([(a, min(b, c), max(b, c)) for a, b, c in rows]).T
    alpha = 1 - level
    ends = pinball(actual, low, level=alpha / 2) + pinball(actual, high, level=1 - alpha / 2)
    assert winkler(actual, low, high, level=level) == pytest.approx(2 / alpha * ends, rel=1e-6, abs=1e-6)


def test_the_interval_score_of_a_normal_curve_has_a_closed_form():
    """Expected score of the central interval of a standard normal: 4 phi(z) / alpha."""
    drawn, z = np.random.default_rng(3).normal(size=200_000), stats.norm.ppf(0.975)
    ends = np.full(len(drawn), z)
    assert winkler(drawn, -ends, ends, level=0.95) == pytest.approx(4 * stats.norm.pdf(z) / 0.05, rel=0.01)
    assert coverage(drawn, -ends, ends) == pytest.approx(0.95, abs=0.002)


@pytest.mark.parametrize("season", [1, 4, 12])
def test_the_naive_scale_is_the_error_of_the_seasonal_naive_forecast_one_step_ahead(season):
    history = np.random.default_rng(season).normal(size=40)
    said = [seasonal_naive(history[:at], season=season).predict(1)["mean"].iloc[0] for at in range(season + 2, 40)]
    assert naive_scale(history[2:], season=season) == pytest.approx(mean_absolute_error(history[season + 2 :], said))


def test_repeating_the_last_value_has_a_scaled_error_of_one_where_the_series_goes_on_as_it_did():
    """A line that rises by 2 a step: naive is off by 2 within the history, and by 2, 4, 6 after it."""
    history = np.arange(0.0, 20, 2)
    assert mase([20.0], [18.0], history) == 1
    assert mase([20.0, 22, 24], [18.0] * 3, history) == 2
    assert mase([20.0], [20.0], history) == 0


@given(pairs)
def test_the_symmetric_error_lies_between_0_and_200(rows):
    value = smape(*rows)
    assert 0 <= value <= 200 + 1e-9
    assert value == pytest.approx(smape(*rows[::-1]))
    assert (value == 0) == (maxabs(*rows) == 0)


def test_the_symmetric_error_by_hand_and_its_asymmetry():
    assert smape([100.0, 0.0], [110.0, 0.0]) == pytest.approx(100 * 10 / 105 / 2)
    assert smape([100.0], [50.0]) > smape([100.0], [150.0])


def test_the_ends_of_an_interval_belong_to_it():
    assert coverage([1, 2, 3, 4], [1, 0, 0, 0], [1, 2, 2.9, 9]) == 0.75


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: mase([1], [1], [5, 5, 5]), "repeats itself"),
        (lambda: naive_scale([1, 2], season=2), "3 are needed"),
        (lambda: smape([1, 2], [1]), "2 values came and 1 were forecast"),
        (lambda: smape([1, np.nan], [1, 2]), "the first at position 1"),
        (lambda: coverage([1], [2], [1]), "ends below its beginning"),
        (lambda: pinball([1], [1], level=95), "between 0 and 1"),
        (lambda: winkler([1], [0], [2], level=1), "between 0 and 1"),
    ],
)
def test_what_has_no_measure_is_refused(wrong, said):
    with pytest.raises(ForecastError, match=said):
        wrong()
