"""What a request may hold: one field a model input, with its kind and its limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.packaging.errors import PackageError

if TYPE_CHECKING:
    import pandas as pd

_KINDS = ("number", "integer")
_CODES = 1_000
"""Whole numbers that span less than this are counts or codes; beyond it they are amounts that happen to be whole."""


@dataclass(frozen=True)
class Field:
    """One input of the model, as a request gives it.

    Attributes
    ----------
    name : str
    kind : {"number", "integer"}
    low, high : float
        What a request may hold, both included: wide enough for honest rows, too narrow for a slipped decimal point.
    meaning, unit : str
    choices : tuple of float
        The only values allowed, or empty.
    """

    name: str
    kind: str
    low: float
    high: float
    meaning: str = ""
    unit: str = ""
    choices: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and 0 < len(self.name) <= 200 and self.name.isprintable()):
            raise PackageError(f"{self.name!r} is no name of a field")
        if self.kind not in _KINDS:
            raise PackageError(f"{self.kind!r} is no kind of field", where=self.name, remedy=f"kinds: {', '.join(_KINDS)}")
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise PackageError(f"no limits: {self.low!r} to {self.high!r}", where=self.name)

    def fault(self, value: float) -> str | None:
        """What is wrong with a number as a value of this field, as the end of a sentence; None where nothing is."""
        if not math.isfinite(value):
            return "must be a finite number"
        if self.kind == "integer" and value != int(value):
            return "must be a whole number"
        if self.choices and value not in self.choices:
            return "must be one of " + ", ".join(f"{each:g}" for each in self.choices)
        if not self.low <= value <= self.high:
            return f"must lie between {self.low:g} and {self.high:g}"
        return None

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file."""
        return {**asdict(self), "choices": list(self.choices)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Field:
        """The field that `to_dict` wrote; `PackageError` where it is none."""
        try:
            return cls(**{**values, "choices": tuple(values["choices"])})
        except (TypeError, KeyError) as error:
            raise PackageError(f"not a field: {error}", where="schema.json") from error


def schema_of(
    frame: pd.DataFrame,
    *,
    meanings: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    ranges: Mapping[str, tuple[float | None, float | None]] | None = None,
    choices: Mapping[str, Sequence[float]] | None = None,
    margin: float = 0.5,
) -> tuple[Field, ...]:
    """Fields for model inputs, from the rows that the model was trained on.

    Parameters
    ----------
    frame : DataFrame
        Training rows, one numeric column an input, in the order of the model.
    meanings, units : mapping of name to text, optional
    ranges : mapping of name to (low, high), optional
        Documented limits, where there are any; they go before what the rows show. None leaves a side to the rows.
    choices : mapping of name to numbers, optional
        Documented codes: a request holds one of them.
    margin : float
        How far a request may lie beyond the training rows, as a part of their span; 0 or more. A column without
        negative values stays without, a share from 0 to 1 stays one, and a flag keeps its two values.

    Returns
    -------
    tuple of Field
        In the frame's column order.

    Raises
    ------
    PackageError
        When there are no rows, or a column is not finite numbers.
    """
    if frame.empty:
        raise PackageError("there are no rows to take limits from", where="frame")
    if not margin >= 0:
        raise PackageError(f"{margin!r} is no margin", where="margin", remedy="give 0 or more")
    made = []
    for name, column in frame.items():
        field = _field(str(name), column, margin)
        low, high = (ranges or {}).get(field.name, (None, None))
        codes = tuple(float(code) for code in (choices or {}).get(field.name, ()))
        limits: dict[str, Any] = {"low": min(codes), "high": max(codes), "choices": codes} if codes else {}
        limits |= {side: float(at) for side, at in (("low", low), ("high", high)) if at is not None}
        limits |= {"meaning": (meanings or {}).get(field.name, ""), "unit": (units or {}).get(field.name, "")}
        made.append(replace(field, **limits))
    return tuple(made)


def names_of(fields: Sequence[Field]) -> tuple[str, ...]:
    """The fields' names in order; `PackageError` where there is none, or one is there twice."""
    names = tuple(field.name for field in fields)
    if not names or len(set(names)) != len(names):
        raise PackageError("a schema needs fields, each with a name of its own", where="fields")
    return names


def _field(name: str, column: pd.Series, margin: float) -> Field:
    """The field that the rows alone suggest."""
    import numpy as np
    from pandas.api import types

    if not types.is_numeric_dtype(column) or not np.isfinite(values := column.to_numpy("float64", na_value=np.nan)).all():
        raise PackageError("not finite numbers throughout", where=f"column `{name}`")
    low, high = float(values.min()), float(values.max())
    kind = "integer" if (values == np.round(values)).all() and high - low < _CODES else "number"
    if kind == "integer" and set(np.unique(values)) <= {0.0, 1.0}:
        return Field(name, kind, 0.0, 1.0, choices=(0.0, 1.0))
    if (low, high) == (0.0, 1.0):  # a share
        return Field(name, kind, 0.0, 1.0)
    room = margin * (high - low) if high > low else margin * max(abs(high), 1.0)
    wide_low = _outward(low - room, down=True)
    return Field(name, kind, max(0.0, wide_low) if low >= 0 else wide_low, _outward(high + room, down=False))


def _outward(value: float, *, down: bool) -> float:
    """`value` to two significant digits, rounded away from the rows."""
    if value == 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    if step < 1e-300:  # too near to the smallest number that there is to be rounded
        return value
    whole = (math.floor if down else math.ceil)(value / step)
    return float(f"{whole * step:.6g}")
