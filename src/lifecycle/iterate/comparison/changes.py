"""Two versions' metrics side by side: what changed so much that a person has to look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from lifecycle.errors import DataError


@dataclass(frozen=True)
class MetricChange:
    """One metric of two versions.

    Attributes
    ----------
    metric : str
    relative : float
        The new value divided by the old one, less 1.
    to_a_person : bool
        Whether it changed widely, for better or worse, or cannot be told.
    """

    metric: str
    relative: float
    to_a_person: bool


def wide_changes(old: Mapping[str, float], new: Mapping[str, float], *, wide: float = 0.05) -> list[MetricChange]:
    """Each metric's relative change, and whether it is wide.

    Parameters
    ----------
    old, new : mapping of metric to value
        Of the same metrics: all that there are, and not those that improved.
    wide : float
        A relative change beyond it goes to a person, whatever its direction; 0 or more.

    Raises
    ------
    DataError
        When a metric is there for one of the two only.
    """
    if odd := sorted(set(old) ^ set(new)):
        raise DataError(f"of one version only: {', '.join(odd)}", where="old, new", remedy="compute all metrics for both")
    found = []
    for name, before in old.items():
        relative = new[name] / before - 1 if before else math.nan
        found.append(MetricChange(name, relative, not abs(relative) <= wide + 1e-9))
    return found


def implied_positives(accuracy: float, precision: float, recall: float, *, digits: int = 2) -> tuple[float, float]:
    """Between which limits the share of positives lies in the rows on which three metrics were measured.

    A wrong decision is a positive that was missed or a negative that was flagged, and precision and recall say how many of
    both there are for each positive. The metrics are rounded, so each may be half a digit off either way.

    Parameters
    ----------
    accuracy, precision, recall : float
        In (0, 1), rounded; precision and recall not both 1.
    digits : int
        To which they are rounded: 2 for whole per cents.

    Raises
    ------
    DataError
        When rounding lets a metric reach 0 or 1, so that nothing follows from it.
    """
    half = 0.5 * 10**-digits
    if not all(half < value < 1 - half for value in (accuracy, precision, recall)):
        raise DataError("a metric is 0 or 1 but for rounding", where="implied_positives", remedy="give more digits")
    corners = product(*((value - half, value + half) for value in (accuracy, precision, recall)))
    shares = [(1 - a) / ((1 - r) + r * (1 - p) / p) for a, p, r in corners]
    return min(shares), max(shares)
