"""One difference between a stored output and a new one."""

from __future__ import annotations

import math
from dataclasses import dataclass

_SHOWN = 200  # characters of a value that a terminal line can bear


@dataclass(frozen=True)
class Difference:
    """What changed, and where.

    Attributes
    ----------
    kind : str
        ``number``, ``text``, ``figure``, ``output`` (one more, one fewer, or of another type), ``cell`` (one without a
        counterpart) or ``error`` (a cell that raises now, or no longer).
    where : str
        The place in the output, as in ``table 1, row 'age', column 'mean'`` or ``stdout, line 3``.
    old, new : str
        The values, whole; empty where there is none.
    cell : str
        Identifier of the cell; empty for a difference of the notebook as a whole.
    notebook : str
        Its path, where a notebook of a file was compared.
    relative : float or None
        ``|new - old| / |old|`` for a number, infinite where `old` is 0; for a figure, the share of its colour range by which
        its most changed tile changed, 0 to 1; None for what has no size.
    """

    kind: str
    where: str
    old: str
    new: str
    cell: str = ""
    notebook: str = ""
    relative: float | None = None

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.notebook, f"cell {self.cell}" if self.cell else "", self.where) if part)
        change = "" if self.relative is None else f"  ({describe(self.relative)})"
        return f"{place}\n  old: {_short(self.old)}\n  new: {_short(self.new)}{change}"


def describe(relative: float) -> str:
    """A relative change as a person reads it: ``relative change 1.2e-05``."""
    return "relative change: from zero" if math.isinf(relative) else f"relative change {relative:.2g}"


def _short(value: str) -> str:
    line = value.replace("\n", "⏎")
    if not line:
        return "(nothing)"
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
