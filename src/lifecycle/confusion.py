"""Rows by truth and decision, and the rates that follow from them: one definition for every stage.

Counts may be expected ones, and then need not be whole. Where a rate is not defined (precision when nothing was flagged)
it is ``nan``, never 0 or 1: a number that nobody measured must not be compared with one that was.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.errors import DataError


class Rates:
    """The rates of whatever has the counts ``tp``, ``fp``, ``fn`` and ``tn``."""

    __slots__ = ()

    if TYPE_CHECKING:  # whoever inherits has them

        @property
        def tp(self) -> float:
            """True positives."""

        @property
        def fp(self) -> float:
            """False positives."""

        @property
        def fn(self) -> float:
            """False negatives."""

        @property
        def tn(self) -> float:
            """True negatives."""

    @property
    def _all(self) -> float:
        return self.tp + self.fp + self.fn + self.tn

    @property
    def flagged(self) -> float:
        """Rows that were flagged, rightly or not."""
        return self.tp + self.fp

    @property
    def accuracy(self) -> float:
        """Share of rows judged rightly: (TP + TN) / all."""
        return ratio(self.tp + self.tn, self._all)

    @property
    def precision(self) -> float:
        """Share of flagged rows that are positive: TP / (TP + FP); nan when nothing was flagged."""
        return ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of positive rows that were flagged: TP / (TP + FN); nan without positive rows."""
        return ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2TP / (2TP + FP + FN); nan with nothing to find and nothing flagged."""
        return ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def false_positive_rate(self) -> float:
        """Share of negative rows that were flagged: FP / (FP + TN); nan without negative rows."""
        return ratio(self.fp, self.fp + self.tn)

    @property
    def specificity(self) -> float:
        """Share of negative rows that were left alone: TN / (FP + TN); nan without negative rows."""
        return ratio(self.tn, self.fp + self.tn)

    @property
    def flag_rate(self) -> float:
        """Share of all rows that were flagged."""
        return ratio(self.tp + self.fp, self._all)

    @property
    def prevalence(self) -> float:
        """Share of all rows that are positive; 1 minus it is the accuracy of never flagging."""
        return ratio(self.tp + self.fn, self._all)

    @property
    def balanced_accuracy(self) -> float:
        """Mean of recall and specificity; 0.5 for any guess that ignores the row; nan without both classes."""
        return (self.recall + self.specificity) / 2

    @property
    def matthews(self) -> float:
        """Correlation of truth and decision (Matthews 1975), -1 to 1; nan when either is the same in all rows."""
        sides = (self.tp + self.fp) * (self.tp + self.fn) * (self.tn + self.fp) * (self.tn + self.fn)
        return ratio(self.tp * self.tn - self.fp * self.fn, math.sqrt(sides))


class _Counts(NamedTuple):
    tp: float
    fp: float
    fn: float
    tn: float


class Confusion(_Counts, Rates):
    """Rows by truth and decision; `from_rates` gives expected counts, which need not be whole.

    Attributes
    ----------
    tp, fp, fn, tn : float
        True positives, false positives (false alarms), false negatives (missed), true negatives.
    """

    __slots__ = ()

    @classmethod
    def from_rates(cls, *, prevalence: float, precision: float, recall: float, n: float = 1.0) -> Confusion:
        """The counts that three rates imply in `n` rows, not rounded.

        Parameters
        ----------
        prevalence : float
            Share of positive rows, in (0, 1).
        precision, recall : float
            In (0, 1].
        n : float
            Rows; with 1, the counts are shares.

        Raises
        ------
        DataError
            When a rate is outside its range, or when the rates cannot hold together: more false alarms than negatives.
        """
        for name, value in {"prevalence": prevalence, "precision": precision, "recall": recall}.items():
            if not 0 < value <= 1 or (name == "prevalence" and value == 1):
                raise DataError(f"{value!r} is not a share between 0 and 1", where=name, remedy="5 % is 0.05")
        positives = n * prevalence
        tp = positives * recall
        fp = tp * (1 / precision - 1)
        if fp > n - positives:
            raise DataError(
                f"a recall of {recall:g} with a precision of {precision:g} needs {fp:,.6g} false alarms, and there are "
                f"only {n - positives:,.6g} negative rows",
                where="rates",
                remedy=f"with this prevalence and recall, precision is at least {tp / (tp + n - positives):.4g}",
            )
        return cls(tp, fp, positives - tp, n - positives - fp)

    @property
    def n(self) -> float:
        """All rows."""
        return self.tp + self.fp + self.fn + self.tn


def ratio(part: float, whole: float) -> float:
    """`part` over `whole`; nan where there is no whole."""
    return part / whole if whole else math.nan
