"""Which kind of change is it? Told by evidence from labelled rows of two periods, not by the alarm that rang.

The joint distribution of inputs X and label y can be taken apart in two ways: P(X) P(y | X) and P(y) P(X | y). A covariate
shift moves the first factor of the first way and leaves P(y | X) alone; a prior shift moves the first factor of the second
and leaves P(X | y) alone; concept drift moves P(y | X) itself. So each of the four distributions is asked whether it
changed, and by how much, and what stays tells the kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from lifecycle.errors import DataError
from lifecycle.monitor.drift.kind_parts import (
    Changed,
    ShiftLimits,
    classes_changed,
    fitted_chances,
    inputs_changed,
    labels_changed,
    meaning_changed,
    overlap_of,
)
from lifecycle.monitor.drift.labelled import labelled_rows

if TYPE_CHECKING:
    import pandas as pd

ShiftKind = Literal["none", "covariate", "prior", "concept", "both", "unclear"]

SHIFT_KINDS: tuple[ShiftKind, ...] = ("none", "covariate", "prior", "concept", "both", "unclear")
"""What `kind_of_shift` can answer. ``both``: the inputs changed and so did their meaning."""

_WORDS: dict[ShiftKind, tuple[str, str]] = {
    "none": (
        "no part of the joint distribution changed by more than the limits",
        "keep watching",
    ),
    "covariate": (
        "other inputs than before, and the same chance of the label at the same inputs",
        "measure each segment; reweight or retrain only where the model was weak on the rows that are more frequent now",
    ),
    "prior": (
        "the label is rarer or more frequent than before, and within each class the inputs look the same",
        "correct the chances for the new share of the label and set the threshold anew; retraining can wait",
    ),
    "concept": (
        "the same inputs as before mean something else",
        "retrain on rows from after the change; more of the old ones do not help",
    ),
    "both": (
        "other inputs, and the same inputs mean something else",
        "reassess the whole model: data, features, target; retrain on rows from after the change",
    ),
    "unclear": (
        "too few of today's inputs were seen before to say what they meant then",
        "look for a fault in the data first: a unit, a feed, a default value; only then think of the model",
    ),
}


@dataclass(frozen=True)
class ShiftEvidence:
    """The answer of `kind_of_shift`, with all that it rests on.

    Attributes
    ----------
    kind : str
        One of `SHIFT_KINDS`.
    inputs, labels, labels_given_inputs, inputs_given_labels : Changed
        P(X), P(y), P(y | X) and P(X | y).
    overlap : float
        Share of the current rows whose inputs were not out of the question before. What the others would have meant
        nobody knows.
    n_reference, n_current : int
        Rows that were compared.
    """

    kind: ShiftKind
    inputs: Changed
    labels: Changed
    labels_given_inputs: Changed
    inputs_given_labels: Changed
    overlap: float
    n_reference: int
    n_current: int

    @property
    def parts(self) -> tuple[Changed, ...]:
        """The four distributions, in the order of the fields."""
        return self.inputs, self.labels, self.labels_given_inputs, self.inputs_given_labels

    @property
    def words(self) -> str:
        """The kind in plain words."""
        return _WORDS[self.kind][0]

    @property
    def action(self) -> str:
        """What to do about it."""
        return _WORDS[self.kind][1]

    def rows(self) -> list[dict[str, Any]]:
        """One row a distribution, to be shown as a table."""
        return [
            {"part": each.part, "changed": each.changed, "effect": round(each.effect, 3), "counts from": each.limit,
             "measure": each.measure, "detail": each.detail}
            for each in self.parts
        ]  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Plain values, rounded to four digits."""
        told = {name: _plain(asdict(getattr(self, name))) for name in (
            "inputs", "labels", "labels_given_inputs", "inputs_given_labels"
        )}  # fmt: skip
        facts = {"kind": self.kind, "words": self.words, "action": self.action, "overlap": round(self.overlap, 4)}
        return facts | {"n_reference": self.n_reference, "n_current": self.n_current} | told


def kind_of_shift(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    target: str,
    features: Sequence[str] | None = None,
    level: float = 0.01,
    limits: ShiftLimits | None = None,
    most: int = 20_000,
    seed: int = 0,
) -> ShiftEvidence:
    """Tell covariate shift, prior shift and concept drift apart, from labelled rows of two periods.

    Parameters
    ----------
    reference, current : DataFrame
        The features and the label of both periods; at least 200 rows each. Missing values are allowed in features; texts
        and categories become one column a value.
    target : str
        The label's column: 0 and 1, none missing. Rows whose label is not known yet have to be left out, and those that are
        known early are seldom like the others.
    features : sequence of str, optional
        Columns to look at; all that both frames have, by default.
    level : float
        Of each of the four tests, between 0 and 1.
    limits : ShiftLimits, optional
        From which size on a change counts.
    most : int
        Rows of each frame that are looked at; more are sampled.
    seed : int
        Of the sample, and of the halves that are fitted and judged in turn.

    Returns
    -------
    ShiftEvidence

    Raises
    ------
    DataError
        When the label is missing, is not 0 and 1, or has one value only; when frames have no feature in common, too few
        rows, or infinite values.

    Notes
    -----
    Half of the rows fit four models, the other half is judged by them, and the other way round; equal rows stay in one half
    and count once for the variance. With f the chance of the label, g that of being a current row, both at given inputs, the
    products ``(y - f)(d - g)`` add up to 0 where P(y | X) has not changed, even if one of f and g is not quite right: the
    generalised covariance measure (Shah and Peters, "The Hardness of Conditional Independence Testing", 2020). A second sum
    has them weighted by the sign of the change that the other half saw, so that changes in both directions do not cancel.
    P(X | y) is asked by the best classifier of periods within each class, which follows from f and g.
    """
    import numpy as np
    import sklearn.ensemble  # noqa: F401 - loads the threads that are limited below
    from threadpoolctl import threadpool_limits

    if not 0 < level < 1:
        raise DataError(f"`level` is {level:g}: a number between 0 and 1 is meant")
    limits, rng = limits or ShiftLimits(), np.random.default_rng(seed)
    rows = labelled_rows(reference, current, target=target, features=features, most=most, rng=rng)
    with threadpool_limits(1):  # small fits: threads would wait for each other
        chances = fitted_chances(rows, rng)
    inputs, labels = inputs_changed(rows, chances, limits, level), labels_changed(rows, limits, level)
    meaning, classes = meaning_changed(rows, chances, limits, level), classes_changed(rows, chances, limits, level)
    overlap, n_current = overlap_of(rows, chances), int(rows.current.sum())
    kind = _kind(inputs, labels, meaning, classes, overlap, limits)
    return ShiftEvidence(kind, inputs, labels, meaning, classes, overlap, len(rows.y) - n_current, n_current)


def _kind(
    inputs: Changed, labels: Changed, meaning: Changed, classes: Changed, overlap: float, limits: ShiftLimits
) -> ShiftKind:
    if overlap < limits.overlap:
        return "unclear"
    if meaning.changed and classes.changed:
        return "both" if inputs.changed else "concept"
    if meaning.changed:
        return "prior" if labels.changed else "concept"
    if classes.changed and not inputs.changed:
        return "concept"  # with one P(X), another P(X | y) means another P(y | X), though too small to be seen by itself
    if inputs.changed:
        return "covariate" if classes.changed or not labels.changed else "prior"
    return "prior" if labels.changed else "none"


def _plain(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in facts.items()}
