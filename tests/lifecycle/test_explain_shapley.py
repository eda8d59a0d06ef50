"""Fair shares, against all orders of arrival, and the four properties that define them."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.explain import ExplanationError, check_additivity, groups_of, shapley_of, shapley_values

PLAYERS = ["a", "b", "c", "d"]
worths = st.lists(st.floats(-100, 100), min_size=16, max_size=16)


def game(values):
    return dict(zip(groups_of(PLAYERS), values, strict=True))


def over_all_orders(worth):
    """The definition, word by word."""
    shares = dict.fromkeys(PLAYERS, 0.0)
    orders = list(permutations(PLAYERS))
    for order in orders:
        for place, player in enumerate(order):
            added = worth[frozenset(order[: place + 1])] - worth[frozenset(order[:place])]
            shares[player] += added / len(orders)
    return shares


@given(worths)
@settings(max_examples=40, deadline=None)
def test_values_are_the_average_over_all_orders_of_arrival(values):
    worth = game(values)
    assert shapley_values(worth, PLAYERS) == pytest.approx(over_all_orders(worth), abs=1e-9)


@given(worths)
@settings(max_examples=40, deadline=None)
def test_everything_is_given_out_and_a_callable_is_as_good_as_a_mapping(values):
    worth = game(values)
    shares = shapley_values(worth, PLAYERS)
    assert sum(shares.values()) == pytest.approx(worth[frozenset(PLAYERS)] - worth[frozenset()], abs=1e-9)
    assert shapley_values(lambda group: worth[group], PLAYERS) == shares


@given(worths, worths)
@settings(max_examples=20, deadline=None)
def test_two_games_played_at_once_add_up(first, second):
    both = shapley_values(game(np.add(first, second)), PLAYERS)
    one, other = shapley_values(game(first), PLAYERS), shapley_values(game(second), PLAYERS)
    assert both == pytest.approx({player: one[player] + other[player] for player in PLAYERS}, abs=1e-9)


def test_who_adds_nothing_gets_nothing_and_equals_get_the_same():
    shares = shapley_values(lambda group: 6.0 * ({"a", "b"} <= group), ["a", "b", "idle"])
    assert shares == {"a": 3, "b": 3, "idle": 0}


@pytest.mark.parametrize(
    ("worth", "players", "said"),
    [
        ({(): 0, ("a",): 1}, ["a", "b"], "the group of b is worth is not said"),
        ({("a",): 1}, ["a"], "the group of nobody is worth is not said"),
        ({}, [], "0 players"),
        ({}, [str(n) for n in range(15)], r"15 players make 2\^15 groups"),
        ({}, ["a", "a"], "stands twice"),
    ],
)
def test_a_game_that_cannot_be_divided_says_why(worth, players, said):
    with pytest.raises(ExplanationError, match=said):
        shapley_values(worth, players)


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_line_is_weight_times_distance_from_the_mean(weights, seed):
    rows = pd.DataFrame(np.random.default_rng(seed).normal(size=(7, 3)), columns=["x", "y", "z"])
    account = shapley_of(lambda frame: frame.to_numpy() @ weights + 4, rows.iloc[2], rows)
    wanted = np.array(weights) * (rows.iloc[2] - rows.mean()).to_numpy()
    assert account.values[0] == pytest.approx(wanted, abs=1e-9)
    assert account.base == pytest.approx(4 + float((rows.to_numpy() @ weights).mean()), abs=1e-9)


def test_any_function_adds_up_to_nine_digits():
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(20, 5)), columns=list("abcde"))

    def wild(frame):
        return np.sin(frame["a"] * frame["b"]) * np.where(frame["c"] > 0, 50, frame["d"]) + frame["e"] ** 3

    for number in range(5):
        account = shapley_of(wild, rows.iloc[[number]], rows)
        assert check_additivity(account, wild(rows.iloc[[number]])) < 1e-9


def test_whole_numbers_in_the_background_do_not_round_the_row():
    background = pd.DataFrame({"count": [1, 3]})
    assert shapley_of(lambda frame: frame["count"], pd.DataFrame({"count": [2.5]}), background).scores == [2.5]


@pytest.mark.parametrize(
    ("row", "background", "said"),
    [
        ({"a": [1.0]}, {"a": []}, "no rows"),
        ({"b": [1.0]}, {"a": [1.0]}, "other columns"),
        ({"a": [1.0, 2.0]}, {"a": [1.0]}, "one row is explained at a time"),
        ({"a": [1.0]}, {"a": ["high"]}, "holds no numbers"),
    ],
)
def test_a_row_that_does_not_fit_says_why(row, background, said):
    with pytest.raises(ExplanationError, match=said):
        shapley_of(lambda frame: frame["a"], pd.DataFrame(row), pd.DataFrame(background))


@pytest.mark.parametrize(
    ("score", "said"), [(lambda frame: 1.0, "the shape"), (lambda frame: frame["a"] * np.nan, "not a finite number")]
)
def test_a_score_that_is_no_number_a_row_is_refused(score, said):
    rows = pd.DataFrame({"a": [1.0, 2.0]})
    with pytest.raises(ExplanationError, match=said):
        shapley_of(score, rows.iloc[[0]], rows)
