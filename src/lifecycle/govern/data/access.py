"""Who may read what: grants of columns to roles, for purposes. What nobody granted is denied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lifecycle.govern.data.errors import GovernanceError

__all__ = ["Access", "AccessPolicy", "Grant"]

Verdict = Literal["read", "masked", "denied"]


@dataclass(frozen=True)
class Grant:
    """What one role may read of one table.

    Attributes
    ----------
    role, table : str
    columns : tuple of str
        Readable as they are.
    masked : tuple of str
        Readable as pseudonyms.
    rows : str
        An SQL condition on the table, as ``"region = 'north'"``; empty for all rows. It is the administrator's text,
        never a user's.
    purposes : tuple of str
        What for; empty for any purpose.
    """

    role: str
    table: str
    columns: tuple[str, ...]
    masked: tuple[str, ...] = ()
    rows: str = ""
    purposes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"grant of `{self.table}` to {self.role}"
        both = sorted(set(self.columns) & set(self.masked))
        if both:
            raise GovernanceError(f"`{both[0]}` is granted and masked", where=where, remedy="decide on one of the two")
        if not self.columns and not self.masked:
            raise GovernanceError("no column", where=where, remedy="leave the grant out: what nobody grants is denied")


@dataclass(frozen=True)
class Access:
    """The answer for some columns of a table: ``read``, ``masked`` or ``denied`` for each, and why the first is denied."""

    columns: Mapping[str, Verdict]
    reason: str

    @property
    def allowed(self) -> bool:
        """Whether none is denied."""
        return "denied" not in self.columns.values()


class AccessPolicy:
    """Grants, one a role and table at most.

    Raises
    ------
    GovernanceError
        When a role has two grants for a table: which one holds?
    """

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._grants: dict[tuple[str, str], Grant] = {}
        for grant in grants:
            if (grant.role, grant.table) in self._grants:
                raise GovernanceError("two grants", where=f"{grant.role}: `{grant.table}`", remedy="put them into one")
            self._grants[grant.role, grant.table] = grant

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that are granted anything, in order of appearance."""
        return tuple(dict.fromkeys(role for role, _ in self._grants))

    def grants(self, role: str, *, purpose: str = "") -> tuple[Grant, ...]:
        """What a role is granted, for a purpose."""
        mine = (grant for (who, _), grant in self._grants.items() if who == role)
        return tuple(grant for grant in mine if not grant.purposes or purpose in grant.purposes)

    def decide(self, role: str, table: str, columns: Sequence[str], *, purpose: str = "") -> Access:
        """Decide on columns of a table."""
        grant = self._grants.get((role, table))
        if grant is None:
            return Access(dict.fromkeys(columns, "denied"), f"{role} has no grant for `{table}`")
        if grant.purposes and purpose not in grant.purposes:
            reason = f"{role} may read `{table}` for {', '.join(grant.purposes)}, and not for `{purpose or 'no purpose'}`"
            return Access(dict.fromkeys(columns, "denied"), reason)
        verdicts: dict[str, Verdict] = {
            name: "read" if name in grant.columns else "masked" if name in grant.masked else "denied" for name in columns
        }
        denied = [name for name, verdict in verdicts.items() if verdict == "denied"]
        return Access(verdicts, f"`{table}.{denied[0]}` is not granted to {role}" if denied else "")

    def matrix(self, tables: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
        """Decide on every column for every role: one row a column (``table``, ``column``), one entry a role.

        Where a grant is for purposes, the purpose is taken to be one of them.
        """
        rows = []
        for table, columns in tables.items():
            for column in columns:
                row = {"table": table, "column": column}
                for role in self.roles:
                    grant = self._grants.get((role, table))
                    purpose = grant.purposes[0] if grant and grant.purposes else ""
                    row[role] = self.decide(role, table, [column], purpose=purpose).columns[column]
                rows.append(row)
        return rows
