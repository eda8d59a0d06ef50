"""Letting a new version have a little traffic, then more, and taking it back when the evidence says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log1p

from lifecycle.errors import LifecycleError


def requests_to_see_one(rate: float, *, chance: float = 0.95) -> int:
    """How many requests it takes to see at least one error with the given chance.

    All n requests go well with chance (1 - rate)^n, so n = log(1 - chance) / log(1 - rate), rounded up.

    Parameters
    ----------
    rate : float
        Share of requests that fail, in (0, 1).
    chance : float
        How sure one wants to be, in (0, 1).

    Examples
    --------
    >>> requests_to_see_one(0.001)
    2995
    """
    if not (0 < rate < 1 and 0 < chance < 1):
        raise LifecycleError(f"rate {rate!r} and chance {chance!r} have to lie between 0 and 1")
    return ceil(log1p(-chance) / log1p(-rate))


def chance_to_see_one(rate: float, *, requests: int) -> float:
    """Chance that at least one of `requests` fails, when each fails with `rate` (0 to 1)."""
    if not 0 <= rate <= 1 or requests < 0:
        raise LifecycleError(f"rate {rate!r} lies between 0 and 1, and requests {requests!r} are counted")
    return 1.0 - (1.0 - rate) ** requests


@dataclass(frozen=True)
class RampLimits:
    """What a version may do and stay.

    Attributes
    ----------
    error_rate : float
        Largest share of requests that may fail, in (0, 1).
    p95_ms : float
        Largest 95th percentile of the answer time, in milliseconds.
    flag_rate : tuple of two floats
        Between which the share of positive decisions has to stay.
    level : float
        How sure a decision on shares has to be, in (0, 1). High, because it is asked again after every request, and
        whoever looks often enough sees everything once.
    least : int
        Requests before answer times count at all, and before a step can go on.
    """

    error_rate: float = 0.01
    p95_ms: float = 100.0
    flag_rate: tuple[float, float] = (0.0, 1.0)
    level: float = 0.999
    least: int = 50


@dataclass(frozen=True)
class Observed:
    """What was seen of one version in one step.

    Attributes
    ----------
    requests, errors : int
    flagged, answered : int
        Positive decisions, and the answers that held a decision.
    p95_ms : float
        0 where nothing was timed; answer times then break no limit.
    """

    requests: int
    errors: int
    flagged: int = 0
    answered: int = 0
    p95_ms: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What to do, and why.

    Attributes
    ----------
    action : str
        ``"go on"``, ``"hold"`` or ``"roll back"``.
    reason : str
    """

    action: str
    reason: str


def judge(seen: Observed, limits: RampLimits) -> Verdict:
    """Decide on what was observed.

    Shares are judged by their exact interval (Clopper and Pearson 1934): a limit is broken when even the lower end lies
    beyond it, kept when even the upper end does not, and otherwise nobody knows yet. Answer times are known from
    `RampLimits.least` requests on.

    Returns
    -------
    Verdict
        ``"roll back"`` when a limit is broken, ``"go on"`` when all are kept, ``"hold"`` when more requests are needed.
    """
    if not 0 <= seen.errors <= seen.requests or not 0 <= seen.flagged <= seen.answered:
        raise LifecycleError(f"counts that cannot be: {seen}", where="judge")
    low, high = share_interval(seen.errors, seen.requests, level=limits.level)
    if low > limits.error_rate:
        return Verdict(
            "roll back", f"{seen.errors} of {seen.requests} requests failed, over {limits.error_rate:.1%} for sure"
        )
    if seen.requests >= limits.least and seen.p95_ms > limits.p95_ms:
        return Verdict("roll back", f"p95 of the answer time is over {limits.p95_ms:g} ms")
    flags = share_interval(seen.flagged, seen.answered, level=limits.level)
    between = f"{limits.flag_rate[0]:.0%} to {limits.flag_rate[1]:.0%}"
    if flags[0] > limits.flag_rate[1] or flags[1] < limits.flag_rate[0]:
        return Verdict("roll back", f"{seen.flagged} of {seen.answered} were flagged, outside {between} for sure")
    if seen.requests < limits.least:
        return Verdict("hold", f"{seen.requests} requests say too little: wait for {limits.least}")
    if flags[0] < limits.flag_rate[0] or flags[1] > limits.flag_rate[1]:
        return Verdict("hold", f"{seen.flagged} of {seen.answered} were flagged: that may still be outside {between}")
    if high > limits.error_rate:
        return Verdict("hold", f"{seen.errors} of {seen.requests} failed: that may still be over {limits.error_rate:.1%}")
    return Verdict("go on", f"{seen.errors} of {seen.requests} failed, under {limits.error_rate:.1%} for sure")


