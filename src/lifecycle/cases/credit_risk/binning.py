"""Bins of one characteristic along which risk only rises or only falls, and the weight of evidence of each.

The weight of evidence (WoE) of a bin is the logarithm of how much more common it is among the good than among the bad.
Bins are cut fine at first and pooled where they break the order (pool adjacent violators), so what remains can be defended
to a person: more months late never earns points.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from lifecycle.cases.credit_risk.checks import both_kinds, numbers_or_missing, whole
from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Direction = Literal["rising", "falling"]


@dataclass(frozen=True)
class Binning:
    """Bins of one characteristic; bin i holds ``edges[i - 1] <= value < edges[i]``, the first and the last are open.

    Attributes
    ----------
    feature : str
    edges : tuple of float, k - 1 of them
        Of six digits at most, so that a printed table holds them exactly.
    goods, bads : tuple of float, k of them
        Rows (or weights) of either kind.
    missing : tuple of float, optional
        Goods and bads among the missing values; None where there were none. Both 0 where none of them had weight.
    """

    feature: str
    edges: tuple[float, ...]
    goods: tuple[float, ...]
    bads: tuple[float, ...]
    missing: tuple[float, float] | None = None

    @property
    def counts(self) -> NDArray[np.float64]:
        """Goods and bads, shape (k or k + 1, 2): the bins in order, then the missing."""
        import numpy as np

        pairs = [*zip(self.goods, self.bads, strict=True), *([self.missing] if self.missing else [])]
        return np.array(pairs, dtype=np.float64)

    @property
    def woe(self) -> NDArray[np.float64]:
        """Weight of evidence of each bin, and of the missing values last: positive is good."""
        return weight_of_evidence(self.counts[:, 0], self.counts[:, 1])

    @property
    def value(self) -> float:
        """Information value of the characteristic."""
        return information_value(self.counts[:, 0], self.counts[:, 1])

    @property
    def labels(self) -> tuple[str, ...]:
        """What each bin holds, in words."""
        bins = [in_words(low, high) for low, high in pairwise((None, *self.edges, None))]
        return (*bins, *(["missing"] if self.missing else []))

    def place(self, values: ArrayLike) -> NDArray[np.int64]:
        """The number of the bin that each value is in, shape (n,): 0 to k - 1, and k for a missing one."""
        import numpy as np

        column = np.asarray(values, dtype=np.float64)
        inside = np.searchsorted(np.array(self.edges), column, side="right")
        return np.where(np.isnan(column), len(self.goods), inside).astype(np.int64)


def in_words(low: float | None, high: float | None) -> str:
    """What ``low <= value < high`` says, None being open. Six digits: as many as an edge has, so the words are exact."""
    if low is None:
        return "any" if high is None else f"below {high:,.6g}"
    return f"{low:,.6g} or more" if high is None else f"{low:,.6g} to below {high:,.6g}"


def weight_of_evidence(goods: ArrayLike, bads: ArrayLike) -> NDArray[np.float64]:
    """``ln((goods / all goods) / (bads / all bads))`` of each bin; a bin without one kind counts half a case of it.

    An empty bin says nothing: 0.

    Parameters
    ----------
    goods, bads : array_like, shape (k,)
        Counts or weights, 0 or more; either sum above 0.

    Returns
    -------
    ndarray, shape (k,)
        0 where a bin says nothing, above 0 where it is good news.
    """
    import numpy as np

    good, bad = _shares(goods, bads)
    return np.asarray(np.log(good / bad), dtype=np.float64)


def information_value(goods: ArrayLike, bads: ArrayLike) -> float:
    """``sum((share of goods - share of bads) * WoE)``: how far the bins pull the two kinds apart, 0 or more.

    The formula is that of the population stability index, with the good and the bad in place of then and now. Below 0.02
    is called useless, from 0.3 on strong: habits, not tests (Siddiqi 2006).
    """
    import numpy as np

    good, bad = _shares(goods, bads)
    return float(((good - bad) * np.log(good / bad)).sum())


def monotone_bins(
    values: ArrayLike,
    bad: ArrayLike,
    *,
    feature: str = "value",
    direction: Direction | None = None,
    most: int = 6,
    least: float = 0.03,
    weights: ArrayLike | None = None,
) -> Binning:
    """Bins along which the share of bad only rises or only falls.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        Missing values (NaN) get a bin of their own; infinite ones are refused.
    bad : array_like of 0 and 1, shape (n,)
    feature : str
        The name in labels and messages.
    direction : {"rising", "falling"}, optional
        How the share of bad goes with the value. Without it, as in these rows.
    most : int
        Bins at most, 1 or more; the missing are not counted.
    least : float
        Each bin holds at least this share of the rows that are not missing.
    weights : array_like, shape (n,), optional
        1 each without them.

    Raises
    ------
    CaseError
        When lengths differ, values are infinite or all missing, or only one kind is there.
    """
    import numpy as np

    column = numbers_or_missing(values, where=f"`{feature}`")
    label = both_kinds(bad, where=f"`{feature}`", rows=len(column))
    weight = np.ones_like(column) if weights is None else numbers_or_missing(weights, where="weights", rows=len(column))
    whole(most, where="most", least=1)
    if direction not in (None, "rising", "falling"):
        raise CaseError(f"direction {direction!r}", where=f"credit_risk: `{feature}`", remedy="rising or falling")
    if np.isinf(column).any() or np.isnan(column).all():
        raise CaseError("values are infinite, or all of them missing", where=f"credit_risk: `{feature}`",
                        remedy="leave the column out")  # fmt: skip
    if not (np.isfinite(weight) & (weight >= 0)).all():
        raise CaseError("weights should be finite and 0 or more", where=f"credit_risk: `{feature}`")
    known = ~np.isnan(column)
    starts = _fine_starts(column[known])
    place = np.searchsorted(starts[1:], column[known], side="right")
    counts = np.zeros((len(starts), 2))
    for kind, share in enumerate((1 - label, label)):
        counts[:, kind] = np.bincount(place, (weight * share)[known], minlength=len(starts))
    way = 1 if (direction or _trend(counts)) == "rising" else -1
    edges, pooled = _pooled(starts, counts, way)
    edges, pooled = _large_enough(edges, pooled, least * pooled.sum())
    edges, pooled = _few_enough(edges, pooled, most)
    gone = (float((weight * (1 - label))[~known].sum()), float((weight * label)[~known].sum()))
    return Binning(
        feature,
        tuple(float(edge) for edge in edges[1:]),
        tuple(float(x) for x in pooled[:, 0]),
        tuple(float(x) for x in pooled[:, 1]),
        gone if (~known).any() else None,
    )


def _shares(goods: ArrayLike, bads: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    pair = [numbers_or_missing(kind, where="counts") for kind in (goods, bads)]
    if pair[0].shape != pair[1].shape or any(not (kind >= 0).all() or not kind.sum() > 0 for kind in pair):
        raise CaseError("goods and bads should be counts of the same bins, some of each", where="credit_risk: counts")
    good, bad = (np.where(kind > 0, kind, 0.5) / kind.sum() for kind in pair)
    empty = (pair[0] == 0) & (pair[1] == 0)
    return good, np.where(empty, good, bad)


def _fine_starts(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where fine bins begin, to six digits: at each value where there are few, else at twentieths of the rows."""
    import numpy as np

    starts = np.unique(values)
    if len(starts) > 20:
        starts = np.unique(np.quantile(values, np.arange(20) / 20, method="lower"))
    return np.unique([float(f"{start:.6g}") for start in starts])


