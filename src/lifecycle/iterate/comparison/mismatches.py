"""Where two models differ: which cases, and what these have in common."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from lifecycle import show
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


def mismatches(rows: pd.DataFrame, *, champion: str, challenger: str, thresholds: tuple[float, float]) -> pd.DataFrame:
    """The cases that two models decide differently, those first on which they are furthest apart.

    Parameters
    ----------
    rows : DataFrame
        A case a row, with the scores of both models.
    champion, challenger : str
        Columns with scores; a case is flagged from the threshold on.
    thresholds : pair of float
        Of the champion and of the challenger.

    Returns
    -------
    DataFrame
        Columns ``flagged_by`` (``"champion"`` or ``"challenger"``), ``apart`` and those of `rows`; the index is kept.
        ``apart`` says how far the case's places in the two models' rankings of `rows` are from each other, from 0 to 1 (all
        of the rows lie between): two models may score on different scales, so that a difference of scores says nothing.

    Raises
    ------
    DataError
        When a column is missing or a score is.
    """
    import numpy as np

    for name in (champion, challenger):
        if name not in rows.columns:
            raise DataError(f"no column `{name}`", where="mismatches", tried=f"columns: {', '.join(map(str, rows.columns))}")
        if rows[name].isna().any():
            raise DataError("has missing scores", where=name, remedy="leave out cases that only one model has answered")
    first = rows[champion].to_numpy() >= thresholds[0]
    second = rows[challenger].to_numpy() >= thresholds[1]
    apart = (rows[challenger].rank(pct=True) - rows[champion].rank(pct=True)).abs()
    found = rows.assign(flagged_by=np.where(first, "champion", "challenger"), apart=apart)
    found = found.loc[first != second, ["flagged_by", "apart", *rows.columns]]
    return found.sort_values("apart", ascending=False, kind="stable")


def segments(rows: pd.DataFrame, differs: ArrayLike, *, bins: int = 4, least: int = 30) -> pd.DataFrame:
    """How often two models differ in each part of each column: the edge cases, if they have anything in common.

    Parameters
    ----------
    rows : DataFrame
        A case a row; a numeric column with more than `bins` values is cut at its quantiles, any other is taken by value.
    differs : array of bool, shape (n_rows,)
        Whether the models decide this case differently.
    bins : int
        2 or more.
    least : int
        Parts with fewer cases are left out: a share of a handful says nothing.

    Returns
    -------
    DataFrame
        ``column``, ``part``, ``cases``, ``differ``, ``share`` and ``lift`` (share divided by that of all rows; nan where the
        models never differ), highest share first.

    Raises
    ------
    DataError
        When `differs` has another length, or `bins` is below 2.
    """
    import numpy as np
    import pandas as pd

    flags = np.asarray(differs, dtype=bool)
    if flags.shape != (len(rows),):
        raise DataError(f"{flags.shape} for {len(rows):,} rows", where="differs", remedy="give one truth value a row")
    if bins < 2:
        raise DataError(f"{bins} parts are no parts", where="bins", remedy="2 or more")
    overall = float(flags.mean()) if len(flags) else math.nan
    found = []
    for name in rows.columns:
        for part, here in pd.Series(flags).groupby(_parts(rows[name], bins).to_numpy()):
            if len(here) >= least:
                share = float(here.mean())
                lift = share / overall if overall else math.nan
                found.append((str(name), str(part), len(here), int(here.sum()), share, lift))
    table = pd.DataFrame(found, columns=["column", "part", "cases", "differ", "share", "lift"])
    return table.sort_values(["share", "cases"], ascending=False, kind="stable", ignore_index=True)


def _parts(values: pd.Series, bins: int) -> pd.Series:
    """For each value the name of its part."""
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(values) or values.nunique() <= bins:
        return values.astype(str)
    places, edges = pd.qcut(values, bins, labels=False, retbins=True, duplicates="drop")
    names = {k: f"{show.number(low)} to {show.number(high)}" for k, (low, high) in enumerate(pairwise(edges))}
    return places.map(names).fillna("missing")
