"""Patrols: the closed form, and what breaks the loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.govern import patrol_years


@given(st.floats(0.2, 0.8), st.floats(0.5, 2), st.tuples(st.integers(500, 2000), st.integers(500, 2000)))
def test_odds_follow_the_closed_form(start, pull, crimes):
    shares = patrol_years(3, start=start, pull=pull, crimes=crimes)["patrols_a"]
    odds = start / (1 - start)
    for share in shares:
        assert share == pytest.approx(odds / (1 + odds))
        odds = (odds * crimes[0] / crimes[1]) ** pull


def test_a_survey_breaks_the_loop_only_from_a_weight_on():
    """Near one half a difference is multiplied by pull * (1 - weight) each year: 1 at a weight of one third."""
    last = {weight: patrol_years(200, outside=weight)["patrols_a"].iloc[-1] for weight in (0.30, 0.36)}
    assert last[0.30] > 0.6
    assert last[0.36] == pytest.approx(0.5, abs=0.01)


def test_arrests_a_patrol_find_the_truth_at_once():
    shares = patrol_years(3, crimes=(1500, 1000), pull=1, per_patrol=True)["patrols_a"]
    assert shares.tolist() == pytest.approx([0.55, 0.6, 0.6, 0.6])


def test_what_is_recorded_follows_patrols_and_not_crime():
    table = patrol_years(2, crimes=(1000, 1000))
    np.testing.assert_allclose(table["recorded_a"], 1000 * table["patrols_a"])
    np.testing.assert_allclose(table["unseen_b"], table["patrols_a"])


def test_chance_is_drawn_from_the_seed_and_right_on_average():
    first = [patrol_years(1, pull=1, seed=seed)["patrols_a"][1] for seed in range(300)]
    assert patrol_years(2, seed=1).equals(patrol_years(2, seed=1))
    assert np.mean(first) == pytest.approx(0.55, abs=0.005)
    assert np.std(first) > 0.005


@pytest.mark.parametrize("wrong", [{"start": 0}, {"start": 1}, {"outside": 1.1}, {"pull": 0}, {"crimes": (0, 5)}])
def test_impossible_towns_are_refused(wrong):
    with pytest.raises(DataError, match=f"`{next(iter(wrong))}` is"):
        patrol_years(1, **wrong)


def test_no_years_are_the_start():
    assert patrol_years(0)["patrols_a"].tolist() == [0.55]
    with pytest.raises(DataError):
        patrol_years(-1)
