"""Reject inference: what to assume of those whose outcome nobody will ever see, because they were refused.

A lender learns from the accepted. Whatever made the old policy refuse somebody is missing from what the next model is
trained on, so the next model is blind exactly there. Each method here fills the gap with an assumption; none of
them with information. Only a lot does that: some of the would-be refused, accepted at random and weighted up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from lifecycle.cases.credit_risk.checks import numbers_or_missing, positive, whole
from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Method = Literal["accepted only", "all rejected bad", "fuzzy", "parcelling", "reweighting"]
METHODS: tuple[Method, ...] = ("accepted only", "all rejected bad", "fuzzy", "parcelling", "reweighting")


class Inferred(NamedTuple):
    """A training set for the next model: which rows, with which outcome, counting how much.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        Positions among the applicants; fuzzy augmentation names a rejected row twice.
    bad : ndarray of 0 and 1, shape (m,)
    weights : ndarray of float, shape (m,)
    """

    rows: NDArray[np.int64]
    bad: NDArray[np.int64]
    weights: NDArray[np.float64]


def infer_rejected(
    method: Method,
    *,
    bad: ArrayLike,
    chance: ArrayLike | None = None,
    acceptance: ArrayLike | None = None,
    worse: float = 1.0,
    bands: int = 10,
    seed: int = 0,
) -> Inferred:
    """The training set that `method` makes of applicants, most of whom have an outcome.

    Parameters
    ----------
    method : str
        ``"accepted only"`` leaves the rejected out. ``"all rejected bad"`` counts them as bad. ``"fuzzy"`` takes each
        rejected twice, as bad with weight `chance` and as good with the rest. ``"parcelling"`` draws an outcome with the
        accepted's rate of bad in the same band of `chance`, times `worse`. ``"reweighting"`` leaves the rejected out and
        counts each accepted ``1 / acceptance``, for the others like them.
    bad : array_like, shape (n,)
        1 bad, 0 good, NaN for the rejected.
    chance : array_like, shape (n,)
        Chance of being bad by a model of the accepted; for fuzzy and parcelling.
    acceptance : array_like, shape (n,)
        Chance of having been accepted, in (0, 1] for those who were; for reweighting.
    worse : float
        How many times as many bad the rejected are assumed to have, above 0; for parcelling. It is a guess.
    bands : int
    seed : int

    Raises
    ------
    CaseError
        For an unknown method, a lacking argument, nobody accepted, or an acceptance of 0 among the accepted.
    """
    import numpy as np

    outcome = numbers_or_missing(bad, where="bad")
    known = ~np.isnan(outcome)
    accepted, rejected = np.flatnonzero(known), np.flatnonzero(~known)
    if method not in METHODS:
        raise CaseError(f"no method {method!r}", where="credit_risk: method", remedy="one of " + ", ".join(METHODS))
    if not known.any() or not np.isin(outcome[known], (0, 1)).all():
        raise CaseError("outcomes should be 0, 1 or missing, and some be known", where="credit_risk: bad")
    seen = outcome[accepted].astype(np.int64)
    if method == "accepted only":
        return Inferred(accepted, seen, np.ones(len(accepted)))
    if method == "reweighting":
        taken = _chances(acceptance, outcome, "acceptance")[accepted]
        if (taken <= 0).any():
            raise CaseError("an accepted row has an acceptance of 0", where="credit_risk: acceptance",
                            remedy="a chance above 0 for whoever was accepted")  # fmt: skip
        return Inferred(accepted, seen, 1 / taken)
    if method == "all rejected bad":
        return Inferred(np.r_[accepted, rejected], np.r_[seen, np.ones(len(rejected), np.int64)], np.ones(len(outcome)))
    expected = _chances(chance, outcome, "chance")
    if method == "fuzzy":
        halves = np.r_[np.ones(len(rejected), np.int64), np.zeros(len(rejected), np.int64)]
        weights = np.r_[np.ones(len(accepted)), expected[rejected], 1 - expected[rejected]]
        return Inferred(np.r_[accepted, rejected, rejected], np.r_[seen, halves], weights)
    positive(worse, where="worse")
    whole(bands, where="bands", least=1)
    edges = np.quantile(expected, np.arange(1, bands) / bands)
    band = np.searchsorted(edges, expected, side="right")
    rates = np.array([_rate(seen[band[accepted] == k], expected[band == k]) for k in range(bands)])
    drawn = np.random.default_rng(seed).random(len(rejected)) < worse * rates[band[rejected]]
    return Inferred(np.r_[accepted, rejected], np.r_[seen, drawn.astype(np.int64)], np.ones(len(outcome)))


def _rate(seen: NDArray[np.int64], expected: NDArray[np.float64]) -> float:
    """Rate of bad of a band; what the model says of it where nobody was accepted."""
    if len(seen):
        return float(seen.mean())
    return float(expected.mean()) if len(expected) else 0.0


def _chances(values: ArrayLike | None, outcome: NDArray[np.float64], name: str) -> NDArray[np.float64]:
    where = f"credit_risk: {name}"
    if values is None:
        raise CaseError(f"this method needs `{name}`", where=where, remedy="give one chance a row")
    found = numbers_or_missing(values, where=name, rows=len(outcome))
    if not ((found >= 0) & (found <= 1)).all():
        raise CaseError(f"`{name}` should be a chance between 0 and 1 for each of {len(outcome):,} rows", where=where)
    return found
