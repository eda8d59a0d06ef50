"""All assumptions at once: thousands of worlds, each drawn from what is believed possible."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


class Distribution(Protocol):
    """What is believed of one assumption."""

    def quantile(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values below which shares `levels`, in (0, 1), of the belief lie."""


@dataclass(frozen=True)
class Triangular:
    """Between `low` and `high`, most likely `mode`: what people can say of an amount that nobody has measured."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.mode <= self.high or self.low == self.high:
            raise DataError(f"{self.low:g}, {self.mode:g}, {self.high:g} are not in order", remedy="low, most likely, high")

    def quantile(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Inverse of the distribution function, in closed form."""
        import numpy as np

        width, up, down = self.high - self.low, self.mode - self.low, self.high - self.mode
        rising = self.low + np.sqrt(levels * width * up)
        falling = self.high - np.sqrt((1 - levels) * width * down)
        return np.where(levels < up / width, rising, falling)


@dataclass(frozen=True)
class Rate:
    """A share of which `hits` of `trials` were seen, as in a pilot: the posterior under the prior of Jeffreys (1946)."""

    hits: int
    trials: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.trials or self.trials < 1:
            raise DataError(f"{self.hits} of {self.trials} is no share that was seen")

    def quantile(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Quantiles of Beta(hits + 1/2, misses + 1/2)."""
        from scipy.special import betaincinv

        values: NDArray[np.float64] = betaincinv(self.hits + 0.5, self.trials - self.hits + 0.5, levels)
        return values


@dataclass(frozen=True)
class Normal:
    """A bell around `mean`; what falls outside of `low` and `high` is put there."""

    mean: float
    sd: float
    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if not self.sd > 0 or not self.low < self.high:
            raise DataError(f"sd {self.sd:g} between {self.low:g} and {self.high:g} is no bell")

    def quantile(self, levels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Quantiles, clipped."""
        from scipy.special import ndtri

        values: NDArray[np.float64] = (self.mean + self.sd * ndtri(levels)).clip(self.low, self.high)
        return values


@dataclass(frozen=True)
class Simulation:
    """Results of the simulated worlds.

    Attributes
    ----------
    results : ndarray, shape (n,)
    inputs : DataFrame, n rows
        The assumptions that were drawn, one column each.
    """

    results: NDArray[np.float64]
    inputs: pd.DataFrame

    @property
    def mean(self) -> float:
        """Mean result: what many such projects would bring on average."""
        return float(self.results.mean())

    def interval(self, level: float = 0.9) -> tuple[float, float]:
        """Limits that share `level` of the worlds lie between, as many above as below."""
        import numpy as np

        if not 0 < level < 1:
            raise DataError(f"`level` is {level:g}: a share between 0 and 1 is wanted")
        low, high = np.quantile(self.results, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)

    def chance(self, *, above: float = 0.0) -> float:
        """Share of the worlds with a result above `above`: a probability *given the beliefs that went in*."""
        return float((self.results > above).mean())

    def drivers(self) -> pd.DataFrame:
        """Which assumptions the result follows: ``assumption``, ``rank_correlation`` (Spearman), ``share``; largest first.

        ``share`` is the squared correlation over the sum of all: a rough division of the spread, exact only for independent
        assumptions that act additively.
        """
        import numpy as np
        import pandas as pd

        ranks = self.inputs.assign(_result=self.results).rank().corr()["_result"].drop("_result")
        table = pd.DataFrame(
            {
                "assumption": ranks.index,
                "rank_correlation": ranks.to_numpy(),
                "share": (ranks**2 / (ranks**2).sum()).to_numpy(),
            }
        )
        order = np.argsort(-table["share"].to_numpy(), kind="stable")
        return table.iloc[order].reset_index(drop=True)


def monte_carlo(
    result: Callable[..., float],
    beliefs: Mapping[str, Distribution],
    *,
    n: int = 10_000,
    seed: int = 0,
    correlation: Mapping[tuple[str, str], float] | None = None,
) -> Simulation:
    """Draw all assumptions `n` times and compute the result of each world.

    Parameters
    ----------
    result : callable
        As in `lifecycle.monitor.value.sensitivity`: from changed assumptions, by keyword, to a number.
    beliefs : mapping of str to Distribution
        `Triangular`, `Rate`, `Normal`, or anything with a `quantile`.
    n : int
        Worlds, 100 or more.
    seed : int
        Random seed.
    correlation : mapping of (str, str) to float, optional
        How two assumptions move together, in (-1, 1), between their normal scores (a Gaussian copula); 0 where it is not
        given.

    Returns
    -------
    Simulation

    Raises
    ------
    DataError
        When there is nothing to draw, a correlation names an unknown assumption, or the correlations cannot hold together.
    """
    import numpy as np
    import pandas as pd
    from scipy.special import ndtr

    if not beliefs or n < 100:
        raise DataError(f"{len(beliefs)} assumptions and {n} worlds say nothing", remedy="at least 1 and 100")
    names = list(beliefs)
    together = np.eye(len(names))
    for (one, other), value in (correlation or {}).items():
        if one not in beliefs or other not in beliefs or one == other:
            raise DataError(f"`{one}` and `{other}` are no two assumptions", remedy="assumptions: " + ", ".join(names))
        together[names.index(one), names.index(other)] = together[names.index(other), names.index(one)] = value
    try:
        root = np.linalg.cholesky(together)
    except np.linalg.LinAlgError:
        raise DataError("these correlations cannot hold together", where="correlation") from None
    levels = ndtr(np.random.default_rng(seed).standard_normal((n, len(names))) @ root.T).clip(1e-12, 1 - 1e-12)
    inputs = pd.DataFrame({name: beliefs[name].quantile(levels[:, place]) for place, name in enumerate(names)})
    results = np.array([result(**dict(zip(names, map(float, row), strict=True))) for row in inputs.to_numpy()], dtype=float)
    return Simulation(results, inputs)
