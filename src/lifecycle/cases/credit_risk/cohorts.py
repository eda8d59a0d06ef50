"""Cohorts: what was known at the end of one month, and who turned out bad in the next.

The credit file holds six months of 30,000 clients in one row each. A validation in time needs the same rows month by
month: a cohort is all clients as they stood at the end of a month, with nothing later than that, and their outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.cases.credit_risk.checks import numbers_or_missing, whole
from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import pandas as pd

MONTHS = ("June", "July", "August", "September", "October")
"""Months of 2005 whose outcome can be told from two months of history before them."""

SCORED = {
    "status": "rising",
    "status_before": "rising",
    "limit": "falling",
    "utilisation": "rising",
    "rise": "rising",
    "repaid": "falling",
    "paid": "falling",
}
"""What a score may look at, and how risk goes with it in the judgement of the trade: `rising` means the more, the worse."""

MEANINGS = {
    "status": "months late in the last month (-2 and 0 are not documented, -1 paid duly)",
    "status_before": "months late in the month before",
    "limit": "credit given, thousand TWD",
    "utilisation": "last bill as a share of the limit",
    "rise": "last bill less the one before, as a share of the limit",
    "repaid": "paid in the last month as a share of the bill before; missing where nothing was owed",
    "paid": "paid in the last month as a share of the limit",
}

SOURCES: dict[str, dict[str, object]] = {
    "status": {"column": "pay_{last}"},
    "status_before": {"column": "pay_{before}"},
    "limit": {"column": "limit_bal", "over": 1_000},
    "utilisation": {"column": "bill_amt{last}", "over": "limit_bal", "decimals": 3},
    "rise": {"column": "bill_amt{last}", "less": "bill_amt{before}", "over": "limit_bal", "decimals": 3},
    "repaid": {"column": "pay_amt{last}", "over": "bill_amt{before}", "largest": 9.999, "decimals": 3},
    "paid": {"column": "pay_amt{last}", "over": "limit_bal", "decimals": 3},
}
"""How each column comes from those of the file, as a document states it: a column, `less` another, `over` a third or a
number (missing where that is not above 0), at most `largest`, rounded to `decimals`. ``{last}`` is the month before."""

WATCHED = ("sex", "age", "education")
"""Kept beside, to look at people in groups; no score may use them."""


def cohort(frame: pd.DataFrame, month: str, *, late: int = 1) -> pd.DataFrame:
    """All clients as they stood when `month` began, and whether they were bad in it.

    Parameters
    ----------
    frame : DataFrame
        The credit file: ``limit_bal``, ``pay_1`` to ``pay_6``, ``bill_amt1`` to ``bill_amt6``, ``pay_amt1`` to
        ``pay_amt6`` (1 is September, 6 April 2005), ``default``, ``sex``, ``age``, ``education``.
    month : str
        One of `MONTHS`.
    late : int
        Bad means at least so many months late. For October the file has no status, only whether the payment was missed:
        there the answer is ``default``, whatever `late` is.

    Returns
    -------
    DataFrame, one row a client, index kept
        The columns of `SCORED`, those of `WATCHED`, and ``bad`` (0 or 1).

    Raises
    ------
    CaseError
        For another month, a table that is not the credit file, a limit that is not above 0, or an outcome that is missing.
    """
    import numpy as np
    import pandas as pd

    if month not in MONTHS:
        raise CaseError(f"no cohort of {month!r}", where="credit_risk: month", remedy=f"one of {', '.join(MONTHS)}")
    last = 5 - MONTHS.index(month)  # the column of the month before
    needed = [f"{name}{k}" for name in ("pay_", "bill_amt") for k in (last, last + 1)] + [f"pay_amt{last}", "limit_bal"]
    needed += [*WATCHED, "default" if last == 1 else f"pay_{last - 1}"]
    if absent := [name for name in needed if name not in frame]:
        raise CaseError(f"no column `{absent[0]}`", where="credit_risk: frame", remedy="give the rows of the credit file")
    columns = {name: numbers_or_missing(frame[name], where=f"`{name}`") for name in needed if name not in WATCHED}
    answer = columns[needed[-1]]
    whole(late, where="late", least=1)
    if np.isnan(answer).any():
        raise CaseError("an outcome is missing", where=f"credit_risk: `{needed[-1]}`", remedy="leave these rows out")
    if not (columns["limit_bal"] > 0).all():
        raise CaseError("a limit is not above 0", where="credit_risk: `limit_bal`", remedy="leave these rows out")
    bill, before = frame[f"bill_amt{last}"], frame[f"bill_amt{last + 1}"]
    paid, limit = frame[f"pay_amt{last}"], frame["limit_bal"]
    known = {
        "status": frame[f"pay_{last}"],
        "status_before": frame[f"pay_{last + 1}"],
        "limit": limit / 1_000,
        "utilisation": (bill / limit).round(3),
        "rise": ((bill - before) / limit).round(3),
        "repaid": (paid / before.where(before > 0)).clip(upper=9.999).round(3),
        "paid": (paid / limit).round(3),
    }
    bad = answer if last == 1 else answer >= late
    table = pd.DataFrame(known, index=frame.index).astype(np.float64)
    return table.assign(**{name: frame[name] for name in WATCHED}, bad=bad.astype(np.int64))
