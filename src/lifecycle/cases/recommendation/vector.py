"""A customer as a vector of fixed length: structure, history and context, as of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole
from lifecycle.cases.recommendation.days import days_of

if TYPE_CHECKING:
    import pandas as pd

COMPUTED = (
    "bought_7", "bought_28", "spent_28", "views_7", "rise", "answered", "days_to_summer", "days_to_payday",
)  # fmt: skip


def customer_vector(
    events: pd.DataFrame,
    *,
    at: date,
    structure: Mapping[str, float] = MappingProxyType({}),
    summer: tuple[int, int] = (6, 21),
    payday: int = 25,
) -> dict[str, float]:
    """One customer on the morning of the day `at`: who they are, what happened before, and what lies ahead.

    Parameters
    ----------
    events : DataFrame
        Columns ``day`` (dates or times), ``kind`` (``"view"``, ``"shown"``, ``"click"`` or ``"purchase"``), ``amount``. Rows
        of the day itself or later are not looked at: on that morning nobody knew them.
    at : date
    structure : mapping of str to float
        What does not happen but is: age, gender, place, trade; a category as a 0 or 1 for each of its values. The same names
        for all customers, or the vectors have no common length; none of the eight below.
    summer : (int, int)
        Month and day on which it begins; a day that every year has.
    payday : int
        Day of the month, 1 to 28.

    Returns
    -------
    dict of str to float
        The `structure` as it was given, then eight numbers: ``bought_7`` and ``bought_28`` (purchases in so many days),
        ``spent_28``, ``views_7``, ``rise`` (views of the last week, over those of a mean week of the last four, 1 without
        views), ``answered`` (clicks among what was shown, 0 without), ``days_to_summer``, ``days_to_payday``.

    Raises
    ------
    CaseError
        When a column is missing, a day unreadable, the payday or the summer is none, or the structure has something else
        than finite numbers, or a name that is taken.
    """
    import pandas as pd

    missing = [name for name in ("day", "kind", "amount") if name not in events]
    _must(not missing, f"no column `{', '.join(missing)}`")
    _must(is_whole(payday, least=1, most=28), f"a payday of {payday} is not in every month")
    _must(_in_every_year(summer), f"a summer that begins on {summer} does not begin every year")
    odd = [name for name, value in structure.items() if not (isinstance(value, bool) or is_number(value))]
    split = "write a category as a 0 or 1 for each of its values"
    _must(not odd, f"`{', '.join(odd)}` of the structure is no number", split)
    taken = [name for name in COMPUTED if name in structure]
    _must(not taken, f"`{', '.join(taken)}` of the structure is computed from the events", "give it another name")
    days = days_of(events["day"]).dt.normalize()
    _must(not days.isna().any(), f"`day` is missing or unreadable in {days.isna().sum()} of {len(days)} rows")
    age = (pd.Timestamp(at) - days).dt.days
    seen, kind = events[age > 0], events.loc[age > 0, "kind"]
    week, month = age[age > 0] <= 7, age[age > 0] <= 28
    views_28 = float((month & (kind == "view")).sum())
    shown = float((kind == "shown").sum())
    views_7 = float((week & (kind == "view")).sum())
    return {name: float(value) for name, value in structure.items()} | {
        "bought_7": float((week & (kind == "purchase")).sum()),
        "bought_28": float((month & (kind == "purchase")).sum()),
        "spent_28": float(seen.loc[month & (kind == "purchase"), "amount"].sum()),
        "views_7": views_7,
        "rise": views_7 / (views_28 / 4) if views_28 else 1.0,
        "answered": float((kind == "click").sum()) / shown if shown else 0.0,
        "days_to_summer": float((_next(at, *summer) - at).days),
        "days_to_payday": float(
            ((at if at.day <= payday else at.replace(day=1) + timedelta(days=32)).replace(day=payday) - at).days
        ),
    }


def _must(holds: bool, said: str, remedy: str = "") -> None:
    if not holds:
        raise CaseError(said, where="recommendation: customer_vector", remedy=remedy)


def _in_every_year(summer: tuple[int, int]) -> bool:
    try:
        month, day = summer
        date(2025, month, day)  # which has no 29 February
    except (TypeError, ValueError):
        return False
    return True


def _next(at: date, month: int, day: int) -> date:
    this = date(at.year, month, day)
    return this if this >= at else date(at.year + 1, month, day)
