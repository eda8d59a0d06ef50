"""Which engines decline? A test a tenant, against the tenant's own record and not one threshold for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lifecycle.cases.errors import CaseError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def decline_p(then_hits: ArrayLike, then_customers: ArrayLike, hits: ArrayLike, customers: ArrayLike) -> NDArray[Any]:
    """Chance of so few hits, or fewer, in an engine that is as good as it was (Fisher's exact test, one-sided).

    Given the hits of both months together, those of the second are hypergeometric. So no engine is compared with another:
    a trade in which three of ten suggestions hit is held against its own three of ten.

    Parameters
    ----------
    then_hits, then_customers : array_like of int, shape (k,)
        Of the test month, one value a tenant.
    hits, customers : array_like of int, shape (k,)
        Of the month that is looked at.

    Returns
    -------
    ndarray, shape (k,)
        1 where a month had no customers: nothing is known. One p-value a tenant; with many tenants, adjust them for their
        number before anybody is woken.

    Raises
    ------
    CaseError
        When lengths differ or there are more hits than customers.
    """
    import numpy as np
    from scipy.stats import hypergeom

    h0, n0, h1, n1 = (np.atleast_1d(np.asarray(x, dtype=int)) for x in (then_hits, then_customers, hits, customers))
    if len({len(x) for x in (h0, n0, h1, n1)}) != 1:
        raise CaseError("the four lists have different lengths", where="recommendation: decline_p")
    if (h0 > n0).any() or (h1 > n1).any() or min(h0.min(initial=0), h1.min(initial=0)) < 0:
        raise CaseError("hits lie between 0 and the customers", where="recommendation: decline_p")
    p = hypergeom.cdf(h1, n0 + n1, h0 + h1, n1)
    return np.where((n0 == 0) | (n1 == 0), 1.0, p)


def expected_false_alarms(tests: int, *, level: float) -> float:
    """Alarms to expect from so many engines with nothing wrong, each tested at `level`: 4,000 at 0.05 make 200."""
    if tests < 0 or not 0 <= level <= 1:
        raise CaseError(
            f"{tests} tests at a level of {level:g} make no sense", where="recommendation: expected_false_alarms"
        )
    return tests * level


def bonferroni_level(tests: int, *, level: float) -> float:
    """Level for each of so many tests that keeps the chance of *any* false alarm at `level`: 0.05 / 4,000 = 1.25e-5."""
    if tests < 1 or not 0 < level < 1:
        raise CaseError(f"{tests} tests at a level of {level:g} make no sense", where="recommendation: bonferroni_level")
    return level / tests


def alarm_quality(alarms: Sequence[str], declining: Sequence[str]) -> dict[str, float]:
    """How good alarms were, where the truth is known: ``alarms``, ``false``, ``missed``, and the share of false ones."""
    raised, truth = set(alarms), set(declining)
    false = len(raised - truth)
    share = false / len(raised) if raised else 0.0
    return {"alarms": len(raised), "false": false, "missed": len(truth - raised), "share_false": share}
