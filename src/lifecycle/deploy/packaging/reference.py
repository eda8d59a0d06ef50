"""What the training rows looked like, and what the model said of them: to compare with, long after they are gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.deploy.packaging.errors import PackageError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

GOLDEN_ROWS = 64
GOLDEN_TOLERANCE = 1e-5
"""How far a score may lie from the golden one: rounding to six decimals, and float32 on another processor."""
_DIGITS = 6


def reference_of(rows: pd.DataFrame, scores: np.ndarray[Any, Any], *, threshold: float) -> dict[str, Any]:
    """Statistics of each feature and the quantiles of the scores.

    Parameters
    ----------
    rows : DataFrame, shape (n, k)
    scores : array of float64, shape (n,)
        Calibrated chances.
    threshold : float

    Returns
    -------
    dict
        ``rows`` (n), ``features`` (name to mean, sd, low, high and the eleven ``deciles``), ``score_quantiles`` (101 of
        them, the 0th to the 100th percentile) and ``flag_rate``.
    """
    import numpy as np

    features = {}
    for name, column in rows.items():
        values = column.to_numpy("float64")
        features[str(name)] = {
            "mean": _short(values.mean()), "sd": _short(values.std()), "low": _short(values.min()),
            "high": _short(values.max()), "deciles": [_short(each) for each in np.quantile(values, np.linspace(0, 1, 11))],
        }  # fmt: skip
    quantiles = np.quantile(scores, np.linspace(0, 1, 101))
    return {
        "rows": len(rows),
        "features": features,
        "score_quantiles": [round(float(each), _DIGITS) for each in quantiles],
        "flag_rate": round(float((scores >= threshold).mean()), _DIGITS),
    }


def golden_of(rows: pd.DataFrame, scores: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Rows to test any copy of the model with: spread evenly over the scores, with the score that each must get."""
    import numpy as np

    if len(rows) == 0:
        raise PackageError("there are no rows to take golden ones from", where="rows")
    order = np.argsort(scores, kind="stable")
    chosen = order[np.unique(np.linspace(0, len(order) - 1, GOLDEN_ROWS).round().astype(int))]
    return {
        "tolerance": GOLDEN_TOLERANCE,
        "columns": [str(name) for name in rows.columns],
        "rows": [[float(value) for value in row] for row in rows.iloc[chosen].to_numpy("float64")],
        "scores": [round(float(score), _DIGITS) for score in scores[chosen]],
    }


def _short(value: float) -> float:
    """Six significant digits: last bits of a sum differ between processors."""
    return float(f"{value:.6g}")
