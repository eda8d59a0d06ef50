import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import entropy

from lifecycle.errors import DataError
from lifecycle.monitor import population_stability_index, stability_level, stability_of_shares

SHARES = arrays(float, 6, elements=st.floats(0.01, 1)).map(lambda weights: weights / weights.sum())
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(SHARES, SHARES)
def test_it_is_the_sum_of_both_kullback_leibler_divergences(expected, actual):
    independent = entropy(actual, expected) + entropy(expected, actual)
    assert stability_of_shares(expected, actual) == pytest.approx(independent, abs=1e-9)


@given(SHARES, SHARES)
def test_it_is_symmetric_in_shares(expected, actual):
    assert stability_of_shares(expected, actual) == pytest.approx(stability_of_shares(actual, expected))


@pytest.mark.parametrize(
    ("expected", "actual", "index"),
    [
        ([0.1, 0.2, 0.4, 0.2, 0.1], [0.2, 0.25, 0.35, 0.15, 0.05], 0.136),
        ([0.70, 0.30], [0.55, 0.45], 0.097),
    ],
)
def test_worked_examples(expected, actual, index):
    assert stability_of_shares(expected, actual) == pytest.approx(index, abs=5e-4)


def test_an_emptied_bin_counts_by_the_floor():
    emptied = stability_of_shares([0.5, 0.5], [1, 0], floor=0.001)
    assert emptied == pytest.approx(0.5 * np.log(2) + 0.499 * np.log(500))


@given(VALUES)
def test_a_sample_has_not_drifted_from_itself(values):
    assert population_stability_index(values, values[::-1]) == 0


@given(VALUES, VALUES, st.integers(2, 12))
def test_it_is_never_negative_and_never_infinite(expected, actual, bins):
    assert 0 <= population_stability_index(expected, actual, bins=bins) < 100


def test_deciles_of_two_normals_agree_with_a_histogram_made_by_hand():
    rng = np.random.default_rng(11)
    then, now = rng.normal(35, 10, 20_000), rng.normal(42, 12, 20_000)
    edges = np.r_[-np.inf, np.quantile(then, np.arange(0.1, 0.95, 0.1)), np.inf]
    shares = [np.histogram(sample, edges)[0] / len(sample) for sample in (then, now)]
    by_hand = entropy(shares[1], shares[0]) + entropy(shares[0], shares[1])
    assert population_stability_index(then, now) == pytest.approx(by_hand, rel=1e-9)
    assert by_hand == pytest.approx(0.40, abs=0.03)


def test_chance_alone_gives_about_what_the_docstring_says():
    rng = np.random.default_rng(3)
    found = [population_stability_index(rng.normal(size=2_000), rng.normal(size=1_000)) for _ in range(60)]
    assert np.mean(found) == pytest.approx(9 * (1 / 2_000 + 1 / 1_000), rel=0.25)


def test_few_values_are_categories_and_new_ones_are_noticed():
    assert population_stability_index([0] * 100, [0] * 50) == 0
    assert population_stability_index([0] * 100, [5] * 50) > 1
    shares = stability_of_shares([0.25, 0.75, 0], [0.5, 0.25, 0.25])
    assert population_stability_index([1, 2, 2, 2], [1, 1, 2, 3]) == pytest.approx(shares)


def test_values_beyond_the_reference_fall_into_the_outer_bins():
    reference = np.arange(1_000)
    assert population_stability_index(reference, reference + 10_000) == pytest.approx(
        stability_of_shares([0.1] * 10, [0] * 9 + [1])
    )


@pytest.mark.parametrize("bad", [[], [1, np.nan], [1, np.inf], [[1, 2], [3, 4]]])
def test_samples_that_cannot_be_compared_are_refused(bad):
    with pytest.raises(DataError, match="actual"):
        population_stability_index([1, 2, 3], bad)


def test_the_first_missing_value_is_named():
    with pytest.raises(DataError, match=r"actual\[2\].*2 values"):
        population_stability_index([1.0], [1, 2, np.nan, np.nan])


def test_nonsense_settings_are_refused():
    with pytest.raises(DataError, match="bins"):
        population_stability_index([1, 2], [1, 2], bins=1)
    with pytest.raises(DataError, match="floor"):
        stability_of_shares([1], [1], floor=0)
    with pytest.raises(DataError, match="add up to 1"):
        stability_of_shares([10, 20], [0.5, 0.5])
    with pytest.raises(DataError, match="bins must be the same"):
        stability_of_shares([1], [0.5, 0.5])


@pytest.mark.parametrize(
    ("index", "level"), [(0, "stable"), (0.099, "stable"), (0.1, "watch"), (0.25, "watch"), (0.251, "act")]
)
def test_levels_of_the_customary_rule(index, level):
    assert stability_level(index) == level
