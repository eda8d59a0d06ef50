"""From raw rows to what a model sees, as the recipe says: the whole way in one call, the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.develop.exploration.encoding import encode
from lifecycle.develop.exploration.tables import usable
from lifecycle.develop.features.engineering import engineer, split
from lifecycle.develop.record.manifest import digest_of_frame
from lifecycle.develop.sources.data import load
from lifecycle.develop.training.recipe import SPLIT, Recipe
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


def prepared(recipe: Recipe, *, data: pd.DataFrame | None = None) -> pd.DataFrame:
    """Make the model's inputs from raw rows, and say which rows train, which validate and which test.

    Parameters
    ----------
    recipe : Recipe
    data : DataFrame, optional
        The raw rows of a recipe whose source is a table of one's own: the very rows that it was written for.

    Returns
    -------
    DataFrame
        The recipe's features in its order, its target (0 or 1) and ``split``: "train", "validation" or "test". The
        index is that of the raw rows.

    Raises
    ------
    DataError
        When the rows are not those that the recipe names, or do not give its features.
    """
    inputs, labels = _course(recipe, data) if "use_case" in recipe.source else _own(recipe, data)
    missing = [name for name in recipe.features if name not in inputs.columns]
    if missing:
        raise DataError(
            f"no feature `{missing[0]}` can be made from these rows",
            where="recipe.features",
            tried="features: " + ", ".join(inputs.columns),
        )
    chosen = inputs.loc[:, list(recipe.features)]
    parts = split(labels, shares=recipe.shares, seed=recipe.source["seed"])
    return chosen.assign(**{recipe.target: labels.astype("int64"), SPLIT: parts})


def _course(recipe: Recipe, data: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.Series]:
    source = recipe.source
    if data is not None:
        raise DataError("the recipe loads its own rows; it takes no `data`", where=f"use case `{source['use_case']}`")
    rows = load(source["use_case"], n_rows=source["n_rows"], seed=source["seed"])
    if recipe.target not in rows.columns:
        raise DataError(f"the rows have no `{recipe.target}`", where="recipe.target")
    return engineer(rows, use_case=source["use_case"]), rows[recipe.target]


def _own(recipe: Recipe, data: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.Series]:
    source, where = recipe.source, f"table `{recipe.source['file']}`"
    if data is None:
        raise DataError("the recipe was written for a table of one's own", where=where, remedy="pass it as `data=`")
    if digest_of_frame(data) != source["sha256"]:
        raise DataError(
            "these are not the rows that the recipe was written for: their digest differs",
            where=where,
            remedy="use those rows, or train anew",
        )
    found = usable(data, recipe.target, positive=source.get("positive"))
    inputs, _ = encode(
        found.frame, target=recipe.target, categories=recipe.categories or None, typed=True, forms=found.forms
    )
    return inputs, found.frame[recipe.target]
