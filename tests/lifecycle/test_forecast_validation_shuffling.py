"""Shuffling does harm where the rows tell of each other, and none where they do not."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsRegressor

from lifecycle.forecast import (
    SHUFFLING_CASES,
    ForecastError,
    compare_splits,
    lag_table,
    least_squares,
    nearest_neighbours,
    shuffling_harm,
)


@pytest.fixture(scope="module")
def harm():
    return shuffling_harm(simulations=30, seed=4).set_index("case")


def test_a_short_memory_with_its_lag_as_the_feature_takes_no_harm(harm):
    row = harm.loc["AR(1), its lag"]
    assert abs(row["shuffled hides"]) < 4 * row["sd of the mean"] < 0.12
    assert row["shuffled"] == pytest.approx(row["walk-forward"], rel=0.05)


@pytest.mark.parametrize("case", ["trend, the date", "season, wandering level", "overlapping targets"])
def test_shuffling_promises_less_error_than_comes_and_walking_forward_hides_less(harm, case):
    row = harm.loc[case]
    assert row["shuffled"] < row["walk-forward"]
    assert row["shuffled hides"] > max(row["walk-forward hides"], 0)


def test_a_leak_that_is_in_the_table_already_deceives_both(harm):
    row = harm.loc["smoothed before the split"]
    assert row["shuffled hides"] > 0.2
    assert row["walk-forward hides"] > 0.2


def test_the_same_seed_gives_the_same_table_and_a_case_can_be_asked_for_alone(harm):
    again = shuffling_harm(cases=("trend, the date",), simulations=30, seed=4)
    assert again.iloc[0].drop("case").tolist() == harm.loc["trend, the date"].tolist()
    assert [*harm.index] == [*SHUFFLING_CASES]
    with pytest.raises(ForecastError, match="no case is called `trend`"):
        shuffling_harm(cases=("trend",))


def test_both_learners_are_scikit_learns():
    rng = np.random.default_rng(2)
    x, y, new = rng.normal(size=(50, 3)), rng.normal(size=50), rng.normal(size=(9, 3))
    np.testing.assert_allclose(least_squares(x, y, new), LinearRegression().fit(x, y).predict(new))
    neighbours = KNeighborsRegressor(3).fit(x / x.std(axis=0), y)
    np.testing.assert_allclose(nearest_neighbours(x, y, new), neighbours.predict(new / x.std(axis=0)))


def test_of_two_rows_that_are_as_far_away_the_earlier_one_counts():
    days = np.arange(7.0)[:, None]
    assert nearest_neighbours(days, np.arange(7.0) ** 2, np.array([[3.5]])).tolist() == [(9 + 16 + 4) / 3]
    assert nearest_neighbours(days[:1], np.array([5.0]), days).tolist() == [5.0] * 7


def test_the_shuffled_estimate_is_scikit_learns_where_order_means_nothing():
    """Independent rows: both estimates and the later error agree but for chance."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4_000, 2))
    y = x @ [1.0, -2.0] + rng.normal(size=4_000)
    said = compare_splits(x, y, least_squares)
    expected = np.sqrt(2 / np.pi)  # mean absolute value of a standard normal
    assert (said.shuffled, said.ordered, said.later) == pytest.approx((expected,) * 3, rel=0.05)
    parts = KFold(5, shuffle=True, random_state=0).split(x[:3_200])
    theirs = [np.abs(LinearRegression().fit(x[a], y[a]).predict(x[b]) - y[b]).mean() for a, b in parts]
    assert said.shuffled == pytest.approx(np.mean(theirs), rel=0.01)


def test_lags_stand_newest_first_beside_the_mean_of_what_comes():
    features, target = lag_table([1, 2, 3, 4, 5, 6], lags=3, ahead=2)
    assert (features.tolist(), target.tolist()) == ([[3, 2, 1], [4, 3, 2]], [4.5, 5.5])
    features, target = lag_table([1, 2, 4])
    assert (features.tolist(), target.tolist()) == ([[1], [2]], [2, 4])


def test_too_few_rows_are_refused():
    with pytest.raises(ForecastError, match="20 and 1 are the least"):
        compare_splits(np.zeros((20, 1)), np.zeros(20), least_squares)
    with pytest.raises(ForecastError, match="rows must be as many"):
        compare_splits(np.zeros((30, 1)), np.zeros(29), least_squares)
    with pytest.raises(ForecastError, match="no row of 3 lags"):
        lag_table([1, 2, 3], lags=3)


def test_a_line_cannot_look_up_a_neighbour_and_takes_no_harm_from_a_trend(harm):
    looked_up, line = harm.loc["trend, the date"], harm.loc["trend, the date, by a line"]
    assert (looked_up["learner"], line["learner"]) == ("nearest neighbours", "least squares")
    assert abs(line["shuffled hides"]) < 4 * line["sd of the mean"] < 0.15 < looked_up["shuffled hides"]
