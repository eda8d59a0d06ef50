"""What targets cost: volumes, unit prices, budgets, and the downtime that an availability allows.

Money is in US dollars, time in seconds unless a name says otherwise, and a month has 30 days unless `days` says otherwise.
"""

from __future__ import annotations

from lifecycle.develop.objectives.quantities import amount, rate

SECONDS_A_DAY = 86_400
MINUTES_A_DAY = 1_440


def monthly_volume(per_second: float, *, days: float = 30) -> float:
    """Requests in a month at a sustained rate of `per_second`."""
    return amount(per_second, "per_second") * SECONDS_A_DAY * amount(days, "days", positive=True)


def monthly_cost(unit_cost: float, *, per_second: float, days: float = 30) -> float:
    """What a month costs when each request costs `unit_cost` and they arrive at `per_second` all the time.

    Parameters
    ----------
    unit_cost : float
        Dollars a request.
    per_second : float
        Sustained requests a second, not the peak.
    days : float
        Days in the month.

    Raises
    ------
    CharterError
        When one of them is negative or not a number, naming it.
    """
    return amount(unit_cost, "unit_cost") * monthly_volume(per_second, days=days)


def affordable_unit_cost(budget: float, *, per_second: float, days: float = 30) -> float:
    """Dollars that each request may cost so that a month stays within `budget`."""
    return amount(budget, "budget") / monthly_volume(amount(per_second, "per_second", positive=True), days=days)


def affordable_rate(budget: float, *, unit_cost: float, days: float = 30) -> float:
    """Sustained requests a second that a month's `budget` pays for at `unit_cost` dollars each (not rounded)."""
    return amount(budget, "budget") / (amount(unit_cost, "unit_cost", positive=True) * monthly_volume(1, days=days))


def total_spend(*, setup: float, monthly: float, months: float = 12) -> float:
    """What is paid once plus what is paid each month, over `months`; the default is year one."""
    return amount(setup, "setup") + amount(months, "months") * amount(monthly, "monthly")


def allowed_downtime(availability: float, *, days: float = 30) -> float:
    """Minutes that a service may be down in `days` when it promises `availability`, a share in [0, 1]."""
    return (1 - rate(availability, "availability")) * MINUTES_A_DAY * amount(days, "days", positive=True)


def error_cost(*, prevalence: float, tpr: float, fpr: float, missed: float, false_alarm: float) -> float:
    """Expected cost of a decision's errors: π·(1 − TPR)·missed + (1 − π)·FPR·false_alarm.

    Parameters
    ----------
    prevalence, tpr, fpr : float
        Rates in [0, 1], as in `lifecycle.develop.objectives.feasibility`.
    missed, false_alarm : float
        Dollars lost by a positive that raises no alert, and by a negative that raises one.

    Returns
    -------
    float
        Dollars a decision.
    """
    share = rate(prevalence, "prevalence")
    misses, alarms = share * (1 - rate(tpr, "tpr")), (1 - share) * rate(fpr, "fpr")
    return misses * amount(missed, "missed") + alarms * amount(false_alarm, "false_alarm")
