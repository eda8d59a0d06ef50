"""Does a chance of 20 % come true in one case of five? How far chances are off, and how to mend them.

Training on resampled or reweighted rows shifts every chance towards the class that was favoured: the ranking stays, the
chances are wrong. `correct_prior` undoes the shift where it is known; a `Calibrator` learns the mending from rows that the
model has not seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lifecycle.develop.evaluation.intervals import wilson
from lifecycle.develop.evaluation.samples import chances_of, labels_and_chances, labels_and_scores, numbers_of
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike

Strategy = Literal["uniform", "quantile"]
Method = Literal["isotonic", "sigmoid"]


def reliability(
    labels: ArrayLike, chances: ArrayLike, *, bins: int = 10, strategy: Strategy = "uniform", level: float = 0.95
) -> pd.DataFrame:
    """Promised chance beside observed rate, in bins of the chance.

    Parameters
    ----------
    labels : array of shape (n,), 0 and 1
    chances : array of shape (n,), in [0, 1]
    bins : int
        At least 1. A bin holds its upper edge; the first also its lower.
    strategy : {"uniform", "quantile"}
        Bins of one width, or of about one number of rows.
    level : float
        Of the interval of the observed rate (`wilson`).

    Returns
    -------
    DataFrame, one row a bin that holds any rows
        ``from``, ``to`` (edges), ``n`` (rows), ``chance`` (mean of the promised), ``rate`` (observed), ``low``, ``high``.
    """
    import numpy as np
    import pandas as pd

    truth, promised = labels_and_chances(labels, chances)
    edges = _edges(promised, bins, strategy)
    # The upper edge belongs to the bin, as in sklearn.calibration.calibration_curve.
    number = np.searchsorted(edges[1:-1], promised)
    rows = []
    for i in np.unique(number):
        inside = number == i
        rate = wilson(int(truth[inside].sum()), int(inside.sum()), level=level)
        facts = {"from": edges[i], "to": edges[i + 1], "n": int(inside.sum()), "chance": promised[inside].mean()}
        rows.append(facts | {"rate": rate.estimate, "low": rate.low, "high": rate.high})
    return pd.DataFrame(rows)


def expected_calibration_error(
    labels: ArrayLike, chances: ArrayLike, *, bins: int = 10, strategy: Strategy = "uniform"
) -> float:
    """Mean gap between promised chance and observed rate over the bins, weighted by rows (Naeini et al. 2015).

    Returns
    -------
    float
        In [0, 1]; 0 means that every bin keeps its promise on average. It depends on `bins`, so compare like with like.
    """
    table = reliability(labels, chances, bins=bins, strategy=strategy)
    gaps = (table["chance"] - table["rate"]).abs()
    return float((gaps * table["n"]).sum() / table["n"].sum())


def correct_prior(chances: ArrayLike, *, trained: float, actual: float) -> np.ndarray[Any, Any]:
    """Turn chances learned at one prevalence into chances at another (Elkan 2001; Saerens, Latinne, Decaestecker 2002).

    The odds are multiplied by the ratio of the two prior odds; the order of the rows stays.

    Parameters
    ----------
    chances : array of shape (n,), in [0, 1]
    trained : float
        Prevalence that the model learned from, in (0, 1): 0.5 after balancing; for weights see `weighted_prevalence`.
    actual : float
        Prevalence where it is used, in (0, 1).

    Returns
    -------
    array of shape (n,), in [0, 1]
    """
    promised = chances_of(chances)
    for name, share in {"trained": trained, "actual": actual}.items():
        if not 0 < share < 1:
            raise DataError(f"{share!r} is not a prevalence between 0 and 1", where=name)
    positive = promised * (actual / trained)
    negative = (1 - promised) * ((1 - actual) / (1 - trained))
    corrected: np.ndarray[Any, Any] = positive / (positive + negative)
    return corrected


def weighted_prevalence(prevalence: float, *, weight: float) -> float:
    """The prevalence that a model believes in when each positive row counts `weight` times: wπ / (wπ + 1 - π)."""
    if not 0 <= prevalence <= 1 or not weight > 0:
        raise DataError(f"a prevalence in [0, 1] and a weight above 0 are needed, not {prevalence!r} and {weight!r}")
    return weight * prevalence / (weight * prevalence + 1 - prevalence)


@dataclass(frozen=True)
class Calibrator:
    """A mending of scores into chances, learned from validation rows; call it with scores.

    Attributes
    ----------
    method : {"isotonic", "sigmoid"}
    knots : tuple of (score, chance)
        Isotonic: the chance at these scores, straight lines between them, flat beyond.
    slope, intercept : float
        Sigmoid: the chance is 1 / (1 + exp(-(slope · score + intercept))).
    """

    method: Method
    knots: tuple[tuple[float, float], ...] = ()
    slope: float = 0.0
    intercept: float = 0.0

    @classmethod
    def fit(cls, labels: ArrayLike, scores: ArrayLike, *, method: Method = "isotonic") -> Calibrator:
        """Learn from rows that the model was not trained on.

        Parameters
        ----------
        labels : array of shape (n,), 0 and 1, both of them
        scores : array of shape (n,)
        method : {"isotonic", "sigmoid"}
            `isotonic` (Zadrozny and Elkan 2002) takes any rising shape, and a thousand rows or so; `sigmoid` (Platt 1999)
            has two numbers to learn and takes few rows.

        Raises
        ------
        DataError
            With one class only.
        """
        truth, numbers = labels_and_scores(labels, scores)
        if truth.all() or not truth.any():
            raise DataError(
                f"all {len(truth):,} rows are of class {int(truth[0])}", where="labels", remedy="give both classes"
            )
        if method == "isotonic":
            return cls("isotonic", knots=_isotonic(truth, numbers))
        if method == "sigmoid":
            slope, intercept = _sigmoid(truth, numbers)
            return cls("sigmoid", slope=slope, intercept=intercept)
        raise DataError(f"no method `{method}`", where="method", remedy="methods: isotonic, sigmoid")

    def __call__(self, scores: ArrayLike) -> np.ndarray[Any, Any]:
        """The chances of these scores, shape (n,), in [0, 1]."""
        import numpy as np
        from scipy.special import expit

        numbers = numbers_of(scores)
        if self.method == "isotonic":
            at, chance = zip(*self.knots, strict=True)
            mended: np.ndarray[Any, Any] = np.interp(numbers, at, chance)
        else:
            mended = expit(self.slope * numbers + self.intercept)
        return mended

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file."""
        if self.method == "isotonic":
            return {"method": "isotonic", "knots": [list(knot) for knot in self.knots]}
        return {"method": "sigmoid", "slope": self.slope, "intercept": self.intercept}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibrator:
        """The calibrator that `to_dict` wrote.

        Raises
        ------
        DataError
            When the values are not those of a calibrator.
        """
        try:
            if values["method"] == "isotonic":
                knots = tuple((float(score), float(chance)) for score, chance in values["knots"])
                if knots:
                    return cls("isotonic", knots=knots)
            elif values["method"] == "sigmoid":
                return cls("sigmoid", slope=float(values["slope"]), intercept=float(values["intercept"]))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"not a calibrator: {error!r}", where="calibrator") from error
        raise DataError("not a calibrator: no such method, or no knots", where="calibrator")


