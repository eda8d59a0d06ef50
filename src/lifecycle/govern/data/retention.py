"""How long is long enough: rows that are due for deletion, those that must stay, and a sweep that can be repeated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import a_day, days, identities, need_columns, the_person

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RetentionRule", "Sweep", "due_rows", "sweep"]


@dataclass(frozen=True)
class RetentionRule:
    """How long rows of a table are kept.

    Attributes
    ----------
    table : str
    days : int
        Rows are kept for so many days, and due on the day after.
    start : str
        The column of dates from which they are counted: the end of a contract, the last purchase, the day of a log line.
    reason : str
        Why so long: the law, the purpose.
    action : {"delete", "anonymise"}
        What happens then. ``"anonymise"`` empties the columns `identifying`.
    identifying : tuple of str
    subject : str or None
        The column that says whose row it is, so that a hold can be recognised.
    """

    table: str
    days: int
    start: str
    reason: str
    action: Literal["delete", "anonymise"] = "delete"
    identifying: tuple[str, ...] = ()
    subject: str | None = None

    def __post_init__(self) -> None:
        where = f"retention of `{self.table}`"
        if self.days < 0 or not self.reason:
            raise GovernanceError("a period of 0 days or more and its reason are needed", where=where)
        if self.action not in ("delete", "anonymise"):
            raise GovernanceError(f"no action `{self.action}`", where=where, remedy="delete or anonymise")
        if (self.action == "anonymise") != bool(self.identifying):
            raise GovernanceError("`identifying` goes with `anonymise`", where=where, remedy="name the columns to empty")


def due_rows(frame: pd.DataFrame, rule: RetentionRule, *, on: date, holds: Collection[object] = ()) -> pd.Series:
    """Say which rows are due on a day.

    Parameters
    ----------
    frame : DataFrame
    rule : RetentionRule
    on : date
    holds : collection
        Subjects whose rows must stay for now: a claim, a tax audit. ``4``, ``"4"`` and ``4.0`` are one.

    Returns
    -------
    Series of bool
        True where ``on`` is later than the start plus the days. A row whose period has not begun (no date yet) is not due.

    Raises
    ------
    GovernanceError
        When a column is missing or holds no dates, or a hold finds no row: a typing error in it would delete what a court
        asks for.
    """
    late, held, idle = _late(frame, rule, on=on, holds=holds)
    _refuse_idle(idle, where=f"retention of `{rule.table}`")
    return (late & ~held).rename("due")


def _late(
    frame: pd.DataFrame, rule: RetentionRule, *, on: date, holds: Collection[object]
) -> tuple[pd.Series, pd.Series, set[str]]:
    """Rows past their period, rows that are held, and the holds that found none."""
    import pandas as pd

    where = f"retention of `{rule.table}`"
    if isinstance(holds, str):
        raise GovernanceError(
            f"one text, {holds!r}, in place of a list", where=f"{where}: holds", remedy=f"holds=[{holds!r}]"
        )
    need_columns(frame, (rule.start, *rule.identifying, *([rule.subject] if rule.subject else [])), where=where)
    wanted = {the_person(each, where=f"{where}: holds") for each in holds}
    if wanted and rule.subject is None:
        raise GovernanceError("a hold cannot be recognised", where=where, remedy="give `subject`")
    late = days(frame, rule.start, where=where) < pd.Timestamp(a_day(on, where=where) - timedelta(days=rule.days))
    people = identities(frame[rule.subject]) if rule.subject else pd.Series(None, index=frame.index, dtype=object)
    return late, people.isin(wanted), wanted - set(people)


def _refuse_idle(idle: Collection[str], *, where: str) -> None:
    if idle:
        raise GovernanceError(
            f"the hold `{min(idle)}` holds no row", where=where, tried="all of what is to be swept",
            remedy="correct it, or take it off the list if this person has no rows (any more)",
        )  # fmt: skip


@dataclass(frozen=True)
class Sweep:
    """What a sweep did.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        All tables as they are now.
    report : tuple of dict
        One entry a rule: ``table``, ``rows``, ``due``, ``held`` (due but for a hold), ``action``, ``left``.
    """

    tables: Mapping[str, pd.DataFrame]
    report: tuple[dict[str, object], ...]


def sweep(
    tables: Mapping[str, pd.DataFrame],
    rules: Sequence[RetentionRule],
    *,
    on: date,
    holds: Collection[object] = (),
) -> Sweep:
    """Apply each rule to its table.

    A second sweep on the same day finds nothing more to delete.

    Raises
    ------
    GovernanceError
        When a table has no rule (whoever keeps rows says how long), a rule has no table, a table has two rules, or a hold
        finds no row in any table.
    """
    ruled = [rule.table for rule in rules]
    lacking = [name for name in tables if name not in ruled] + [name for name in ruled if name not in tables]
    twice = {name for name in ruled if ruled.count(name) > 1}
    if lacking or twice:
        name = (lacking or sorted(twice))[0]
        raise GovernanceError(
            f"`{name}` needs one table and one rule", where="sweep", remedy="a table without an end is kept for ever"
        )
    found = {rule.table: _late(tables[rule.table], rule, on=on, holds=holds) for rule in rules}
    if found:
        _refuse_idle(set.intersection(*(idle for _, _, idle in found.values())), where="sweep")
    left, report = {}, []
    for rule in rules:
        frame, (late, held, _) = tables[rule.table], found[rule.table]
        gone = late & ~held
        if rule.action == "delete":
            left[rule.table] = frame[~gone]
        else:
            left[rule.table] = frame.assign(**{name: frame[name].mask(gone) for name in rule.identifying})
        report.append(
            {
                "table": rule.table,
                "rows": len(frame),
                "due": int(gone.sum()),
                "held": int((late & held).sum()),
                "action": rule.action,
                "left": len(left[rule.table]),
            }
        )
    return Sweep(left, tuple(report))
