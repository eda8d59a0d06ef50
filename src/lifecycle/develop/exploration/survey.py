"""All that can be said of a table and its target before any model, as one value that a report and a script can read."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lifecycle.confusion import Confusion
from lifecycle.develop.exploration.association import chi_square, cohens_d
from lifecycle.develop.exploration.drawing import Shape, percent, shape_of
from lifecycle.develop.exploration.leakage import Suspect, leakage_suspects
from lifecycle.develop.exploration.profile import profile
from lifecycle.develop.exploration.recognition import Note, days_of, recognise
from lifecycle.develop.exploration.tables import Usable, usable
from lifecycle.develop.features.pruning import correlated_pairs
from lifecycle.errors import DataError
from lifecycle.show import number

if TYPE_CHECKING:
    import pandas as pd

SUSPICIOUS = 0.9
"""Separation from which a column is a suspect: few honest columns reach it alone."""
CORRELATED = 0.8
MOST_ROWS = 100_000
"""Rows drawn for tests and correlations where the table has more; counts and shares are always of all rows."""
MOST_PAIRED = 150
"""Numeric columns that are correlated with each other, those that separate the classes best."""
MOST_DRAWN = 200
"""Columns with a picture of their own, those that separate the classes best."""
MOST_VALUES = 30
"""Values of a category that are told apart in tests, the most frequent; the others count as one."""


@dataclass(frozen=True)
class Survey:
    """What `survey` found.

    Attributes
    ----------
    source : str
        Name of the table, for headings.
    rows, columns : int
        Size of the table as it came.
    target, positive : str
        The column to predict, and its value that counts as 1.
    negatives, positives : int
        Rows of each class; rows without a target are in neither.
    facts : DataFrame
        `profile` of each column but the target, as what it holds, with ``share_missing`` and ``most_frequent``.
    association : DataFrame
        A row a column, best separation first: ``column``, ``separation`` (area under the ROC curve of the column alone,
        0.5 to 1), ``effect`` with its ``measure`` (nan where it cannot be had), ``p_value``, ``mean_0`` and ``mean_1``
        (of dates as text).
        Where values are missing, whether a value is missing is a row of its own.
    suspects : tuple of Suspect
        Columns with a separation of at least 0.9.
    duplicates : int
        Rows that repeat an earlier one in every column.
    contradictions : int
        Rows that equal another of the other class in every column but the target.
    pairs : DataFrame
        Numeric columns with an absolute correlation above 0.8: ``one``, ``other``, ``r``.
    notes : tuple of Note
    left_out : tuple of str
        Columns that say nothing or cannot be used.
    shapes : mapping of str to Shape
        How each column is spread in either class, for 200 columns at most.
    """

    source: str
    rows: int
    columns: int
    target: str
    positive: str
    negatives: int
    positives: int
    facts: pd.DataFrame
    association: pd.DataFrame
    suspects: tuple[Suspect, ...]
    duplicates: int
    contradictions: int
    pairs: pd.DataFrame
    notes: tuple[Note, ...]
    left_out: tuple[str, ...]
    shapes: dict[str, Shape] = field(repr=False)

    @property
    def prevalence(self) -> float:
        """Share of positive rows among those with a target."""
        return Confusion(self.positives, 0, 0, self.negatives).prevalence

    @property
    def share_missing(self) -> float:
        """Share of missing values in all columns but the target."""
        return float(self.facts["share_missing"].mean())

    def to_dict(self) -> dict[str, Any]:
        """As plain values for a JSON file; what is undefined is None."""
        return {
            "source": self.source,
            "rows": self.rows,
            "columns": self.columns,
            "target": {
                "name": self.target,
                "positive": self.positive,
                "rows": {"0": self.negatives, "1": self.positives},
                "prevalence": self.prevalence,
            },
            "facts": _records(self.facts),
            "association": _records(self.association),
            "suspects": [{"column": suspect.column, "separation": suspect.strength} for suspect in self.suspects],
            "duplicates": self.duplicates,
            "contradictions": self.contradictions,
            "correlated": _records(self.pairs),
            "notes": [note._asdict() for note in self.notes],
            "left_out": list(self.left_out),
        }


def survey(frame: pd.DataFrame, *, target: str, positive: object = None, source: str = "table", seed: int = 0) -> Survey:
    """Look at every column, alone and beside the target.

    Parameters
    ----------
    frame : DataFrame
        Left as it is.
    target : str
        A column with two values.
    positive : optional
        The value that counts as 1; see `usable`.
    source : str
        Name of the table, for headings.
    seed : int
        Of the rows drawn where the table has more than 100,000.

    Raises
    ------
    DataError
        When the table or the target cannot be used; see `usable`.
    """
    ready = usable(frame, target, positive=positive)
    ready = replace(ready, frame=ready.frame.reset_index(drop=True))  # an index of the user's may hold a value twice
    inputs = ready.frame.drop(columns=target)
    notes = list(ready.notes)
    sample = ready.frame
    if len(sample) > MOST_ROWS:
        sample = _drawn(sample, target, seed)
        notes.append(Note("sampled", "", f"tests and correlations are of {len(sample):,} rows drawn from {len(inputs):,}"))
    view = _view(sample, target)
    association = _dated(_association(view, target), sample)
    strengths = dict(zip(association["column"], association["separation"], strict=True))
    pairs = _pairs(sample.drop(columns=target), strengths, notes)
    drawn = [name for name in association["column"] if name in inputs.columns][:MOST_DRAWN]
    repeated = ready.frame.duplicated()
    return Survey(
        source=source,
        rows=len(frame),
        columns=frame.shape[1],
        target=target,
        positive=ready.positive,
        negatives=int((ready.frame[target] == 0).sum()),
        positives=int(ready.frame[target].sum()),
        facts=_facts(frame, target),
        association=association,
        suspects=tuple(Suspect(name, strength) for name, strength in strengths.items() if strength >= SUSPICIOUS),
        duplicates=int(repeated.sum()),
        contradictions=_contradictions(ready),
        pairs=pairs,
        notes=tuple(notes),
        left_out=ready.left_out,
        shapes={name: shape_of(sample[name], sample[target] == 1) for name in drawn},
    )


def _facts(frame: pd.DataFrame, target: str) -> pd.DataFrame:
    """The profile of all columns as what they hold, those that were left out too."""
    import numpy as np
    import pandas as pd

    held = {}
    for name in frame.columns:
        if str(name) != target:
            found = recognise(frame[name])
            held[str(name)] = found.values if found.kind != "unusable" else found.values.map(type).astype(str)
    table = pd.DataFrame(held, index=frame.index)
    with np.errstate(over="ignore"):
        facts = profile(table).replace([np.inf, -np.inf], np.nan)  # values beyond 1e154 have a spread that no number holds
    facts.insert(3, "share_missing", facts["missing"] / len(table))
    facts.loc[facts["distinct"] == 0, "kind"] = "nothing"
    facts["most_frequent"] = [_most_frequent(table[name]) for name in table.columns]
    return facts


def _most_frequent(column: pd.Series) -> str:
    counts = column.value_counts()
    if len(counts) == 0:
        return ""
    value, share = counts.index[0], counts.iloc[0] / len(column)
    text = (
        str(value.date())
        if hasattr(value, "date")
        else number(value)
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else str(value)
    )
    return f"{text[:40] + '…' if len(text) > 40 else text} ({percent(share)})" if share >= 0.005 else ""


def _drawn(frame: pd.DataFrame, target: str, seed: int) -> pd.DataFrame:
    """About `MOST_ROWS` rows in their order, drawn within each class, so that a rare one keeps its share and never goes."""
    import pandas as pd

    share = MOST_ROWS / len(frame)
    parts = [rows.sample(max(1, round(share * len(rows))), random_state=seed) for _, rows in frame.groupby(target)]
    return pd.concat(parts).sort_index()


def _view(frame: pd.DataFrame, target: str) -> pd.DataFrame:
    """Columns as tests take them: dates as days, rare values as one, missing categories and missingness as values."""
    import pandas as pd

    made: dict[str, pd.Series] = {target: frame[target]}
    for name in frame.columns.drop(target):
        column = frame[name]
        if column.dtype.kind == "M":
            made[name] = days_of(column)
        elif column.dtype.kind in "iuf":
            made[name] = column
        else:
            frequent = column.value_counts().index[:MOST_VALUES]
            made[name] = column.where(column.isin(frequent) | column.isna(), "(other)").astype("object")
            made[name] = made[name].where(column.notna(), "(missing)").astype(str)
        if 0.01 <= column.isna().mean() <= 0.99 and f"{name} is missing" not in frame.columns:
            made[f"{name} is missing"] = column.isna().map({True: "yes", False: "no"})
    return pd.DataFrame(made)


def _association(view: pd.DataFrame, target: str) -> pd.DataFrame:
    import pandas as pd

    labels = view[target] == 1
    separation = {one.column: one.strength for one in leakage_suspects(view, target, threshold=0.5)}
    rows = []
    for name in view.columns.drop(target):
        row: dict[str, Any] = {"column": name, "separation": separation.get(name, math.nan)}
        if view[name].dtype.kind in "iuf":
            row |= _welch(view.loc[labels, name].dropna().astype(float), view.loc[~labels, name].dropna().astype(float))
        elif view[name].nunique() > 1:
            outcome = chi_square(view[name], labels)
            row |= {"effect": outcome.effect, "measure": outcome.measure, "p_value": outcome.p_value}
        rows.append(row)
    columns = ["column", "separation", "effect", "measure", "p_value", "mean_0", "mean_1"]
    table = pd.DataFrame(rows).reindex(columns=columns)
    return table.sort_values("separation", ascending=False, kind="stable", ignore_index=True)


def _dated(association: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """Means of dates as dates, not as days since 1970."""
    means = ["mean_0", "mean_1"]
    table = association.astype(dict.fromkeys(means, "object"))
    for row, name in enumerate(table["column"]):
        if name in frame.columns and frame[name].dtype.kind == "M":
            table.loc[row, means] = [_date(days) for days in association.loc[row, means]]
    return table


def _date(days: float) -> str | None:
    # Not pandas' Timedelta, which ends at 292 years.
    return None if math.isnan(days) else (datetime(1970, 1, 1) + timedelta(days=days)).strftime("%Y-%m-%d")


def _welch(one: pd.Series, zero: pd.Series) -> dict[str, Any]:
    """Welch's t from means and deviations: a column that is constant within a class gives no warning this way."""
    from scipy.stats import ttest_ind_from_stats

    row: dict[str, Any] = {"mean_0": zero.mean(), "mean_1": one.mean(), "measure": "Cohen's d"}
    if min(len(one), len(zero)) < 2 or one.std() + zero.std() == 0:
        return row
    try:
        effect = cohens_d(one, zero)
    except DataError:  # deviations so small that their squares are 0
        return row
    test = ttest_ind_from_stats(one.mean(), one.std(), len(one), zero.mean(), zero.std(), len(zero), equal_var=False)
    return row | {"effect": effect, "p_value": float(test.pvalue)}


