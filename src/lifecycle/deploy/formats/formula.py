"""A linear model as what it is: a formula, which a page, a spreadsheet, a database or any language can hold."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.deploy.formats.errors import FormatError
from lifecycle.deploy.formats.sql import quoted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Formula:
    """The chance 1 / (1 + exp(-(intercept + sum of weight x input))).

    Attributes
    ----------
    intercept : float
        In log-odds.
    features : tuple of str
    weights : tuple of float
        Log-odds a unit of each input.
    """

    intercept: float
    features: tuple[str, ...]
    weights: tuple[float, ...]

    def scores(self, frame: pd.DataFrame) -> np.ndarray[Any, Any]:
        """The chances of rows, float64 of shape (n,); columns are found by name."""
        import numpy as np

        total = self.intercept + frame.loc[:, list(self.features)].to_numpy("float64") @ np.array(self.weights)
        chances: np.ndarray[Any, Any] = 1 / (1 + np.exp(-total))
        return chances

    def to_json(self) -> str:
        """As a JSON document of full precision; `from_json` reads it."""
        return json.dumps(
            {"link": "logit", "intercept": self.intercept, "weights": dict(zip(self.features, self.weights, strict=True))},
            indent=1,
        )

    @classmethod
    def from_json(cls, text: str) -> Formula:
        """The formula that `to_json` wrote; `FormatError` where it is none."""
        try:
            read = json.loads(text)
            weights = {str(name): float(weight) for name, weight in read["weights"].items()}
            formula = cls(float(read["intercept"]), tuple(weights), tuple(weights.values()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"not a formula: {error!r}", where="JSON") from error
        if read.get("link") != "logit" or not all(map(math.isfinite, (formula.intercept, *formula.weights))):
            raise FormatError("not a logistic formula with finite weights", where="JSON")
        return formula

    def to_python(self) -> str:
        """A module with one function ``score(row)``, from a dictionary to a chance; it needs nothing but `math`."""
        terms = "".join(
            f"\n    total += {weight!r} * row[{name!r}]" for name, weight in zip(self.features, self.weights, strict=True)
        )
        return (
            "import math\n\n\ndef score(row):\n"
            f"    total = {self.intercept!r}{terms}\n"
            "    if total < -700:  # beyond that, exp(-total) overflows; 1 + exp(-total) is exp(-total) long before\n"
            "        return math.exp(total)\n"
            "    return 1 / (1 + math.exp(-total))\n"
        )

    def to_sql(self, table: str, *, key: str) -> str:
        """A query that gives ``key`` and ``score`` for each row of a table.

        Raises
        ------
        FormatError
            For a name that no column can have.
        """
        # CAST: a literal with a point is a DECIMAL in some databases, whose products are rounded
        terms = "".join(
            f"\n    + CAST({weight!r} AS DOUBLE) * {quoted(name)}"
            for name, weight in zip(self.features, self.weights, strict=True)
        )
        total = f"CAST({self.intercept!r} AS DOUBLE){terms}"
        return f"SELECT {quoted(key)}, 1 / (1 + EXP(-({total}\n))) AS score\nFROM {quoted(table)}"


def formula_of(model: Any, *, features: Sequence[str]) -> Formula:
    """The formula of a fitted logistic regression, alone or after a `StandardScaler`, which is folded into the weights.

    w·(x - m)/s is (w/s)·x with w·m/s taken from the intercept: one multiplication a feature, and no scaler to forget.

    Parameters
    ----------
    model : LogisticRegression, or Pipeline that ends with one
        The steps before it may be `StandardScaler`, and `SimpleImputer` for rows without gaps.
    features : sequence of str

    Raises
    ------
    FormatError
        For any other model or step, and another number of features.
    """
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    steps = _steps(model)
    last = steps[-1]
    if not isinstance(last, LogisticRegression) or list(getattr(last, "classes_", ())) != [0, 1]:
        raise FormatError("the last step is no fitted logistic regression for classes 0 and 1", where="model")
    weights, intercept = last.coef_[0].astype("float64"), float(last.intercept_[0])
    for step in reversed(steps[:-1]):
        if isinstance(step, StandardScaler):
            if step.with_std:
                weights = weights / step.scale_
            if step.with_mean:  # without it there is a `mean_` too, and it is not used
                intercept -= float(weights @ step.mean_)
        elif not isinstance(step, SimpleImputer):
            raise FormatError(f"{type(step).__name__} is no step that a formula can take in", where="model")
    if len(weights) != len(features):
        raise FormatError(f"{len(weights)} weights for {len(features)} features", where="features")
    return Formula(intercept, tuple(map(str, features)), tuple(weights.tolist()))


def _steps(model: Any) -> list[Any]:
    from sklearn.pipeline import Pipeline

    if not isinstance(model, Pipeline):
        return [model]
    return [inner for _, step in model.steps for inner in _steps(step)]
