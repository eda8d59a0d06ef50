"""A detector that learns from its own months: from what people saw, from complaints, or from nothing but itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole
from lifecycle.cases.hybrid.alerts import Detector, budgeted, fit_detector, fit_supervised, outcome, share_left, top

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

Policy = Literal["never", "reviewed", "left out", "taken for fraud"]
"""What becomes of an alert in training: nothing is learned at all; a person finds out; a blocked payment gets no label; it
was blocked, so it was fraud."""

REPORTED: Mapping[str, float] = MappingProxyType({"known": 0.8, "new": 0.2, "newer": 0.5})
"""How likely a fraud of each kind is noticed by the one who pays: dear goods are, a few cents are not."""


def learn_by_month(
    start: pd.DataFrame,
    months: Sequence[pd.DataFrame],
    *,
    budget: int,
    novelty: float,
    policy: Policy = "reviewed",
    explore: float = 0.0,
    reported: Mapping[str, float] = REPORTED,
    delay: int = 1,
    window: int = 4,
    floor: float | None = None,
    detector: Detector | None = None,
    novel: Sequence[ArrayLike] | None = None,
    kinds: Sequence[str] = ("known", "new"),
    seed: int = 0,
) -> pd.DataFrame:
    """Alert, learn from what came of it, and alert again.

    Of payments without an alert the team learns by complaints alone: a fraud is reported with the chance of its kind, and
    known `delay` months later; what is not reported passes for honest. The forest stays the one of the start.

    Parameters
    ----------
    start : DataFrame
        Payments with true labels, from before there was any model.
    months : sequence of DataFrame
        From `payments`; the truth in them serves to score, and for what a person or a complaint brings to light.
    budget, novelty : int, float
        As in `budgeted`.
    policy : str
        One of `Policy`.
    explore : float
        Share of alerts, drawn at random, that a person looks at although the others are blocked: 0 to 1. They count
        ``1 / explore`` in training, and the others are left out.
    reported : mapping of str to float
        The chance of each kind, 0 to 1.
    delay : int
        Months until complaints are in, 0 or more: 0 is by the end of the month.
    window : int
        The newest so many blocks of payments are learned from, the start being the first block; 1 or more. What a policy
        leaves out is forgotten once the labels of the start have left the window.
    floor : float, optional
        Spend the budget by `share_left` with this floor, and not by fixed shares: what the supervised model is sure of comes
        first, and the strange get what is left. `novelty` is not used then.
    detector : Detector, optional
        The one to begin with; fitted on `start` by default.
    novel : sequence of array, optional
        Novelty of the payments of each month, where it was computed before: the forest is the same in every month.
    kinds : sequence of str
        Schemes of which the table says the recall.
    seed : int

    Returns
    -------
    DataFrame
        A row a month: ``month``; ``novelty``, the share of the budget for the strange; ``alerts``, ``precision``,
        ``recall <kind>`` and ``innocent`` as in `outcome`; ``by supervised``, the recall of the new scheme by
        the supervised score's part of the budget; ``believed``, the precision that the team computes from its own labels
        (nan where it has none).
    """
    import numpy as np

    _check(policy, explore, reported, delay, window, seed)
    if not len(start) or not len(months) or (novel is not None and len(novel) != len(months)):
        raise CaseError("learning needs a start, a month, and the novelty of each month, if any", where="hybrid: learning")
    rng = np.random.default_rng(seed)
    detector = detector or fit_detector(start, start["fraud"], seed=seed)
    memory = [_Block(start, start["fraud"].to_numpy(), np.ones(len(start)), -delay)]
    table: list[dict[str, Any]] = []
    for turn, rows in enumerate(months):
        if policy != "never" and turn:
            blocks = [block.known_by(turn, delay) for block in memory[-window:]]
            detector = replace(detector, supervised=_fit(blocks, seed))
        known, strange = detector.known(rows), detector.novel(rows) if novel is None else novel[turn]
        share = novelty if floor is None else share_left(known, budget=budget, floor=floor)
        alerts = budgeted(known, strange, budget=budget, novelty=share)
        block = _labelled(rows, alerts, policy, explore, reported, turn, rng)
        first = top(known, budget - round(budget * share))
        told = outcome(rows, alerts, kinds=kinds) | {"by supervised": outcome(rows, first)["recall new"]}
        table.append({"month": int(rows["month"].iloc[0]), "novelty": share} | told | {"believed": block.believed(alerts)})
        memory.append(block)
    return _frame(table)


class _Block:
    """Payments of one turn, what the team takes each for, how much it counts in training, and when complaints are in."""

    def __init__(self, rows: pd.DataFrame, labels: Any, weights: Any, turn: int, complaints: Any = None) -> None:
        self.rows, self.labels, self.weights, self.turn, self.complaints = rows, labels, weights, turn, complaints

    def known_by(self, turn: int, delay: int) -> tuple[pd.DataFrame, Any, Any]:
        labels = self.labels
        if self.complaints is not None and turn > self.turn + delay:
            labels = labels | self.complaints
        kept = self.weights > 0
        return self.rows[kept], labels[kept], self.weights[kept]

    def believed(self, alerts: NDArray[np.bool_]) -> float:
        seen = alerts & (self.weights > 0)
        return float(self.labels[seen].mean()) if seen.any() else float("nan")


def _labelled(
    rows: pd.DataFrame,
    alerts: Any,
    policy: Policy,
    explore: float,
    reported: Mapping[str, float],
    turn: int,
    rng: np.random.Generator,
) -> _Block:
    """What the team takes the payments of a month for, at its end."""
    import numpy as np

    truth = rows["fraud"].to_numpy()
    chance = rows["kind"].map(dict(reported)).fillna(0.0).to_numpy(dtype=float)
    complaints = truth * ~alerts * (rng.random(len(rows)) < chance)
    looked_at = alerts & (rng.random(len(rows)) < explore)
    weights = np.ones(len(rows))
    if policy == "left out" or explore:
        weights[alerts] = 0.0
    if explore:
        weights[looked_at] = 1 / explore
    taken = {"taken for fraud": np.ones_like(truth), "left out": np.zeros_like(truth)}.get(policy, truth)
    labels = np.where(looked_at, truth, taken) * alerts
    return _Block(rows, labels, weights, turn, complaints)


def _fit(blocks: Sequence[tuple[pd.DataFrame, Any, Any]], seed: int) -> Any:
    import numpy as np
    import pandas as pd

    frames, labels, weights = zip(*blocks, strict=True)
    return fit_supervised(pd.concat(frames), np.concatenate(labels), weights=np.concatenate(weights), seed=seed)


def _frame(table: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(table)


def _check(policy: str, explore: float, reported: Mapping[str, float], delay: int, window: int, seed: int) -> None:
    if policy not in get_args(Policy):
        raise CaseError(f"there is no policy `{policy}`", where="hybrid: learning", tried=", ".join(get_args(Policy)))
    shares = all(is_number(share, least=0, most=1) for share in (explore, *reported.values()))
    if not (shares and is_whole(delay, least=0) and is_whole(window, least=1) and is_whole(seed, least=0)):
        raise CaseError(
            "shares lie in 0 to 1, a delay and a seed are 0 or more, and a window 1 or more; all three are whole numbers",
            where="hybrid: learning",
            tried=f"explore {explore}, reported {dict(reported)}, delay {delay}, window {window}, seed {seed}",
        )
