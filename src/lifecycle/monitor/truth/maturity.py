"""How knowledge grows: metrics as of many days, how fast labels come, and what the missing ones will probably say."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle.errors import DataError
from lifecycle.monitor.truth.reconciliation import Reconciliation, reconcile
from lifecycle.monitor.truth.standing import Estimate, share_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_GROUPS = ((1, 1), (1, 0), (0, 1), (0, 0))  # decision, label


def maturity_table(
    predictions: pd.DataFrame, outcomes: pd.DataFrame, *, days: Iterable[int], **columns: str
) -> pd.DataFrame:
    """What a dashboard would have shown on each of `days`.

    Parameters
    ----------
    predictions, outcomes : DataFrame
        As `reconcile` takes them.
    days : iterable of int
        The days to look from.
    **columns : str
        Names of columns, as in `reconcile`.

    Returns
    -------
    DataFrame
        One row a day: ``day``, ``predictions``, ``labelled``, ``maturity``, ``precision`` with ``low`` and ``high`` (Wilson,
        95 %), ``least`` and ``most`` (bounds without any assumption on missing labels), ``recall`` and ``accuracy``.
    """
    import pandas as pd

    rows = []
    for day in days:
        now = reconcile(predictions, outcomes, as_of=day, **columns).standing
        precision, (least, most) = now.precision, now.precision_bounds
        rows.append(
            {
                "day": day, "predictions": now.predictions, "labelled": now.labelled, "maturity": now.maturity,
                "precision": precision.estimate, "low": precision.low, "high": precision.high, "least": least, "most": most,
                "recall": now.recall.estimate, "accuracy": now.accuracy.estimate,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def maturity_curve(reconciled: Reconciliation, *, horizon: int) -> pd.DataFrame:
    """Share of the labels that have come in at each age, by decision and label, from cohorts whose labels are all in.

    Parameters
    ----------
    reconciled : Reconciliation
        Only its predictions of at least `horizon` days before are used: of younger ones the slow labels are missing, and
        delays would look shorter than they are.
    horizon : int
        Days after which a label that has not come is taken never to come; 1 or more.

    Returns
    -------
    DataFrame
        Index ``age`` from 0 to `horizon`; columns ``(decision, label)`` as ``"flagged, positive"``; non-decreasing shares
        that end at 1, nan in a column whose group has no row.

    Raises
    ------
    DataError
        When no prediction is old enough.
    """
    import numpy as np
    import pandas as pd

    if horizon < 1:
        raise DataError(f"`horizon` is {horizon}: labels need at least a day")
    old = reconciled.older_than(horizon).rows
    old = old[old["label"].notna()]
    if old.empty:
        raise DataError(
            f"no labelled prediction is {horizon} days old on day {reconciled.as_of}",
            remedy="wait, or take a shorter horizon and say so",
        )
    delay = (old["known"] - old["made"]).to_numpy(dtype=float)
    ages = np.arange(horizon + 1)
    curve = {}
    for decision, label in _GROUPS:
        mine = np.sort(delay[(old["decision"] == decision) & (old["label"] == label) & (delay <= horizon)])
        curve[_name(decision, label)] = np.searchsorted(mine, ages, side="right") / len(mine) if len(mine) else np.nan
    return pd.DataFrame(curve, index=pd.Index(ages, name="age"))


class Nowcast(NamedTuple):
    """Corrected metrics: what the labels that are known say of all that will be known."""

    precision: Estimate
    recall: Estimate
    rows: int


def nowcast(reconciled: Reconciliation, *, horizon: int, least: float = 0.2) -> Nowcast:
    """Precision and recall corrected for labels of one kind that come sooner than those of the other.

    A known label of a prediction of age a stands for ``1 / F(a)`` labels, F being the share of labels of its kind
    (decision and label) that come in by that age in `maturity_curve` (weights of Horvitz and Thompson, 1952).

    Parameters
    ----------
    reconciled : Reconciliation
    horizon : int
        As in `maturity_curve`.
    least : float
        Predictions so young that less than this share of some kind's labels are in are left out, in (0, 1]: their weights
        would be large and the result would hang on a few rows.

    Returns
    -------
    Nowcast
        Intervals by Wilson with the effective number of rows (Kish 1965); ``rows`` counts the labelled rows used.

    Raises
    ------
    DataError
        When no prediction is old enough to learn delays from.

    Notes
    -----
    Right as long as the delay depends on decision and label alone and has not changed since the old cohorts. Labels that
    never come (a blocked payment) cannot be corrected for in this way. Nor can labels that are going to be *changed*: a 0
    that will be a 1 after its correction counts as a 0 until then, and in the old cohorts as a late 1. Where many labels are
    corrected the result keeps part of the error of the plain report; judge cohorts that are old enough for corrections
    (`Reconciliation.older_than`, `Reconciliation.corrected`).
    """
    import numpy as np

    if not 0 < least <= 1:
        raise DataError(f"`least` is {least:g}: a share above 0 and up to 1 is wanted")
    curve = maturity_curve(reconciled, horizon=horizon).fillna(1.0)
    ripe = np.flatnonzero((curve >= least).all(axis=1))[0]
    rows = reconciled.rows
    age = (reconciled.as_of - rows["made"]).clip(upper=horizon).to_numpy(dtype=int)
    chosen = (age >= ripe) & rows["label"].notna().to_numpy()
    decision, label = (rows[name].to_numpy()[chosen] for name in ("decision", "label"))
    weight = np.zeros(len(decision))
    for of_decision, of_label in _GROUPS:
        mine = (decision == of_decision) & (label == of_label)
        weight[mine] = 1 / curve[_name(of_decision, of_label)].to_numpy()[age[chosen][mine]]
    flagged, positive = decision == 1, label == 1
    return Nowcast(_weighted(positive, weight, flagged), _weighted(flagged, weight, positive), int(chosen.sum()))


def _weighted(hit: np.ndarray[Any, Any], weight: np.ndarray[Any, Any], among: np.ndarray[Any, Any]) -> Estimate:
    whole = math.fsum(weight[among])
    if not whole:
        return Estimate(math.nan, math.nan, math.nan)
    effective = whole**2 / math.fsum(weight[among] ** 2)
    return share_of(min(whole, math.fsum(weight[among & hit])), whole, effective=effective)


def _name(decision: int, label: int) -> str:
    return f"{'flagged' if decision else 'left alone'}, {'positive' if label else 'negative'}"
