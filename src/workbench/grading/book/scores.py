"""The scores that follow from what is recorded: rules only, nothing is stored.

For one question, the first that holds: excused work has no score; an override is what a person said; nothing handed in is
0 points; a fault of ours is no score, never a zero; a manual question has the points of a review of these very words; any
other has those of its recorded judgement; what is not recorded yet has no score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, and_, select

from workbench import files
from workbench.checks.verdict import Outcome
from workbench.grading.book import tables
from workbench.grading.book.rows import (
    EXCUSED,
    NOT_GRADED,
    TO_BE_READ,
    QuestionInfo,
    Review,
    Score,
    Source,
    Standing,
    State,
    Total,
)
from workbench.grading.outcome import INFRA_ERROR

NOTHING = files.digest_bytes(b"")
"""Digest of an answer in words that says nothing."""


class _Verdict(NamedTuple):
    points: float | None
    outcome: str
    source: Source


_FAULT = _Verdict(None, INFRA_ERROR, "fault")
_PENDING = _Verdict(None, NOT_GRADED, "pending")
_UNREAD = _Verdict(None, TO_BE_READ, "manual")


@dataclass(frozen=True)
class _Records:
    """All that scores follow from; each mapping by lesson, student and, where it says so, slug."""

    questions: Mapping[str, Sequence[QuestionInfo]]  # by lesson
    students: Sequence[str]
    standings: Mapping[tuple[str, str], Standing]
    verdicts: Mapping[tuple[str, str, str], _Verdict]
    digests: Mapping[tuple[str, str, str], str]  # of words
    reviews: Mapping[tuple[str, str, str], Review]
    overrides: Mapping[tuple[str, str, str], float]


def scores(connection: Connection, lesson: str | None = None, student: str | None = None) -> list[Score]:
    """All scores, by lesson, student and the question's position."""
    records = _records(connection, lesson, student)
    found = []
    for name, infos in sorted(records.questions.items()):
        for one in _everybody(records, name):
            standing = records.standings.get((name, one), Standing(name, one))
            found += [_score(records, info, standing) for info in infos]
    return found


def totals(connection: Connection, lesson: str | None = None, student: str | None = None) -> list[Total]:
    """The sum of each student's scores of each exercise, by lesson and student."""
    by_student: dict[tuple[str, str], list[Score]] = {}
    for score in scores(connection, lesson, student):
        by_student.setdefault((score.lesson, score.student), []).append(score)
    standing = standings(connection, lesson, student)
    return [_total(standing.get(place, Standing(*place)), found) for place, found in by_student.items()]


def _total(standing: Standing, found: Sequence[Score]) -> Total:
    known = [score.points for score in found if score.points is not None]
    earned = math.fsum(known)
    return Total(
        standing.student,
        standing.lesson,
        earned * standing.factor if len(known) == len(found) else None,
        earned,
        math.fsum(score.out_of for score in found),
        len(found) - len(known),
        standing,
    )


def _everybody(records: _Records, lesson: str) -> list[str]:
    return sorted({*records.students, *(student for name, student in records.standings if name == lesson)})


def _score(records: _Records, info: QuestionInfo, standing: Standing) -> Score:
    place = (standing.lesson, standing.student, info.slug)
    verdict = _manual(records, info, standing, place) if info.kind == "manual" else _automatic(records, standing, place)
    if standing.excused:
        verdict = _Verdict(None, EXCUSED, "excused")
    elif place in records.overrides:
        verdict = _Verdict(records.overrides[place], verdict.outcome, "override")
    return Score(
        standing.student,
        standing.lesson,
        info.slug,
        info.kind,
        verdict.points,
        info.points,
        verdict.outcome,
        verdict.source,
        standing.factor,
    )


def _missing(standing: Standing) -> _Verdict | None:
    if standing.state == "missing":
        return _Verdict(0.0, Outcome.NOT_ATTEMPTED.value, "missing")
    return _FAULT if standing.state == "fault" else None


def _automatic(records: _Records, standing: Standing, place: tuple[str, str, str]) -> _Verdict:
    return _missing(standing) or records.verdicts.get(place, _PENDING)


def _manual(records: _Records, info: QuestionInfo, standing: Standing, place: tuple[str, str, str]) -> _Verdict:
    missing = _missing(standing)
    if missing or standing.state != "finished":
        return missing or _PENDING
    digest = records.digests.get(place, NOTHING)
    review = records.reviews.get(place)
    if review and review.digest == digest:
        if not review.complete:
            return _UNREAD
        points = math.fsum(review.points[name] for name, _most in info.criteria)
        return _Verdict(points, _outcome_of(points, info.points), "manual")
    return _UNREAD if digest != NOTHING else _Verdict(0.0, Outcome.NOT_ATTEMPTED.value, "manual")


def _outcome_of(points: float, out_of: float) -> str:
    outcome = Outcome.INCORRECT if points <= 0 else Outcome.CORRECT if points >= out_of else Outcome.PARTIAL
    return outcome.value


