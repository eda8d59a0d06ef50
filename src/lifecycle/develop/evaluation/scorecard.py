"""All metrics of a classifier at once, each with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.confusion import Confusion
from lifecycle.develop.evaluation.intervals import Interval, bootstrap, delong, draws, limits, wilson
from lifecycle.develop.evaluation.metrics import average_precision, confusion, squared_errors, surprises
from lifecycle.develop.evaluation.samples import labels_and_scores

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike

METRICS = (
    "prevalence", "flag_rate", "accuracy", "precision", "recall", "f1", "specificity", "false_positive_rate",
    "balanced_accuracy", "matthews", "roc_auc", "average_precision", "log_loss", "brier",
)  # fmt: skip
"""The rows of `metric_table`, in order."""


def metric_table(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    threshold: float = 0.5,
    level: float = 0.95,
    n: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """All metrics of a classifier on one set of rows, each with its interval.

    Parameters
    ----------
    labels : array of shape (n_rows,), 0 and 1
    scores : array of shape (n_rows,)
        Log loss and Brier score are included where all scores lie in [0, 1].
    threshold : float
        A row is flagged when its score is at least this.
    level : float
        Of the intervals.
    n, seed : int
        Bootstrap samples, and the seed of their draws.

    Returns
    -------
    DataFrame, one row a metric
        ``metric`` (as in `METRICS`), ``value``, ``low``, ``high`` and ``interval`` (how it was made): shares by `wilson`,
        the area under the ROC curve by `delong`, the others by `bootstrap` within each class. An undefined metric is nan.
    """
    import numpy as np
    import pandas as pd

    truth, numbers = labels_and_scores(labels, scores)
    counts = confusion(truth, numbers >= threshold)
    found = {name: ("Wilson", wilson(*pair, level=level)) for name, pair in _shares(counts).items()}
    for name in ("f1", "balanced_accuracy", "matthews"):
        found[name] = ("bootstrap", _of_counts(name, counts, n=n, level=level, seed=seed))
    found["roc_auc"] = ("DeLong", delong(truth, numbers, level=level))
    found["average_precision"] = ("bootstrap", _of_ranking(truth, numbers, n=n, level=level, seed=seed))
    if numbers.min() >= 0 and numbers.max() <= 1:
        for name, losses in {"log_loss": surprises(truth, numbers), "brier": squared_errors(truth, numbers)}.items():
            found[name] = ("bootstrap", bootstrap(np.mean, losses, n=n, level=level, seed=seed, stratify=truth))
    rows = [
        {"metric": name, "value": found[name][1].estimate, "low": found[name][1].low, "high": found[name][1].high}
        | {"interval": found[name][0]}
        for name in METRICS
        if name in found
    ]
    return pd.DataFrame(rows)


def _shares(counts: Confusion) -> dict[str, tuple[int, int]]:
    tp, fp, fn, tn = (int(count) for count in counts)
    return {
        "prevalence": (tp + fn, tp + fp + fn + tn),
        "flag_rate": (tp + fp, tp + fp + fn + tn),
        "accuracy": (tp + tn, tp + fp + fn + tn),
        "precision": (tp, tp + fp),
        "recall": (tp, tp + fn),
        "specificity": (tn, fp + tn),
        "false_positive_rate": (fp, fp + tn),
    }


def _of_counts(name: str, counts: Confusion, *, n: int, level: float, seed: int) -> Interval:
    """Bootstrap within each class of what depends on the counts alone: drawing rows is then drawing two binomials."""
    import numpy as np

    rng = np.random.default_rng(seed)
    positives, negatives = int(counts.tp + counts.fn), int(counts.fp + counts.tn)
    tp = rng.binomial(positives, counts.tp / positives if positives else 0, n)
    fp = rng.binomial(negatives, counts.fp / negatives if negatives else 0, n)
    drawn = (Confusion(int(a), int(b), positives - int(a), negatives - int(b)) for a, b in zip(tp, fp, strict=True))
    estimate: float = getattr(counts, name)
    return Interval(estimate, *limits(estimate, np.array([getattr(one, name) for one in drawn]), level))


def _of_ranking(truth: np.ndarray[Any, Any], scores: np.ndarray[Any, Any], *, n: int, level: float, seed: int) -> Interval:
    """`bootstrap` of the average precision within each class, the same to rounding: sorts once, then counts draws a row."""
    import numpy as np

    estimate = average_precision(truth, scores)
    order = np.argsort(-scores, kind="stable")
    ranked, hit = scores[order], truth[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # the last row of each run of equal scores
    values = np.empty(n)
    for i, rows in enumerate(draws(truth, n, seed)):
        drawn = np.bincount(rows, minlength=len(truth))[order]
        tp, flagged = np.cumsum(drawn * hit)[last], np.cumsum(drawn)[last]
        gained = np.diff(tp, prepend=0)
        some = gained > 0
        values[i] = (gained[some] * (tp[some] / flagged[some])).sum() / tp[-1] if tp[-1] else np.nan
    return Interval(estimate, *limits(estimate, values, level))
