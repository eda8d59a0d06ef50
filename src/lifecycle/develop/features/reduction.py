"""Fewer numbers a row: principal components fitted on training rows, and the arithmetic of what a reduction saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log2, sqrt
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Components:
    """Principal components of a table's training rows.

    Attributes
    ----------
    features : tuple
        Names of the columns they are made of.
    mean, deviation : array of shape (n_features,)
        Of the training rows; a constant column has deviation 1. Every row is standardised by these before it is projected.
    directions : array of shape (n_components, n_features)
        Unit vectors, orthogonal to each other, the largest entry of each positive.
    shares : array of shape (n_components,)
        Share of the training rows' variance along each, largest first.
    """

    features: tuple[Any, ...]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]
    directions: NDArray[np.float64]
    shares: NDArray[np.float64]

    @property
    def names(self) -> tuple[str, ...]:
        """``pc1``, ``pc2``, ..."""
        return tuple(f"pc{i}" for i in range(1, len(self.shares) + 1))

    def transform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Project rows, seen in fitting or not; the index is kept.

        Raises
        ------
        DataError
            When a column is missing or a value is not finite.
        """
        import pandas as pd

        values = self._standardised(frame) @ self.directions.T
        return pd.DataFrame(values, index=frame.index, columns=list(self.names))

    def first(self, count: int) -> Components:
        """Keep the first `count` components.

        Raises
        ------
        DataError
            When there are not as many, or fewer than 1 are asked for.
        """
        if not 1 <= count <= len(self.shares):
            raise DataError(f"{count} components of {len(self.shares)} cannot be kept", where="count")
        return Components(self.features, self.mean, self.deviation, self.directions[:count], self.shares[:count])

    def needed(self, share: float) -> int:
        """How many components hold at least `share` (above 0, up to 1) of the variance.

        Raises
        ------
        DataError
            When all of them together hold less, or the share is outside its limits.
        """
        import numpy as np

        total = float(self.shares.sum())
        if not 0 < share <= min(1.0, total + 1e-9):
            raise DataError(f"these components hold {total:.4g} of the variance, and {share:g} was asked for", where="share")
        return min(int(np.searchsorted(np.cumsum(self.shares), share - 1e-9)) + 1, len(self.shares))

    def loadings(self) -> pd.DataFrame:
        """Weight of each column (rows) in each component (columns): all that is left of what the columns meant."""
        import pandas as pd

        return pd.DataFrame(self.directions.T, index=list(self.features), columns=list(self.names))

    def lost(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Squared distance of each standardised row from its projection, 0 or more: what the components cannot say of it."""
        import numpy as np

        values = self._standardised(frame)
        rest: NDArray[np.float64] = values - values @ self.directions.T @ self.directions
        return np.asarray((rest**2).sum(axis=1))

    def _standardised(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        values = (_numbers(frame, self.features) - self.mean) / self.deviation
        return values


def fit_components(frame: pd.DataFrame, *, count: int | None = None) -> Components:
    """Principal components (Pearson 1901; Hotelling 1933) of standardised columns.

    Parameters
    ----------
    frame : DataFrame of numbers, at least 2 rows
        Training rows only.
    count : int, optional
        So many components; all of them, the lower of rows less one and columns, where none is given.

    Returns
    -------
    Components

    Raises
    ------
    DataError
        For too few rows, a value that is not finite, no column that varies, or more components than there can be.
    """
    import numpy as np

    features = tuple(frame.columns)
    values = _numbers(frame, features)
    most = min(len(values) - 1, len(features))
    if most < 1:
        raise DataError(f"{len(values):,} rows and {len(features)} columns are too few", where="frame")
    if count is not None and not 1 <= count <= most:
        raise DataError(
            f"{count} components cannot be had from {len(values):,} rows and {len(features)} columns", where="count"
        )
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    if not (deviation > 0).any():
        raise DataError("every column is constant", where="frame")
    deviation = np.where(deviation > 0, deviation, 1.0)
    _, singular, directions = np.linalg.svd((values - mean) / deviation, full_matrices=False)
    # A direction and its opposite are the same component; a fixed sign makes two fits comparable.
    largest = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
    shares = singular**2 / (singular**2).sum()
    keep = count or most
    return Components(features, mean, deviation, directions[:keep], shares[:keep])


def saved(before: float, after: float) -> float:
    """Share that is gone: ``1 - after / before``. 0 means nothing, below 0 that there is more than before.

    Raises
    ------
    DataError
        When `before` is not above 0, or `after` is below 0.
    """
    _sizes(before, after)
    return 1 - after / before


def speed_up(before: float, after: float) -> float:
    """How many times faster: ``before / after``, of two durations in the same unit.

    Raises
    ------
    DataError
        When a duration is not above 0.
    """
    _sizes(before, after)
    if after == 0:
        raise DataError("nothing takes no time", where="after")
    return before / after


def matrix_bytes(rows: int, columns: int, *, bytes_each: int = 8) -> int:
    """Memory of a dense table of numbers; a float64 takes 8 bytes, a float32 takes 4."""
    return rows * columns * bytes_each


_COSTS: dict[str, Callable[[int, int], float]] = {
    "gradient step": lambda rows, columns: rows * columns,
    "boosted tree": lambda rows, columns: rows * columns,
    "forest tree": lambda rows, columns: rows * log2(rows) * sqrt(columns),
    "least squares": lambda rows, columns: rows * columns**2 + columns**3,
}


def fit_cost(kind: str, rows: int, columns: int) -> float:
    """Leading term of the operations that fitting takes, for comparing table sizes and nothing else.

    Parameters
    ----------
    kind : {"gradient step", "boosted tree", "forest tree", "least squares"}
        One pass of a linear model over the rows (``n p``); one level of a histogram-based tree (``n p``); a full tree that
        tries the square root of the columns at each split (``n log n sqrt(p)``); normal equations (``n p² + p³``).
    rows, columns : int
        Size of the table, at least 2 rows and 1 column.

    Raises
    ------
    DataError
        For an unknown kind, or a table that is too small.
    """
    if kind not in _COSTS:
        raise DataError(f"no cost is known for `{kind}`", where="kind", remedy="kinds: " + ", ".join(_COSTS))
    if rows < 2 or columns < 1:
        raise DataError(f"a table of {rows} rows and {columns} columns is too small", where="rows, columns")
    return float(_COSTS[kind](rows, columns))


def _sizes(before: float, after: float) -> None:
    if not before > 0:
        raise DataError(f"`before` is {before:g}, and must be above 0", where="before")
    if after < 0:
        raise DataError(f"`after` is {after:g}, and cannot be below 0", where="after")


def _numbers(frame: pd.DataFrame, features: tuple[Any, ...]) -> NDArray[np.float64]:
    import numpy as np

    lacking = [name for name in features if name not in frame.columns]
    if lacking:
        raise DataError(f"column `{lacking[0]}` is missing", where="frame")
    try:
        values: NDArray[np.float64] = frame[list(features)].to_numpy(dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"a column does not hold numbers: {error}", where="frame", remedy="encode it first") from error
    if not np.isfinite(values).all():
        column = features[int((~np.isfinite(values)).any(axis=0).argmax())]
        raise DataError(f"column `{column}` has a gap or an infinite value", where="frame", remedy="impute it first")
    return values
