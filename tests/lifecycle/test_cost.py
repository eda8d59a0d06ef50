"""The arithmetic of `lifecycle.develop.objectives.cost`, against calendars, simulated cases and its own inverses."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop.objectives.cost import (
    affordable_rate,
    affordable_unit_cost,
    allowed_downtime,
    error_cost,
    monthly_cost,
    monthly_volume,
    total_spend,
)
from lifecycle.develop.objectives.quantities import CharterError

money = st.floats(min_value=0.01, max_value=1e9)
rates = st.floats(min_value=0.001, max_value=1e5)
days = st.integers(min_value=1, max_value=366)


@given(rates, days)
def test_the_volume_is_the_rate_times_the_seconds(per_second: float, n: int) -> None:
    assert monthly_volume(per_second, days=n) == pytest.approx(per_second * timedelta(days=n).total_seconds())


@given(money, rates, days)
def test_the_affordable_unit_cost_spends_the_budget(budget: float, per_second: float, n: int) -> None:
    unit_cost = affordable_unit_cost(budget, per_second=per_second, days=n)
    assert monthly_cost(unit_cost, per_second=per_second, days=n) == pytest.approx(budget)


@given(money, rates, days)
def test_the_affordable_rate_spends_the_budget(budget: float, unit_cost: float, n: int) -> None:
    per_second = affordable_rate(budget, unit_cost=unit_cost, days=n)
    assert monthly_cost(unit_cost, per_second=per_second, days=n) == pytest.approx(budget)


@given(money, money, st.integers(min_value=0, max_value=60))
def test_spending_month_by_month_gives_the_total(setup: float, monthly: float, months: int) -> None:
    assert total_spend(setup=setup, monthly=monthly, months=months) == pytest.approx(setup + sum([monthly] * months))


@given(st.floats(min_value=0, max_value=1), days)
def test_time_up_and_time_down_are_the_whole(availability: float, n: int) -> None:
    up = availability * timedelta(days=n) / timedelta(minutes=1)
    assert up + allowed_downtime(availability, days=n) == pytest.approx(n * 24 * 60)


def test_error_cost_is_the_mean_over_cases() -> None:
    truth = np.repeat([1, 1, 0, 0], [30, 20, 90, 860])
    alert = np.repeat([1, 0, 1, 0], [30, 20, 90, 860])
    paid = np.select([(truth == 1) & (alert == 0), (truth == 0) & (alert == 1)], [122.0, 5.0], 0.0)
    expected = error_cost(prevalence=0.05, tpr=0.6, fpr=90 / 950, missed=122, false_alarm=5)
    assert expected == pytest.approx(paid.mean())


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda: monthly_cost(-0.01, per_second=1), "unit_cost"),
        (lambda: monthly_cost(0.01, per_second=float("nan")), "per_second"),
        (lambda: monthly_volume(1, days=0), "days"),
        (lambda: affordable_unit_cost(100, per_second=0), "per_second"),
        (lambda: affordable_rate(100, unit_cost=0), "unit_cost"),
        (lambda: total_spend(setup="1000", monthly=1), "setup"),
        (lambda: allowed_downtime(99.99), "availability"),
        (lambda: error_cost(prevalence=0.1, tpr=0.5, fpr=0.1, missed=-1, false_alarm=0), "missed"),
    ],
)
def test_amounts_that_mean_nothing_are_refused_by_name(call, field: str) -> None:
    with pytest.raises(CharterError) as raised:
        call()
    assert raised.value.where == field
