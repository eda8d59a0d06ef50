"""Decisions of two models on the same labelled cases, counted once; every metric and its luck follow from the counts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle.errors import DataError
from lifecycle.iterate.comparison.mcnemar import Method, mcnemar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

METRICS = ("accuracy", "precision", "recall", "false_positive_rate", "flag_rate")
"""What `Paired` can compare, besides a cost."""

_LEAST_DEFINED = 0.95
_LEAST_APART = 10


class Change(NamedTuple):
    """A metric of both models on the same cases, and the challenger's minus the champion's between two limits."""

    champion: float
    challenger: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Paired:
    """How often each combination of truth and two decisions occurred.

    Attributes
    ----------
    counts : tuple of 8 int
        By truth, the champion's and the challenger's decision, each 0 or 1, in the order of counting in binary:
        ``counts[4 * truth + 2 * champion + challenger]``.

    Examples
    --------
    >>> both = paired_decisions([1, 1, 0, 0], [1, 0, 0, 1], [1, 1, 0, 0])
    >>> both.champion_only, both.challenger_only, both.agreement
    (0, 2, 0.5)
    """

    counts: tuple[int, int, int, int, int, int, int, int]

    def __post_init__(self) -> None:
        if len(self.counts) != 8 or any(count < 0 or count != int(count) for count in self.counts):
            raise DataError(f"{self.counts!r} are no counts", where="Paired", remedy="give eight whole numbers, 0 or more")

    @property
    def n(self) -> int:
        """Cases in all."""
        return sum(self.counts)

    @property
    def both_right(self) -> int:
        """Cases that both decide as the truth has it."""
        return self.counts[0] + self.counts[7]

    @property
    def both_wrong(self) -> int:
        """Cases that neither gets right."""
        return self.counts[3] + self.counts[4]

    @property
    def champion_only(self) -> int:
        """Cases that the challenger would get wrong, and the champion does not."""
        return self.counts[1] + self.counts[6]

    @property
    def challenger_only(self) -> int:
        """Cases that the challenger would get right, and the champion does not."""
        return self.counts[2] + self.counts[5]

    @property
    def agreement(self) -> float:
        """Share of cases decided alike; nan without cases."""
        return (self.both_right + self.both_wrong) / self.n if self.n else math.nan

    def p_value(self, *, method: Method = "exact") -> float:
        """McNemar's p: how often equally good models would disagree as unevenly. See `mcnemar`."""
        return mcnemar(self.champion_only, self.challenger_only, method=method)

    def change(
        self, metric: str = "accuracy", *, costs: tuple[float, float] = (1.0, 1.0), n: int = 2000, level: float = 0.95,
        seed: int = 0,
    ) -> Change:  # fmt: skip
        """A metric of both, and their difference with a paired bootstrap interval.

        Drawing rows with replacement is drawing these eight counts from a multinomial distribution, so that no row is
        touched and a million cases take as long as a thousand.

        Parameters
        ----------
        metric : str
            One of `METRICS`, or ``"cost"``: the mean cost of a case.
        costs : pair of float
            Of a false positive and of a false negative; for ``"cost"``.
        n : int
            Samples to draw.
        level : float
            In (0, 1).
        seed : int

        Returns
        -------
        Change
            Limits are nan where resampling cannot know them: the models differ on fewer than 10 of the cases that the metric
            is about (a kind of difference that happened not to occur never occurs in a sample of them), or the difference
            is undefined in more than 5 % of the samples (a precision, where nothing is flagged).

        Raises
        ------
        DataError
            When there are no cases, or no such metric.
        """
        import numpy as np

        if not self.n:
            raise DataError("there are no cases to compare on", where="Paired")
        if not 0 < level < 1:
            raise DataError(f"{level!r} is not between 0 and 1", where="level", remedy="95 % is 0.95")
        cells = np.array(self.counts)
        drawn = np.random.default_rng(seed).multinomial(self.n, cells / self.n, size=n)
        first, second = (self._metric(cells[None, :], model, metric, costs)[0] for model in (0, 1))
        spread = self._metric(drawn, 1, metric, costs) - self._metric(drawn, 0, metric, costs)
        defined = spread[~np.isnan(spread)]
        low = high = math.nan
        if self._apart(metric) >= _LEAST_APART and len(defined) >= _LEAST_DEFINED * n:
            low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
        return Change(float(first), float(second), float(second - first), float(low), float(high))

    def _apart(self, metric: str) -> int:
        """Cases that matter to the metric, and that the two decide differently."""
        negative, positive = self.counts[1] + self.counts[2], self.counts[5] + self.counts[6]
        return {"recall": positive, "false_positive_rate": negative}.get(metric, negative + positive)

    @staticmethod
    def _metric(cells: np.ndarray[Any, Any], model: int, metric: str, costs: tuple[float, float]) -> np.ndarray[Any, Any]:
        """`metric` of the champion (0) or the challenger (1) for each row of counts."""
        import numpy as np

        by = cells.reshape(-1, 2, 2, 2).sum(axis=2 + (1 - model))  # sample, truth, decision
        (tn, fp), (fn, tp) = by[:, 0].T, by[:, 1].T
        n = tn + fp + fn + tp
        parts = {
            "accuracy": (tp + tn, n),
            "precision": (tp, tp + fp),
            "recall": (tp, tp + fn),
            "false_positive_rate": (fp, fp + tn),
            "flag_rate": (tp + fp, n),
            "cost": (costs[0] * fp + costs[1] * fn, n),
        }
        if metric not in parts:
            raise DataError(f"no metric `{metric}`", where="Paired.change", remedy=f"one of {', '.join(parts)}")
        above, below = parts[metric]
        value: np.ndarray[Any, Any] = np.divide(above, below, out=np.full(len(by), np.nan), where=below > 0)
        return value


def paired_decisions(labels: ArrayLike, champion: ArrayLike, challenger: ArrayLike) -> Paired:
    """Count what two models decided about the same cases.

    Parameters
    ----------
    labels, champion, challenger : array of shape (n_cases,)
        The truth and two decisions, 0 or 1 each, none missing, case by case in the same order.

    Returns
    -------
    Paired

    Raises
    ------
    DataError
        When lengths differ, or a value is something else than 0 or 1.
    """
    import numpy as np

    given = {"labels": labels, "champion": champion, "challenger": challenger}
    arrays = {name: np.asarray(values) for name, values in given.items()}
    shapes = {name: values.shape for name, values in arrays.items()}
    if len(set(shapes.values())) > 1 or len(shapes["labels"]) != 1:
        raise DataError("are not of the same cases", where="labels, champion, challenger", tried=f"shapes {shapes}")
    for name, values in arrays.items():
        if not np.isin(values, (0, 1)).all():
            raise DataError(
                "holds something else than 0 and 1", where=name, remedy="leave out cases without truth; decide first"
            )
    truth, first, second = (values.astype(np.int64) for values in arrays.values())
    found = np.bincount(4 * truth + 2 * first + second, minlength=8)
    return Paired(tuple(int(count) for count in found))  # type: ignore[arg-type]
