"""How well features give a group away: the back door that stays open when the attribute itself is removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.errors import DataError
from lifecycle.govern.fairness.inputs import rows, whole

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class ProxyAudit:
    """What an audit found.

    Attributes
    ----------
    auc : float
        How well all features together guess the group, on rows the guesser had not seen: 0.5 is a coin, 1 is certainty.
    low, high : float
        A 95 % interval of it (Hanley and McNeil 1982).
    features : DataFrame
        `feature` and `auc` of each alone (0.5 or more, whichever way it points), the most telling first.
    """

    auc: float
    low: float
    high: float
    features: pd.DataFrame


def group_auc(values: ArrayLike, group: ArrayLike) -> float:
    """Chance that a random member of the group has a larger value than a random other person; ties count half.

    Parameters
    ----------
    values : array of shape (n,)
    group : array of shape (n,)
        1 for members, 0 for others; both have to be there.

    Raises
    ------
    DataError
        When `group` holds anything but 0 and 1, or only one of them, or a value is not finite.

    Examples
    --------
    >>> group_auc([1, 2, 3, 4], [0, 0, 1, 1])
    1.0
    """
    from scipy.stats import rankdata

    ones, ranked = rows(binary={"group": group}, finite={"values": values})
    member = ones == 1
    inside, outside = int(member.sum()), int((~member).sum())
    if not inside or not outside:
        raise DataError("an AUC needs members and others", remedy="choose a group that some belong to and others do not")
    ranks = rankdata(ranked)
    return float((ranks[member].sum() - inside * (inside + 1) / 2) / (inside * outside))


def proxy_audit(features: pd.DataFrame, group: ArrayLike, *, folds: int = 5, seed: int = 0) -> ProxyAudit:
    """Guess the group from the features, by cross-validated logistic regression on standardised ones.

    Parameters
    ----------
    features : DataFrame of shape (n, k)
        Numeric, without missing values, and without the group itself.
    group : array of shape (n,)
        1 for members, 0 for others.
    folds : int
        Each row is guessed by a model that was fitted on the other folds.
    seed : int
        Of the folds.

    Raises
    ------
    DataError
        When a feature is not numeric, not finite or there twice, lengths differ, or there are too few in the group.

    Notes
    -----
    A linear guesser finds a lower bound: what it cannot see, another model may. An AUC near 0.5 is therefore weaker
    evidence than one near 1.
    """
    import numpy as np
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    twice = features.columns[features.columns.duplicated()]
    if len(twice):
        raise DataError(f"`{twice[0]}` is there twice", remedy="give every feature a name of its own")
    if not features.shape[1]:
        raise DataError("no features", remedy="audit the columns that the model sees")
    whole("folds", folds, 2)
    seen = {str(name): features[name] for name in features}
    member, *columns = rows(binary={"group": group}, finite=seen)
    matrix = np.column_stack(columns)
    if min(member.sum(), (1 - member).sum()) < folds:
        raise DataError(f"fewer than {folds} people in the group or outside of it", remedy="use fewer folds, or more rows")
    alone = [{"feature": name, "auc": group_auc(values, member)} for name, values in seen.items()]
    table = pd.DataFrame(alone).assign(auc=lambda t: t["auc"].where(t["auc"] >= 0.5, 1 - t["auc"]))
    guesser = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    splits = StratifiedKFold(folds, shuffle=True, random_state=seed)
    guesses = cross_val_predict(guesser, matrix, member, cv=splits, method="predict_proba")[:, 1]
    auc = group_auc(guesses, member)
    reach = 1.959964 * _hanley_mcneil(auc, int(member.sum()), int((1 - member).sum()))
    table = table.sort_values("auc", ascending=False, kind="stable", ignore_index=True)
    return ProxyAudit(auc, max(0.0, auc - reach), min(1.0, auc + reach), table)


def zip_codes(n: int = 1000, *, seed: int = 42, share: float = 0.3) -> pd.DataFrame:
    """A town of two groups with unequal incomes, in which the ZIP code follows the income.

    Group A earns 75,000 on average (sd 18,000 for B, who earn 55,000; 20,000 for A); ZIP = income / 1000 + noise of sd 10.
    Numpy's legacy generator, drawn in this order: group, all incomes as if A, all as if B, noise.

    Returns
    -------
    DataFrame
        `group` (1 where B), `income`, `zip`.
    """
    import numpy as np
    import pandas as pd

    rng = np.random.RandomState(seed)
    group = rng.choice(["A", "B"], size=n, p=[1 - share, share])
    as_a, as_b = rng.normal(75_000, 20_000, n), rng.normal(55_000, 18_000, n)
    income = np.where(group == "A", as_a, as_b)
    return pd.DataFrame({"group": (group == "B").astype(int), "income": income, "zip": income / 1000 + rng.normal(0, 10, n)})


def _hanley_mcneil(auc: float, members: int, others: int) -> float:
    """Standard error of an AUC."""
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (members - 1) * (one - auc**2) + (others - 1) * (two - auc**2)
    return float((max(variance, 0.0) / (members * others)) ** 0.5)
