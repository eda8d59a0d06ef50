"""How long it takes until an outcome is known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEVER = -1
"""The day on which a label becomes known that never does."""


@dataclass(frozen=True)
class Delay:
    """Days until a label is known: log-normal, rounded up, at most `longest`.

    Parameters
    ----------
    median : float
        Of the days before rounding up, above 0; 0 gives every label on the day of its request.
    sd : float
        Standard deviation of the days' natural logarithm, 0 or more.
    longest : int
        No label takes longer.
    missing : float
        Share of the labels that never come, from 0 to 1.
    positive_factor : float
        Positives take so many times as long: who pays late shows it late, who pays shows it at once. Above 0.
    """

    median: float = 7
    sd: float = 0.5
    longest: int = 30
    missing: float = 0.0
    positive_factor: float = 1.0

    def __post_init__(self) -> None:
        """Check the ranges."""
        numbers = (self.median, self.sd, self.positive_factor)
        if not all(math.isfinite(number) and number >= 0 for number in numbers) or self.positive_factor == 0:
            raise DataError("`median` and `sd` must be 0 or more, and `positive_factor` above 0")
        if self.longest < 0 or not 0 <= self.missing <= 1:
            raise DataError(f"`longest` must be 0 or more and `missing` a share, not {self.longest} and {self.missing:g}")

    def days(self, labels: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
        """Days that each label takes; `NEVER` for those that do not come.

        Parameters
        ----------
        labels : ndarray of 0 and 1, shape (n,)
        random : Generator

        Returns
        -------
        ndarray of int64, shape (n,)
        """
        import numpy as np

        wide = np.exp(self.sd * random.standard_normal(len(labels)))
        days = np.ceil(self.median * np.where(labels == 1, self.positive_factor, 1.0) * wide).clip(max=self.longest)
        lost = random.random(len(labels)) < self.missing
        return np.where(lost, NEVER, days).astype("int64")
