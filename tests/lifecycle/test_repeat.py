"""The luck in a score, against scipy and statsmodels."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm
from statsmodels.stats.proportion import test_proportions_2indep as two_shares  # not to be collected as a test

from lifecycle.develop.evaluation.repeat import Spread, compare_shares, disagreements, share_sd, spread
from lifecycle.errors import DataError

shares = st.floats(min_value=0, max_value=0.999)  # nearer to 1 scipy loses digits
sizes = st.integers(min_value=1, max_value=10**6)


@given(shares, sizes)
def test_the_sd_of_a_share_is_that_of_the_binomial_over_n(share, n):
    assert share_sd(share, n) == pytest.approx(binom.std(n, share) / n, rel=1e-9, abs=1e-15)


@given(st.integers(min_value=2, max_value=400), st.integers(min_value=2, max_value=400), st.data())
def test_two_shares_are_compared_as_statsmodels_does(n_first, n_second, data):
    first = data.draw(st.integers(min_value=1, max_value=n_first - 1))
    second = data.draw(st.integers(min_value=1, max_value=n_second - 1))
    ours = compare_shares(first / n_first, second / n_second, n_first=n_first, n_second=n_second)
    theirs = two_shares(first, n_first, second, n_second, method="wald", compare="diff")
    assert ours.difference == pytest.approx(theirs.diff, abs=1e-15)
    assert ours.z == pytest.approx(theirs.statistic, rel=1e-9, abs=1e-12)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-7, abs=1e-15)


def test_shares_without_luck_differ_infinitely_or_not_at_all():
    assert compare_shares(1, 0, n_first=10, n_second=10).z == math.inf
    assert compare_shares(0, 1, n_first=10, n_second=10).p_value == 0
    assert compare_shares(1, 1, n_first=10, n_second=10).p_value == pytest.approx(2 * norm.sf(0))


@pytest.mark.parametrize(("share", "n"), [(92, 500), (-0.1, 5), (0.5, 0), (math.nan, 5)])
def test_a_share_outside_of_0_to_1_or_without_rows_is_refused(share, n):
    with pytest.raises(DataError):
        share_sd(share, n)


@given(st.lists(st.floats(min_value=-1e6, max_value=1e6), min_size=2, max_size=20))
def test_a_spread_summarises_the_scores_of_its_seeds(scores):
    found = spread(lambda seed: scores[seed], range(len(scores)))
    assert found.scores == dict(enumerate(scores))
    assert found.mean == pytest.approx(statistics.fmean(scores))
    assert found.sd == pytest.approx(statistics.stdev(scores))
    assert (found.lowest, found.highest) == (min(scores), max(scores))


def test_a_spread_reads_as_a_sentence():
    assert str(Spread({1: 0.91, 2: 0.88})) == "0.895 on average, sd 0.02121, from 0.88 to 0.91 over 2 seeds"


@pytest.mark.parametrize("seeds", [[], [1], [1, 2, 1]])
def test_a_spread_needs_two_different_seeds(seeds):
    with pytest.raises(DataError, match="different seeds"):
        spread(float, seeds)


def test_a_score_that_is_no_number_is_named_with_its_seed():
    with pytest.raises(DataError, match="seed 2 is nan"):
        spread(lambda seed: math.nan if seed == 2 else 1.0, [1, 2, 3])


def test_figures_outside_the_tolerance_missing_or_nan_disagree():
    expected = {"accuracy": 0.997, "precision": 0.92, "recall": 0.88, "f1": 0.9}
    found = {"accuracy": 0.9997, "precision": 0.9204, "recall": math.nan, "more": 1.0}
    told = disagreements(found, expected, tolerance=0.0005)
    assert [str(each) for each in told] == [
        "accuracy: expected 0.997, found 0.9997",
        "recall: expected 0.88, found nan",
        "f1: expected 0.9, found nothing",
    ]


@given(st.dictionaries(st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_figures_agree_with_themselves_without_any_tolerance(figures):
    assert disagreements(figures, figures, tolerance=0) == []


@pytest.mark.parametrize("tolerance", [-1e-9, math.nan])
def test_a_tolerance_is_not_negative(tolerance):
    with pytest.raises(DataError, match="tolerance"):
        disagreements({}, {}, tolerance=tolerance)
