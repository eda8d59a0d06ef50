"""Copies of a model are compared by their largest difference and by what they decide."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lifecycle.deploy import FormatError, Parity, clear_threshold, parity

SCORES = arrays("float64", st.integers(1, 40), elements=st.floats(0, 1))


def test_it_counts_what_differs():
    found = parity([0.1, 0.5, 0.5, 0.9], [0.1, 0.49999999, 0.5002, 0.8], threshold=0.5)
    assert (found.rows, found.beyond, found.flips, found.ok) == (4, 2, 1, False)
    assert found.largest == pytest.approx(0.1)


@given(SCORES, st.floats(0, 1))
def test_a_model_is_its_own_copy(scores, threshold):
    assert parity(scores, scores, threshold=threshold) == Parity(len(scores), 0.0, 0, 0)


@given(SCORES, st.integers(0, 10), st.floats(0, 1))
def test_it_agrees_with_a_loop_and_is_symmetric(scores, seed, threshold):
    other = np.random.default_rng(seed).permutation(scores)
    found = parity(scores, other, threshold=threshold)
    gaps = [abs(a - b) for a, b in zip(scores.tolist(), other.tolist(), strict=True)]
    assert found.largest == max(gaps)
    assert found.beyond == sum(gap > 1e-4 for gap in gaps)
    assert found.flips == sum(
        (a >= threshold) is not (b >= threshold) for a, b in zip(scores.tolist(), other.tolist(), strict=True)
    )
    assert parity(other, scores, threshold=threshold) == found


@pytest.mark.parametrize(
    ("one", "other"), [([], []), ([0.1], [0.1, 0.2]), ([[0.1]], [[0.1]]), ([0.1], [np.nan]), ([np.inf], [0.1])]
)
def test_what_cannot_be_compared_is_refused(one, other):
    with pytest.raises(FormatError):
        parity(one, other, threshold=0.5)


@pytest.mark.parametrize(
    ("largest", "words"),
    [
        (0.0, "none"),
        (3e-16, "below 1e-12"),
        (9e-8, "below 1e-6"),
        (2e-5, "below 1e-4"),
        (2e-3, "below 1e-2"),
        (0.393, "0.39"),
    ],
)
def test_a_difference_in_words(largest, words):
    assert Parity(1, largest, 0, 0).magnitude == words


@given(SCORES, st.data())
def test_a_cleared_threshold_decides_alike_and_stands_on_nobody(scores, data):
    threshold = float(data.draw(st.sampled_from(list(scores))))
    clear = clear_threshold(scores, threshold)
    if (scores < threshold).any() and np.nextafter(scores[scores < threshold].max(), 1) < threshold:
        assert clear not in scores
    np.testing.assert_array_equal(scores >= clear, scores >= threshold)


def test_a_threshold_beyond_all_scores_stays():
    assert clear_threshold([0.2, 0.4], 0.9) == 0.9
    assert clear_threshold([0.2, 0.4], 0.1) == 0.1


@given(st.floats(0.01, 0.99))
def test_between_neighbours_the_threshold_stays_on_the_flagged_one(low):
    high = float(np.nextafter(low, 1))
    assert clear_threshold([low, high], high) == high
