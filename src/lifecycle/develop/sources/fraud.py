"""Card payments with the shape of the well-known public data set, from a seeded generator.

The public file cannot be shipped, so this one is made: same columns, same size, same number of frauds. What it keeps is
what lessons are about. The components V1 to V28 are uncorrelated over all payments, as principal components are, although
fraud shifts many of them: normal payments lean a little the other way. Some components separate fraud well, most do
not, and about one fraud in seven looks almost normal. Payments follow the hours of two days. Amounts are skewed: most frauds
are small probes, so that their median is below that of normal payments, but the rest are large, so that their mean is above.
The numbers behind it are chosen, not estimated from the public file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.develop.sources.schema import Column, Table
from lifecycle.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

ROWS = 284_807
FRAUDS = 492
LEAST_FRAUDS = 20
COMPONENTS = 28

TRANSACTIONS = Table(
    columns=(
        Column("Time", "float64", "seconds since the first payment", "s", low=0),
        *(Column(f"V{i}", "float64", f"component {i}, anonymous") for i in range(1, COMPONENTS + 1)),
        Column("Amount", "float64", "price paid", "EUR", low=0),
        Column("Class", "int64", "1 where the payment was fraudulent", values=(0, 1)),
    )
)

# By how many standard deviations a plain fraud is away from the mean, by component; the others are not shifted.
_SHIFTS = {
    1: -1.5, 2: 1.5, 3: -3.0, 4: 3.2, 5: -1.0, 7: -2.5, 9: -2.0, 10: -4.5, 11: 3.6, 12: -5.5, 14: -6.5, 16: -4.0, 17: -5.5,
    18: -2.0, 19: 0.8, 21: 0.6, 27: 0.5,
}  # fmt: skip
_SPREADS = (1.95, 0.33)  # standard deviations of V1 and V28; the others fall between them, as principal components do
_LATENT, _LATENT_HIGH = 1 / 7, 0.15  # share of frauds that look almost normal, and the most that these are shifted
_STRENGTH = (1 - _LATENT) + _LATENT * _LATENT_HIGH / 2  # mean of `_strengths`, and of its square
_STRENGTH_SQUARED = (1 - _LATENT) * 10 / 9 + _LATENT * _LATENT_HIGH**2 / 3
_TAILS = 0.45  # how much the scale of a payment's components varies, on the logarithm
_DAY = (21, 13, 8, 7, 6, 8, 12, 22, 38, 52, 56, 56, 57, 57, 56, 57, 57, 55, 55, 53, 53, 50, 45, 36)  # payments by the hour
_FRAUD_DAY = (6, 6, 14, 6, 8, 7, 5, 8, 6, 8, 6, 12, 9, 9, 11, 12, 10, 12, 12, 11, 9, 9, 8, 8)


def frauds_in(n_rows: int) -> int:
    """How many of `n_rows` payments are fraudulent.

    The share is the published one, 492 of 284,807, as far as whole numbers go; but at least 20, so that a small sample can
    be split and learnt from, and never more than a tenth of the rows. The share is therefore exact from about 11,600 rows.
    """
    return max(round(n_rows * FRAUDS / ROWS), min(LEAST_FRAUDS, n_rows // 10), 1)


def transactions(n_rows: int = ROWS, *, seed: int = 0) -> pd.DataFrame:
    """Generate payments, ordered by time.

    Parameters
    ----------
    n_rows : int
        Rows, at least 100; `frauds_in` says how many of them are frauds.
    seed : int
        Random seed, 0 or more; equal seeds and sizes give equal frames.

    Returns
    -------
    DataFrame
        As `TRANSACTIONS` describes it. Components are rounded to six decimals, amounts to cents.

    Raises
    ------
    DataError
        When fewer than 100 rows are asked for.
    """
    import numpy as np
    import pandas as pd

    if n_rows < 100:
        raise DataError(f"{n_rows:,} rows are too few to hold frauds", where="fraud", remedy="ask for at least 100")
    rng = np.random.default_rng(seed)
    label = np.zeros(n_rows, dtype="int64")
    label[rng.choice(n_rows, size=frauds_in(n_rows), replace=False)] = 1
    fraud = label == 1
    columns: dict[str, NDArray[np.float64]] = {"Time": np.empty(n_rows)}
    columns["Time"][~fraud] = _times(rng, int((~fraud).sum()), _DAY)
    columns["Time"][fraud] = _times(rng, int(fraud.sum()), _FRAUD_DAY)
    columns |= _components(rng, fraud)
    columns["Amount"] = _amounts(rng, fraud)
    order = np.argsort(columns["Time"], kind="stable")
    frame = pd.DataFrame({**columns, "Class": label}).iloc[order].reset_index(drop=True)
    frame["Time"] -= frame["Time"].iloc[0]
    return frame


def _times(rng: np.random.Generator, n: int, day: tuple[int, ...]) -> NDArray[np.float64]:
    """Whole seconds over two days, busy where `day` is high."""
    import numpy as np

    weights = np.array(day * 2) / (2 * sum(day))
    hours = rng.choice(48, size=n, p=weights)
    return (hours * 3600 + rng.integers(0, 3600, size=n)).astype("float64")


def _components(rng: np.random.Generator, fraud: NDArray[np.bool_]) -> dict[str, NDArray[np.float64]]:
    """V1 to V28, uncorrelated over both classes together when frauds have their published share.

    With frauds a share p, their shift u * m (u random, m the vector of shifts) adds p * E[u²] * m mᵀ to the covariance.
    Shrinking the normal payments along m by 1 - a, with (1 - a)² = 1 - p / (1 - p) * E[u²] * |m|², takes it away again.
    Heavy tails come from one random scale a row, with mean square 1, which leaves correlations alone.
    No linear algebra library is called: its sums differ between processors.
    """
    import numpy as np

    shift = np.array([_SHIFTS.get(i, 0.0) for i in range(1, COMPONENTS + 1)])
    length = float(np.sqrt((shift**2).sum()))
    direction = shift / length
    odds = FRAUDS / (ROWS - FRAUDS)
    shrink = 1 - np.sqrt(1 - odds * _STRENGTH_SQUARED * length**2)
    strength = _strengths(rng, int(fraud.sum()))
    scale = np.exp(_TAILS * rng.standard_normal(fraud.size) - _TAILS**2)
    noise = [rng.standard_normal(fraud.size) * scale for _ in range(COMPONENTS)]
    along = sum(part * values for part, values in zip(direction, noise, strict=True))
    spreads = np.geomspace(*_SPREADS, COMPONENTS)
    made = {}
    for i, values in enumerate(noise):
        shifted = values - np.where(fraud, 0.0, shrink * direction[i]) * along
        shifted[fraud] = 1.6 * values[fraud] + strength * shift[i]
        shifted[~fraud] -= odds * _STRENGTH * shift[i]
        made[f"V{i + 1}"] = (shifted * spreads[i]).round(6)
    return made


def _strengths(rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """How far each fraud goes along the shifts: 1 is plain, 0 cannot be seen."""
    import numpy as np

    plain = rng.gamma(9, 1 / 9, size=n)
    latent = rng.uniform(0, _LATENT_HIGH, size=n)
    strengths: NDArray[np.float64] = np.where(rng.random(n) < _LATENT, latent, plain)
    return strengths


def _amounts(rng: np.random.Generator, fraud: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Log-normal prices: normal ones with median 22 and mean 88; frauds are probes (median 2) or large (median 180)."""
    import numpy as np

    z = rng.standard_normal(fraud.size)
    probe = rng.random(fraud.size) < 0.55
    normal = np.exp(np.log(22.0) + 1.665 * z)
    caught = np.where(probe, np.exp(np.log(2.0) + z), np.exp(np.log(180.0) + 0.89 * z))
    amounts: NDArray[np.float64] = np.where(fraud, np.minimum(caught, 2_500.0), np.minimum(normal, 25_000.0))
    return amounts.round(2)
