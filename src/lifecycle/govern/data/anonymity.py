"""How well a row hides in the crowd: k-anonymity, what it does not protect from, and two ways to get there.

A table without names still has columns that others know as well: age, town, the day of a purchase. Such
*quasi-identifiers* join a row to a person. A table is k-anonymous when each combination of them stands in at least k
rows. That limits who can be singled out. It does not limit what can be learnt, when all rows of a crowd share a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import a_number, need_columns, numbers

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["crowds", "generalise", "k_anonymity", "l_diversity", "link_attack", "mondrian", "suppress"]


def crowds(frame: pd.DataFrame, quasi: Sequence[str]) -> pd.Series:
    """For each row, how many rows share its values in the quasi-identifiers (itself included); missing is a value too."""
    _need(frame, quasi)
    if not len(frame):
        return frame.index.to_series(name="crowd").astype("int64")
    sizes = frame.groupby(list(quasi), dropna=False, observed=True)[quasi[0]].transform("size")
    return sizes.rename("crowd").astype("int64")


def k_anonymity(frame: pd.DataFrame, quasi: Sequence[str]) -> int:
    """Size of the smallest crowd: 1 means that somebody stands alone. 0 for a table without rows.

    References
    ----------
    L. Sweeney, "k-anonymity: a model for protecting privacy", 2002.
    """
    sizes = crowds(frame, quasi)
    return int(sizes.min()) if len(sizes) else 0


def l_diversity(frame: pd.DataFrame, quasi: Sequence[str], sensitive: str) -> int:
    """Least number of different values of `sensitive` in a crowd; 0 for a table without rows.

    1 means that all of some crowd share one secret.

    References
    ----------
    A. Machanavajjhala et al., "l-diversity: privacy beyond k-anonymity", 2007.
    """
    _need(frame, [*quasi, sensitive])
    if not len(frame):
        return 0
    return int(frame.groupby(list(quasi), dropna=False, observed=True)[sensitive].nunique(dropna=False).min())


def link_attack(released: pd.DataFrame, known: pd.DataFrame, *, on: Sequence[str], secret: str) -> pd.DataFrame:
    """Attack: join a released table with a few harmless facts on people, and see what is learnt.

    Parameters
    ----------
    released : DataFrame
        The table without names; has the columns `on` and `secret`.
    known : DataFrame
        What the attacker knows, a row a person, with the columns `on`; an own column ``person`` is taken over.
    on : sequence of str
        The quasi-identifiers.
    secret : str
        What the attacker would like to know.

    Returns
    -------
    DataFrame
        A row a person, in the order of `known`: ``person`` (the index where there is no such column), ``candidates``
        (rows that fit), ``secrets`` (different values of the secret among them) and ``learnt`` (the secret where only one
        is left, else missing).
    """
    import pandas as pd

    _need(released, [*on, secret])
    _need(known, on)
    found = released.groupby(list(on), dropna=False, observed=True)[secret].agg(
        candidates="size", secrets=lambda values: values.nunique(dropna=False), first=lambda values: values.iloc[0]
    )
    merged = known[list(on)].merge(found.reset_index(), on=list(on), how="left")
    counts = merged[["candidates", "secrets"]].fillna(0).astype("int64")
    person = known["person"] if "person" in known.columns else known.index.to_series()
    return pd.DataFrame(
        {
            "person": person.to_numpy(),
            "candidates": counts["candidates"].to_numpy(),
            "secrets": counts["secrets"].to_numpy(),
            "learnt": merged["first"].where(counts["secrets"] == 1).to_numpy(),
        }
    )


Coarsening = float | Mapping[Any, Any] | Callable[[Any], Any] | None


def generalise(frame: pd.DataFrame, rules: Mapping[str, Coarsening]) -> pd.DataFrame:
    """Make columns coarser, so that crowds grow.

    Parameters
    ----------
    frame : DataFrame
        Left as it is.
    rules : mapping of column to rule
        A number is the width of bands that begin at a multiple of it (10: 37 becomes 30). A mapping puts one value for
        another; values that it does not have become ``"other"``. A callable is applied to each value. ``None`` takes the
        column out.
    """
    need_columns(frame, rules, where="generalise")
    coarse = frame.copy()
    for name, rule in rules.items():
        if rule is None:
            coarse = coarse.drop(columns=name)
        elif isinstance(rule, Mapping):
            coarse[name] = coarse[name].map(rule).fillna("other")
        elif callable(rule):
            coarse[name] = coarse[name].map(rule)
        elif rule > 0:
            coarse[name] = numbers(coarse, name, where="generalise") // rule * rule
        else:
            raise GovernanceError(f"bands of width {rule}", where=f"generalise: `{name}`", remedy="a number above 0")
    return coarse


def suppress(frame: pd.DataFrame, quasi: Sequence[str], *, k: int) -> pd.DataFrame:
    """Leave out the rows of crowds smaller than `k`. Who is rare is missing then, from every figure made of the rest."""
    _positive(k)
    return frame[crowds(frame, quasi) >= k]


def mondrian(frame: pd.DataFrame, quasi: Sequence[str], *, k: int) -> pd.DataFrame:
    """Cut the rows at medians, again and again, as long as both sides keep `k` rows; tell ranges in place of values.

    Parameters
    ----------
    frame : DataFrame of n_rows
        Numbers in the columns `quasi`, none missing. At least `k` rows.
    quasi : sequence of str
    k : int
        1 or more.

    Returns
    -------
    DataFrame
        The same rows and index; each column of `quasi` as text, ``"20"`` or ``"20-35"`` (both ends seen in the crowd).
        `k_anonymity` of it is at least `k`.

    References
    ----------
    K. LeFevre, D. DeWitt, R. Ramakrishnan, "Mondrian multidimensional k-anonymity", 2006.
    """
    import numpy as np
    import pandas as pd

    _positive(k)
    _need(frame, quasi)
    values = np.column_stack([numbers(frame, name, where="mondrian", finite=True).to_numpy(dtype=float) for name in quasi])
    if len(values) < k:
        raise GovernanceError(f"{len(values)} rows cannot hide in crowds of {k}", where="mondrian")
    spread = np.ptp(values, axis=0)
    spread[spread == 0] = 1
    texts = np.empty(values.shape, dtype=object)
    waiting = [np.arange(len(values))]
    while waiting:
        rows = waiting.pop()
        halves = _cut(values, rows, spread, k)
        if halves:
            waiting.extend(halves)
            continue
        for column in range(values.shape[1]):
            low, high = values[rows, column].min(), values[rows, column].max()
            texts[rows, column] = f"{low:.15g}" if low == high else f"{low:.15g}-{high:.15g}"
    return frame.assign(**{name: pd.Series(texts[:, i], index=frame.index) for i, name in enumerate(quasi)})


def _cut(values: Any, rows: Any, spread: Any, k: int) -> list[Any] | None:
    """Two halves of `rows`, cut where they are widest (relative to the whole table) and both keep k; None if nowhere."""
    import numpy as np

    widths = np.ptp(values[rows], axis=0) / spread
    for column in np.argsort(-widths, kind="stable"):
        here = values[rows, column]
        middle = np.median(here)
        for low in (here <= middle, here < middle):  # many rows may lie on the median itself
            if k <= low.sum() <= len(rows) - k:
                return [rows[low], rows[~low]]
    return None


def _need(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    need_columns(frame, columns, where="anonymity")
    if not columns:
        raise GovernanceError("no quasi-identifier is named", where="anonymity", remedy="what do others know of a row?")


def _positive(k: int) -> None:
    a_number(k, where="anonymity: k", whole=True, least=1)
