"""A door to an SQLite database that opens as far as a role's grants go, and writes down who came in.

A view alone denies nothing: whoever may query the view may query the table behind it. So the statement itself is watched.
SQLite asks an *authorizer* about each column that a statement reads, before it runs, and ours says no to everything but
the role's views.

What it does not do: hold off Python code that runs in the same process. Whoever should be kept out gets the service's
answer, not this object.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifecycle.govern.data.access import AccessPolicy, Grant
from lifecycle.govern.data.errors import GovernanceError, RefusedError
from lifecycle.govern.data.pseudonyms import Pseudonymiser

if TYPE_CHECKING:
    from datetime import datetime
    from types import TracebackType

    import pandas as pd

    from lifecycle.govern.record.trail import Trail

__all__ = ["Gatekeeper"]

# Functions that neither read files nor change anything; what is not here is denied.
_FUNCTIONS = frozenset(
    (
        "abs", "avg", "coalesce", "count", "date", "glob", "group_concat", "iif", "ifnull", "instr", "julianday", "length",
        "like", "lower", "max", "min", "nullif", "rank", "round", "row_number", "strftime", "substr", "sum", "total", "trim",
        "upper",
    )
)  # fmt: skip
# The only statements there are. EXPLAIN would show the conditions on rows, and how the views are made.
_STATEMENTS = ("select", "with", "values")
# What SQLite says of a statement's form. Any other word of its own might tell a name that exists from one that does not.
_FORM = ("syntax error", "incomplete input", "unrecognized token", "not authorized to use function", "wrong number of arg")
_UNKNOWN = "a table, column or function in it is not granted, or there is none"
_STEPS = 10_000
"""SQLite's own small steps between two looks at how many there were."""


