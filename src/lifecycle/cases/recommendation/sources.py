"""Where a tenant's export comes from: what the pipeline needs of any source, and one that is a CSV file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lifecycle.cases.recommendation.days import days_of
from lifecycle.cases.recommendation.schema import Column

if TYPE_CHECKING:
    import pandas as pd


class Source(Protocol):
    """What the pipeline needs of a tenant; `Tenant` and `TableSource` are two."""

    @property
    def name(self) -> str:
        """Unique, and usable as a file's name."""

    @property
    def industry(self) -> str:
        """A word for the tables; may be empty."""

    @property
    def mapping(self) -> Mapping[str, Column]:
        """To the universal schema."""

    @property
    def digest(self) -> str:
        """Changes whenever what `read` gives does."""

    def read(self, until: date) -> pd.DataFrame:
        """The export of everything before a day."""


@dataclass(frozen=True)
class TableSource:
    """A tenant whose export is a CSV file.

    Attributes
    ----------
    name : str
    path : str
        Every worker must be able to read it.
    mapping : mapping of field to Column
    industry : str
    """

    name: str
    path: str
    mapping: Mapping[str, Column]
    industry: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the file and the mapping."""
        told = json.dumps({name: asdict(column) for name, column in self.mapping.items()}, sort_keys=True)
        return sha256(Path(self.path).read_bytes() + told.encode()).hexdigest()

    def read(self, until: date) -> pd.DataFrame:
        """The rows before `until`; those whose day cannot be read stay in, to be counted by the schema's rules."""
        import pandas as pd

        frame = pd.read_csv(self.path, dtype={self.mapping[name].name: str for name in ("customer", "product", "day")
                                                 if name in self.mapping})  # fmt: skip
        day = self.mapping.get("day")
        if day is None or day.name not in frame:
            return frame
        days = days_of(frame[day.name], day.format or "ISO8601")
        return frame[~(days >= pd.Timestamp(until))].reset_index(drop=True)
