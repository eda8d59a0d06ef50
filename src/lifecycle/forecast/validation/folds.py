"""Splits of a series into what a forecaster may see and what it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lifecycle.forecast.checks import whole
from lifecycle.forecast.errors import ForecastError


@dataclass(frozen=True)
class Fold:
    """Positions (from 0) of one split.

    Parameters
    ----------
    train, test : sequence of int
        Rising positions; a `range` where they are neighbours.

    Raises
    ------
    ForecastError
        When a part has no position, one below 0, or is not rising.
    """

    train: Sequence[int]
    test: Sequence[int]

    def __post_init__(self) -> None:
        for name, part in (("train", self.train), ("test", self.test)):
            if not len(part):
                raise ForecastError(f"the {name} part of a fold has no position", where=name)
            rising = part.step > 0 if isinstance(part, range) else all(one < other for one, other in pairwise(part))
            if not rising or part[0] < 0:
                raise ForecastError(f"positions of {name} must rise from 0 on", where=name, remedy="sort them")

    @property
    def in_order(self) -> bool:
        """Whether all that is trained on lies before all that is tested on: largest of one below smallest of the other."""
        return max(self.train) < min(self.test)

    @property
    def ahead(self) -> int:
        """How many training positions lie after the first test position: what no forecaster would have at that time."""
        return sum(position > min(self.test) for position in self.train)

    def __str__(self) -> str:
        return f"train {_span(self.train)}, test {_span(self.test)}"


def walk_forward(
    n: int, *, folds: int = 5, horizon: int = 1, step: int | None = None, gap: int = 0, window: int | None = None
) -> tuple[Fold, ...]:
    """Train on the past, test on what came next, move on: the last test ends with the series.

    Parameters
    ----------
    n : int
        Values in the series.
    folds : int
        Splits, 1 or more.
    horizon : int
        Values in a test.
    step : int, optional
        From the beginning of one test to that of the next; tests touch where it is not given.
    gap : int
        Values between training and test that belong to neither: as many as the truth comes late, or a feature looks ahead.
    window : int, optional
        Values to train on (sliding). Not given: all of them (expanding).

    Returns
    -------
    tuple of Fold
        With ``step = horizon`` these are the splits of scikit-learn's ``TimeSeriesSplit``.

    Raises
    ------
    ForecastError
        When the series is too short for so many splits, or a number is out of its range.
    """
    step = horizon if step is None else step
    numbers = (("n", n, 0), ("folds", folds, 1), ("horizon", horizon, 1), ("step", step, 1), ("gap", gap, 0))
    for name, value, least in numbers:
        whole(value, name, least=least)
    if window is not None:
        whole(window, "window")
    starts = range(n - horizon - (folds - 1) * step, n - horizon + 1, step)
    least = starts[0] - gap
    if least < (window or 1):
        needed = n + (window or 1) - least
        raise ForecastError(
            f"{n} values are too few for {folds} folds of {horizon} steps: {needed} are needed",
            remedy="fewer folds, a shorter horizon, or folds that overlap (`step`)",
        )
    return tuple(
        Fold(range(start - gap - window if window else 0, start - gap), range(start, start + horizon)) for start in starts
    )


def shuffled_folds(n: int, *, folds: int = 5, seed: int = 0) -> tuple[Fold, ...]:
    """Ordinary k-fold cross-validation on shuffled rows: right for independent rows, a look into the future for a series.

    Raises
    ------
    ForecastError
        When there are fewer than 2 folds, or fewer values than folds.
    """
    import numpy as np

    _check_folds(n, folds)
    order = np.random.default_rng(seed).permutation(n)
    return tuple(_apart(n, sorted(part.tolist())) for part in np.array_split(order, folds))


def block_folds(n: int, *, folds: int = 5) -> tuple[Fold, ...]:
    """k-fold without shuffling: each test is a block, trained on all that lies before *and after* it.

    Raises
    ------
    ForecastError
        As `shuffled_folds`.
    """
    import numpy as np

    _check_folds(n, folds)
    return tuple(_apart(n, part.tolist()) for part in np.array_split(np.arange(n), folds))


def _check_folds(n: int, folds: int) -> None:
    if not 2 <= whole(folds, "folds", least=0) <= whole(n, "n", least=0):
        raise ForecastError(f"{folds} folds of {n} values: there must be 2 folds or more, and no more than values")


def _apart(n: int, test: list[int]) -> Fold:
    held = set(test)
    return Fold([position for position in range(n) if position not in held], test)


def _span(positions: Sequence[int]) -> str:
    """``0 to 49`` for neighbours, else how many lie in which range."""
    first, last = min(positions), max(positions)
    if last - first + 1 == len(positions):
        return f"{first} to {last}" if last > first else f"{first}"
    return f"{len(positions)} between {first} and {last}"