class Gatekeeper:
    """Answer queries of one person in one role.

    Parameters
    ----------
    path : Path or str
        An SQLite file; it is opened read-only.
    policy : AccessPolicy
    user, role : str
        Who asks, and as what.
    purpose : str
        What for.
    key : bytes, optional
        For masked columns: the key of their pseudonyms, whose domain is the role. Needed when the role has masked columns.
    trail : Trail, optional
        Where each query is recorded, refused ones too: tables and columns, never values.
    steps : int
        Of SQLite's machine that one statement may take; 50 million are a second or so. A join without a condition would
        hold the door for hours.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "shop.sqlite"
    >>> with sqlite3.connect(place) as made:
    ...     _ = made.execute("create table client as select 1 as id, 'Ana' as name, 30 as age")
    >>> made.close()
    >>> policy = AccessPolicy([Grant("analyst", "client", ("age",))])
    >>> with Gatekeeper(place, policy, user="Bo", role="analyst") as gate:
    ...     int(gate.query("select age from client")["age"].iloc[0])
    30
    """

    def __init__(
        self,
        path: Path | str,
        policy: AccessPolicy,
        *,
        user: str,
        role: str,
        purpose: str = "",
        key: bytes | None = None,
        trail: Trail | None = None,
        steps: int = 50_000_000,
    ) -> None:
        self._place, self._policy, self._trail = Path(path), policy, trail
        self.user, self.role, self.purpose = user, role, purpose
        if not self._place.is_file():
            raise GovernanceError("no such database", where=self._place.name)
        self._mine = policy.grants(role, purpose=purpose)
        if any(grant.masked for grant in self._mine) and key is None:
            raise GovernanceError("masked columns need a key", where=f"role {role}", remedy="give `key`")
        self._mask = Pseudonymiser(key, domain=f"role {role}") if key is not None else None
        # A name that no statement can contain: the columns of the table behind are read under this name alone.
        self._inner = "inner_" + secrets.token_hex(16)
        self._seen: list[tuple[str, str]] = []
        self._barred: list[tuple[str, str]] = []
        self._steps, self._taken = steps, 0
        self._connection = sqlite3.connect(f"{self._place.resolve().as_uri()}?mode=ro", uri=True)
        try:
            self._behind = self._columns_behind()
            self._open_views()
        except sqlite3.Error as error:
            self._connection.close()
            raise GovernanceError(f"a grant does not fit the database: {error}", where=f"role {role}") from error
        self._connection.set_authorizer(self._ask)
        self._connection.set_progress_handler(self._too_long, min(_STEPS, steps))

    def __enter__(self) -> Gatekeeper:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the door."""
        self._connection.close()

    def query(self, sql: str, parameters: Sequence[Any] = (), *, at: datetime | str | None = None) -> pd.DataFrame:
        """Answer one statement that reads.

        Parameters
        ----------
        sql : str
            Tables are called what they are called; what the role may not read is not among their columns. Count a column:
            ``count(*)`` alone names none, so that SQLite cannot say whose rows are counted, and is refused.
        parameters : sequence
            For the question marks in `sql`.
        at : datetime or str, optional
            When, for the trail; now where it is left out.

        Raises
        ------
        RefusedError
            For what is not granted, for anything but reading, and for what takes too long. What is not granted and what
            does not exist are refused with the same words.
        GovernanceError
            For what is no SQL.
        """
        import pandas as pd

        if not isinstance(sql, str):
            raise GovernanceError(f"{sql!r} is no text", where="query", remedy="give a statement in SQL")
        self._seen.clear()
        self._barred.clear()
        self._taken = 0
        if not sql.lstrip().lower().startswith(_STATEMENTS):
            raise self._refusal(sqlite3.ProgrammingError("only statements that begin with SELECT, WITH or VALUES"), at)
        try:
            cursor = self._connection.execute(sql, parameters)
            rows = cursor.fetchall()
        except sqlite3.Error as error:
            raise self._refusal(error, at) from None  # SQLite's own words tell what exists
        names = [each[0] for each in cursor.description or ()]
        self._note("read", at, rows=len(rows))
        return pd.DataFrame(rows, columns=names)

    def _refusal(self, error: sqlite3.Error, at: datetime | str | None) -> GovernanceError:
        text = str(error)
        self._bar_wanted(text)
        self._note("refused", at, why=type(error).__name__)
        if any(words in text for words in _FORM[:3]):
            return GovernanceError(f"no statement: {text}", where=self._place.name)
        plain = isinstance(error, sqlite3.ProgrammingError) or any(words in text for words in _FORM)
        why = text if plain else "it takes too long" if text == "interrupted" else _UNKNOWN
        return RefusedError(
            f"{self.user} may not do this as {self.role}: {why}", where=self._place.name, tried=self._granted()
        )

    def _bar_wanted(self, text: str) -> None:
        """Take note of a column that was asked for by its name alone, if there is one; never of other words."""
        found = re.fullmatch(r"no such column: (?:.*\.)?(.+)", text)
        if found:
            self._barred += [pair for pair in self._behind if pair[1].lower() == found[1].lower()]

    def _columns_behind(self) -> list[tuple[str, str]]:
        tables = self._connection.execute("select name from sqlite_master where type in ('table', 'view')").fetchall()
        ask = "select name from pragma_table_info(?)"
        return [(table, name) for (table,) in tables for (name,) in self._connection.execute(ask, (table,))]

    def _too_long(self) -> bool:
        self._taken += min(_STEPS, self._steps)
        return self._taken > self._steps

    def _granted(self) -> str:
        columns = [f"{grant.table} ({', '.join((*grant.columns, *grant.masked))})" for grant in self._mine]
        return f"granted for the purpose `{self.purpose}`: " + ("; ".join(columns) or "nothing")

    def _note(self, action: str, at: datetime | str | None, **detail: Any) -> None:
        if self._trail is not None:
            seen, barred = (sorted({f"{t}.{c}" for t, c in pairs if c}) for pairs in (self._seen, self._barred))
            said = {
                "role": self.role,
                "purpose": self.purpose,
                "columns": seen,
                **({"denied": barred} if barred else {}),
                **detail,
            }
            self._trail.append(self.user, action, self._place.name, said, at=at)

    def _open_views(self) -> None:
        """Make a view for each grant, before the authorizer is there; it hides the table of the same name."""
        if self._mask is not None:
            self._connection.create_function("pseudonym", 1, self._masked, deterministic=True)
        for grant in self._mine:
            self._connection.execute(_view(grant, self._inner))
            self._connection.execute(f"select * from temp.{_quoted(grant.table)} limit 0")  # noqa: S608 - a quoted name

    def _masked(self, value: object) -> str | None:
        return None if value is None or self._mask is None else self._mask.of(value)

    def _ask(self, action: int, first: str | None, second: str | None, schema: str | None, inner: str | None) -> int:
        """Answer SQLite, which asks about every step of a statement that it is about to prepare."""
        if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE):
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION:
            known = (second or "").lower() in _FUNCTIONS or (second == "pseudonym" and inner == self._inner)
            return sqlite3.SQLITE_OK if known else sqlite3.SQLITE_DENY
        if action == sqlite3.SQLITE_READ and inner == self._inner:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and schema == "temp" and first in {grant.table for grant in self._mine}:
            self._seen.append((first, second or ""))
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and first:
            self._barred.append((first, second or ""))
        return sqlite3.SQLITE_DENY


def _view(grant: Grant, inner: str) -> str:
    columns = [_quoted(name) for name in grant.columns]
    columns += [f"pseudonym({_quoted(name)}) as {_quoted(name)}" for name in grant.masked]
    table, where = _quoted(grant.table), f" where {grant.rows}" if grant.rows else ""
    body = f"select {', '.join(columns)} from main.{table}{where}"  # noqa: S608 - quoted; `rows` is the administrator's
    return f"create temp view {table} as with {inner} as ({body}) select * from {inner}"  # noqa: S608


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
