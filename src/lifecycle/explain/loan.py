"""A small scoring model of five features, for worked examples: knowing it, one can tell whether an explanation is right.

The chance of approval is a logistic curve over five straight lines. The steepness of each was chosen so that the *Shapley
values* of the rejected applicant, against the reference applicant, are -.15, -.08, -.06, -.04 and +.01.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THRESHOLD = 0.5
"""An application is approved from this chance on."""

REFERENCE: Mapping[str, float] = MappingProxyType(
    {"credit_score": 690, "income": 60, "debt_to_income": 30, "employment": 48, "age": 42}
)
"""The applicant that others are compared with. Income in thousand dollars, debt in percent of it, months in the job."""

REJECTED: Mapping[str, float] = MappingProxyType(
    {"credit_score": 580, "income": 35, "debt_to_income": 45, "employment": 3, "age": 22}
)
"""The applicant of the worked example."""

WANTED: Mapping[str, float] = MappingProxyType({"credit_score": 650, "income": 45, "debt_to_income": 40, "employment": 12})
"""What the letter of rejection names as the lines to reach."""

_STEEPNESS: Mapping[str, float] = MappingProxyType(
    {"credit_score": 0.00595, "income": 0.0142, "debt_to_income": -0.0178, "employment": 0.00397, "age": -0.00225}
)
_AT_REFERENCE = 0.2007
"""Log-odds of 0.55."""


def loan_chance(applicants: Any) -> NDArray[np.float64]:
    """The chance of approval, 0 to 1, shape (n,).

    Parameters
    ----------
    applicants : DataFrame
        With the columns of `REFERENCE`.
    """
    import numpy as np

    odds = _AT_REFERENCE + sum(
        steepness * (applicants[name].to_numpy(dtype="float64") - REFERENCE[name]) for name, steepness in _STEEPNESS.items()
    )
    chance: NDArray[np.float64] = 1 / (1 + np.exp(-odds))
    return chance
