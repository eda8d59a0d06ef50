"""The exact law of the largest gap between two samples, for a few rows on one side."""

from __future__ import annotations


def smirnov_p_value(gap: float, n: int, m: int) -> float:
    """Exact chance of a gap at least so large between `n` and `m` rows of numbers that do not repeat, two-sided.

    Notes
    -----
    Both samples in order are a path from one corner of a grid of n by m to the other, and all paths are equally likely.
    Those that come as far from the diagonal as the gap are counted column by column (Hodges 1958), along the smaller side,
    whose rows must be few: below 50 the number of paths fits into a float for up to a million rows on the other side.
    """
    import numpy as np

    few, many = min(n, m), max(n, m)
    far = int(np.ceil(gap * few * many - 1e-6))
    if far <= 0:
        return 1.0
    steps = np.arange(many + 1, dtype=np.int64)
    paths = np.ones(many + 1)
    outside = (steps * few >= far).astype(float)
    for column in range(1, few + 1):
        paths = np.cumsum(paths)  # all that arrive here
        inside = np.abs(steps * few - column * many) < far
        first, last = (int(np.argmax(inside)), many - int(np.argmax(inside[::-1]))) if inside.any() else (many + 1, many)
        along = outside[first : last + 1].copy()  # those that were outside before, step by step, and what enters from below
        if len(along) and first > 0:
            along[0] += paths[first - 1]
        outside = paths.copy()
        outside[first : last + 1] = np.cumsum(along)
    return float(min(1.0, outside[-1] / paths[-1]))