def _records(connection: Connection, lesson: str | None, student: str | None) -> _Records:
    judged = tables.judgements
    columns = [judged.c[name] for name in ("lesson", "student", "slug", "points", "outcome", "fault")]
    verdicts = connection.execute(current(select(*columns), judged, lesson, student))
    words = tables.words
    digests = connection.execute(
        current(select(words.c.lesson, words.c.student, words.c.slug, words.c.digest), words, lesson, student)
    )
    infos = questions(connection, lesson)
    marks = connection.execute(narrowed(select(tables.overrides), tables.overrides, lesson, student))
    enrolled = connection.execute(narrowed(select(tables.students.c.student), tables.students, None, student))
    return _Records(
        infos,
        [row.student for row in enrolled],
        standings(connection, lesson, student),
        {(row.lesson, row.student, row.slug): _verdict(row) for row in verdicts},
        {(row.lesson, row.student, row.slug): row.digest for row in digests},
        {(one.lesson, one.student, one.slug): one for one in reviews(connection, lesson, student)},
        {(row.lesson, row.student, row.slug): row.points for row in marks},
    )


def _verdict(row: Row[Any]) -> _Verdict:
    """The verdict recorded; a check that could not be run says nothing about the answer."""
    if row.fault or row.outcome == Outcome.NOT_JUDGED:
        return _FAULT
    return _Verdict(row.points, row.outcome, "auto")


def questions(connection: Connection, lesson: str | None = None) -> dict[str, list[QuestionInfo]]:
    """The questions of each exercise, in their order."""
    found: dict[str, list[QuestionInfo]] = {}
    for row in connection.execute(narrowed(select(tables.questions), tables.questions, lesson)):
        criteria = tuple((name, points) for name, points in row.criteria)
        info = QuestionInfo(row.slug, row.title, row.points, row.kind, row.position, criteria)
        found.setdefault(row.lesson, []).append(info)
    return {name: sorted(infos, key=lambda info: (info.position, info.slug)) for name, infos in found.items()}


def standings(
    connection: Connection, lesson: str | None = None, student: str | None = None
) -> dict[tuple[str, str], Standing]:
    """How each submission that counts stands, by lesson and student."""
    own, sent = tables.standings, tables.submissions
    same = and_(own.c.lesson == sent.c.lesson, own.c.student == sent.c.student, own.c.sha256 == sent.c.sha256)
    rows = connection.execute(
        narrowed(select(own, sent.c.state, sent.c.fault).select_from(own.outerjoin(sent, same)), own, lesson, student)
    )
    begun = connection.execute(
        narrowed(
            select(sent.c.lesson, sent.c.student)
            .select_from(sent.outerjoin(own, and_(own.c.lesson == sent.c.lesson, own.c.student == sent.c.student)))
            .where(own.c.student.is_(None)),
            sent,
            lesson,
            student,
        )
    )
    unfinished = {(row.lesson, row.student): Standing(row.lesson, row.student, state="open") for row in begun}
    return unfinished | {(row.lesson, row.student): _standing(row) for row in rows}


def _standing(row: Row[Any]) -> Standing:
    state: State = row.state or ("open" if row.sha256 else "missing")
    return Standing(
        row.lesson,
        row.student,
        row.sha256,
        row.received,
        row.factor,
        row.late_days,
        row.excused,
        row.note,
        state,
        row.fault or "",
    )


def reviews(connection: Connection, lesson: str | None = None, student: str | None = None) -> list[Review]:
    """What persons made of answers in words, by lesson, question and student."""
    wanted = {(name, info.slug): info for name, infos in questions(connection, lesson).items() for info in infos}
    found = []
    for row in connection.execute(narrowed(select(tables.reviews), tables.reviews, lesson, student)):
        info = wanted.get((row.lesson, row.slug))
        complete = info is not None and decided(info, row.points)
        found.append(
            Review(row.lesson, row.student, row.slug, row.points, row.comment, row.reviewer, row.when, row.digest, complete)
        )
    return sorted(found, key=lambda one: (one.lesson, one.slug, one.student))


def decided(info: QuestionInfo, points: Mapping[str, float]) -> bool:
    """Whether every criterion that the question has now is given points that it can have."""
    return all(points.get(name, math.inf) <= most for name, most in info.criteria)


def narrowed(query: Select[Any], table: Table, lesson: str | None, student: str | None = None) -> Select[Any]:
    """The query for one lesson or student only, where one is given."""
    if lesson is not None:
        query = query.where(table.c.lesson == lesson)
    return query if student is None else query.where(table.c.student == student)


def current(query: Select[Any], table: Table, lesson: str | None = None, student: str | None = None) -> Select[Any]:
    """The query for submissions that count only."""
    own = tables.standings
    same = and_(own.c.lesson == table.c.lesson, own.c.student == table.c.student, own.c.sha256 == table.c.sha256)
    return narrowed(query.join(own, same), table, lesson, student)
