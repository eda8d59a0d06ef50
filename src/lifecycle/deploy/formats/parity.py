"""Are two copies of a model the same? Not "yes", but: how far apart, on how many rows, and does any decision change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.formats.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

_BOUNDS = (1e-12, 1e-6, 1e-4, 1e-2)
TOLERANCE = 1e-4
"""A difference of a probability that nobody would act upon, and far more than float32 explains."""


@dataclass(frozen=True)
class Parity:
    """How two copies of a model compare on the same rows.

    Attributes
    ----------
    rows : int
    largest : float
        The largest absolute difference of two scores.
    beyond : int
        Rows whose scores differ by more than `tolerance`.
    flips : int
        Rows that the one flags and the other does not.
    tolerance : float
    """

    rows: int
    largest: float
    beyond: int
    flips: int
    tolerance: float = TOLERANCE

    @property
    def magnitude(self) -> str:
        """The largest difference in words that are the same on every processor: ``"none"``, ``"below 1e-6"`` and so on.

        Last digits of a difference come from the order of a sum, or from how the processor computes an exponential.
        """
        if self.largest == 0:
            return "none"
        bound = next((bound for bound in _BOUNDS if self.largest < bound), None)
        return f"{self.largest:.2f}" if bound is None else f"below {bound:.0e}".replace("e-0", "e-")

    @property
    def ok(self) -> bool:
        """Whether no row is beyond the tolerance and no decision differs."""
        return self.beyond == 0 and self.flips == 0


def parity(original: ArrayLike, exported: ArrayLike, *, threshold: float, tolerance: float = TOLERANCE) -> Parity:
    """Compare the scores of two copies of a model; a row is flagged when its score is at least `threshold`.

    Parameters
    ----------
    original, exported : array of shape (n,)
    threshold, tolerance : float

    Raises
    ------
    FormatError
        When there are no rows, the shapes differ, or a score is not finite: a copy that gives no answer is no copy.
    """
    import numpy as np

    one, other = (np.asarray(each, dtype="float64") for each in (original, exported))
    if one.ndim != 1 or one.shape != other.shape or one.size == 0:
        raise FormatError(f"scores of shapes {one.shape} and {other.shape} cannot be compared", where="parity",
                          remedy="score the same rows, one or more, with both")  # fmt: skip
    for name, scores in {"original": one, "exported": other}.items():
        if not np.isfinite(scores).all():
            raise FormatError(
                f"the {name} model has no score for {int((~np.isfinite(scores)).sum()):,} rows", where="parity"
            )
    gaps = np.abs(one - other)
    flips = (one >= threshold) != (other >= threshold)
    return Parity(one.size, float(gaps.max()), int((gaps > tolerance).sum()), int(flips.sum()), tolerance)


def clear_threshold(scores: ArrayLike, threshold: float) -> float:
    """The middle of the gap that `threshold` closes: same decisions on these scores, and no score on the edge.

    A threshold that was chosen from scores is one of them, as a rule. That row's decision hangs on the last bit, and
    another format, library or processor may round it to the other side.

    Parameters
    ----------
    scores : array of shape (n,)
        On which the threshold was chosen.
    threshold : float

    Returns
    -------
    float
        Halfway between the lowest score that is flagged and the highest that is not, or the former where no number lies
        between them; `threshold` where one is missing.
    """
    import numpy as np

    values: np.ndarray[Any, Any] = np.asarray(scores, dtype="float64")
    flagged, others = values[values >= threshold], values[values < threshold]
    if flagged.size == 0 or others.size == 0:
        return float(threshold)
    low, high = float(others.max()), float(flagged.min())
    middle = (low + high) / 2
    return middle if middle > low else high
