"""What does a model lean on overall? Two answers that disagree, because they ask different questions.

*Gain* asks the training rows: how much did the splits on a column improve the fit? It cannot tell learning from memorising,
so a column of pure noise earns a share. *Permutation* asks rows that the model has not seen: how much worse is the ranking
when this column's values are dealt out at random? Noise earns nothing, give or take the luck of the deal. The third, the
mean absolute contribution (`Contributions.ranking`), says how far a column moves scores, be it for better or worse.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lifecycle.explain.contributions import ExplanationError
from lifecycle.explain.scoring import scored

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike

    from lifecycle.explain.scoring import Score

    Metric = Callable[[Any, Any], float]


def permutation_importance(
    score: Score, frame: pd.DataFrame, labels: ArrayLike, *, metric: Metric, repeats: int = 5, seed: int = 0
) -> pd.DataFrame:
    """What a metric loses when one column at a time is shuffled (Breiman 2001; Fisher, Rudin and Dominici 2019).

    Parameters
    ----------
    score : callable
        Takes a DataFrame like `frame` and gives one number a row.
    frame, labels
        Rows that the model was not fitted on, at least two.
    metric : callable
        Takes labels and scores; larger is better, as average precision.
    repeats : int
        Shuffles a column, at least 1.
    seed : int
        Of the shuffles. Each column has a stream of its own, so that its result does not depend on the others.

    Returns
    -------
    DataFrame, largest loss first
        ``feature``, ``loss`` (mean; 0 means that nothing was lost, below 0 that shuffling happened to help), ``spread``
        (standard deviation over the shuffles).

    Raises
    ------
    ExplanationError
        When labels and rows are not equally many, or nothing is shuffled.
    """
    import numpy as np
    import pandas as pd

    truth = np.asarray(labels)
    if truth.shape != (len(frame),) or len(frame) < 2:
        raise ExplanationError(f"{len(frame):,} rows, and labels of the shape {truth.shape}", where="labels")
    if repeats < 1:
        raise ExplanationError(f"{repeats} shuffles are too few", where="repeats", remedy="ask for 1 or more")
    whole = metric(truth, scored(score, frame))
    rows = []
    for number, name in enumerate(frame.columns):
        rng = np.random.default_rng([seed, number])
        values = frame[name].to_numpy()
        shuffles = (frame.assign(**{str(name): values[rng.permutation(len(frame))]}) for _ in range(repeats))
        losses = [whole - metric(truth, scored(score, shuffled)) for shuffled in shuffles]
        rows.append({"feature": str(name), "loss": float(np.mean(losses)), "spread": float(np.std(losses))})
    return pd.DataFrame(rows).sort_values("loss", ascending=False, kind="stable", ignore_index=True)


def gain_importance(model: Any) -> pd.DataFrame:
    """The share of each column in all that a boosted model's splits gained on its training rows.

    Returns
    -------
    DataFrame, largest share first
        ``feature``, ``gain`` (shares that add up to 1; 0 for a column that no split uses).

    Raises
    ------
    ExplanationError
        When the model has no named columns, or no splits.
    """
    import pandas as pd

    booster = model.get_booster()
    names = booster.feature_names
    gains = booster.get_score(importance_type="total_gain")
    if not names or not gains:
        raise ExplanationError("a model with named columns and at least one split is needed", where="model")
    total = sum(gains.values())
    shares = [{"feature": name, "gain": gains.get(name, 0.0) / total} for name in names]
    return pd.DataFrame(shares).sort_values("gain", ascending=False, kind="stable", ignore_index=True)
