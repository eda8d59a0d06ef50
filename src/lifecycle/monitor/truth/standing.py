"""What is known of a model's decisions on one day: counts, how complete they are, and what could still come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from lifecycle import show
from lifecycle.errors import DataError


class Estimate(NamedTuple):
    """A share, or a difference of two, with the interval that chance leaves it; nan where nothing was counted."""

    estimate: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{show.number(self.estimate)} ({show.number(self.low)} to {show.number(self.high)})"


def share_of(part: float, whole: float, *, level: float = 0.95, effective: float | None = None) -> Estimate:
    """Share `part` of `whole` with the score interval of Wilson (1927).

    Parameters
    ----------
    part, whole : float
        Counts, 0 or more, `part` no larger than `whole`; weighted counts need not be whole numbers.
    level : float
        In (0, 1).
    effective : float, optional
        How many independent rows stand behind `whole`, where rows are weighted; `whole` itself by default.

    Returns
    -------
    Estimate
        All nan where `whole` is 0.

    Raises
    ------
    DataError
        When the counts cannot be a part and its whole.
    """
    from scipy.special import ndtri

    if not (0 <= part <= whole * (1 + 1e-12) and 0 < level < 1):
        raise DataError(
            f"{part:g} of {whole:g} at level {level:g} is no share", remedy="a part lies between 0 and its whole"
        )
    if whole == 0:
        return Estimate(math.nan, math.nan, math.nan)
    share, n = min(1.0, part / whole), whole if effective is None else effective
    z = float(ndtri((1 + level) / 2))
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Estimate(share, max(0.0, centre - reach) if part else 0.0, min(1.0, centre + reach) if share < 1 else 1.0)


@dataclass(frozen=True)
class Standing:
    """Counts of what is known on a day.

    Attributes
    ----------
    predictions, flagged : int
        Decisions made so far, and those that raised a flag (decision 1).
    tp, fp, fn, tn : int
        Labelled decisions: flagged and positive, flagged and negative, left alone and positive, left alone and negative.
    """

    predictions: int
    flagged: int
    tp: int
    fp: int
    fn: int
    tn: int

    @property
    def labelled(self) -> int:
        """Decisions whose outcome is known."""
        return self.tp + self.fp + self.fn + self.tn

    @property
    def maturity(self) -> float:
        """Share of the decisions whose outcome is known; nan without decisions."""
        return self.labelled / self.predictions if self.predictions else math.nan

    @property
    def precision(self) -> Estimate:
        """Share of the labelled flags that were right. Says nothing of the flags that have no label yet."""
        return share_of(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> Estimate:
        """Share of the labelled positives that had been flagged."""
        return share_of(self.tp, self.tp + self.fn)

    @property
    def accuracy(self) -> Estimate:
        """Share of the labelled decisions that were right."""
        return share_of(self.tp + self.tn, self.labelled)

    @property
    def precision_bounds(self) -> tuple[float, float]:
        """Least and largest precision that all flags together can still turn out to have, whatever the missing labels are.

        No assumption on the missing labels goes in (bounds of Manski, "Partial Identification of Probability
        Distributions", 2003), and no sampling error: add an interval for that.
        """
        if not self.flagged:
            return math.nan, math.nan
        open_flags = self.flagged - self.tp - self.fp
        return self.tp / self.flagged, (self.tp + open_flags) / self.flagged
