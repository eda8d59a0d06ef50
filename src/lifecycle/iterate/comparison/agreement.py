"""How often two models decide alike, and whether that says anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Agreement:
    """Decisions of two models on the same cases; no truth is needed.

    Attributes
    ----------
    both, champion_only, challenger_only, neither : int
        Cases flagged (decided 1) by both models, by one of them, by none.
    """

    both: int
    champion_only: int
    challenger_only: int
    neither: int

    @property
    def n(self) -> int:
        """Cases in all."""
        return self.both + self.champion_only + self.challenger_only + self.neither

    @property
    def share(self) -> float:
        """Share of cases decided alike; nan without cases."""
        return (self.both + self.neither) / self.n if self.n else math.nan

    @property
    def overlap(self) -> float:
        """Of the cases that either flags, the share that both flag (Jaccard's index); nan where none is flagged.

        Where one decision is rare, `share` is high whatever the models do, and this is not.
        """
        either = self.both + self.champion_only + self.challenger_only
        return self.both / either if either else math.nan

    @property
    def kappa(self) -> float:
        """Agreement beyond what chance would give (Cohen 1960): 1 at most, 0 for two that know nothing of each other."""
        if not self.n:
            return math.nan
        first, second = (self.both + self.champion_only) / self.n, (self.both + self.challenger_only) / self.n
        chance = first * second + (1 - first) * (1 - second)
        return (self.share - chance) / (1 - chance) if chance < 1 else math.nan

    @property
    def extra_work(self) -> float:
        """By how much the flagged cases grow, as a share, when those of both models are looked into; nan without any."""
        flagged = self.both + self.champion_only
        return self.challenger_only / flagged if flagged else math.nan


def agreement(champion: ArrayLike, challenger: ArrayLike) -> Agreement:
    """Count how two models decided the same cases.

    Parameters
    ----------
    champion, challenger : array of shape (n_cases,)
        Decisions, 0 or 1, case by case in the same order.

    Raises
    ------
    DataError
        When lengths differ, or a value is something else than 0 or 1.
    """
    import numpy as np

    first, second = np.asarray(champion), np.asarray(challenger)
    if first.shape != second.shape or first.ndim != 1:
        raise DataError(f"shapes {first.shape} and {second.shape} are not of the same cases", where="agreement")
    if not (np.isin(first, (0, 1)).all() and np.isin(second, (0, 1)).all()):
        raise DataError("decisions are 0 or 1", where="agreement", remedy="apply each model's threshold first")
    neither, second_only, first_only, both = np.bincount((2 * first + second).astype(np.int64), minlength=4).tolist()
    return Agreement(both, first_only, second_only, neither)
