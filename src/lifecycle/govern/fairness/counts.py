"""What a table of right and wrong decisions says: every rate is one sum of cells over another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from lifecycle.errors import DataError

TP, FP, FN, TN = range(4)

RATES: Mapping[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "base_rate": ((TP, FN), (TP, FP, FN, TN)),
    "selection_rate": ((TP, FP), (TP, FP, FN, TN)),
    "tpr": ((TP,), (TP, FN)),
    "fpr": ((FP,), (FP, TN)),
    "fnr": ((FN,), (TP, FN)),
    "ppv": ((TP,), (TP, FP)),
    "npv": ((TN,), (TN, FN)),
    "accuracy": ((TP, TN), (TP, FP, FN, TN)),
}
"""Each rate by name: the cells above the line, and those below it (0 TP, 1 FP, 2 FN, 3 TN)."""


class GroupCounts(NamedTuple):
    """The decisions on one group, counted.

    Attributes
    ----------
    tp, fp, fn, tn : int
        Positive means decision 1, true means that the label agrees.

    Examples
    --------
    >>> a = GroupCounts(tp=510, fp=60, fn=90, tn=340)
    >>> a.n, a.rate("base_rate"), a.rate("tpr")
    (1000, 0.6, 0.85)
    """

    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def n(self) -> int:
        """Number of people."""
        return sum(self)

    def rate(self, name: str) -> float:
        """One of `RATES`, between 0 and 1; NaN where nobody is below the line.

        Raises
        ------
        DataError
            When there is no such rate, or a count is below 0.
        """
        above, below = cells_of(name)
        if min(self) < 0:
            raise DataError(f"a count is {min(self)}", where=str(self), remedy="count people: 0 or more of each")
        cases = sum(self[cell] for cell in below)
        return sum(self[cell] for cell in above) / cases if cases else float("nan")

    @property
    def rates(self) -> dict[str, float]:
        """All of `RATES` by name."""
        return {name: self.rate(name) for name in RATES}


def cells_of(rate: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The cells of a rate, refused by name where there is none."""
    if rate not in RATES:
        raise DataError(f"no rate `{rate}`", remedy="rates: " + ", ".join(RATES))
    return RATES[rate]