def _pairs(inputs: pd.DataFrame, strengths: dict[str, float], notes: list[Note]) -> pd.DataFrame:
    import pandas as pd

    numeric = [name for name in inputs.columns if inputs[name].dtype.kind in "iuf"]
    if not numeric:
        return pd.DataFrame(columns=["one", "other", "r"])
    if len(numeric) > MOST_PAIRED:
        text = f"correlations are of the {MOST_PAIRED} numeric columns that separate the classes best, of {len(numeric):,}"
        notes.append(Note("wide table", "", text))
        best = sorted(numeric, key=lambda name: -strengths.get(name, 0))[:MOST_PAIRED]
        numeric = [name for name in numeric if name in set(best)]
    return correlated_pairs(inputs[numeric].astype(float), threshold=CORRELATED)


def _contradictions(ready: Usable) -> int:
    """Rows whose inputs also stand in the other class."""
    inputs = ready.frame.drop(columns=ready.target)
    shared = inputs.duplicated(keep=False)
    if not shared.any():
        return 0
    again = ready.frame[shared]
    classes = again.groupby(list(inputs.columns), dropna=False, sort=False)[ready.target].transform("nunique")
    return int((classes > 1).sum())


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in row.items()}
        for row in table.astype("object").to_dict("records")
    ]
