"""One assumption at a time: what a result does when it moves, and where it crosses zero.

Each function takes the result as a function of the assumptions to change, by keyword, as in
``lambda **changes: case.but(**changes).net``; called without any, it gives the base case.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lifecycle.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_STEPS = 64


def tornado(result: Callable[..., float], ranges: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Move each assumption to both ends of its range, the others staying where they are.

    Parameters
    ----------
    result : callable
        From changed assumptions (keywords) to a number.
    ranges : mapping of str to (float, float)
        Low and high value of each assumption. Take ranges that are equally believable: a wide range makes a large swing.

    Returns
    -------
    DataFrame
        ``assumption``, ``low``, ``high``, ``at_low``, ``at_high`` (results), ``swing`` (their distance); the largest swing
        first.

    Raises
    ------
    DataError
        When there is no range, or one ends before it begins.
    """
    import pandas as pd

    if not ranges:
        raise DataError("no assumption to move", remedy="give at least one range")
    rows = []
    for name, (low, high) in ranges.items():
        if not low <= high:
            raise DataError(f"the range of `{name}` goes from {low:g} down to {high:g}", remedy="low value first")
        at_low, at_high = result(**{name: low}), result(**{name: high})
        rows.append(
            {"assumption": name, "low": low, "high": high, "at_low": at_low, "at_high": at_high,
             "swing": abs(at_high - at_low)}
        )  # fmt: skip
    return pd.DataFrame(rows).sort_values("swing", ascending=False, kind="stable").reset_index(drop=True)


def breaks_even_at(result: Callable[..., float], assumption: str, *, low: float, high: float, target: float = 0.0) -> float:
    """Value of one assumption at which the result is `target`, the others staying where they are.

    Parameters
    ----------
    result : callable
        As in `tornado`; continuous between `low` and `high`.
    assumption : str
        The one to move.
    low, high : float
        Where to look.
    target : float
        The result wanted; 0 is where a net value breaks even.

    Returns
    -------
    float
        To 12 digits or so, by Brent's method.

    Raises
    ------
    DataError
        When the result does not cross `target` in the range, or does so more than once.
    """
    from scipy.optimize import brentq

    if not low < high:
        raise DataError(f"there is nothing between {low:g} and {high:g}", where=assumption)

    def gap(value: float) -> float:
        return result(**{assumption: value}) - target

    places = [low + (high - low) * step / _STEPS for step in range(_STEPS + 1)]
    gaps = [gap(place) for place in places]
    exact = [place for place, found in zip(places, gaps, strict=True) if found == 0]
    spans = [(a, b) for a, b, f, g in zip(places, places[1:], gaps, gaps[1:], strict=False) if f * g < 0]
    if len(exact) + len(spans) != 1:
        how = "never" if not exact and not spans else "more than once"
        raise DataError(
            f"the result is {target:g} {how} between {low:g} and {high:g}", where=assumption,
            tried=f"at both ends it is {gaps[0] + target:,.4g} and {gaps[-1] + target:,.4g}",
            remedy="look in another range, or ask whether this assumption decides anything",
        )  # fmt: skip
    return exact[0] if exact else float(brentq(gap, *spans[0], xtol=1e-15, rtol=8.9e-16))


def scenario_table(
    measures: Mapping[str, Callable[..., float]], scenarios: Mapping[str, Mapping[str, float]]
) -> pd.DataFrame:
    """Several assumptions at once, in sets that have a name.

    Parameters
    ----------
    measures : mapping of str to callable
        What to compute of each scenario, as in `tornado`.
    scenarios : mapping of str to mapping
        Changed assumptions by scenario; an empty mapping is the base case.

    Returns
    -------
    DataFrame
        One row a scenario: ``scenario``, one column for each assumption that any of them changes (nan where it is left
        alone), and one a measure.
    """
    import pandas as pd

    changed = list(dict.fromkeys(name for changes in scenarios.values() for name in changes))
    return pd.DataFrame(
        [
            {"scenario": name, **{each: changes.get(each, math.nan) for each in changed}}
            | {title: measure(**changes) for title, measure in measures.items()}
            for name, changes in scenarios.items()
        ]
    )
