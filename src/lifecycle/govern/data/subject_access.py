"""What do you hold on me? The answer to a person, complete by construction: a table that is left out is an error."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from lifecycle.govern.data.errors import GovernanceError
from lifecycle.govern.data.given import a_day, need_columns, the_person
from lifecycle.govern.data.given import identities as names_in
from lifecycle.govern.data.register import Register

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["portable_copy", "subject_access"]


def subject_access(
    tables: Mapping[str, pd.DataFrame],
    register: Register,
    *,
    identities: Mapping[str, tuple[str, object]],
    withheld: Mapping[str, Mapping[str, str]] | None = None,
    on: date,
) -> dict[str, Any]:
    """Collect everything that is held on a person, and what they must be told about it.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        All tables that hold people, by their name in the register.
    register : Register
    identities : mapping of table to (column, value)
        What the person is called in each table: a client number here, a pseudonym there. ``17``, ``"17"`` and ``17.0`` are
        one.
    withheld : mapping of table to mapping of column to reason
        Columns that are not given out, because they are about somebody else, or the law says so. The answer names them.
    on : date
        The day of the answer.

    Returns
    -------
    dict
        ``on``, and ``held``: one entry a table with ``data_set``, ``title``, ``purposes``, ``kept_days``, ``recipients``,
        ``sources``, ``rows`` (a dict a row, as JSON can hold them) and ``withheld``. Tables in which the person is not
        found have no rows: they are told that as well.

    Raises
    ------
    GovernanceError
        For a table that is not in the register, one of the register's with personal data that is not given, or a table
        for which nobody says what the person is called there.
    """
    withheld = withheld or {}
    a_day(on, where="subject access")
    missing = [entry.name for entry in register if entry.personal and entry.name not in tables]
    if missing:
        raise GovernanceError(
            f"`{missing[0]}` holds people and is not given", where="subject access", remedy="an answer is complete or wrong"
        )
    nameless = [name for name in tables if name not in identities]
    if nameless:
        raise GovernanceError(f"nobody says what the person is called in `{nameless[0]}`", where="subject access")
    held = []
    for name, frame in tables.items():
        entry, (column, value), kept_back = register[name], identities[name], dict(withheld.get(name, {}))
        where = f"subject access: `{name}`"
        need_columns(frame, (column, *kept_back), where=where)
        rows = frame[names_in(frame[column]) == the_person(value, where=where)].drop(columns=list(kept_back))
        held.append(
            {
                "data_set": name,
                "title": entry.title,
                "purposes": dict(entry.purposes),
                "kept_days": entry.retention_days,
                "recipients": list(entry.recipients),
                "sources": list(entry.sources),
                "rows": json.loads(rows.to_json(orient="records", date_format="iso")),
                "withheld": kept_back,
            }
        )
    return {"on": on.isoformat(), "held": held}


def portable_copy(export: Mapping[str, Any], *, provided: Mapping[str, Collection[str]]) -> str:
    """Cut an answer down to what the right to portability covers, as JSON that another firm can read.

    That is what the person gave or their behaviour left, used by consent or contract. What was *concluded* about them, such
    as a score, is not among it (they see it by the right of access all the same).

    Parameters
    ----------
    export : mapping
        From `subject_access`.
    provided : mapping of table to columns
        The columns that came from the person.
    """
    copy = {}
    for entry in export["held"]:
        if not {"consent", "contract"} & set(entry["purposes"].values()):
            continue
        wanted = provided.get(entry["data_set"], ())
        rows = [{name: value for name, value in row.items() if name in wanted} for row in entry["rows"]]
        if wanted and rows:
            copy[entry["data_set"]] = rows
    return json.dumps(copy, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
