"""Quantiles of arrival times: what to promise, and between which bounds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.cases.arrival.trips import FEATURES
from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import finite_numbers, is_number, is_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Promise:
    """Quantiles of the minutes of a trip.

    Attributes
    ----------
    model : fitted regressor
        Gives all quantiles at once.
    levels : tuple of float
        Ascending, as (0.05, 0.5, 0.95).
    widening : float
        Minutes by which the outermost quantiles are moved outwards (or inwards, if negative).
    """

    model: Any
    levels: tuple[float, ...]
    widening: float = 0.0

    def minutes(self, trips: pd.DataFrame) -> pd.DataFrame:
        """A column a level, ascending within each row (quantiles that cross are put in order)."""
        import numpy as np
        import pandas as pd

        said = np.asarray(self.model.predict(trips[list(FEATURES)]), dtype=float).reshape(len(trips), -1)
        said = np.sort(said, axis=1)
        said[:, 0] = np.minimum(said[:, 0] - self.widening, said[:, said.shape[1] // 2])
        said[:, -1] = np.maximum(said[:, -1] + self.widening, said[:, said.shape[1] // 2])
        return pd.DataFrame(said, index=trips.index, columns=list(self.levels))


def fit_promise(trips: pd.DataFrame, *, levels: Sequence[float] = (0.05, 0.5, 0.95), seed: int = 0) -> Promise:
    """Fit quantiles by boosting on pinball loss.

    Parameters
    ----------
    trips : DataFrame
        From `trips`: ended ones, since their minutes are learned from.
    levels : sequence of float
        Odd in number, ascending, each between 0 and 1: the middle one is the promise, the outermost two its bounds.
    seed : int
        0 or more.

    Raises
    ------
    CaseError
        When the levels are not as said, there is no trip, or its minutes or what is known at its start are missing.
    """
    import numpy as np
    from xgboost import XGBRegressor

    asked = tuple(finite_numbers(levels, where="arrival: levels").tolist())
    if len(asked) % 2 == 0 or len(asked) < 3 or asked != tuple(sorted(set(asked))) or not 0 < asked[0] <= asked[-1] < 1:
        raise CaseError(
            "levels are three, five, ... ascending numbers between 0 and 1", where="arrival: levels", tried=f"{asked}"
        )
    if not is_whole(seed, least=0):
        raise CaseError("a seed is a whole number of 0 or more", where="arrival: fit_promise", tried=f"{seed!r}")
    finite_numbers(trips["minutes"], where="arrival: minutes of trips", least=0)
    if not np.isfinite(trips[list(FEATURES)].to_numpy(dtype=float)).all():
        raise CaseError("a trip is learned from when all is known of its start", where="arrival: fit_promise")
    model = XGBRegressor(
        objective="reg:quantileerror", quantile_alpha=np.array(asked), n_estimators=80, max_depth=4, learning_rate=0.15,
        n_jobs=1, random_state=seed,
    )  # fmt: skip
    return Promise(model.fit(trips[list(FEATURES)], trips["minutes"]), asked)


def misses(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> Any:
    """How far each value lies outside its bounds; negative inside, by the distance to the nearer bound.

    The quantile of these on trips that the model has not seen is the `widening` that makes the bounds hold (conformalised
    quantile regression; Romano, Patterson and Candès 2019).
    """
    import numpy as np

    came, bottom, top = (np.asarray(each, dtype=float) for each in (actual, low, high))
    if not came.shape == bottom.shape == top.shape or np.isnan(came + bottom + top).any():
        raise CaseError("each trip needs its two bounds", where="arrival: misses")
    return np.maximum(bottom - came, came - top)


def promise_table(trips: pd.DataFrame, said: ArrayLike, *, late: float = 10) -> dict[str, float]:
    """How a promise was kept.

    Parameters
    ----------
    trips : DataFrame
        With ``minutes``.
    said : array of shape (trips,)
        Minutes that were promised.
    late : float
        Minutes that a passenger forgives.

    Returns
    -------
    dict
        ``MAE``; ``bias``, actual less promised on average; ``p95 late``, how late the latest 5 % came, or later (all in
        minutes); ``late``, the share of trips more than `late` minutes after the promise.

    Raises
    ------
    CaseError
        When there is no trip, a promise or the minutes of one are missing, promises carry other labels than the trips, or
        `late` is no number.
    """
    import numpy as np

    took = finite_numbers(trips["minutes"], where="arrival: minutes of trips")
    if not is_number(late):
        raise CaseError("the minutes that are forgiven are a number", where="arrival: promise_table", tried=f"late {late!r}")
    labels = getattr(said, "index", None)
    if hasattr(labels, "equals") and not trips.index.equals(labels):
        raise CaseError("each trip needs its own promise, under the same label", where="arrival: promise_table")
    off = took - finite_numbers(said, where="arrival: promises", length=len(took))
    return {
        "MAE": float(np.abs(off).mean()),
        "bias": float(off.mean()),
        "p95 late": float(np.quantile(off, 0.95)),
        "late": float((off > late).mean()),
    }
