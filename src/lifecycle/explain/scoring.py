"""What is explained: any function from rows to numbers. Held here to one number a row, finite, from the right columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lifecycle.explain.contributions import ExplanationError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Score = Callable[[pd.DataFrame], Any]


def scored(score: Score, frame: pd.DataFrame) -> Numbers:
    """The scores of `frame` as float64, shape (n,).

    Raises
    ------
    ExplanationError
        When there is not one finite number a row.
    """
    import numpy as np

    numbers = np.asarray(score(frame), dtype="float64")
    if numbers.shape != (len(frame),):
        raise ExplanationError(
            f"{len(frame):,} rows were scored and the answer has the shape {numbers.shape}",
            where="score",
            remedy="give a function that returns one number a row, as `lambda rows: model.predict_proba(rows)[:, 1]`",
        )
    if not np.isfinite(numbers).all():
        raise ExplanationError(
            "a score is not a finite number", where=f"score, row {int(np.argmin(np.isfinite(numbers))) + 1:,}"
        )
    return numbers


def background_of(background: pd.DataFrame) -> pd.DataFrame:
    """`background` as float64, if it has rows, and columns of numbers with different names."""
    if not len(background) or not background.shape[1]:
        raise ExplanationError("there are no rows to compare with", where="background")
    if not background.columns.is_unique:
        raise ExplanationError("a column stands twice", where="background")
    text = [str(name) for name in background.columns if background[name].dtype.kind not in "biuf"]
    if text:
        raise ExplanationError(f"column `{text[0]}` holds no numbers", where="background", remedy="give model inputs")
    return background.astype("float64")


def row_of(row: pd.Series | pd.DataFrame, background: pd.DataFrame) -> pd.DataFrame:
    """`row` as a frame of one row of float64 with the columns of `background`, in that order.

    Raises
    ------
    ExplanationError
        When it is not one row, or other columns.
    """
    one = row if hasattr(row, "columns") else row.to_frame().T
    if len(one) != 1:
        raise ExplanationError(f"one row is explained at a time, not {len(one):,}", where="row")
    if set(one.columns) != set(background.columns):
        other = sorted(map(str, set(one.columns) ^ set(background.columns)))
        raise ExplanationError("the row has other columns than the background", where=f"column `{other[0]}`")
    return one[list(background.columns)].astype("float64")
