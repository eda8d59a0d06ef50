"""The card as a formula: SQL for the old production stack, a spreadsheet's cell for a document."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lifecycle.cases.credit_risk.card import Characteristic, Scorecard
from lifecycle.cases.errors import CaseError


def as_sql(card: Scorecard, *, table: str, key: str | None = None) -> str:
    """A SELECT that computes the score of every row; standard SQL, nothing to install where it runs.

    Parameters
    ----------
    card : Scorecard
    table : str
        Name of the table with a column a characteristic; missing values are NULL.
    key : str, optional
        A column to put beside the score.
    """
    terms = [str(card.base), *(_case(each) for each in card.characteristics)]
    shown = f"{_quoted(key)}, " if key else ""
    return f"SELECT {shown}" + "\n  + ".join(terms) + f"\n  AS score\nFROM {_quoted(table)}"


def as_spreadsheet(card: Scorecard, *, cells: Mapping[str, str]) -> str:
    """A cell's formula for the score, with the cells that hold the characteristics; an empty cell is a missing value.

    Parameters
    ----------
    card : Scorecard
    cells : mapping
        Characteristic to cell, as in ``{"status": "B2"}``.

    Raises
    ------
    CaseError
        When a characteristic has no cell, or a cell is not one: whatever stands there would become part of the formula.
    """
    if absent := [name for name in card.features if name not in cells]:
        raise CaseError(f"no cell for `{absent[0]}`", where="credit_risk: cells")
    if odd := [cell for cell in cells.values() if not re.fullmatch(r"[A-Z]{1,3}[0-9]{1,7}", str(cell))]:
        raise CaseError(f"{odd[0]!r} is not a cell", where="credit_risk: cells", remedy="as in B2")
    terms = [str(card.base)]
    for each in card.characteristics:
        *lines, missing = each.lines
        lows = ",".join("-1E+99" if line.low is None else repr(line.low) for line in lines)
        points = ",".join(str(line.points) for line in lines)
        cell = cells[each.feature]
        terms.append(f"IF(ISBLANK({cell}),{missing.points},LOOKUP({cell},{{{lows}}},{{{points}}}))")
    return "=" + "+".join(terms)


def _case(each: Characteristic) -> str:
    *lines, missing = each.lines
    name = _quoted(each.feature)
    below = " ".join(f"WHEN {name} < {line.high!r} THEN {line.points}" for line in lines if line.high is not None)
    return f"CASE WHEN {name} IS NULL THEN {missing.points} {below} ELSE {lines[-1].points} END".replace("  ", " ")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
