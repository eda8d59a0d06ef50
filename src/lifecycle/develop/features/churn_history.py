"""Customers as they looked on several evenings, and what became of them: features and labels with a time each.

`lifecycle.develop.sources.churn.customers` looks from one cut-off date. A shop looks again every month, and a customer then
has several rows, each true from its evening on. That is what a feature store is made for: which row belongs to which label
is a question of time.

A day's purchases are complete when it ends. So what is seen "on the evening of" 30 June is known from midnight, the first
moment of 1 July: that is its `event_time`, and the label asked on that evening has the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lifecycle.develop.sources import churn
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def churn_history(purchases: pd.DataFrame, *, dates: Sequence[str]) -> pd.DataFrame:
    """The features of each customer on the evening of each date, made of the purchases up to it alone.

    Parameters
    ----------
    purchases : DataFrame
        As `lifecycle.develop.purchases` gives it.
    dates : sequence of str
        Days, as ``"1997-06-30"``, each before the last purchase known.

    Returns
    -------
    DataFrame
        ``entity`` (the customer), ``event_time`` (the midnight that ends the day) and the columns of
        `lifecycle.develop.sources.churn.CUSTOMERS` but for identifier and label, so that `engineer` takes it. Ordered by
        date, then customer; a customer appears from the first purchase on.

    Raises
    ------
    DataError
        For no date, the same date twice, or one outside the purchases known.
    """
    return _stacked(purchases, dates, window_days=1).drop(columns="churned")


def churn_labels(purchases: pd.DataFrame, *, dates: Sequence[str], window_days: int = churn.WINDOW_DAYS) -> pd.DataFrame:
    """Whether each customer known on the evening of each date bought nothing in the `window_days` after it.

    Returns
    -------
    DataFrame
        ``entity``, ``event_time`` (as in `churn_history`) and ``churned``, ordered by date, then customer.

    Raises
    ------
    DataError
        As for `churn_history`, and where a window ends after the last purchase known.
    """
    return _stacked(purchases, dates, window_days=window_days)[["entity", "event_time", "churned"]]


def _stacked(purchases: pd.DataFrame, dates: Sequence[str], *, window_days: int) -> pd.DataFrame:
    import pandas as pd

    if isinstance(dates, str) or not dates or len({pd.Timestamp(date) for date in dates}) < len(dates):
        raise DataError("give one date or more in a list, each once", where="dates", tried=f"given: {dates!r}")
    parts = []
    for date in sorted(dates, key=pd.Timestamp):
        seen = churn.customers(purchases, cut_off=date, window_days=window_days)
        seen = seen.rename(columns={"customer_id": "entity"})
        seen.insert(1, "event_time", (pd.Timestamp(date).normalize() + pd.Timedelta(days=1)).as_unit("us"))
        parts.append(seen)
    return pd.concat(parts, ignore_index=True)
