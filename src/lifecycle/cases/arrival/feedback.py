"""Real-time feedback: each trip that has ended corrects the ones that begin after its end."""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING

from lifecycle.cases.errors import CaseError
from lifecycle.cases.given import finite_numbers, is_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray


def live_factors(
    starts: Sequence[float],
    ends: Sequence[float],
    ratios: Sequence[float],
    groups: Sequence[str],
    *,
    weight: float = 0.05,
    largest: float = 2.0,
) -> NDArray[np.float64]:
    """The factor by which each promise is to be multiplied, from trips of its group that had ended before it began.

    A running mean of the logarithm of actual over promised: each trip that ends pulls it by `weight`. What has not ended
    cannot teach: this is what sets feedback from a live service apart from looking into the answers.

    Parameters
    ----------
    starts, ends : sequence of float, length n
        Minutes on one clock, starts ascending.
    ratios : sequence of float, length n
        Actual over promised minutes of each trip; read only after its end.
    groups : sequence of str, length n
        What shares a correction, as a zone.
    weight : float
        Above 0, at most 1; large follows quickly and trembles. 1 trusts the last trip alone.
    largest : float
        The factor stays within ``1 / largest`` and `largest`, and so does what a single trip may teach: a broken clock shall
        not make promises.

    Returns
    -------
    array of shape (n,)
        1 until the first trip of the group has ended.

    Raises
    ------
    CaseError
        For lengths that differ, starts out of order, ends before starts, a ratio that is not above 0, or a missing number.
    """
    import numpy as np

    if not len(starts) == len(ends) == len(ratios) == len(groups):
        raise CaseError("each trip has a start, an end, a ratio and a group", where="arrival: feedback")
    begun, over, ratio = (
        finite_numbers(each, where="arrival: feedback", length=len(groups)) for each in (starts, ends, ratios)
    )
    if not (is_number(weight, most=1) and weight > 0 and is_number(largest, least=1)):
        raise CaseError(
            "a weight lies above 0 and up to 1, and the largest factor is 1 or more",
            where="arrival: feedback",
            tried=f"weight {weight}, largest {largest}",
        )
    running: dict[str, float] = {}
    ended: list[tuple[float, int]] = []
    factors, limit = np.ones(len(begun)), math.log(largest)
    taught = np.clip(np.log(ratio, out=np.zeros(len(ratio)), where=ratio > 0), -limit, limit)
    for i, (start, end) in enumerate(zip(begun.tolist(), over.tolist(), strict=True)):
        if (i and start < begun[i - 1]) or end < start or not ratio[i] > 0:
            raise CaseError("trips come in order of start, end after it, and take time", where=f"arrival: trip {i}")
        while ended and ended[0][0] <= start:
            done = heapq.heappop(ended)[1]
            before = running.get(groups[done], 0.0)
            running[groups[done]] = before + weight * (float(taught[done]) - before)
        factors[i] = math.exp(running.get(groups[i], 0.0))
        heapq.heappush(ended, (end, i))
    return factors