def _trend(counts: NDArray[np.float64]) -> Direction:
    """Whether the bad sit higher, on average, than the good."""
    import numpy as np

    place = np.arange(len(counts)) + 0.0
    mean = (place[:, None] * counts).sum(axis=0) / np.maximum(counts.sum(axis=0), 1e-300)
    return "rising" if mean[1] >= mean[0] else "falling"


def _rate(pair: NDArray[np.float64]) -> float:
    return float(pair[1] / max(pair.sum(), 1e-300))


def _pooled(starts: NDArray[np.float64], counts: NDArray[np.float64], way: int) -> tuple[list[float], NDArray[np.float64]]:
    """Pool neighbours until rates keep the order (Ayer et al. 1955): the blocks of an isotonic regression."""
    import numpy as np

    edges: list[float] = []
    blocks: list[NDArray[np.float64]] = []
    for start, pair in zip(starts, counts, strict=True):
        edges.append(float(start))
        blocks.append(pair.copy())
        while len(blocks) > 1 and way * (_rate(blocks[-1]) - _rate(blocks[-2])) <= 0:
            last = blocks.pop()
            blocks[-1] += last
            edges.pop()
    return edges, np.array(blocks)


def _merged(edges: list[float], blocks: NDArray[np.float64], at: int) -> tuple[list[float], NDArray[np.float64]]:
    """Bins `at` and the next one made one."""
    import numpy as np

    joined = blocks[at : at + 2].sum(axis=0, keepdims=True)
    return edges[: at + 1] + edges[at + 2 :], np.vstack([blocks[:at], joined, blocks[at + 2 :]])


def _large_enough(edges: list[float], blocks: NDArray[np.float64], least: float) -> tuple[list[float], NDArray[np.float64]]:
    """Bins that are small, or hold one kind only, joined to the neighbour whose rate is nearer."""
    import numpy as np

    while len(blocks) > 1:
        lacking = (blocks.sum(axis=1) < least) | (blocks <= 0).any(axis=1)
        if not lacking.any():
            break
        at = int(np.argmax(lacking))
        rates = [_rate(pair) for pair in blocks]
        below = abs(rates[at] - rates[at - 1]) if at else np.inf
        above = abs(rates[at + 1] - rates[at]) if at + 1 < len(rates) else np.inf
        edges, blocks = _merged(edges, blocks, at - 1 if below <= above else at)
    return edges, blocks


def _few_enough(edges: list[float], blocks: NDArray[np.float64], most: int) -> tuple[list[float], NDArray[np.float64]]:
    """The two neighbours joined that lose least information, until there are few enough."""
    import numpy as np

    while len(blocks) > max(most, 1):
        kept = [information_value(*_merged(edges, blocks, at)[1].T) for at in range(len(blocks) - 1)]
        edges, blocks = _merged(edges, blocks, int(np.argmax(kept)))
    return edges, blocks
