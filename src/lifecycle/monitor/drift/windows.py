"""The same comparison window by window, to see when drift began and whether it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.monitor.drift.report import drift_report

if TYPE_CHECKING:
    import pandas as pd


def window_table(
    reference: pd.DataFrame,
    stream: pd.DataFrame,
    *,
    columns: Sequence[str],
    by: str = "day",
    size: int = 7,
    step: int | None = None,
    bins: int = 10,
    level: float = 0.01,
) -> pd.DataFrame:
    """Compare windows of a stream with the reference, one after the other.

    Parameters
    ----------
    reference : DataFrame
        With `columns`.
    stream : DataFrame
        With `columns` and the number of the day.
    columns : sequence of str
        To compare; the score can be one of them.
    by : str
        Column of whole numbers that say when.
    size, step : int
        Days in a window, and from the first of a window to the first of the next; windows touch where `step` is not given.
        A rest that fills no window is left out.
    bins, level
        As in `drift_report`; p-values are adjusted within a window.

    Returns
    -------
    DataFrame, one row a window and column
        ``first`` and ``last`` day, ``rows``, ``column``, ``KS``, ``PSI``, ``p adjusted``, ``missing now``, ``level``.

    Raises
    ------
    DataError
        When a column is missing, days are no whole numbers, or the stream fills no window.
    """
    import pandas as pd

    if by not in stream.columns:
        raise DataError(f"there is no column `{by}`", where="stream", remedy="name the column of days with `by`")
    step = size if step is None else step
    if size < 1 or step < 1:
        raise DataError(f"windows of {size} days that begin every {step} days: both must be 1 or more")
    days = stream[by]
    if days.empty:
        raise DataError("the stream has no rows: there is no window", where="stream")
    if not pd.api.types.is_integer_dtype(days.dtype):
        raise DataError(f"`{by}` must hold whole numbers, not {days.dtype}", where="stream")
    found = []
    for first in range(int(days.min()), int(days.max()) - size + 2, step):
        window = stream[days.between(first, first + size - 1)]
        if window.empty:
            continue
        table = drift_report(reference, window, columns=columns, bins=bins, level=level).table()
        table.insert(0, "first", first)
        table.insert(1, "last", first + size - 1)
        table.insert(2, "rows", len(window))
        order = {str(name): place for place, name in enumerate(columns)}
        found.append(table.sort_values("column", key=lambda names: names.map(order)))
    if not found:
        raise DataError(f"the stream has no window of {size} days", where="stream", remedy="make `size` smaller")
    shown = ["first", "last", "rows", "column", "KS", "PSI", "p adjusted", "missing now", "level"]
    return pd.concat(found, ignore_index=True)[shown]
