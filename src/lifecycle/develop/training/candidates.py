"""Four models for one question, from simple to tuned: chosen on validation rows, judged once on rows nobody has seen.

The baseline comes first because it says what the rest is worth. A model that beats it by less than the interval of the
difference has not been shown to beat it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from lifecycle import show
from lifecycle.develop.evaluation.metrics import average_precision, confusion, pr_curve, roc_auc
from lifecycle.develop.evaluation.threshold import cheapest_threshold
from lifecycle.develop.exploration.encoding import encode
from lifecycle.develop.exploration.tables import Note, usable
from lifecycle.develop.features.engineering import split
from lifecycle.develop.record.manifest import digest_of_frame
from lifecycle.develop.training.candidate import CHOSEN_BY, Candidate, Candidates
from lifecycle.develop.training.models import fit, scores, target_of
from lifecycle.develop.training.preparation import prepared
from lifecycle.develop.training.recipe import FLAG_NOTHING, Recipe, check_seed
from lifecycle.develop.training.tuning import part, tune

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.develop.training.tracked_run import Run
    from lifecycle.develop.training.tracking import Tracker

TUNED = "tuned boosting"


def train_candidates(
    frame: pd.DataFrame,
    target: str,
    *,
    name: str = "table",
    positive: object = None,
    seed: int = 0,
    trials: int = 15,
    tracker: Tracker | None = None,
    cost_false_positive: float = 1,
    cost_false_negative: float = 1,
    progress: Callable[[str], None] | None = None,
) -> Candidates:
    """Train four models on a table of one's own and choose one.

    Rows are split by lot, 60 : 20 : 20, so rows of one person should not be on several sides of it: give one row a person.
    Where time matters, a split by lot flatters; look at the columns first (`lifecycle.develop.usable`, `profile`).

    Parameters
    ----------
    frame : DataFrame
        Numbers, text, dates, truth values; missing values are fine, except in the target, whose row is then left out.
    target : str
        A column with two values.
    name : str
        What the table is called in the recipes.
    positive : optional
        The value of the target that counts as 1; see `lifecycle.develop.usable`.
    seed : int
        Of the split, the fits, the search and the intervals: one seed, one result.
    trials : int
        Settings to try for the tuned model.
    tracker : Tracker, optional
        Gets a run a candidate.
    cost_false_positive, cost_false_negative : float
        What one mistake costs; they decide the thresholds.
    progress : callable, optional
        Called with a line of text before each candidate.

    Returns
    -------
    Candidates

    Raises
    ------
    DataError
        When the table cannot be used: no such target, one class only, no column left, too few rows of a class ...

    Examples
    --------
    >>> found = train_candidates(frame, "churned")  # doctest: +SKIP
    >>> found.table, found.evaluate().difference  # doctest: +SKIP
    """
    check_seed(seed, "seed")
    found = usable(frame, str(target), positive=positive)
    parts = split(found.frame[found.target], seed=seed)
    train = found.frame[(parts == "train").to_numpy()]
    inputs, categories = encode(train, target=found.target, typed=True, forms=found.forms)
    sha256 = digest_of_frame(frame)
    recipe = Recipe(
        {"file": name, "sha256": sha256, "seed": seed, "positive": found.positive},
        found.target,
        tuple(inputs.columns),
        seed=seed,
        categories=categories,
    )
    costs = {"cost_false_positive": cost_false_positive, "cost_false_negative": cost_false_negative}
    rows = prepared(recipe, data=frame)
    return try_candidates(recipe, rows, trials=trials, tracker=tracker, data_version=sha256, progress=progress,
                      notes=found.notes, **costs)  # fmt: skip


def try_candidates(
    recipe: Recipe,
    frame: pd.DataFrame,
    *,
    trials: int = 15,
    cost_false_positive: float = 1,
    cost_false_negative: float = 1,
    tracker: Tracker | None = None,
    data_version: str = "",
    progress: Callable[[str], None] | None = None,
    notes: tuple[Note, ...] = (),
) -> Candidates:
    """Try the four on rows that are prepared already.

    Parameters
    ----------
    recipe : Recipe
        Source, target, features and seed; algorithm and balance are those of the candidates.
    frame : DataFrame
        What `lifecycle.develop.prepared` made of it.
    data_version : str
        For the tracker; by default the digest of the prepared rows.
    trials, cost_false_positive, cost_false_negative, tracker, progress, notes
        As in `train_candidates`.
    """
    import pandas as pd

    train, validation = part(frame, "train"), part(frame, "validation")
    costs = {"cost_false_positive": cost_false_positive, "cost_false_negative": cost_false_negative}
    version = data_version or digest_of_frame(frame)
    searched = pd.DataFrame()
    done: list[Candidate] = []
    for name, planned in _plans(recipe).items():
        if progress is not None:
            progress(name if name != TUNED else f"{name}: {trials} trials")
        with _recorded(tracker, name, version) as run:
            plan = planned
            if name == TUNED:
                plan, searched = tune(planned, frame, trials=trials, metric=CHOSEN_BY, seed=recipe.seed)
            candidate = _judged(name, plan, fit(plan, train), validation, costs)
            if run is not None:
                _keep(run, candidate, validation, searched)
        done.append(candidate)
    return Candidates(tuple(done), trials=searched, test=part(frame, "test"), costs=costs, notes=notes)


def _plans(recipe: Recipe) -> dict[str, Recipe]:
    return {
        "baseline": recipe.but(algorithm="logistic", balance="none"),
        "resampled": recipe.but(algorithm="logistic", balance="smote"),
        "weighted forest": recipe.but(algorithm="forest", balance="class_weight"),
        TUNED: recipe.but(algorithm="boosting", balance="scale_pos_weight"),
    }


def _recorded(tracker: Tracker | None, name: str, data_version: str) -> AbstractContextManager[Run | None]:
    return nullcontext() if tracker is None else tracker.run(name, data_version=data_version)


def _keep(run: Run, candidate: Candidate, validation: pd.DataFrame, searched: pd.DataFrame) -> None:
    """Log a candidate: recipe, metrics, curve, confusion matrix, trials of the search, and the model."""
    import matplotlib.pyplot as plt
    import pandas as pd

    recipe = candidate.recipe
    truth, found = target_of(recipe, validation), scores(candidate.model, validation, recipe)
    run.recipe(recipe)
    run.metrics({f"validation_{metric}": value for metric, value in candidate.validation.items()})
    run.table("confusion", pd.DataFrame([confusion(truth, found >= recipe.threshold)._asdict()]))
    if candidate.name == TUNED:
        run.table("trials", searched)
    figure, axes = show.figure(width=5, height=4)
    curve = pr_curve(truth, found)
    axes.plot(curve["recall"], curve["precision"])
    axes.set(xlabel="recall", ylabel="precision", ylim=(0, 1.02), title=candidate.name)
    run.figure("precision_recall", figure)
    plt.close(figure)
    run.model(candidate.model)


def _judged(name: str, recipe: Recipe, model: Any, validation: pd.DataFrame, costs: Mapping[str, float]) -> Candidate:
    truth, found = target_of(recipe, validation), scores(model, validation, recipe)
    choice = cheapest_threshold(truth, found, **costs)
    metrics = {
        "average_precision": average_precision(truth, found),
        "roc_auc": roc_auc(truth, found),
        "precision": choice.confusion.precision,
        "recall": choice.confusion.recall,
        "f1": choice.confusion.f1,
        "cost": choice.cost,
    }
    return Candidate(name, recipe.but(threshold=min(choice.threshold, FLAG_NOTHING)), model, metrics)
