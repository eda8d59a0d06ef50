"""What the room asks of its input before it computes: numbers, whole tables, and a message instead of a traceback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.cases import given
from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def numbers_or_missing(values: ArrayLike, *, where: str, rows: int | None = None) -> NDArray[np.float64]:
    """`values` as one column of floats; missing ones are NaN."""
    return given.numbers_or_missing(values, where=f"credit_risk: {where}", length=rows)


def both_kinds(values: ArrayLike, *, where: str, rows: int | None = None) -> NDArray[np.float64]:
    """`values` as labels: 0 and 1 only, some of each."""
    import numpy as np

    label = numbers_or_missing(values, where=where, rows=rows)
    if not np.isin(label, (0, 1)).all() or not 0 < label.sum() < len(label):
        raise CaseError(
            "labels should be 0 and 1, some of each", where=f"credit_risk: {where}", remedy="give good and bad cases"
        )
    return label


def positive(value: Any, *, where: str) -> float:
    """`value`, a finite number above 0."""
    if not (given.is_number(value) and value > 0):
        raise CaseError(f"{value!r} should be a number above 0", where=f"credit_risk: {where}")
    return float(value)


def whole(value: Any, *, where: str, least: int | None = None) -> int:
    """`value`, a whole number, `least` or more; 3.0 is one too, as documents write it."""
    odd = not given.is_number(value) or not float(value).is_integer()
    if odd or (least is not None and value < least):
        limit = "" if least is None else f", {least} or more"
        raise CaseError(f"{value!r} should be a whole number{limit}", where=f"credit_risk: {where}")
    return int(value)


def complete_lines(lines: Sequence[Mapping[str, Any]], *, feature: str) -> None:
    """Refuse a table in which some value has no line, or two: lines rise without a gap, the last is that of the missing."""
    where = f"credit_risk: `{feature}`"
    if len(lines) < 2 or not lines[-1].get("missing") or any(line.get("missing") for line in lines[:-1]):
        raise CaseError("the last line, and no other, should be that of missing values", where=where)
    lows, highs = ([line[side] for line in lines[:-1]] for side in ("from", "below"))
    inner = [float(low) for low in lows[1:]]
    if lows[0] is not None or highs != [*lows[1:], None] or inner != sorted(set(inner)):
        raise CaseError("lines should follow each other from the lowest value to the highest", where=where,
                        remedy="give the lines as `to_dict` wrote them")  # fmt: skip
