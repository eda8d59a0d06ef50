"""What is live, what was live before, and the way back; and a watch that notices when to take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lifecycle.errors import DataError, LifecycleError
from lifecycle.iterate.retraining.gate import GateDecision


@dataclass(frozen=True)
class Release:
    """A version that went live, with what serves it."""

    version: str
    model: Any


class Releases:
    """The versions that went live, in their order, with the previous one always at hand.

    Parameters
    ----------
    version : str
        Of the model that is live now.
    model : object
        What serves it, whole: a package, or a function from rows to decisions. A bare estimator would come back without its
        calibration and its threshold.

    Examples
    --------
    >>> releases = Releases("1.0.0", "old")
    >>> releases.deploy("1.1.0", "new", decision=GateDecision("accept", "no worse than the champion"))
    >>> releases.roll_back("twice as many flagged as expected").version
    '1.0.0'
    """

    def __init__(self, version: str, model: Any) -> None:
        self._stack = [Release(version, model)]
        self._log = [{"event": "live", "version": version, "reason": "start"}]

    @property
    def live(self) -> Release:
        """What answers now."""
        return self._stack[-1]

    def deploy(self, version: str, model: Any, *, decision: GateDecision, reason: str = "accepted") -> None:
        """Put a version live, if a gate has accepted it; the one before stays at hand.

        Raises
        ------
        DataError
            When the version was live before: one name, one model.
        LifecycleError
            When the decision is a rejection. Nothing has changed then.
        """
        if not decision.accepted:
            raise LifecycleError(f"version {version} was not accepted", where="releases", tried=decision.reason,
                                 remedy="mend the candidate and let the gate decide again")  # fmt: skip
        if any(entry["version"] == version for entry in self._log):
            raise DataError(f"version {version} was live before", where="releases", remedy="give it a number of its own")
        self._stack.append(Release(version, model))
        self._log.append({"event": "live", "version": version, "reason": reason})

    def roll_back(self, reason: str) -> Release:
        """Go back to the version before, and say why.

        Raises
        ------
        LifecycleError
            When there is none before.
        """
        if len(self._stack) < 2:
            raise LifecycleError("there is no version before this one", where=f"releases: {self.live.version}",
                                 remedy="keep the previous version running until the new one has proved itself")  # fmt: skip
        left = self._stack.pop()
        self._log.append({"event": "rolled back", "version": left.version, "reason": reason})
        return self.live

    def rows(self) -> list[dict[str, str]]:
        """The history as rows of a table: event, version, reason."""
        return [dict(entry) for entry in self._log]


def share_alarm(count: int, n: int, *, expected: float, tolerance: float = 0.5, level: float = 0.99) -> bool:
    """Whether a share is surely further from what was expected than is tolerated.

    Parameters
    ----------
    count, n : int
        So many of so many, as rows that were flagged since the model went live.
    expected : float
        The share on the holdout, above 0 and below 1.
    tolerance : float
        Relative: 0.5 tolerates half as many to one and a half times as many.
    level : float
        Of the interval of the share (Wilson): the alarm goes off when all of it lies outside of what is tolerated.

    Returns
    -------
    bool
        False without any rows: nothing is known yet.

    Raises
    ------
    DataError
        For counts that do not fit, or an expected share of 0 or 1.
    """
    from scipy.stats import binomtest

    if not 0 <= count <= n or not 0 < expected < 1 or not tolerance >= 0:
        raise DataError(f"{count} of {n} with {expected:g} expected and {tolerance:g} tolerated make no sense",
                        where="share_alarm", remedy="give 0 <= count <= n, 0 < expected < 1, tolerance >= 0")  # fmt: skip
    if n == 0:
        return False
    interval = binomtest(count, n).proportion_ci(level, method="wilson")
    return bool(interval.low > expected * (1 + tolerance) or interval.high < expected * (1 - tolerance))
