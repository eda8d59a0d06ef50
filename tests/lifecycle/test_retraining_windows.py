"""From which rows a successor learns, judged walking forward."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lifecycle.errors import DataError
from lifecycle.iterate import Strategy, compare_windows, decay_weights, effective_rows, walk_forward


def mean_of(rows, weights):
    return float(np.average(rows["y"], weights=weights))


def closeness(model, rows):
    return -abs(model - float(rows["y"].mean()))


def periods(values, n=2):
    return [pd.DataFrame({"y": [float(value)] * n}) for value in values]


def test_weights_halve_every_half_life():
    assert decay_weights([0, 4, 8], half_life=4).tolist() == [1.0, 0.5, 0.25]


@given(st.integers(1, 50), st.floats(0.1, 9))
@settings(max_examples=40, deadline=None)
def test_equal_weights_are_worth_their_number_and_others_less(n, weight):
    assert effective_rows([weight] * n) == pytest.approx(n)
    assert effective_rows([weight] * n + [weight / 2]) < n + 1


@pytest.mark.parametrize(
    ("how", "rows", "weights"),
    [
        ({}, [1, 1, 2, 2, 3, 3], None),
        ({"window": 2}, [2, 2, 3, 3], None),
        ({"window": 9}, [1, 1, 2, 2, 3, 3], None),
        ({"half_life": 1}, [1, 1, 2, 2, 3, 3], [0.25, 0.25, 0.5, 0.5, 1, 1]),
        ({"window": 2, "half_life": 2}, [2, 2, 3, 3], [0.5**0.5, 0.5**0.5, 1, 1]),
    ],
)
def test_a_window_takes_the_newest_periods_and_decay_weighs_them(how, rows, weights):
    def note(given, weighed):
        assert given["y"].tolist() == rows
        assert (None if weighed is None else weighed.tolist()) == (None if weights is None else pytest.approx(weights))
        return 0.0

    walk_forward(periods([1, 2, 3, 4]), {"one": Strategy(note, **how)}, judge=closeness, start=3)


def test_the_model_knows_only_labels_that_have_arrived():
    heard = []

    def note(rows, weights):
        heard.append(rows["y"].max())
        return 0.0

    walk_forward(periods(range(8)), {"all": Strategy(note)}, judge=closeness, start=4, delay=2)
    assert heard == [1, 2, 3, 4]  # in period 4 the labels of periods 0 and 1 are known


def test_between_two_retrainings_the_model_stays():
    table = walk_forward(periods(range(8)), {"last": Strategy(mean_of, window=1)}, judge=closeness, start=2, every=3)
    assert table["value"].tolist() == [-1, -2, -3, -1, -2, -3]
    assert table["fits"].tolist() == [1, 1, 1, 2, 2, 2]
    assert table["rows"].tolist() == [2] * 6


def test_incremental_learning_sees_each_row_once():
    seen = []

    def update(model, new):
        seen.extend(new["y"])
        return model

    start, every = 3, 2
    walk_forward(periods(range(9), n=1), {"on": Strategy(mean_of, update=update)}, judge=closeness, start=start, every=every)
    assert seen == [3, 4, 5, 6]


def test_an_update_without_new_labels_changes_nothing():
    fail = Strategy(mean_of, update=lambda model, new: model if len(new) else pytest.fail("nothing is new"))
    table = walk_forward(periods([1, 1, 1]), {"on": fail}, judge=closeness, start=1)
    assert table["value"].tolist() == [0, 0]


def test_all_windows_are_judged_on_the_same_periods():
    """The short window would shine on the early periods that the long one cannot answer."""
    values = [0, 0, 0, 0, 10, 0, 10, 0, 10]
    table = compare_windows(periods(values), [1, 4], fit=mean_of, judge=closeness).set_index("window")
    expected = {
        window: np.mean([-abs(np.mean(values[now - window : now]) - values[now]) for now in range(4, 9)])
        for window in (1, 4)
    }
    assert table["value"].to_dict() == pytest.approx(expected)
    assert table["worst"].to_dict() == pytest.approx({1: -10, 4: -10})


def test_windows_that_the_periods_do_not_tell_apart_are_called_near_the_best():
    """By a paired t statistic of at most 2, computed by scipy."""
    rng = np.random.default_rng(3)
    world = [pd.DataFrame({"y": rng.normal(0, 1, 4)}) for _ in range(200)]
    windows = [1, 2, 8, 12]
    table = compare_windows(world, windows, fit=mean_of, judge=closeness).set_index("window")
    strategies = {window: Strategy(mean_of, window) for window in windows}
    values = walk_forward(world, strategies, judge=closeness, start=12).pivot(
        index="period", columns="strategy", values="value"
    )
    best = table["value"].idxmax()
    expected = {w: w == best or bool(abs(stats.ttest_rel(values[w], values[best]).statistic) <= 2) for w in windows}
    assert table["near_best"].to_dict() == expected
    assert len(set(expected.values())) == 2


def test_the_first_model_of_an_incremental_learner_keeps_to_its_window():
    table = walk_forward(
        periods(range(5)), {"on": Strategy(mean_of, window=1, update=lambda model, new: model)}, judge=closeness, start=3
    )
    assert table["value"].tolist() == [-1, -2]


def test_where_nothing_moves_more_rows_are_better_and_after_a_jump_fewer():
    rng = np.random.default_rng(14)
    still = [pd.DataFrame({"y": rng.normal(0, 1, 5)}) for _ in range(60)]
    moved = [week + (10 if place >= 30 else 0) for place, week in enumerate(still)]
    best = [
        compare_windows(world, [1, 4, 20], fit=mean_of, judge=closeness).sort_values("value")["window"].iloc[-1]
        for world in (still, moved)
    ]
    assert best[0] == 20
    assert best[1] < 20


@pytest.mark.parametrize(
    "broken",
    [
        lambda: decay_weights([0], half_life=0),
        lambda: decay_weights([-1], half_life=2),
        lambda: decay_weights([float("nan")], half_life=2),
        lambda: effective_rows([]),
        lambda: effective_rows([0, 0]),
        lambda: effective_rows([1, -1]),
        lambda: Strategy(mean_of, window=0),
        lambda: Strategy(mean_of, half_life=0),
        lambda: Strategy(mean_of, half_life=-1),
        lambda: Strategy(mean_of, half_life=float("nan")),
        lambda: compare_windows(periods([1]), [], fit=mean_of, judge=closeness),
        lambda: walk_forward(periods([1, 2]), {}, judge=closeness, start=2),
        lambda: walk_forward(periods([1, 2]), {}, judge=closeness, start=1, delay=1),
        lambda: walk_forward(periods([1, 2]), {}, judge=closeness, every=0),
    ],
)
def test_nonsense_is_refused(broken):
    with pytest.raises(DataError):
        broken()
