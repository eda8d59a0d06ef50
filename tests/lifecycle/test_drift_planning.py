import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from statsmodels.stats.multitest import multipletests

from lifecycle.errors import DataError
from lifecycle.monitor import (
    adjust,
    family_false_alarm,
    ks_of_normals,
    ks_p_value,
    least_n_for_ks,
    psi_of_normals,
)

FEW = settings(max_examples=30, deadline=None)
P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@FEW
@given(P_VALUES, st.sampled_from([("holm", "holm"), ("bh", "fdr_bh"), ("bonferroni", "bonferroni")]))
def test_adjusted_p_values_are_those_of_statsmodels(p_values, method):
    ours, theirs = adjust(p_values, method=method[0]), multipletests(p_values, method=method[1])[1]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-300)


@FEW
@given(P_VALUES)
def test_adjusting_keeps_the_order_and_never_helps(p_values):
    for method in ("holm", "bh", "bonferroni"):
        adjusted = adjust(p_values, method=method)
        assert (adjusted >= np.array(p_values) - 1e-15).all()
        assert (np.diff(adjusted[np.argsort(p_values, kind="stable")]) >= -1e-15).all()
    assert (adjust(p_values, method="holm") <= adjust(p_values, method="bonferroni") + 1e-15).all()


def test_nothing_to_adjust_is_nothing():
    assert adjust([]).tolist() == []


def test_what_is_no_p_value_is_refused():
    for bad in ([1.2], [np.nan], [[0.1]]):
        with pytest.raises(DataError, match="between 0 and 1"):
            adjust(bad)
    with pytest.raises(DataError, match="sidak"):
        adjust([0.1], method="sidak")


def test_thirty_tests_at_one_percent():
    assert family_false_alarm(30, level=0.01) == pytest.approx(0.260, abs=5e-4)
    assert family_false_alarm(30, level=0.01) == pytest.approx(1 - stats.binom.pmf(0, 30, 0.01))


def test_a_gap_that_is_called_fine_is_significant_with_enough_rows():
    least = least_n_for_ks(0.08, level=0.01)
    assert least == 828
    assert stats.kstwobign.sf(0.08 * (least / 2) ** 0.5) < 0.01 < stats.kstwobign.sf(0.08 * ((least - 1) / 2) ** 0.5)
    assert ks_p_value(0.08, 5_000, 5_000) == pytest.approx(2.5e-14, rel=0.1)


def test_ages_of_the_worked_example():
    assert ks_of_normals(35, 10, 42, 12) == pytest.approx(0.259, abs=5e-4)
    assert psi_of_normals(35, 10, 42, 12) == pytest.approx(0.400, abs=5e-4)


@FEW
@given(st.floats(-3, 3), st.floats(0.3, 3), st.floats(-3, 3), st.floats(0.3, 3))
def test_the_gap_of_normals_is_the_largest_on_a_fine_grid(mean, sd, new_mean, new_sd):
    x = np.linspace(-15, 15, 5_001)
    grid = np.abs(stats.norm.cdf(x, mean, sd) - stats.norm.cdf(x, new_mean, new_sd)).max()
    assert ks_of_normals(mean, sd, new_mean, new_sd) == pytest.approx(grid, abs=1e-3)
    assert ks_of_normals(mean, sd, new_mean, new_sd) >= grid - 1e-9


@pytest.mark.parametrize("equal", [False, True])
def test_many_bins_approach_the_integral_of_the_divergence(equal):
    mean, sd, new_mean, new_sd = (0, 1, 0.5, 1) if equal else (0, 1, 0.4, 0.9)
    one, other = stats.norm(mean, sd), stats.norm(new_mean, new_sd)
    integral = quad(lambda x: (other.pdf(x) - one.pdf(x)) * (other.logpdf(x) - one.logpdf(x)), -9, 9)[0]
    assert psi_of_normals(mean, sd, new_mean, new_sd, bins=400) == pytest.approx(integral, rel=0.02)
    assert ks_of_normals(0, 1, 0.5, 1) == pytest.approx(2 * stats.norm.cdf(0.25) - 1)


def test_nonsense_is_refused():
    with pytest.raises(DataError, match="standard deviation"):
        ks_of_normals(0, 0, 1, 1)
    with pytest.raises(DataError, match="between 0 and 1"):
        least_n_for_ks(0)
    with pytest.raises(DataError, match="0 tests or more"):
        family_false_alarm(-1, level=0.1)
