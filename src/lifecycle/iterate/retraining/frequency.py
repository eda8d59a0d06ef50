"""How often? Each retraining costs, and so does each week on an older model."""

from __future__ import annotations

import math

from lifecycle.errors import DataError


def cost_of_interval(interval: float, *, price: float, wear: float) -> float:
    """Cost a week of retraining every `interval` weeks.

    Parameters
    ----------
    interval : float
        Weeks from one retraining to the next, above 0.
    price : float
        What one retraining costs: machine, checks, people, the risk of a change.
    wear : float
        By how much the loss of a week grows with each week of age, in the same currency: a model that is `a` weeks old
        loses ``wear * a`` a week more than a fresh one.

    Returns
    -------
    float
        ``price / interval + wear * interval / 2``: the age between two retrainings is half the interval on average.

    Raises
    ------
    DataError
        For an interval that is not above 0, or a negative price or wear.
    """
    if not interval > 0:
        raise DataError(f"is {interval:g}, and must be above 0", where="`interval`")
    _not_negative(price=price, wear=wear)
    return price / interval + wear * interval / 2


def best_interval(*, price: float, wear: float) -> float:
    """The interval in weeks with the least cost: ``sqrt(2 * price / wear)``.

    The form is that of the economic order quantity (Harris 1913). Without wear it is infinite: never retrain.
    """
    _not_negative(price=price, wear=wear)
    return math.sqrt(2 * price / wear) if wear > 0 else math.inf


def _not_negative(**values: float) -> None:
    for name, value in values.items():
        if not value >= 0:
            raise DataError(f"is {value:g}, and must be 0 or more", where=f"`{name}`")
