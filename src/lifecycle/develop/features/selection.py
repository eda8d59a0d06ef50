"""What a selection of columns is worth, on rows that had no say in it.

"Fewer columns made the model better" is a claim about rows that neither the selection nor the model has seen. So all
tables are compared in the same way: fitted on the training rows, compared on the validation rows, judged on the test rows,
with an interval for the difference, because two scores on one sample always differ a little.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def judge(table: pd.DataFrame, labels: pd.Series, parts: pd.Series, *, model: Any, on: str = "validation") -> float:
    """Average precision on the rows of one part, of a model that is fitted on the training rows.

    Parameters
    ----------
    table : DataFrame of numbers
        Inputs of all rows.
    labels, parts : Series, indexed as `table`
        0 or 1, and "train", "validation" or "test".
    model : scikit-learn classifier
        Cloned, never changed.
    on : {"validation", "test"}
        Choose on validation rows; look at the test rows once, at the end.

    Returns
    -------
    float
        0 to 1; ranking at random gives about the share of positives.

    Raises
    ------
    DataError
        When the rows do not belong together, or a part is missing.
    """
    from lifecycle.develop.evaluation.metrics import average_precision

    [scores] = _scores(table, labels, parts, model, (on,))
    return average_precision(labels[parts == on], scores)


def effect(
    tables: Mapping[str, pd.DataFrame],
    labels: pd.Series,
    parts: pd.Series,
    *,
    model: Any,
    level: float = 0.95,
    resamples: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare tables of inputs of the same rows; the first is what the others are held against.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Inputs of all rows, by the name of the selection. Whatever was chosen or fitted to make them must have seen
        training rows alone, or validation rows where something was chosen between.
    labels, parts, model
        As in `judge`.
    level, resamples, seed
        Of the interval: a paired bootstrap of the test rows, within each class.

    Returns
    -------
    DataFrame, one row a table
        ``selection``, ``columns``, ``cells`` (training rows times columns), ``validation`` and ``test`` (average precision),
        and ``difference`` of the test scores to the first table's, between ``low`` and ``high``. Where 0 lies between them,
        these rows cannot tell the two apart. The first table's are 0.

    Raises
    ------
    DataError
        As in `judge`, and when there is no table.
    """
    import pandas as pd

    from lifecycle.develop.evaluation.intervals import paired_difference
    from lifecycle.develop.evaluation.metrics import average_precision

    if not tables:
        raise DataError("there is nothing to compare", where="tables")
    chosen_on, truth = (labels[parts == on] for on in ("validation", "test"))
    first: np.ndarray | None = None
    rows = []
    for name, table in tables.items():
        validation, scores = _scores(table, labels, parts, model, ("validation", "test"))
        row = {"selection": name, "columns": table.shape[1], "cells": int((parts == "train").sum()) * table.shape[1]}
        row |= {"validation": average_precision(chosen_on, validation), "test": average_precision(truth, scores)}
        if first is None:
            first, gap = scores, (0.0, 0.0, 0.0)
        else:
            gap = paired_difference(average_precision, truth, scores, first, n=resamples, level=level, seed=seed)
        rows.append(row | dict(zip(("difference", "low", "high"), gap, strict=True)))
    return pd.DataFrame(rows)


def _scores(
    table: pd.DataFrame, labels: pd.Series, parts: pd.Series, model: Any, places: tuple[str, ...]
) -> list[np.ndarray]:
    """Scores of the rows of each place, of one model fitted on the training rows."""
    import numpy as np
    from sklearn.base import clone

    if not (table.index.equals(labels.index) and table.index.equals(parts.index)):
        raise DataError("inputs, labels and parts do not belong to the same rows", where="table, labels, parts")
    for place in places:
        if place == "train" or not (parts == place).any() or not (parts == "train").any():
            raise DataError(
                f"`{place}` is not a part to judge on, or has no rows", where="parts", remedy="as `split` gives them"
            )
    fitted = clone(model).fit(table[parts == "train"], labels[parts == "train"])
    return [np.asarray(fitted.predict_proba(table[parts == place])[:, 1], dtype=float) for place in places]
