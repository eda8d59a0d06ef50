"""Bins that two samples share: cut at quantiles of the reference, or one bin a value where it has few."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from lifecycle.errors import DataError
from lifecycle.monitor.drift.stability import as_sample
from lifecycle.show import number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class Shares(NamedTuple):
    """The share of either sample in each bin.

    Attributes
    ----------
    labels : tuple of str
        What each bin holds.
    reference, current : ndarray of float, shape (k,)
        Each adds up to 1.
    """

    labels: tuple[str, ...]
    reference: NDArray[np.float64]
    current: NDArray[np.float64]


def shared_bins(reference: ArrayLike, current: ArrayLike, *, bins: int = 10) -> Shares:
    """Put two samples of numbers into the same bins: those of `population_stability_index`, without the empty ones.

    Parameters
    ----------
    reference, current : array_like, shapes (n,) and (m,)
        Finite numbers, at least one each.
    bins : int
        Number of bins, 2 or more; fewer come out where values repeat.

    Raises
    ------
    DataError
        When a sample is empty, or holds a value that is missing or infinite.
    """
    import numpy as np

    one, other = np.sort(as_sample(reference, "reference")), np.sort(as_sample(current, "current"))
    return shares_of_sorted(one, other, bins=bins)


def shares_of_sorted(
    reference: NDArray[np.float64],
    current: NDArray[np.float64],
    *,
    bins: int = 10,
    write: Callable[[float], str] = number,
) -> Shares:
    """The same, of samples that are sorted already; `write` makes a label of a value."""
    import numpy as np

    if bins < 2:
        raise DataError(f"`bins` is {bins}: one bin holds everything and can see nothing", remedy="ask for 2 or more")
    known = few_values(reference, bins)
    if known is not None:
        then, now = (occurrences(values, known) for values in (reference, current))
        labels = [*map(write, known.tolist()), "other"]
        then, now = np.append(then, 0), np.append(now, len(current) - now.sum())
    else:
        inner = np.unique(np.quantile(reference, np.linspace(0, 1, bins + 1)[1:-1]))
        then, now = (
            np.diff(np.searchsorted(values, inner), prepend=0, append=len(values)) for values in (reference, current)
        )
        edges = [write(float(edge)) for edge in inner]
        middle = [f"{edges[i]} to {edges[i + 1]}" for i in range(len(edges) - 1)]
        labels = [f"below {edges[0]}", *middle, f"{edges[-1]} and above"]
    seen = (then > 0) | (now > 0)
    names = tuple(label for label, some in zip(labels, seen, strict=True) if some)
    return Shares(names, then[seen] / len(reference), now[seen] / len(current))


def few_values(values: NDArray[np.float64], most: int) -> NDArray[np.float64] | None:
    """The distinct values of a sorted sample, where they are no more than `most`."""
    import numpy as np

    starts = np.flatnonzero(values[1:] != values[:-1])
    return np.concatenate([values[:1], values[starts + 1]]) if len(starts) < most else None


def occurrences(values: NDArray[np.float64], wanted: NDArray[np.float64]) -> NDArray[np.int64]:
    """How often each of the wanted values occurs in a sorted sample."""
    import numpy as np

    return np.searchsorted(values, wanted, side="right") - np.searchsorted(values, wanted, side="left")
