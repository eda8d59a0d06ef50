"""A feature store in one DuckDB file: features made once, versioned, the same for training and for serving.

Three promises, which notebooks full of joins do not keep:

- *No value from the future.* `FeatureStore.training_frame` gives each label the values known at its time. The naive join,
  which takes the latest ones, is here too (`naive_frame`), so that its damage can be measured.
- *One definition.* Training and serving read the same rows of the same version; a changed definition is a new version, and
  the old one stays readable.
- *Lineage.* Which source columns and which file a feature came from, and who read it for what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from lifecycle.develop.features.formulas import Feature
from lifecycle.develop.store import point_in_time, view_join
from lifecycle.develop.store.feature_catalog import Catalog
from lifecycle.develop.store.feature_views import FeatureView, Missing, accepted
from lifecycle.develop.store.serving import Lookup
from lifecycle.develop.store.store_file import FeatureStoreError, StoreFile
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FeatureStore", "FeatureStoreError"]


class FeatureStore:
    """A store of feature views; close it, or use it as a context manager.

    Parameters
    ----------
    path : Path, str or None
        The file, made where there is none, folders included; None keeps everything in memory.
    read_only : bool
        Open an existing file for reading: several processes may do so at once, where one that writes must be alone.

    Raises
    ------
    FeatureStoreError
        When the file is damaged, no feature store, or open in another process.
    """

    def __init__(self, path: Path | str | None = None, *, read_only: bool = False) -> None:
        if path is None and read_only:
            raise FeatureStoreError("a store in memory begins empty: there is nothing to read", remedy="give a path")
        place = None if path is None else Path(path)
        self._file = StoreFile(place, read_only=read_only)
        self._catalog = Catalog(self._file)
        key = f"memory {id(self)}" if place is None else str(place.resolve())
        self._lookup = Lookup(self._file, self._catalog, key=key)

    def __enter__(self) -> FeatureStore:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Write down the counts of lookups and close the file; once more does no harm."""
        if not self._file.closed:
            try:
                self._catalog.flush()
            finally:
                self._file.close()

    def register(
        self,
        view: str,
        *,
        description: str,
        features: Sequence[Feature],
        source_digest: str,
        entity: str = "entity",
        time: str = "event_time",
        missing: Missing = "refuse",
    ) -> int:
        """Define a view, or a new version of it.

        Parameters
        ----------
        view : str
            Its name: lower-case letters, digits and underscores.
        description : str
            What it is for.
        features : sequence of Feature
            What it holds, in order.
        source_digest : str
            Digest of the data that the rows to come are made of; noted with each write.
        entity, time : str
            The columns that say whose row it is and from when on it was known.
        missing : {"refuse", "keep"}
            What a NaN in a row written is: an error, or a value unknown.

        Returns
        -------
        int
            The version, from 1. The same features, entity, time and `missing` as the newest version's give that version
            again, whatever the description and the source; anything else makes the next one, which begins empty.

        Raises
        ------
        DataError
            For a name that cannot be one, no features, or a column name used twice.
        """
        definition = FeatureView(view, tuple(features), entity, time, missing)
        version = self._catalog.register(definition, description=description, source_digest=source_digest)
        self._lookup.changed()
        return version

    def write(self, view: str, frame: pd.DataFrame, *, version: int | None = None) -> int:
        """Add rows: all of them, or none where one is at fault. Batches may come in any order of time.

        Parameters
        ----------
        frame : DataFrame
            The view's entity, time and feature columns, and no others.
        version : int, optional
            Of the view; the newest by default.

        Returns
        -------
        int
            How many rows were new; a row that stands there with the same values is left out.

        Raises
        ------
        DataError
            For a row that does not keep to the definition (`feature_views.accepted`), or that contradicts an earlier one.
        FeatureStoreError
            For an unknown view or version, and for what the file refuses.
        """
        entry = self._catalog.find(view, version)
        rows = accepted(frame, entry.view)
        with self._file.transaction():
            new = point_in_time.append(self._file, entry.number, rows, where=f"view `{view}`")
            self._catalog.wrote(entry, new)
        self._lookup.changed()
        return new

    def training_frame(
        self,
        labels: pd.DataFrame,
        view: str | Sequence[str],
        *,
        version: int | Mapping[str, int] | None = None,
        reader: str = "",
        times: bool = False,
    ) -> pd.DataFrame:
        """Give each label the features known at its time, never later ones: the point-in-time join.

        Parameters
        ----------
        labels : DataFrame of shape (n_labels, n_columns)
            The view's entity and time columns, and any others, which are kept. An entity may have several labels.
        view : str or sequence of str
            One view or several.
        version : int or mapping of view to int, optional
            The newest by default.
        reader : str
            Who reads, for the lineage.
        times : bool
            Add a column ``<view>_time`` that says when the row used became known (NaT: none was).

        Returns
        -------
        DataFrame
            `labels` (rows in order, index kept) with the features beside. A label takes one row: the last whose time is
            not after its own, equal times included. Without such a row its features are NaN; ``attrs["without_value"]``
            counts these labels by view.

        Raises
        ------
        DataError
            When entity or time is missing in `labels` or of another type, or a column name would stand twice.
        FeatureStoreError
            For an unknown view or version.
        """
        return self._joined(labels, view, version, point_in_time.as_of, kind="training", reader=reader, times=times)

    def naive_frame(
        self,
        labels: pd.DataFrame,
        view: str | Sequence[str],
        *,
        version: int | Mapping[str, int] | None = None,
        reader: str = "",
        times: bool = False,
    ) -> pd.DataFrame:
        """Give each label the latest features, whatever their time: the mistake that `training_frame` exists to prevent.

        Everything else is as in `training_frame`. A model trained on it has seen the future of its labels.
        """
        return self._joined(labels, view, version, point_in_time.latest, kind="naive", reader=reader, times=times)

    def serve(self, view: str, entity: int, *, version: int | None = None, reader: str = "") -> dict[str, float]:
        """Look up the latest features of one entity, in the order of the definition, quickly.

        A row that was looked up before, or by `warm`, is in memory; any other is found through an index.

        Raises
        ------
        FeatureStoreError
            For an unknown view, version or entity.
        """
        entry, values = self._lookup.find(view, version, _whole(entity))
        self._catalog.served(entry, reader)
        return dict(zip(entry.view.names, values, strict=True))

    def warm(self, view: str, *, version: int | None = None) -> int:
        """Read the latest row of every entity into memory, where `serve` finds it in microseconds until the next write.

        Returns
        -------
        int
            How many entities are in memory: all, or 200,000 where there are more. The others are served through the index.
        """
        return self._lookup.warm(view, version)

    def history(self, view: str, entity: int, *, version: int | None = None) -> pd.DataFrame:
        """All that was ever known of one entity: time and features, the oldest row first; no row for an unknown entity."""
        import numpy as np
        import pandas as pd

        entry = self._catalog.find(view, version)
        rows = point_in_time.story(self._file, entry.number, _whole(entity))
        features = {name: np.ma.filled(rows[f"f{i}"], np.nan) for i, name in enumerate(entry.view.names)}
        return pd.DataFrame({entry.view.time: rows["t"].astype("datetime64[us]"), **features})

    def views(self) -> pd.DataFrame:
        """One row a version of a view: view, version, description, features, rows, entities, first and last time."""
        import pandas as pd

        columns = ["view", "version", "description", "features", "rows", "entities", "first", "last"]
        rows = [
            (name, each.version, each.description, len(each.view.features), *point_in_time.extent(self._file, each.number))
            for name in self._catalog.names()
            for each in self._catalog.versions(name)
        ]
        return pd.DataFrame(rows, columns=columns)

    def lineage(self, view: str, *, version: int | None = None) -> dict[str, Any]:
        """Where a view comes from and where it goes, as values that JSON can hold.

        Returns
        -------
        dict
            ``view``, ``version``, ``versions``, ``description``, ``definition`` (digest), ``entity``, ``time``; ``features``
            (name, meaning, unit, sources of each); ``sources`` (columns); ``source_digest`` (registered last); ``writes``
            (batches and rows by source digest); ``reads`` (times, rows and rows without a value by reader and kind:
            training, naive or serving).
        """
        self._catalog.flush()
        entry = self._catalog.find(view, version)
        return {
            "view": view,
            "version": entry.version,
            "versions": [each.version for each in self._catalog.versions(view)],
            "description": entry.description,
            "definition": entry.view.digest,
            "entity": entry.view.entity,
            "time": entry.view.time,
            "features": [
                {"name": each.name, "meaning": each.meaning, "unit": each.unit, "sources": list(each.sources)}
                for each in entry.view.features
            ],
            "sources": list(entry.view.sources),
            "source_digest": entry.source_digest,
            "writes": self._catalog.writes(entry),
            "reads": self._catalog.reads(entry),
        }

    def _joined(
        self,
        labels: pd.DataFrame,
        view: str | Sequence[str],
        version: int | Mapping[str, int] | None,
        match: view_join.Match,
        *,
        kind: str,
        reader: str,
        times: bool,
    ) -> pd.DataFrame:
        """The features beside the labels, and a line for each view in the lineage."""
        entries = view_join.chosen(self._catalog, view, version)
        joined = view_join.beside(self._file, labels, entries, match, times=times)
        for entry in entries:
            without = joined.attrs["without_value"][entry.view.name]
            self._catalog.read(entry, kind=kind, reader=reader, rows=len(joined), without_value=without)
        return joined


def _whole(entity: Any) -> int:
    import numpy as np

    if isinstance(entity, bool) or not isinstance(entity, int | np.integer) or not -(2**63) <= entity < 2**63:
        raise DataError(f"entity {entity!r} is no whole number", where="entity", remedy="give the entity's number")
    return int(entity)
