"""Tuning: settings searched on the validation rows by optuna's tree-structured Parzen estimator, the same way every time.

The estimator (Bergstra and others 2011) models where good settings lie and where bad ones do, and tries next what is
likelier among the good. The best of many trials is flattered by having been chosen: what it is worth, rows that took no
part in the search must say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle import show
from lifecycle.develop.evaluation.metrics import average_precision, brier, confusion, log_loss, roc_auc
from lifecycle.develop.training.models import fit, scores, target_of
from lifecycle.develop.training.recipe import SPLIT, Recipe
from lifecycle.errors import DataError, LifecycleError

if TYPE_CHECKING:
    import pandas as pd


class Range(NamedTuple):
    """Where a setting is searched, both ends included; whole where `low` is an ``int``, by ratios where `log`."""

    low: float
    high: float
    log: bool = False


class Tuning(NamedTuple):
    """What a search found.

    Attributes
    ----------
    recipe : Recipe
        The one given, with the best settings.
    trials : DataFrame, one row a trial in the order tried
        ``trial`` (from 0, which has the settings that were given), the settings searched, and the metric on validation.
    """

    recipe: Recipe
    trials: pd.DataFrame


SPACE: Mapping[str, Mapping[str, Range]] = {
    "logistic": {"C": Range(1e-3, 1e2, log=True)},
    "forest": {
        "max_depth": Range(3, 16),
        "min_samples_leaf": Range(1, 50, log=True),
        "max_features": Range(0.1, 0.8),
    },
    "boosting": {
        "n_estimators": Range(40, 200),
        "max_depth": Range(2, 5),
        "learning_rate": Range(0.02, 0.3, log=True),
        "min_child_weight": Range(1.0, 30.0, log=True),
        "subsample": Range(0.6, 1.0),
        "colsample_bytree": Range(0.4, 1.0),
        "reg_lambda": Range(0.1, 20.0, log=True),
    },
}
"""What is searched, by algorithm. Wide enough for tables of some thousand to some hundred thousand rows."""

DIGITS = 3
"""Significant digits of a setting: processors that disagree in the last bit still try the same settings."""

METRICS: Mapping[str, tuple[Callable[..., float], bool]] = {
    "average_precision": (average_precision, True),
    "roc_auc": (roc_auc, True),
    "f1": (lambda labels, decisions: confusion(labels, decisions).f1, True),
    "log_loss": (log_loss, False),
    "brier": (brier, False),
}
"""What can be searched for, and whether larger is better. F1 is that of the recipe's threshold."""


def tune(
    recipe: Recipe,
    frame: pd.DataFrame,
    *,
    trials: int = 15,
    metric: str = "average_precision",
    seed: int = 0,
    space: Mapping[str, Range] | None = None,
) -> Tuning:
    """Search settings: fit on the training rows, judge on the validation rows, never look at the others.

    Parameters
    ----------
    recipe : Recipe
        Its settings are the first trial (brought into the space where they lie outside), so that the result is no worse
        on the validation rows than where it began.
    frame : DataFrame
        What `lifecycle.develop.prepared` made: features, target and ``split``.
    trials : int
        1 or more. A third of them, 4 at least, are drawn at random before the estimator takes over.
    metric : str
        One of `METRICS`.
    seed : int
        Of the search. One seed, one result.
    space : mapping, optional
        Ranges by setting, in place of those in `SPACE`.

    Raises
    ------
    LifecycleError
        For an unknown metric, a setting that the algorithm has not, or less than one trial.
    DataError
        When there are no training or validation rows, or the latter lack a class.
    """
    import pandas as pd

    if metric not in METRICS:
        raise LifecycleError(f"no metric `{metric}` to tune for", where="tune", remedy="metrics: " + ", ".join(METRICS))
    if trials < 1:
        raise LifecycleError(f"`trials` is {trials}", where="tune", remedy="allow at least 1")
    ranges = SPACE[recipe.algorithm] if space is None else space
    strange = sorted(set(ranges) - set(recipe.settings))
    if strange:
        raise LifecycleError(f"{recipe.algorithm} has no setting `{strange[0]}`", where="tune",
                             remedy="settings: " + ", ".join(recipe.settings))  # fmt: skip
    train, validation = part(frame, "train"), part(frame, "validation")
    labels = target_of(recipe, validation)
    if labels.min() == labels.max():
        raise DataError(f"all validation rows have `{recipe.target}` = {labels[0]}", where="tune")
    measure, larger = METRICS[metric]
    rows: list[dict[str, float]] = []

    def objective(trial: Any) -> float:
        settings = {name: _suggested(trial, name, each) for name, each in ranges.items()}
        tried = recipe.but(settings=settings)
        found = scores(fit(tried, train), validation, tried)
        value = measure(labels, found >= recipe.threshold if metric == "f1" else found)
        rows.append({"trial": len(rows), **settings, metric: value})
        return 0.0 if math.isnan(value) else value  # F1 where nothing is flagged and nothing is to be found

    _search(objective, start={name: recipe.settings[name] for name in ranges}, ranges=ranges, trials=trials,
            larger=larger, seed=seed)  # fmt: skip
    best = max(rows, key=lambda row: row[metric] if larger else -row[metric])  # the earliest of equal ones
    return Tuning(recipe.but(settings={name: best[name] for name in ranges}), pd.DataFrame(rows))


def part(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """The rows of one part of the split: "train", "validation" or "test".

    Raises
    ------
    DataError
        When the frame has no column ``split``, or no such rows.
    """
    if SPLIT not in frame.columns:
        raise DataError(f"no column `{SPLIT}`", where="frame", remedy="make the frame with `prepared`")
    rows = frame[frame[SPLIT] == name]
    if rows.empty:
        raise DataError(f"no {name} rows", where=f"frame: column `{SPLIT}`")
    return rows


def _search(
    objective: Callable[[Any], float],
    *,
    start: Mapping[str, float],
    ranges: Mapping[str, Range],
    trials: int,
    larger: bool,
    seed: int,
) -> None:
    import optuna

    with show.quiet("optuna"):
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=max(4, trials // 3))
        study = optuna.create_study(direction="maximize" if larger else "minimize", sampler=sampler)
        study.enqueue_trial({name: min(max(value, ranges[name].low), ranges[name].high) for name, value in start.items()})
        study.optimize(objective, n_trials=trials, n_jobs=1)


def _suggested(trial: Any, name: str, each: Range) -> float:
    if isinstance(each.low, int):
        return int(trial.suggest_int(name, each.low, int(each.high), log=each.log))
    return float(f"{trial.suggest_float(name, each.low, each.high, log=each.log):.{DIGITS}g}")
