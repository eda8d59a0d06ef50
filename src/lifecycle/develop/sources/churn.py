"""Churn defined from inactivity: purchases become one row a customer, seen from a cut-off date.

Nobody tells a shop that they have left. So the label is a definition, and belongs on the table: a customer who bought
up to the cut-off date has *churned* when no purchase follows within the window. Features are made of the purchases up to
the cut-off date alone: what happens later decides the label and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.develop.sources.schema import Column, Table
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

CUT_OFF = "1997-09-30"
WINDOW_DAYS = 180
RECENT_DAYS = 90

PURCHASES = Table(
    columns=(
        Column("customer_id", "int64", "number of the customer, 1 to 23,570", low=1),
        Column("date", "datetime64[us]", "day of the purchase"),
        Column("cds", "int64", "CDs bought", low=1),
        Column("usd", "float64", "price paid", "USD", low=0),
    )
)

CUSTOMERS = Table(
    columns=(
        Column("customer_id", "int64", "number of the customer", low=1),
        Column("recency", "int64", "days since the last purchase", "days", low=0),
        Column("tenure", "int64", "days since the first purchase", "days", low=0),
        Column("frequency", "int64", "days with a purchase after the first such day", "days", low=0),
        Column("cds", "int64", "CDs bought in all", low=1),
        Column("spend", "float64", "price paid in all", "USD", low=0),
        Column("monetary", "float64", "mean price paid on a day with a purchase", "USD", low=0),
        Column("largest", "float64", "largest price paid on one day", "USD", low=0),
        Column("first_spend", "float64", "price paid on the first day", "USD", low=0),
        Column("recent_frequency", "int64", "days with a purchase in the last 90 days", "days", low=0),
        Column("recent_spend", "float64", "price paid in the last 90 days", "USD", low=0),
        Column("churned", "int64", "1 where nothing was bought in the 180 days after the cut-off", values=(0, 1)),
    ),
    key="customer_id",
)


def customers(
    purchases: pd.DataFrame,
    *,
    cut_off: str = CUT_OFF,
    window_days: int = WINDOW_DAYS,
) -> pd.DataFrame:
    """One row for each customer who bought up to `cut_off`, as seen on the evening of that day.

    Parameters
    ----------
    purchases : DataFrame
        As `PURCHASES` describes it; the order of rows does not matter.
    cut_off : str
        Last day that features may see, as ``"1997-09-30"``.
    window_days : int
        Days after the cut-off in which a purchase keeps a customer, at least 1.

    Returns
    -------
    DataFrame
        As `CUSTOMERS` describes it, ordered by customer.

    Raises
    ------
    DataError
        When the window is empty or ends after the last purchase known (the label would count unseen days as churn),
        or when nobody bought up to the cut-off.
    """
    import pandas as pd

    last_day = pd.Timestamp(cut_off)
    end = last_day + pd.Timedelta(days=window_days)
    if window_days < 1 or end > purchases["date"].max():
        raise DataError(
            f"the window of {window_days:,} days after {cut_off} does not lie within the purchases known",
            tried=f"purchases end on {purchases['date'].max():%Y-%m-%d}",
            remedy="choose an earlier cut-off or a shorter window, of one day or more",
        )
    before = purchases[purchases["date"] <= last_day]
    if before.empty:
        raise DataError(f"nobody bought anything up to {cut_off}", remedy="choose a later cut-off")
    after = purchases[(purchases["date"] > last_day) & (purchases["date"] <= end)]
    features = _features(before, last_day)
    features["churned"] = (~features["customer_id"].isin(after["customer_id"])).astype("int64")
    return features


def _features(before: pd.DataFrame, last_day: pd.Timestamp) -> pd.DataFrame:
    import pandas as pd

    days = before.groupby(["customer_id", "date"], as_index=False)[["cds", "usd"]].sum()
    each = days.groupby("customer_id")
    recent = days[days["date"] > last_day - pd.Timedelta(days=RECENT_DAYS)].groupby("customer_id")
    made = pd.DataFrame(
        {
            "recency": (last_day - each["date"].max()).dt.days,
            "tenure": (last_day - each["date"].min()).dt.days,
            "frequency": each.size() - 1,
            "cds": each["cds"].sum(),
            "spend": each["usd"].sum(),
            "monetary": each["usd"].mean(),
            "largest": each["usd"].max(),
            "first_spend": each["usd"].first(),
        }
    )
    made["recent_frequency"] = recent.size().reindex(made.index, fill_value=0)
    made["recent_spend"] = recent["usd"].sum().reindex(made.index, fill_value=0.0)
    money = ["spend", "monetary", "largest", "first_spend", "recent_spend"]
    made[money] = made[money].round(2)
    return made.reset_index()
