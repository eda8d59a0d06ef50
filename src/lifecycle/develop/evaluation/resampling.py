"""Balancing classes without fooling oneself: resample what the model learns from, never what it is judged on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class FoldScore:
    """One fold: how many rows of each class it was judged on, and the average precision reached."""

    fold: int
    test_negative: int
    test_positive: int
    average_precision: float


def cross_validate(
    features: np.ndarray,
    labels: np.ndarray,
    *,
    model: Any,
    sampler: Any,
    folds: int = 5,
    where: str = "inside",
    seed: int = 0,
) -> list[FoldScore]:
    """Cross-validate with resampling inside the training folds, or, to show what it does, before the split.

    Parameters
    ----------
    features : array of shape (n_rows, n_features)
    labels : array of shape (n_rows,), 0 and 1
    model : scikit-learn classifier
        Cloned for each fold.
    sampler : imbalanced-learn sampler
        Cloned for each fold; needs ``fit_resample``.
    folds : int
        Stratified folds.
    where : {"inside", "before"}
        ``inside``: each training fold is resampled and its test fold left alone. ``before``: all rows are resampled and then
        split, so that copies of a test row can be trained on. That is the mistake; its score is not an estimate of anything.
    seed : int
        Of the split.

    Raises
    ------
    DataError
        When a class has fewer rows than there are folds.
    """
    from sklearn.base import clone
    from sklearn.metrics import average_precision_score
    from sklearn.model_selection import StratifiedKFold

    if where not in ("inside", "before"):
        raise ValueError(f"`where` is 'inside' or 'before', not {where!r}")
    counts = int((labels == 0).sum()), int((labels == 1).sum())
    if min(counts) < folds:
        raise DataError(
            f"{folds} folds need {folds} rows of each class; there are {counts[0]} and {counts[1]}", where="labels"
        )
    if where == "before":
        features, labels = clone(sampler).fit_resample(features, labels)
    scores = []
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for fold, (train, test) in enumerate(splitter.split(features, labels)):
        x, y = features[train], labels[train]
        if where == "inside":
            x, y = clone(sampler).fit_resample(x, y)
        chance = clone(model).fit(x, y).predict_proba(features[test])[:, 1]
        held_out = labels[test]
        score = float(average_precision_score(held_out, chance))
        scores.append(FoldScore(fold, int((held_out == 0).sum()), int((held_out == 1).sum()), score))
    return scores
