"""How much does a model lean on each column? Two answers that often differ, and a yardstick that tells which to believe.

*Impurity importance* adds up how much each column's splits tidied the training rows of a forest. It comes for free, and
it favours columns with many distinct values: they offer many places to cut, so some cut fits noise. *Permutation importance*
shuffles one column of rows that the forest has not seen and measures how much worse it ranks them. A random column, added on
purpose, is the yardstick: what scores no better than chance has not earned its place.

Neither is about causes, and neither is fair to twins: when two columns say the same, a model can do without
either, and shuffling one shows little. Prune first (`lifecycle.develop.features.pruning`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike

RANDOM = "random"


def with_random_column(frame: pd.DataFrame, *, seed: int = 0, name: str = RANDOM) -> pd.DataFrame:
    """Add a column of uniform random numbers, a different one in each row, that knows nothing.

    Raises
    ------
    DataError
        When the name is taken.
    """
    import numpy as np

    if name in frame.columns:
        raise DataError(f"there is a column `{name}` already", where="frame", remedy="give another name")
    return frame.assign(**{name: np.random.default_rng(seed).random(len(frame))})


def forest(frame: pd.DataFrame, labels: ArrayLike, *, trees: int = 100, leaf: int = 1, seed: int = 0) -> Any:
    """Fit a random forest that does not depend on the number of threads.

    Parameters
    ----------
    frame, labels
        Training rows, and 0 or 1 for each.
    trees : int
        Trees in the forest.
    leaf : int
        Rows in a leaf, at least. 1 grows full trees, which is the usual default and what makes impurity importance
        believe in noise.
    seed : int
        Random seed.

    Returns
    -------
    sklearn.ensemble.RandomForestClassifier
    """
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(n_estimators=trees, min_samples_leaf=leaf, random_state=seed, n_jobs=1)
    return model.fit(frame, labels)


def permutation_importance(
    model: Any, frame: pd.DataFrame, labels: ArrayLike, *, repeats: int = 5, seed: int = 0
) -> pd.DataFrame:
    """Average precision lost when a column's values are dealt out to the wrong rows (Breiman 2001).

    Parameters
    ----------
    model : classifier with ``predict_proba``
    frame, labels
        Rows that the model was not fitted on.
    repeats : int
        Shuffles a column, at least 1.
    seed : int
        Of the shuffles.

    Returns
    -------
    DataFrame, one row a column in the order of the table
        ``feature``, ``permutation`` (mean loss; 0 means none, below 0 that shuffling happened to help) and ``spread``
        (standard deviation over the shuffles, 0 for a single one).

    Raises
    ------
    DataError
        When the rows hold one class only, or `repeats` is below 1.
    """
    import numpy as np
    import pandas as pd

    outcome = np.asarray(labels)
    if len(np.unique(outcome)) != 2:
        raise DataError("the rows hold one class only, so nothing can be ranked", where="labels")
    if repeats < 1:
        raise DataError(f"{repeats} shuffles are too few", where="repeats", remedy="ask for 1 or more")
    rng = np.random.default_rng(seed)
    whole = _average_precision(model, frame, outcome)
    rows = []
    for name in frame.columns:
        losses = [whole - _average_precision(model, _shuffled(frame, name, rng), outcome) for _ in range(repeats)]
        rows.append({"feature": name, "permutation": float(np.mean(losses)), "spread": float(np.std(losses))})
    return pd.DataFrame(rows, columns=["feature", "permutation", "spread"])


def importances(model: Any, frame: pd.DataFrame, labels: ArrayLike, *, repeats: int = 5, seed: int = 0) -> pd.DataFrame:
    """Put impurity and permutation importance of a fitted forest side by side.

    Parameters
    ----------
    model : forest
        From `forest`, or anything with ``feature_importances_`` and ``predict_proba``.
    frame, labels
        Rows that the forest has not seen, with its columns.
    repeats, seed
        As in `permutation_importance`.

    Returns
    -------
    DataFrame, largest permutation importance first
        ``feature``, ``impurity`` (shares that add up to 1), ``permutation``, ``spread``.

    Raises
    ------
    DataError
        As in `permutation_importance`, and when the columns are not those of the model.
    """
    fitted = [str(name) for name in getattr(model, "feature_names_in_", frame.columns)]
    if fitted != list(frame.columns):
        raise DataError("these are not the columns that the model was fitted on", where="frame", tried=", ".join(fitted))
    table = permutation_importance(model, frame, labels, repeats=repeats, seed=seed)
    table.insert(1, "impurity", [float(value) for value in model.feature_importances_])
    return table.sort_values("permutation", ascending=False, kind="stable").reset_index(drop=True)


def better_than_random(table: pd.DataFrame, *, name: str = RANDOM, spreads: float = 2.0) -> list[str]:
    """Name the columns that beat the random one, most important first.

    A column has to lose, when shuffled, more than 0 and more than the random column, with `spreads` of its standard
    deviations to spare; it is a rule of thumb, not a test.

    Raises
    ------
    DataError
        When the table has no row for the random column.
    """
    if name not in set(table["feature"]):
        raise DataError(f"no column `{name}` to compare with", where="table", remedy="see `with_random_column`")
    others = table[table["feature"] != name]
    yardstick = max(0.0, float(table.loc[table["feature"] == name, "permutation"].iloc[0]))
    chosen = others[others["permutation"] - spreads * others["spread"] > yardstick]
    return [str(feature) for feature in chosen.sort_values("permutation", ascending=False, kind="stable")["feature"]]


def share_of_top(values: ArrayLike, *, share: float) -> float:
    """Part of the total importance, 0 to 1, that the top `share` of the columns holds; at least one column.

    Parameters
    ----------
    values : array-like of shape (n_columns,)
        Importances; those below 0 count as 0.
    share : float
        Above 0, up to 1; 0.2 asks for the top fifth, rounded to whole columns.

    Raises
    ------
    DataError
        When the share is outside its limits, or no importance is above 0.
    """
    import numpy as np

    sizes = np.sort(np.clip(np.asarray(values, dtype=float), 0, None))[::-1]
    if not 0 < share <= 1:
        raise DataError(f"{share:g} is no share of the columns", where="share", remedy="give a number above 0, up to 1")
    if sizes.sum() == 0:
        raise DataError("no column has an importance above 0", where="values")
    return float(sizes[: max(1, round(share * len(sizes)))].sum() / sizes.sum())


def _shuffled(frame: pd.DataFrame, name: str, rng: np.random.Generator) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].to_numpy()[rng.permutation(len(frame))]})


def _average_precision(model: Any, frame: pd.DataFrame, labels: np.ndarray) -> float:
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(labels, model.predict_proba(frame)[:, 1]))
