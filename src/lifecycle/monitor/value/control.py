"""What would have happened anyway? Only a group that was left alone can say."""

from __future__ import annotations

import math
from bisect import bisect_left

from lifecycle.errors import DataError
from lifecycle.monitor.truth.standing import Estimate, share_of


def incremental_effect(good: int, treated: int, *, good_without: int, control: int, level: float = 0.95) -> Estimate:
    """How much the action changed the share of cases that end well, against a control group drawn by lot.

    Parameters
    ----------
    good, treated : int
        Cases that ended well, of those acted upon.
    good_without, control : int
        The same for flagged cases that were left alone by lot.
    level : float
        In (0, 1).

    Returns
    -------
    Estimate
        Difference of the shares with the hybrid score interval of Newcombe (1998, method 10).

    Raises
    ------
    DataError
        When a group is empty, or has more good ends than cases.
    """
    if treated < 1 or control < 1:
        raise DataError(
            "one of the two groups is empty", tried=f"{treated} treated, {control} left alone",
            remedy="without a control group the effect of the action cannot be told from what happens anyway",
        )  # fmt: skip
    a, b = share_of(good, treated, level=level), share_of(good_without, control, level=level)
    difference = a.estimate - b.estimate
    down = math.hypot(a.estimate - a.low, b.high - b.estimate)
    up = math.hypot(a.high - a.estimate, b.estimate - b.low)
    return Estimate(difference, difference - down, difference + up)


def pilot_size(
    expected: float,
    *,
    at_least: float,
    precision: float = 1.0,
    anyway: float = 0.0,
    power: float = 0.8,
    level: float = 0.95,
) -> int:
    """How many flags a pilot has to act on, and as many it has to leave alone, to show that acting is worth it.

    Both groups are drawn by lot among all flags, and what is compared is the share of each that ends well. Nobody knows
    then which flags are right: the wrong ones end well in either group and add nothing but noise, so the pilot grows about
    with ``1 / precision ** 2``.

    Parameters
    ----------
    expected : float
        Share of the right flags that end well after the action, as it is believed; in (0, 1].
    at_least : float
        The share that has to be beaten, as a break-even; below `expected`.
    precision : float
        Share of the flags that are right, in (0, 1]. 1 only where wrong flags can be told from right ones in both groups.
    anyway : float
        Share of the right flags that end well without the action; from 0 to `at_least`.
    power : float
        How often such a pilot succeeds when `expected` is true, in (0, 1).
    level : float
        Of the interval of `incremental_effect` whose lower limit is to lie above ``precision * (at_least - anyway)``, in
        (0, 1).

    Returns
    -------
    int
        Flags in *each* of the two groups.

    Raises
    ------
    DataError
        When `expected` does not lie above `at_least`: no pilot, however large, will show what is not believed.

    Notes
    -----
    The smallest group at which the lower limit of Newcombe (1998, method 10), taken at the expected shares, lies ``z_power``
    standard errors of their difference above what is needed. For large groups that is the usual ``(z_level + z_power) ** 2 *
    (p q + p' q') / margin ** 2`` (Fleiss, "Statistical Methods for Rates and Proportions", 1981).
    """
    from scipy.special import ndtri

    if not (0 <= anyway <= at_least < expected <= 1 and 0 < precision <= 1 and 0 < power < 1 and 0 < level < 1):
        raise DataError(
            f"no pilot can show that {expected:.3g} is above {at_least:.3g}",
            tried=f"precision {precision:.3g}, anyway {anyway:.3g}, power {power:.3g}, level {level:.3g}",
            remedy="anyway, what is needed, what is believed: in this order, between 0 and 1",
        )
    treated, alone = (1 - precision * (1 - share) for share in (expected, anyway))
    spread = math.sqrt(treated * (1 - treated) + alone * (1 - alone))
    margin, sure = precision * (expected - at_least), float(ndtri(power))

    def enough(n: int) -> bool:
        down = math.hypot(
            treated - share_of(treated * n, n, level=level).low, share_of(alone * n, n, level=level).high - alone
        )
        return margin - down >= sure * spread / math.sqrt(n)

    most = 2
    while not enough(most):
        most *= 2
    return bisect_left(range(most), True, lo=1, key=enough)
