"""What people look at: so many payments a month, from one score, from another, or from both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import finite_numbers, is_number, is_whole
from lifecycle.cases.hybrid.payments import inputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Detector:
    """A model of what was labelled, and one of what is usual.

    Attributes
    ----------
    supervised : fitted classifier
        Learned from payments with labels; sees what resembles known fraud.
    novelty : fitted isolation forest
        Learned from payments without any label; sees what resembles nothing.
    """

    supervised: Any
    novelty: Any

    def known(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Supervised scores of payments: chances of fraud, as far as fraud is known."""
        import numpy as np

        return np.asarray(self.supervised.predict_proba(inputs(frame).to_numpy("float32"))[:, 1], dtype=float)

    def novel(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Novelty of payments; higher is stranger. It is not a chance of anything."""
        import numpy as np

        return np.asarray(-self.novelty.score_samples(inputs(frame)), dtype=float)


def fit_supervised(frame: pd.DataFrame, labels: ArrayLike, *, weights: ArrayLike | None = None, seed: int = 0) -> Any:
    """Fit a boosting classifier on payments with labels (0 and 1), alike on every machine: one thread, a seed."""
    from xgboost import XGBClassifier

    model = XGBClassifier(n_estimators=40, max_depth=3, learning_rate=0.3, max_bin=32, n_jobs=1, random_state=seed)
    return model.fit(inputs(frame).to_numpy("float32"), labels, sample_weight=weights)


def fit_detector(frame: pd.DataFrame, labels: ArrayLike, *, trees: int = 60, seed: int = 0) -> Detector:
    """Fit both models: one on payments and labels, the other on the same payments without them.

    Parameters
    ----------
    frame : DataFrame
        From `payments`.
    labels : array of 0 and 1
        What the team knows of them, which need not be the truth.
    trees : int
        Of the isolation forest.
    seed : int

    Raises
    ------
    CaseError
        When there is no payment or no tree, or there is not one label for each payment.
    """
    from sklearn.ensemble import IsolationForest

    if not (is_whole(trees, least=1) and is_whole(seed, least=0)):
        raise CaseError(
            "a forest has a tree or more, and a seed is 0 or more; both are whole numbers",
            where="hybrid: fit_detector",
            tried=f"{trees} trees, seed {seed}",
        )
    finite_numbers(labels, where="hybrid: labels of payments", length=max(len(frame), 1), least=0, most=1)
    forest = IsolationForest(n_estimators=trees, max_samples=512, random_state=seed, n_jobs=1).fit(inputs(frame))
    return Detector(fit_supervised(frame, labels, seed=seed), forest)


def top(scores: ArrayLike, n: int, *, without: ArrayLike | None = None) -> NDArray[np.bool_]:
    """Mark the `n` highest scores; of equal ones the earlier.

    Parameters
    ----------
    scores : array of shape (rows,)
    n : int
        0 or more; all rows where there are no more.
    without : array of bool, optional
        Rows that do not come into question.

    Raises
    ------
    CaseError
        When a score is missing, the number is negative or not whole, or `without` is not of the same length.
    """
    import numpy as np

    values = np.asarray(scores, dtype=float)
    if np.isnan(values).any() or not is_whole(n, least=0):
        raise CaseError("ranking needs a score for every row, and a whole number of 0 or more", where=f"hybrid: the top {n}")
    open_rows = np.ones(len(values), dtype=bool) if without is None else ~np.asarray(without, dtype=bool)
    if open_rows.shape != values.shape:
        raise CaseError(f"{open_rows.size} marks for {values.size} scores", where="hybrid: top, without")
    order = np.argsort(-values, kind="stable")
    chosen = np.zeros(len(values), dtype=bool)
    chosen[order[open_rows[order]][:n]] = True
    return chosen


def budgeted(known: ArrayLike, novel: ArrayLike, *, budget: int, novelty: float) -> NDArray[np.bool_]:
    """Alert on the highest supervised scores, and on the strangest of the rest, within one budget.

    Parameters
    ----------
    known, novel : array of shape (rows,)
        The two scores; they are ranked, never added, so their units do not matter.
    budget : int
        Alerts that people can look at.
    novelty : float
        Share of the budget for the strangest, 0 to 1, rounded to whole alerts. 0 is the supervised model alone.

    Returns
    -------
    array of bool
        Exactly `budget` alerts, or every row where there are no more.

    Examples
    --------
    >>> budgeted([0.9, 0.8, 0.1, 0.2], [0.7, 0.1, 0.9, 0.2], budget=2, novelty=0.5).tolist()
    [True, False, True, False]
    """
    import numpy as np

    if not is_number(novelty, least=0, most=1):
        raise CaseError("the share of the budget for novelty lies in 0 to 1", where=f"hybrid: novelty = {novelty}")
    if not is_whole(budget, least=0):
        raise CaseError("a budget is a whole number of alerts, 0 or more", where=f"hybrid: budget = {budget}")
    if np.shape(known) != np.shape(novel):
        raise CaseError("each payment needs both scores", where="hybrid: budgeted")
    strange = round(budget * novelty)
    chosen = top(known, budget - strange)
    return chosen | top(novel, strange, without=chosen)


def share_left(known: ArrayLike, *, budget: int, floor: float, sure: float = 0.3) -> float:
    """The share of the budget that is left for the strange, once the supervised model has taken what it is sure of.

    This guards what the model is sure of, and nothing else: in a month without anything new the rest goes to honest people
    who do odd things, and fraud that the model is less sure of is passed over.

    Parameters
    ----------
    known : array of shape (rows,)
        Chances of fraud.
    budget : int
        1 or more.
    floor : float
        The share that the strange get in any case, 0 to 1: without it nobody would look for the next scheme.
    sure : float
        The chance from which on the model is sure.

    Examples
    --------
    >>> share_left([0.9, 0.8, 0.1, 0.2], budget=4, floor=0.1)
    0.5
    """
    import numpy as np

    if not is_whole(budget, least=1) or not is_number(floor, least=0, most=1):
        raise CaseError(
            "a budget is a whole number, 1 or more, and a floor lies in 0 to 1",
            where=f"hybrid: budget {budget}, floor {floor}",
        )
    chances = finite_numbers(known, where="hybrid: share_left, scores", length=np.size(known))
    return max(floor, 1 - int((chances >= sure).sum()) / budget)


def either(known: ArrayLike, novel: ArrayLike, *, known_limit: float, novel_limit: float) -> NDArray[np.bool_]:
    """Alert where either score reaches its limit: as simple as it sounds, and nobody knows how many that will be."""
    import numpy as np

    sure = finite_numbers(known, where="hybrid: either, known", length=np.size(known))
    strange = finite_numbers(novel, where="hybrid: either, novel", length=len(sure))
    return np.asarray((sure >= known_limit) | (strange >= novel_limit))


def outcome(frame: pd.DataFrame, alerts: ArrayLike, *, kinds: Sequence[str] = ("known", "new")) -> dict[str, float]:
    """What alerts found, against the truth.

    Returns
    -------
    dict
        ``alerts``; ``precision``, the share of them that are fraud (nan without alerts); ``recall <kind>`` for each of
        `kinds` (nan where there is none); ``innocent``, alerts on honest people.
    """
    import numpy as np

    if np.shape(alerts) != (len(frame),):
        raise CaseError(f"{np.size(alerts)} decisions on {len(frame)} payments", where="hybrid: outcome")
    marked = finite_numbers(alerts, where="hybrid: outcome, alerts", length=len(frame), least=0, most=1) > 0
    fraud, kind = frame["fraud"].to_numpy(), frame["kind"].to_numpy()
    found: dict[str, float] = {"alerts": int(marked.sum())}
    found["precision"] = float(fraud[marked].mean()) if marked.any() else float("nan")
    for name in kinds:
        found[f"recall {name}"] = float(marked[kind == name].mean()) if (kind == name).any() else float("nan")
    return found | {"innocent": int((fraud[marked] == 0).sum())}
