"""What a feature view promises, and the door through which its rows come in.

A view is a table of features over time: one row says what was known of an entity from `event_time` on. Its definition is
the entity column, the time column, the features with meaning, unit and sources, and what is done about missing values.
Whoever changes any of it has made another view: a new version, with rows of its own.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from lifecycle.develop.features.formulas import Feature
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

Missing = Literal["refuse", "keep"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_EXACT = 2**53  # up to here every whole number is a float64 of its own


@dataclass(frozen=True)
class FeatureView:
    """The definition of a version of a view.

    Attributes
    ----------
    name : str
        Lower-case letters, digits and underscores.
    features : tuple of Feature
    entity, time : str
        The columns that say whose row it is (a whole number) and from when on it was known.
    missing : {"refuse", "keep"}
        Whether a row with NaN is an error, or is kept as it is.
    """

    name: str
    features: tuple[Feature, ...]
    entity: str = "entity"
    time: str = "event_time"
    missing: Missing = "refuse"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not _NAME.fullmatch(self.name):
            raise DataError(
                f"{self.name!r} cannot name a view", where="register", remedy="as `client_features`: a to z, 0 to 9, _"
            )
        if self.missing not in ("refuse", "keep"):
            raise DataError(f"`missing` is {self.missing!r}", where=f"view `{self.name}`", remedy='"refuse" or "keep"')
        if not self.features or not all(isinstance(each, Feature) for each in self.features):
            raise DataError("a view needs features", where=f"view `{self.name}`", remedy="as (Feature(name, meaning), ...)")
        names = [self.entity, self.time, *self.names]
        wrong = [name for name in names if not isinstance(name, str) or not name or names.count(name) > 1]
        if wrong:
            raise DataError(
                f"the column name {wrong[0]!r} is empty, no text, or used twice",
                where=f"view `{self.name}`",
                remedy="give entity, time and each feature a name of its own",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return tuple(feature.name for feature in self.features)

    @property
    def sources(self) -> tuple[str, ...]:
        """The raw columns that the features are made of, each once."""
        return tuple(dict.fromkeys(source for feature in self.features for source in feature.sources))

    @property
    def digest(self) -> str:
        """The definition in 64 hexadecimal digits."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """The definition as text, always the same for the same definition."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> FeatureView:
        """Read `to_json`'s text."""
        fields: dict[str, Any] = json.loads(text)
        features = tuple(Feature(**{**each, "sources": tuple(each["sources"])}) for each in fields.pop("features"))
        return cls(features=features, **fields)


def accepted(frame: pd.DataFrame, view: FeatureView) -> pd.DataFrame:
    """Hold rows against the definition of their view.

    Parameters
    ----------
    frame : DataFrame of shape (n_rows, 2 + n_features)
        The view's entity, time and feature columns, in any order, and no others.

    Returns
    -------
    DataFrame of shape (n_rows, 2 + n_features)
        Columns ``e`` (int64), ``t`` (datetime64[us]) and ``f0``, ``f1`` ... (float64) in the order of the features.

    Raises
    ------
    DataError
        For a column too many, too few or twice, a wrong type, an infinite or (unless the view keeps them) a missing
        value, and two rows of one entity and time. Says which column and row.
    """
    import pandas as pd

    where = f"view `{view.name}`"
    found, needed = list(frame.columns), [view.entity, view.time, *view.names]
    odd = [name for name in needed if found.count(name) != 1] + [name for name in found if name not in needed]
    if odd:
        fault = "is missing" if odd[0] not in found else "is no part of it" if odd[0] not in needed else "stands twice"
        raise DataError(
            f"column `{odd[0]}` {fault}" + (f" (and {len(odd) - 1} more such)" if odd[1:] else ""),
            where=where,
            remedy="write exactly the view's columns, or register the changed definition: that makes a new version",
        )
    made = keys(frame, entity=view.entity, time=view.time, where=where, towards="ceil")
    values = {f"f{i}": _values(frame[name], view, where) for i, name in enumerate(view.names)}
    twice = made.duplicated().to_numpy()
    if twice.any():
        entity, time = made.iloc[int(twice.argmax())]
        raise DataError(
            f"two rows for entity {entity} at {time}" + (f" ({int(twice.sum()):,} such rows)" if twice.sum() > 1 else ""),
            where=where,
            remedy="leave one row for each entity and time",
        )
    return pd.DataFrame({"e": made["e"].to_numpy(), "t": made["t"].to_numpy(), **values}, copy=False)


