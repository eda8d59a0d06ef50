import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.monitor import accuracy_loss, turning_tastes


@given(st.floats(0.01, 1), st.floats(0, 1))
def test_the_relative_loss_is_never_smaller_than_the_points(before, after):
    loss = accuracy_loss(before, after)
    assert before - loss.points / 100 == pytest.approx(after)
    assert abs(loss.relative) >= abs(loss.points) / 100 - 1e-12


@pytest.mark.parametrize(("before", "after"), [(92, 78), (0.9, 1.2), (-0.1, 0.5), (float("nan"), 0.5)])
def test_percentages_are_not_fractions(before, after):
    with pytest.raises(DataError, match="between 0 and 1"):
        accuracy_loss(before, after)


def test_nothing_can_be_lost_from_nothing():
    with pytest.raises(DataError, match="nothing to lose"):
        accuracy_loss(0, 0)


@pytest.mark.parametrize("degrees", [0, 10, 30, 90, 180])
def test_an_old_rule_is_right_as_often_as_the_closed_form_says(degrees):
    offers = turning_tastes(np.random.default_rng(degrees), n_rows=200_000, degrees=degrees, noise=0.08)
    accuracy = ((offers["good_price"] > 0) == offers["bought"]).mean()
    assert accuracy == pytest.approx(0.92 - 0.84 * degrees / 180, abs=0.004)


def test_the_same_generator_gives_the_same_offers():
    first, second = (turning_tastes(np.random.default_rng(1), n_rows=50, degrees=12) for _ in range(2))
    assert first.equals(second)


@pytest.mark.parametrize(("n_rows", "noise"), [(0, 0.1), (10, -0.1), (10, 0.6)])
def test_impossible_worlds_are_refused(n_rows, noise):
    with pytest.raises(DataError, match="n_rows"):
        turning_tastes(np.random.default_rng(0), n_rows=n_rows, degrees=0, noise=noise)
