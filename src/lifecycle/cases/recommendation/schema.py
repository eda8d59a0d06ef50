"""One universal schema: whatever a tenant's export looks like, the pipeline behind it sees the same few fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.cases.errors import CaseError
from lifecycle.cases.recommendation.days import days_of

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ("customer", "product", "day", "amount")
OPTIONAL = ("quantity", "region", "channel")

SYNONYMS: Mapping[str, frozenset[str]] = {
    "customer": frozenset({"customer", "customerid", "client", "clientid", "account", "acct", "kunde", "buyer"}),
    "product": frozenset({"product", "productid", "sku", "item", "article", "artikel", "offer"}),
    "day": frozenset({"day", "date", "orderdate", "datum", "closedon", "soldon", "ts"}),
    "amount": frozenset({"amount", "netamount", "revenue", "value", "betrag", "price", "total"}),
    "quantity": frozenset({"quantity", "qty", "units", "menge", "pieces"}),
    "region": frozenset({"region", "state", "territory", "gebiet", "area"}),
    "channel": frozenset({"channel", "via", "kanal"}),
}
"""Names under which a field is often found; letters and digits only, in lower case."""


@dataclass(frozen=True)
class Column:
    """Where a tenant keeps a field.

    Attributes
    ----------
    name : str
        The tenant's own column.
    format : str
        Of a date, as ``"%d.%m.%Y"``; empty for ISO dates and for everything else. A time zone is dropped, not converted.
    factor : float
        What a number is multiplied with: 0.01 where the tenant counts cents.
    """

    name: str
    format: str = ""
    factor: float = 1.0


@dataclass(frozen=True)
class Mapped:
    """A tenant's export in the universal schema.

    Attributes
    ----------
    table : DataFrame
        `REQUIRED` and `OPTIONAL` columns; optional fields that the tenant has not are all missing.
    unused : tuple of str
        The tenant's columns that were given up for the common schema.
    absent : tuple of str
        Optional fields that the tenant has not.
    set_aside : int
        Rows that could not be read.
    """

    table: pd.DataFrame
    unused: tuple[str, ...]
    absent: tuple[str, ...]
    set_aside: int


def missing_fields(columns: Iterable[str], mapping: Mapping[str, Column]) -> list[str]:
    """Required fields that cannot be filled: not mapped, or mapped to a column that is not there; in the schema's order."""
    there = set(columns)
    return [name for name in REQUIRED if name not in mapping or mapping[name].name not in there]


def propose_mapping(columns: Iterable[str]) -> tuple[dict[str, Column], dict[str, list[str]]]:
    """Guess a mapping from the names alone, for a person to confirm.

    Returns
    -------
    dict of field to Column
        Fields for which exactly one column has a name that is often used.
    dict of field to list of str
        The other fields and their candidates: none or several. Guessing between several is how a net price becomes a gross
        one.
    """
    plain = {name: re.sub(r"[^a-z0-9]", "", name.lower()) for name in columns}
    sure: dict[str, Column] = {}
    unsure: dict[str, list[str]] = {}
    for field in (*REQUIRED, *OPTIONAL):
        found = [name for name, bare in plain.items() if bare in SYNONYMS[field]]
        if len(found) == 1:
            sure[field] = Column(found[0])
        else:
            unsure[field] = found
    return sure, unsure


def map_table(
    frame: pd.DataFrame,
    mapping: Mapping[str, Column],
    *,
    where: str = "recommendation: map_table",
    unreadable: float = 0.05,
    repeated: float = 0.20,
) -> Mapped:
    """Bring an export into the universal schema, or say why it cannot be.

    Parameters
    ----------
    frame : DataFrame
        As the tenant exports it.
    mapping : mapping of field to Column
    where : str
        Named in errors, as the tenant's name.
    unreadable : float
        Share of rows that may be set aside, because customer, product, day or amount cannot be read.
    repeated : float
        Share of rows that may be equal to an earlier one in all mapped fields. They are kept.

    Raises
    ------
    CaseError
        When a required field is missing or there twice, the export is empty, too many rows are unreadable (an infinite
        amount is), negative or repeated, or all rows have the same product. Each is a reason to put a tenant into
        quarantine, and none is mended by a guess.
    """
    missing = missing_fields(frame.columns, mapping)
    if missing:
        named = [mapping[field].name if field in mapping else "nothing" for field in missing]
        told = ", ".join(f"`{field}` (mapped to {name})" for field, name in zip(missing, named, strict=True))
        raise CaseError(f"no column for {told}", where=where, tried="columns: " + ", ".join(map(str, frame.columns[:12])),
                        remedy="ask the tenant what was renamed, and mend the mapping")  # fmt: skip
    if frame.empty:
        raise CaseError("the export has no rows", where=where, remedy="ask the tenant for a full export")
    used = {field: mapping[field] for field in (*REQUIRED, *OPTIONAL) if field in mapping and mapping[field].name in frame}
    names = list(frame.columns)
    twofold = [column.name for column in used.values() if names.count(column.name) > 1]
    if twofold:
        raise CaseError(f"several columns are called `{twofold[0]}`", where=where, remedy="ask the tenant which one counts")
    table = _read(frame, used)
    lost, negative = table[list(REQUIRED)].isna().any(axis=1), table["amount"] < 0
    bad = lost | negative
    if bad.mean() > unreadable and negative.mean() > lost.mean():
        raise CaseError(f"{negative.mean():.0%} of the rows have a negative amount", where=where,
                        remedy="ask the tenant how refunds are booked, and leave them out of the export")  # fmt: skip
    if bad.mean() > unreadable:
        worst = table[list(REQUIRED)].isna().mean().idxmax()
        raise CaseError(f"{bad.mean():.0%} of the rows cannot be read, most for `{worst}`", where=where,
                        remedy="compare the export with the mapping's format and factor")  # fmt: skip
    good = table[~bad].reset_index(drop=True)
    twice = float(good.duplicated().mean())
    if twice > repeated:
        raise CaseError(f"{twice:.0%} of the rows repeat an earlier one", where=where,
                        remedy="see whether the export was delivered twice")  # fmt: skip
    if good["product"].nunique() < 2:
        raise CaseError("all rows have the same product", where=where, remedy="see which column names the product")
    taken = {column.name for column in used.values()}
    unused = tuple(str(name) for name in frame.columns if name not in taken)
    return Mapped(good, unused, tuple(field for field in OPTIONAL if field not in used), int(bad.sum()))


def _read(frame: pd.DataFrame, used: Mapping[str, Column]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    columns: dict[str, Any] = {}
    for field in (*REQUIRED, *OPTIONAL):
        column = used.get(field)
        if column is None:
            columns[field] = pd.Series(None, index=frame.index, dtype=object)
        elif field == "day":
            columns[field] = days_of(frame[column.name], column.format or "ISO8601")
        elif field in ("amount", "quantity"):
            numbers = pd.to_numeric(frame[column.name], errors="coerce").astype(float) * column.factor
            columns[field] = numbers.where(np.isfinite(numbers))
        else:
            values = frame[column.name]
            columns[field] = values if values.dtype == "str" else values.astype(str).where(values.notna())
    return pd.DataFrame(columns)
