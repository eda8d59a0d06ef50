"""A feedback loop: where police look is where crimes are recorded, and what is recorded says where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.govern.fairness.inputs import whole, within

if TYPE_CHECKING:
    import pandas as pd


def patrol_years(
    years: int,
    *,
    start: float = 0.55,
    crimes: tuple[float, float] = (1000, 1000),
    pull: float = 1.5,
    outside: float = 0.0,
    per_patrol: bool = False,
    seed: int | None = None,
) -> pd.DataFrame:
    """Two districts, A and B, over years in which last year's records decide on this year's patrols.

    Parameters
    ----------
    years : int
        Retrainings, 0 or more; the first row is the year before the first of them.
    start : float
        Share of the patrols that A has at first, above 0 and below 1.
    crimes : tuple of float
        Crimes a year that happen in A and in B. A crime is recorded with a chance equal to the district's share of patrols.
    pull : float
        How strongly the planner prefers the district that looks worse: shares are proportional to belief ** pull.
        1 sends patrols in proportion; above 1 it concentrates them. Above 0 and below 100.
    outside : float
        Weight, from 0 to 1, of a measurement that does not depend on patrols (a survey of victims) in what is believed.
    per_patrol : bool
        Believe arrests for each patrol, not arrests: undo what looking more has brought.
    seed : int, optional
        Records are Poisson counts drawn from it; without one they are exactly as many as expected.

    Returns
    -------
    DataFrame
        `year`, `patrols_a` (share), `recorded_a`, `recorded_b`, `believed_a` (share of crime that the planner sees in A),
        `unseen_b` (share of B's crime that nobody records).

    Raises
    ------
    DataError
        When a setting is outside of its range.

    Notes
    -----
    Without outside weight and noise the odds of A follow odds' = (odds * crimes_A / crimes_B) ** pull.
    """
    import numpy as np
    import pandas as pd

    whole("years", years, 0)
    within("start", start, 0, 1, open_ended=True)
    within("outside", outside, 0, 1)
    within("pull", pull, 0, 100, open_ended=True)
    for each in crimes:
        within("crimes", each, 0, 1e12, open_ended=True)
    rng = None if seed is None else np.random.default_rng(seed)
    share, rows = start, []
    for year in range(years + 1):
        patrols = np.array([share, 1 - share])
        expected = np.array(crimes) * patrols
        recorded = expected if rng is None else rng.poisson(expected).astype(float)
        seen = recorded / np.maximum(patrols, 1e-12) if per_patrol else recorded
        seen = np.maximum(seen, 1e-12)
        believed = (1 - outside) * seen[0] / seen.sum() + outside * crimes[0] / sum(crimes)
        rows.append(
            {
                "year": year,
                "patrols_a": float(share),
                "recorded_a": float(recorded[0]),
                "recorded_b": float(recorded[1]),
                "believed_a": float(believed),
                "unseen_b": float(1 - patrols[1]),
            }
        )
        share = believed**pull / (believed**pull + (1 - believed) ** pull)
    return pd.DataFrame(rows)
