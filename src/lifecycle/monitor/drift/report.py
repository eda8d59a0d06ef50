"""Two tables beside each other: what has moved, what looks broken, and what to do about it."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lifecycle.errors import DataError
from lifecycle.monitor.drift.classifier import DomainClassifier, domain_classifier
from lifecycle.monitor.drift.columns import pair
from lifecycle.monitor.drift.compare import Measured, measured
from lifecycle.monitor.drift.stability import Level
from lifecycle.monitor.drift.verdict import ORDER, Action, ColumnDrift, action_of, findings_of, judge, rows_needed, tells

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class DriftReport:
    """What `drift_report` found.

    Attributes
    ----------
    rows : tuple of int
        Of the reference and of the current period.
    columns : tuple of ColumnDrift
        Those that both have, the gravest first.
    gone, new : tuple of str
        Columns that the current period lacks, and those that only it has.
    level : {"stable", "watch", "act"}
        Of the table.
    action : Action
        What to do.
    findings : tuple of str
        What to look at first, in plain words.
    settings : dict
        With what the report was made.
    domain : DomainClassifier or None
        How well all columns together tell the periods apart, where that was asked for.
    """

    rows: tuple[int, int]
    columns: tuple[ColumnDrift, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]
    level: Level
    action: Action
    findings: tuple[str, ...]
    settings: dict[str, Any]
    domain: DomainClassifier | None = None

    def __getitem__(self, column: str) -> ColumnDrift:
        found = next((each for each in self.columns if each.column == column), None)
        if found is None:
            names = ", ".join(f"`{each.column}`" for each in self.columns[:20])
            raise DataError(f"the report has no column `{column}`", tried=f"columns: {names}")
        return found

    def __iter__(self) -> Iterator[ColumnDrift]:
        return iter(self.columns)

    def at(self, level: Level) -> tuple[str, ...]:
        """The columns of a level, the gravest first."""
        return tuple(each.column for each in self.columns if each.level == level)

    def table(self) -> pd.DataFrame:
        """One row a column: kind, level, the effects, the adjusted p-value, missing shares."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "column": each.column,
                    "kind": each.kind,
                    "level": each.level,
                    "KS": _nan(each.ks),
                    "PSI": _nan(each.psi),
                    "Wasserstein": _nan(each.wasserstein),
                    "Jensen-Shannon": _nan(each.jensen_shannon),
                    "p adjusted": _nan(each.p_adjusted),
                    "missing before": each.measured.missing[0],
                    "missing now": each.measured.missing[1],
                }
                for each in self.columns
            ]
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, for JSON."""
        return {
            "rows": {"reference": self.rows[0], "current": self.rows[1]},
            "level": self.level,
            "action": {"kind": self.action.kind, "text": self.action.text},
            "findings": list(self.findings),
            "columns": [each.to_dict() for each in self.columns],
            "gone": list(self.gone),
            "new": list(self.new),
            "domain": self.domain.to_dict() if self.domain else None,
            "settings": self.settings,
        }

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)

    def to_html(self, *, title: str = "Drift report") -> str:
        """The report as a page that needs nothing beside it; whatever comes from the data is escaped."""
        from lifecycle.monitor.drift.page import page

        return page(self, title=title)

    def write(self, out: Path | str, *, title: str = "Drift report") -> Path:
        """Write the page; an older one is replaced. Its folder is made.

        Raises
        ------
        DataError
            When it cannot be written.
        """
        from lifecycle import artifacts

        place = Path(out)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            artifacts.replace_file(place, self.to_html(title=title).encode("utf-8"))
        except OSError as error:
            raise DataError(f"the report cannot be written: {error.strerror}", where=str(place)) from error
        return place


def drift_report(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    columns: Sequence[str] | None = None,
    bins: int = 10,
    level: float = 0.01,
    method: Literal["holm", "bh", "bonferroni"] = "holm",
    domain: bool = False,
    seed: int = 0,
    threads: int = 2,
) -> DriftReport:
    """Compare two tables column by column.

    Parameters
    ----------
    reference : DataFrame
        What to compare with: the training data, or a period in which all was well.
    current : DataFrame
        The period to judge. Rows need not be as many, nor columns in the same order.
    columns : sequence of str, optional
        Compare these only; by default all that both tables have.
    bins : int
        For the stability index of numbers.
    level : float
        Below this adjusted p-value, chance alone is ruled out.
    method : {"holm", "bh", "bonferroni"}
        How p-values are adjusted for the number of tests; see `adjust`.
    domain : bool
        Also ask a classifier to tell the periods apart: it sees changes in combinations of columns. Takes some seconds.
        Where there is too little for it (fewer than 50 rows, or no column that may tell), the findings say so and the
        report's ``domain`` is None.
    seed : int
        Of the classifier.
    threads : int
        Columns that are worked on at once; the result is the same.

    Returns
    -------
    DriftReport

    Raises
    ------
    DataError
        For what cannot be compared: no rows, two columns of one name (1 and "1" are one), no column in common.

    Notes
    -----
    A column's level is that of its effect: the worse of PSI (0.10 and 0.25) and, for numbers, of the largest gap (0.1 and
    0.2), where the adjusted p-value also rules out chance. Neither alone will do: with many rows every p-value is small, and
    with few rows an index of 0.2 comes by chance. Numbers are tested by their largest gap and, where at least 5 rows are
    expected in each, by the bins of the index; numbers with few distinct values and categories with chi-squared, the rarest
    of them as one. A sign of a broken feed makes a level of its own.
    """
    from concurrent.futures import ThreadPoolExecutor

    if not 0 < level < 1:
        raise DataError(f"`level` is {level:g}: a level lies between 0 and 1", where="drift_report")
    names, gone, new = _common(reference, current, columns)
    rows = (len(reference), len(current))

    def one(name: object) -> Measured:
        return measured(pair(reference[name], current[name]), bins=bins, rows=rows, level=level / len(names))

    with ThreadPoolExecutor(max_workers=max(1, threads)) as pool:
        found = list(pool.map(one, names))
    judged = judge([str(name) for name in names], found, level=level, method=method)
    usable = [name for name, each in zip(names, found, strict=True) if tells(each)]
    told, untold = _together(reference, current, usable, seed=seed) if domain else (None, "")
    worst: Level = max((each.level for each in judged), key=lambda each: ORDER[each])
    others: list[Level] = ["watch"] if gone else []
    others += [told.level] if told is not None and told.low > 0.5 else []
    worst = max([worst, *others], key=lambda each: ORDER[each])
    least = rows_needed(sum(len(each.p_values) for each in found), level=level)
    findings = findings_of(judged, gone, new, rows, level=level, least=least, domain=told, untold=untold)
    action = action_of(judged, gone, worst, rows=rows, least=least)
    settings = {"bins": bins, "level": level, "method": method, "seed": seed}
    return DriftReport(rows, judged, gone, new, worst, action, findings, settings, told)


def _together(
    reference: pd.DataFrame, current: pd.DataFrame, usable: list[Any], *, seed: int
) -> tuple[DomainClassifier | None, str]:
    """What a classifier says of these columns, or why it was not asked: the report does not depend on it."""
    try:
        return domain_classifier(reference, current, columns=usable, seed=seed), ""
    except DataError as error:
        return None, error.what


def _common(
    reference: pd.DataFrame, current: pd.DataFrame, columns: Sequence[str] | None
) -> tuple[list[Any], tuple[str, ...], tuple[str, ...]]:
    """The columns to compare, those that are gone and those that are new."""
    for name, frame in (("reference", reference), ("current", current)):
        if not hasattr(frame, "columns") or not hasattr(frame, "dtypes"):
            raise DataError(f"`{name}` is a {type(frame).__name__}, not a table", remedy="give a pandas DataFrame")
        if not len(frame):
            raise DataError("the table has no rows: nothing can be compared", where=name)
        twice = next((column for column, times in Counter(map(str, frame.columns)).items() if times > 1), None)
        if twice is not None:
            raise DataError(f"two columns are called `{twice}`", where=name, remedy="give each a name of its own")
    if columns is not None:
        for column in columns:
            for name, frame in (("reference", reference), ("current", current)):
                if column not in frame.columns:
                    near = get_close_matches(str(column), map(str, frame.columns), n=1)
                    hint = f"did you mean `{near[0]}`?" if near else "name a column that both tables have"
                    raise DataError(f"there is no column `{column}`", where=name, remedy=hint)
        if not len(columns):
            raise DataError("no column is named: nothing can be compared", where="columns")
        return list(dict.fromkeys(columns)), (), ()
    names = [name for name in reference.columns if name in current.columns]
    if not names:
        shown = [", ".join(f"`{name}`" for name in list(frame.columns)[:8]) for frame in (reference, current)]
        plain = {str(name).strip().casefold() for name in reference.columns}
        alike = any(str(name).strip().casefold() in plain for name in current.columns)
        raise DataError(
            "the two tables have no column in common",
            tried=f"reference: {shown[0] or 'no columns'}; current: {shown[1] or 'no columns'}",
            remedy="names differ in letter case or blanks only: rename them"
            if alike
            else "check that both are the same table",
        )
    gone = tuple(str(name) for name in reference.columns if name not in current.columns)
    return names, gone, tuple(str(name) for name in current.columns if name not in reference.columns)


def _nan(value: float | None) -> float:
    return math.nan if value is None else value
