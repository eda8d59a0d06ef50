"""Labels with the features of one or several views beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.develop.store.feature_views import keys
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.develop.store.feature_catalog import Catalog, Entry
    from lifecycle.develop.store.store_file import StoreFile

    Match = Callable[[StoreFile, int, pd.DataFrame, int], tuple[Any, Any]]


def chosen(catalog: Catalog, view: str | Sequence[str], version: int | Mapping[str, int] | None) -> list[Entry]:
    """The versions asked for, the newest where none is named.

    Raises
    ------
    DataError
        When no view is named, a view twice, one version stands for several views, or a version for a view not read.
    FeatureStoreError
        For an unknown view or version.
    """
    names = [view] if isinstance(view, str) else list(view)
    if not names or len(set(names)) < len(names):
        raise DataError("name one view, or several different ones", where="view", tried=f"given: {names}")
    if isinstance(version, int):
        if len(names) > 1:
            raise DataError("one version for several views", where="version", remedy="as {'view': 1, 'other': 2}")
        version = {names[0]: version}
    versions = dict(version or {})
    strange = [name for name in versions if name not in names]
    if strange:
        raise DataError(f"a version of `{strange[0]}`, which is not read", where="version", remedy="leave it out")
    return [catalog.find(name, versions.get(name)) for name in names]


def beside(file: StoreFile, labels: pd.DataFrame, entries: Sequence[Entry], match: Match, *, times: bool) -> pd.DataFrame:
    """Put the features that `match` finds for each label beside it.

    Parameters
    ----------
    labels : DataFrame
        Its rows, their order, its index and its columns are kept.
    entries : sequence of Entry
        The views.
    match : callable
        `point_in_time.as_of` or `point_in_time.latest`.
    times : bool
        Whether to add ``<view>_time``, when the row used became known.

    Returns
    -------
    DataFrame
        ``attrs["without_value"]`` counts, by view, the labels for which nothing was found.

    Raises
    ------
    DataError
        When a column name would stand twice, or entity or time of `labels` is missing or of another type.
    """
    import numpy as np
    import pandas as pd

    _no_clash(labels, entries, times)
    parts, without = [labels], {}
    for entry in entries:
        view = entry.view
        asked = keys(labels, entity=view.entity, time=view.time, where="labels", towards="floor")
        known_at, values = match(file, entry.number, asked, len(view.features))
        found = pd.DataFrame(values.T, index=labels.index, columns=list(view.names), copy=False)
        if times:
            found.insert(0, f"{view.name}_time", known_at)
        parts.append(found)
        without[view.name] = int(np.isnat(known_at).sum())
    joined = pd.concat(parts, axis="columns")
    joined.attrs["without_value"] = without
    return joined


def _no_clash(labels: pd.DataFrame, entries: Sequence[Entry], times: bool) -> None:
    made = [name for entry in entries for name in entry.view.names]
    made += [f"{entry.view.name}_time" for entry in entries if times]
    names = [*labels.columns, *made]
    twice = [name for name in made if names.count(name) > 1]
    if twice:
        raise DataError(
            f"`{twice[0]}` would stand twice",
            where="labels",
            tried="it is a column of the labels and of a view, or of two views",
            remedy="rename the label's column, or join one view after the other and rename between",
        )
