"""The register: which data sets there are, what for, on what ground, whose, how long, and what in them is personal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from lifecycle.govern.data.errors import GovernanceError, RefusedError
from lifecycle.govern.data.law import law

__all__ = ["LEVELS", "DataSet", "Register", "data_class"]

LEVELS = ("public", "internal", "confidential", "restricted")
"""Classes of data, from what anybody may see to what hardly anybody may."""

# Kinds that identify for life, or open a door: one such column makes the table restricted.
_RESTRICTED = frozenset({"iban", "card number", "national id"})


def data_class(kinds: Iterable[str], *, protected: Sequence[str] = (), about_people: bool = True) -> str:
    """Put a table into one of `LEVELS`.

    Parameters
    ----------
    kinds : iterable of str
        The kinds of personal data found in its columns, as ``find_pii`` names them.
    protected : sequence of str
        Columns with attributes that law protects (sex, age, health...).
    about_people : bool
        Whether a row is a person, or something a person did.

    Returns
    -------
    str
        ``"restricted"`` with numbers that identify for life, pay, or with protected attributes beside a name;
        ``"confidential"`` with any personal data, protected attributes, or rows about people; else ``"internal"``.
        Nothing becomes ``"public"`` by a rule: somebody has to decide to publish.
    """
    found = set(kinds)
    if found & _RESTRICTED or (found and protected):
        return "restricted"
    return "confidential" if found or protected or about_people else "internal"


@dataclass(frozen=True)
class DataSet:
    """One entry of the register.

    Attributes
    ----------
    name, title, owner : str
        The owner is a role that answers for it.
    purposes : mapping of str to str
        What it may be used for, and the lawful basis of each. What is not here is not permitted.
    classification : str
        One of `LEVELS`.
    retention_days : int or None
        How long rows are kept; ``None`` where they are not about people.
    region : str
        Where it is stored.
    columns : tuple of str
    personal : mapping of str to str
        Its columns that identify or describe a person, and the kind of each.
    sources : tuple of str
        The data sets that it was made of.
    recipients : tuple of str
        Who else gets it.
    """

    name: str
    title: str
    owner: str
    purposes: Mapping[str, str]
    classification: str
    retention_days: int | None = None
    region: str = "EU"
    columns: tuple[str, ...] = ()
    personal: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"register: `{self.name}`"
        if not self.owner or not self.purposes:
            raise GovernanceError("owner or purpose is missing", where=where, remedy="what nobody answers for is not kept")
        if self.classification not in LEVELS:
            raise GovernanceError(f"no class `{self.classification}`", where=where, remedy=", ".join(LEVELS))
        odd = [basis for basis in self.purposes.values() if basis not in law("gdpr.bases")]
        if self.personal and odd:
            raise GovernanceError(f"no lawful basis `{odd[0]}`", where=where, remedy=", ".join(law("gdpr.bases")))
        if self.personal and self.retention_days is None:
            raise GovernanceError("personal data without an end", where=where, remedy="give `retention_days`")
        strange = [name for name in self.personal if name not in self.columns]
        if strange:
            raise GovernanceError(f"no column `{strange[0]}`", where=where, tried=", ".join(self.columns))

    def basis(self, purpose: str) -> str:
        """The lawful basis of a purpose.

        Raises
        ------
        RefusedError
            For a purpose that is not on record.
        """
        if purpose not in self.purposes:
            raise RefusedError(
                f"`{purpose}` is none of its purposes",
                where=f"data set `{self.name}`",
                tried="purposes on record: " + ", ".join(self.purposes),
                remedy=f"ask the {self.owner}; data collected for one purpose are not free for another",
            )
        return self.purposes[purpose]


class Register:
    """Data sets by name, in the order in which they were entered."""

    def __init__(self, entries: Iterable[DataSet] = ()) -> None:
        self._entries: dict[str, DataSet] = {}
        for entry in entries:
            self.add(entry)

    def __iter__(self) -> Iterator[DataSet]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, name: str) -> DataSet:
        if name not in self._entries:
            raise GovernanceError(
                f"`{name}` is not in the register", remedy="enter it first; there are: " + ", ".join(self._entries)
            )
        return self._entries[name]

    def add(self, entry: DataSet) -> None:
        """Enter a data set.

        Raises
        ------
        GovernanceError
            For a name that is taken, or a source that is not in the register.
        """
        if entry.name in self._entries:
            raise GovernanceError(f"`{entry.name}` is in the register already")
        unknown = [name for name in entry.sources if name not in self._entries]
        if unknown:
            raise GovernanceError(f"its source `{unknown[0]}` is not in the register", where=f"register: `{entry.name}`")
        self._entries[entry.name] = entry

    def holding(self, name: str) -> tuple[str, ...]:
        """The data set `name` and all that were made of it, directly or not, in the order of the register."""
        reached = {self[name].name}
        for entry in self:
            if reached & set(entry.sources):
                reached.add(entry.name)
        return tuple(entry.name for entry in self if entry.name in reached)

    def notice(self) -> list[dict[str, Any]]:
        """Tell people (the right to be informed): a row a data set and purpose, with basis, period and recipients."""
        return [
            {
                "data": entry.title,
                "purpose": purpose,
                "basis": basis,
                "kept (days)": entry.retention_days,
                "given to": ", ".join(entry.recipients) or "nobody",
                "ask": entry.owner,
            }
            for entry in self
            if entry.personal
            for purpose, basis in entry.purposes.items()
        ]

    def to_json(self) -> str:
        """Write the register as indented JSON, in its order."""
        return json.dumps([asdict(entry) for entry in self], indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Register:
        """Read a register back.

        Raises
        ------
        GovernanceError
            When the text is none.
        """
        try:
            content = json.loads(text)
        except json.JSONDecodeError as error:
            raise GovernanceError(f"not JSON: {error.msg}", where=f"register: line {error.lineno}") from error
        names = {each.name for each in fields(DataSet)}
        register = cls()
        for number, entry in enumerate(content if isinstance(content, list) else [content]):
            if not isinstance(entry, dict) or set(entry) != names:
                raise GovernanceError(
                    "not the fields of a data set", where=f"register: entry {number}", remedy=", ".join(sorted(names))
                )
            values: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
            }
            register.add(DataSet(**values))
        return register
