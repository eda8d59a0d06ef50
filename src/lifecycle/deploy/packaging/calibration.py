"""From the score of a model that learned on evened-out classes to the chance at the prevalence that it meets.

Counting each positive row w times multiplies the prior odds by w, and a model that fits what it saw multiplies all its
odds with them. So the odds of a score are put right by one factor, the ratio of the two prior odds (Elkan 2001; Saerens,
Latinne, Decaestecker 2002). Among log-odds that is one constant to add.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.packaging.errors import PackageError

if TYPE_CHECKING:
    import numpy as np


class Calibration:
    """The mending of scores into chances.

    Parameters
    ----------
    settings : mapping or None
        ``{"method": "prior", "trained": t, "actual": a}``: the prevalence that the model learned from and the one it meets,
        both in (0, 1). None leaves scores as they are.
    where : str
        For the error's message.

    Raises
    ------
    PackageError
        For anything else.
    """

    def __init__(self, settings: Mapping[str, Any] | None, *, where: str = "calibration") -> None:
        self.settings = dict(settings) if settings is not None else None
        self.up = self.down = 1.0
        if settings is None:
            return
        if set(settings) != {"method", "trained", "actual"} or settings["method"] != "prior":
            raise PackageError(
                "the only method is `prior`, with `trained` and `actual`", where=where, tried=f"{dict(settings)!r}"
            )
        trained, actual = settings["trained"], settings["actual"]
        for share in (trained, actual):
            if not isinstance(share, int | float) or not 0 < share < 1:
                raise PackageError(f"{share!r} is not a prevalence between 0 and 1", where=where)
        self.up, self.down = actual / trained, (1 - actual) / (1 - trained)

    def __call__(self, scores: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The chances of these scores: float64 of the same shape, in [0, 1]; order is kept."""
        scores = scores.astype("float64")
        if self.settings is None:
            return scores
        positive = scores * self.up
        chances: np.ndarray[Any, Any] = positive / (positive + (1.0 - scores) * self.down)
        return chances
