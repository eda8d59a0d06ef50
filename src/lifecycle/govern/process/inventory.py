"""One place where every model can be found: what runs, who answers for it, how it was classified, and when it is due.

Paper forms and mails cannot say how many models there are. An inventory can, as long as it is the only way to production.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from lifecycle.govern.process.errors import ProcessError
from lifecycle.govern.process.given import digest, text
from lifecycle.govern.process.risk import CLASSES

REVIEW_DAYS = {"light": 730, "middle": 365, "strong": 182}
"""Days from a review to the next, by class; our own choice."""


@dataclass(frozen=True)
class InventoryEntry:
    """A model of the inventory.

    Attributes
    ----------
    name, version, owner : str
        The owner is a person.
    level : str
        Its class: light, middle or strong.
    card : str
        SHA-256 of its signed card; empty where there is none.
    live : bool
        Whether it decides about anything.
    reviewed : date or None
        When it was last looked at as a whole.
    """

    name: str
    version: str
    owner: str
    level: str
    card: str = ""
    live: bool = False
    reviewed: date | None = None

    def due(self) -> date | None:
        """The day of the next review; None where there was none yet."""
        return None if self.reviewed is None else self.reviewed + timedelta(days=REVIEW_DAYS[self.level])


@dataclass
class Inventory:
    """The inventory: entries by name."""

    entries: dict[str, InventoryEntry] = field(default_factory=dict)

    def add(self, entry: InventoryEntry) -> None:
        """Take in a model, or a new version of it.

        Raises
        ------
        ProcessError
            Without a name or an owner, of no class, live without a card, or with a card that is no digest.
        """
        text(entry.name, where="inventory: name of a model")
        if not isinstance(entry.owner, str) or not entry.owner.strip():
            raise ProcessError("nobody owns it", where=f"inventory: {entry.name}", remedy="name a person")
        if entry.level not in CLASSES:
            raise ProcessError(f"no class `{entry.level}`", where=f"inventory: {entry.name}", remedy="classify it first")
        if entry.live and not entry.card:
            raise ProcessError("it may not be live without a signed card", where=f"inventory: {entry.name}",
                               remedy="pass the gates; the card's digest goes here")  # fmt: skip
        if entry.card:
            digest(entry.card, where=f"inventory: card of {entry.name}")
        self.entries[entry.name] = entry

    def overdue(self, on: date) -> list[str]:
        """Live models whose review is due, or that never had one."""
        return [name for name, each in self.entries.items() if each.live and ((due := each.due()) is None or due < on)]

    def unknown(self, running: Iterable[str]) -> list[str]:
        """What runs and is not in the inventory: shadow IT."""
        return sorted(set(running) - set(self.entries))

    def of(self, owner: str) -> list[str]:
        """The models that a person answers for."""
        return [name for name, each in self.entries.items() if each.owner == owner]
