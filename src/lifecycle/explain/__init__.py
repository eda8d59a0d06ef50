"""Explanation: why the model said so, and whether the answer is true.

A score is a number, and a person wants a reason. Every method here gives one, and every one of them describes the *model*:
what it does with its inputs, not what causes what in the world. So each comes with the test that can refute it.

Who did what to this score?
    `shapley_values` divides the worth of a group among its players; `shapley_of` does so for a prediction of any model,
    exactly; `tree_contributions` is the fast way for boosted trees. All give `Contributions`: a base value and a number for
    every feature. `check_additivity` holds them against the scores of the model in use, and an `ExplanationError` says
    which row does not add up.

What does the model lean on overall?
    `permutation_importance` asks rows that the model has not seen, `gain_importance` those it was trained on, and
    `Contributions.ranking` how far scores are moved. `Contributions.by_group` says through which features two groups are
    scored differently.

How does the score move?
    `partial_dependence` over the values of one feature, on average and row by row; `local_surrogate` near one row, with the
    fidelity that says whether to believe it.

What is the person told, and what can they do?
    `reasons` names what counted against them in words (`Wording`, `wordings_for`); `counterfactuals` searches the smallest
    change of what can be changed (`Lever`) that turns the decision, and verifies it by scoring again; `actions_for` a case
    says what somebody could do, and what their record would look like then.

Pictures
    `waterfall`, `cloud`, `bars` and `efforts` draw on axes.

A model that is known
    `loan_chance`, with `REFERENCE`, `REJECTED`, `WANTED` and `THRESHOLD`, scores loan applicants by five features.
"""

from __future__ import annotations

from lifecycle.explain.actions import Actions, actions_for
from lifecycle.explain.contributions import (
    Contributions,
    ExplanationError,
    check_additivity,
    residuals,
    tree_contributions,
)
from lifecycle.explain.counterfactual import Change, Counterfactual, Lever, counterfactuals
from lifecycle.explain.dependence import Dependence, partial_dependence
from lifecycle.explain.drawing import bars, cloud, efforts, waterfall
from lifecycle.explain.importance import gain_importance, permutation_importance
from lifecycle.explain.loan import REFERENCE, REJECTED, THRESHOLD, WANTED, loan_chance
from lifecycle.explain.reasons import Reason, Wording, reasons, usual_values
from lifecycle.explain.shapley import groups_of, shapley_of, shapley_values
from lifecycle.explain.surrogate import Surrogate, local_surrogate
from lifecycle.explain.wordings import wordings_for

__all__ = [
    "REFERENCE",
    "REJECTED",
    "THRESHOLD",
    "WANTED",
    "Actions",
    "Change",
    "Contributions",
    "Counterfactual",
    "Dependence",
    "ExplanationError",
    "Lever",
    "Reason",
    "Surrogate",
    "Wording",
    "actions_for",
    "bars",
    "check_additivity",
    "cloud",
    "counterfactuals",
    "efforts",
    "gain_importance",
    "groups_of",
    "loan_chance",
    "local_surrogate",
    "partial_dependence",
    "permutation_importance",
    "reasons",
    "residuals",
    "shapley_of",
    "shapley_values",
    "tree_contributions",
    "usual_values",
    "waterfall",
    "wordings_for",
]
