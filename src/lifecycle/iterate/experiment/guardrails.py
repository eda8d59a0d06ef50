"""What must not become worse: figures that an experiment watches without hoping for anything."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

from lifecycle.errors import DataError
from lifecycle.iterate.experiment.rates import check_counts, compare_rates


@dataclass(frozen=True)
class Guardrail:
    """A rate that may become worse by a margin and no more.

    Attributes
    ----------
    name : str
        "complaints", "errors".
    margin : float
        The worsening that is just tolerable, as a fraction, above 0.
    worse : str
        ``"higher"`` or ``"lower"``: in which direction harm lies.
    """

    name: str
    margin: float
    worse: Literal["higher", "lower"] = "higher"

    def __post_init__(self) -> None:
        if not 0 < self.margin < 1 or self.worse not in ("higher", "lower"):
            raise DataError(
                f"guardrail {self.name!r}: margin {self.margin!r}, worse {self.worse!r}",
                remedy="name the worsening that you could just live with; a margin of 0 can never be shown to hold",
            )


@dataclass(frozen=True)
class GuardrailResult:
    """What the data say about a guardrail.

    Attributes
    ----------
    name : str
    worsening, low, high : float
        Above 0 is harm, whichever way the rate points; the interval is two-sided.
    margin : float
    state : str
        ``"harmed"`` where even the low end is beyond the margin, ``"safe"`` where even the high end is within it, else
        ``"unknown"``.
    """

    name: str
    worsening: float
    low: float
    high: float
    margin: float
    state: Literal["safe", "harmed", "unknown"]


def judge_guardrail(
    guardrail: Guardrail, counts_a: tuple[int, int], counts_b: tuple[int, int], *, level: float = 0.90
) -> GuardrailResult:
    """Say whether a guardrail holds, is broken, or cannot be told.

    "No significant difference" is not "no harm": small groups never find a significant difference. So what counts as safe is
    an interval that excludes a worsening beyond the margin. One success and one failure are added to each group for it
    (Agresti and Caffo 2000), since without any events the plain interval would have no width.

    Parameters
    ----------
    counts_a, counts_b : tuple of (events, users)
        Of champion and challenger.
    level : float
        Of the two-sided interval; 0.90 leaves 5 % on either side, the error of a one-sided test.

    Raises
    ------
    DataError
        When counts cannot be.
    """
    check_counts(*counts_a)
    check_counts(*counts_b)
    (x_a, n_a), (x_b, n_b) = counts_a, counts_b
    test = compare_rates(x_a + 1, n_a + 2, x_b + 1, n_b + 2, level=level)
    sign = 1 if guardrail.worse == "higher" else -1
    low, high = sorted((sign * test.low, sign * test.high))
    worsening = sign * (x_b / n_b - x_a / n_a)
    state: Literal["safe", "harmed", "unknown"] = "unknown"
    if low > guardrail.margin:
        state = "harmed"
    elif high <= guardrail.margin:
        state = "safe"
    return GuardrailResult(guardrail.name, worsening, low, high, guardrail.margin, state)


def guardrail_size(baseline: float, margin: float, *, alpha: float = 0.05, power: float = 0.80) -> int:
    """Users in each group to show that a rate has not become worse by `margin`, where it has not changed at all.

    One-sided, (z_alpha + z_power)^2 2 p(1 - p) / margin^2 (non-inferiority).

    Examples
    --------
    >>> guardrail_size(0.02, 0.002)
    60590
    """
    if not (0 < baseline < 1 and 0 < margin < 1 and 0 < alpha < power < 1):
        raise DataError(f"baseline {baseline!r}, margin {margin!r}, alpha {alpha!r} or power {power!r} cannot be")
    from scipy.stats import norm

    z = float(norm.isf(alpha) + norm.ppf(power))
    return ceil(2 * z**2 * baseline * (1 - baseline) / margin**2)
