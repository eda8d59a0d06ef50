"""The guard between rows and a model: the right columns, in the right order, holding numbers, or no score at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.packaging.errors import FeatureOrderError, PackageError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

LARGEST = 3.0e38
"""About the largest number that float32 holds."""


def guarded(frame: pd.DataFrame, features: Sequence[str]) -> np.ndarray[Any, Any]:
    """The rows as the model takes them.

    Parameters
    ----------
    frame : DataFrame, n rows
        The features and nothing else, in their order. Right names in another order are refused too: where the names were
        mixed up, the values may have been.
    features : sequence of str, k names

    Returns
    -------
    array of float32, shape (n, k)

    Raises
    ------
    FeatureOrderError
        When the names are right and their order is not.
    PackageError
        For a column that is missing, unknown or there twice, and for values that are not finite numbers.
    """
    import numpy as np
    import pandas as pd

    if not isinstance(frame, pd.DataFrame):
        raise PackageError(f"rows come as a DataFrame with named columns, not as {type(frame).__name__}", where="rows",
                           remedy="without names nobody can tell two columns apart")  # fmt: skip
    _same_names([str(name) for name in frame.columns], list(features))
    for name, column in frame.items():
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_complex_dtype(column):
            raise PackageError(f"`{name}` does not hold numbers", where="rows", tried=f"its type is {column.dtype}")
    values: np.ndarray[Any, Any] = frame.to_numpy(dtype="float64", na_value=np.nan)
    fine = np.abs(values) <= LARGEST  # False for NaN
    if not fine.all():
        row, column_at = np.argwhere(~fine)[0]
        raise PackageError(f"`{features[column_at]}` holds {values[row, column_at]!s} in row {row}", where="rows",
                           remedy="the model takes finite numbers; set such rows aside")  # fmt: skip
    return values.astype("float32")


def _same_names(found: list[str], features: list[str]) -> None:
    if found == features:
        return
    twice = sorted({name for name in found if found.count(name) > 1})
    for names, what in (
        ([name for name in features if name not in found], "missing"),
        ([name for name in found if name not in features], "not a feature of this model"),
        (twice, "there twice"),
    ):
        if names:
            more = f", and {len(names) - 1} more" if names[1:] else ""
            raise PackageError(f"`{names[0]}` is {what}{more}", where="rows",
                               tried="the model's features: " + ", ".join(features[:30]))  # fmt: skip
    at = next(k for k, name in enumerate(features) if found[k] != name)
    raise FeatureOrderError(f"the columns are in another order: `{found[at]}` stands where `{features[at]}` belongs",
                            where="rows", remedy="select them by name: rows[list(package.features)]")  # fmt: skip
