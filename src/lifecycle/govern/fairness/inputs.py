"""What is checked before anything is counted: decisions are 0 or 1, scores finite, groups named, lengths equal."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_NOTHING: Mapping[str, Any] = {}


def rows(
    *,
    binary: Mapping[str, ArrayLike] = _NOTHING,
    finite: Mapping[str, ArrayLike] = _NOTHING,
    groups: ArrayLike | None = None,
) -> tuple[NDArray[Any], ...]:
    """Read what belongs to the same rows, or say which of it cannot be read.

    Parameters
    ----------
    binary, finite : mapping of str to array of shape (n,)
        By the name that a message should use: values that are 0 or 1, and values that are finite numbers.
    groups : array of shape (n,), optional
        Names of groups; any values, none of them missing.

    Returns
    -------
    tuple of array of shape (n,)
        Whole numbers, then floats, then texts, in the order given.

    Raises
    ------
    DataError
        When lengths differ, nothing is there, or a value is not what it should be.
    """
    import numpy as np

    given = {**binary, **finite} | ({} if groups is None else {"groups": groups})
    lengths = {}
    for name, values in given.items():
        shape = np.shape(np.asarray(values, dtype=object))
        if len(shape) != 1:
            raise DataError(f"`{name}` should be one value a row", remedy=f"its shape is {shape}; pass a single column")
        lengths[name] = shape[0]
    if len(set(lengths.values())) != 1 or not max(lengths.values()):
        first_of = {length: name for name, length in reversed(lengths.items())}  # of a wide frame not every column
        told = list(lengths) if len(lengths) < 5 else list(first_of.values())
        counted = ", ".join(f"{lengths[name]} {name}" for name in told)
        raise DataError(counted, remedy="give one of each a row, and at least one row")
    read: list[NDArray[Any]] = [_zeros_and_ones(name, values) for name, values in binary.items()]
    read += [finite_numbers(name, values) for name, values in finite.items()]
    return (*read, *([] if groups is None else [_names(groups)]))


def finite_numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Values as floats, refused where one is no number, missing or infinite."""
    import numpy as np

    found = _numbers(name, values)
    loose = int((~np.isfinite(found)).sum())
    if loose:
        raise DataError(
            f"`{name}` has {loose} missing or infinite values", remedy="fill them as the model does, or drop the rows"
        )
    return found


def within(name: str, value: object, low: float, high: float, *, open_ended: bool = False) -> None:
    """Refuse a setting outside of `low` to `high`, or on one of these ends where `open_ended`."""
    number = float(value) if isinstance(value, numbers.Real) else math.nan
    if not (low < number < high if open_ended else low <= number <= high):
        ends = f"above {low:g} and below {high:g}" if open_ended else f"between {low:g} and {high:g}"
        raise DataError(f"`{name}` is {value}", remedy=f"choose a number {ends}")


def whole(name: str, value: object, low: int) -> None:
    """Refuse what is no whole number from `low` on."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or int(value) < low:
        raise DataError(f"`{name}` is {value}", remedy=f"choose a whole number from {low} on")


def _numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    import numpy as np
    import pandas as pd

    wrong = DataError(f"`{name}` should be numbers", remedy="turn texts and dates into numbers first")
    try:
        column = pd.Series(np.asarray(values))
        if column.dtype.kind not in "biufO" or column.map(lambda value: isinstance(value, str)).any():
            raise wrong
        return np.asarray(column.to_numpy(dtype=float, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise wrong from error


def _zeros_and_ones(name: str, values: ArrayLike) -> NDArray[np.int64]:
    import numpy as np

    found = _numbers(name, values)
    wrong = found[~np.isin(found, (0, 1))]
    if len(wrong):
        raise DataError(
            f"`{name}` should be 0 or 1, and {len(wrong)} are not, the first {wrong[0]:g}",
            remedy="compare scores with a threshold first, and map other codes to 0 and 1",
        )
    return found.astype(np.int64)


def _names(groups: ArrayLike) -> NDArray[Any]:
    import numpy as np
    import pandas as pd

    who = pd.Series(np.asarray(groups, dtype=object))
    if who.isna().any():
        raise DataError(f"{int(who.isna().sum())} rows have no group", remedy="name them: who did not say is a group too")
    return np.asarray(who.astype(str), dtype=str)
