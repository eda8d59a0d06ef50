"""Gradient boosting that is held to directions: cheaper to make than a card, opaque, and still never absurd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.cases.credit_risk.binning import Direction
from lifecycle.cases.credit_risk.checks import both_kinds, numbers_or_missing, whole
from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Boosting:
    """A fitted boosting and what it was held to; made by `constrained_boosting`. `staged`: it was fitted with an offset."""

    model: Any
    directions: Mapping[str, Direction]
    staged: bool = False

    def chance(self, frame: pd.DataFrame, *, offset: ArrayLike | None = None) -> NDArray[np.float64]:
        """Chance of turning out bad, shape (n,); with `offset` where it was fitted with one, and only there."""
        import numpy as np

        if self.staged != (offset is not None):
            said = "was fitted with an offset" if self.staged else "was fitted without an offset"
            raise CaseError(f"this model {said}", where="credit_risk: offset", remedy="score as it was fitted")
        chances = self.model.predict_proba(self._inputs(frame), base_margin=_margin(offset, rows=len(frame)))[:, 1]
        return np.asarray(chances, dtype=np.float64)

    def reasons(self, frame: pd.DataFrame, *, n: int = 2) -> list[tuple[str, ...]]:
        """The `n` columns of each row that raise its risk most, by their Shapley values in log-odds, the worst first."""
        import numpy as np
        from xgboost import DMatrix

        names = list(self.directions)
        shares = self.model.get_booster().predict(DMatrix(self._inputs(frame)), pred_contribs=True)[:, :-1]
        worst = np.argsort(-shares, axis=1, kind="stable")[:, :n]
        return [tuple(names[k] for k in best if row[k] > 0) for row, best in zip(shares, worst, strict=True)]

    def violations(
        self, frame: pd.DataFrame, feature: str, *, low: float, high: float, offset: ArrayLike | None = None
    ) -> int:
        """How many rows would look better for a change that should count against them.

        Each row is scored twice, with `low` and with `high` in place of its own value, all else (and `offset`, where the
        model was fitted with one) as it is.

        Raises
        ------
        CaseError
            When `feature` is no column that the model reads, or for what `chance` refuses.
        """
        if feature not in self.directions:
            raise CaseError(f"`{feature}` has no direction here", where="credit_risk: violations",
                            remedy="one of " + ", ".join(self.directions))  # fmt: skip
        first, second = (self.chance(frame.assign(**{feature: value}), offset=offset) for value in (low, high))
        way = 1 if self.directions[feature] == "rising" else -1
        return int((way * (second - first) < 0).sum())

    def _inputs(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The columns that the model reads."""
        if absent := [name for name in self.directions if name not in frame]:
            raise CaseError(f"no column `{absent[0]}`", where="credit_risk: frame")
        return frame[list(self.directions)]


def constrained_boosting(
    frame: pd.DataFrame,
    bad: ArrayLike,
    *,
    directions: Mapping[str, Direction],
    constrained: bool = True,
    offset: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    trees: int = 120,
    depth: int = 3,
    seed: int = 0,
) -> Boosting:
    """Boosted trees (xgboost, one thread) in which risk may only rise, or only fall, with each column.

    Parameters
    ----------
    frame : DataFrame, n rows
    bad : array_like of 0 and 1, shape (n,)
    directions : mapping
        Column to ``"rising"`` (the more, the worse) or ``"falling"``; the model sees these columns only.
    constrained : bool
        False leaves the trees free; `directions` then only names the columns.
    offset : array_like, shape (n,), optional
        Log-odds that are taken as given, of a first stage; the trees learn what is left.
    weights : array_like, shape (n,), optional
    trees, depth : int
    seed : int

    Raises
    ------
    CaseError
        When a column is absent, a direction is no direction, labels are not 0 and 1, or offset or weights are not finite
        numbers of as many rows (weights 0 or more).
    """
    from xgboost import XGBClassifier

    way = {"rising": 1, "falling": -1}
    if absent := [name for name in directions if name not in frame]:
        raise CaseError(f"no column `{absent[0]}`", where="credit_risk: directions")
    if odd := [name for name, said in directions.items() if said not in way]:
        raise CaseError(f"`{odd[0]}` is {directions[odd[0]]!r}", where="credit_risk: directions", remedy="rising or falling")
    for name, value in (("trees", trees), ("depth", depth)):
        whole(value, where=name, least=1)
    model = XGBClassifier(
        n_estimators=trees,
        max_depth=depth,
        learning_rate=0.1,
        min_child_weight=20,
        tree_method="hist",
        monotone_constraints=tuple(way[said] if constrained else 0 for said in directions.values()),
        n_jobs=1,
        random_state=seed,
    )
    label = both_kinds(bad, where="bad", rows=len(frame))
    weight = None if weights is None else _weights(weights, rows=len(frame))
    model.fit(frame[list(directions)], label, sample_weight=weight, base_margin=_margin(offset, rows=len(frame)))
    return Boosting(model, dict(directions), offset is not None)


def _margin(offset: ArrayLike | None, *, rows: int) -> NDArray[np.float32] | None:
    """Log-odds as the library takes them."""
    import numpy as np

    if offset is None:
        return None
    margin = numbers_or_missing(offset, where="offset", rows=rows).astype(np.float32)
    if not np.isfinite(margin).all():
        raise CaseError("log-odds should be finite", where="credit_risk: offset")
    return margin


def _weights(weights: ArrayLike, *, rows: int) -> NDArray[np.float64]:
    import numpy as np

    weight = numbers_or_missing(weights, where="weights", rows=rows)
    if not (np.isfinite(weight) & (weight >= 0)).all() or not weight.any():
        raise CaseError("weights should be finite and 0 or more, some of them above 0", where="credit_risk: weights")
    return weight
