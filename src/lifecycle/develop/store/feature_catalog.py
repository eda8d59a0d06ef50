"""The memory of a feature store: which views there are, in which versions, fed from what and read by whom."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from lifecycle.develop.store import point_in_time
from lifecycle.develop.store.feature_views import FeatureView
from lifecycle.develop.store.store_file import FeatureStoreError

if TYPE_CHECKING:
    from lifecycle.develop.store.store_file import StoreFile

_WROTE = """
INSERT INTO writes VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
SET batches = batches + excluded.batches, rows = rows + excluded.rows"""
_READ = """
INSERT INTO reads VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
SET times = times + excluded.times, rows = rows + excluded.rows, without_value = without_value + excluded.without_value"""


@dataclass(frozen=True)
class Entry:
    """One version of a view: its number names its tables."""

    number: int
    version: int
    view: FeatureView
    description: str
    source_digest: str


class Catalog:
    """Views and versions of a store, and the counts of what was written and read.

    Lookups of single entities are too many to write each one down: they are counted in memory, and go into the file by
    `flush`, which `FeatureStore` calls before it answers about lineage and when it closes.
    """

    def __init__(self, file: StoreFile) -> None:
        self._file = file
        self._served: Counter[tuple[int, str]] = Counter()
        self._counting = threading.Lock()

    def names(self) -> list[str]:
        """The names of the views."""
        return [name for (name,) in self._file.rows("SELECT DISTINCT name FROM views ORDER BY name")]

    def versions(self, name: str) -> list[Entry]:
        """All versions of a view, the oldest first.

        Raises
        ------
        FeatureStoreError
            When there is no such view, or a definition in the file is not the one that was registered.
        """
        rows = self._file.rows(
            "SELECT id, version, definition, digest, description, source_digest FROM views WHERE name = ? ORDER BY version",
            [name],
        )
        if not rows:
            names = self.names()
            near = get_close_matches(str(name), names, n=1)
            raise FeatureStoreError(
                f"no view `{name}`",
                where=self._file.name,
                tried="views: " + (", ".join(names) or "none"),
                remedy=f"did you mean `{near[0]}`?" if near else "`register` it first",
            )
        return [self._entry(*row) for row in rows]

    def find(self, name: str, version: int | None) -> Entry:
        """One version of a view, the newest where `version` is None."""
        entries = self.versions(name)
        if version is None:
            return entries[-1]
        for entry in entries:
            if entry.version == version:
                return entry
        raise FeatureStoreError(
            f"view `{name}` has no version {version}", where=self._file.name, remedy=f"versions: 1 to {entries[-1].version}"
        )

    def register(self, view: FeatureView, *, description: str, source_digest: str) -> int:
        """Note `view`; a definition that is the newest version's already stays that version, any other makes a new one."""
        with self._file.transaction():
            entries = self.versions(view.name) if view.name in self.names() else []
            if entries and entries[-1].view.digest == view.digest:
                self._file.rows(
                    "UPDATE views SET description = ?, source_digest = ? WHERE name = ? AND version = ?",
                    [description, source_digest, view.name, entries[-1].version],
                )
                return entries[-1].version
            [(number,)] = self._file.rows("SELECT coalesce(max(id), 0) + 1 FROM views")
            version = len(entries) + 1
            self._file.rows(
                "INSERT INTO views VALUES (?, ?, ?, ?, ?, ?, ?)",
                [number, view.name, version, view.to_json(), view.digest, description, source_digest],
            )
            point_in_time.create(self._file, number, len(view.features))
        return version

    def wrote(self, entry: Entry, rows: int) -> None:
        """Count a batch, within a transaction of the caller's."""
        self._file.rows(_WROTE, [entry.number, entry.source_digest, 1, rows])

    def read(self, entry: Entry, *, kind: str, reader: str, rows: int, without_value: int) -> None:
        """Count a join; a store that is open for reading only counts nothing."""
        if not self._file.read_only:
            with self._file.transaction():
                self._file.rows(_READ, [entry.number, reader, kind, 1, rows, without_value])

    def served(self, entry: Entry, reader: str) -> None:
        """Count a lookup."""
        with self._counting:
            self._served[entry.number, reader] += 1

    def flush(self) -> None:
        """Write the counts of lookups."""
        if self._file.read_only:
            return
        with self._counting:
            served, self._served = self._served, Counter()
        if served:
            with self._file.transaction():
                for (number, reader), times in served.items():
                    self._file.rows(_READ, [number, reader, "serving", times, times, 0])

    def writes(self, entry: Entry) -> list[dict[str, Any]]:
        """What the version was fed with, by source."""
        rows = self._file.rows(
            "SELECT source_digest, batches, rows FROM writes WHERE id = ? ORDER BY source_digest", [entry.number]
        )
        return [dict(zip(("source_digest", "batches", "rows"), row, strict=True)) for row in rows]

    def reads(self, entry: Entry) -> list[dict[str, Any]]:
        """Who read the version, and for what."""
        names = ("reader", "kind", "times", "rows", "without_value")
        rows = self._file.rows(
            "SELECT reader, kind, times, rows, without_value FROM reads WHERE id = ? ORDER BY reader, kind", [entry.number]
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _entry(self, number: int, version: int, definition: str, digest: str, description: str, source_digest: str) -> Entry:
        view = FeatureView.from_json(definition)
        if view.digest != digest:
            raise FeatureStoreError(
                f"the definition of view `{view.name}`, version {version}, is not the one that was registered",
                where=self._file.name,
                tried="its digest was recorded when it was registered, and differs",
                remedy="somebody edited the file: make the store again, and change a definition by `register` only",
            )
        return Entry(number, version, view, description, source_digest)
