"""Features: from raw rows to the fixed-size array of numbers that an algorithm can see.

`engineer` works row by row and fits nothing: what needs to be fitted (an imputer, a scaler, principal components, a
selection) is fitted later, on the training rows alone. So one function serves training and serving, and a row cannot
tell another's answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.develop.features.feature_sets import FEATURE_SETS
from lifecycle.develop.features.formulas import Feature, safe_ratio
from lifecycle.develop.sources.use_cases import use_case as _use_case
from lifecycle.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["PARTS", "Feature", "engineer", "engineered", "entity", "safe_ratio", "split"]

PARTS = ("train", "validation", "test")


def engineered(use_case: str) -> tuple[Feature, ...]:
    """The features of a use case, in the order of `engineer`'s columns.

    Raises
    ------
    DataError
        For an unknown use case.
    """
    return tuple(definition.feature for definition in FEATURE_SETS[_use_case(use_case).name])


def engineer(frame: pd.DataFrame, *, use_case: str) -> pd.DataFrame:
    """Make the model inputs of each row from that row alone.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, n_columns)
        Raw rows as `load` gives them; one row works too. Columns that no feature needs (target, identifier) are not read.
    use_case : str
        ``"credit"``, ``"fraud"`` or ``"churn"``.

    Returns
    -------
    DataFrame of float64, shape (n_rows, n_features)
        A column a feature (see `engineered`), the index of `frame`. A row's values do not depend on the rows beside it.
        NaN where a source is NaN; a denominator of zero never gives infinity.

    Raises
    ------
    DataError
        When a source column is missing, stands twice, or does not hold numbers; for a category's unknown code.
    """
    import numpy as np
    import pandas as pd

    definitions = FEATURE_SETS[_use_case(use_case).name]
    needed = dict.fromkeys(source for each in definitions for source in each.feature.sources)
    columns = _numbers(frame, needed, use_case)
    values = np.empty((len(definitions), len(frame)))
    for row, definition in zip(values, definitions, strict=True):
        row[:] = definition.formula(columns)
    names = [definition.feature.name for definition in definitions]
    return pd.DataFrame(values.T, index=frame.index, columns=names, copy=False)


def entity(frame: pd.DataFrame, *, use_case: str) -> pd.Series:
    """Tell which client, transaction or customer each row is.

    Returns
    -------
    Series of int64, named ``entity``, indexed as `frame`
        The use case's identifier; for fraud, which has none, the row's number, that is its index label: rows keep
        their number when some of them are taken out.

    Raises
    ------
    DataError
        When the identifier is missing, not whole, or not unique.
    """
    import pandas as pd
    from pandas.api.types import is_integer_dtype

    case = _use_case(use_case)
    if case.identifier is not None and case.identifier not in frame.columns:
        raise DataError(f"column `{case.identifier}` is missing", where=use_case, remedy="give the rows as `load` made them")
    values = pd.Series(frame.index if case.identifier is None else frame[case.identifier])
    name = "the index" if case.identifier is None else f"column `{case.identifier}`"
    if not is_integer_dtype(values.dtype) or values.isna().any():
        raise DataError(f"{name} does not hold whole numbers", where=use_case, remedy="give the rows as `load` made them")
    if values.duplicated().any():
        raise DataError(
            f"{name} holds {values[values.duplicated()].iloc[0]:,} twice",
            where=use_case,
            remedy="one row an entity: leave out what stands twice, or give the rows fresh numbers with `reset_index`",
        )
    return pd.Series(values.to_numpy(dtype="int64"), index=frame.index, name="entity")


def split(
    labels: pd.Series,
    *,
    shares: tuple[float, float, float] = (0.6, 0.2, 0.2),
    seed: int = 0,
) -> pd.Series:
    """Draw lots for each row: train, validation or test, each class by the same shares.

    Parameters
    ----------
    labels : Series of shape (n_rows,)
        The class of each row.
    shares : tuple of three floats
        Shares of the parts, each 0 or more, 1 in all. A part with share 0 gets no row.
    seed : int
        Which rows go where.

    Returns
    -------
    Series of str, named ``split``, indexed as `labels`
        Within each class, the sizes are the shares to within one row.

    Raises
    ------
    DataError
        When the shares are not such, a label is missing, or a class has too few rows to be in every part.
    """
    import numpy as np
    import pandas as pd

    if len(shares) != 3 or not all(0 <= share <= 1 for share in shares) or abs(sum(shares) - 1) > 1e-9:
        raise DataError(
            f"shares {tuple(shares)} are not three shares of one whole", where="split", remedy="as (0.6, 0.2, 0.2)"
        )
    if labels.isna().any():
        raise DataError("a label is missing", where="split", remedy="leave out the rows without a label")
    rng = np.random.default_rng(seed)
    parts = np.empty(len(labels), dtype="int64")
    values = labels.to_numpy()
    for value in np.unique(values):
        rows = rng.permutation(np.flatnonzero(values == value))
        sizes = _sizes(len(rows), shares)
        if any(size == 0 for size, share in zip(sizes, shares, strict=True) if share > 0):
            raise DataError(
                f"class {value} has {len(rows):,} row{'s' * (len(rows) != 1)}: too few for every part to get one",
                where="split",
                remedy="take more rows, or other shares",
            )
        parts[rows] = np.repeat(np.arange(3), sizes)
    return pd.Series(np.array(PARTS)[parts], index=labels.index, name="split", dtype="str")


def _sizes(n: int, shares: tuple[float, float, float]) -> NDArray[np.int64]:
    """Whole numbers that add up to `n` and keep the shares to within one row: cut where the running total is nearest."""
    import numpy as np

    cuts = np.floor(np.cumsum((0.0, *shares)) * n + 0.5 - 1e-9).astype("int64")
    cuts[-1] = n
    return np.diff(cuts)


def _numbers(frame: pd.DataFrame, needed: Iterable[str], use_case: str) -> dict[str, NDArray[np.float64]]:
    """The needed columns as float64."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    names = list(frame.columns)
    found = {}
    for name in needed:
        if names.count(name) != 1:
            raise DataError(
                f"column `{name}` is missing" if name not in names else f"column `{name}` stands twice",
                where=use_case,
                tried="columns: " + ", ".join(map(str, names[:40])),
                remedy="give the rows as `load` made them",
            )
        column = frame[name]
        if not (is_numeric_dtype(column.dtype) or is_bool_dtype(column.dtype)):
            raise DataError(
                f"column `{name}` holds {column.dtype}, not numbers",
                where=use_case,
                remedy="convert it with `pd.to_numeric`",
            )
        found[name] = column.to_numpy(dtype="float64", na_value=float("nan"))
    return found
