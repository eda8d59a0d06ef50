"""Thresholds for each group, with a coin where one is needed, so that chosen rates are equal at the least cost.

What a group can reach with thresholds on a score, mixed at random, lies between the upper and the lower hull of its ROC
curve. Worse than a coin is of no use, so what counts lies between the upper hull and the diagonal. A policy is a point
there for each group, and the cheapest one with equal rates is a linear programme.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.govern.fairness.inputs import rows as checked
from lifecycle.govern.fairness.inputs import within

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

CRITERIA: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "demographic parity": ("selection_rate",),
    "equal opportunity": ("tpr",),
    "equal false alarms": ("fpr",),
    "equalised odds": ("tpr", "fpr"),
}
"""What `fair_thresholds` can make equal."""


@dataclass(frozen=True)
class Policy:
    """A rule for each group.

    Attributes
    ----------
    criterion : str
        What it makes equal.
    rules : dict of str to tuple of (float, float)
        By group, thresholds and the chance with which each is used; chances add up to 1. ``inf`` decides 1 for nobody.
    rates : DataFrame
        `group`, `n`, `selection_rate`, `tpr`, `fpr` as expected on the rows it was made from.
    cost : float
        Expected cost a row on these rows.
    """

    criterion: str
    rules: Mapping[str, tuple[tuple[float, float], ...]]
    rates: pd.DataFrame
    cost: float

    @property
    def needs_a_coin(self) -> bool:
        """Whether two people with the same score can get different decisions."""
        return any(len(rule) > 1 for rule in self.rules.values())

    def chances(self, scores: ArrayLike, groups: ArrayLike) -> NDArray[np.float64]:
        """Chance of decision 1 for each row.

        Raises
        ------
        DataError
            When a row belongs to a group that has no rule, a score is not finite, or lengths differ.
        """
        import numpy as np

        values, who = checked(finite={"scores": scores}, groups=groups)
        strange = sorted(set(who) - set(self.rules))
        if strange:
            raise DataError(f"no rule for group `{strange[0]}`", remedy="groups: " + ", ".join(self.rules))
        chance = np.zeros(len(values))
        for group, rule in self.rules.items():
            for threshold, weight in rule:
                chance += weight * ((who == group) & (values >= threshold))
        return chance

    def decide(self, scores: ArrayLike, groups: ArrayLike, *, seed: int) -> NDArray[np.int64]:
        """Decisions, 0 or 1; the coin is thrown from `seed`."""
        import numpy as np

        chance = self.chances(scores, groups)
        return (np.random.default_rng(seed).random(len(chance)) < chance - 1e-12).astype(np.int64)


def roc_hull(labels: ArrayLike, scores: ArrayLike) -> pd.DataFrame:
    """Upper hull of the ROC curve.

    Parameters
    ----------
    labels : array of shape (n,)
        0 or 1, both of them present.
    scores : array of shape (n,)
        Finite; decision 1 from the threshold on.

    Returns
    -------
    DataFrame
        `threshold` (falling, the first ``inf``), `fpr`, `tpr` (from 0 to 1): the corners of the hull.
    """
    import numpy as np
    import pandas as pd

    truth, values = checked(binary={"labels": labels}, finite={"scores": scores})
    order = np.argsort(-values, kind="stable")
    truth, values = truth[order], values[order]
    if not 0 < truth.sum() < len(truth):
        raise DataError("a ROC curve needs both labels", remedy="join small groups, or leave their threshold alone")
    last = np.append(np.diff(values) != 0, True)
    tp, fp = np.cumsum(truth)[last], np.cumsum(1 - truth)[last]
    points = [(np.inf, 0, 0), *zip(values[last], fp, tp, strict=True)]
    hull: list[tuple[float, int, int]] = []
    for point in points:
        while len(hull) > 1 and _turns_left(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    table = pd.DataFrame(hull, columns=["threshold", "fpr", "tpr"])
    return table.assign(fpr=table["fpr"] / fp[-1], tpr=table["tpr"] / tp[-1])


def fair_thresholds(
    labels: ArrayLike,
    scores: ArrayLike,
    groups: ArrayLike,
    *,
    criterion: str = "equalised odds",
    cost_false_positive: float = 1.0,
    cost_false_negative: float = 1.0,
) -> Policy:
    """The cheapest rule a group on thresholds of a score that makes the rates of `criterion` equal.

    Parameters
    ----------
    labels, scores, groups : array of shape (n,)
        Rows on which nothing was fitted that is judged by the policy; each group with both labels.
    criterion : str
        One of `CRITERIA`.
    cost_false_positive, cost_false_negative : float
        What an error costs, from 0 to 1e12.

    Raises
    ------
    DataError
        When the criterion is unknown, a cost is below 0 or infinite, a group lacks one of the labels, or the rows are not
        what they should be.

    Notes
    -----
    Solved exactly on the rows given (`scipy.optimize.linprog`). On other rows the rates are equal up to chance. The idea
    is that of Hardt, Price and Srebro (2016).
    """
    import numpy as np
    import pandas as pd
    from scipy.optimize import linprog

    if criterion not in CRITERIA:
        raise DataError(f"no criterion `{criterion}`", remedy="choose from: " + ", ".join(CRITERIA))
    for name, cost in (("cost_false_positive", cost_false_positive), ("cost_false_negative", cost_false_negative)):
        within(name, cost, 0, 1e12)
    truth, values, who = checked(binary={"labels": labels}, finite={"scores": scores}, groups=groups)
    names = sorted({str(name) for name in who})
    corners = []
    for name in names:
        inside = who == name
        try:
            hull = roc_hull(truth[inside], values[inside])
        except DataError as error:
            raise DataError(error.what, where=f"group `{name}`", remedy=error.remedy) from error
        base = truth[inside].mean()
        hull["selection_rate"] = base * hull["tpr"] + (1 - base) * hull["fpr"]
        per_person = cost_false_negative * base * (1 - hull["tpr"]) + cost_false_positive * (1 - base) * hull["fpr"]
        corners.append(hull.assign(group=name, cost=per_person * inside.mean()))
    table = pd.concat(corners, ignore_index=True)
    member = (table["group"].to_numpy() == np.array(names)[:, None]).astype(float)
    rows, right = [*member], [1.0] * len(names)
    for rate in CRITERIA[criterion]:
        rows += [(member[0] - member[k]) * table[rate].to_numpy() for k in range(1, len(names))]
        right += [0.0] * (len(names) - 1)
    solved = linprog(table["cost"], A_eq=np.array(rows), b_eq=right, bounds=(0, 1), method="highs")
    weights = np.where(solved.x < 1e-9, 0.0, solved.x)
    rules, rates = {}, []
    for name in names:
        used = table.assign(weight=weights)[(table["group"] == name) & (weights > 0)]
        rules[str(name)] = tuple((float(t), float(w)) for t, w in zip(used["threshold"], used["weight"], strict=True))
        sums = {rate: float((used[rate] * used["weight"]).sum()) for rate in ("selection_rate", "tpr", "fpr")}
        rates.append({"group": str(name), "n": int((who == name).sum())} | sums)
    return Policy(criterion, rules, pd.DataFrame(rates), float((table["cost"] * weights).sum()))


def _turns_left(a: tuple[float, int, int], b: tuple[float, int, int], c: tuple[float, int, int]) -> bool:
    """Whether `b` lies on or below the line from `a` to `c`."""
    return (b[1] - a[1]) * (c[2] - a[2]) >= (b[2] - a[2]) * (c[1] - a[1])
