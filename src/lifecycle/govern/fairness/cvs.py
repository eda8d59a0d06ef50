"""Made-up CVs as word lists, for a firm that used to hire men: what leaks when nobody writes down the sex."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_WORDS = {  # share of men's and of women's CVs that hold the word
    "women's": (0.0, 0.30),
    "women's college": (0.0, 0.12),
    "chess": (0.12, 0.10),
    "executed": (0.45, 0.22),
    "captured": (0.30, 0.12),
    "supported": (0.22, 0.45),
    "together": (0.15, 0.35),
}


def simulated_cvs(n: int = 4000, *, seed: int = 0, women: float = 0.3, handicap: float = 1.2) -> pd.DataFrame:
    """Draw applicants, the words of their CVs, and whom the firm hired.

    Parameters
    ----------
    n : int
        Applicants.
    seed : int
    women : float
        Share of women among them.
    handicap : float
        By how much less a woman's log-odds of being hired were, at the same skill. No word has an effect of its own.

    Returns
    -------
    DataFrame
        `woman` (1/0), `skill` (years, the same distribution for both), a 1/0 column a word, `hired` (1/0).
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    woman = (rng.random(n) < women).astype(int)
    frame = pd.DataFrame({"woman": woman, "skill": rng.gamma(4, 1.5, n).round(1)})
    for word, (men, those) in _WORDS.items():
        frame[word] = (rng.random(n) < np.where(woman == 1, those, men)).astype(int)
    odds = 0.5 * (frame["skill"] - 6) - 0.3 - handicap * woman
    frame["hired"] = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(int)
    return frame
