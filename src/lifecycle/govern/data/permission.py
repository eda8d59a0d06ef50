"""May this run use these rows? Asked before a training starts, row by row, and recorded either way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeVar

from lifecycle.govern.data.consent import ConsentLedger
from lifecycle.govern.data.errors import RefusedError
from lifecycle.govern.data.given import a_day, days, identities, need_columns
from lifecycle.govern.data.register import DataSet

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from lifecycle.govern.record.trail import Trail

__all__ = ["Permit", "permit", "permitted_run"]

Result = TypeVar("Result")


@dataclass(frozen=True)
class Permit:
    """The answer for one table and purpose.

    Attributes
    ----------
    data_set, purpose, basis : str
    reasons : Series of str
        For each row, empty where it may be used, else why not.
    rows : DataFrame
        A copy of the rows that were asked about: what `permitted_run` hands over.
    """

    data_set: str
    purpose: str
    basis: str
    reasons: pd.Series
    rows: pd.DataFrame = field(repr=False, compare=False)

    @property
    def allowed(self) -> pd.Series:
        """Boolean, a row of the table each."""
        return self.reasons == ""

    @property
    def complete(self) -> bool:
        """Whether every row may be used."""
        return bool(self.allowed.all())

    def counts(self) -> dict[str, int]:
        """Rows by reason, ``"allowed"`` first."""
        found = self.reasons.where(self.reasons != "", "allowed").value_counts()
        return {name: int(found.get(name, 0)) for name in ["allowed", *sorted(set(found.index) - {"allowed"})]}

    def require(self) -> None:
        """Refuse unless every row may be used.

        Raises
        ------
        RefusedError
        """
        if not self.complete:
            found = ", ".join(f"{name} {count:,}" for name, count in self.counts().items())
            raise RefusedError(
                f"{int((~self.allowed).sum()):,} of {len(self.reasons):,} rows may not be used for `{self.purpose}`",
                where=f"data set `{self.data_set}`, basis {self.basis}",
                tried=found,
                remedy="leave them out (`permit.allowed`), and look at who is missing then",
            )


def permit(
    frame: pd.DataFrame,
    entry: DataSet,
    *,
    purpose: str,
    ledger: ConsentLedger,
    subject: str,
    on: date,
    collected: str | None = None,
) -> Permit:
    """Decide for each row whether it may be used.

    Parameters
    ----------
    frame : DataFrame
    entry : DataSet
        Its entry in the register: what is not a purpose of it is refused as a whole.
    purpose : str
    ledger : ConsentLedger
    subject : str
        The column that says whose row it is. A row of nobody (the value is missing) may not be used.
    on : date
        The day of the run.
    collected : str, optional
        A column of dates: rows older than the data set's ``retention_days`` may not be used, whatever anybody agreed to.

    Raises
    ------
    RefusedError
        For a purpose that is not on record.
    GovernanceError
        When a column is missing, or a date is none.
    """
    import pandas as pd

    where = f"data set `{entry.name}`"
    need_columns(frame, [subject] if collected is None else [subject, collected], where=where)
    a_day(on, where=where)
    basis = entry.basis(purpose)
    people = identities(frame[subject])
    why = {person: ledger.refusal(person, purpose=purpose, basis=basis, on=on) for person in people.dropna().unique()}
    reasons = people.map(why).astype(object).fillna("nobody named").rename("reason")
    if collected is not None and entry.retention_days is not None:
        first = pd.Timestamp(on - timedelta(days=entry.retention_days))
        reasons = reasons.where(days(frame, collected, where=where) >= first, "kept too long")
    return Permit(entry.name, purpose, basis, reasons, frame.copy())


def permitted_run(
    run: Callable[[pd.DataFrame], Result],
    given: Permit,
    *,
    actor: str,
    trail: Trail | None = None,
    at: datetime | str | None = None,
) -> Result:
    """Do `run` with the permitted rows if every one may be used, else do nothing; write down which of the two it was.

    Parameters
    ----------
    run : callable
        What is to be done with the rows: it is given ``given.rows``, those that the permit is about and no others, after
        the permit was checked and the record written. (A `run` that fetches other rows by itself cannot be stopped here.)
    given : Permit
    actor : str
        Who runs it.
    trail : Trail, optional
        Where it is recorded.
    at : datetime or str, optional
        When, for `trail`; now where it is left out.

    Raises
    ------
    RefusedError
        When a row may not be used; `run` was not called.
    """
    if trail is not None:
        detail = {"purpose": given.purpose, "basis": given.basis, "rows": given.counts()}
        trail.append(actor, "permitted" if given.complete else "refused", given.data_set, detail, at=at)
    given.require()
    return run(given.rows)
