"""Walk-forward splits against scikit-learn's, and the order that every one of them keeps."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import KFold, TimeSeriesSplit

from lifecycle.forecast import Fold, ForecastError, block_folds, shuffled_folds, walk_forward

small = st.integers(1, 6)


@given(st.integers(20, 120), small, small, st.integers(0, 4), st.one_of(st.none(), st.integers(1, 30)))
def test_touching_tests_are_scikit_learns_splits(n, folds, horizon, gap, window):
    theirs = TimeSeriesSplit(n_splits=folds + 1, test_size=horizon, gap=gap, max_train_size=window)
    try:
        ours = walk_forward(n, folds=folds + 1, horizon=horizon, gap=gap, window=window)
    except ForecastError:
        left = n - (folds + 1) * horizon - gap
        assert left < (window or 1)  # scikit-learn shortens the first windows; a window here is as long as was asked for
        return
    for (train, test), fold in zip(theirs.split(range(n)), ours, strict=True):
        assert ([*train], [*test]) == ([*fold.train], [*fold.test])


@given(st.integers(30, 200), small, small, small, st.integers(0, 5))
def test_the_largest_training_position_is_before_the_smallest_test_position(n, folds, horizon, step, gap):
    try:
        found = walk_forward(n, folds=folds, horizon=horizon, step=step, gap=gap)
    except ForecastError:
        assert n - horizon - (folds - 1) * step - gap < 1
        return
    assert [fold.in_order for fold in found] == [True] * folds
    assert all(min(fold.test) - max(fold.train) == gap + 1 for fold in found)
    assert all(later.test[0] - fold.test[0] == step for fold, later in pairwise(found))
    assert (found[-1].test[-1], found[0].ahead) == (n - 1, 0)


def test_the_folds_of_the_syllabus():
    assert [str(fold) for fold in walk_forward(100, folds=5, horizon=10)][:2] == [
        "train 0 to 49, test 50 to 59",
        "train 0 to 59, test 60 to 69",
    ]
    first = block_folds(100)[0]
    assert str(first) == "train 20 to 99, test 0 to 19"
    assert (first.in_order, first.ahead) == (False, 80)


@given(st.integers(4, 60), st.integers(2, 4), st.integers(0, 99))
def test_shuffled_folds_test_each_value_once_and_train_on_the_future(n, folds, seed):
    found = shuffled_folds(n, folds=folds, seed=seed)
    assert sorted(position for fold in found for position in fold.test) == [*range(n)]
    assert all(sorted([*fold.train, *fold.test]) == [*range(n)] for fold in found)
    assert sum(fold.in_order for fold in found) <= 1
    assert found == shuffled_folds(n, folds=folds, seed=seed)


def test_blocks_are_scikit_learns():
    theirs = [(train.tolist(), test.tolist()) for train, test in KFold(4).split(range(22))]
    assert [(fold.train, fold.test) for fold in block_folds(22, folds=4)] == theirs


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"folds": 0}, "`folds` is 0"),
        ({"gap": -1}, "`gap` is -1"),
        ({"window": 0}, "`window` is 0"),
        ({"folds": 3, "horizon": 4}, "13 are needed"),
        ({"folds": 2, "horizon": 2, "window": 8}, "12 are needed"),
    ],
)
def test_what_cannot_be_split_is_refused_and_says_what_is_needed(settings, said):
    with pytest.raises(ForecastError, match=said):
        walk_forward(11, **settings)


def test_as_many_values_as_it_says_are_enough():
    assert walk_forward(13, folds=3, horizon=4)[0] == Fold(range(1), range(1, 5))
    with pytest.raises(ForecastError, match="3 folds of 2 values"):
        shuffled_folds(2, folds=3)
