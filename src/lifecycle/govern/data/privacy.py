"""Counts that hold for the crowd and tell nothing certain on one of it: differential privacy, and what it costs.

Two exact counts can be subtracted. "Clients in default: 613", "clients in default except those born on 3 May 1990: 612",
and one person's secret is out, however large the crowd. Noise of the right size ends that: whether you are in the table
or not, every answer is nearly as likely. How nearly is ``epsilon``, and it adds up with each question.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lifecycle.govern.data.errors import RefusedError
from lifecycle.govern.data.given import a_number

if TYPE_CHECKING:
    import numpy as np

__all__ = ["PrivacyBudget", "noise_pmf", "private_count"]


def private_count(count: int, *, epsilon: float, rng: np.random.Generator) -> int:
    """Tell a count with noise, such that one person more or less changes any answer's chance by ``exp(epsilon)`` at most.

    Parameters
    ----------
    count : int
        The true count, to which one person contributes 1 at most.
    epsilon : float
        Above 0. The noise has a standard deviation of 14 at 0.1, and of 1.4 at 1.
    rng : numpy Generator
        For teaching a seeded one. In earnest nobody may know the seed: noise that can be repeated can be subtracted.

    Returns
    -------
    int
        May be negative: to cut it off at 0 would bias every sum of such counts.

    Notes
    -----
    The difference of two geometric variables (Ghosh, Roughgarden, Sundararajan 2009). It has whole numbers, and so none of
    the leaks that Laplace noise has through its last floating-point digits (Mironov 2012).
    """
    _check(epsilon)
    a_number(count, where="private_count", whole=True)
    stop = -math.expm1(-epsilon)
    return int(count + rng.geometric(stop) - rng.geometric(stop))


def noise_pmf(noise: int, *, epsilon: float) -> float:
    """Chance that `private_count` is off by just `noise`: proportional to ``exp(-epsilon * |noise|)``."""
    _check(epsilon)
    return math.tanh(epsilon / 2) * math.exp(-epsilon * abs(noise))


class PrivacyBudget:
    """Answer counts from a fixed supply of ``epsilon``, and refuse when it is used up.

    Epsilons add up: two answers at 0.1 tell as much as one at 0.2. Whoever may ask for ever may average the noise away.

    Parameters
    ----------
    epsilon : float
        The supply.
    rng : numpy Generator
    """

    def __init__(self, epsilon: float, *, rng: np.random.Generator) -> None:
        _check(epsilon)
        self.epsilon = epsilon
        self.asked: list[tuple[str, float]] = []
        self._rng = rng

    @property
    def left(self) -> float:
        """What is left of the supply; never below 0."""
        return max(0.0, self.epsilon - math.fsum(spent for _, spent in self.asked))

    def count(self, count: int, *, epsilon: float, question: str) -> int:
        """Answer a count as `private_count` does, and take note of it.

        Raises
        ------
        RefusedError
            When the supply does not suffice; nothing is answered, nothing is taken.
        """
        _check(epsilon)
        a_number(count, where=f"question `{question}`", whole=True)
        if epsilon > self.left + 1e-12:
            raise RefusedError(
                f"the privacy budget has {self.left:.4g} left and {epsilon:.4g} is asked for",
                where=f"question `{question}`",
                tried=f"{len(self.asked)} questions were answered from a supply of {self.epsilon:.4g}",
                remedy="publish what was answered, or let the owner of the data decide on a new supply",
            )
        self.asked.append((question, epsilon))
        return private_count(count, epsilon=epsilon, rng=self._rng)


def _check(epsilon: float) -> None:
    a_number(epsilon, where="epsilon (0.1 to 1 is common for a count)", least=math.ulp(0.0))
