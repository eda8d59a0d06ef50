"""Tests that may be looked at every day: by spending alpha, or by bounds that hold for ever."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt
from typing import Literal

from lifecycle.errors import DataError
from lifecycle.iterate.experiment.rates import check_counts, pooled_deviation
from lifecycle.iterate.experiment.spending import Spender, Spending

Outcome = Literal["go on", "challenger higher", "challenger lower", "no difference shown"]


@dataclass(frozen=True)
class Look:
    """What one look says.

    Attributes
    ----------
    fraction : float
        Of the planned information that is in.
    z, bound : float
        The statistic, and what its absolute value has to reach.
    difference, low, high : float
        Challenger minus champion, with the interval that belongs to the bound: over all looks together, it misses the truth
        with chance alpha at most, as far as counts are normal. Where nobody (or everybody) succeeded, its width is that of
        groups with one success and one failure more each (Agresti and Caffo 2000), since it cannot be 0.
    outcome : str
        ``"go on"``, ``"challenger higher"``, ``"challenger lower"``, or at the end ``"no difference shown"``.
    """

    fraction: float
    z: float
    bound: float
    difference: float
    low: float
    high: float
    outcome: Outcome


class SequentialTest:
    """A test of two rates that may be looked at as often as one likes, and stops with an error of `alpha` in all.

    The looks pay for each other: see `spending_bounds`. Neither their number nor their times have to be planned, as long as
    they are not chosen by what the data show. After a decision it takes no further looks.

    Parameters
    ----------
    per_group : int
        Users in each group at the planned end; see `sample_size` and `inflation`. Unequal groups count by the information
        that they hold, n_a n_b / (n_a + n_b).
    alpha : float
        Two-sided chance of a false alarm over all looks.
    spending : str
        ``"obrien-fleming"``, ``"pocock"`` or ``"even"``.

    Attributes
    ----------
    looks : list of Look

    Examples
    --------
    >>> test = SequentialTest(31_235)
    >>> test.look(330, 6000, 372, 6000).outcome
    'go on'
    """

    def __init__(self, per_group: int, *, alpha: float = 0.05, spending: Spending = "obrien-fleming") -> None:
        if not per_group >= 1:
            raise DataError(f"a plan of {per_group!r} users in each group", where="SequentialTest: per_group")
        self._per_group, self._spender = per_group, Spender(alpha=alpha, spending=spending)
        self.looks: list[Look] = []

    def look(self, successes_a: int, n_a: int, successes_b: int, n_b: int, *, final: bool = False) -> Look:
        """Look at all that is in so far.

        Parameters
        ----------
        successes_a, n_a, successes_b, n_b : int
            Successes and users of champion and challenger since the beginning.
        final : bool
            Whether the test ends here, with fewer users than planned: what is left of alpha is then spent.

        Raises
        ------
        DataError
            When the test is over, counts cannot be, or no users came since the last look.
        """
        if self.looks and self.looks[-1].outcome != "go on":
            raise DataError(f"this test has ended: {self.looks[-1].outcome}", where="SequentialTest.look")
        check_counts(successes_a, n_a)
        check_counts(successes_b, n_b)
        fraction = 2 * n_a * n_b / (n_a + n_b) / self._per_group
        ends = final or fraction >= 1
        if self.looks and not fraction > self.looks[-1].fraction:
            raise DataError("no users came since the last look", where="SequentialTest.look")
        bound = self._spender.bound_at(fraction, final=ends)
        difference = successes_b / n_b - successes_a / n_a
        deviation = pooled_deviation(successes_a, n_a, successes_b, n_b)
        z = difference / deviation if deviation > 0 else 0.0
        outcome: Outcome = "no difference shown" if ends else "go on"
        if abs(z) >= bound:
            outcome = "challenger higher" if z > 0 else "challenger lower"
        half = bound * (deviation or pooled_deviation(successes_a + 1, n_a + 2, successes_b + 1, n_b + 2))
        self.looks.append(Look(fraction, z, bound, difference, difference - half, difference + half, outcome))
        return self.looks[-1]


def always_valid_bound(deviation: float, *, effect: float, alpha: float = 0.05) -> float:
    """Bound of |z| that holds at every look, for ever (mixture of likelihood ratios; Johari, Pekelis and Walsh 2017).

    With v the squared standard error of the difference and T the squared `effect`, two equal versions reach
    sqrt((v + T) / T (2 ln(1 / alpha) + ln((v + T) / v))) at any time with chance alpha at most. No plan is needed, and no
    end. Early the bound is narrower than that of O'Brien and Fleming from `spending_bounds`; at the end of a test that does
    end it is wider, and costs power.

    Parameters
    ----------
    deviation : float
        Standard error of the difference at this look, above 0.
    effect : float
        The size of effect for which the test shall be quick; another one costs power and never validity.
    """
    if not deviation > 0 or not effect != 0 or not 0 < alpha < 1:
        raise DataError(
            f"deviation {deviation!r}, effect {effect!r} or alpha {alpha!r} cannot be", where="always_valid_bound"
        )
    v, mixed = deviation**2, effect**2
    return sqrt((v + mixed) / mixed * (2 * log(1 / alpha) + log((v + mixed) / v)))
