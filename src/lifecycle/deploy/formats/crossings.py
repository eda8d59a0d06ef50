"""Where two roundings of one input fall on different sides of a split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.deploy.formats.errors import FormatError
from lifecycle.deploy.formats.trees import Ensemble

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def crossings(ensemble: Ensemble, one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> pd.DataFrame:
    """Compare two versions of the same inputs, feature by feature.

    Parameters
    ----------
    ensemble : Ensemble, k features
    one, other : arrays of float32, shape (n, k)

    Returns
    -------
    DataFrame, one row a feature
        ``feature``, ``splits`` (distinct ones in the trees), ``rounded`` (rows whose two values differ), ``steps`` (by how
        many float32 numbers at most) and ``crossed`` (rows whose values lie on different sides of a split).
    """
    import numpy as np
    import pandas as pd

    if (
        one.shape != other.shape
        or one.shape[1:] != (len(ensemble.features),)
        or {one.dtype, other.dtype} != {np.dtype("f4")}
    ):
        raise FormatError("two float32 arrays of one shape, a column a feature, are needed", where="crossings")
    rows = []
    for k, name in enumerate(ensemble.features):
        splits = np.unique([tree.threshold[node] for tree in ensemble.trees for node in range(len(tree.left))
                            if not tree.leaf(node) and tree.feature[node] == k]).astype("float32")  # fmt: skip
        first, second = (np.ascontiguousarray(each[:, k]) for each in (one, other))
        steps = np.abs(_places(first) - _places(second))
        sides = [np.searchsorted(splits, each, "right") for each in (first, second)]
        rows.append({
            "feature": name, "splits": len(splits), "rounded": int((first != second).sum()),
            "steps": int(steps.max(initial=0)), "crossed": int((sides[0] != sides[1]).sum()),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _places(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Where float32 numbers stand among all float32 numbers in order, int64; both zeros at 0."""
    import numpy as np

    bits = values.view("i4").astype("int64")
    places: np.ndarray[Any, Any] = np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)  # sign and magnitude, not two's complement
    return places
