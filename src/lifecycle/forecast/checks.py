"""What every room asks of its arguments before it computes with them."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING

from lifecycle.forecast.errors import ForecastError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


def whole(value: object, name: str, *, least: int = 1) -> int:
    """`value`, once it is a whole number from `least` on.

    Raises
    ------
    ForecastError
        That names the argument and what it was.
    """
    if isinstance(value, bool) or not isinstance(value, Integral) or value < least:
        raise ForecastError(
            f"`{name}` is {value}: it must be {least} or more", where=name, remedy=f"a whole number, {least} or more"
        )
    return int(value)


def share(value: object, name: str) -> float:
    """`value`, once it lies between 0 and 1, both excluded."""
    number = finite(value, name)
    if not 0 < number < 1:
        raise ForecastError(f"a {name} of {value}: it must lie between 0 and 1", where=name, remedy="0.95 for 95 %")
    return number


def finite(value: object, name: str, *, least: float = -math.inf) -> float:
    """`value`, once it is a finite number from `least` on."""
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value < least:
        wanted = "a finite number" + (f", {least:g} or more" if least > -math.inf else "")
        raise ForecastError(f"`{name}` is {value}: it must be {wanted}", where=name)
    return float(value)


def has_columns(table: pd.DataFrame, names: Iterable[str], *, where: str) -> None:
    """Refuse a table that lacks one of the columns."""
    missing = [name for name in names if name not in table.columns]
    if missing:
        raise ForecastError(f"there is no column `{missing[0]}`", where=where, tried=", ".join(map(str, table.columns)))
