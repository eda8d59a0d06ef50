"""Decisions and their late outcomes in money: what a day earned, and what finance could book on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.monitor.truth.reconciliation import Reconciliation

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Prices:
    """What decisions are worth against doing nothing at all.

    Attributes
    ----------
    caught : float
        Loss prevented by a right flag.
    false_alarm : float
        Cost of a wrong one, 0 or more.
    flag : float
        Cost of handling any flag, right or wrong, 0 or more.

    Notes
    -----
    A missed positive costs what it would have cost without the model, so it is 0 here. Whoever counts it as a loss of the
    model counts it twice: once more when a better model is compared with this one.
    """

    caught: float
    false_alarm: float
    flag: float = 0.0

    def __post_init__(self) -> None:
        for name in ("caught", "false_alarm", "flag"):
            if not 0 <= getattr(self, name) < math.inf:
                raise DataError(f"`{name}` is {getattr(self, name):g}: an amount of 0 or more is wanted")

    def worth(self, *, tp: float, fp: float) -> float:
        """Worth of so many right and wrong flags."""
        return tp * (self.caught - self.flag) - fp * (self.false_alarm + self.flag)


def observed_value(reconciled: Reconciliation, prices: Prices) -> float:
    """Worth of all decisions whose outcome is known; the others count as nothing yet."""
    now = reconciled.standing
    return prices.worth(tp=now.tp, fp=now.fp)


def daily_value(reconciled: Reconciliation, prices: Prices) -> pd.DataFrame:
    """Value by the day of the decision and by the day on which it became known.

    Returns
    -------
    DataFrame
        Index ``day`` from the first decision to `as_of`; ``earned`` (worth of that day's decisions, by what is known on
        `as_of`: a correction restates it), ``booked`` (by how much the outcomes of that day changed what the decisions were
        believed to be worth: a correction is booked on its own day, with the difference, and no past day ever changes),
        ``cumulative`` (of ``booked``; on the last day `observed_value`) and ``maturity`` (share of that day's decisions with
        an outcome; nan on a day without any).

    Raises
    ------
    DataError
        When there is no decision.
    """
    import pandas as pd

    rows = reconciled.rows
    if rows.empty:
        raise DataError(f"no decision was made by day {reconciled.as_of}")
    days = pd.RangeIndex(int(rows["made"].min()), reconciled.as_of + 1, name="day")
    earned = _worth(rows["decision"], rows["label"], prices)
    news = reconciled.outcomes
    believed = _worth(rows["decision"].iloc[news["row"]].set_axis(news.index), news["label"], prices)
    change = believed - believed.groupby(news["row"]).shift(fill_value=0.0)
    table = pd.DataFrame(
        {
            "earned": earned.groupby(rows["made"]).sum().reindex(days, fill_value=0.0),
            "booked": change.groupby(news["known"].astype(int)).sum().reindex(days, fill_value=0.0),
        }
    )
    table["cumulative"] = table["booked"].cumsum()
    table["maturity"] = rows["label"].notna().groupby(rows["made"]).mean().reindex(days)
    return table


def _worth(decision: pd.Series, label: pd.Series, prices: Prices) -> pd.Series:
    flagged = decision == 1
    return (flagged & (label == 1)) * prices.worth(tp=1, fp=0) + (flagged & (label == 0)) * prices.worth(tp=0, fp=1)
