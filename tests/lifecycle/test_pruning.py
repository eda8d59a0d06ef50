"""Correlation pruning: no two kept columns too alike, and every dropped one has a better spokesman."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr, pointbiserialr, spearmanr

from lifecycle.develop.features.pruning import correlated_pairs, prune, target_tie
from lifecycle.errors import DataError


def table(seed: int, columns: int, mix: float, rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    common = rng.normal(size=(rows, 2))
    weights = rng.normal(size=(2, columns))
    return pd.DataFrame(common @ weights + mix * rng.normal(size=(rows, columns)), columns=[f"x{i}" for i in range(columns)])


tables = st.builds(table, st.integers(0, 10_000), st.integers(1, 9), st.sampled_from([0.1, 0.5, 1.0, 3.0]))
thresholds = st.sampled_from([0.0, 0.3, 0.6, 0.8, 0.95, 1.0])


@given(tables, thresholds)
def test_pairs_are_those_that_scipy_finds(frame, threshold):
    expected = {}
    for i, one in enumerate(frame):
        for other in list(frame)[i + 1 :]:
            expected[one, other] = pearsonr(frame[one], frame[other]).statistic
    found = {(row.one, row.other): row.r for row in correlated_pairs(frame, threshold=threshold).itertuples()}
    clear = {pair: r for pair, r in expected.items() if abs(abs(r) - threshold) > 1e-9}
    assert {pair for pair in found if pair in clear} == {pair for pair, r in clear.items() if abs(r) > threshold}
    assert all(found[pair] == pytest.approx(expected[pair], abs=1e-9) for pair in found)


@given(tables, thresholds, st.integers(0, 100))
def test_what_is_kept_is_apart_and_what_goes_has_a_better_spokesman(frame, threshold, seed):
    target = pd.Series(np.random.default_rng(seed).permutation(np.arange(len(frame)) % 2))
    pruning = prune(frame, target, threshold=threshold)
    assert sorted([*pruning.kept, *pruning.dropped]) == sorted(frame.columns)
    matrix, tie = frame.corr().abs(), target_tie(frame, target)
    for i, one in enumerate(pruning.kept):
        assert all(matrix.loc[one, other] <= threshold + 1e-9 for other in pruning.kept[i + 1 :])
    for name, reason in pruning.dropped.items():
        rival = reason.rsplit(" ", 1)[1]
        assert rival in pruning.kept
        assert matrix.loc[name, rival] > threshold - 1e-9
        assert tie[rival] >= tie[name] - 1e-9


@given(tables, st.integers(0, 100))
def test_tie_to_a_binary_target_is_the_point_biserial_correlation(frame, seed):
    target = pd.Series(np.random.default_rng(seed).permutation(np.arange(len(frame)) % 2))
    for name, tie in target_tie(frame, target).items():
        assert tie == pytest.approx(abs(pointbiserialr(target, frame[name]).statistic), abs=1e-9)


def test_of_two_thermometers_one_goes():
    celsius = pd.Series([3.0, 11.0, 19.0, 25.0])
    pruning = prune(pd.DataFrame({"celsius": celsius, "fahrenheit": 1.8 * celsius + 32}))
    assert pruning.kept == ("celsius",)
    assert pruning.dropped == {"fahrenheit": "r = 1.00 with celsius"}


def test_the_column_tied_more_to_the_target_stays_even_if_it_comes_last():
    y = pd.Series([0, 0, 0, 1, 1, 1])
    frame = pd.DataFrame({"weak": [1, 2, 4, 3, 5, 6], "strong": [1, 2, 3, 5, 6, 7]})
    assert prune(frame, y).kept == ("strong",)
    assert prune(frame).kept == ("weak",)


def test_a_negative_correlation_is_as_redundant_as_a_positive_one():
    frame = pd.DataFrame({"male": [0.0, 1, 0, 1], "female": [1.0, 0, 1, 0]})
    assert prune(frame).dropped == {"female": "r = -1.00 with male"}


def test_a_pair_exactly_at_the_threshold_stays():
    frame = pd.DataFrame({"a": [-1.0, 1.0], "b": [-2.0, 2.0]})
    assert prune(frame, threshold=1.0).kept == ("a", "b")


def test_constant_columns_go_and_ranks_are_an_option():
    x = np.linspace(0.1, 5, 40)
    frame = pd.DataFrame({"x": x, "curve": np.exp(2 * x), "same": 1.0})
    assert prune(frame, threshold=0.9).dropped == {"same": "constant"}
    assert set(prune(frame, threshold=0.9, method="spearman").dropped) == {"curve", "same"}
    pairs = correlated_pairs(frame, threshold=0.9, method="spearman")
    assert pairs["r"].tolist() == pytest.approx([spearmanr(x, np.exp(2 * x)).statistic])


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (pd.DataFrame({"a": [1.0, 2.0]}), {"threshold": 1.5}, "1.5 is no threshold"),
        (pd.DataFrame({"a": []}), {}, "no rows"),
        (pd.DataFrame({"city": ["x", "y"]}), {}, "`city` does not hold numbers"),
        (pd.DataFrame([[1.0, 2.0]], columns=["a", "a"]), {}, "`a` is used twice"),
    ],
)
def test_bad_tables_are_named(frame, options, message):
    with pytest.raises(DataError, match=message):
        prune(frame, **options)


def test_bad_targets_are_named():
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    with pytest.raises(DataError, match="3 rows, but 2 values"):
        target_tie(frame, pd.Series([0, 1]))
    with pytest.raises(DataError, match="constant"):
        target_tie(frame, pd.Series([1, 1, 1]))
