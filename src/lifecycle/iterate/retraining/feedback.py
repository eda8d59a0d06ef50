"""A model that learns from what its own decisions let it see.

A payment that was blocked never turns out to be fraud or not, an applicant who was refused never defaults. Whoever trains
the successor on the labels that came in trains it on what the predecessor let through (selective labels, Lakkaraju and
others 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Fit = Callable[["pd.DataFrame", "np.ndarray[Any, Any]"], Any]
Score = Callable[[Any, "pd.DataFrame"], "np.ndarray[Any, Any]"]


def selective_rounds(
    rounds: Sequence[pd.DataFrame],
    *,
    start: pd.DataFrame,
    target: str,
    fit: Fit,
    score: Score,
    block: float,
    window: int | None = None,
    explore: float = 0.0,
    everything: bool = False,
    kind: str | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Block, learn from what was let through, and block again.

    In each round the model blocks the share `block` of rows with the highest scores. Blocked rows never get a label. The
    next model is fitted on the rows with labels.

    Parameters
    ----------
    rounds : sequence of DataFrame
        Rows by round; the target is in them, and the loop uses only what it would have seen.
    start : DataFrame
        Rows with labels for the first model, from before there was any.
    target : str
        Column of 0 and 1, where 1 is what should be blocked.
    fit : callable
        From rows and weights to a model.
    score : callable
        From a model and rows to scores; higher is more suspicious.
    block : float
        Share of each round, above 0 and below 1.
    window : int, optional
        Learn from the newest rounds alone; None for all of them and the start.
    explore : float
        Share of the rows to be blocked that are let through at random, to see what becomes of them: 0 to 1. They count
        ``1 / explore`` in training, for those of their kind that were not let through.
    everything : bool
        Whether all labels come in, as they would in a world without blocking: for comparison.
    kind : str, optional
        A column that says of what kind a row is; the table then has the recall of each kind as well.
    seed : int

    Returns
    -------
    DataFrame
        A row a round: ``round``, ``recall`` (of all positives, how many were to be blocked), ``passed`` (positives that were
        let through, exploration included), ``seen`` (share of positives among rows with a label: what the team believes),
        ``true`` (the share of positives among all), ``labels`` (rows with a label), and ``recall: <kind>`` for each kind of
        `kind` that has positives in any round. ``recall`` and ``true`` need labels that the team does not have.

    Raises
    ------
    DataError
        For shares outside their limits, or a column of kinds that is not there.
    """
    import numpy as np
    import pandas as pd

    if not 0 < block < 1 or not 0 <= explore <= 1:
        raise DataError(f"`block` must lie between 0 and 1 and `explore` in 0 to 1, not {block:g} and {explore:g}")
    rng = np.random.default_rng(seed)
    kinds = [] if kind is None else _kinds(rounds, target, kind)
    memory = [(start, np.ones(len(start)))]
    table: list[dict[str, Any]] = []
    for number, rows in enumerate(rounds, start=1):
        taught, weights = zip(*(memory if window is None else memory[-window:]), strict=True)
        model = fit(pd.concat(taught, ignore_index=True), np.concatenate(weights))
        labels = rows[target].to_numpy()
        scores = np.asarray(score(model, rows))
        blocked = np.zeros(len(rows), dtype=bool)
        blocked[np.argsort(-scores, kind="stable")[: round(block * len(rows))]] = True
        let_through = blocked & (rng.random(len(rows)) < explore)
        seen = ~blocked | let_through | everything
        weight = np.where(let_through & (not everything), 1 / explore if explore else 1.0, 1.0)
        memory.append((rows[seen], weight[seen]))
        table.append({
            "round": number,
            "recall": float(labels[blocked].sum() / labels.sum()) if labels.sum() else float("nan"),
            "passed": int(labels[~blocked | let_through].sum()),
            "seen": float(labels[seen].mean()) if seen.any() else float("nan"),
            "true": float(labels.mean()),
            "labels": int(seen.sum()),
        })  # fmt: skip
        for name in kinds:
            own = (rows[kind] == name).to_numpy() & (labels == 1)
            table[-1][f"recall: {name}"] = float(blocked[own].mean()) if own.any() else float("nan")
    return pd.DataFrame(table)


def _kinds(rounds: Sequence[pd.DataFrame], target: str, kind: str) -> list[Any]:
    """The kinds that have positives, in order."""
    if any(kind not in rows.columns for rows in rounds):
        raise DataError(f"column `{kind}` is missing", where="`kind`")
    return sorted({name for rows in rounds for name in rows.loc[rows[target] == 1, kind]})
