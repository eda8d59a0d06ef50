"""Signs in the outcomes that are known: whether a client of a given kind fares as before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.monitor.diagnosis.reference import Reference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_RIDGE = 0.05
_LEAST_OF_CLASS = 10


@dataclass(frozen=True)
class Kinship:
    """Which of two explanations fits the outcomes of a time in which the inputs have moved.

    Attributes
    ----------
    given_inputs : float
        How far outcomes differ from what they were for the same inputs: mean square z; near 1 under covariate shift.
    given_outcome : float
        How far inputs differ from what they were for the same outcome: mean square z; near 1 under prior probability shift.
    outcomes : int
        How many outcomes that is said of.
    """

    given_inputs: float
    given_outcome: float
    outcomes: int


def kinship(
    ranks: NDArray[np.float64], surprises: NDArray[np.float64], labels: NDArray[np.int64], *, reference: Reference
) -> Kinship:
    """Hold the labelled requests since a change against both explanations.

    Parameters
    ----------
    ranks : ndarray, shape (n, k)
    surprises : ndarray, shape (n, k + 1)
        The first columns of `Reference.surprises`: outcome beside chance, and times each rank.
    labels : ndarray of 0 and 1, shape (n,)
    reference : Reference
    """
    import numpy as np

    distances, freedom = 0.0, 0
    for each in (0, 1):
        now, then = ranks[labels == each], reference.ranks[reference.labels == each]
        if min(len(now), len(then)) < _LEAST_OF_CLASS:
            continue
        shift = now.mean(axis=0) - then.mean(axis=0)
        distances += _distance(shift, np.cov(then.T), 1 / len(now) + 1 / len(then))
        freedom += ranks.shape[1]
    known = surprises.mean(axis=0)
    covered = _distance(known, np.cov(surprises.T), 1 / len(labels) + 1 / reference.rows)
    return Kinship(covered / len(known), distances / freedom if freedom else float("nan"), len(labels))


def _distance(shift: NDArray[np.float64], covariance: NDArray[np.float64], variance: float) -> float:
    """Squared distance of Mahalanobis, in units of the variance of a mean; a ridge for columns that say the same."""
    import numpy as np

    steady = covariance + _RIDGE * np.diag(np.diag(covariance) + 1e-9)
    return float(shift @ np.linalg.solve(steady, shift) / variance)


def prior_likeness(shift: NDArray[np.float64], reference: Reference) -> float:
    """How much of a shift of the inputs' means a change of the target's frequency alone would explain, from 0 to 1.

    Needs no outcome: under prior probability shift all means move along the line between those of the two classes.
    """
    import numpy as np

    ones = reference.labels == 1
    line = reference.ranks[ones].mean(axis=0) - reference.ranks[~ones].mean(axis=0)
    covariance = np.cov(reference.ranks.T)
    steady = covariance + _RIDGE * np.diag(np.diag(covariance) + 1e-9)
    toward, along = np.linalg.solve(steady, shift), np.linalg.solve(steady, line)
    whole = float(shift @ toward)
    return float((line @ toward) ** 2 / (line @ along) / whole) if whole > 0 else 0.0
