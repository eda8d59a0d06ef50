"""How does the score move with one feature? The average curve, and the curves of single rows behind it.

*Partial dependence* sets a feature to one value in all rows, scores them, takes the mean, and goes on to the next value
(Friedman 2001). The *individual* curves, one a row, show what the mean hides: rows that move in opposite directions cancel
(Goldstein et al. 2015). Both score rows that may not exist: nothing else moves with the feature, not even
what is made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.explain.contributions import ExplanationError
from lifecycle.explain.scoring import scored

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from lifecycle.explain.scoring import Score


@dataclass(frozen=True, eq=False)
class Dependence:
    """Scores over the values of one feature.

    Attributes
    ----------
    feature : str
    grid : array of shape (n_values,)
        The values that the feature was set to, rising.
    curves : array of shape (n_rows, n_values)
        The score of each row at each of them.
    """

    feature: str
    grid: NDArray[np.float64]
    curves: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """The partial dependence, shape (n_values,)."""
        average: NDArray[np.float64] = self.curves.mean(axis=0)
        return average

    @property
    def table(self) -> pd.DataFrame:
        """The feature's values, and beside each the mean and the middle 80 % of the scores."""
        import numpy as np
        import pandas as pd

        low, high = np.quantile(self.curves, [0.1, 0.9], axis=0)
        return pd.DataFrame({self.feature: self.grid, "mean": self.mean, "10 %": low, "90 %": high})


def partial_dependence(
    score: Score,
    frame: pd.DataFrame,
    feature: str,
    *,
    grid: Sequence[float] | None = None,
    points: int = 20,
    limits: tuple[float, float] = (0.05, 0.95),
) -> Dependence:
    """Score all rows with `feature` set to each of a few values.

    Parameters
    ----------
    score : callable
        Takes a DataFrame like `frame` and gives one number a row.
    frame : DataFrame
        Rows to average over; some hundred are enough.
    feature : str
    grid : sequence of float, optional
        Values to try. Without it: all values that occur, where there are at most `points`; else evenly spaced ones.
    points : int
        At least 2.
    limits : (float, float)
        Quantiles of the feature between which they are spaced: few rows beyond them tell what the model learned there.

    Raises
    ------
    ExplanationError
        When there is no such column, no rows, or nothing to try.
    """
    import numpy as np

    if feature not in frame.columns or not len(frame):
        raise ExplanationError(
            f"no rows with a column `{feature}`", where="frame", tried="columns: " + ", ".join(map(str, frame.columns))
        )
    values = (
        _grid(frame[feature].to_numpy(dtype="float64"), points, limits)
        if grid is None
        else np.unique(np.asarray(grid, float))
    )
    if not len(values):
        raise ExplanationError("no values to try", where="grid")
    numeric = frame.astype({feature: "float64"})
    curves = np.column_stack([scored(score, numeric.assign(**{feature: value})) for value in values])
    return Dependence(feature, values, curves)


def _grid(column: NDArray[Any], points: int, limits: tuple[float, float]) -> NDArray[np.float64]:
    import numpy as np

    if not 0 <= limits[0] < limits[1] <= 1:
        raise ExplanationError(f"no quantiles from {limits[0]:g} to {limits[1]:g}", where="limits")
    if points < 2:
        raise ExplanationError(f"{points} points make no curve", where="points", remedy="ask for 2 or more")
    present = np.unique(column[~np.isnan(column)])
    if len(present) <= points:
        return present
    low, high = np.nanquantile(column, limits)
    return np.unique(np.linspace(low, high, points))