def keys(frame: pd.DataFrame, *, entity: str, time: str, where: str, towards: Literal["ceil", "floor"]) -> pd.DataFrame:
    """Take the entity (``e``, int64) and time (``t``, datetime64[us]) out of `frame`.

    Times finer than a microsecond are refused, not cut off: a value could pass for one known before a label. `towards` says
    which way to round them safely: up when a value becomes known, down when a label asks.

    Raises
    ------
    DataError
        When a column is missing, holds another type or a missing value, has a time zone, or is finer than a microsecond.
    """
    import pandas as pd
    from pandas.api import types

    for name in (entity, time):
        if list(frame.columns).count(name) != 1:
            raise DataError(
                f"there must be one column `{name}`", where=where, tried="columns: " + ", ".join(map(str, frame))
            )
    whose, when = frame[entity], frame[time]
    if not types.is_integer_dtype(whose.dtype) or whose.isna().any():
        raise DataError(f"`{entity}` holds {_kind(whose)}, not whole numbers", where=where, remedy="convert it to int64")
    if whose.dtype.kind == "u" and (whose > 2**63 - 1).any():
        raise DataError(f"`{entity}` holds a number beyond int64", where=where, remedy="number the entities anew")
    if isinstance(when.dtype, pd.DatetimeTZDtype):
        raise DataError(
            f"`{time}` has a time zone",
            where=where,
            remedy=f'convert it and drop the zone: frame["{time}"].dt.tz_convert("UTC").dt.tz_localize(None)',
        )
    if when.dtype.kind != "M" or when.isna().any():
        raise DataError(f"`{time}` holds {_kind(when)}, not times", where=where, remedy="convert it with `pd.to_datetime`")
    try:
        fine = when.astype("datetime64[us]")
    except pd.errors.OutOfBoundsDatetime as error:
        raise DataError(
            f"`{time}` holds a time that microseconds cannot count", where=where, remedy="correct it; years go to 294,247"
        ) from error
    if (fine != when).any():
        raise DataError(
            f"`{time}` is finer than a microsecond", where=where, remedy=f'round it: frame["{time}"].dt.{towards}("us")'
        )
    return pd.DataFrame({"e": whose.to_numpy(dtype="int64"), "t": fine.to_numpy()})


def _values(column: pd.Series, view: FeatureView, where: str) -> Any:
    import numpy as np
    from pandas.api import types

    place = f"{where}, column `{column.name}`"
    if not types.is_numeric_dtype(column.dtype) or types.is_complex_dtype(column.dtype):
        raise DataError(f"holds {_kind(column)}, not numbers", where=place, remedy="encode it as numbers")
    values = column.to_numpy(dtype="float64", na_value=np.nan)
    if types.is_integer_dtype(column.dtype) and ((column > _EXACT) | (column < -_EXACT)).any():
        raise DataError("holds whole numbers beyond 2^53, which float64 would change", where=place, remedy="scale them")
    wrong = np.isinf(values) | (np.isnan(values) & (view.missing == "refuse"))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"{values[row]:g} is not allowed" + (f" ({int(wrong.sum()):,} such values)" if wrong.sum() > 1 else ""),
            where=f"{place}, row {row + 1:,}",
            remedy='fill it, or register the view with missing="keep"' if np.isnan(values[row]) else "see `safe_ratio`",
        )
    return values


def _kind(column: pd.Series) -> str:
    return "missing values" if column.isna().any() else str(column.dtype)
