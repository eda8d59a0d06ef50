"""What a whole project is marked by: eight criteria, ten points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lifecycle.cases.errors import CaseError


@dataclass(frozen=True)
class Criterion:
    """One line of the rubric.

    Attributes
    ----------
    name : str
    points : int
    asks : str
        What a reader looks for.
    shown_by : tuple of str
        Files of a run in which it is looked for.
    """

    name: str
    points: int
    asks: str
    shown_by: tuple[str, ...]


RUBRIC: tuple[Criterion, ...] = (
    Criterion("objective", 1, "a business problem, and targets that can be missed", ("01/charter.yaml",)),
    Criterion(
        "data", 1, "lawful, described, checked, traceable", ("02/contract.yaml", "03/features.json", "18/register.json")
    ),
    Criterion(
        "model", 2, "beats a baseline, rebuilt from its record", ("04/recipe.json", "04/model.json", "05/manifest.json")
    ),
    Criterion(
        "evidence",
        2,
        "held-out figures with intervals, reasons that add up",
        ("04/metrics.json", "06/explanations.json"),
    ),
    Criterion(
        "deployment",
        1,
        "gates, a contract at the door, a way back",
        ("07/package.zip", "08/service.json", "10/release.json"),
    ),
    Criterion(
        "monitoring",
        1,
        "service, drift and truth, each with a level at which to act",
        ("11/alerts.yml", "12/drift.json"),
    ),
    Criterion(
        "fairness and governance",
        1,
        "a criterion that was decided, a card, a trail",
        ("17/fairness.json", "19/card.json", "19/trail.jsonl"),
    ),
    Criterion("value", 1, "money with a range, and what it hangs on", ("13/value.json",)),
)
"""Ten points in all."""


def marks(given: Mapping[str, float]) -> float:
    """Add up marks by criterion.

    Parameters
    ----------
    given : mapping of str to float
        From 0 to the criterion's points; halves are allowed.

    Returns
    -------
    float
        From 0 to 10.

    Raises
    ------
    CaseError
        When a criterion was left out, does not exist, or got more than it is worth: an empty line is no zero.
    """
    worth = {each.name: each.points for each in RUBRIC}
    for name in [*given, *worth]:
        if name not in worth:
            raise CaseError(f"there is no criterion `{name}`", where="capstone: rubric", remedy="one of " + ", ".join(worth))
        if name not in given:
            raise CaseError(f"`{name}` has no mark", where="capstone: rubric", remedy="write 0 where nothing was shown")
        if not 0 <= given[name] <= worth[name]:
            raise CaseError(f"`{name}` is worth 0 to {worth[name]}, not {given[name]:g}", where="capstone: rubric")
    return float(sum(given.values()))