def share_interval(successes: int, n: int, *, level: float) -> tuple[float, float]:
    """Exact interval of a share (Clopper and Pearson 1934); (0, 1) where nothing was counted."""
    if n == 0:
        return 0.0, 1.0
    if n < 0 or not 0 <= successes <= n:
        raise LifecycleError(f"{successes} of {n} is no share")
    from scipy.stats import beta

    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, n - successes + 1))
    high = 1.0 if successes == n else float(beta.ppf(1 - tail, successes + 1, n - successes))
    return low, high


@dataclass(frozen=True)
class RampPlan:
    """The shares of traffic that a new version gets, step by step.

    Attributes
    ----------
    shares : sequence of float
        Rising, each in (0, 1], the last one 1.
    """

    shares: tuple[float, ...] = (0.05, 0.25, 0.5, 1.0)

    def __post_init__(self) -> None:
        rising = all(one < other for one, other in zip((0.0, *self.shares), self.shares, strict=False))
        if not self.shares or not rising or self.shares[-1] != 1:
            raise LifecycleError(
                f"shares {self.shares} are no ramp", remedy="let them rise from above 0 to 1, as in (0.05, 0.5, 1.0)"
            )

    def share_at(self, step: int) -> float:
        """Share in step 1, 2, ...; 0 in step 0, before anything was released."""
        if not 0 <= step <= len(self.shares):
            raise LifecycleError(f"there is no step {step}", where="ramp", tried=f"steps 1 to {len(self.shares)}")
        return 0.0 if step == 0 else self.shares[step - 1]

    def requests_needed(self, step: int, *, rate: float, chance: float = 0.95) -> int:
        """How many requests must reach the *whole* service for the step to see one error at `rate` with `chance`."""
        share = self.share_at(step)
        if share == 0:
            raise LifecycleError("a version without traffic shows nothing", where="ramp: step 0")
        return ceil(requests_to_see_one(rate, chance=chance) / share)


@dataclass(frozen=True)
class Walk:
    """How a ramp went.

    Attributes
    ----------
    verdicts : tuple of Verdict
        One a step that was taken.
    reached : float
        Share of traffic at the end: 1 where it went through, 0 after a rollback.
    """

    verdicts: tuple[Verdict, ...]
    reached: float

    @property
    def rolled_back_at(self) -> int | None:
        """The step (1, 2, ...) whose evidence took the version back; None where none did."""
        last = len(self.verdicts)
        return last if self.verdicts and self.verdicts[-1].action == "roll back" else None


def walk_ramp(plan: RampPlan, trace: Sequence[Observed], *, limits: RampLimits) -> Walk:
    """Follow a ramp along recorded observations, one a step; stops at the first step that does not say "go on".

    Raises
    ------
    LifecycleError
        When the trace has more steps than the plan.
    """
    if len(trace) > len(plan.shares):
        raise LifecycleError(f"{len(trace)} observations for {len(plan.shares)} steps", where="walk_ramp")
    verdicts: list[Verdict] = []
    for step, seen in enumerate(trace, start=1):
        verdicts.append(judge(seen, limits))
        if verdicts[-1].action == "roll back":
            return Walk(tuple(verdicts), 0.0)
        if verdicts[-1].action == "hold":
            return Walk(tuple(verdicts), plan.share_at(step))
    return Walk(tuple(verdicts), plan.share_at(len(trace)))
