"""Series whose memory is known, because we made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.forecast.checks import whole
from lifecycle.forecast.forecaster import numbers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from lifecycle.forecast.forecaster import Numbers


def legacy_shocks(n: int, *, seed: int) -> Numbers:
    """`n` standard normal shocks from NumPy's generator of old, whose numbers stay the same in all its versions.

    `numpy.random.default_rng` may change between versions of NumPy; figures printed in a text need one that does not.
    """
    import numpy as np

    shocks: Numbers = np.random.RandomState(seed).standard_normal(whole(n, "n"))
    return shocks


def arma(shocks: npt.ArrayLike, *, ar: Sequence[float] = (), ma: Sequence[float] = ()) -> Numbers:
    """The series that remembers its own values (`ar`) and its own surprises (`ma`).

    ``y[t] = ar[0] y[t-1] + ar[1] y[t-2] + ... + shock[t] + ma[0] shock[t-1] + ...``; nothing came before the first shock,
    so the first value is the first shock.

    Parameters
    ----------
    shocks : array of shape (n_steps,)
        The surprises, in the unit of the series.
    ar, ma : sequence of float
        Weights of earlier values and earlier shocks, the nearest first.

    Returns
    -------
    array of shape (n_steps,)
    """
    import numpy as np
    from scipy.signal import lfilter

    series: Numbers = lfilter([1.0, *ma], np.array([1.0, *(-weight for weight in ar)]), numbers_of(shocks, least=1))
    return series
