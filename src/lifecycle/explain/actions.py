"""What somebody could do, and what their record would look like then.

A counterfactual on model inputs finds rows that cannot exist: late in September by one column and on time by the next.
Actions work on the *raw* row instead, and change all of it that they would change in the world: whoever pays more owes less,
and whoever waits a month has another month on record. Features are made anew from the result.

The actions are simple by intention. Two questions stay open whatever they are: whether the person can do it, and whether the
outcome would follow the score. A customer who is given a coupon buys once more, and is no more loyal for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.explain.contributions import ExplanationError
from lifecycle.explain.counterfactual import Lever

if TYPE_CHECKING:
    import pandas as pd

_MONTHS = 6
_CD_USD = 15


@dataclass(frozen=True, eq=False)
class Actions:
    """The actions open to one raw row.

    Attributes
    ----------
    levers : tuple of Lever
        One an action, in the action's own unit.
    idle : DataFrame of one row
        The setting in which nothing is done, a column a lever.
    apply : callable
        Takes settings (a column a lever, a row each) and gives the raw rows that would result.
    """

    levers: tuple[Lever, ...]
    idle: pd.DataFrame
    apply: Callable[[pd.DataFrame], pd.DataFrame]


def actions_for(use_case: str, row: pd.DataFrame) -> Actions:
    """The actions of a use case for one of its raw rows.

    Parameters
    ----------
    use_case : {"credit", "fraud", "churn"}
        credit: ``months`` of paying every bill on time, and an ``extra`` payment now, in hundredths of the limit. churn:
        ``orders`` on different days, the last of them today, and their ``price`` (USD). fraud: ``share`` of the amount, and
        ``later`` (hours); what a thief could vary, so keep it to yourself.
    row : DataFrame of one raw row

    Raises
    ------
    ExplanationError
        When the use case has no actions, or there is not one row.
    """
    import pandas as pd

    if len(row) != 1:
        raise ExplanationError(f"actions are for one row, not {len(row):,}", where="row")
    if use_case not in _KINDS:
        raise ExplanationError(f"no actions are known for `{use_case}`", where="use_case", tried=", ".join(_KINDS))
    levers, idle, change = _KINDS[use_case]

    def apply(settings: pd.DataFrame) -> pd.DataFrame:
        many = row.loc[row.index.repeat(len(settings))].reset_index(drop=True)
        return change(many, settings.reset_index(drop=True))

    return Actions(levers, pd.DataFrame([idle]), apply)


def _credit(rows: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """Wait and pay on time: the record moves back a month at a time, and the newest bill is carried forward."""
    made = rows.copy()
    paid = (settings["extra"] / 100 * rows["limit_bal"]).clip(upper=rows["bill_amt1"].clip(lower=0))
    for months in sorted(set(settings["months"].astype(int))):
        these = settings["months"].astype(int) == months
        for i in range(1, _MONTHS + 1):
            before = max(1, i - months)
            made.loc[these, f"pay_{i}"] = -1 if i <= months else rows.loc[these, f"pay_{before}"]
            for kind in ("bill_amt", "pay_amt"):
                made.loc[these, f"{kind}{i}"] = rows.loc[these, f"{kind}{before}"]
    whole = paid.round().astype("int64")
    return made.assign(bill_amt1=made["bill_amt1"] - whole, pay_amt1=made["pay_amt1"] + whole)


def _churn(rows: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """Order again: the last purchase is today's, and counts and sums grow."""
    orders, price = settings["orders"], settings["price"]
    spent = orders * price
    made = rows.assign(
        frequency=rows["frequency"] + orders,
        recent_frequency=rows["recent_frequency"] + orders,
        spend=rows["spend"] + spent,
        recent_spend=rows["recent_spend"] + spent,
        cds=rows["cds"] + orders * (price / _CD_USD).round(),
        largest=rows["largest"].where((orders == 0) | (price <= rows["largest"]), price),
        recency=rows["recency"].where(orders == 0, 0),
    )
    return made.assign(monetary=(made["spend"] / (made["frequency"] + 1)).round(2))


def _fraud(rows: pd.DataFrame, settings: pd.DataFrame) -> pd.DataFrame:
    """Ask for less, or at another time of day; the anonymous components stay."""
    amount = (rows["Amount"] * settings["share"]).round(2)
    return rows.assign(Amount=amount, Time=rows["Time"] + 3_600 * settings["later"])


_KINDS = {
    "credit": (
        (Lever("months", tuple(range(7))), Lever("extra", tuple(range(0, 101, 5)), 0.1)),
        {"months": 0, "extra": 0},
        _credit,
    ),
    "churn": (
        (Lever("orders", tuple(range(6))), Lever("price", tuple(range(15, 106, 15)), 1 / 30)),
        {"orders": 0, "price": _CD_USD},
        _churn,
    ),
    "fraud": (
        (Lever("share", tuple(n / 20 for n in range(1, 21)), 2.0), Lever("later", tuple(range(24)), 0.1)),
        {"share": 1.0, "later": 0},
        _fraud,
    ),
}
