"""The day of a data pipeline: who runs when, what happens when one fails, and what it takes to be right by noon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lifecycle.monitor.service.errors import WatchError

Span = tuple[int, int]
_DAY = 24 * 60


def clock_time(minute: float) -> str:
    """A minute of the day as hours and minutes; past midnight with the number of days that have gone by.

    Examples
    --------
    >>> clock_time(570), clock_time(24 * 60 + 65)
    ('09:30', '01:05 (+1)')
    """
    if not 0 <= minute < float("inf"):
        raise WatchError(f"{minute:g} is no minute of a day", remedy="give minutes since midnight, 0 or more")
    days, rest = divmod(int(minute), _DAY)
    return f"{rest // 60:02}:{rest % 60:02}" + (f" (+{days})" if days else "")


def minute_of(text: str) -> int:
    """Hours and minutes as a minute of the day, ``24:00`` for its end; `WatchError` for what is no time.

    Examples
    --------
    >>> minute_of("09:30")
    570
    """
    hours, colon, minutes = text.partition(":")
    if colon and hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60:
        found = 60 * int(hours) + int(minutes)
        if found <= _DAY:
            return found
    raise WatchError(f"`{text}` is no time of day", remedy="write hours and minutes, as 09:30")


@dataclass(frozen=True)
class Retry:
    """Trying again, after waits that grow.

    Attributes
    ----------
    first : float
        Minutes before the second attempt, above 0.
    factor : float
        By which each wait is longer than the one before, 1 or more.
    longest : float
        No wait is longer.
    attempts : int
        Attempts after the first one, 0 or more.

    Examples
    --------
    >>> Retry(first=5, factor=2, longest=30, attempts=5).waits
    (5, 10, 20, 30, 30)
    """

    first: float = 5
    factor: float = 2
    longest: float = 30
    attempts: int = 6

    def __post_init__(self) -> None:
        if not (self.first > 0 and self.factor >= 1 and self.longest >= self.first and self.attempts >= 0):
            raise WatchError("a retry waits above 0 minutes, and never less than before", tried=str(self))

    @property
    def waits(self) -> tuple[float, ...]:
        """Minutes before each further attempt."""
        found: list[float] = []
        for _ in range(self.attempts):  # step by step: a power would overflow long before the cap is asked
            found.append(min(self.longest, found[-1] * self.factor if found else self.first))
        return tuple(found)

    def attempts_from(self, minute: float) -> tuple[float, ...]:
        """Minutes of all attempts, the first one included, if each fails at once."""
        times = [minute]
        for wait in self.waits:
            times.append(times[-1] + wait)
        return tuple(times)


@dataclass(frozen=True)
class DailyTask:
    """A step of the day.

    Attributes
    ----------
    name : str
    start : int
        Minute of the day at which it is scheduled.
    minutes : int
        How long it takes, 0 or more.
    needs : tuple of str
        Tasks whose result it reads.
    stale : bool
        Without them it goes on with what it had yesterday, and says nothing (a dashboard); else it fails.
    retry : Retry or None
        Whether it tries again after a failure of its own.
    deadline : int or None
        Minute by which its result is wanted.
    """

    name: str
    start: int
    minutes: int = 0
    needs: tuple[str, ...] = ()
    stale: bool = False
    retry: Retry | None = None
    deadline: int | None = None


@dataclass(frozen=True)
class Attempt:
    """One run: ``status`` is ``ok``, ``failed`` (its own fault), ``no data`` (its input is missing) or ``stale``."""

    task: str
    started: float
    finished: float
    status: str

    def row(self) -> dict[str, str]:
        """As a line of a table."""
        return {
            "task": self.task,
            "started": clock_time(self.started),
            "finished": clock_time(self.finished),
            "status": self.status,
        }


@dataclass(frozen=True)
class DayReport:
    """What became of a day.

    Attributes
    ----------
    attempts : tuple of Attempt
        All runs, by the time that they started.
    ready : mapping of str to float
        When each task had a right result; a task that never had one is missing.
    late : tuple of str
        Tasks without a right result at their deadline.
    """

    attempts: tuple[Attempt, ...]
    ready: Mapping[str, float] = field(default_factory=dict)
    late: tuple[str, ...] = ()


def run_day(
    tasks: Sequence[DailyTask], *, broken: Mapping[str, Span | Sequence[Span]] | None = None, rerun: bool = False
) -> DayReport:
    """Play a day through, without waiting for it.

    Parameters
    ----------
    tasks : sequence of DailyTask
        None needs a task that is scheduled after it.
    broken : mapping of task to (from, until), or several of them
        Minutes of the day in which an attempt that starts then fails (`until` excluded).
    rerun : bool
        Whether a task that ran without its input runs again as soon as the input is there.

    Returns
    -------
    DayReport

    Raises
    ------
    WatchError
        For names that are used twice, needs that nobody meets, and circles.
    """
    order = _in_order(tasks)
    faults = {name: _spans(spans) for name, spans in (broken or {}).items()}
    unknown = sorted(set(faults) - {task.name for task in order})
    if unknown:
        raise WatchError(f"no task `{unknown[0]}` to break", tried="tasks: " + ", ".join(task.name for task in order))
    attempts: list[Attempt] = []
    ready: dict[str, float] = {}
    for task in order:
        inputs = max((ready.get(name, float("inf")) for name in task.needs), default=float("-inf"))
        start: float = task.start
        if inputs > start:
            attempts.append(Attempt(task.name, start, start + task.minutes, "stale" if task.stale else "no data"))
            if not rerun or inputs == float("inf"):
                continue
            start = inputs
        for minute in task.retry.attempts_from(start) if task.retry else (start,):
            fails = any(low <= minute < high for low, high in faults.get(task.name, ()))
            finished = minute if fails else minute + task.minutes
            attempts.append(Attempt(task.name, minute, finished, "failed" if fails else "ok"))
            if not fails:
                ready[task.name] = finished
                break
    late = tuple(t.name for t in order if t.deadline is not None and ready.get(t.name, float("inf")) > t.deadline)
    return DayReport(tuple(sorted(attempts, key=lambda each: each.started)), ready, late)


@dataclass(frozen=True)
class Freshness:
    """Whether a result is new enough: `age` and `limit` in minutes; an age that is infinite means that there is none."""

    age: float
    limit: float

    @property
    def fresh(self) -> bool:
        """At most as old as it may be."""
        return self.age <= self.limit


def freshness(arrivals: Iterable[float], *, now: float, limit: float) -> Freshness:
    """Age of the newest of `arrivals` (minutes) at the minute `now`; later ones have not happened yet and do not count."""
    if not limit >= 0:
        raise WatchError(f"a limit of {limit:g} minutes is none")
    newest = max((each for each in arrivals if each <= now), default=float("-inf"))
    return Freshness(now - newest, limit)


def overdue(due: Iterable[float], *, arrivals: Iterable[float], now: float, grace: float = 0) -> list[float]:
    """What should have come by now and has not: a timetable needs no guess at how old is too old.

    The age of the newest file grows when files are late and when none is due any more. This rings for the first only.

    Parameters
    ----------
    due : iterable of float
        Minutes of the day for which there has to be a file.
    arrivals : iterable of float
        Minutes for which there is one, as `batch_arrivals` gives them.
    now : float
    grace : float
        Minutes that a file may take after it was due, 0 or more.

    Examples
    --------
    >>> overdue([360, 390, 420], arrivals=[360], now=400)
    [390]
    """
    if not grace >= 0:
        raise WatchError(f"a grace of {grace:g} minutes is none")
    came = set(arrivals)
    return sorted(minute for minute in set(due) if minute + grace <= now and minute not in came)


def _in_order(tasks: Sequence[DailyTask]) -> list[DailyTask]:
    order = sorted(tasks, key=lambda task: task.start)
    seen: set[str] = set()
    for task in order:
        if task.name in seen:
            raise WatchError("two tasks have one name", where=task.name)
        unmet = [name for name in task.needs if name not in seen]
        if unmet:
            raise WatchError(f"needs `{unmet[0]}`, which is not scheduled before it", where=task.name)
        seen.add(task.name)
    return order


def _spans(spans: Span | Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for each in spans:
        if not isinstance(each, tuple):
            return [(spans[0], spans[1])]  # type: ignore[list-item]
        found.append(each)
    return found
