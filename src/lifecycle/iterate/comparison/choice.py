"""Champion or challenger: a rule that is fixed before the figures are known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lifecycle.errors import DataError


@dataclass(frozen=True)
class Choice:
    """What the rule proposes, and why, in one sentence."""

    outcome: Literal["replace", "keep"]
    reason: str


def champion_or_challenger(champion: float, challenger: float, *, margin: float) -> Choice:
    """Propose the challenger only when it is better by at least `margin`.

    Parameters
    ----------
    champion, challenger : float
        A measure of both on the same rows, which neither was trained on; higher is better.
    margin : float
        The least gain worth a change, 0 or more. A change has costs that no score shows: tests, sign-off, surprise.

    Returns
    -------
    Choice

    Raises
    ------
    DataError
        When a measure is not finite, or `margin` is negative.
    """
    if not (math.isfinite(champion) and math.isfinite(challenger)):
        raise DataError("both models need a finite measure: a comparison with NaN would silently keep the champion")
    if not margin >= 0:
        raise DataError(f"`margin` is {margin:g}: a successor may not be worse by design", remedy="use 0 or more")
    gain = challenger - champion
    enough = gain >= margin or math.isclose(gain, margin, abs_tol=1e-12)  # 0.72 - 0.70 is a hair below 0.02
    word = "at least" if enough else "less than"
    return Choice(
        "replace" if enough else "keep", f"the challenger's gain of {gain:+.3f} is {word} the margin of {margin:g}"
    )
