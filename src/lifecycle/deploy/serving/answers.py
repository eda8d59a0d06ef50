"""From rows to answers: what the model says, as a client reads it."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.packaging.reference import GOLDEN_TOLERANCE
from lifecycle.deploy.serving.reasons import Reasons
from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    from lifecycle.deploy.packaging.package import Package

Answer = dict[str, Any]


class ModelError(LifecycleError):
    """A package whose model does not give the scores that it was released with."""


class Answers:
    """Scores rows and says what the scores mean.

    Parameters
    ----------
    package : Package
    reasons : bool
        Whether to say why. Contributions cost tens of times what the score costs.
    wordings : mapping of name to text, optional
        See `Reasons`.

    Raises
    ------
    ModelError
        When the model does not give the package's golden rows their golden scores, here and now on this machine.
    """

    def __init__(self, package: Package, *, reasons: bool = True, wordings: Mapping[str, str] | None = None) -> None:
        self.model = {"name": package.name, "version": package.version, "digest": package.digest}
        self._scorer = package.scorer()
        self._threshold = package.threshold
        self._quantiles = [float(each) for each in package.reference["score_quantiles"]]
        self._reasons = Reasons(package.fields, wordings=wordings) if reasons else None
        self._check(package)

    def of(self, rows: Sequence[Sequence[float]]) -> list[Answer]:
        """One answer a row.

        Parameters
        ----------
        rows : sequence of n rows with k values
            In the package's order, and within its contract.

        Returns
        -------
        list of dict
            ``prediction`` (int, 1 from the threshold on), ``probability`` (calibrated), ``risk_score`` (the probability's
            percentile among the training rows, 0 to 100) and, where wanted, ``reasons``.
        """
        import numpy as np

        values = np.array(rows, dtype=np.float32)
        chances: list[float] = self._scorer.scores(values).tolist()  # Python's own floats: JSON knows no others
        answers = [self._answer(chance) for chance in chances]
        if self._reasons is not None:
            parts = self._scorer.contributions(values)
            given = self._reasons.of(parts, rows, [answer["prediction"] for answer in answers])
            for answer, reasons in zip(answers, given, strict=True):
                answer["reasons"] = reasons
        return answers

    def _answer(self, chance: float) -> Answer:
        return {
            "prediction": int(chance >= self._threshold),
            "probability": chance,
            "risk_score": percentile_of(chance, self._quantiles),
        }

    def _check(self, package: Package) -> None:
        import numpy as np

        golden = package.golden
        found = np.array([each["probability"] for each in self.of(golden[list(package.features)].to_numpy().tolist())])
        # numpy's max, which is NaN where one of them is: Python's own passes over it
        worst = float(np.abs(found - golden["score"].to_numpy()).max()) if len(golden) else math.inf
        if not worst <= GOLDEN_TOLERANCE:
            raise ModelError(
                "the model does not give its golden rows their scores", where=f"{package.name} {package.version}",
                tried=f"{len(golden)} rows; the largest difference is {worst:.2g}, allowed is {GOLDEN_TOLERANCE:g}",
                remedy="compare the versions of onnxruntime and xgboost here with those in environment.json",
            )  # fmt: skip


def percentile_of(value: float, quantiles: Sequence[float]) -> float:
    """Where `value` lies among reference values, in percent and to one decimal.

    Parameters
    ----------
    value : float
    quantiles : sequence of n + 1 floats
        Ascending, evenly spaced from the smallest value (0 %) to the largest (100 %).

    Returns
    -------
    float
        0 below all of them, 100 from the largest on; between two quantiles by a straight line.
    """
    parts = len(quantiles) - 1
    place = bisect_right(quantiles, value)
    if place == 0:
        return 0.0
    if place > parts:
        return 100.0
    low, high = quantiles[place - 1], quantiles[place]
    return round(100 * (place - 1 + (value - low) / (high - low)) / parts, 1)
