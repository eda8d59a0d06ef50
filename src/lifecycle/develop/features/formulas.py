"""The building blocks of features: each turns columns of numbers into one column of numbers, row by row.

Nothing here is fitted, so a row gives the same numbers alone, among a thousand others, in training and in serving. What is
unknown stays unknown: where a source is NaN, so is the feature, flags included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Columns = Mapping[str, Numbers]
    Formula = Callable[[Columns], Numbers]

# Logarithm, sine and cosine may differ in the last digits between processors; so many decimals are the same on all.
_DECIMALS = 6


@dataclass(frozen=True)
class Feature:
    """One model input.

    Attributes
    ----------
    name, meaning, unit : str
        What it is called, what it says, and in which unit; the unit is empty for a code, a count, a share or a flag.
    sources : tuple of str
        The raw columns that it is made of.
    """

    name: str
    meaning: str
    unit: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """A feature and how it is made: `formula` takes its source columns by name, as float64, and gives its values."""

    feature: Feature
    formula: Formula


def safe_ratio(numerator: Any, denominator: Any, *, otherwise: float = 0.0) -> Any:
    """Divide, and answer `otherwise` where the denominator is zero.

    Parameters
    ----------
    numerator, denominator : number, array or Series
        Two arrays or Series must be of one length; a number stands for all rows.
    otherwise : float
        The value where nothing can be divided. 0 is a choice, not a fact: spend per order of a customer without orders
        is not known to be 0. Say what you chose in the feature's meaning.

    Returns
    -------
    float, array or Series of float
        A Series without a name (indexed as the one given) when either is a Series. NaN in either stays NaN.

    Raises
    ------
    DataError
        When one of them holds anything but numbers, or the two cannot be paired: lengths or indexes differ.
    """
    import numpy as np
    import pandas as pd

    try:
        over, under = _floats(numerator), _floats(denominator)
    except (TypeError, ValueError) as error:
        raise DataError("only numbers can be divided", where="safe_ratio", tried=str(error)) from error
    series = [each for each in (numerator, denominator) if isinstance(each, pd.Series)]
    if (over.ndim and under.ndim and over.shape != under.shape) or (
        len(series) == 2 and not series[0].index.equals(series[1].index)
    ):
        raise DataError(
            "numerator and denominator do not belong to the same rows",
            where="safe_ratio",
            tried=f"shapes {over.shape} and {under.shape}",
            remedy="give two columns of one frame, or a column and a number",
        )
    over, under = np.broadcast_arrays(over, under)
    zero = under == 0
    made = np.divide(over, np.where(zero, 1.0, under))
    made = np.where(zero & ~np.isnan(over), otherwise, made)
    if series:
        return pd.Series(made, index=series[0].index)
    return made if made.ndim else float(made)


def _floats(values: Any) -> Numbers:
    import numpy as np
    import pandas as pd

    if isinstance(values, pd.Series):
        floats: Numbers = values.to_numpy(dtype="float64", na_value=np.nan)
        return floats
    return np.asarray(values, dtype="float64")


def raw(name: str, meaning: str, unit: str = "") -> Definition:
    """The column as it is."""
    return Definition(Feature(name, meaning, unit, (name,)), lambda c: c[name])


def one_hot(column: str, codes: Mapping[str, tuple[int, ...]], *, about: str) -> tuple[Definition, ...]:
    """One flag a category: ``column_label`` is 1 where the column holds one of the label's codes.

    The codes are fixed here, never learnt from rows, so that one row gives as many columns as a thousand. A code that
    belongs to no label is an error.
    """
    known = tuple(code for group in codes.values() for code in group)

    def made(label: str, group: tuple[int, ...]) -> Definition:
        return Definition(
            Feature(f"{column}_{label}", f"1 where {about} is {label.replace('_', ' ')}", "", (column,)),
            lambda c: indicator(c[column], _member(c[column], group, known, column)),
        )

    return tuple(made(label, group) for label, group in codes.items())


def bands(column: str, edges: Mapping[str, float], *, above: str, about: str) -> tuple[Definition, ...]:
    """One flag a bin: ``column_label`` is 1 beyond the edge before and up to its own, included; `above` is the last."""
    lows = [float("-inf"), *edges.values()]
    highs = [*edges.values(), float("inf")]

    def made(label: str, low: float, high: float) -> Definition:
        limits = [f"over {low:,g}"] * (low != float("-inf")) + [f"at most {high:,g}"] * (high != float("inf"))
        return Definition(
            Feature(f"{column}_{label}", f"1 where {about} is {' and '.join(limits)}", "", (column,)),
            lambda c: indicator(c[column], (c[column] > low) & (c[column] <= high)),
        )

    return tuple(made(*each) for each in zip([*edges, above], lows, highs, strict=True))


def indicator(values: Numbers, condition: NDArray[np.bool_]) -> Numbers:
    """1 where `condition` holds, 0 where not, NaN where `values`, which it was asked of, is unknown."""
    import numpy as np

    flags: Numbers = np.where(np.isnan(values), np.nan, condition)
    return flags


def total(parts: Iterable[Numbers]) -> Numbers:
    """The sum of columns, added in the order given: the same to the last bit for one row and for many."""
    first, *others = parts
    for other in others:
        first = first + other
    return first


def logarithm(values: Numbers) -> Numbers:
    """log(1 + value), to six decimals; a value below zero counts as zero."""
    import numpy as np

    logs: Numbers = np.log1p(values.clip(min=0)).round(_DECIMALS)
    return logs


def on_the_clock(hours: Numbers) -> tuple[Numbers, Numbers]:
    """Sine and cosine of the hour of the day, to six decimals: 23 and 0 become neighbours."""
    import numpy as np

    angle = hours * (2 * np.pi / 24)
    return np.sin(angle).round(_DECIMALS), np.cos(angle).round(_DECIMALS)


def _member(values: Numbers, group: tuple[int, ...], known: tuple[int, ...], column: str) -> NDArray[np.bool_]:
    import numpy as np

    strange = ~np.isin(values, known) & ~np.isnan(values)
    if strange.any():
        raise DataError(
            f"{values[strange][0]:g} is no known code",
            where=f"column `{column}`, row {int(strange.argmax()) + 1:,}",
            tried="codes: " + ", ".join(map(str, sorted(known))),
            remedy="correct the value, or give the code a meaning in feature_sets.py and train again",
        )
    return np.isin(values, group)
