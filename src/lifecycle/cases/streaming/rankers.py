"""Titles in order for each viewer, and how good an order is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def history(pairs: ArrayLike, *, viewers: int, titles: int) -> NDArray[np.float64]:
    """A table of 0 and 1, who has watched what, of shape (viewers, titles), from pairs of (viewer, title)."""
    import numpy as np

    seen = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    if len(seen) and (seen.min() < 0 or seen[:, 0].max() >= viewers or seen[:, 1].max() >= titles):
        raise CaseError("a pair names a viewer or a title that is not there", where="streaming: history")
    table = np.zeros((viewers, titles))
    table[seen[:, 0], seen[:, 1]] = 1.0
    return table


def popularity(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same scores for everybody: how many have watched each title. Shape as `seen`."""
    import numpy as np

    return np.broadcast_to(seen.sum(axis=0), seen.shape).astype(float)


def collaborative(seen: NDArray[np.float64], *, shrink: float = 5.0) -> NDArray[np.float64]:
    """Scores by resemblance: a title is good for a viewer if those who watched it watched what this viewer watched.

    Parameters
    ----------
    seen : array of shape (viewers, titles)
        0 and 1.
    shrink : float
        0 or more: pulls the resemblance of titles that few have watched towards 0.

    Returns
    -------
    array of shape (viewers, titles)
    """
    import numpy as np

    if not is_number(shrink, least=0):
        raise CaseError("resemblance shrinks by 0 or more", where=f"streaming: shrink = {shrink}")
    together = seen.T @ seen
    size = np.sqrt(np.diag(together))
    below = np.outer(size, size) + shrink
    alike = np.divide(together, below, out=np.zeros_like(together), where=below > 0)  # what nobody watched resembles nothing
    np.fill_diagonal(alike, 0.0)
    return np.asarray(seen @ alike, dtype=float)


def network(seen: NDArray[np.float64], *, width: int = 24, seed: int = 0) -> NDArray[np.float64]:
    """Scores of an autoencoder: a network that has to write down a history through a narrow place, and fills in what fits.

    One hidden layer; "deep" recommenders have more, and the same idea.

    Parameters
    ----------
    seen : array of shape (viewers, titles)
    width : int
        Units of the narrow place, 1 or more.
    seed : int
    """
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    if not (is_whole(width, least=1) and is_whole(seed, least=0)):
        raise CaseError("a network has a unit or more", where="streaming: network", tried=f"width {width}, seed {seed}")
    norm = seen / np.sqrt(np.maximum(seen.sum(axis=1, keepdims=True), 1))
    coder = MLPRegressor(
        hidden_layer_sizes=(width,),
        activation="tanh",
        alpha=1e-3,
        batch_size=64,
        learning_rate_init=0.01,
        max_iter=30,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ConvergenceWarning
        )  # thirty rounds are what is wanted: more learns the viewers by heart
        coder.fit(norm, seen)
    return np.asarray(coder.predict(norm), dtype=float)


def best(
    scores: ArrayLike, k: int, *, without: ArrayLike | None = None, there: ArrayLike | None = None
) -> NDArray[np.int64]:
    """The `k` titles with the highest scores for each viewer, best first; of equal ones the first in the list.

    Parameters
    ----------
    scores : array of shape (viewers, titles)
    k : int
        1 or more, and no more than remain for any viewer.
    without : array of shape (viewers, titles), optional
        Nonzero where a title is not to be shown again.
    there : array of shape (titles,), optional
        Whether each title can be watched at all; all of them by default.

    Raises
    ------
    CaseError
        When a score is not a number, or a viewer has fewer than `k` titles left.
    """
    import numpy as np

    values = np.array(scores, dtype=float)
    if values.ndim != 2:
        raise CaseError("scores have a row a viewer and a column a title", where="streaming: best", tried=f"{values.shape}")
    if np.isnan(values).any():
        raise CaseError("a score is not a number, and has no place in an order", where="streaming: best")
    if without is not None:
        values[np.asarray(without) > 0] = -np.inf
    if there is not None:
        values[:, ~np.asarray(there, dtype=bool)] = -np.inf
    least = int(np.isfinite(values).sum(axis=1).min())
    if not is_whole(k, least=1, most=least):
        raise CaseError(f"{k} titles cannot be shown: a viewer has {least} left", where="streaming: best")
    return np.argsort(-values, axis=1, kind="stable")[:, :k]


def precision_at(shown: NDArray[np.int64], watched: NDArray[np.float64]) -> float:
    """Precision at k: the share of shown titles that the viewer then watched, averaged over viewers.

    Parameters
    ----------
    shown : array of shape (viewers, k)
        From `best`.
    watched : array of shape (viewers, titles)
        0 and 1, of the time *after* the ranking was made.

    Raises
    ------
    CaseError
        When there is not one order for each viewer, or an order shows a title twice: it would count twice.
    """
    import numpy as np

    shown, watched = np.asarray(shown), np.asarray(watched, dtype=float)

    if len(shown) != len(watched):
        raise CaseError(f"{len(shown)} orders for {len(watched)} viewers", where="streaming: precision")
    if shown.ndim != 2 or not shown.size or (np.diff(np.sort(shown, axis=1), axis=1) == 0).any():
        raise CaseError("an order has k different titles for each viewer", where="streaming: precision")
    return float(np.take_along_axis(watched, shown, axis=1).mean())
