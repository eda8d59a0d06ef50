"""Judging: one question, an answer and a key give a `Result`, whatever the answer holds."""

from __future__ import annotations

import traceback

from workbench.checks.answer import Answer, Transport
from workbench.checks.question import Question
from workbench.checks.verdict import Incorrect, NotAttempted, Outcome, Result, Tally, odd_value, tallying
from workbench.errors import CheckError, CodecError


def judge(question: Question, answer: Transport, key: Transport) -> Result:
    """Run the check of `question` and say what came of it.

    An exception of the check's own is taken for an answer of a form nobody foresaw, and so for incorrect: a check
    must not crash in a notebook. Only a fault of the key or of the check's use of it gives ``NOT_JUDGED``.
    """
    with tallying() as tally:
        try:
            question(Answer(answer), Answer(key))
        except NotAttempted as gap:
            return _result(question, Outcome.NOT_ATTEMPTED, 0, (str(gap),))
        except Incorrect as wrong:
            return _incorrect(question, tally, (*tally.messages, str(wrong)))
        except (CheckError, CodecError) as error:
            return _result(question, Outcome.NOT_JUDGED, 0, (f"this question cannot be checked: {error}",), str(error))
        except Exception as error:
            trace = "".join(traceback.format_exception(error)[-3:])
            detail = f"{type(error).__name__}: {error}\n{trace}"
            return _incorrect(question, tally, (*tally.messages, odd_value(error)), detail)
        return _passed(question, tally)


def _passed(question: Question, tally: Tally) -> Result:
    if tally.offered and abs(tally.offered - question.points) > 1e-9:
        why = f"the parts of `{question.slug}` are worth {tally.offered:g}, the question {question.points:g}"
        return _result(question, Outcome.NOT_JUDGED, 0, (why,), why)
    if not tally.messages:
        return _result(question, Outcome.CORRECT, question.points)
    if len(tally.missing) == len(tally.messages) and not tally.earned:
        return _result(question, Outcome.NOT_ATTEMPTED, 0, tuple(dict.fromkeys(tally.missing)))
    return _incorrect(question, tally, tuple(tally.messages), "\n".join(tally.details))


def _incorrect(question: Question, tally: Tally, messages: tuple[str, ...], detail: str = "") -> Result:
    outcome = Outcome.PARTIAL if tally.earned else Outcome.INCORRECT
    return _result(question, outcome, tally.earned, tuple(dict.fromkeys(messages)), detail or "\n".join(tally.details))


def _result(question: Question, outcome: Outcome, points: float, messages: tuple[str, ...] = (), detail: str = "") -> Result:
    return Result(question.slug, question.title, outcome, points, question.points, messages, detail)
