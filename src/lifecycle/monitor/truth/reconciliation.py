"""Predictions joined to what is known about them on a day: by id, by time, with every outcome that does not fit counted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError
from lifecycle.monitor.truth.standing import Standing

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Reconciliation:
    """What was known on day `as_of`.

    Attributes
    ----------
    as_of : int
        The last day whose events count.
    rows : DataFrame
        One row a prediction made by then: its columns as given, with ``made`` (day), ``decision`` (0 or 1), ``label`` (0, 1
        or nan where nobody knows yet) and ``known`` (day on which the label was learned, nan likewise).
    outcomes : DataFrame
        All that was learned about these predictions by then, in the order of the days: ``row`` (position in `rows`),
        ``known`` and ``label``; of several about one row, the last is the one in `rows`.
    orphans : int
        Outcomes of requests that nobody had predicted by then.
    impossible : int
        Outcomes known before their prediction was made. They are left out, and somebody should ask why.
    """

    as_of: int
    rows: pd.DataFrame
    outcomes: pd.DataFrame
    orphans: int = 0
    impossible: int = 0

    @property
    def corrected(self) -> int:
        """Predictions that have had both labels by now."""
        return int((self.outcomes.groupby("row")["label"].nunique() > 1).sum())

    @property
    def standing(self) -> Standing:
        """The counts."""
        decision, label = self.rows["decision"] == 1, self.rows["label"]
        return Standing(
            predictions=len(self.rows), flagged=int(decision.sum()),
            tp=int((decision & (label == 1)).sum()), fp=int((decision & (label == 0)).sum()),
            fn=int((~decision & (label == 1)).sum()), tn=int((~decision & (label == 0)).sum()),
        )  # fmt: skip

    def older_than(self, days: int) -> Reconciliation:
        """Only predictions made at least `days` before: those whose labels have had the time to come in.

        What belongs to no prediction (`orphans`, `impossible`) stays counted: it has no age.
        """
        old = (self.rows["made"] <= self.as_of - days).to_numpy()
        theirs = self.outcomes[old[self.outcomes["row"].to_numpy()]]
        place = old.cumsum() - 1
        theirs = theirs.assign(row=place[theirs["row"].to_numpy()]).reset_index(drop=True)
        return Reconciliation(self.as_of, self.rows[old].reset_index(drop=True), theirs, self.orphans, self.impossible)


def reconcile(
    predictions: pd.DataFrame,
    outcomes: pd.DataFrame,
    *,
    as_of: int,
    key: str = "request_id",
    made: str = "day",
    decision: str = "decision",
    known: str = "day_known",
    label: str = "label",
) -> Reconciliation:
    """Put together what was known at the end of day `as_of`.

    The latest outcome known by then counts, so a correction replaces what was believed before, and does so from its own day
    on: asked again for an earlier day, the answer is what one would have seen on that day.

    Parameters
    ----------
    predictions : DataFrame
        One row a request: columns `key`, `made`, `decision`; others are kept.
    outcomes : DataFrame
        Columns `key`, `known`, `label`; several rows a request where it was corrected, in any order. A `known` that is
        missing or negative stands for never. Days are whole numbers.
    as_of : int
        The day to look from.
    key, made, decision, known, label : str
        Names of the columns.

    Returns
    -------
    Reconciliation

    Raises
    ------
    DataError
        When a column is missing, a request was predicted twice, a decision or label is neither 0 nor 1, a prediction has
        no day, or a day is no whole number (as a date).

    Notes
    -----
    Of two outcomes learned on one day, the one further down in `outcomes` counts.
    """
    import numpy as np
    import pandas as pd

    need_columns(predictions, (key, made, decision), where="predictions")
    need_columns(outcomes, (key, known, label), where="outcomes")
    twice = predictions[key][predictions[key].duplicated()]
    if len(twice):
        raise DataError(
            f"`{twice.iloc[0]}` was predicted more than once ({len(twice):,} such rows)",
            where=f"predictions: column `{key}`",
            remedy="give each request an id of its own: a client scored twice is two requests",
        )
    _only_binary(predictions[decision], f"predictions: column `{decision}`")
    decided = whole_days(predictions[made], where="predictions")
    there = predictions[decided <= as_of]
    decided = decided[decided <= as_of]
    rows = there.drop(
        columns=[name for name in ("label", "known") if name in there.columns and name not in (made, decision)]
    )
    rows = rows.rename(columns={made: "made", decision: "decision"}).reset_index(drop=True)
    rows["made"] = decided
    dated = outcomes[outcomes[known].notna()]
    learned = whole_days(dated[known], where="outcomes")
    _only_binary(dated[label][learned >= 0], f"outcomes: column `{label}`")
    seen = dated.assign(_when=learned)[(learned >= 0) & (learned <= as_of)].sort_values("_when", kind="stable")
    place = pd.Index(there[key]).get_indexer(pd.Index(seen[key]))
    seen, orphans, place = seen[place >= 0], int((place < 0).sum()), place[place >= 0]
    when, labels = seen["_when"].to_numpy(dtype=float), seen[label].to_numpy(dtype=float)
    possible = when >= decided[place]
    history = pd.DataFrame({"row": place, "known": when, "label": labels})[possible].reset_index(drop=True)

    latest = np.full((2, len(rows)), np.nan)  # day and label; of several, the last written stays
    latest[0, history["row"]], latest[1, history["row"]] = history["known"], history["label"]
    rows["known"], rows["label"] = latest
    return Reconciliation(as_of, rows, history, orphans=orphans, impossible=int((~possible).sum()))


def need_columns(frame: pd.DataFrame, names: Sequence[str], *, where: str) -> None:
    """Refuse a frame that lacks one of the columns, naming it and those that are there."""
    absent = [name for name in names if name not in frame.columns]
    if absent:
        raise DataError(f"column `{absent[0]}` is missing", where=where, tried="columns: " + ", ".join(map(str, frame)))


def whole_days(values: pd.Series, *, where: str) -> NDArray[np.int64]:
    """The days as whole numbers.

    Raises
    ------
    DataError
        For a day that is missing, a fraction or a date, naming the first of them.
    """
    import numpy as np
    import pandas as pd

    where, remedy = f"{where}: column `{values.name}`", "days are whole numbers, counted from a first day"
    if not (pd.api.types.is_numeric_dtype(values) or values.dtype == object):
        raise DataError(f"the days are of the kind `{values.dtype}`", where=where, remedy=remedy)
    if values.dtype == object:  # what is no number, as a date, becomes missing here, and is refused with what is
        numbers = values.map(lambda day: float(day) if isinstance(day, int | float | np.number) else math.nan).astype(float)
    else:
        numbers = values.astype("Float64").astype(float)
    wrong = values[(numbers % 1 != 0).to_numpy()]
    if len(wrong):
        raise DataError(f"`{wrong.iloc[0]}` is no day ({len(wrong):,} such rows)", where=where, remedy=remedy)
    whole: NDArray[np.int64] = numbers.to_numpy().astype("int64")
    return whole


def _only_binary(values: Any, where: str) -> None:
    wrong = values[~values.isin([0, 1])]
    if len(wrong):
        raise DataError(f"{wrong.iloc[0]!r} is neither 0 nor 1 ({len(wrong):,} such rows)", where=where)
