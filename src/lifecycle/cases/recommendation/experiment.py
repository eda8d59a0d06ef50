"""Does it help? Simulated customers whose every motive is known, so that a measurement can be held against the truth."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    import pandas as pd

MARGINS: Mapping[str, float] = MappingProxyType({"basic": 8.0, "premium": 60.0})
"""What the firm keeps of a sale, in dollars, in `simulate_offers`."""
STRATEGIES = ("nothing", "clicks", "margin")


def variance_ratio(share: float) -> float:
    """Variance of a difference of two means with `share` of the people in one group, over that of two equal groups.

    With n people and equal spread, the variance is proportional to ``1 / share + 1 / (1 - share)``, which is 4 for halves.

    Examples
    --------
    >>> round(variance_ratio(0.1), 2), variance_ratio(0.5)
    (2.78, 1.0)
    """
    if not 0 < share < 1:
        raise CaseError(f"a share of {share!r} leaves a group empty", where="recommendation: variance_ratio")
    return 1 / (4 * share * (1 - share))


def margin_change(before: Mapping[str, float], after: Mapping[str, float], margins: Mapping[str, float]) -> dict[str, float]:
    """What a change of sales is worth, product by product and in all (``total``).

    Parameters
    ----------
    before, after : mapping of product to float
        Units sold in equal times to equally many customers. A product that is not named was not sold.
    margins : mapping of product to float
        What the firm keeps of one unit; revenue a unit will do where that is the question.

    Raises
    ------
    CaseError
        When a product has no margin.
    """
    products = list(dict.fromkeys([*before, *after]))
    missing = [name for name in products if name not in margins]
    if missing:
        raise CaseError(f"`{missing[0]}` has no margin", where="recommendation: margin_change")
    changes = {name: (after.get(name, 0) - before.get(name, 0)) * margins[name] for name in products}
    return changes | {"total": sum(changes.values())}


def simulate_offers(customers: int, *, seed: int) -> pd.DataFrame:
    """Two weeks of customers, dealt at random to three strategies.

    Three of ten customers like the premium product, and their history shows it. ``nothing`` shows nothing. ``clicks``
    shows the basic product, cheap this week, to everybody: it is clicked most, and it keeps six of ten from buying premium.
    ``margin`` shows premium to those who like it, and nothing to the others.

    Returns
    -------
    DataFrame, one row a customer
        ``group``, ``likes_premium``, ``clicked``, ``basic``, ``premium`` (each 0 or 1), ``margin`` (dollars).
    """
    import numpy as np
    import pandas as pd

    if customers < len(STRATEGIES):
        raise CaseError("it takes a customer a strategy", where="recommendation: simulate_offers")
    rng = np.random.default_rng(seed)
    group = np.array(STRATEGIES, dtype=object)[rng.permutation(np.arange(customers) % len(STRATEGIES))]
    likes = rng.random(customers) < 0.3
    chance_premium = np.where(likes, 0.10, 0.02)
    chance_premium = np.where(group == "clicks", 0.4 * chance_premium, chance_premium)
    chance_premium = np.where((group == "margin") & likes, 0.16, chance_premium)
    chance_basic = np.where(group == "clicks", 0.20, 0.10)
    chance_click = np.where(group == "clicks", 0.18, np.where((group == "margin") & likes, 0.20, 0.0))
    basic, premium, clicked = (
        (rng.random(customers) < chance).astype(int) for chance in (chance_basic, chance_premium, chance_click)
    )
    margin = basic * MARGINS["basic"] + premium * MARGINS["premium"]
    return pd.DataFrame(
        {"group": group, "likes_premium": likes, "clicked": clicked, "basic": basic, "premium": premium, "margin": margin}
    )


def offline_and_uplift(customers: int, *, seed: int) -> pd.DataFrame:
    """Two engines on customers of whom it is known what they would buy anyway.

    Each customer has a product that they are about to buy in any case, and one that they would hardly think of. One engine
    suggests the first, one the second. Offline, both are held against purchases of a time in which nothing was shown.

    Returns
    -------
    DataFrame, one row an engine
        ``engine``; ``offline`` (share of customers who bought what it would have suggested); ``without`` and ``shown``
        (purchases a customer of both products, in the control group and with suggestions); ``uplift`` (their difference).
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    anyway, hardly = rng.uniform(0.35, 0.65, customers), rng.uniform(0.02, 0.08, customers)
    raised = {"suggests what they buy anyway": (0.02, 0.0), "suggests what they would miss": (0.0, 0.10)}
    before = np.stack([rng.random(customers) < anyway, rng.random(customers) < hardly])
    rows = []
    for position, (name, gains) in enumerate(raised.items()):
        control = np.stack([rng.random(customers) < anyway, rng.random(customers) < hardly])
        shown = np.stack([rng.random(customers) < anyway + gains[0], rng.random(customers) < hardly + gains[1]])
        without, with_it = float(control.sum() / customers), float(shown.sum() / customers)
        rows.append({"engine": name, "offline": float(before[position].mean()), "without": without, "shown": with_it,
                     "uplift": with_it - without})  # fmt: skip
    return pd.DataFrame(rows)


def simulate_calls(customers: int, *, seed: int, effect: float = 0.05, remembered: float = 0.0) -> pd.DataFrame:
    """Customers of whom some call, and sellers who see suggestions in half of the calls.

    Parameters
    ----------
    customers : int
    seed : int
    effect : float
        What suggestions add to a caller's chance to buy.
    remembered : float
        Share of the calls without suggestions in which the seller makes one all the same, because they remember what they
        saw beside similar customers: the control group is polluted.

    Returns
    -------
    DataFrame, one row a customer
        ``called``, ``suggested`` (by lot, when the call comes in; False for those who do not call), ``bought`` (0 or 1).
    """
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    called = rng.random(customers) < 0.3
    suggested = called & (rng.random(customers) < 0.5)
    reached = suggested | (called & (rng.random(customers) < remembered))
    chance = np.where(called, 0.30, 0.06) + effect * reached
    return pd.DataFrame({"called": called, "suggested": suggested, "bought": (rng.random(customers) < chance).astype(int)})
