"""What a caller gave: is it a number, and are there as many as there should be? Rooms ask here before they compute."""

from __future__ import annotations

import math
from numbers import Integral, Real
from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def is_number(value: object, *, least: float = -math.inf, most: float = math.inf) -> bool:
    """Whether a value is a finite number (true and false are none, and none is too large for a float), `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(float(value)) and least <= float(value) <= most
    except OverflowError:
        return False


def is_whole(value: object, *, least: float = -math.inf, most: float = math.inf) -> bool:
    """Whether a value is a whole number (3, and not 3.0: it counts or seeds), `least` to `most`."""
    return isinstance(value, Integral) and is_number(value, least=least, most=most)


def finite_numbers(
    values: object, *, where: str, length: int | None = None, least: float = -math.inf, most: float = math.inf
) -> NDArray[np.float64]:
    """Values as a row of finite numbers.

    Parameters
    ----------
    values : sequence
    where : str
        What is said of the place when they are not.
    length : int, optional
        How many there have to be; one or more by default.
    least, most : float
        Bounds of each.

    Raises
    ------
    CaseError
        When they are no numbers, not finite, out of bounds, not in one row, or not as many.
    """
    import numpy as np

    found = numbers_or_missing(values, where=where, length=length)
    if length is None and not len(found):
        raise CaseError("a row of numbers is needed, one or more of them", where=where)
    if not (np.isfinite(found) & (found >= least) & (found <= most)).all():
        bounds = "" if math.isinf(least) and math.isinf(most) else f" from {least:g} to {most:g}"
        raise CaseError(f"each has to be a finite number{bounds}", where=where)
    return found


def numbers_or_missing(values: object, *, where: str, length: int | None = None) -> NDArray[np.float64]:
    """Values as a row of numbers of which some, as NaN, are missing.

    Parameters
    ----------
    values : sequence
    where : str
        What is said of the place when they are not.
    length : int, optional
        How many there have to be.

    Raises
    ------
    CaseError
        When they are no numbers, not in one row, or not as many.
    """
    import numpy as np

    try:
        found = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise CaseError(f"not numbers: {error}", where=where) from error
    if found.ndim != 1 or (length is not None and len(found) != length):
        wanted = "one row of numbers" if length is None else f"{length:,} numbers"
        raise CaseError(f"shape {found.shape} where {wanted} should be", where=where)
    return found
