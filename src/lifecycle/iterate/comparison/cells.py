"""Every case that rules can tell apart: finitely many, so that gaps and overlaps can be listed instead of feared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

from lifecycle.iterate.comparison.rules import Outcome, Rulebook


@dataclass(frozen=True)
class Coverage:
    """How many kinds of evidence get no answer, one, or several, when nobody says which rule goes first.

    Attributes
    ----------
    answers : dict of int to int
        Number of kinds of evidence by the number of outcomes that apply.
    gap, overlap : dict or None
        An example of each, if there is one; the overlap is of an automatic replacement with something else.
    outcomes : dict of str to int
        Number of kinds of evidence by the decision, precedence and default included; they add up to all.
    """

    answers: dict[int, int]
    gap: dict[str, float] | None
    overlap: dict[str, float] | None
    outcomes: dict[Outcome, int]


def cells(book: Rulebook) -> Iterator[dict[str, float]]:
    """One evidence of each kind that the rules can tell apart.

    A rule asks on which side of a bound a value lies. So values between two neighbouring bounds are all alike: one below
    all bounds (0, where that is below all), one on each, one between any two, one above all, and NaN stand for all values
    that there are.

    Parameters
    ----------
    book : Rulebook

    Yields
    ------
    dict of measure to float
    """
    rules = [rule for each in book.rules.values() for rule in each]
    units = book.measures
    values = [_values({rule.bound for rule in rules if rule.measure == name}, unit) for name, unit in units.items()]
    for chosen in product(*values):
        yield dict(zip(units, chosen, strict=True))


def coverage(book: Rulebook, *, possible: Callable[[dict[str, float]], bool] | None = None) -> Coverage:
    """Ask the rules about each kind of evidence.

    Parameters
    ----------
    book : Rulebook
    possible : function of an evidence, optional
        Whether such an evidence can occur at all; rules see measures one by one, and do not know that a gain is no fall, or
        that no count is below zero. What cannot occur is left out. Without it, all is asked.

    Returns
    -------
    Coverage
    """
    answers: dict[int, int] = {}
    outcomes: dict[Outcome, int] = {}
    gap = overlap = None
    for evidence in filter(possible, cells(book)) if possible else cells(book):
        found = book.applying(evidence)
        decided = book.decide(evidence).outcome
        answers[len(found)] = answers.get(len(found), 0) + 1
        outcomes[decided] = outcomes.get(decided, 0) + 1
        known = not any(math.isnan(value) for value in evidence.values())
        gap = evidence if gap is None and known and not found else gap
        overlap = evidence if overlap is None and known and len(found) > 1 and "automatic" in found else overlap
    return Coverage(dict(sorted(answers.items())), gap, overlap, outcomes)


def _values(bounds: set[float], unit: str) -> list[float]:
    """One value for each part into which the bounds cut a measure's line, NaN at the end."""
    if unit == "yes/no":
        return [1.0, 0.0, math.nan]
    ordered = sorted(bounds)
    low, high = ordered[0], ordered[-1]
    below, above = (0.0 if low > 0 else low - 1), (high * 1.5 if high > 0 else high + 1)
    inner = [value for pair in pairwise(ordered) for value in ((pair[0] + pair[1]) / 2, pair[1])]
    return [below, low, *inner, above, math.nan] if unit else [low, *inner, above, below, math.nan]
