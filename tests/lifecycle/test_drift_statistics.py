import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from scipy.spatial import distance

from lifecycle.errors import DataError
from lifecycle.monitor import (
    chi_squared,
    chi_squared_of_counts,
    jensen_shannon,
    kolmogorov_smirnov,
    ks_level,
    population_stability_index,
    shared_bins,
    stability_of_shares,
    wasserstein,
)

FEW = settings(max_examples=30, deadline=None)
NUMBERS = st.lists(st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float), min_size=2, max_size=60)
COUNTS = arrays(np.int64, st.tuples(st.just(2), st.integers(1, 8)), elements=st.integers(0, 500))
SHARES = arrays(float, 6, elements=st.floats(0, 1)).filter(lambda weights: weights.sum() > 0.1).map(lambda w: w / w.sum())


@FEW
@given(NUMBERS, NUMBERS)
@example([0.0, 0.0], [0.0])
@example([1.0, 1.0, 2.0], [1.0, 2.0, 2.0])
def test_kolmogorov_smirnov_is_that_of_scipy(reference, current):
    ours = kolmogorov_smirnov(reference, current, exact=False)
    theirs = stats.ks_2samp(reference, current, method="asymp")
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-12, abs=1e-15)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12, abs=1e-12)
    assert ours.effect == ours.statistic


def test_few_rows_can_be_tested_exactly():
    one, other = np.arange(8.0), np.arange(8.0) + 3.5
    assert kolmogorov_smirnov(one, other, exact=True).p_value == stats.ks_2samp(one, other, method="exact").pvalue


@FEW
@given(NUMBERS, NUMBERS)
def test_wasserstein_is_that_of_scipy(reference, current):
    theirs = stats.wasserstein_distance(reference, current)
    assert wasserstein(reference, current) == pytest.approx(theirs, rel=1e-12, abs=1e-12 * np.ptp([*reference, *current]))


@FEW
@given(NUMBERS.filter(lambda values: np.std(values) > 1e-3), st.floats(0.1, 100), st.floats(-1e3, 1e3))
def test_wasserstein_in_deviations_does_not_depend_on_the_unit(values, scale, shift):
    sample, moved = np.array(values), np.array(values) + 1
    as_it_is = wasserstein(sample, moved, normed=True)
    assert as_it_is == pytest.approx(1 / sample.std(), rel=1e-9)
    assert wasserstein(sample * scale + shift, moved * scale + shift, normed=True) == pytest.approx(as_it_is, rel=1e-6)


def test_a_constant_that_moved_is_infinitely_many_deviations_away():
    assert wasserstein([2, 2], [2, 2, 2], normed=True) == 0
    assert wasserstein([2, 2], [3], normed=True) == np.inf


@FEW
@given(COUNTS)
def test_chi_squared_is_that_of_scipy(counts):
    assume((counts.sum(axis=1) > 0).all())
    ours = chi_squared_of_counts(*counts)
    table = counts[:, counts.sum(axis=0) > 0]
    theirs = stats.chi2_contingency(table, correction=False)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-12, abs=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-12, abs=1e-12)
    assert ours.degrees == theirs.dof
    if table.shape[1] > 1:
        cramers_v = stats.contingency.association(table, method="cramer", correction=False)
        assert ours.effect == pytest.approx(cramers_v, abs=1e-9)


@pytest.mark.parametrize("kind", [object, "str", "category"])
def test_categories_are_counted_whatever_their_type(kind):
    reference = pd.Series(["a", "b", "b", None, "c", "c", "c"], dtype=kind)
    current = pd.Series(["b", "b", "d", "d"], dtype=kind)
    theirs = stats.chi2_contingency([[1, 2, 3, 0], [0, 2, 0, 2]], correction=False)
    assert chi_squared(reference, current).statistic == pytest.approx(theirs.statistic)
    assert chi_squared([1, 1, "x"], ["x", 1, 1]).statistic == pytest.approx(0)


@FEW
@given(SHARES, SHARES)
def test_jensen_shannon_is_that_of_scipy(expected, actual):
    assert jensen_shannon(expected, actual) == pytest.approx(
        distance.jensenshannon(expected, actual, base=2), rel=1e-12, abs=1e-7
    )
    assert jensen_shannon(expected, actual) == pytest.approx(jensen_shannon(actual, expected), abs=1e-12)


def test_jensen_shannon_runs_from_nothing_in_common_to_equal():
    assert jensen_shannon([1, 0], [0, 1]) == 1
    assert jensen_shannon([0.3, 0.7], [0.3, 0.7]) == 0


@FEW
@given(NUMBERS, NUMBERS, st.integers(2, 12))
def test_bins_hold_every_row_once_and_give_the_index(reference, current, bins):
    shares = shared_bins(reference, current, bins=bins)
    assert shares.reference.sum() == pytest.approx(1)
    assert shares.current.sum() == pytest.approx(1)
    assert len(shares.labels) == len(shares.reference) == len(shares.current) <= bins + 1
    index = stability_of_shares(shares.reference, shares.current)
    assert population_stability_index(reference, current, bins=bins) == pytest.approx(index, abs=1e-12)


@pytest.mark.parametrize("statistic", [kolmogorov_smirnov, wasserstein, shared_bins])
@pytest.mark.parametrize("bad", [[], [1, np.nan], [1, np.inf], [[1, 2], [3, 4]]])
def test_samples_that_cannot_be_compared_are_refused(statistic, bad):
    with pytest.raises(DataError, match="current"):
        statistic([1, 2, 3], bad)


def test_counts_that_are_none_are_refused():
    with pytest.raises(DataError, match="same categories"):
        chi_squared_of_counts([1, 2], [1, 2, 3])
    with pytest.raises(DataError, match="`current` has no counts"):
        chi_squared_of_counts([1, 2], [0, 0])
    with pytest.raises(DataError, match="`reference`"):
        chi_squared([None], ["a"])


@pytest.mark.parametrize(("gap", "level"), [(0.05, "stable"), (0.1, "watch"), (0.2, "watch"), (0.25, "act")])
def test_levels_of_the_customary_bands(gap, level):
    assert ks_level(gap) == level
