"""A straight line in place of a model, near one row: what LIME does (Ribeiro, Singh and Guestrin 2016), in a few lines.

Rows are drawn around the one to explain, scored by the model, weighted by how near they are, and a linear model is fitted to
the scores. Its slopes are the explanation, and its *fidelity* says how much of the model's behaviour they account for.
Without the fidelity the slopes are a rumour. Both depend on what counts as near, and on the draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.explain.contributions import ExplanationError
from lifecycle.explain.scoring import background_of, row_of, scored

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.explain.scoring import Score


@dataclass(frozen=True, eq=False)
class Surrogate:
    """A weighted linear fit around one row.

    Attributes
    ----------
    slopes : Series
        Change of the score for one standard deviation of a feature (of the background), by feature.
    score : float
        What the model says of the row.
    fitted : float
        What the line says of it.
    fidelity : float
        Weighted R² of the line: 1 means that it follows the model, 0 that it does no better than a constant. At most 1.
    """

    slopes: pd.Series
    score: float
    fitted: float
    fidelity: float


def local_surrogate(
    score: Score,
    row: pd.Series | pd.DataFrame,
    background: pd.DataFrame,
    *,
    width: float = 0.5,
    samples: int = 2000,
    seed: int = 0,
) -> Surrogate:
    """Fit a line to what the model does near a row.

    Parameters
    ----------
    score : callable
        Takes a DataFrame with the columns of `background` and gives one number a row.
    row : Series or DataFrame of one row
    background : DataFrame
        Gives the standard deviation of each feature, the unit of distance. Features that do not vary get the slope 0.
    width : float
        Above 0: the drawn rows spread by so many standard deviations, and weights fall off over the same distance.
    samples : int
        Rows drawn; more than twice the features.
    seed : int
        Of the draw.

    Raises
    ------
    ExplanationError
        When columns do not match, the width is not above 0, or too few rows are drawn.
    """
    import numpy as np
    import pandas as pd

    behind = background_of(background)
    one = row_of(row, behind)
    deviations = behind.std(ddof=0).to_numpy()
    moving = deviations > 0
    if not width > 0 or samples <= 2 * len(deviations):
        raise ExplanationError(
            f"a width of {width:g} and {samples} rows give no line", where="width, samples",
            remedy=f"a width above 0, and more than {2 * len(deviations)} rows",
        )  # fmt: skip
    steps = np.random.default_rng(seed).normal(0, width, (samples, len(deviations))) * moving
    around = pd.DataFrame(one.to_numpy() + steps * deviations, columns=behind.columns)
    heights = scored(score, around)
    # The draw thins out with distance too; dividing by the number of features keeps weights alive where there are many.
    weights = np.exp(-(steps**2).sum(axis=1) / (2 * width**2 * max(1, moving.sum())))
    design = np.column_stack([np.ones(samples), steps[:, moving]])
    root = np.sqrt(weights)
    found = np.linalg.lstsq(design * root[:, None], heights * root, rcond=None)[0]
    slopes = np.zeros(len(deviations))
    slopes[moving] = found[1:]
    centre = np.average(heights, weights=weights)
    spread = np.average((heights - centre) ** 2, weights=weights)
    left = np.average((heights - design @ found) ** 2, weights=weights)
    fidelity = 1.0 if spread <= 1e-24 * max(1.0, centre**2) else 1 - left / spread
    return Surrogate(pd.Series(slopes, behind.columns), float(scored(score, one)[0]), float(found[0]), float(fidelity))
