"""Fitting a recipe, scoring rows, and a model as bytes: the same rows and recipe give the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from lifecycle.develop.evaluation.samples import labels_of
from lifecycle.develop.training.recipe import SPLIT, Recipe
from lifecycle.errors import DataError, LifecycleError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

NEIGHBOURS = 5
LARGEST = 1e38  # boosting counts in single precision, which ends there


def fit(recipe: Recipe, frame: pd.DataFrame) -> Any:
    """Fit the recipe's classifier to training rows.

    The fit runs on one thread, so the number of processors does not matter. Boosting computes in its own code and gives
    equal bits on every processor with the same arithmetic. The logistic model, and the neighbours that SMOTE looks for, go
    through a linear algebra library that picks its code by processor: elsewhere the last bits may differ (about 1e-12).

    Parameters
    ----------
    recipe : Recipe
    frame : DataFrame
        The training rows alone: the recipe's features and its target. A column ``split`` that says otherwise of a row
        is an error, so that nothing is learned from validation or test rows by mistake.

    Returns
    -------
    XGBClassifier or Pipeline
        Boosting sees the numbers as they are, missing ones included. The others are a pipeline that puts the training
        median in place of a missing value and scales. Resampling is done between the two, and is no part of the result.

    Raises
    ------
    DataError
        When a column is missing, not a number or infinite, a class is absent, or rows are of another part of the split.
    LifecycleError
        When the logistic model has not converged.
    """
    if SPLIT in frame.columns and (frame[SPLIT] != "train").any():
        other = int((frame[SPLIT] != "train").sum())
        raise DataError(f"{other:,} rows do not belong to the training part", where="fit",
                        remedy='pass `frame[frame["split"] == "train"]`')  # fmt: skip
    values, labels = inputs(recipe, frame), target_of(recipe, frame)
    if labels.min() == labels.max():
        raise DataError(f"all training rows have `{recipe.target}` = {labels[0]}", where="fit", remedy="get both classes")
    with one_thread():
        return _boosting(recipe, values, labels) if recipe.algorithm == "boosting" else _pipeline(recipe, values, labels)


def scores(model: Any, frame: pd.DataFrame, recipe: Recipe) -> np.ndarray:
    """Score rows with a fitted model.

    Parameters
    ----------
    model : what `fit` returned
    frame : DataFrame
        The recipe's features, in any order, beside anything else.
    recipe : Recipe

    Returns
    -------
    array of float64, shape (n_rows,)
        0 to 1, larger meaning more likely positive. A chance only where nothing was balanced.
    """
    values = inputs(recipe, frame)
    # Trees of boosting answer row by row, however many threads do it; asking for one takes longer than a row's answer.
    with nullcontext() if recipe.algorithm == "boosting" else one_thread():
        return model.predict_proba(values)[:, 1].astype("float64")  # type: ignore[no-any-return]


def inputs(recipe: Recipe, frame: pd.DataFrame) -> np.ndarray:
    """The recipe's features as float64 of shape (n_rows, n_features); errors as in `fit`."""
    import numpy as np
    from pandas.api import types

    missing = [name for name in recipe.features if name not in frame.columns]
    if missing:
        raise DataError(f"no column `{missing[0]}`, which the recipe takes", where="frame",
                        tried="columns: " + ", ".join(map(str, frame.columns[:30])))  # fmt: skip
    if len(frame) == 0:
        raise DataError("there are no rows", where="frame")
    chosen = frame.loc[:, list(recipe.features)]
    text = [name for name, column in chosen.items() if not types.is_numeric_dtype(column)]
    if text:
        raise DataError(f"`{text[0]}` does not hold numbers", where="frame",
                        remedy="code it first, as `lifecycle.develop.exploration.tables.encode` does")  # fmt: skip
    values: np.ndarray = chosen.to_numpy(dtype="float64", na_value=np.nan)
    large = (np.abs(values) > LARGEST).any(axis=0)
    if large.any():
        raise DataError(f"`{recipe.features[int(large.argmax())]}` holds a value beyond {LARGEST:g}, or an infinite one",
                        where="frame", remedy="guard the division it comes from, or make it missing")  # fmt: skip
    return values


def target_of(recipe: Recipe, frame: pd.DataFrame) -> np.ndarray:
    """The target as int64 of shape (n_rows,).

    Raises
    ------
    DataError
        When the column is missing or holds anything but 0 and 1.
    """
    if recipe.target not in frame.columns:
        raise DataError(f"no column `{recipe.target}`, the recipe's target", where="frame")
    return labels_of(frame[recipe.target], where=f"column `{recipe.target}`").astype("int64")


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep BLAS and OpenMP to one thread: sums that several threads share come out in another order each time."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def _boosting(recipe: Recipe, values: np.ndarray, labels: np.ndarray) -> Any:
    from xgboost import XGBClassifier

    weight = float((labels == 0).sum() / (labels == 1).sum()) if recipe.balance == "scale_pos_weight" else 1.0
    model = XGBClassifier(**recipe.settings, scale_pos_weight=weight, tree_method="hist", n_jobs=1, random_state=recipe.seed)
    model.fit(values, labels)
    model.get_booster().feature_names = list(recipe.features)  # set afterwards, when any character is allowed in them
    return model


def _pipeline(recipe: Recipe, values: np.ndarray, labels: np.ndarray) -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    prepare = Pipeline([("impute", SimpleImputer(strategy="median", keep_empty_features=True)), ("scale", StandardScaler())])
    values = prepare.fit_transform(values)
    if recipe.balance == "smote":
        values, labels = _resampled(values, labels, recipe.seed)
    classifier = _classifier(recipe)
    with _convergence(recipe):
        classifier.fit(values, labels)
    return Pipeline([*prepare.steps, ("model", classifier)])


def _classifier(recipe: Recipe) -> Any:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    weights = "balanced" if recipe.balance == "class_weight" else None
    kind = LogisticRegression if recipe.algorithm == "logistic" else RandomForestClassifier
    return kind(**recipe.settings, class_weight=weights, random_state=recipe.seed)


def _resampled(values: np.ndarray, labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from imblearn.over_sampling import SMOTE

    rarest = int(min((labels == 0).sum(), (labels == 1).sum()))
    if rarest < 2:
        raise DataError("a class has one training row: SMOTE has no neighbours to go between", where="fit",
                        remedy='use balance "class_weight"')  # fmt: skip
    return SMOTE(k_neighbors=min(NEIGHBOURS, rarest - 1), random_state=seed).fit_resample(values, labels)  # type: ignore[no-any-return]


@contextmanager
def _convergence(recipe: Recipe) -> Iterator[None]:
    import warnings

    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            yield
        except ConvergenceWarning as warning:
            steps = recipe.settings["max_iter"]
            raise LifecycleError(f"the {recipe.algorithm} model has not converged in {steps} steps", where="fit",
                                 remedy="raise `max_iter` or lower `C`") from warning  # fmt: skip
