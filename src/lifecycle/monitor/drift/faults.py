"""Signs that the feed has changed and not the world: a frozen value, another unit, a default, another spelling.

None of them is a proof, and each says what it saw. They are told apart from drift because the answer differs: drift may call
for a new model, a fault calls for a repair, and a model that is trained again on broken data has learnt the fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from lifecycle.monitor.drift.columns import Numbers

FACTORS = (10.0, 12.0, 24.0, 60.0, 100.0, 1000.0, 3600.0, 86_400.0, 1e6)
"""Units are apart by these: tenths, months, hours, minutes, percent, thousands, seconds."""

SLIGHT = 0.01
"""What befalls a smaller share of the rows is told, and is no fault of the feed."""

NOT_SLIGHT = 0.05
"""By how much a share that was not nothing may rise."""

_PLACES = (0.05, 0.25, 0.5, 0.75, 0.95)


def feed_faults(was: Numbers, now: Numbers, *, bins: int, level: float = 0.01) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Look for faults among numbers.

    Parameters
    ----------
    was, now : Numbers
    bins : int
        A reference with no more distinct values than this is a code: its values may well pile up.
    level : float
        What chance alone does less often than this is a fault.

    Returns
    -------
    faults, notes : tuples of str
        Sentences about the column, without its name.
    """
    from lifecycle.monitor.drift.bins import few_values

    faults: list[str] = []
    notes: list[str] = []
    if now.infinite:
        said = f"holds infinite values, left out here, in {now.infinite:,} of {now.rows:,} rows"
        said += f" ({100 * was.infinite / was.rows:.2g} % before)" if was.infinite else ""
        (faults if more_infinite(was, now, level=level) else notes).append(said)
    if not len(was.values) or not len(now.values):
        return (*faults, "has no finite value left") if len(was.values) else tuple(faults), tuple(notes)
    if was.values[0] == was.values[-1]:
        notes.append("is constant in the reference")
    elif few_values(was.values, bins) is None:
        fault = frozen(now) or other_unit(was, now) or piled_up(was, now, level=level)
        faults += [fault] if fault else []
    return tuple(faults), tuple(notes)


def more_infinite(was: Numbers, now: Numbers, *, level: float) -> bool:
    """Whether infinite values have come, or become more by as much as missing ones may not, and not by chance."""
    from lifecycle.monitor.drift.few import counts_test

    more = now.infinite / now.rows - was.infinite / was.rows
    if more < (NOT_SLIGHT if was.infinite else SLIGHT):
        return False
    sides = [[each.infinite, each.rows - each.infinite] for each in (was, now)]
    return counts_test(*sides).p_value < level


def frozen(now: Numbers) -> str:
    """A column with one value only, where the reference had many."""
    from lifecycle.show import number

    values = now.values
    if len(values) < 20 or values[0] != values[-1]:
        return ""
    return f"holds nothing but {number(float(values[0]))} now: a frozen feed?"


def other_unit(was: Numbers, now: Numbers) -> str:
    """Quantiles that are all larger, or all smaller, by one and the same factor."""
    import numpy as np

    then, after = (
        np.array([each.values[round(place * (len(each.values) - 1))] for place in _PLACES]) for each in (was, now)
    )
    useful = (then != 0) & (after != 0)
    if len(np.unique(then[useful])) < 3:
        return ""
    ratios = after[useful] / then[useful]
    factor = float(np.median(ratios))
    if factor <= 0 or max(factor, 1 / factor) < 5 or (np.abs(ratios / factor - 1) > 0.25).any():
        return ""
    size = max(factor, 1 / factor)
    nearest = min(FACTORS, key=lambda known: abs(np.log(size / known)))
    about = f"{nearest:,.0f}" if abs(size / nearest - 1) < 0.25 else f"{size:,.3g}"
    return f"is {'larger' if factor > 1 else 'smaller'} by a factor of about {about} throughout: another unit?"


def piled_up(was: Numbers, now: Numbers, *, level: float) -> str:
    """One value that makes up a much larger share than before: a default in place of something missing."""
    from lifecycle.show import number

    value, share, before, distinct, p = pile(was, now)
    if not distinct or p >= level / distinct:
        return ""
    return f"is {number(value)} in {100 * share:.1f} % of the rows ({100 * before:.1f} % before): a default?"


def pile(was: Numbers, now: Numbers) -> tuple[float, float, float, int, float]:
    """The most frequent value, its share now and before, among how many it was looked for (0: too rare), and the chance."""
    import numpy as np
    from scipy.stats import hypergeom

    from lifecycle.monitor.drift.bins import occurrences

    values = now.values
    ends = np.append(np.flatnonzero(values[1:] != values[:-1]), len(values) - 1)
    lengths = np.diff(ends, prepend=-1)
    longest = int(lengths.argmax())
    value, rows = float(values[ends[longest]]), int(lengths[longest])
    known = int(occurrences(was.values, values[ends[longest] : ends[longest] + 1])[0])
    share, before = rows / len(values), known / len(was.values)
    if rows < 10 or share < 0.05 or share < 3 * before:
        return value, share, before, 0, 1.0
    both = len(was.values) + len(values)  # as Fisher: the reference is a sample too
    return value, share, before, len(ends), float(hypergeom.sf(rows - 1, both, known + rows, len(values)))


def new_spelling(was: pd.Series, fresh: pd.Series, rows: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Categories that the reference did not have: a note, or a fault where only letter case or blanks are new."""
    if not len(fresh):
        return (), ()
    known = {str(name).strip().casefold(): str(name) for name in was.index}
    respelt = next((name for name in fresh.index if str(name).strip().casefold() in known), None)
    share = 100 * int(fresh.sum()) / rows
    names = ", ".join(f"`{str(name)[:30]}`" for name in fresh.index[:3])
    more = f" and {len(fresh) - 3:,} more" if len(fresh) > 3 else ""
    expected = 100 * int((was == 1).sum()) / int(was.sum())  # values seen once say how many are still to be seen (Good 1953)
    usual = f" ({expected:.2g} % was to be expected)" if expected else ""
    seen = f"has values that the reference never had, in {share:.2g} % of the rows{usual}: {names}{more}"
    if respelt is None or fresh.sum() < SLIGHT * rows:
        return (), (seen,)
    return (f"writes `{known[str(respelt).strip().casefold()]}` as `{str(respelt)[:30]}` now: another spelling?",), (seen,)
