"""Fitting a scorecard: bins, weights of evidence, a logistic regression on them, and points."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from lifecycle.cases.credit_risk.binning import Binning, Direction, in_words, monotone_bins
from lifecycle.cases.credit_risk.card import Characteristic, Line, Scorecard
from lifecycle.cases.credit_risk.checks import both_kinds, numbers_or_missing, positive
from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


def fit_scorecard(
    frame: pd.DataFrame,
    bad: ArrayLike,
    *,
    directions: Mapping[str, Direction],
    weights: ArrayLike | None = None,
    pdo: float = 20,
    anchor_points: float = 600,
    anchor_odds: float = 30,
    most: int = 6,
    least_value: float = 0.02,
) -> Scorecard:
    """Bins, weights of evidence, logistic regression, points.

    Characteristics with an information value below `least_value` are left out, and then, one by one, those that count the
    wrong way beside the others (a card must not give points for what counts against a person) or add less than a point.

    Parameters
    ----------
    frame : DataFrame, n rows
    bad : array_like of 0 and 1, shape (n,)
    directions : mapping
        Column to ``"rising"`` (the more, the worse) or ``"falling"``; only these columns are offered.
    weights : array_like, shape (n,), optional
    pdo : float
        Points to double the odds, above 0.
    anchor_points, anchor_odds : float
        This score means these odds of good to bad.
    most : int
        Bins a characteristic, at most.
    least_value : float
        Information value from which on a characteristic is looked at.

    Raises
    ------
    CaseError
        When a column is absent, `pdo` or `anchor_odds` is not above 0, or nothing is left to score with.
    """
    import numpy as np

    positive(pdo, where="pdo"), positive(anchor_odds, where="anchor_odds")
    label = both_kinds(bad, where="bad", rows=len(frame))
    weight = np.ones(len(label)) if weights is None else numbers_or_missing(weights, where="weights", rows=len(label))
    if absent := [name for name in directions if name not in frame]:
        raise CaseError(f"no column `{absent[0]}`", where="credit_risk: directions")
    bins = {
        name: monotone_bins(frame[name], label, feature=name, direction=way, most=most, weights=weight)
        for name, way in directions.items()
    }
    factor = pdo / math.log(2)
    left_out = {name: f"information value {x.value:.3f}" for name, x in bins.items() if x.value < least_value}
    offered = {name: x for name, x in bins.items() if name not in left_out}
    intercept, slopes = _selected(offered, frame, label, weight, factor=factor, left_out=left_out)
    made = tuple(_characteristic(bins[name], factor * slope) for name, slope in slopes.items())
    base = round(anchor_points - factor * math.log(anchor_odds) - factor * intercept)
    return Scorecard(made, base, pdo, anchor_points, anchor_odds, left_out)


def _selected(
    bins: Mapping[str, Binning],
    frame: pd.DataFrame,
    label: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    factor: float,
    left_out: dict[str, str],
) -> tuple[float, dict[str, float]]:
    """Intercept and slopes of what is worth its place; why another is not is written into `left_out`."""
    import numpy as np

    evidence = {name: x.woe[x.place(frame[name])] for name, x in bins.items()}
    while evidence:
        intercept, slopes = logistic(np.column_stack([*evidence.values()]), label, weights=weight)
        worth = [
            round(factor * abs(float(slope)) * np.abs(bins[name].woe).max())
            for name, slope in zip(evidence, slopes, strict=True)
        ]
        if slopes.max() > 0:
            worst, reason = int(np.argmax(slopes)), "counts the wrong way beside the others"
        elif min(worth) < 1:
            worst, reason = int(np.argmin(worth)), "adds less than a point beside the others"
        else:
            return intercept, dict(zip(evidence, (float(slope) for slope in slopes), strict=True))
        name = [*evidence][worst]
        left_out[name] = reason
        del evidence[name]
    raise CaseError("no characteristic is left to score with", where="credit_risk: scorecard", tried=str(left_out))


def _characteristic(bins: Binning, worth: float) -> Characteristic:
    """The lines of one characteristic; `worth` is the points of one unit of weight of evidence, below 0: bad is modelled."""
    woe = [float(w) for w in bins.woe]
    lines = [
        Line(in_words(low, high), low, high, False, round(w, 4), round(-worth * w))
        for (low, high), w in zip(pairwise((None, *bins.edges, None)), woe, strict=False)
    ]
    gone = woe[-1] if bins.missing else 0.0
    lines.append(Line("missing", None, None, True, round(gone, 4), round(-worth * gone)))
    return Characteristic(bins.feature, bins.value, tuple(lines))


def logistic(
    inputs: NDArray[np.float64], labels: NDArray[np.float64], *, weights: NDArray[np.float64] | None = None
) -> tuple[float, NDArray[np.float64]]:
    """Logistic regression without a penalty, by Newton's method (iteratively reweighted least squares).

    Parameters
    ----------
    inputs : ndarray, shape (n, k)
    labels : ndarray of shape (n,), in [0, 1]
    weights : ndarray of shape (n,), optional

    Returns
    -------
    tuple of float and ndarray of shape (k,)
        Intercept and slopes.

    Raises
    ------
    CaseError
        When it does not settle: the kinds can be told apart without a mistake, or columns repeat each other.
    """
    import numpy as np

    design = np.column_stack([np.ones(len(labels)), inputs])
    weight = np.ones(len(labels)) if weights is None else weights
    coefficients = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(design @ coefficients, -35, 35)))
        curvature = (design * (weight * chance * (1 - chance))[:, None]).T @ design
        try:
            step = np.linalg.solve(curvature, design.T @ (weight * (labels - chance)))
        except np.linalg.LinAlgError:
            break
        coefficients = coefficients + step
        if np.abs(step).max() < 1e-10:
            return float(coefficients[0]), coefficients[1:]
    raise CaseError("the regression does not settle", where="credit_risk: logistic", remedy="fewer columns, or fewer bins")
