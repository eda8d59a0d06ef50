"""May a successor go on? A floor that it has to reach, and a champion that it must not fall behind, on the same rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lifecycle.errors import DataError

Outcome = Literal["accept", "reject"]


@dataclass(frozen=True)
class GateDecision:
    """Whether a candidate goes on, and why, in one sentence."""

    outcome: Outcome
    reason: str

    def __str__(self) -> str:
        return f"{self.outcome}: {self.reason}"

    @property
    def accepted(self) -> bool:
        """Whether it goes on."""
        return self.outcome == "accept"


def fixed_gate(candidate: float, *, floor: float) -> GateDecision:
    """The gate that many pipelines have: above a floor. It does not know that there is a champion.

    Parameters
    ----------
    candidate : float
        A measure on the holdout, higher being better. NaN is rejected.
    floor : float
    """
    if candidate >= floor:
        return GateDecision("accept", f"{candidate:.3g} reaches the floor of {floor:g}")
    return GateDecision("reject", f"{candidate:.3g} does not reach the floor of {floor:g}")


def champion_gate(
    candidate: float,
    champion: float,
    *,
    floor: float,
    most_loss: float = 0.0,
    interval: tuple[float, float] | None = None,
) -> GateDecision:
    """The floor, and the champion on the same rows.

    Parameters
    ----------
    candidate, champion : float
        A measure of both on the same rows, which neither was trained on; higher is better. What is not a number was not
        shown, and is rejected.
    floor : float
        The least that anybody would want to run.
    most_loss : float
        By how much the candidate may seem worse than the champion: 0 or more. Fresher rows may be worth a little.
    interval : (float, float), optional
        Both ends of an interval of *candidate - champion*. Where it is given, it is judged instead of the difference, twice:
        its lower end must be at least ``-most_loss`` (shown to lose no more than that, which takes rows), and its upper end
        at least 0 (not shown to be worse). This is *non-inferiority*, and no proof of being better: gates that pass one
        successor after another may lose `most_loss` again and again.

    Returns
    -------
    GateDecision

    Raises
    ------
    DataError
        When `most_loss` is negative, or the ends of the interval are in the wrong order.
    """
    if not most_loss >= 0:
        raise DataError(f"is {most_loss:g}; a loss that is allowed is 0 or more", where="`most_loss`")
    basic = fixed_gate(candidate, floor=floor)
    if not basic.accepted:
        return basic
    low, high = (candidate - champion, math.inf) if interval is None else interval
    if low > high:
        raise DataError(f"ends at {high:g} and begins at {low:g}", where="`interval`", remedy="give (low, high)")
    if not math.isfinite(candidate - champion) or math.isnan(low) or math.isnan(high):
        return GateDecision("reject", "there is no comparison with the champion")
    if high < 0:
        return GateDecision("reject", f"surely worse than the champion: the difference is {low:+.3g} to {high:+.3g}")
    shown, words = low, "the difference" if interval is None else "the lower end of the difference"
    if shown >= -most_loss or math.isclose(shown, -most_loss, abs_tol=1e-12):  # 0.91 - 0.92 is a hair below -0.01
        return GateDecision("accept", f"{words}, {shown:+.3g}, is no worse than {0.0 - most_loss:+g}")
    return GateDecision("reject", f"{words}, {shown:+.3g}, is worse than {0.0 - most_loss:+g}")
