"""What a good time looks like: rows with outcomes and scores from before, prepared for comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Reference:
    """Rows of a good time; made by `reference_of`. Its columns are the features and, last, the score.

    Attributes
    ----------
    columns : tuple of str, length k
    ordered : mapping of name to ndarray, shape (n,)
        The values of each column, sorted.
    labels : ndarray of 0 and 1, shape (n,)
    ranks : ndarray, shape (n, k)
        As `ranks_of` gives them.
    """

    columns: tuple[str, ...]
    ordered: Mapping[str, NDArray[np.float64]] = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)
    ranks: NDArray[np.float64] = field(repr=False)
    _scaling: NDArray[np.float64] = field(repr=False)  # shape (2, k): mean and deviation of the places
    _steps: NDArray[np.float64] = field(repr=False)  # shape (2, m): scores, and the chance of a positive there
    _surprise: NDArray[np.float64] = field(repr=False)  # shape (2, 3 * k - 1): mean and deviation of the surprises

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.labels)

    def ranks_of(self, rows: pd.DataFrame) -> NDArray[np.float64]:
        """Places of values among those of the reference, shape (m, k): mean 0 and standard deviation 1 in the reference.

        A place knows nothing of scale and outliers: a value far beyond all others counts as the largest and no more.
        """
        scaled: NDArray[np.float64] = (_places(self.ordered, rows) - self._scaling[0]) / self._scaling[1]
        return scaled

    def surprises(
        self, ranks: NDArray[np.float64], scores: NDArray[np.float64], labels: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """How outcomes differ from what the scores promised, shape (m, 3 * k - 1): mean 0 and deviation 1 in the reference.

        The first column is outcome minus chance. The next k are this times the rank of each column: they see outcomes that
        are right on the whole, and wrong for high or low values of it. The last ones are it times the rank of the score,
        among high values of each feature and then among low ones: they see an order that is lost in a part of the clients.
        """
        import numpy as np

        chances = np.interp(scores, self._steps[0], self._steps[1])
        scaled: NDArray[np.float64] = (_surprises(chances, ranks, labels) - self._surprise[0]) / self._surprise[1]
        return scaled


def reference_of(rows: pd.DataFrame, *, target: str, features: Sequence[str], score: str = "score") -> Reference:
    """Prepare rows of a good time: held-out rows with outcomes and scores.

    Parameters
    ----------
    rows : DataFrame
        At least 100 rows that the model was not trained on: on those it was trained on it looks better than it is.
    target : str
        The outcome, 0 or 1; both must occur.
    features : sequence of str
    score : str
        The column with the model's scores.

    Raises
    ------
    DataError
        For missing columns, values that are not finite numbers, too few rows, or one outcome only.
    """
    import numpy as np
    from sklearn.isotonic import IsotonicRegression

    wanted = [*features, score]
    missing = [name for name in (target, *wanted) if name not in rows.columns]
    if missing:
        raise DataError(f"column `{missing[0]}` is missing", where="reference")
    table = rows[wanted].astype("float64").rename(columns={score: "score"})
    labels = rows[target].to_numpy()
    if len(rows) < 100 or not np.isfinite(table.to_numpy()).all() or set(np.unique(labels)) != {0, 1}:
        raise DataError("a reference needs 100 rows or more, finite numbers, and both outcomes, 0 and 1", where="reference")
    labels = labels.astype("int64")
    ordered = {str(name): np.sort(table[name].to_numpy()) for name in table.columns}
    places = _places(ordered, table)
    spread = places.std(axis=0)
    scaling = np.stack([places.mean(axis=0), np.where(spread > 0, spread, 1.0)])
    ranks = (places - scaling[0]) / scaling[1]
    scores, least = table["score"].to_numpy(), 0.5 / len(table)
    curve = IsotonicRegression(y_min=least, y_max=1 - least).fit(scores, labels)
    steps = np.stack([curve.X_thresholds_, curve.y_thresholds_])
    surprises = _surprises(np.interp(scores, *steps), ranks, labels)
    spread = surprises.std(axis=0)  # of a column that never differs it is 0, and nothing can be said
    moments = np.stack([surprises.mean(axis=0), np.where(spread > 1e-6, spread, np.inf)])
    return Reference(tuple(ordered), ordered, labels, ranks, scaling, steps, moments)


def _places(ordered: Mapping[str, NDArray[np.float64]], rows: pd.DataFrame) -> NDArray[np.float64]:
    import numpy as np

    found = []
    for name, known in ordered.items():
        values = rows[name].to_numpy(dtype="float64")
        below, up_to = (np.searchsorted(known, values, side=side) for side in ("left", "right"))
        found.append((below + up_to) / (2 * len(known)))
    return np.stack(found, axis=1)


def _surprises(chances: NDArray[np.float64], ranks: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    import numpy as np

    surprise = (labels - chances)[:, None]
    ordered, high = surprise * ranks[:, -1:], ranks[:, :-1] > 0
    return np.concatenate([surprise, surprise * ranks, ordered * high, ordered * ~high], axis=1)
