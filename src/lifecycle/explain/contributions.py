"""What each feature did to each score, and the one test that every such account must pass.

A score is a base value plus the contributions of all features. That sum is checked (`check_additivity`) against the scores
of the model *that is in use*: contributions of another version, another scale or a shuffled column do not add up to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import LifecycleError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


class ExplanationError(LifecycleError):
    """An explanation that cannot be given, or that does not belong to the score it claims to explain."""


@dataclass(frozen=True, eq=False)
class Contributions:
    """Additive contributions of features to scores.

    Attributes
    ----------
    features : tuple of str
    values : array of shape (n_rows, n_features)
        On the scale of the score.
    base : float
        The score where nothing is known of a row; without it contributions say nothing.
    rows : DataFrame of shape (n_rows, n_features)
        The rows explained, numbered from 0.
    """

    features: tuple[str, ...]
    values: NDArray[np.float64]
    base: float
    rows: pd.DataFrame

    def __len__(self) -> int:
        return len(self.values)

    @property
    def scores(self) -> NDArray[np.float64]:
        """What base and contributions add up to, shape (n_rows,)."""
        total: NDArray[np.float64] = self.base + self.values.sum(axis=1)
        return total

    def of(self, number: int) -> pd.DataFrame:
        """One row's account, largest effect first: ``feature``, ``value``, ``contribution``."""
        import pandas as pd

        facts = {"feature": self.features, "value": self.rows.iloc[number].to_numpy(), "contribution": self.values[number]}
        return pd.DataFrame(facts).sort_values(
            "contribution", key=lambda column: -column.abs(), kind="stable", ignore_index=True
        )

    def ranking(self) -> pd.DataFrame:
        """Features by mean absolute contribution, largest first: ``feature``, ``mean_abs``."""
        import numpy as np
        import pandas as pd

        sizes = pd.DataFrame({"feature": self.features, "mean_abs": np.abs(self.values).mean(axis=0)})
        return sizes.sort_values("mean_abs", ascending=False, kind="stable", ignore_index=True)

    def by_group(self, groups: ArrayLike) -> pd.DataFrame:
        """Mean contribution of each feature in each group of rows, one column a group and a row a feature.

        A column adds up to the group's mean score less the base, so two columns say *through which features* the model
        scores two groups differently.

        Raises
        ------
        ExplanationError
            When there is not one label a row.
        """
        import numpy as np
        import pandas as pd

        labels = np.asarray(groups)
        if labels.shape != (len(self),):
            raise ExplanationError(f"{len(self):,} rows, and labels of the shape {labels.shape}", where="groups")
        frame = pd.DataFrame(self.values, columns=list(self.features))
        return frame.groupby(labels, sort=True).mean().T

    def pooled(self, families: Mapping[str, Sequence[str]]) -> Contributions:
        """Add up the contributions of features that say the same; features in no family keep their own.

        Credit is split arbitrarily within a family of correlated features; its sum is far more stable.

        Raises
        ------
        ExplanationError
            When a name is unknown, in two families, or taken.
        """
        import numpy as np
        import pandas as pd

        place = {name: number for number, name in enumerate(self.features)}
        named = [name for members in families.values() for name in members]
        if len(set(named)) != len(named) or not set(named) <= set(place):
            odd = sorted({name for name in named if named.count(name) > 1 or name not in place})
            raise ExplanationError(f"`{odd[0]}` is unknown, or in two families", where="families")
        left = [name for name in self.features if name not in set(named)]
        if set(families) & set(left):
            raise ExplanationError(f"a feature is called `{min(set(families) & set(left))}` already", where="families")
        sums = [self.values[:, [place[name] for name in members]].sum(axis=1) for members in families.values()]
        alone = [self.values[:, place[name]] for name in left]
        # A family has no value of its own to show.
        rows = pd.DataFrame(
            dict.fromkeys(families, np.nan) | {name: self.rows[name] for name in left}, index=self.rows.index
        )
        return Contributions((*families, *left), np.column_stack([*sums, *alone]), self.base, rows)


