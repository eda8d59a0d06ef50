"""Where to draw the line: the threshold at which mistakes cost least.

A false alarm and a missed case seldom cost the same, so no fixed threshold, and no metric that ignores cost, is right for
all. A row is flagged when its score is at least the threshold.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.confusion import Confusion
from lifecycle.develop.evaluation.metrics import cuts
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


class ThresholdChoice(NamedTuple):
    """A threshold and what it leads to.

    Attributes
    ----------
    threshold : float
        Rows with a score of at least this are flagged; ``inf`` flags none.
    cost : float
        What the mistakes cost at this threshold, in the unit of the costs.
    confusion : Confusion
        The rows by truth and decision.
    """

    threshold: float
    cost: float
    confusion: Confusion


def cost_curve(
    labels: ArrayLike, scores: ArrayLike, *, cost_false_positive: float, cost_false_negative: float
) -> pd.DataFrame:
    """What the mistakes cost at every threshold that makes a difference.

    Parameters
    ----------
    labels : array of shape (n,), 0 and 1
    scores : array of shape (n,)
    cost_false_positive, cost_false_negative : float
        Cost of one false alarm and of one missed case, 0 or more, in one unit.

    Returns
    -------
    DataFrame, highest threshold first
        One row for flagging nothing (threshold inf) and one a distinct score: ``threshold``, ``flagged``, ``tp``, ``fp``,
        ``fn``, ``tn`` (rows) and ``cost``.

    Raises
    ------
    DataError
        For a cost below 0 or not finite, and for labels or scores that cannot be judged.
    """
    import pandas as pd

    for name, cost in {"cost_false_positive": cost_false_positive, "cost_false_negative": cost_false_negative}.items():
        if not (math.isfinite(cost) and cost >= 0):
            raise DataError(f"{cost!r} is not a cost", where=name, remedy="give 0 or more; a gain belongs to the other side")
    cut = cuts(labels, scores)
    fn, tn = cut.positives - cut.tp, cut.negatives - cut.fp
    columns = {"threshold": cut.threshold, "flagged": cut.tp + cut.fp, "tp": cut.tp, "fp": cut.fp, "fn": fn, "tn": tn}
    return pd.DataFrame(columns | {"cost": cut.fp * cost_false_positive + fn * cost_false_negative})


def cheapest_threshold(
    labels: ArrayLike, scores: ArrayLike, *, cost_false_positive: float, cost_false_negative: float
) -> ThresholdChoice:
    """The threshold with the lowest total cost; of several, the highest, which flags the fewest rows.

    It fits the rows that it was chosen on, so choose it on validation rows and read its cost on test rows (`cost_at`).
    Parameters and errors as in `cost_curve`.
    """
    curve = cost_curve(labels, scores, cost_false_positive=cost_false_positive, cost_false_negative=cost_false_negative)
    best = curve.loc[curve["cost"].idxmin()]  # the first of equal costs, and so the highest threshold
    counts = Confusion(*(int(best[name]) for name in ("tp", "fp", "fn", "tn")))
    return ThresholdChoice(float(best["threshold"]), float(best["cost"]), counts)


def cost_at(counts: Confusion, *, cost_false_positive: float, cost_false_negative: float) -> float:
    """What the mistakes of a confusion matrix cost."""
    return counts.fp * cost_false_positive + counts.fn * cost_false_negative


def break_even(*, cost_false_positive: float, cost_false_negative: float) -> float:
    """The chance from which flagging is cheaper on average: C_FP / (C_FP + C_FN) (Elkan 2001).

    It is the cheapest threshold for scores that are honest chances; nan when both costs are 0.
    """
    total = cost_false_positive + cost_false_negative
    return cost_false_positive / total if total else math.nan


def threshold_for_recall(labels: ArrayLike, scores: ArrayLike, *, recall: float) -> float:
    """The highest threshold that still finds a share `recall` of the positive rows; nan without positive rows."""
    cut = cuts(labels, scores)
    if not 0 <= recall <= 1:
        raise DataError(f"{recall!r} is not a share between 0 and 1", where="recall", remedy="80 % is 0.8")
    if not cut.positives:
        return math.nan
    return float(cut.threshold[(cut.tp / cut.positives >= recall).argmax()])
