"""Two promises about decisions: a person stands behind those that matter, and nobody pays for having used a right."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import a_number, need_columns, numbers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Treatment", "compare_treatment", "solely_automated"]


def solely_automated(decisions: pd.DataFrame, *, approved_by: str, grave: str, machines: Collection[str]) -> pd.Series:
    """Find decisions with grave effects that no person has approved.

    Parameters
    ----------
    decisions : DataFrame
        A row a decision.
    approved_by : str
        Column with who approved; missing where nobody did.
    grave : str
        Boolean column: whether the effect is legal or similarly serious (a refused loan is, a coupon is not).
    machines : collection of str
        What in `approved_by` is a program.

    Returns
    -------
    Series of bool

    Notes
    -----
    A name in a column is a necessary sign of human review, and no sufficient one: a person who approves all of a thousand
    cases a day has reviewed none. Look at the share that is changed on review too.
    """
    need_columns(decisions, (approved_by, grave), where="solely_automated")
    nobody = decisions[approved_by].isna() | decisions[approved_by].isin(list(machines))
    return (nobody & decisions[grave].astype(bool)).rename("solely automated")


@dataclass(frozen=True)
class Treatment:
    """Mean change for those who used a right and for the others, their difference, and the chance of one as large."""

    exercised: float
    others: float
    difference: float
    p_value: float


def compare_treatment(change: pd.Series, exercised: pd.Series, *, rounds: int = 2_000, seed: int = 0) -> Treatment:
    """Ask whether those who used a right are treated otherwise afterwards.

    Parameters
    ----------
    change : Series of float
        How the terms of each customer changed: price now less price before. None missing.
    exercised : Series of bool
        Whether they used a right in between; the same customers (index), in the same order.
    rounds : int
        Of the permutation test.
    seed : int

    Notes
    -----
    A difference is a reason to ask, no proof: who asks for their data may differ in other ways. None found is no proof
    either.
    """
    import numpy as np
    import pandas as pd

    if not (isinstance(change, pd.Series) and isinstance(exercised, pd.Series) and change.index.equals(exercised.index)):
        raise GovernanceError(
            "not the same customers", where="compare_treatment", tried=f"{len(change)} changes, {len(exercised)} answers",
            remedy="give two Series with one index",
        )  # fmt: skip
    if not exercised.isin([True, False]).all():
        raise GovernanceError("neither yes or no for somebody", where="compare_treatment: exercised", remedy="True or False")
    a_number(rounds, where="compare_treatment: rounds", whole=True, least=1)
    used = exercised.to_numpy(dtype=bool)
    values = change.astype(float) if change.dtype == object else change
    values = numbers(values.to_frame("change"), "change", where="compare_treatment", finite=True).to_numpy(dtype=float)
    if not used.any() or used.all():
        raise GovernanceError("there is nobody to compare with", where="compare_treatment")
    rng = np.random.default_rng(seed)

    def gap(mask: np.ndarray) -> float:
        return float(values[mask].mean() - values[~mask].mean())

    seen = gap(used)
    larger = sum(abs(gap(rng.permutation(used))) >= abs(seen) - 1e-12 for _ in range(rounds))
    return Treatment(float(values[used].mean()), float(values[~used].mean()), seen, (larger + 1) / (rounds + 1))
