"""Models that were tried for one question, the one chosen among them, and one look at the test rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from lifecycle.confusion import Confusion
from lifecycle.develop.evaluation.intervals import Interval, paired_difference
from lifecycle.develop.evaluation.metrics import average_precision, confusion
from lifecycle.develop.evaluation.scorecard import metric_table
from lifecycle.develop.evaluation.threshold import cost_at
from lifecycle.develop.exploration.tables import Note
from lifecycle.develop.training.models import scores, target_of
from lifecycle.develop.training.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

CHOSEN_BY = "average_precision"
_MANY = 20_000  # test rows from which 200 bootstrap samples are as good as 1,000


@dataclass(frozen=True)
class Candidate:
    """One model that was tried.

    Attributes
    ----------
    name : str
    recipe : Recipe
        Its threshold is the one at which mistakes cost least on the validation rows.
    model : XGBClassifier or Pipeline
        Fitted to the training rows.
    validation : mapping
        Metrics on the validation rows.
    """

    name: str
    recipe: Recipe
    model: Any
    validation: Mapping[str, float]


class Evaluation(NamedTuple):
    """What the chosen model is worth, on rows that took no part in fitting, tuning or choosing.

    Attributes
    ----------
    metrics : DataFrame
        As `lifecycle.develop.metric_table` gives them, with intervals.
    difference : Interval
        Average precision of the chosen model minus that of the baseline on the same rows. Where it holds 0, the test
        does not tell the two apart.
    confusion : Confusion
        Test rows by truth and decision, at the chosen model's threshold.
    cost, baseline_cost : float
        What the mistakes on the test rows cost, with either model.
    """

    metrics: pd.DataFrame
    difference: Interval
    confusion: Confusion
    cost: float
    baseline_cost: float


class Candidates:
    """The models tried, the one chosen, and one look at the test rows.

    Attributes
    ----------
    table : DataFrame, one row a candidate
        ``candidate``, ``algorithm``, ``balance``, the metrics on the validation rows, and ``chosen``.
    all : tuple of Candidate
        In the order tried, the baseline first.
    best : Candidate
        The one with the largest average precision on the validation rows; of equal ones the earlier, which is simpler.
    trials : DataFrame
        What the search tried; see `lifecycle.develop.tune`.
    notes : tuple of Note
        What was found in the table and done about it.
    """

    def __init__(
        self,
        tried: tuple[Candidate, ...],
        *,
        trials: pd.DataFrame,
        test: pd.DataFrame,
        costs: Mapping[str, float],
        notes: tuple[Note, ...] = (),
    ) -> None:
        import pandas as pd

        self.all = tried
        self.best = max(tried, key=lambda each: each.validation[CHOSEN_BY])
        self.trials = trials
        self.notes = notes
        rows = [
            {"candidate": each.name, "algorithm": each.recipe.algorithm, "balance": each.recipe.balance}
            | dict(each.validation)
            | {"threshold": each.recipe.threshold, "chosen": each is self.best}
            for each in tried
        ]
        self.table = pd.DataFrame(rows)
        self._test = test
        self._costs = dict(costs)
        self._evaluation: Evaluation | None = None

    def evaluate(self) -> Evaluation:
        """Judge the chosen model on the test rows, once: asking again gives the same answer.

        There is nothing to choose here. Whoever goes back to choose after this look has no test rows left.
        """
        if self._evaluation is None:
            self._evaluation = self._look()
        return self._evaluation

    def _look(self) -> Evaluation:
        best, baseline, test = self.best, self.all[0], self._test
        truth = target_of(best.recipe, test)
        ours, theirs = (scores(each.model, test, each.recipe) for each in (best, baseline))
        n = 1000 if len(test) <= _MANY else 200
        seed = best.recipe.seed
        counts = confusion(truth, ours >= best.recipe.threshold)
        before = confusion(truth, theirs >= baseline.recipe.threshold)
        return Evaluation(
            metric_table(truth, ours, threshold=best.recipe.threshold, n=n, seed=seed),
            paired_difference(average_precision, truth, ours, theirs, n=n, seed=seed),
            counts,
            cost_at(counts, **self._costs),
            cost_at(before, **self._costs),
        )
