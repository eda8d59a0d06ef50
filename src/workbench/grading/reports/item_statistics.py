"""How each question did: difficulty and discrimination by classical test theory.

The difficulty index is the mean share of a question's points. Discrimination is the corrected item-total correlation:
Pearson's between the points of the question and those of all the others together. Cronbach's alpha (Psychometrika 16,
1951) tells how far the questions measure one thing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WEAK = 0.2  # discrimination below which a question is customarily called poor
FEWEST = 5  # students below whom a correlation says nothing


@dataclass(frozen=True)
class ItemStatistics:
    """One question in numbers.

    Attributes
    ----------
    students : int
        Who have a score for it.
    difficulty : float
        Mean share of the points, 0 (nobody) to 1 (everybody); NaN without students.
    discrimination : float
        Corrected item-total correlation, -1 to 1; NaN where fewer than five students have it, or all earned the same.
    full, none : int
        Students with all of the points, and with none.
    """

    slug: str
    out_of: float
    students: int
    difficulty: float
    discrimination: float
    full: int
    none: int

    @property
    def remark(self) -> str:
        """What a look at it is worth, or the empty string."""
        if self.students and self.full == self.students:
            return "everybody has it: it tells nobody apart"
        if self.students and self.none == self.students:
            return "nobody has it: is the question, or its check, at fault?"
        if self.discrimination < 0:
            return "the strong miss it more often than the weak: look at its check"
        return "hardly tells strong from weak" if self.discrimination < WEAK else ""


def of_items(points: Mapping[str, Mapping[str, float]], out_of: Mapping[str, float]) -> list[ItemStatistics]:
    """Describe each question.

    Parameters
    ----------
    points : mapping of student to mapping of slug to points
        What is missing counts in no figure of that question.
    out_of : mapping of slug to points
        The most that can be earned, greater than 0; its order is kept.
    """
    return [_item(slug, most, points) for slug, most in out_of.items()]


def _item(slug: str, most: float, points: Mapping[str, Mapping[str, float]]) -> ItemStatistics:
    rows = [row for row in points.values() if slug in row]
    own = [row[slug] for row in rows]
    rest = [math.fsum(value for name, value in row.items() if name != slug) for row in rows]
    return ItemStatistics(
        slug,
        most,
        len(own),
        math.fsum(own) / len(own) / most if own else math.nan,
        correlation(own, rest) if len(own) >= FEWEST else math.nan,
        sum(value >= most for value in own),
        sum(value <= 0 for value in own),
    )


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's correlation; NaN where either side does not vary."""
    if len(one) < 2 or min(one) == max(one) or min(other) == max(other):
        return math.nan
    mean_one, mean_other = math.fsum(one) / len(one), math.fsum(other) / len(other)
    left = [value - mean_one for value in one]
    right = [value - mean_other for value in other]
    product = math.fsum(a * b for a, b in zip(left, right, strict=True))
    return product / math.sqrt(math.fsum(a * a for a in left) * math.fsum(b * b for b in right))


def cronbach_alpha(points: Mapping[str, Mapping[str, float]], slugs: Sequence[str]) -> float:
    """Internal consistency of the questions `slugs` over the students who have all of them.

    Returns
    -------
    float
        At most 1; NaN for fewer than two questions or two students, or where the totals do not vary.
    """
    rows = [[row[slug] for slug in slugs] for row in points.values() if all(slug in row for slug in slugs)]
    if len(slugs) < 2 or len(rows) < 2:
        return math.nan
    total = _variance([math.fsum(row) for row in rows])
    if total <= 0:
        return math.nan
    within = math.fsum(_variance([row[i] for row in rows]) for i in range(len(slugs)))
    return len(slugs) / (len(slugs) - 1) * (1 - within / total)


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
