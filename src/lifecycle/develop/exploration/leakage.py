"""Columns that know the answer: found because they separate the classes better than anything honest does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.develop.exploration.profile import binary, kind_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Suspect:
    """A column that separates the classes suspiciously well.

    ``strength`` is its area under the ROC curve, turned so that 0.5 means no separation and 1 a perfect one.
    """

    column: str
    strength: float


def leakage_suspects(frame: pd.DataFrame, target: str, *, threshold: float = 0.9) -> list[Suspect]:
    """List the columns that, alone, separate the classes better than `threshold`.

    A single column that good is either a discovery or something written down after the outcome was known. The test cannot
    tell which; the question "was this value known when the prediction was due?" can. Categories are scored by the
    positive rate of each value, which flatters a category with many values.

    Parameters
    ----------
    frame : DataFrame
    target : str
        Column of 0 and 1.
    threshold : float
        Area under the ROC curve, 0.5 to 1.

    Returns
    -------
    list of Suspect, strongest first; empty means that no column is above the threshold, not that nothing leaks.
    """
    from sklearn.metrics import roc_auc_score

    labels = binary(frame, target)
    found = []
    for name, column in frame.drop(columns=target).items():
        if kind_of(column) == "time" or column.nunique() < 2:
            continue
        known = column.notna()
        if labels[known].nunique() < 2:
            continue
        scores = (
            column[known].astype(float)
            if kind_of(column) == "number"
            else labels[known].groupby(column[known]).transform("mean")
        )
        auc = float(roc_auc_score(labels[known], scores))
        strength = max(auc, 1 - auc)
        if strength >= threshold:
            found.append(Suspect(str(name), strength))
    return sorted(found, key=lambda suspect: -suspect.strength)


def shared_rows(train: pd.DataFrame, test: pd.DataFrame) -> int:
    """Count the test rows that also stand, equal in every column, in the training rows; 0 means that none is shared."""
    merged = test.merge(train.drop_duplicates(), how="left", indicator=True, on=list(test.columns))
    return int((merged["_merge"] == "both").sum())
