"""Which definitions of fairness can hold together when base rates differ: the arithmetic, and every table of a size.

With base rate b, true-positive rate t and false-positive rate f, the share of positive decisions that are right is
PPV = b t / (b t + (1 - b) f). That one line is the theorem (Chouldechova 2017; Kleinberg, Mullainathan and Raghavan
2016): t and f may be equal in two groups whatever their base rates are, but then PPV is not, unless f or t is 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.govern.fairness.counts import cells_of
from lifecycle.govern.fairness.inputs import whole

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

NAMED: Mapping[str, tuple[str, ...]] = {
    "demographic parity": ("selection_rate",),
    "equal opportunity": ("tpr",),
    "equalised odds": ("tpr", "fpr"),
    "predictive parity": ("ppv",),
    "equal accuracy": ("accuracy",),
}
"""Definitions by name: the rates that are equal in all groups."""


def implied_ppv(base_rate: float, *, tpr: float, fpr: float) -> float:
    """Share of positive decisions that are right; NaN where nothing is decided positively.

    Examples
    --------
    >>> round(implied_ppv(0.6, tpr=0.9, fpr=0.3), 2), round(implied_ppv(0.3, tpr=0.9, fpr=0.3), 2)
    (0.82, 0.56)
    """
    _within(base_rate=base_rate, tpr=tpr, fpr=fpr)
    hits, false_alarms = base_rate * tpr, (1 - base_rate) * fpr
    return hits / (hits + false_alarms) if hits + false_alarms else float("nan")


def implied_fpr(base_rate: float, *, ppv: float, tpr: float) -> float:
    """False-positive rate that goes with a PPV and a TPR, b / (1 - b) * (1 - PPV) / PPV * TPR.

    A value above 1 means that the two cannot be had together at this base rate.
    """
    _within(base_rate=base_rate, tpr=tpr, ppv=ppv)
    if base_rate == 1 or ppv == 0:
        raise DataError(
            "no false-positive rate follows from a base rate of 1 or a PPV of 0", remedy="there is nobody to divide by"
        )
    return base_rate / (1 - base_rate) * (1 - ppv) / ppv * tpr


def implied_base_rate(*, accuracy: float, fpr: float, fnr: float) -> float:
    """Base rate at which the three rates agree: errors are FNR b + FPR (1 - b).

    Raises
    ------
    DataError
        When FPR and FNR are equal (any base rate will do), or no base rate between 0 and 1 fits.

    Examples
    --------
    >>> round(implied_base_rate(accuracy=0.85, fpr=0.10, fnr=0.20), 6)
    0.5
    """
    _within(accuracy=accuracy, fpr=fpr, fnr=fnr)
    if math.isclose(fnr, fpr, rel_tol=0, abs_tol=1e-9):
        raise DataError(
            "FPR and FNR are equal, so accuracy says nothing about the base rate", remedy="count the base rate from labels"
        )
    found = (1 - accuracy - fpr) / (fnr - fpr)
    if not -1e-9 <= found <= 1 + 1e-9:
        raise DataError(
            f"no base rate gives this accuracy with FPR {fpr:g} and FNR {fnr:g}", remedy="check the three figures"
        )
    return min(1.0, max(0.0, found))


def all_tables(positives: int, negatives: int) -> NDArray[np.int64]:
    """Every table of `positives` and `negatives` people, shape ((positives + 1) (negatives + 1), 4): TP, FP, FN, TN."""
    import numpy as np

    whole("positives", positives, 0)
    whole("negatives", negatives, 0)

    tp, fp = (each.ravel() for each in np.meshgrid(np.arange(positives + 1), np.arange(negatives + 1), indexing="ij"))
    return np.column_stack([tp, fp, positives - tp, negatives - fp])


def pairs_with_equal(first: tuple[int, int], second: tuple[int, int], rates: Sequence[str]) -> NDArray[np.int64]:
    """All pairs of tables of two groups in which each of `rates` exists and is equal, exactly.

    Parameters
    ----------
    first, second : tuple of int
        Positives and negatives of each group.
    rates : sequence of str
        Names from `RATES`.

    Returns
    -------
    array of shape (pairs, 2, 4)
        The two tables of each pair. Compared as whole numbers (cross-multiplied), so nothing is rounded.
    """
    import numpy as np

    one, other = all_tables(*first), all_tables(*second)
    equal = np.ones((len(one), len(other)), dtype=bool)
    for rate in rates:
        above, below = (list(cells) for cells in cells_of(rate))
        a, b = one[:, above].sum(axis=1), one[:, below].sum(axis=1)
        c, d = other[:, above].sum(axis=1), other[:, below].sum(axis=1)
        equal &= (a[:, None] * d == c * b[:, None]) & (b[:, None] > 0) & (d > 0)
    left, right = np.nonzero(equal)
    return np.stack([one[left], other[right]], axis=1)


def what_can_be_equal(
    first: tuple[int, int], second: tuple[int, int], definitions: Mapping[str, Sequence[str]] = NAMED
) -> pd.DataFrame:
    """For each definition and each two of them: how many pairs of tables meet them.

    Returns
    -------
    DataFrame
        `definitions`; `pairs` that meet them; `informed`, those in which decisions tell something in both groups (TPR
        above FPR) and err on both sides somewhere (some false positives, some false negatives): all but the perfect, the
        one-sided and the useless.
    """
    import pandas as pd

    chosen = [(name,) for name in definitions] + list(combinations(definitions, 2))
    rows = []
    for names in chosen:
        if len(names) == 2 and set(definitions[names[0]]) & set(definitions[names[1]]):
            continue  # one contains the other
        pairs = pairs_with_equal(first, second, [rate for name in names for rate in definitions[name]])
        rows.append({"definitions": " + ".join(names), "pairs": len(pairs), "informed": int(_informed(pairs).sum())})
    return pd.DataFrame(rows)


def _informed(pairs: NDArray[np.int64]) -> NDArray[np.bool_]:
    import numpy as np

    tp, fp, fn, tn = np.moveaxis(pairs, 2, 0)
    better = (tp * (fp + tn) > fp * (tp + fn)).all(axis=1)
    return np.asarray(better & (fp.sum(axis=1) > 0) & (fn.sum(axis=1) > 0))


def _within(**rates: float) -> None:
    for name, value in rates.items():
        if not 0 <= value <= 1:
            raise DataError(f"`{name}` is {value}, and a share lies between 0 and 1", remedy="give shares, not percent")
