"""Simulated people around real rows: who comes on which day, and what a decision does to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def visitors(n_rows: int, *, days: int, per_day: int, seed: int = 0) -> pd.DataFrame:
    """Draw who comes, one row a person: each comes once, and stands for one of `n_rows` real rows (with replacement).

    Returns
    -------
    DataFrame
        user (str), day (0-based), row (position among the real rows).
    """
    import numpy as np
    import pandas as pd

    if min(n_rows, days, per_day) < 1:
        raise DataError(f"{n_rows!r} rows, {days!r} days, {per_day!r} a day: nobody comes", where="visitors")
    rng = np.random.default_rng(seed)
    total = days * per_day
    return pd.DataFrame(
        {
            "user": [f"u{number:07d}" for number in range(total)],
            "day": np.repeat(np.arange(days), per_day),
            "row": rng.integers(0, n_rows, total),
        }
    )


def reactions(labels: Any, acted: Any, *, works: float = 0.5, annoyed: float = 0.05, seed: int = 0) -> pd.DataFrame:
    """What becomes of people, given what would have become of them and whether somebody acted. This part is simulated.

    Where the label is 1 and somebody acted, the event is prevented with chance `works`; where nobody acted it happens.
    Whoever is bothered without need (acted on, label 0) complains with chance `annoyed`.

    Parameters
    ----------
    labels, acted : array_like of 0 and 1, one a person
    works, annoyed : float
        Chances, 0 to 1.

    Returns
    -------
    DataFrame
        event, complaint (0 or 1). The same seed draws the same luck for a person whichever way they were treated.
    """
    import numpy as np
    import pandas as pd

    label, action = np.asarray(labels).astype(bool), np.asarray(acted).astype(bool)
    if label.shape != action.shape or label.ndim != 1:
        raise DataError(f"{label.shape} labels and {action.shape} actions do not belong together", where="reactions")
    if not (0 <= works <= 1 and 0 <= annoyed <= 1):
        raise DataError(f"works {works!r} and annoyed {annoyed!r} are chances", where="reactions")
    luck = np.random.default_rng(seed).random((2, len(label)))
    event = label & ~(action & (luck[0] < works))
    complaint = action & ~label & (luck[1] < annoyed)
    return pd.DataFrame({"event": event.astype(int), "complaint": complaint.astype(int)})
