"""What a metric is computed from: labels of 0 and 1, scores, chances and amounts, checked before anything is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike


def labels_of(labels: ArrayLike, *, where: str = "labels") -> np.ndarray[Any, Any]:
    """Labels as booleans.

    Parameters
    ----------
    labels : array of shape (n,)
        0 and 1, or booleans; one row at least, one class alone is allowed.

    Returns
    -------
    array of bool, shape (n,)

    Raises
    ------
    DataError
        When there is no row, or a value that is neither 0 nor 1, naming it and its row (counted from 1).
    """
    import numpy as np

    values = _column(labels, where)
    wrong = ~np.isin(values, (0, 1))
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(
            f"{values[row]:g} is neither 0 nor 1",
            where=f"{where}, row {row + 1:,}",
            remedy="give decisions, `scores >= threshold`, not scores" if where == "decisions" else "",
        )
    truth: np.ndarray[Any, Any] = values == 1
    return truth


def numbers_of(values: ArrayLike, *, where: str = "scores") -> np.ndarray[Any, Any]:
    """Numbers as float64; a missing or infinite one is a `DataError` that names its row."""
    import numpy as np

    numbers = _column(values, where)
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(f"{numbers[row]} is not a finite number", where=f"{where}, row {row + 1:,}")
    return numbers


def chances_of(values: ArrayLike, *, where: str = "chances") -> np.ndarray[Any, Any]:
    """Numbers in [0, 1] as float64; any other is a `DataError` that names its row."""
    chances = numbers_of(values, where=where)
    wrong = (chances < 0) | (chances > 1)
    if wrong.any():
        row = int(wrong.argmax())
        raise DataError(f"{chances[row]:g} is not a chance between 0 and 1", where=f"{where}, row {row + 1:,}")
    return chances


def same_length(**columns: np.ndarray[Any, Any]) -> None:
    """Raise `DataError` when the named columns do not have equally many rows."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"`{name}` has {length:,} rows" for name, length in lengths.items())
        raise DataError(f"these belong together row by row: {told}", where=" and ".join(lengths))


def labels_and_scores(labels: ArrayLike, scores: ArrayLike) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """`labels` as booleans and `scores` as float64, of one length."""
    truth, numbers = labels_of(labels), numbers_of(scores)
    same_length(labels=truth, scores=numbers)
    return truth, numbers


def labels_and_chances(labels: ArrayLike, chances: ArrayLike) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """`labels` as booleans and `chances`, numbers in [0, 1], as float64, of one length."""
    truth, numbers = labels_of(labels), chances_of(chances)
    same_length(labels=truth, chances=numbers)
    return truth, numbers


def _column(values: ArrayLike, where: str) -> np.ndarray[Any, Any]:
    import numpy as np

    try:
        column: np.ndarray[Any, Any] = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise DataError(f"not a column of numbers: {error}", where=where) from error
    if column.ndim != 1:
        raise DataError(f"one column is needed, not an array of shape {column.shape}", where=where)
    if len(column) == 0:
        raise DataError("there are no rows", where=where)
    return column
