"""A table of metrics: what goes to a person, and which share of positives it needs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop import Confusion
from lifecycle.errors import DataError
from lifecycle.iterate import implied_positives, wide_changes


def test_a_wide_change_goes_to_a_person_whatever_its_direction():
    found = wide_changes({"a": 0.8, "b": 50, "c": 0.5, "d": 0, "e": 1.0}, {"a": 0.81, "b": 45, "c": 0.6, "d": 1, "e": 1.05})
    assert [each.to_a_person for each in found] == [False, True, True, True, False]
    assert [each.metric for each in found] == list("abcde")
    assert found[1].relative == pytest.approx(-0.1)


def test_a_metric_that_only_one_version_has_is_no_comparison():
    with pytest.raises(DataError, match="recall"):
        wide_changes({"accuracy": 0.9, "recall": 0.5}, {"accuracy": 0.9})


@given(st.floats(0.05, 0.5), st.floats(0.3, 0.97), st.floats(0.3, 0.97))
def test_the_share_lies_between_the_limits_that_rounded_metrics_leave(prevalence, precision, recall):
    if prevalence * recall * (1 / precision - 1) > 1 - prevalence:
        return  # more false alarms than negatives
    true = Confusion.from_rates(prevalence=prevalence, precision=precision, recall=recall)
    if not 0.01 <= true.accuracy < 0.99:
        return  # all right or all wrong but for rounding
    low, high = implied_positives(*(round(value, 2) for value in (true.accuracy, true.precision, true.recall)))
    assert low - 1e-9 <= prevalence <= high + 1e-9


def test_limits_close_in_on_the_share_with_more_digits():
    widths = [np.ptp(implied_positives(0.92, 0.88, 0.85, digits=digits)) for digits in (2, 4, 8)]
    assert widths[0] > 50 * widths[1] > 50 * widths[2]
    with pytest.raises(DataError, match="more digits"):
        implied_positives(0.999, 0.88, 0.85)
