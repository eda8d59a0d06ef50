"""Rows that came twice, and why the place where they are dropped decides whether a score can be believed.

The same row in the training part and in the test part is a leak: a model that remembers answers it without understanding
anything. Dropping duplicates *before* the split prevents it. Dropping them *within each part, after* the split does
not: each part is then clean in itself, and the copy on the other side stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Order = Literal["drop, then split", "split, then drop"]


def repeat_rows(frame: pd.DataFrame, *, copies: int = 2, share: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """Deliver some rows several times, as a feed does that is sent again after a fault.

    Parameters
    ----------
    frame : DataFrame, n rows
        Left as it is.
    copies : int, 1 or more
        How often a chosen row stands in the result.
    share : float, 0 to 1
        The share of rows that are chosen.
    seed : int
        Decides which rows, and the order of the result.

    Returns
    -------
    DataFrame with ``n + (copies - 1) * round(share * n)`` rows in random order and a fresh index.

    Raises
    ------
    DataError
        For fewer than one copy, or a share outside of 0 to 1.
    """
    import numpy as np

    if copies < 1:
        raise DataError(f"copies={copies}: a row stands there once or more")
    if not 0 <= share <= 1:
        raise DataError(f"share={share:g} is no share of the rows", remedy="use 0 to 1")
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(frame))[: round(share * len(frame))]
    positions = np.concatenate([np.arange(len(frame)), np.repeat(chosen, copies - 1)])
    return frame.iloc[rng.permutation(positions)].reset_index(drop=True)


def split_rows(
    frame: pd.DataFrame, *, order: Order = "drop, then split", test_share: float = 0.25, seed: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Split at random into training and test rows, and drop duplicates at one of two moments.

    Parameters
    ----------
    frame : DataFrame
        With columns whose values can be compared and hashed.
    order : "drop, then split" or "split, then drop"
        The second is the mistake: it keeps copies that lie on both sides.
    test_share : float, between 0 and 1
        The share of rows to test on, of those that are split.
    seed : int
        Of the split.

    Returns
    -------
    (train, test)
        With the index of `frame`; neither holds a row twice.

    Raises
    ------
    DataError
        For an unknown order, or where one part would be empty.
    """
    import numpy as np

    if order not in ("drop, then split", "split, then drop"):
        raise DataError(f"unknown order `{order}`", remedy='use "drop, then split" or "split, then drop"')
    rows = frame.drop_duplicates() if order == "drop, then split" else frame
    held_out = round(test_share * len(rows))
    if not 0 < held_out < len(rows):
        raise DataError(f"a test share of {test_share:g} leaves one part of {len(rows)} rows empty")
    shuffled = np.random.default_rng(seed).permutation(len(rows))
    train, test = rows.iloc[shuffled[held_out:]], rows.iloc[shuffled[:held_out]]
    return train.drop_duplicates(), test.drop_duplicates()
