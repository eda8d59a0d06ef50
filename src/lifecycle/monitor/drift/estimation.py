"""What can be said of a model's performance before any outcome is known, and what cannot.

A calibrated chance of 0.3 is a promise: of such rows 3 in 10 are positive. If it still holds, the chances alone say how
many decisions are expected to be right, and a shift of the inputs is followed without one label. The promise is the rule
P(outcome | inputs): where that has changed (concept shift), the estimate stays calm while the model fails. Only outcomes
show it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle.confusion import Rates
from lifecycle.errors import DataError
from lifecycle.monitor.drift.stability import as_sample

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class EstimatedPerformance(Rates):
    """A confusion matrix as it is expected, and the rates that follow from it.

    `flag_rate` is known, not estimated; `f1` is that of expected counts, which is not quite the expected F1.

    Attributes
    ----------
    n : int
        Rows.
    tp, fp, fn, tn : float
        Expected rows: no whole numbers.
    roc_auc : float
        Expected area under the curve; NaN where no row or every row is sure to be positive.
    accuracy_low, accuracy_high : float
        95 % of what the accuracy of these very rows may turn out to be, by the chance in the outcomes alone, and only if the
        chances are right.
    """

    n: int
    tp: float
    fp: float
    fn: float
    tn: float
    roc_auc: float
    accuracy_low: float
    accuracy_high: float

    def to_dict(self) -> dict[str, Any]:
        """Counts and measures as plain data."""
        names = ("accuracy", "precision", "recall", "f1", "false_positive_rate", "flag_rate", "prevalence")
        return asdict(self) | {name: getattr(self, name) for name in names}


class PriorEstimate(NamedTuple):
    """What `estimated_prior` found.

    Attributes
    ----------
    prior : float
        Estimated share of positives among the rows.
    chances : ndarray, shape (n,)
        The chances, corrected for it.
    steps : int
        Rounds until it stood still.
    """

    prior: float
    chances: NDArray[np.float64]
    steps: int


class CovariateWeights(NamedTuple):
    """Weights that make the rows of the reference look like the current ones.

    Attributes
    ----------
    weights : ndarray, shape (n,)
        One a row of the reference; their mean is 1.
    effective : float
        Rows that these weighted ones are worth (Kish): few mean that hardly any row of the reference is like today's.
    """

    weights: NDArray[np.float64]
    effective: float


def estimated_performance(chances: ArrayLike, *, threshold: float) -> EstimatedPerformance:
    """Expected confusion of rows whose outcomes nobody knows yet, from calibrated chances.

    Parameters
    ----------
    chances : array_like, shape (n,)
        Calibrated chances of being positive, 0 to 1; at least one.
    threshold : float
        A row is flagged when its chance is at least this.

    Returns
    -------
    EstimatedPerformance

    Raises
    ------
    DataError
        When a chance is missing or not between 0 and 1.

    Notes
    -----
    A flagged row with chance p adds p to the true positives and 1 - p to the false ones. It is right under covariate shift
    if the chances are calibrated everywhere, needs `estimated_prior` under prior shift, and knows nothing of concept shift.
    """
    import numpy as np

    p = _chances(chances)
    flagged = p >= threshold
    tp, fn = float(p[flagged].sum()), float(p[~flagged].sum())
    fp, tn = float(flagged.sum()) - tp, float((~flagged).sum()) - fn
    right = (tp + tn) / len(p)
    reach = 1.959964 * float(np.sqrt((p * (1 - p)).sum())) / len(p)
    return EstimatedPerformance(
        len(p), tp, fp, fn, tn, _expected_auc(p), accuracy_low=max(0.0, right - reach), accuracy_high=min(1.0, right + reach)
    )


def estimated_prior(chances: ArrayLike, *, trained: float, tolerance: float = 1e-9, most: int = 10_000) -> PriorEstimate:
    """Estimate today's share of positives from chances alone, and correct the chances for it.

    Parameters
    ----------
    chances : array_like, shape (n,)
        Chances calibrated where the share of positives was `trained`.
    trained : float
        That share, between 0 and 1 exclusively.
    tolerance : float
        Stop when the share moves by less.
    most : int
        Rounds at most.

    Returns
    -------
    PriorEstimate

    Raises
    ------
    DataError
        When a chance is missing or not between 0 and 1, or `trained` not between.

    Notes
    -----
    The expectation-maximisation of Saerens, Latinne and Decaestecker (2002). It believes that only the share of positives
    has changed and that the inputs of either class look as they did; under covariate or concept shift it corrects what was
    right.
    """
    import numpy as np

    if not 0 < trained < 1:
        raise DataError(f"`trained` is {trained:g}, which is no share of positives between 0 and 1")
    p = _chances(chances)
    prior, corrected, steps = trained, p, 0
    while steps < most:
        steps += 1
        corrected = _with_prior(p, trained, prior)
        before, prior = prior, float(np.clip(corrected.mean(), 1e-12, 1 - 1e-12))
        if abs(prior - before) < tolerance:
            break
    return PriorEstimate(prior, corrected, steps)


def covariate_weights(
    reference: pd.DataFrame, current: pd.DataFrame, *, longest: float = 20.0, seed: int = 0
) -> CovariateWeights:
    """Weigh the rows of the reference by how much they look like the current ones.

    Parameters
    ----------
    reference, current : DataFrame
        Numbers without missing values, in the same columns.
    longest : float
        Weights beyond it are cut, and the others raised until their mean is 1 again: a few rows should not decide
        everything. 1 or more.
    seed : int
        Of the folds.

    Returns
    -------
    CovariateWeights
        With them, a measure over the labelled reference estimates that of today, while P(outcome | inputs) stands.

    Raises
    ------
    DataError
        When columns differ or hold no finite numbers, or `longest` is below 1.

    Notes
    -----
    The odds of a logistic regression on the columns and their squares, cross-fitted, that tells the periods apart: the ratio
    of the two densities (Bickel, Brückner and Scheffer 2009).
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    if not longest >= 1:
        raise DataError(f"`longest` is {longest:g}, and the mean of the weights is 1", where="covariate_weights")
    if list(reference.columns) != list(current.columns):
        raise DataError("the two tables have not the same columns", where="covariate_weights")
    values = np.concatenate([reference.to_numpy(dtype=float), current.to_numpy(dtype=float)])
    if not np.isfinite(values).all():
        raise DataError("the tables hold values that are missing or infinite", where="covariate_weights")
    values = np.concatenate([values, (values - values.mean(axis=0)) ** 2], axis=1)
    period = np.arange(len(values)) >= len(reference)
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=500))
    with threadpool_limits(1):  # on matrices as narrow as these more threads only wait for each other
        chance = cross_val_predict(model, values, period, cv=folds, method="predict_proba")[: len(reference), 1]
    weights = _cut(chance / np.maximum(1 - chance, 1e-12), longest)
    return CovariateWeights(weights, float(weights.sum() ** 2 / (weights**2).sum()))


