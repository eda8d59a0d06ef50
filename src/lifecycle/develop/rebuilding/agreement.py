"""When does a rebuilt model count as the same one? Decided before anybody looks.

With the same lock and the same arithmetic the files are equal to the bit, because everything that draws has its seed and
everything that adds has one thread. If they are not, something that matters is not on record.

Elsewhere, the last bits may differ: numerical libraries choose their code by the processor, and a sum that is
grouped in another way is rounded in another way. Trees mostly do not notice, since they compare numbers with thresholds:
with numpy's, the C library's and the linear algebra library's code for older and newer processors, boosting and forests came
out equal to the bit. A logistic model is fitted by linear algebra, and its scores moved by some 1e-11. So scores must
agree within `SCORE_TOLERANCE`, a little more than the last digit of the single precision that boosting computes with, and
metrics within `METRIC_TOLERANCE`, which keeps four decimals. More than that is not rounding: a tree has split
elsewhere, and what came out is a new model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

SCORE_TOLERANCE = 1e-6
METRIC_TOLERANCE = 5e-5
DIGITS = 12
"""Significant digits of a recorded metric: what comes after is the order of a sum."""


class Agreement(NamedTuple):
    """How far a rebuilt model is from the recorded one, on the test rows.

    Attributes
    ----------
    largest_difference : float
        Of any row's score; infinite where there are other rows.
    metric_differences : dict
        Absolute difference by metric; infinite where only one of the two has it.
    within : bool
        All of them are within the tolerances.
    """

    largest_difference: float
    metric_differences: dict[str, float]
    within: bool


def agreement(
    expected: np.ndarray, found: np.ndarray, expected_metrics: Mapping[str, Any], metrics: Mapping[str, Any]
) -> Agreement:
    """Compare scores and metrics of the same test rows; see the module for the tolerances and their reasons."""
    import numpy as np

    alike = expected.shape == found.shape and bool(np.isfinite(found).all())
    largest = float(np.abs(expected - found).max(initial=0)) if alike else math.inf
    names = sorted(expected_metrics.keys() | metrics.keys())
    apart = {name: _apart(expected_metrics.get(name, math.inf), metrics.get(name, math.inf)) for name in names}
    within = largest <= SCORE_TOLERANCE and all(value <= METRIC_TOLERANCE for value in apart.values())
    return Agreement(largest, apart, within)


def rounded(value: float) -> float | None:
    """A metric as it is recorded: `DIGITS` significant digits, None where it is not defined."""
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None


def _apart(a: float | None, b: float | None) -> float:
    """Two undefined metrics agree; one does not agree with a number."""
    if a is None or b is None:
        return 0.0 if a is b else math.inf
    return abs(a - b) if math.isfinite(a) and math.isfinite(b) else math.inf
