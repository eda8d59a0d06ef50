"""Which prediction does an event belong to? Where it brings no request id: the latest of this entity, if recent enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.monitor.truth.reconciliation import need_columns, whole_days

if TYPE_CHECKING:
    import pandas as pd


def match_events(
    predictions: pd.DataFrame,
    events: pd.DataFrame,
    *,
    within: int,
    entity: str = "entity",
    made: str = "day",
    happened: str = "day",
    key: str = "request_id",
) -> pd.DataFrame:
    """Give each event the id of the prediction that it is about.

    An event belongs to the latest prediction about its entity that was made on its day or before, and at most `within` days
    before: a client is scored many times, and a default in June says nothing about the decision of January a year ago.

    Parameters
    ----------
    predictions : DataFrame
        Columns `key`, `entity` and `made` (day, whole number).
    events : DataFrame
        Columns `entity` and `happened` (day); others are kept.
    within : int
        The longest time between decision and event, in days; 0 or more.
    entity, made, happened, key : str
        Names of the columns.

    Returns
    -------
    DataFrame
        The events in their order, with the column `key`: missing where no prediction is recent enough.

    Raises
    ------
    DataError
        When a column or a day is missing, a day is no whole number (as a date), or `within` is negative.
    """
    import pandas as pd

    if within < 0:
        raise DataError(f"`within` is {within}: an event cannot come before its prediction")
    need_columns(predictions, (key, entity, made), where="predictions")
    need_columns(events, (entity, happened), where="events")
    when, decided = whole_days(events[happened], where="events"), whole_days(predictions[made], where="predictions")
    left = events.drop(columns=key, errors="ignore").assign(_place=range(len(events)), _when=when)
    left = left.sort_values("_when", kind="stable")
    right = predictions[[key, entity]].assign(_when=decided).sort_values("_when", kind="stable")
    found = pd.merge_asof(left, right, on="_when", by=entity, direction="backward", tolerance=within)
    found = found.sort_values("_place").drop(columns=["_place", "_when"])
    found.index = events.index
    return found