def _edges(promised: np.ndarray[Any, Any], bins: int, strategy: str) -> np.ndarray[Any, Any]:
    import numpy as np

    if bins < 1:
        raise DataError(f"{bins!r} bins are too few", where="bins")
    grid = np.linspace(0, 1, bins + 1)
    if strategy == "uniform":
        return grid
    if strategy == "quantile":
        edges: np.ndarray[Any, Any] = np.percentile(promised, 100 * grid)  # as scikit-learn, to the last bit
        return edges
    raise DataError(f"no strategy `{strategy}`", where="strategy", remedy="strategies: uniform, quantile")


def _isotonic(truth: np.ndarray[Any, Any], numbers: np.ndarray[Any, Any]) -> tuple[tuple[float, float], ...]:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(numbers, truth.astype(float))
    return tuple(zip(fitted.X_thresholds_.tolist(), fitted.y_thresholds_.tolist(), strict=True))


def _sigmoid(truth: np.ndarray[Any, Any], numbers: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Platt's fit: logistic regression towards targets drawn in a little, so that a perfect split stays finite."""
    import numpy as np
    from scipy.special import logit
    from sklearn.linear_model import LogisticRegression

    m, n = int(truth.sum()), int((~truth).sum())
    target = np.where(truth, (m + 1) / (m + 2), 1 / (n + 2))
    centre, spread = float(numbers.mean()), float(numbers.std())
    if spread == 0:
        return 0.0, float(logit(target.mean()))
    # A target t between 0 and 1 is a row of class 1 with weight t and one of class 0 with weight 1 - t.
    x = np.tile((numbers - centre) / spread, 2).reshape(-1, 1)
    y = np.repeat([1, 0], len(numbers))
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    model.fit(x, y, sample_weight=np.concatenate([target, 1 - target]))
    slope = float(model.coef_[0, 0]) / spread
    return slope, float(model.intercept_[0]) - slope * centre