def _cut(odds: NDArray[np.float64], longest: float) -> NDArray[np.float64]:
    """Weights in proportion to the odds, with a mean of 1 and none above `longest`."""
    import numpy as np

    odds = np.maximum(odds, 1e-300)
    ordered, rows, cut = np.sort(odds)[::-1], len(odds), 0
    while cut < rows - 1 and (rows - cut * longest) * ordered[cut] > longest * ordered[cut:].sum():
        cut += 1
    return np.asarray(np.minimum(odds * ((rows - cut * longest) / ordered[cut:].sum()), longest))


def _with_prior(p: NDArray[np.float64], trained: float, prior: float) -> NDArray[np.float64]:
    up, down = p * (prior / trained), (1 - p) * ((1 - prior) / (1 - trained))
    return up / (up + down)


def _expected_auc(p: NDArray[np.float64]) -> float:
    """Area under the curve where each row is positive by p and negative by 1 - p; ties count half."""
    import numpy as np

    chance, rows = np.unique(p, return_counts=True)
    positive, negative = rows * chance, rows * (1 - chance)
    below = np.cumsum(negative) - negative
    pairs = float(positive.sum() * negative.sum() - (p * (1 - p)).sum())  # a row is no pair with itself
    if pairs <= 1e-12:
        return float("nan")
    halves = float((p * (1 - p)).sum())
    return float((positive @ (below + negative / 2) - halves / 2) / pairs)


def _chances(chances: ArrayLike) -> NDArray[np.float64]:
    p = as_sample(chances, "chances")
    if p.min() < 0 or p.max() > 1:
        raise DataError(f"a chance lies between 0 and 1, not at {p.min() if p.min() < 0 else p.max():g}", where="chances")
    return p
