"""How good are the answers? Metrics of decisions, of rankings, of chances and of amounts.

A *decision* is 0 or 1, a *score* any number that is larger for likelier cases, a *chance* a score that claims to be a
probability. A row is flagged when its score is at least the threshold. Where a metric is not defined (precision when nothing
was flagged) it is ``nan``, never 0 or 1: a number that nobody measured must not be compared with one that was.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle.confusion import Confusion, ratio
from lifecycle.develop.evaluation.samples import labels_and_chances, labels_and_scores, labels_of, numbers_of, same_length

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike


def confusion(labels: ArrayLike, decisions: ArrayLike) -> Confusion:
    """Count rows by truth and decision.

    Parameters
    ----------
    labels, decisions : array of shape (n,)
        0 and 1, or booleans.

    Raises
    ------
    DataError
        When a value is neither 0 nor 1 (scores in place of decisions), or the lengths differ.
    """
    truth, said = labels_of(labels), labels_of(decisions, where="decisions")
    same_length(labels=truth, decisions=said)
    tp, flagged, positives = int((truth & said).sum()), int(said.sum()), int(truth.sum())
    return Confusion(tp, flagged - tp, positives - tp, len(truth) - flagged - positives + tp)


class Cuts(NamedTuple):
    """What each threshold flags: the empty cut (threshold inf) first, then one cut a distinct score, highest first.

    Attributes
    ----------
    threshold : array of shape (n_cuts,)
    tp, fp : array of int, shape (n_cuts,)
        Positive and negative rows with a score of at least the threshold.
    positives, negatives : int
        Rows of each class.
    """

    threshold: np.ndarray[Any, Any]
    tp: np.ndarray[Any, Any]
    fp: np.ndarray[Any, Any]
    positives: int
    negatives: int


def cuts(labels: ArrayLike, scores: ArrayLike) -> Cuts:
    """Count what every possible threshold would flag; rows of one score are flagged together or not at all."""
    import numpy as np

    truth, numbers = labels_and_scores(labels, scores)
    order = np.argsort(-numbers, kind="stable")
    ranked, hits = numbers[order], truth[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # the last row of each run of equal scores
    tp = np.cumsum(hits)[last]
    return Cuts(
        np.concatenate([[np.inf], ranked[last]]),
        np.concatenate([[0], tp]),
        np.concatenate([[0], last + 1 - tp]),
        int(truth.sum()),
        int(len(truth) - truth.sum()),
    )


def pr_curve(labels: ArrayLike, scores: ArrayLike) -> pd.DataFrame:
    """Precision against recall, one row a distinct score.

    Returns
    -------
    DataFrame, highest threshold first
        ``threshold``, ``flagged`` (rows), ``recall`` (nan without positive rows) and ``precision``.
    """
    import pandas as pd

    cut = cuts(labels, scores)
    flagged = (cut.tp + cut.fp)[1:]
    columns = {"threshold": cut.threshold[1:], "flagged": flagged, "recall": _shares(cut.tp[1:], cut.positives)}
    return pd.DataFrame(columns | {"precision": cut.tp[1:] / flagged})


def roc_curve(labels: ArrayLike, scores: ArrayLike) -> pd.DataFrame:
    """Recall against the false-positive rate, one row a distinct score and one (threshold inf) for flagging nothing.

    Returns
    -------
    DataFrame, highest threshold first
        ``threshold``, ``false_positive_rate`` (nan without negative rows) and ``recall`` (nan without positive rows).
    """
    import pandas as pd

    cut = cuts(labels, scores)
    rates = {"false_positive_rate": _shares(cut.fp, cut.negatives), "recall": _shares(cut.tp, cut.positives)}
    return pd.DataFrame({"threshold": cut.threshold} | rates)


def roc_auc(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the ROC curve: the chance that a random positive row has the higher score, ties counting half.

    Returns
    -------
    float
        In [0, 1], 0.5 meaning no better than chance; nan with one class only.
    """
    cut = cuts(labels, scores)
    if not cut.positives or not cut.negatives:
        return math.nan
    # Whole numbers up to the division: twice the pairs that are in order, a tie counting one.
    won = int(((cut.fp[1:] - cut.fp[:-1]) * (cut.tp[1:] + cut.tp[:-1])).sum())
    return won / (2 * cut.positives * cut.negatives)


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Area under the precision-recall curve as a sum of steps, ``sum (R_i - R_(i-1)) P_i``, without interpolation.

    Returns
    -------
    float
        In (0, 1]; the prevalence is what a random ranking reaches on average; nan without positive rows.
    """
    cut = cuts(labels, scores)
    if not cut.positives:
        return math.nan
    tp, fp = cut.tp, cut.fp
    return float(((tp[1:] - tp[:-1]) * (tp[1:] / (tp[1:] + fp[1:]))).sum() / cut.positives)


def log_loss(labels: ArrayLike, chances: ArrayLike) -> float:
    """Mean of -log(chance given to what happened), in nats; 0 is perfect.

    Chances are kept a float's precision (2.2e-16) away from 0 and 1, so that one certain mistake costs 36 nats, not inf.
    """
    return float(surprises(labels, chances).mean())


def surprises(labels: ArrayLike, chances: ArrayLike) -> np.ndarray[Any, Any]:
    """-log(chance given to what happened) of each row, shape (n,); `log_loss` is its mean."""
    import numpy as np

    truth, given = labels_and_chances(labels, chances)
    edge = np.finfo(float).eps
    given = np.clip(given, edge, 1 - edge)
    losses: np.ndarray[Any, Any] = -np.log(np.where(truth, given, 1 - given))
    return losses


def brier(labels: ArrayLike, chances: ArrayLike) -> float:
    """Mean squared distance of the chance from what happened (Brier 1950), 0 to 1; 0 is perfect."""
    return float(squared_errors(labels, chances).mean())


def squared_errors(labels: ArrayLike, chances: ArrayLike) -> np.ndarray[Any, Any]:
    """Squared distance of the chance from what happened, row by row, shape (n,); `brier` is its mean."""
    truth, given = labels_and_chances(labels, chances)
    errors: np.ndarray[Any, Any] = (given - truth) ** 2
    return errors


def mae(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean absolute error, in the unit of the amounts; the sign is ignored and single outliers weigh little."""
    import numpy as np

    truth, said = _amounts(actual, predicted)
    return float(np.abs(truth - said).mean())


