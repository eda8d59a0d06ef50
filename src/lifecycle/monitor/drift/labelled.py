"""Labelled rows of two periods, checked, sampled and made into numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_LEAST = 200
_VALUES = 20


@dataclass(frozen=True, eq=False)
class Labelled:
    """The rows of both periods, those of the reference first.

    Attributes
    ----------
    x : array of shape (n, k)
        Features as numbers; nan where a value is missing.
    names : tuple of str, k of them
    y : array of shape (n,), 0 and 1
        Labels.
    current : array of shape (n,), 0 and 1
        1 for a row of the current period.
    groups : array of shape (n,)
        Equal for rows whose features are equal: those are not independent of each other.
    """

    x: NDArray[np.float64]
    names: tuple[str, ...]
    y: NDArray[np.int64]
    current: NDArray[np.int64]
    groups: NDArray[np.int64]


def labelled_rows(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    target: str,
    features: Sequence[str] | None,
    most: int,
    rng: np.random.Generator,
) -> Labelled:
    """Put both frames together; see `lifecycle.monitor.kind_of_shift` for what is refused."""
    import numpy as np
    import pandas as pd

    frames = [_checked(reference, target, "reference", most, rng), _checked(current, target, "current", most, rng)]
    x, names = _numbers(frames, target, features)
    y = np.concatenate([frame[target].to_numpy(dtype="int64") for frame in frames])
    if y.min() == y.max():
        raise DataError(f"`{target}` is {y[0]} in every row: without both classes there is nothing to tell apart")
    together = pd.DataFrame(x)
    groups = together.groupby(list(together.columns), sort=False, dropna=False).ngroup().to_numpy(dtype="int64")
    return Labelled(x, names, y, np.repeat([0, 1], [len(frame) for frame in frames]), groups)


def _checked(frame: pd.DataFrame, target: str, name: str, most: int, rng: np.random.Generator) -> pd.DataFrame:
    import numpy as np

    if target not in frame.columns:
        raise DataError(f"column `{target}` is missing", where=name, remedy="the kind of a shift is told by labelled rows")
    labels = frame[target]
    unknown = int(labels.isna().sum())
    if unknown:
        raise DataError(f"`{target}` is not known in {unknown:,} rows", where=name, remedy="leave out what has no label yet")
    if not labels.isin([0, 1]).all():
        raise DataError(f"`{target}` holds {labels[~labels.isin([0, 1])].iloc[0]!r}; 0 and 1 are meant", where=name)
    if len(frame) < _LEAST:
        raise DataError(f"{len(frame):,} rows cannot tell what changed", where=name, remedy=f"collect at least {_LEAST}")
    if len(frame) > most:
        return frame.iloc[np.sort(rng.choice(len(frame), most, replace=False))]
    return frame


def _numbers(
    frames: list[pd.DataFrame], target: str, features: Sequence[str] | None
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """All rows as one array; a column that holds no numbers becomes one of 0 and 1 for each frequent value."""
    import numpy as np
    import pandas as pd

    reference, current = frames
    shared: list[Any] = [name for name in reference.columns if name in current.columns and name != target]
    wanted: list[Any] = shared if features is None else list(features)
    missing = [name for name in wanted if name not in shared]
    if missing or not wanted:
        what = f"column `{missing[0]}` is not in both frames" if missing else "the frames have no feature in common"
        raise DataError(what, tried="both have: " + (", ".join(map(str, shared)) or "nothing but the label"))
    made: dict[str, NDArray[np.float64]] = {}
    for name in wanted:
        pair = [frame[name] for frame in frames]
        if all(pd.api.types.is_numeric_dtype(column) for column in pair):
            made[str(name)] = np.concatenate([column.to_numpy(dtype="float64", na_value=np.nan) for column in pair])
            continue
        texts = pd.concat([column.astype(object) for column in pair], ignore_index=True).astype(str)
        for value in texts.value_counts().index[:_VALUES]:
            made[f"{name} = {value}"] = (texts == value).to_numpy(dtype="float64")
    x = np.column_stack(list(made.values()))
    endless = np.flatnonzero(np.isinf(x).any(axis=0))
    if len(endless):
        what = f"column `{list(made)[endless[0]]}` holds infinite values"
        raise DataError(what, remedy="find out where they come from first")
    return x, tuple(made)
