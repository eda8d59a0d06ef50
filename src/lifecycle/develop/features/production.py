"""Rows that came after the model: what production would have sent, taken from rows that no training has seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.develop.features.engineering import engineer, entity
from lifecycle.develop.sources.data import load
from lifecycle.develop.sources.use_cases import use_case as _use_case
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_FRAUD_FACTOR = 5
_FRAUD_MOST = 100_000


def production_rows(use_case: str, *, seen: pd.DataFrame, n_rows: int = 8000, seed: int = 0) -> pd.DataFrame:
    """Draw rows of a use case, as model inputs, that are not among the rows `seen`.

    Parameters
    ----------
    use_case : str
        ``"credit"``, ``"fraud"`` or ``"churn"``.
    seen : DataFrame
        The rows that a model was made of, as lesson 03 leaves them: columns ``entity``, ``split``, the target and the
        model's inputs. All of them count as seen, test rows included.
    n_rows : int
        At most so many, at least 10; for fraud, which is too rare for that, five times as many and at most 100,000.
    seed : int
        Which rows are drawn. Generated payments get a seed far from those that lessons train on.

    Returns
    -------
    DataFrame
        ``entity`` (int64), the target, and the inputs in the order of `seen`; in random order, with a fresh index.

    Raises
    ------
    DataError
        When `seen` lacks a column, or has seen everything.

    Notes
    -----
    A person is known by the identifier: others with the same inputs stay, for leaving them out would make production another
    crowd than the training rows. Where there is no identifier, a row that equals one of `seen` is left out, and the numbers
    of the rows go on after those of `seen`: no two rows share one.
    """
    import numpy as np

    case = _use_case(use_case)
    missing = [name for name in ("entity", case.target) if name not in seen.columns]
    if missing:
        raise DataError(f"column `{missing[0]}` is missing", where="seen", remedy="give the features that lesson 03 leaves")
    inputs = [str(name) for name in seen.columns if name not in ("entity", "split", case.target)]
    if n_rows < 10:
        raise DataError(f"`n_rows` is {n_rows:,}: too few for a day", remedy="ask for at least 10")
    fraud = case.name == "fraud"
    wanted = min(_FRAUD_FACTOR * n_rows, _FRAUD_MOST) if fraud else n_rows
    raw = load(use_case, n_rows=wanted, seed=seed + 1_000_003) if fraud else load(use_case)
    made = engineer(raw, use_case=use_case)
    unknown = [name for name in inputs if name not in made.columns]
    if unknown:
        raise DataError(f"nobody makes the input `{unknown[0]}`", where="seen",
                        remedy="give the features that lesson 03 leaves, and no other column")  # fmt: skip
    rows = made[inputs]
    rows.insert(0, "entity", entity(raw, use_case=use_case))
    rows.insert(1, case.target, raw[case.target])
    if case.identifier is not None:
        fresh = ~rows["entity"].isin(seen["entity"])
    else:
        rows["entity"] += int(seen["entity"].max()) + 1
        known = seen[inputs].drop_duplicates().assign(known=True)
        fresh = rows.merge(known, on=inputs, how="left")["known"].isna()
    places = np.flatnonzero(fresh)
    if len(places) == 0:
        raise DataError("every row of the use case has been seen", where=use_case, remedy="train on fewer rows in lesson 03")
    chosen = np.random.default_rng(seed).permutation(places)[:wanted]
    return rows.iloc[chosen].reset_index(drop=True)