def rmse(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Root of the mean squared error, in the unit of the amounts; large errors weigh more than their share."""
    truth, said = _amounts(actual, predicted)
    return math.sqrt(((truth - said) ** 2).mean())


def r2(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Share of the variance explained, 1 - SS_residual / SS_total; below 0 where the mean would do better.

    nan when all actual amounts are equal, one row included: there is no variance to explain.
    """
    truth, said = _amounts(actual, predicted)
    if (truth == truth[0]).all():
        return math.nan
    return 1 - ratio(float(((truth - said) ** 2).sum()), float(((truth - truth.mean()) ** 2).sum()))


def mape(actual: ArrayLike, predicted: ArrayLike) -> float:
    """Mean of |error / actual| as a share: 0.05 is 5 %; nan where an actual amount is 0, since no percentage exists."""
    import numpy as np

    truth, said = _amounts(actual, predicted)
    if (truth == 0).any():
        return math.nan
    return float(np.abs((truth - said) / truth).mean())


def _amounts(actual: ArrayLike, predicted: ArrayLike) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    truth, said = numbers_of(actual, where="actual"), numbers_of(predicted, where="predicted")
    same_length(actual=truth, predicted=said)
    return truth, said


def _shares(part: np.ndarray[Any, Any], whole: int) -> np.ndarray[Any, Any]:
    return part / (whole or math.nan)
