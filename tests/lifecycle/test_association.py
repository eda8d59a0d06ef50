"""Tests and effect sizes, against closed forms and statsmodels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.weightstats import ttest_ind

from lifecycle.develop.exploration import association
from lifecycle.errors import DataError

numbers = st.lists(st.floats(-100, 100).map(lambda x: round(x, 3)), min_size=3, max_size=30).filter(
    lambda v: np.std(v) > 0.01
)


@given(numbers, numbers)
def test_welch_agrees_with_statsmodels(one, other):
    statistic, p_value, _ = ttest_ind(one, other, usevar="unequal")
    result = association.welch_t(one, other)
    assert (result.statistic, result.p_value) == pytest.approx((statistic, p_value), rel=1e-9, abs=1e-12)


@given(numbers, numbers)
def test_cohens_d_keeps_its_size_and_turns_its_sign(one, other):
    assert association.cohens_d(one, other) == pytest.approx(-association.cohens_d(other, one))


def test_cohens_d_by_hand():
    assert association.cohens_d([2, 4, 6], [1, 3, 5]) == pytest.approx(1 / 2)


@given(numbers, numbers)
def test_the_gap_of_kolmogorov_and_smirnov_is_the_largest_between_the_curves(one, other):
    grid = sorted({*one, *other})
    gap = max(abs(np.mean(np.array(one) <= x) - np.mean(np.array(other) <= x)) for x in grid)
    assert association.kolmogorov_smirnov(one, other).effect == pytest.approx(gap)


def test_chi_square_by_hand():
    one = ["a"] * 30 + ["b"] * 30
    other = ["x"] * 20 + ["y"] * 10 + ["x"] * 10 + ["y"] * 20
    result = association.chi_square(one, other)
    assert result.statistic == pytest.approx(20 / 3)  # four cells, each 5² / 15
    assert result.effect == pytest.approx(1 / 3)


def test_a_perfect_link_has_cramers_v_one():
    assert association.chi_square([0, 1, 0, 1], ["n", "y", "n", "y"]).effect == pytest.approx(1)


@given(st.lists(numbers, min_size=2, max_size=4))
def test_anova_agrees_with_statsmodels(groups):
    reference = anova_oneway(groups, use_var="equal")
    assert association.anova(groups).statistic == pytest.approx(reference.statistic, rel=1e-7, abs=1e-10)


def test_eta_squared_is_the_share_of_variance_between_groups():
    assert association.anova([[1, 1.0001], [3, 3.0001]]).effect == pytest.approx(1, abs=1e-6)


def test_a_normal_sample_is_closer_to_normal_than_a_skewed_one():
    rng = np.random.default_rng(0)
    normal, skewed = association.shapiro_wilk(rng.normal(size=400)), association.shapiro_wilk(rng.lognormal(size=400))
    assert normal.effect < 0.02 < skewed.effect
    with pytest.raises(DataError, match="3 to 5,000"):
        association.shapiro_wilk(rng.normal(size=5001))


def test_a_tiny_difference_becomes_significant_with_rows_but_no_larger():
    rng = np.random.default_rng(1)
    small, large = (association.welch_t(rng.normal(0.02, 1, n), rng.normal(0, 1, n)) for n in (500, 284_807))
    assert large.p_value < 1e-6 < small.p_value
    assert abs(large.effect) < 0.04


def test_columns_are_ranked_by_effect_and_constants_left_out():
    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 500)
    frame = pd.DataFrame(
        {"weak": rng.normal(size=500), "strong": rng.normal(size=500) + 2 * y, "one": 1, "city": y.astype(str), "y": y}
    )
    table = association.target_association(frame, "y")
    assert table["column"].tolist()[:2] == ["strong", "city"]
    assert "one" not in set(table["column"])


def test_ranks_see_a_curve_that_lines_do_not():
    x = np.linspace(0.1, 4, 50)
    frame = pd.DataFrame({"x": x, "y": np.exp(3 * x), "constant": 1.0})
    assert association.correlations(frame, method="spearman").loc["x", "y"] == pytest.approx(1)
    assert association.correlations(frame).loc["x", "y"] < 0.8
    assert "constant" not in association.correlations(frame)


def test_a_single_value_cannot_be_tested():
    with pytest.raises(DataError, match="two values at least"):
        association.welch_t([1], [2, 3])
    with pytest.raises(DataError, match="single value"):
        association.chi_square([1, 1], [0, 1])
