"""Differences of rates, means and ratios, against scipy and statsmodels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, chisquare, ttest_ind
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest

from lifecycle.errors import DataError
from lifecycle.iterate import (
    by_segment,
    compare_means,
    compare_rates,
    compare_ratios,
    cuped,
    heterogeneity,
    holm,
    in_both,
    sample_ratio,
    simpson,
    stratified_rates,
)

FEW = settings(max_examples=25)
SIZES = st.integers(20, 100_000)


@st.composite
def counts(draw):
    n_a, n_b = draw(SIZES), draw(SIZES)
    return draw(st.integers(1, n_a - 1)), n_a, draw(st.integers(1, n_b - 1)), n_b


@FEW
@given(counts(), st.sampled_from([(2, 1, "two-sided"), (1, 1, "larger"), (1, -1, "smaller")]))
def test_the_test_of_two_rates_is_that_of_statsmodels(four, side):
    x_a, n_a, x_b, n_b = four
    sided, direction, alternative = side
    got = compare_rates(*four, sided=sided, direction=direction)
    z, p = proportions_ztest([x_b, x_a], [n_b, n_a], alternative=alternative)
    assert (got.z, got.p) == (pytest.approx(z, rel=1e-9, abs=1e-9), pytest.approx(p, rel=1e-7, abs=1e-300))
    low, high = confint_proportions_2indep(x_b, n_b, x_a, n_a, method="wald", compare="diff")
    assert (got.low, got.high) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))


@pytest.mark.parametrize("four", [(0, 10, 0, 20), (10, 10, 20, 20)])
def test_where_nobody_or_everybody_succeeded_nothing_is_shown(four):
    assert (compare_rates(*four).z, compare_rates(*four).p) == (0.0, 1.0)


@FEW
@given(counts())
def test_one_stratum_is_the_plain_test_and_two_equal_ones_are_twice_as_much_data(four):
    one, plain = stratified_rates([four, (0, 0, 3, 9)]), compare_rates(*four)
    for name in ("rate_a", "rate_b", "difference", "low", "high", "z", "p"):
        assert getattr(one, name) == pytest.approx(getattr(plain, name), rel=1e-9, abs=1e-12)
    assert stratified_rates([four, four]).z == pytest.approx(plain.z * 2**0.5, rel=1e-9, abs=1e-12)


def test_strata_are_weighted_as_by_mantel_and_haenszel():
    strata = [(54, 900, 63, 1000), (15, 500, 160, 5000), (3, 40, 9, 60)]
    weights = [n * m / (n + m) for _, n, _, m in strata]
    expected = sum(w * (b / m - a / n) for w, (a, n, b, m) in zip(weights, strata, strict=True)) / sum(weights)
    assert stratified_rates(strata).difference == pytest.approx(expected)
    tables = [[[b, m - b], [a, n - a]] for a, n, b, m in strata]
    wanted = sm.stats.StratifiedTable([np.array(table, dtype=float) for table in tables]).test_null_odds()
    assert stratified_rates(strata).z ** 2 == pytest.approx(wanted.statistic, rel=0.01)  # it takes n - 1 for n


@FEW
@given(st.integers(0, 2**32 - 1), st.integers(2, 200), st.integers(2, 200))
def test_the_test_of_two_means_is_welchs(seed, n, m):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n), rng.normal(0.3, 2, size=m)
    got, wanted = compare_means(a, b), ttest_ind(b, a, equal_var=False)
    interval = wanted.confidence_interval()
    assert (got.p, got.low, got.high) == (
        pytest.approx(wanted.pvalue),
        pytest.approx(interval.low),
        pytest.approx(interval.high),
    )


def test_values_without_spread_have_no_chance_in_them():
    assert compare_means([1, 1], [1, 1]).p == 1
    assert compare_means([1, 1], [2, 2]).p == 0


def test_a_ratio_of_single_tries_is_a_rate():
    rng = np.random.default_rng(1)
    a, b = (rng.random(4000) < 0.1), (rng.random(3000) < 0.12)
    got = compare_ratios(a, np.ones(4000), b, np.ones(3000))
    plain = compare_rates(a.sum(), 4000, b.sum(), 3000)
    assert (got.low, got.high) == (pytest.approx(plain.low, abs=1e-5), pytest.approx(plain.high, abs=1e-5))


def test_the_error_of_a_ratio_is_that_of_a_bootstrap_of_users():
    rng = np.random.default_rng(2)
    shown = 1 + rng.poisson(9, 1500)
    clicks = rng.binomial(shown, rng.beta(0.25, 4.75, 1500))
    drawn = [rng.integers(0, 1500, 1500) for _ in range(600)]
    spread = np.std([clicks[rows].sum() / shown[rows].sum() for rows in drawn])
    assert compare_ratios(clicks, shown, clicks, shown).deviation == pytest.approx(2**0.5 * spread, rel=0.1)


@FEW
@given(st.integers(0, 2**32 - 1), st.floats(-1, 1))
def test_cuped_leaves_the_residuals_of_a_regression_on_the_time_before(seed, tie):
    rng = np.random.default_rng(seed)
    before = rng.normal(5, 2, 200)
    values = tie * before + rng.normal(size=200)
    left = sm.OLS(values, sm.add_constant(before)).fit().resid
    assert cuped(values, before) == pytest.approx(left + values.mean(), abs=1e-8)


def test_cuped_on_a_constant_changes_nothing():
    assert list(cuped([1.0, 2.0, 4.0], [3, 3, 3])) == [1.0, 2.0, 4.0]


@FEW
@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=5), st.integers(0, 2**32 - 1))
def test_the_ratio_of_groups_is_tested_as_by_scipy(found, seed):
    shares = np.random.default_rng(seed).dirichlet(np.full(len(found), 5.0))
    names = [f"g{k}" for k in range(len(found))]
    got = sample_ratio(dict(zip(names, found, strict=True)), dict(zip(names, shares.tolist(), strict=True)))
    wanted = chisquare(found, shares * sum(found))
    assert (got.chi2, got.p) == (pytest.approx(wanted.statistic), pytest.approx(wanted.pvalue, rel=1e-6, abs=1e-300))
    assert got.mismatch == (got.p < 0.01)


@settings(max_examples=10)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_that_of_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())


def people(rng, n=6000, segments=3, lift=(0.0, 0.0, 0.0)):
    group = rng.choice(["champion", "challenger"], n)
    segment = rng.integers(0, segments, n)
    rate = 0.2 + np.array(lift)[segment] * (group == "challenger")
    return pd.DataFrame({"user": range(n), "group": group, "segment": segment, "bought": (rng.random(n) < rate).astype(int)})


def test_segments_are_compared_within_and_adjusted_for_their_number():
    frame = people(np.random.default_rng(3), lift=(0.0, 0.1, 0.0))
    table = by_segment(frame, "segment", outcome="bought")
    assert table["p_adjusted"].tolist() == pytest.approx(holm(table["p"].tolist()))
    assert table["shown"].tolist() == [False, True, False]
    assert heterogeneity(table) < 0.01
    part = frame[frame["segment"] == 1]
    crossed = chi2_contingency(pd.crosstab(part["group"], part["bought"]), correction=False)
    assert table.loc[1, "p"] == pytest.approx(crossed.pvalue, rel=1e-6)


def test_a_segment_without_one_of_the_groups_says_nothing():
    frame = people(np.random.default_rng(4))
    frame.loc[frame["segment"] == 2, "group"] = "champion"
    table = by_segment(frame, "segment", outcome="bought")
    assert table["p"].isna().tolist() == [False, False, True]
    assert not table["shown"].iloc[2]
    assert table["p_adjusted"].iloc[0] <= 2 * table["p"].iloc[0] + 1e-12
    assert heterogeneity(table.iloc[:1]) == 1.0


def test_users_without_a_segment_are_a_segment():
    frame = people(np.random.default_rng(4))
    for spoilt in (frame["segment"].where(frame["segment"] < 2), frame["segment"].map({0: "a", 1: "b"}).astype("category")):
        table = by_segment(frame.assign(segment=spoilt), "segment", outcome="bought")
        assert table["segment"].isna().tolist() == [False, False, True]
        assert table[["users_a", "users_b"]].to_numpy().sum() == len(frame)


def test_who_met_both_is_counted():
    log = pd.DataFrame({"user": ["a", "a", "b", "b", "c"], "group": ["x", "y", "x", "x", "y"]})
    assert in_both(log) == 1


def test_a_paradox_is_recognised_and_its_absence_too():
    friday, saturday = (5400, 90_000, 630, 10_000), (1500, 50_000, 1600, 50_000)
    assert simpson({"fri": friday, "sat": saturday})
    assert not simpson({"sat": saturday})
    assert not simpson({"fri": friday, "back": (630, 10_000, 5400, 90_000)})


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: compare_rates(5, 0, 1, 10),
        lambda: compare_rates(11, 10, 1, 10),
        lambda: compare_rates(-1, 10, 1, 10),
        lambda: compare_rates(1, 10, 1, 10, sided=0),
        lambda: compare_rates(1, 10, 1, 10, level=1),
        lambda: compare_rates(float("nan"), 10, 1, 10),
        lambda: stratified_rates([]),
        lambda: stratified_rates([(0, 0, 1, 2)]),
        lambda: compare_means([1], [1, 2]),
        lambda: compare_means([1, float("nan")], [1, 2]),
        lambda: compare_means([1, 2], [1, 2], level=0),
        lambda: compare_ratios([1, 2], [1, 2, 3], [1, 2], [1, 2]),
        lambda: compare_ratios([0, 0], [0, 0], [1, 2], [1, 2]),
        lambda: cuped([1, 2, 3], [1, 2]),
        lambda: sample_ratio({"a": 1}, {"a": 0.5, "b": 0.5}),
        lambda: sample_ratio({"a": 1, "b": 2}, {"a": 0.5, "b": 0.6}),
        lambda: sample_ratio({"a": 0, "b": 0}, {"a": 0.5, "b": 0.5}),
        lambda: sample_ratio({"a": float("nan"), "b": 5}, {"a": 0.5, "b": 0.5}),
        lambda: sample_ratio({"a": 5, "b": float("nan")}, {"a": 0.5, "b": 0.5}),
        lambda: sample_ratio({"a": 5, "b": float("inf")}, {"a": 0.5, "b": 0.5}),
        lambda: sample_ratio({"a": 5, "b": 5}, {"a": 0.5, "b": float("nan")}),
        lambda: sample_ratio({"a": 5, "b": 5}, {"a": 0.5, "b": 0.5}, alpha=float("nan")),
        lambda: simpson({}),
        lambda: simpson({"fri": (1, 10, 0, 0)}),
        lambda: holm([0.1, 1.2]),
        lambda: in_both(pd.DataFrame({"user": [1]})),
        lambda: by_segment(pd.DataFrame({"s": [1], "group": ["champion"], "y": [2]}), "s", outcome="y"),
        lambda: by_segment(pd.DataFrame({"s": [1], "group": ["champion"], "y": [None]}), "s", outcome="y"),
        lambda: by_segment(pd.DataFrame({"s": [], "group": [], "y": []}), "s", outcome="y"),
        lambda: by_segment(pd.DataFrame({"s": [1], "y": [1]}), "s", outcome="y"),
    ],
)
def test_what_cannot_be_compared_is_refused(wrong):
    with pytest.raises(DataError):
        wrong()
