"""Trees as plain numbers: what all the exports below are written from."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lifecycle.deploy.formats.errors import FormatError

if TYPE_CHECKING:
    import numpy as np
    from sklearn.tree import DecisionTreeClassifier


@dataclass(frozen=True)
class Tree:
    """A binary tree; node 0 is the root, and a node whose `left` is -1 is a leaf.

    Attributes
    ----------
    feature, threshold, left, right : tuples with one entry a node
        A row goes left where its feature compares to the threshold as `operator` says.
    value : tuple of float
        What a leaf answers; of other nodes it says nothing.
    operator : {"<", "<="}
        xgboost asks for less, scikit-learn for less or equal: rows on a threshold go opposite ways.
    """

    feature: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    operator: Literal["<", "<="]

    def leaf(self, node: int) -> bool:
        """Whether a node is a leaf."""
        return self.left[node] < 0

    def scores(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The answers for rows, float64 of shape (n,), of float32 inputs of shape (n, k), which is what trees compare."""
        import numpy as np

        feature, left, right = (np.array(each) for each in (self.feature, self.left, self.right))
        threshold, value = np.array(self.threshold), np.array(self.value)
        node = np.zeros(len(values), dtype=int)
        rows = np.arange(len(values))
        while (inner := left[node] >= 0).any():
            at = values[rows, feature[node]].astype("float32").astype("float64")
            goes_left = at < threshold[node] if self.operator == "<" else at <= threshold[node]
            node = np.where(inner, np.where(goes_left, left[node], right[node]), node)
        answers: np.ndarray[Any, Any] = value[node]
        return answers


@dataclass(frozen=True)
class Ensemble:
    """Boosted trees: the log-odds of a row are `base` plus the answers of all trees, its score their logistic.

    Attributes
    ----------
    trees : tuple of Tree
    base : float
        Log-odds before the first tree.
    features : tuple of str
        Names of the inputs, in order.
    """

    trees: tuple[Tree, ...]
    base: float
    features: tuple[str, ...]

    def scores(self, values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Scores before calibration, float64 of shape (n,), of float32 inputs: sums in float32, as xgboost's."""
        import numpy as np

        total = np.full(len(values), np.float32(self.base), dtype="float32")
        for tree in self.trees:
            total += tree.scores(values).astype("float32")
        scores: np.ndarray[Any, Any] = 1 / (1 + np.exp(-total.astype("float64")))
        return scores


def ensemble_of(model: bytes, *, features: Sequence[str]) -> Ensemble:
    """Read the trees out of a binary classifier as xgboost writes it in JSON.

    Raises
    ------
    FormatError
        When it is something else, splits by categories, or has another number of inputs.
    """
    try:
        learner = json.loads(model)["learner"]
        parameters = learner["learner_model_param"]
        kind = (learner["objective"]["name"], learner["gradient_booster"]["name"])
        if kind != ("binary:logistic", "gbtree") or int(parameters["num_feature"]) != len(features):
            raise FormatError(f"{kind[0]} of {kind[1]} with {parameters['num_feature']} inputs", where="model",
                              remedy=f"take a binary classifier with trees and {len(features)} inputs")  # fmt: skip
        chance = float(parameters["base_score"].strip("[]"))
        content = learner["gradient_booster"]["model"]
        best = learner.get("attributes", {}).get("best_iteration")  # after early stopping: the last round that counts
        used = len(content["trees"]) if best is None else content["iteration_indptr"][int(best) + 1]
        trees = tuple(_tree(each) for each in content["trees"][:used])
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise FormatError(f"not a model as xgboost writes it: {error!r}", where="model") from error
    return Ensemble(trees, math.log(chance / (1 - chance)), tuple(features))


def tree_of(model: DecisionTreeClassifier) -> Tree:
    """The tree of a fitted binary `DecisionTreeClassifier`; its leaves answer with the share of the second class."""
    from sklearn.tree import DecisionTreeClassifier

    if not isinstance(model, DecisionTreeClassifier) or list(getattr(model, "classes_", ())) != [0, 1]:
        raise FormatError("a fitted DecisionTreeClassifier for classes 0 and 1 is needed", where="model")
    inner = model.tree_
    shares = inner.value[:, 0, :]
    return Tree(
        tuple(inner.feature.tolist()), tuple(inner.threshold.tolist()), tuple(inner.children_left.tolist()),
        tuple(inner.children_right.tolist()), tuple((shares[:, 1] / shares.sum(axis=1)).tolist()), "<=",
    )  # fmt: skip


def _tree(read: dict[str, Any]) -> Tree:
    import numpy as np

    if any(read["split_type"]) or read["categories"]:
        raise FormatError("a tree splits by categories", where="model", remedy="code them as numbers before training")
    # Of a leaf: its answer. They are float32 numbers, which a file writes with as many decimals as tell them apart.
    conditions = tuple(np.array(read["split_conditions"], "float32").astype("float64").tolist())
    return Tree(
        tuple(read["split_indices"]),
        conditions,
        tuple(read["left_children"]),
        tuple(read["right_children"]),
        conditions,
        "<",
    )
