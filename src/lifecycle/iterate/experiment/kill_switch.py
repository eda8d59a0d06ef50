"""When an experiment ends at once, by whom, and what is left on record."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import Any, Literal

from lifecycle.errors import DataError

Action = Literal["go on", "wait", "stop"]


@dataclass(frozen=True)
class KillLimit:
    """A figure of the challenger, and how bad it may be.

    Attributes
    ----------
    name : str
        "errors", "complaints", "p95_ms", "revenue".
    worst : float
        What is just tolerable: a share for a rate, the figure's own unit for a value.
    kind : str
        ``"rate"``: events among requests, judged by the exact chance of so many; ``"value"``: a measured figure, such as a
        percentile or revenue per user, judged as it stands.
    worse : str
        ``"higher"`` or ``"lower"``.
    """

    name: str
    worst: float
    kind: Literal["rate", "value"] = "rate"
    worse: Literal["higher", "lower"] = "higher"

    def __post_init__(self) -> None:
        if self.kind not in ("rate", "value") or self.worse not in ("higher", "lower"):
            raise DataError(f"limit {self.name!r}: kind {self.kind!r}, worse {self.worse!r}")
        if self.kind == "rate" and not 0 < self.worst < 1:
            raise DataError(f"limit {self.name!r}: a rate of {self.worst!r}", remedy="give a share between 0 and 1")
        if isnan(self.worst):
            raise DataError(f"limit {self.name!r}: nothing is beyond NaN", remedy="name the value that is just tolerable")


@dataclass(frozen=True)
class KillEntry:
    """A line of the log: when, what was decided, why, and by whom."""

    when: str
    action: str
    reason: str
    by: str = "switch"


class KillSwitch:
    """Watches the challenger's limits, and ends the experiment by itself when one is surely broken.

    Whoever looks often enough sees everything once: so a rate has to be beyond its limit with the certainty `level`, and a
    value needs `least` requests behind it and `in_a_row` looks that agree. (Such looks are of different requests, or they
    agree of themselves.) Once it has been pulled it stays so until a person says otherwise, with a reason.

    Parameters
    ----------
    limits : sequence of KillLimit
    owner : str
        Who is called, and who may put it back.
    least : int
        Requests before anything is decided.
    level : float
        How sure a look at a rate has to be, in (0, 1).
    in_a_row : int
        Looks in a row at which a value has to be beyond its limit.

    Attributes
    ----------
    pulled : bool
    log : list of KillEntry
    """

    def __init__(
        self, limits: Sequence[KillLimit], *, owner: str, least: int = 200, level: float = 0.999, in_a_row: int = 2
    ) -> None:
        if not limits:
            raise DataError("a kill switch without limits never stops anything", where="KillSwitch: limits")
        if not owner.strip():
            raise DataError("nobody owns this switch", where="KillSwitch: owner", remedy="name who is called at night")
        if not least >= 1 or not in_a_row >= 1 or not 0 < level < 1:
            raise DataError(f"least {least!r}, level {level!r} or in_a_row {in_a_row!r} cannot be", where="KillSwitch")
        self.limits, self.owner = tuple(limits), owner
        self.least, self.level, self.in_a_row = least, level, in_a_row
        self.pulled = False
        self.log: list[KillEntry] = []
        self._streaks = [0] * len(self.limits)  # by place: two limits may be on one figure

    def look(
        self, seen: Mapping[str, float], *, n: int, when: str = "", kinds: Collection[str] = ("rate", "value")
    ) -> Action:
        """Decide on what the challenger has shown so far, or of late.

        Parameters
        ----------
        seen : mapping of limit to number
            Events for a rate, the figure for a value. A limit about which nothing is said, or NaN, counts as broken: what
            is not watched is not safe.
        n : int
            Requests (or users) of the challenger behind these figures, none of them from before it was put back.
        when : str
            For the log.
        kinds : collection of str
            Which kinds of limits are asked at this look.

        Returns
        -------
        str
            ``"stop"`` from the moment on at which it was pulled; ``"wait"`` with too few requests; else ``"go on"``.
        """
        if self.pulled:
            return "stop"
        if not n >= self.least:
            return "wait"
        for place, limit in enumerate(self.limits):
            if limit.kind not in kinds:
                continue
            figure = seen.get(limit.name)
            if figure is None or isnan(figure):
                return self._pull(when, f"nothing is known of {limit.name}")
            if self._broken(place, figure, n):
                return self._pull(when, f"{limit.name}: {self._words(limit, figure, n)}")
        return "go on"

    def pull(self, reason: str, *, by: str, when: str = "") -> None:
        """Stop by hand, which any person may."""
        self.log.append(KillEntry(when, "stop", reason, by))
        self.pulled = True

    def put_back(self, reason: str, *, by: str, when: str = "") -> None:
        """Let the experiment run again; only the owner may, and not without a reason.

        Raises
        ------
        DataError
            When somebody else asks, or there is no reason.
        """
        if by != self.owner:
            raise DataError(f"{by} does not own this switch; {self.owner} does", where="KillSwitch.put_back")
        if not reason.strip():
            raise DataError("it was pulled for a reason; it is put back with one", where="KillSwitch.put_back")
        self.pulled = False
        self._streaks = [0] * len(self.limits)
        self.log.append(KillEntry(when, "put back", reason, by))

    def to_json(self) -> dict[str, Any]:
        """Limits, owner and log, for the record."""
        limits = [asdict(limit) for limit in self.limits]
        return {"owner": self.owner, "limits": limits, "pulled": self.pulled, "log": [asdict(each) for each in self.log]}

    def _broken(self, place: int, figure: float, n: int) -> bool:
        limit = self.limits[place]
        higher = limit.worse == "higher"
        if limit.kind == "value":
            beyond = figure > limit.worst if higher else figure < limit.worst
            self._streaks[place] = self._streaks[place] + 1 if beyond else 0
            return self._streaks[place] >= self.in_a_row
        from scipy.stats import binom

        if not 0 <= figure <= n:
            raise DataError(f"{figure!r} of {n:,} is no rate", where=f"KillSwitch.look: {limit.name}")
        chance = binom.sf(figure - 1, n, limit.worst) if higher else binom.cdf(figure, n, limit.worst)
        return float(chance) < 1 - self.level

    def _words(self, limit: KillLimit, figure: float, n: int) -> str:
        side = "above" if limit.worse == "higher" else "below"
        if limit.kind == "rate":
            return f"{figure:.0f} of {n:,}, surely {side} {limit.worst:.2%}"
        return f"{figure:.4g}, {side} {limit.worst:g} at {self.in_a_row} looks in a row"

    def _pull(self, when: str, reason: str) -> Action:
        self.pull(reason, by="switch", when=when)
        return "stop"
