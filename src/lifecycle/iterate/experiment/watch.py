"""What a front notices of a challenger's answers, and tells the kill switch."""

from __future__ import annotations

from collections import deque

from lifecycle.errors import DataError
from lifecycle.iterate.experiment.kill_switch import KillSwitch

_MEASURED = {("errors", "rate"), ("p95_ms", "value")}


class Watch:
    """Hands errors and answer times to a switch, and forgets what is long ago.

    Errors are those among the last `window` answers, looked at after each: a rate over everything since the beginning would
    notice an outage the later, the longer all went well. The answer time is that of a block of `least` answers, looked at
    when the block is full, so that looks in a row are of different answers. After the switch was pulled or put back, all of
    it begins anew.

    Parameters
    ----------
    switch : KillSwitch
        With limits on ``errors`` (a rate) and ``p95_ms`` (a value), and on nothing else.
    window : int
        Answers; as many as the switch's `least`, or more.

    Raises
    ------
    DataError
        When a limit is on something else, or the window never holds enough.
    """

    def __init__(self, switch: KillSwitch, *, window: int = 2000) -> None:
        unknown = sorted({(limit.name, limit.kind) for limit in switch.limits} - _MEASURED)
        if unknown:
            raise DataError(
                f"a limit on {unknown[0][0]!r} as a {unknown[0][1]}, which is not measured here",
                where="ExperimentFront: kill_switch",
                remedy="watch errors (a rate) and p95_ms (a value) here, and other figures with another switch",
            )
        if not window >= switch.least:
            raise DataError(
                f"a window of {window!r} answers never holds the {switch.least:,} that the switch waits for",
                where="ExperimentFront: window",
            )
        self._switch = switch
        self._failed: deque[bool] = deque(maxlen=window)
        self._block: list[float] = []
        self._entries = len(switch.log)

    def answered(self, *, failed: bool, ms: float, when: str) -> None:
        """Take note of one answer of the challenger, and let the switch look."""
        if len(self._switch.log) != self._entries:  # pulled or put back since
            self._failed.clear()
            self._block.clear()
            self._entries = len(self._switch.log)
        self._failed.append(failed)
        self._block.append(ms)
        errors, n = float(sum(self._failed)), len(self._failed)
        if len(self._block) < self._switch.least:
            self._switch.look({"errors": errors}, n=n, when=when, kinds=("rate",))
            return
        import numpy as np

        seen = {"errors": errors, "p95_ms": float(np.quantile(self._block, 0.95))}
        self._block.clear()
        self._switch.look(seen, n=n, when=when)
