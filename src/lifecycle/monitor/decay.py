"""How a model's accuracy wears off: a world that turns while the model stands still, and how to count the loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True)
class Loss:
    """What was lost between two periods.

    Attributes
    ----------
    points : float
        The plain difference, in percentage points (pp).
    relative : float
        The difference as a fraction of the first value.
    """

    points: float
    relative: float


def accuracy_loss(before: float, after: float) -> Loss:
    """Count the loss between two accuracies, or two values of any measure between 0 and 1.

    Parameters
    ----------
    before, after : float
        Fractions between 0 and 1, not percentages; `before` above 0.

    Returns
    -------
    Loss
        Negative where the measure rose.

    Raises
    ------
    DataError
        When a value is not a fraction: 92 where 0.92 is meant.
    """
    for name, value in (("before", before), ("after", after)):
        if not 0 <= value <= 1:
            raise DataError(f"`{name}` is {value:g}, which is not between 0 and 1", remedy="92 % is written 0.92")
    if before == 0:
        raise DataError("`before` is 0: there is nothing to lose")
    return Loss(points=100 * (before - after), relative=(before - after) / before)


def turning_tastes(rng: np.random.Generator, *, n_rows: int, degrees: float, noise: float = 0.08) -> pd.DataFrame:
    """Offers and whether they were bought, by customers whose taste has turned by `degrees`.

    An offer has two standard normal properties. A customer buys when their weighted sum is above 0; at 0 degrees
    price alone counts, at 90 degrees novelty alone. A share `noise` of the answers is the other way round.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where the chance comes from.
    n_rows : int
        Offers, 1 or more.
    degrees : float
        How far the taste has turned.
    noise : float
        Share of answers turned over, from 0 to 0.5.

    Returns
    -------
    DataFrame
        ``n_rows`` rows with ``good_price``, ``novelty`` (float) and ``bought`` (0 or 1).

    Notes
    -----
    A straight boundary that is `delta` degrees off is right in a share ``(1 - noise) - (1 - 2 * noise) * delta / 180`` of
    the cases: two such half planes disagree on two wedges of together ``delta / 180`` of the plane.
    """
    import numpy as np
    import pandas as pd

    if n_rows < 1 or not 0 <= noise <= 0.5:
        raise DataError(f"`n_rows` must be 1 or more and `noise` between 0 and 0.5, not {n_rows} and {noise:g}")
    offers = rng.standard_normal((n_rows, 2))
    angle = np.radians(degrees)
    likes = offers @ np.array([np.cos(angle), np.sin(angle)]) > 0
    bought = likes ^ (rng.random(n_rows) < noise)
    return pd.DataFrame({"good_price": offers[:, 0], "novelty": offers[:, 1], "bought": bought.astype(int)})
