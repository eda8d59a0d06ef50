"""Few rows: no test may promise more than they can hold."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lifecycle.monitor import drift_report, kolmogorov_smirnov, ks_p_value
from lifecycle.monitor.drift.few import counts_test

FEW = settings(max_examples=40, deadline=None)


@FEW
@given(st.integers(1, 49), st.integers(1, 400), st.floats(0, 2), st.integers(0, 10**6))
def test_with_few_rows_on_a_side_the_gap_is_tested_exactly(n, m, shift, seed):
    rng = np.random.default_rng(seed)
    one, other = rng.normal(size=n), rng.normal(shift, size=m)
    theirs = stats.ks_2samp(one, other, method="exact")
    assert kolmogorov_smirnov(one, other).p_value == pytest.approx(theirs.pvalue, rel=1e-12)
    assert kolmogorov_smirnov(other, one).p_value == pytest.approx(theirs.pvalue, rel=1e-12)


def test_the_p_value_of_one_row_is_never_nothing():
    assert ks_p_value(1.0, 15, 1) == pytest.approx(2 / 16)  # below or above all 15
    assert ks_p_value(0.4, 30, 100_001) == pytest.approx(ks_p_value(0.4, 30, 100_000), rel=0.01)  # where counting ends
    assert ks_p_value(0.0, 5, 5) == 1


def test_two_rare_categories_are_tested_as_fisher_does():
    table = [[990, 10], [18, 2]]
    assert counts_test(*table).p_value == pytest.approx(stats.fisher_exact(table).pvalue)
    assert counts_test([4, 0], [1, 3]).p_value == pytest.approx(stats.fisher_exact([[4, 0], [1, 3]]).pvalue)


def test_rare_categories_are_one_for_chi_squared():
    found = counts_test([4_000, 3_000, 3, 2, 1], [350, 400, 0, 0, 60])
    merged = stats.chi2_contingency([[4_000, 3_000, 3 + 2 + 1], [350, 400, 60]], correction=False)
    assert (found.p_value, found.degrees) == (pytest.approx(merged.pvalue), 2)
    enough = [[400, 300, 20], [380, 310, 30]]
    assert counts_test(*enough).p_value == pytest.approx(stats.chi2_contingency(enough, correction=False).pvalue)
    assert counts_test([5, 0], [3, 0]).p_value == 1


def test_one_row_of_a_rare_category_is_as_likely_as_the_category():
    found = counts_test([9_000, 990, 10], [0, 0, 1])
    assert found.p_value == pytest.approx(11 / 10_001, abs=0.001)
    assert counts_test([9_000, 990, 10], [0, 0, 1]) == found  # the same tables are drawn


@pytest.mark.parametrize("rows", [1, 8, 30])
def test_nothing_is_found_too_often_where_nothing_has_changed(rows):
    rng = np.random.default_rng(12)
    shares = 1 / np.arange(1, 16) ** 1.5
    shares /= shares.sum()
    counts = [(rng.multinomial(2_000, shares), rng.multinomial(rows, shares)) for _ in range(100)]
    assert sum(counts_test(*each).p_value < 0.05 for each in counts) <= stats.binom.ppf(0.9999, 100, 0.05)
    pairs = [(rng.normal(size=15), rng.normal(size=rows)) for _ in range(300)]
    assert sum(kolmogorov_smirnov(*each).p_value < 0.05 for each in pairs) <= stats.binom.ppf(0.9999, 300, 0.05)


def test_a_wider_spread_is_seen_by_the_bins_where_the_gap_is_too_small():
    rng = np.random.default_rng(1)
    seen = []
    for _ in range(10):
        frames = [pd.DataFrame({"x": rng.normal(0, sd, 400)}) for sd in (1, 1.35)]
        found = drift_report(*frames, threads=1)["x"]
        bins = stats.chi2_contingency([found.measured.shares.reference * 400, found.measured.shares.current * 400])
        assert found.measured.bins_p == pytest.approx(bins.pvalue, rel=1e-6)
        seen.append((found.p_value < 0.005, found.level != "stable"))
    assert sum(level for _, level in seen) > sum(gap for gap, _ in seen) + 3


def test_a_few_rows_of_thirty_columns_raise_no_alarm():
    rng = np.random.default_rng(2)
    frames = [pd.DataFrame(rng.normal(size=(n, 30))).add_prefix("c") for n in (200, 1)]
    assert drift_report(*frames).level == "stable"
