"""What can come of judging one answer, and how a check says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum

from workbench.errors import CheckError


class NotAttempted(Exception):  # noqa: N818 - an outcome, not a fault
    """The answer does not exist yet."""


class Incorrect(Exception):  # noqa: N818 - an outcome, not a fault
    """The answer is wrong; the message names the variable and the likely mistake, never the right value."""


class Outcome(StrEnum):
    """The verdict on a question, in the words that a reader sees."""

    NOT_ATTEMPTED = "not attempted"
    INCORRECT = "incorrect"
    PARTIAL = "partly correct"
    CORRECT = "correct"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Result:
    """The verdict on one question.

    Attributes
    ----------
    slug, title : str
        Which question.
    outcome : Outcome
        ``NOT_JUDGED`` when the check could not be run, which is never the answer's fault.
    points, out_of : float
        Earned, and to be had.
    messages : tuple of str
        Why points are missing, for the student.
    detail : str
        For the author of the check: the exception behind an odd verdict. Never shown to a student.
    """

    slug: str
    title: str
    outcome: Outcome
    points: float
    out_of: float
    messages: tuple[str, ...] = ()
    detail: str = ""


@dataclass
class Tally:
    """Points of the parts of the question being judged."""

    earned: float = 0.0
    offered: float = 0.0
    messages: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    seen: str = ""  # the expression last asked of the answer, as a reader would write it
    kind: str = ""  # the type of what it gave


_current: ContextVar[Tally | None] = ContextVar("workbench_tally", default=None)


@contextmanager
def tallying() -> Iterator[Tally]:
    """Collect the parts of one question; a question inside a question has a tally of its own."""
    tally = Tally()
    token = _current.set(tally)
    try:
        yield tally
    finally:
        _current.reset(token)


def note(expression: str, kind: str) -> None:
    """Remember what was last asked of the answer, so that a message can name it."""
    tally = _current.get()
    if tally is not None:
        tally.seen, tally.kind = expression, kind


def seen() -> str:
    """The expression last asked of the answer, or a word that stands for it."""
    tally = _current.get()
    return (tally.seen if tally is not None else "") or "answer"


def odd_value(error: Exception) -> str:
    """The message for a check that broke on a value it did not expect."""
    tally = _current.get()
    kind = f" is of type `{tally.kind}`, and" if tally is not None and tally.kind else ""
    return f"`{seen()}`{kind} does not have the form that was asked for ({type(error).__name__})"


@contextmanager
def part(points: float, message: str = "") -> Iterator[None]:
    """Give `points` when the statements inside pass; otherwise say `message` and go on with the next part.

    Parameters
    ----------
    points : float
        Greater than 0. The parts of a question add up to the question's points.
    message : str
        What was asked for, naming the variable in backticks. What went wrong inside is told after it.
    """
    tally = _current.get()
    if tally is None:
        raise CheckError("`part` was used outside of a question that is being judged")
    if points <= 0:
        raise CheckError(f"a part must be worth more than 0 points, not {points!r}")
    tally.offered += points
    try:
        yield
    except NotAttempted as gap:
        tally.missing.append(str(gap))
        tally.messages.append(str(gap))
    except Incorrect as wrong:
        tally.messages.append(_joined(message, str(wrong)))
    except CheckError:
        raise
    except Exception as error:  # a value of an unforeseen form is the answer's fault, and must not stop the notebook
        tally.details.append(f"{type(error).__name__}: {error}")
        tally.messages.append(_joined(message, odd_value(error)))
    else:
        tally.earned += points


def _joined(message: str, reason: str) -> str:
    return f"{message.rstrip('.:')}: {reason}" if message and reason and reason not in message else message or reason
