"""Naming a likely mistake: what a check asks of a value before it compares it with the key's."""

from __future__ import annotations

import math
from typing import Any

from workbench.checks.compare import elements, form_of
from workbench.checks.verdict import Incorrect

_NOUGHT = 1e-9  # as far from 0 as a rounding may be


def mistake(condition: Any, message: str) -> None:
    """Say `message` when the answer shows a likely mistake.

    Parameters
    ----------
    condition : bool or array of bool
        Whether the mistake is there; an array means that all of its elements are true.
    message : str
        Names the variable in backticks and the mistake, never the right value.
    """
    if _truth(condition):
        raise Incorrect(message)


def near(value: Any, wrong: float | None, *, rtol: float = 1e-3) -> bool:
    """Whether `value` is what a mistake gives: for the condition of `mistake`, not for the verdict.

    Parameters
    ----------
    value : any
        From ``answer``.
    wrong : float or None
        What the mistake gives; None where it gives nothing.
    rtol : float
        Relative tolerance (default 0.1 %), 0 or more. It is much narrower than that of `close`, so that a right answer is
        seldom taken for a mistake whose result lies beside it.

    Returns
    -------
    bool
        Never true of what is no number (`is_number`), nor of NaN and infinity.
    """
    if wrong is None or not is_number(value) or not math.isfinite(value) or not math.isfinite(wrong):
        return False
    return bool(abs(value - wrong) <= _NOUGHT + rtol * abs(wrong))


def is_number(value: Any) -> bool:
    """Whether a value from ``answer`` is a whole or decimal number; a truth value is none, and nor is text."""
    return form_of(value) == "number"


def as_list(value: Any) -> Any:
    """A list of what a tuple, an array of one dimension or a column holds; everything else as it is."""
    return list(elements(value)) if form_of(value) == "sequence" else value


def _truth(condition: Any) -> bool:
    if type(condition).__module__.partition(".")[0] in ("numpy", "pandas") and hasattr(condition, "all"):
        everything = condition.all()
        everything = everything.all() if hasattr(everything, "all") else everything
        return bool(everything) and getattr(condition, "size", 1) > 0
    return bool(condition)
