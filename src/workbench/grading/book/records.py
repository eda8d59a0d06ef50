"""How verdicts, terms and questions are written down; each function is a part of one transaction."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select

from workbench import files
from workbench.checks.verdict import Outcome
from workbench.errors import GradingError
from workbench.grading.book import overrides, tables
from workbench.grading.book.rows import QuestionInfo
from workbench.grading.outcome import Judgement

GRADER = "workbench"
"""Who the audit says it was where no person set the score."""


def words_digest(text: str) -> str:
    """Digest of an answer in words; white space around it does not matter, and lone surrogates are let pass."""
    return files.digest_bytes(text.strip().encode("utf-8", "surrogatepass"))


def of(table: Any, lesson: str, student: str, sha256: str) -> tuple[Any, Any, Any]:
    """The conditions that pick one submission's rows of `table`."""
    return table.c.lesson == lesson, table.c.student == student, table.c.sha256 == sha256


def terms(received: str | dt.datetime, factor: float, late_days: float, excused: bool, note: str) -> dict[str, Any]:
    """The terms on which a submission counts, as columns; see `Gradebook.finish`."""
    if not (math.isfinite(factor) and 0 <= factor <= 1):
        raise GradingError(f"the share of the points that counts is 0 to 1, not {factor:g}")
    time = received.isoformat() if isinstance(received, dt.datetime) else received
    return {"received": time, "factor": factor, "late_days": late_days, "excused": excused, "note": note}


def describe(connection: Connection, lesson: str, questions: Sequence[QuestionInfo]) -> None:
    """Put `questions` in the place of those that `lesson` had."""
    slugs = [info.slug for info in questions]
    if len(set(slugs)) < len(slugs):
        raise GradingError("a question is described twice", where=lesson)
    connection.execute(delete(tables.questions).where(tables.questions.c.lesson == lesson))
    for info in questions:
        row = {**vars(info), "criteria": [list(pair) for pair in info.criteria]}
        connection.execute(insert(tables.questions).values(lesson=lesson, **row))


def begin(connection: Connection, lesson: str, student: str, sha256: str) -> None:
    """Enter a submission that the gradebook has not seen."""
    place = {"lesson": lesson, "student": student, "sha256": sha256}
    if connection.execute(_STATE, place).first() is None:
        connection.execute(insert(tables.submissions).values(**place, state="open"))


def record(
    connection: Connection,
    lesson: str,
    student: str,
    sha256: str,
    judgement: Judgement,
    reason: str,
    *,
    keep_transcript: bool = False,
) -> None:
    """Write a verdict, and into the audit that it changed a score; see `Gradebook.record`.

    Parameters
    ----------
    keep_transcript : bool
        Whether what is recorded of the answer stays, of which the judgement needed a part.
    """
    result = judgement.result
    if not (math.isfinite(result.points) and 0 <= result.points <= result.out_of + 1e-9):
        raise GradingError(f"{result.points} of {result.out_of} points cannot be", where=f"{lesson}: {result.slug}")
    place = {"lesson": lesson, "student": student, "sha256": sha256, "slug": result.slug}
    before = connection.execute(_BEFORE, place).first()
    outcome = _outcome(judgement)
    now = None if outcome == Outcome.NOT_JUDGED else result.points
    if before is not None and before.outcome != Outcome.NOT_JUDGED and before.points != now:
        change = {"action": "judge again", "before": before.points, "after": now, "reason": reason}
        named = {"lesson": lesson, "student": student, "slug": result.slug}
        connection.execute(insert(tables.audit).values(when=overrides.now(), who=GRADER, **named, **change))
    verdict = {name: getattr(result, name) for name in ("title", "points", "out_of", "messages", "detail")}
    ground = {name: getattr(judgement, name) for name in ("basis", "hidden", "seconds", "fault")}
    transcript = {} if keep_transcript else {"transcript": judgement.transcript}
    tables.put(connection, tables.judgements, {**place, **verdict, **ground, **transcript, "outcome": outcome})


def record_new(connection: Connection, lesson: str, student: str, sha256: str, judgements: Sequence[Judgement]) -> None:
    """Write those verdicts that were not written when they were made."""
    place = {"lesson": lesson, "student": student, "sha256": sha256}
    known = {row.slug: tuple(row)[1:] for row in connection.execute(_KNOWN, place)}
    for one in judgements:
        if known.get(one.result.slug) != (_outcome(one), one.result.points, one.basis, one.seconds, one.fault):
            record(connection, lesson, student, sha256, one, "graded again")


def _outcome(judgement: Judgement) -> str:
    return (Outcome.NOT_JUDGED if judgement.fault else judgement.result.outcome).value


def _where(table: Table, *names: str) -> list[ColumnElement[bool]]:
    return [table.c[name] == bindparam(name) for name in names]


_PLACE = ("lesson", "student", "sha256")
_judged = tables.judgements
_STATE = select(tables.submissions.c.state).where(*_where(tables.submissions, *_PLACE))
_BEFORE = select(_judged.c.points, _judged.c.outcome).where(*_where(_judged, *_PLACE, "slug"))
_KNOWN = select(*(_judged.c[name] for name in ("slug", "outcome", "points", "basis", "seconds", "fault"))).where(
    *_where(_judged, *_PLACE)
)
