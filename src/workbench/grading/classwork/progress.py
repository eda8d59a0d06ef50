"""How far grading is: what happened last, how fast it goes, and how long it will take yet."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from workbench.grading.people import names

if TYPE_CHECKING:
    from rich.progress import ProgressColumn

_WINDOW = 40  # submissions that the rate is taken over: long enough to be steady, short enough to follow a change
_EVERY = 5.0  # seconds between two plain lines, where nothing happened that a person has to know

_LENGTH = 240  # characters of a reason in one line; the gradebook has all of it

Happened = Literal["key", "graded", "recorded before", "unreadable", "infrastructure error"]


@dataclass(frozen=True)
class Step:
    """One thing done, and what is left.

    Attributes
    ----------
    happened : str
        ``key`` (an answer key is ready), ``graded``, ``recorded before`` (nothing had to be done), ``unreadable`` or
        ``infrastructure error``.
    lesson, student : str
        Whose; the student is empty for a key.
    text : str
        The reason, where it is not readable or our side failed.
    done, total : int
        Of the keys while these are made, of the submissions after that.
    rate : float
        Submissions executed a minute, lately; 0 while that is unknown.
    left : float or None
        Seconds, as it looks now; None while that is unknown.
    """

    happened: Happened
    lesson: str
    student: str = ""
    text: str = ""
    done: int = 0
    total: int = 0
    rate: float = 0.0
    left: float | None = None

    def __str__(self) -> str:
        what = f"{self.happened}: {names.shown(self.text, length=_LENGTH)}" if self.text else self.happened
        who = names.shown(f"{self.lesson} {self.student}".rstrip())
        pace = f"  {self.rate:.0f} a minute, {_duration(self.left)} left" if self.left is not None else ""
        return f"{self.done:>5}/{self.total}  {who:<28} {what}{pace}"


OnProgress = Callable[[Step], None]


class Meter:
    """Counts what is done and foretells the rest.

    Parameters
    ----------
    total : int
        Everything there is to do.
    clock : callable
        Seconds, never going back.
    """

    def __init__(self, total: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = total
        self.done = 0
        self._clock = clock
        self._times: deque[float] = deque([clock()], _WINDOW + 1)

    def step(self, happened: Happened, *, lesson: str, student: str = "", text: str = "") -> Step:
        """Count one more. What was recorded before took no time, and says nothing about the pace."""
        self.done += 1
        if happened == "recorded before":
            return Step(happened, lesson, student, text, self.done, self.total)
        self._times.append(self._clock())
        passed = self._times[-1] - self._times[0]
        rate = (len(self._times) - 1) / passed if passed > 0 else 0.0
        left = (self.total - self.done) / rate if rate else None
        return Step(happened, lesson, student, text, self.done, self.total, 60 * rate, left)


def lines(write: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> OnProgress:
    """What writes a line now and then, and one for everything that a person has to know."""
    last = -_EVERY

    def show(step: Step) -> None:
        nonlocal last
        if step.text or step.done == step.total or clock() - last >= _EVERY:
            last = clock()
            write(str(step))

    return show


@contextmanager
def bar() -> Iterator[OnProgress]:
    """A bar on a terminal; what a person has to know is printed above it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns: tuple[ProgressColumn, ...] = (
        BarColumn(24),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, transient=True) as shown:
        task = shown.add_task("", total=None)

        def show(step: Step) -> None:
            if step.text:
                shown.console.print(str(step), markup=False, highlight=False, soft_wrap=True)
            pace = f"{step.rate:.0f} a minute, {_duration(step.left)} left" if step.left is not None else ""
            doing = f"keys of {step.lesson}" if step.happened == "key" else pace
            shown.update(task, total=step.total, completed=step.done, description=doing)

        yield show


def _duration(seconds: float | None) -> str:
    whole = round(seconds or 0)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