def residuals(contributions: Contributions, scores: ArrayLike) -> NDArray[np.float64]:
    """Score less what the account adds up to, shape (n_rows,).

    Raises
    ------
    ExplanationError
        When there is not one score a row.
    """
    import numpy as np

    told = np.asarray(scores, dtype="float64")
    if told.shape != (len(contributions),):
        raise ExplanationError(f"{len(contributions):,} rows, and scores of the shape {told.shape}", where="scores")
    gap: NDArray[np.float64] = told - contributions.scores
    return gap


def check_additivity(contributions: Contributions, scores: ArrayLike, *, tolerance: float = 1e-9) -> float:
    """Hold an account against the scores that the model gave.

    Parameters
    ----------
    contributions : Contributions
    scores : array of shape (n_rows,)
        From the model in use, on the scale of the contributions.
    tolerance : float
        Largest gap allowed, on that scale. Sums in float64 stay below 1e-9; trees in float32 need 1e-4.

    Returns
    -------
    float
        The largest gap found.

    Raises
    ------
    ExplanationError
        When a gap is larger, or not a number: the account is not one of these scores.
    """
    import numpy as np

    gaps = np.abs(residuals(contributions, scores))
    # "not <=" also catches NaN
    if len(gaps) and not gaps.max() <= tolerance:
        worst = int(np.argmax(np.where(np.isnan(gaps), np.inf, gaps)))
        raise ExplanationError(
            f"base and contributions are off the score by {gaps[worst]:.2g}",
            where=f"row {worst}",
            tried=f"{int((~(gaps <= tolerance)).sum()):,} of {len(gaps):,} rows are off by more than {tolerance:g}",
            remedy="same model version, same scale (log-odds or chance), same order of columns?",
        )
    return float(gaps.max()) if len(gaps) else 0.0


def tree_contributions(model: Any, frame: pd.DataFrame, *, background: pd.DataFrame | None = None) -> Contributions:
    """SHAP values of a boosted-tree classifier, in log-odds, through the `shap` library (Lundberg et al. 2020).

    Parameters
    ----------
    model : XGBClassifier
    frame : DataFrame of shape (n_rows, n_features)
        Rows to explain, with the columns that the model was fitted on, in that order.
    background : DataFrame, optional
        Rows that stand for "not known" (*interventional*: each feature is swapped on its own, as `shapley_of` does). Without
        it, what is not known is averaged over the training rows that took the same path through a tree (*path-dependent*).
        Both add up; they divide credit among correlated features differently.

    Returns
    -------
    Contributions
        In log-odds, before any calibration. The model computes in float32: hold them to a tolerance of 1e-4.

    Raises
    ------
    ExplanationError
        When the columns are not those of the model.
    """
    import numpy as np

    fitted = [str(name) for name in model.get_booster().feature_names or frame.columns]
    for name, given in (("frame", frame), ("background", background)):
        if given is not None and fitted != [str(column) for column in given.columns]:
            raise ExplanationError(
                "these are not the columns of the model, in their order", where=name, tried="model: " + ", ".join(fitted)
            )
    shap, kind = _shap(), {}
    if background is not None:  # all of it: given a table, the library takes 100 rows of it without a word
        behind = shap.maskers.Independent(background, max_samples=len(background))
        kind = {"data": behind, "feature_perturbation": "interventional"}
    explainer = shap.TreeExplainer(model, **kind)
    values = np.asarray(explainer.shap_values(frame), dtype="float64")
    base = float(np.ravel(explainer.expected_value)[-1])
    return Contributions(tuple(fitted), values, base, frame.reset_index(drop=True))


def _shap() -> Any:
    """The library, imported without a warning about matplotlib that concerns its own plots."""
    import warnings

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The set_", category=PendingDeprecationWarning)
        import shap
    return shap
