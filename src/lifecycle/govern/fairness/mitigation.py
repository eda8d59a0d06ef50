"""What can be done before, while and after a model is trained, and what each of it costs whom."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError
from lifecycle.govern.fairness.inputs import rows as checked

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray


def reweigh(labels: ArrayLike, groups: ArrayLike) -> NDArray[np.float64]:
    """Weights under which group and label are independent (Kamiran and Calders 2012).

    A row weighs P(group) P(label) / P(group, label): successes of a group that had few weigh more. The weights of all rows
    add up to the number of rows, and neither the size of a group nor the base rate changes.

    Parameters
    ----------
    labels : array of shape (n,)
        0 or 1.
    groups : array of shape (n,)

    Returns
    -------
    array of shape (n,)

    Raises
    ------
    DataError
        When a group lacks a label (no weight makes up for cases that are not there), a label is neither 0 nor 1, a group is
        missing, or lengths differ.
    """
    import numpy as np
    import pandas as pd

    truth, who = checked(binary={"labels": labels}, groups=groups)
    rows = pd.DataFrame({"label": truth, "group": who})
    joint = pd.crosstab(rows["group"], rows["label"], normalize=True)
    if (joint == 0).any(axis=None) or joint.shape[1] != 2:
        lacking = joint.index[(joint == 0).any(axis=1)]
        where = f"group `{lacking[0]}`" if len(lacking) else "labels"
        raise DataError("both labels are needed in every group", where=where, remedy="join small groups")
    wanted = np.outer(joint.sum(axis=1), joint.sum(axis=0)) / joint
    return np.array([wanted.loc[g, y] for g, y in zip(rows["group"], rows["label"], strict=True)])


def fit_quietly(mitigator: Any, features: pd.DataFrame, labels: ArrayLike, *, groups: ArrayLike) -> Any:
    """Fit a mitigator of fairlearn (`ThresholdOptimizer`, `ExponentiatedGradient`) and return it.

    fairlearn 0.15 sets a new key of a Series with ``.at`` while it fits reductions, and pandas 3 warns of that, twice. These
    two warnings are about fairlearn's code and are silenced here; every other one passes.
    """
    from pandas.errors import PandasDeprecationWarning

    with warnings.catch_warnings():
        for message in (r"Setting a value on a Series via \.at", "Setting an item of incompatible dtype"):
            warnings.filterwarnings("ignore", message, PandasDeprecationWarning, r"fairlearn\.reductions\..*")
        return mitigator.fit(features, labels, sensitive_features=groups)


def who_pays(labels: ArrayLike, before: ArrayLike, after: ArrayLike, groups: ArrayLike) -> pd.DataFrame:
    """Compare two sets of decisions on the same people, group by group.

    Parameters
    ----------
    labels, before, after, groups : array of shape (n,)
        Labels and decisions 0 or 1.

    Returns
    -------
    DataFrame
        `group`, `n`; `gained` and `lost` count people whose decision became 1 or became 0; `newly_right` and `newly_wrong`
        count the same people by whether the new decision agrees with the label.

    Raises
    ------
    DataError
        When a value is neither 0 nor 1, a group is missing, or lengths differ.
    """
    import pandas as pd

    decided = {"labels": labels, "before": before, "after": after}
    truth, old, new, who = checked(binary=decided, groups=groups)
    rows = pd.DataFrame(
        {
            "group": who,
            "n": 1,
            "gained": new > old,
            "lost": new < old,
            "newly_right": (new != old) & (new == truth),
            "newly_wrong": (new != old) & (new != truth),
        }
    )
    return rows.groupby("group", sort=True).sum().reset_index()
