"""Lookups of one entity, quickly: from memory where the row is there, else through the index of the online table.

What is in memory is never older than the file. A file has one writing process, and within it every write and every
registration counts up a number for the file. Memory belongs to a number: when the number has changed, it is thrown away.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lifecycle.develop.store import point_in_time
from lifecycle.develop.store.store_file import FeatureStoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lifecycle.develop.store.feature_catalog import Catalog, Entry
    from lifecycle.develop.store.store_file import StoreFile

_KEPT = 200_000  # rows that are kept in memory at most; with 30 features they take about 90 MB

_changes: dict[str, int] = {}
_counting = threading.Lock()


@dataclass
class _Memory:
    """What was read since change `number` of the file."""

    number: int
    entries: dict[tuple[str, int | None], Entry] = field(default_factory=dict)
    rows: dict[tuple[int, int], NDArray[np.float64]] = field(default_factory=dict)


class Lookup:
    """The serving side of a store; `key` names its file within this process."""

    def __init__(self, file: StoreFile, catalog: Catalog, *, key: str) -> None:
        self._file = file
        self._catalog = catalog
        self._key = key
        self._memory = _Memory(-1)

    def changed(self) -> None:
        """Tell every store object of this process that the file holds something new; call it after the commit."""
        with _counting:
            _changes[self._key] = _changes.get(self._key, 0) + 1

    def find(self, view: str, version: int | None, entity: int) -> tuple[Entry, list[float]]:
        """The version of the view that answers, and its latest features of `entity`.

        Raises
        ------
        FeatureStoreError
            For an unknown view, version or entity, and when the store is closed.
        """
        memory = self._current()
        entry = self._entry(memory, view, version)
        row = memory.rows.get((entry.number, entity))
        if row is None:
            row = self._read(entry, entity)
            if len(memory.rows) < _KEPT:
                # A write may have come in between: then this memory has been thrown away, and nobody reads the old row.
                memory.rows[entry.number, entity] = row
        values: list[float] = row.tolist()
        return entry, values

    def warm(self, view: str, version: int | None) -> int:
        """Read the whole online table of a view into memory, as far as there is room; say how many rows are there now."""
        memory = self._current()
        entry = self._entry(memory, view, version)
        room = _KEPT - sum(number != entry.number for number, _ in memory.rows)
        entities, values = point_in_time.everyone(self._file, entry.number, len(entry.view.features), limit=max(room, 0))
        memory.rows.update(zip(((entry.number, entity) for entity in entities.tolist()), values, strict=True))
        return sum(number == entry.number for number, _ in memory.rows)

    def _current(self) -> _Memory:
        self._file.check_open()
        number = _changes.get(self._key, 0)
        if self._memory.number != number:
            self._memory = _Memory(number)
        return self._memory

    def _entry(self, memory: _Memory, view: str, version: int | None) -> Entry:
        if (view, version) not in memory.entries:
            memory.entries[view, version] = self._catalog.find(view, version)
        return memory.entries[view, version]

    def _read(self, entry: Entry, entity: int) -> NDArray[np.float64]:
        import numpy as np

        values = point_in_time.now(self._file, entry.number, entity)
        if values is None:
            raise FeatureStoreError(
                f"nothing is known of entity {entity}",
                where=f"view `{entry.view.name}`, version {entry.version}",
                remedy="write its features first, or answer without them",
            )
        return np.array(values)
