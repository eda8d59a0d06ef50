"""Two orders for two groups of viewers: what is started, what is watched, and who comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import is_number, is_whole

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from lifecycle.cases.streaming.audience import Audience


def show_titles(
    crowd: Audience, shown: NDArray[np.int64], *, sessions: float = 6.0, minutes: float = 50.0, seed: int = 0
) -> pd.DataFrame:
    """Let each viewer meet the titles shown to them for four weeks.

    In a session a viewer looks at one of the shown titles. Whether they start it depends on genre and cover, and on the
    viewer, since some start everything; how long they stay, on genre and worth; whether they are there the month after, on
    the minutes that a session was worth.

    Parameters
    ----------
    crowd : Audience
    shown : array of shape (viewers, k)
        Titles for each viewer.
    sessions : float
        Mean number of sessions of a viewer, who differ in that; above 0.
    minutes : float
        Running time of a title; above 0.
    seed : int
        Viewers have the same luck with the same seed, whatever they are shown.

    Returns
    -------
    DataFrame
        A row a viewer: ``sessions``, ``starts``, ``minutes`` watched, ``completed`` (starts watched to 80 % or more),
        ``stayed`` (0 or 1).

    Raises
    ------
    CaseError
        When there is not one order for each viewer, or no time in which they could watch.
    """
    import numpy as np
    import pandas as pd

    if len(shown) != len(crowd.tastes):
        raise CaseError(f"{len(shown)} orders for {len(crowd.tastes)} viewers", where="streaming: show_titles")
    if not (is_number(sessions) and sessions > 0 and is_number(minutes) and minutes > 0 and is_whole(seed, least=0)):
        raise CaseError(
            "viewers have more than 0 sessions, titles more than 0 minutes, and a seed is a whole number of 0 or more",
            where="streaming: show_titles",
            tried=f"{sessions} sessions, {minutes} minutes, seed {seed}",
        )
    rng = np.random.default_rng(seed)
    viewers, k = shown.shape
    count = rng.poisson(rng.gamma(2.0, sessions / 2, viewers))
    who = np.repeat(np.arange(viewers), count)
    title = shown[who, rng.integers(0, k, len(who))]
    odds = crowd.start_chance()[who, title]
    mood = np.exp(rng.normal(0, 1.2, viewers))[who]
    started = rng.random(len(who)) < odds * mood / (1 - odds + odds * mood)
    part = np.clip(crowd.stay()[who, title] + rng.normal(0, 0.12, len(who)), 0.02, 1.0) * started
    table = pd.DataFrame({"starts": started, "minutes": minutes * part, "completed": part >= 0.8}).groupby(who).sum()
    table = table.reindex(range(viewers), fill_value=0)
    an_evening = table["minutes"].to_numpy(dtype=float) / np.maximum(count, 1)
    told = 1 / (1 + np.exp(1.2 - 0.08 * an_evening))
    return pd.DataFrame(
        {
            "sessions": count,
            "starts": table["starts"].astype(int),
            "minutes": table["minutes"].astype(float).round(1),
            "completed": table["completed"].astype(int),
            "stayed": (rng.random(viewers) < told).astype(int),
        }
    )


def halves(viewers: int, *, share: float = 0.5, seed: int = 0) -> NDArray[np.bool_]:
    """Which viewers are in the second group: drawn once, by viewer and not by session; each with chance `share`."""
    import numpy as np

    if not (is_whole(viewers, least=2) and is_number(share) and 0 < share < 1 and is_whole(seed, least=0)):
        raise CaseError("two groups need two viewers, and a share between 0 and 1", where="streaming: halves")
    return np.asarray(np.random.default_rng(seed).random(viewers) < share)
