"""Months of card payments in which the truth is known: schemes of fraud that come in turn, and honest people with odd ways.

Made up, with shapes that the trade describes: a stolen card is used far from home, at night, for goods that can be sold;
stolen numbers are tried out by machines with many tiny payments; accounts are taken over and emptied; and travellers look
stranger than most thieves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

INPUTS = ("log_amount", "log_km", "log_gap", "log_device_days", "log_payee_days", "night")
"""What both detectors see: logarithms, since a random cut through a long tail would find nothing but the tail."""

KINDS = ("honest", "odd", "known", "new", "newer")
"""What a payment is: ordinary, honest but unusual, the scheme that was there before, and the two that come later."""


def payments(
    month: int,
    *,
    rows: int = 6_000,
    known: float = 0.008,
    odd: float = 0.02,
    new: float = 0.006,
    new_from: int = 3,
    newer: float = 0.0,
    newer_from: int = 6,
    seed: int = 0,
) -> pd.DataFrame:
    """One month of payments.

    Parameters
    ----------
    month : int
        From 1. The same month and seed give the same payments.
    rows : int
        Payments in the month, 100 or more.
    known, odd, new, newer : float
        Shares of the kinds in the month, which together leave room for honest ones. `new` counts from `new_from` on, and
        `newer` from `newer_from` on.
    new_from, newer_from : int
        The first months of the schemes that come later.
    seed : int
        0 or more.

    Returns
    -------
    DataFrame of shape (rows, 9)
        ``amount`` (EUR), ``hour`` (0 to 23), ``km`` from home, ``gap`` (minutes since the card's last payment),
        ``device_days`` and ``payee_days`` (since device and payee were first seen), ``month``, ``kind`` (one of `KINDS`),
        and ``fraud`` (0 or 1). Nobody has the last two at the time of the payment.

    Raises
    ------
    CaseError
        For a month before the first, too few rows, a seed below 0, or shares that leave no honest payment.
    """
    import numpy as np
    import pandas as pd

    whole = is_whole(month, least=1) and is_whole(rows, least=100) and is_whole(seed, least=0)
    if not (whole and is_whole(new_from) and is_whole(newer_from)):
        raise CaseError(
            "months are counted from 1 and have 100 payments or more, and a seed is 0 or more; all are whole numbers",
            where="hybrid: payments",
            tried=f"month {month}, {rows} rows, seed {seed}, new from {new_from}, newer from {newer_from}",
        )
    shares = {"odd": odd, "known": known, "new": new if month >= new_from else 0.0}
    shares |= {"newer": newer if month >= newer_from else 0.0}
    if not all(is_number(share, least=0) for share in shares.values()) or sum(shares.values()) >= 1:
        raise CaseError("shares of the kinds lie in 0 to 1 and leave room for honest payments", where="hybrid: shares")
    rng = np.random.default_rng([seed, month])
    counts = {kind: round(share * rows) for kind, share in shares.items()}
    counts = {"honest": rows - sum(counts.values())} | counts
    frame = pd.concat([_of_kind(kind, count, rng) for kind, count in counts.items()], ignore_index=True)
    frame = frame.iloc[rng.permutation(len(frame))].reset_index(drop=True)
    frame["month"] = month
    frame["fraud"] = frame["kind"].isin(["known", "new", "newer"]).astype(int)
    return frame


def inputs(frame: pd.DataFrame) -> pd.DataFrame:
    """The columns `INPUTS` of payments: what a detector may see."""
    import numpy as np
    import pandas as pd

    found = {
        f"log_{name}": np.log1p(frame[name].to_numpy(float)) for name in ("amount", "km", "gap", "device_days", "payee_days")
    }
    night = ((frame["hour"] < 6) | (frame["hour"] >= 23)).astype(float).to_numpy()
    return pd.DataFrame(found | {"night": night}, index=frame.index)[list(INPUTS)]


def _of_kind(kind: str, n: int, rng: np.random.Generator) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    day = np.clip(rng.normal(14.5, 4, n), 0, 23).astype(int)
    columns: dict[str, Any] = {
        "amount": rng.lognormal(3.5, 0.9, n),
        "hour": np.where(rng.random(n) < 0.05, rng.integers(0, 24, n), day),
        "km": rng.exponential(8, n),
        "gap": rng.lognormal(6.5, 1.2, n),
        "device_days": rng.exponential(400, n),
        "payee_days": rng.exponential(300, n),
    }
    if kind == "odd":  # abroad, with a telephone bought there, at a hotel never seen before
        columns["amount"] = rng.lognormal(5, 0.9, n)
        columns["km"] = rng.lognormal(7.3, 0.8, n)
        columns["hour"] = rng.integers(0, 24, n)
        columns["payee_days"] = rng.exponential(1, n)
        columns["device_days"] = np.where(rng.random(n) < 0.4, rng.exponential(3, n), columns["device_days"])
    if kind == "known":  # a stolen card: dear goods, at night, some way from home, one payment after the other
        columns["amount"] = rng.lognormal(5.6, 0.7, n)
        columns["km"] = rng.lognormal(3.3, 1.2, n)
        columns["hour"] = np.where(rng.random(n) < 0.6, rng.integers(0, 6, n), columns["hour"])
        columns["gap"] = rng.lognormal(3.8, 1.2, n)
        columns["payee_days"] = rng.exponential(40, n)
    if kind == "new":  # a machine tries out numbers: cents, in the middle of the day, seconds apart
        columns["amount"] = rng.lognormal(-0.3, 0.5, n)
        columns["gap"] = rng.lognormal(-1.5, 0.8, n)
        columns["device_days"] = rng.exponential(2, n)
        columns["payee_days"] = rng.exponential(3, n)
    if kind == "newer":  # an account is taken over, and emptied to a payee of today; from home, by day, with time
        columns["amount"] = rng.lognormal(7.2, 0.4, n)
        columns["gap"] = rng.lognormal(9.5, 0.5, n)
        columns["device_days"] = rng.exponential(1, n)
        columns["payee_days"] = rng.exponential(0.3, n)
    return pd.DataFrame(columns).round({"amount": 2, "km": 1, "gap": 2, "device_days": 1, "payee_days": 1}).assign(kind=kind)
