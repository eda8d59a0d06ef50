"""How far a score would move if nothing but chance were different.

Two kinds of chance stand behind the score of a trained model: which rows happened to be in the test set, and which random
numbers the training drew. The first has a formula, the second has to be tried. A score without both is half a result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean, stdev

from lifecycle.errors import DataError


def share_sd(share: float, n: int) -> float:
    """Standard deviation of a share, such as an accuracy, over test sets of `n` rows: ``sqrt(p (1 - p) / n)``.

    Parameters
    ----------
    share : float, 0 to 1
        The share that one would see on endlessly many rows; the observed one serves in its place.
    n : int, 1 or more
        Rows, drawn independently of each other.

    Raises
    ------
    DataError
        For a share outside of 0 to 1, or no rows.
    """
    if not 0 <= share <= 1:
        raise DataError(f"share={share:g} is not between 0 and 1", remedy="92 percent is 0.92")
    if n < 1:
        raise DataError(f"n={n}: a share needs at least one row")
    return math.sqrt(share * (1 - share) / n)


@dataclass(frozen=True)
class ShareDifference:
    """Two shares from two separate sets of rows.

    Attributes
    ----------
    difference, sd : float
        First minus second, and its standard deviation.
    z : float
        The difference in standard deviations; infinite where the deviation is 0 and the shares differ.
    p_value : float
        How often chance alone gives a difference at least as large, in either direction (normal approximation).
    """

    difference: float
    sd: float
    z: float
    p_value: float


def compare_shares(first: float, second: float, *, n_first: int, n_second: int) -> ShareDifference:
    """Weigh the difference of two shares that were measured on two *separate* samples.

    Variances add: ``sd = sqrt(sd_1² + sd_2²)``. Two models scored on the same rows must be compared row by row
    instead; what is common to both then cancels, and this formula would be too wide.

    Raises
    ------
    DataError
        As `share_sd`.
    """
    sd = math.hypot(share_sd(first, n_first), share_sd(second, n_second))
    difference = first - second
    z = difference / sd if sd else math.copysign(math.inf, difference) if difference else 0.0
    return ShareDifference(difference, sd, z, math.erfc(abs(z) / math.sqrt(2)))


@dataclass(frozen=True)
class Spread:
    """One score, measured over and over with another seed.

    Attributes
    ----------
    scores : mapping of int to float
        The score of each seed.
    """

    scores: Mapping[int, float]

    @property
    def mean(self) -> float:
        """The average: what to report in place of any single run."""
        return fmean(self.scores.values())

    @property
    def sd(self) -> float:
        """Standard deviation between seeds (n - 1 below the line): how far another run will probably be from the average."""
        return stdev(self.scores.values())

    @property
    def lowest(self) -> float:
        """The worst seed's score."""
        return min(self.scores.values())

    @property
    def highest(self) -> float:
        """The best seed's score: what a report that chose its seed would have shown."""
        return max(self.scores.values())

    def __str__(self) -> str:
        from lifecycle import show

        return (
            f"{show.number(self.mean)} on average, sd {show.number(self.sd)}, from {show.number(self.lowest)} to "
            f"{show.number(self.highest)} over {len(self.scores)} seeds"
        )


def spread(score: Callable[[int], float], seeds: Iterable[int]) -> Spread:
    """Call ``score(seed)`` for each seed and keep the results together.

    Parameters
    ----------
    score : callable
        Trains and evaluates with the seed that it is given, and returns one number.
    seeds : iterable of int
        At least two, all different.

    Raises
    ------
    DataError
        For fewer than two seeds, a seed that comes twice, or a score that is not a finite number.
    """
    chosen = list(seeds)
    if len(chosen) < 2 or len(set(chosen)) < len(chosen):
        raise DataError(f"a spread needs two or more different seeds, not {chosen}")
    scores = {}
    for seed in chosen:
        scores[seed] = float(score(seed))
        if not math.isfinite(scores[seed]):
            raise DataError(f"the score of seed {seed} is {scores[seed]}")
    return Spread(scores)


@dataclass(frozen=True)
class Disagreement:
    """A figure that is not what the record says; `found` is None where it is missing."""

    name: str
    expected: float
    found: float | None

    def __str__(self) -> str:
        from lifecycle import show

        found = "nothing" if self.found is None else show.number(self.found)
        return f"{self.name}: expected {show.number(self.expected)}, found {found}"


def disagreements(found: Mapping[str, float], expected: Mapping[str, float], *, tolerance: float) -> list[Disagreement]:
    """Hold the figures of a rebuilt model against the recorded ones.

    Parameters
    ----------
    found, expected : mapping of name to number
        Names that only `found` has are not looked at.
    tolerance : float, 0 or more
        The largest absolute difference that still counts as agreement; fix it *before* looking.

    Returns
    -------
    list of Disagreement
        In the order of `expected`; empty means that all agree. NaN agrees with nothing.

    Raises
    ------
    DataError
        For a negative tolerance.
    """
    if not tolerance >= 0:
        raise DataError(f"tolerance={tolerance}: a tolerance is 0 or more")
    return [
        Disagreement(name, value, found.get(name))
        for name, value in expected.items()
        if name not in found or not abs(found[name] - value) <= tolerance
    ]
