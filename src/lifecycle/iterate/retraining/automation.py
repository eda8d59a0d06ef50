"""Which changes may a machine put live? It depends on what changes, not on how good the figures look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from lifecycle.errors import DataError

Level = Literal["fully", "partly", "no"]


@dataclass(frozen=True)
class Automation:
    """How complex a kind of change is, how far it may be automated, and who decides.

    Attributes
    ----------
    complexity : {"low", "medium", "high"}
    level : {"fully", "partly", "no"}
    decides : str
    """

    complexity: Literal["low", "medium", "high"]
    level: Level
    decides: str


CHANGES: Mapping[str, Automation] = MappingProxyType(
    {
        "new data": Automation("low", "fully", "the pipeline's comparison"),
        "new features": Automation("medium", "partly", "a person, on what the pipeline found"),
        "algorithm": Automation("high", "no", "the team, by hand"),
        "business logic": Automation("high", "no", "the stakeholders"),
    }
)
"""The kinds of change, from simple to hard."""


def automation(changes: Sequence[str]) -> Automation:
    """How far a release with these changes may be automated: as far as the hardest of them.

    Parameters
    ----------
    changes : sequence of str
        One or more of `CHANGES`.

    Raises
    ------
    DataError
        For an unknown kind of change, or none at all: what nobody has described is not automated.
    """
    kinds = list(CHANGES)
    unknown = [change for change in changes if change not in kinds]
    if unknown or not changes:
        what = f"`{unknown[0]}` is no kind of change" if unknown else "no change is named"
        raise DataError(what, where="changes", remedy="kinds: " + ", ".join(kinds))
    return CHANGES[max(changes, key=kinds.index)]
