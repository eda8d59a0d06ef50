"""Sequential tests with daily looks: how often they raise an alarm where nothing differs, and how often they find a lift.

Experiments are simulated with seeds that are drawn at run time. All looks of all experiments see equal groups, so one list
of bounds serves them all; that these are the bounds which `SequentialTest` uses is checked first.

The bound that holds for ever is tried at these 14 looks alone, and held against 5 %.
The one that spends alpha spends all of its 5 %, so half
of its runs would lie a hair above: it is held against 5 % plus three standard errors of the simulation, and its exact
error, integrated numerically in another way, against 5 %.
"""

from __future__ import annotations

import secrets
import sys
from typing import Any

import numpy as np
from _measure import Figure

from lifecycle.iterate import SequentialTest, always_valid_bound, inflation, sample_size, spending_bounds

BASELINE, LIFT, DAYS, ALPHA = 0.05, 0.005, 14, 0.05


def sequential(quick: bool) -> list[Figure]:
    """Errors and power over simulated experiments (5,000; quick: 1,000) with a look on each of 14 days."""
    experiments = 1_000 if quick else 5_000
    seed = secrets.randbits(32)
    rng = np.random.default_rng(seed)
    fractions = np.arange(1, DAYS + 1) / DAYS
    per_day = -(-round(sample_size(BASELINE, LIFT) * inflation(fractions)) // DAYS)
    bounds = np.array(spending_bounds(fractions))
    _same_as_the_class(bounds, per_day)
    null, lifted = (_z(rng, rate, per_day, experiments) for rate in (BASELINE, BASELINE + LIFT))
    for_ever = np.array([always_valid_bound(each, effect=LIFT) for each in _deviations(per_day)])

    error, naive = _share(null, bounds), _share(null, np.full(DAYS, 1.959964))
    power, valid = _share(lifted, bounds), _share(null, for_ever)
    crossed = np.abs(lifted) >= bounds
    day = np.where(crossed.any(axis=1), crossed.argmax(axis=1) + 1, DAYS).mean()
    print(
        f"sequential: seed {seed}, {experiments} experiments, {per_day} users a group and day; "
        f"stopping at 1.96: {naive:.1%} false alarms; a lift is found on day {day:.1f} of {DAYS} on average; "
        f"for ever: {_share(lifted, for_ever):.1%} power",
        file=sys.stderr,
    )
    noise = 3 * (ALPHA * (1 - ALPHA) / experiments) ** 0.5
    return [
        Figure("sequential_error_for_ever_bound_14_looks", valid, "share", "<=", ALPHA),
        Figure("sequential_error_spending", error, "share", "<=", round(ALPHA + noise, 4)),
        Figure("sequential_error_spending_exact", _exact(bounds, fractions), "share", "<=", ALPHA + 1e-4),
        Figure("sequential_power_spending", power, "share", ">=", round(0.8 - 3 * (0.16 / experiments) ** 0.5, 4)),
    ]


def _z(rng: np.random.Generator, rate_b: float, per_day: int, experiments: int) -> Any:
    """The statistic at each look, a row an experiment."""
    a, b = (rng.binomial(per_day, rate, size=(experiments, DAYS)).cumsum(axis=1) for rate in (BASELINE, rate_b))
    users = per_day * np.arange(1, DAYS + 1)
    pooled = (a + b) / (2 * users)
    return (b - a) / users / np.sqrt(2 * pooled * (1 - pooled) / users)


def _deviations(per_day: int) -> Any:
    return np.sqrt(2 * BASELINE * (1 - BASELINE) / (per_day * np.arange(1, DAYS + 1)))


def _share(z: Any, bounds: Any) -> float:
    return float((np.abs(z) >= bounds).any(axis=1).mean())


def _exact(bounds: Any, fractions: Any, *, grid: int = 4001) -> float:
    """Chance to cross by look 14, by plain sums over a fixed grid: slow, and sharing nothing with the library's way."""
    s = np.linspace(-7, 7, grid)
    width = s[1] - s[0]
    density, before = None, 0.0
    for t, bound in zip(fractions, bounds, strict=True):
        step = np.exp(-0.5 * s**2 / (t - before)) / np.sqrt(2 * np.pi * (t - before))
        density = step if density is None else np.convolve(density, step, mode="same") * width
        edge = bound * np.sqrt(t)
        density = density * np.clip((edge - np.abs(s)) / width + 0.5, 0, 1)  # cells on the edge count in part
        before = t
    return float(1 - density.sum() * width)


def _same_as_the_class(bounds: Any, per_day: int) -> None:
    test = SequentialTest(per_day * DAYS)
    for day in range(1, DAYS + 1):
        n = per_day * day
        look = test.look(n // 20, n, n // 20, n)
        if abs(look.bound - bounds[day - 1]) > 1e-6:
            raise AssertionError(f"day {day}: the class uses {look.bound}, and not {bounds[day - 1]}")
