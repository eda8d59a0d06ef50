"""Can these targets hold together? Bayes' rule on rates, before any model exists.

A detector is described by three rates: the `prevalence` (share of cases that are positive), the true-positive rate
`tpr` (share of positives that raise an alert, also called recall or detection rate) and the false-positive rate `fpr`
(share of negatives that raise one). Every other rate follows. All are shares in [0, 1], never percentages.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from lifecycle.develop.objectives.quantities import CharterError, amount, rate


class Counts(NamedTuple):
    """The confusion matrix that rates lead one to expect, in cases (not rounded)."""

    true_positives: float
    false_positives: float
    false_negatives: float
    true_negatives: float

    @property
    def alerts(self) -> float:
        """True and false positives together."""
        return self.true_positives + self.false_positives


def expected_counts(n: float, *, prevalence: float, tpr: float, fpr: float) -> Counts:
    """The confusion matrix to expect in `n` cases.

    Parameters
    ----------
    n : float
        Cases, 0 or more.
    prevalence, tpr, fpr : float
        Rates in [0, 1].

    Raises
    ------
    CharterError
        When a rate is not one, naming it.
    """
    amount(n, "n")
    positives = n * rate(prevalence, "prevalence")
    negatives = n - positives
    caught, false_alarms = positives * rate(tpr, "tpr"), negatives * rate(fpr, "fpr")
    return Counts(caught, false_alarms, positives - caught, negatives - false_alarms)


def precision(*, prevalence: float, tpr: float, fpr: float) -> float:
    """Share of alerts that are right: π·TPR / (π·TPR + (1 − π)·FPR), by Bayes' rule.

    Returns
    -------
    float
        In [0, 1]; ``nan`` when no alert is ever raised.
    """
    counts = expected_counts(1, prevalence=prevalence, tpr=tpr, fpr=fpr)
    return counts.true_positives / counts.alerts if counts.alerts else math.nan


def accuracy(*, prevalence: float, tpr: float, fpr: float) -> float:
    """Share of all cases judged rightly: π·TPR + (1 − π)·(1 − FPR). Silence (both rates 0) has accuracy 1 − π."""
    counts = expected_counts(1, prevalence=prevalence, tpr=tpr, fpr=fpr)
    return counts.true_positives + counts.true_negatives


def alert_rate(*, prevalence: float, tpr: float, fpr: float) -> float:
    """Share of all cases that raise an alert: π·TPR + (1 − π)·FPR."""
    return expected_counts(1, prevalence=prevalence, tpr=tpr, fpr=fpr).alerts


def largest_fpr(*, prevalence: float, tpr: float, precision: float) -> float:
    """The largest false-positive rate at which alerts are still right with share `precision`.

    From `precision` solved for FPR: TPR · π/(1 − π) · (1/precision − 1).

    Parameters
    ----------
    prevalence : float
        In (0, 1).
    tpr : float
        In [0, 1].
    precision : float
        In (0, 1].

    Returns
    -------
    float
        In [0, 1]; 1 where any false-positive rate will do.

    Raises
    ------
    CharterError
        When a rate is outside its range.
    """
    share = rate(prevalence, "prevalence")
    if share in (0, 1):
        raise CharterError(f"needs both kinds of cases, so not {prevalence!r}", where="prevalence")
    if rate(precision, "precision") == 0:
        raise CharterError("a precision of 0 asks for nothing", where="precision")
    return min(1.0, rate(tpr, "tpr") * share / (1 - share) * (1 / precision - 1))


def recall_for_goal(*, prevalence: float, goal: float) -> float:
    """The recall at which what slips through is a share `goal` of all cases, if each alert stops its case: 1 − goal/π.

    Turns a business rate ("fraud below 0.1 % of transactions") into a rate that a model can be held to. It is a lower
    bound: whatever share of the alerts is not acted on must be caught in addition.

    Parameters
    ----------
    prevalence : float
        Share of positive cases today, in (0, 1].
    goal : float
        Share that may remain, in [0, 1].

    Returns
    -------
    float
        In [0, 1]; 0 where the goal is met already.
    """
    if rate(prevalence, "prevalence") == 0:
        raise CharterError("there is nothing to detect at 0", where="prevalence")
    return max(0.0, 1 - rate(goal, "goal") / prevalence)


def false_match_probability(comparisons: int, *, per_comparison: float) -> float:
    """Chance of one false match or more in `comparisons` independent comparisons: 1 − (1 − p)ⁿ.

    Parameters
    ----------
    comparisons : int
        Other people in the gallery that the face is compared with, 0 or more.
    per_comparison : float
        False-match rate of a single comparison, in [0, 1].

    Returns
    -------
    float
        In [0, 1], computed so that it stays exact for tiny rates.
    """
    if rate(per_comparison, "per_comparison") == 1:
        return 1.0 if amount(comparisons, "comparisons") else 0.0
    return -math.expm1(amount(comparisons, "comparisons") * math.log1p(-per_comparison))


def largest_false_match_rate(comparisons: int, *, probability: float) -> float:
    """The per-comparison false-match rate that keeps the chance of any false match at `probability`; the inverse.

    Parameters
    ----------
    comparisons : int
        1 or more.
    probability : float
        Accepted chance of one false match or more, in [0, 1).
    """
    if rate(probability, "probability") == 1:
        raise CharterError("a certain false match asks for nothing", where="probability")
    return -math.expm1(math.log1p(-probability) / amount(comparisons, "comparisons", positive=True))
