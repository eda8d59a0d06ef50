"""Reading a gradebook: scores, and what they rest on. Each method sees one state of the whole gradebook."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, select

from workbench.checks.verdict import Outcome, Result
from workbench.grading.book import overrides, tables
from workbench.grading.book import scores as gradebook_scores
from workbench.grading.book.rows import (
    AuditEntry,
    Enrolled,
    QuestionInfo,
    Recorded,
    Review,
    Score,
    Standing,
    Total,
    Words,
)
from workbench.grading.book.store import Store
from workbench.grading.outcome import CellRun, Graded, Judgement, Usage
from workbench.grading.work import Flag


class Reading:
    """What can be asked of an open gradebook, whether it was opened for writing or not."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def name(self) -> str:
        """Its path or URL, without a password."""
        return self._store.name

    def scores(self, lesson: str | None = None, student: str | None = None) -> list[Score]:
        """Every student's score for every question, by lesson, student and the question's position."""
        with self._store.reading() as connection:
            return gradebook_scores.scores(connection, lesson, student)

    def totals(self, lesson: str | None = None, student: str | None = None) -> list[Total]:
        """Every student's points for every exercise, by lesson and student."""
        with self._store.reading() as connection:
            return gradebook_scores.totals(connection, lesson, student)

    def students(self) -> list[Enrolled]:
        """All students entered, by id."""
        with self._store.reading() as connection:
            found = [Enrolled(*row) for row in connection.execute(select(tables.students))]
        return sorted(found, key=lambda student: student.id)

    def questions(self, lesson: str | None = None) -> dict[str, list[QuestionInfo]]:
        """The questions of each exercise in their order, by lesson."""
        with self._store.reading() as connection:
            return dict(sorted(gradebook_scores.questions(connection, lesson).items()))

    def standings(self, lesson: str | None = None) -> list[Standing]:
        """Which submissions count and how they stand, by lesson and student; who handed in nothing may not be there."""
        with self._store.reading() as connection:
            return [one for _place, one in sorted(gradebook_scores.standings(connection, lesson).items())]

    def states(self, lesson: str) -> dict[tuple[str, str], tuple[str, str]]:
        """State and ending of every submission that was ever begun, by student and digest, whether it counts or not."""
        own = tables.submissions.c
        query = select(own.student, own.sha256, own.state, own.ending).where(own.lesson == lesson)
        with self._store.reading() as connection:
            return {(row.student, row.sha256): (row.state, row.ending) for row in connection.execute(query)}

    def remembered(self, name: str) -> list[list[str]]:
        """What `Gradebook.remember` was given last under `name`; nothing where it never was."""
        query = select(tables.about.c.value).where(tables.about.c.name == f"last {name}")
        with self._store.reading() as connection:
            found = connection.execute(query).scalar()
        rows: list[list[str]] = [] if found is None else json.loads(found)
        return rows

    def faults(self) -> list[tuple[str, str, str, str]]:
        """What of ours failed: lesson, student, question (empty for a whole submission) and why."""
        own, now = tables.judgements, gradebook_scores
        query = select(own.c.lesson, own.c.student, own.c.slug, own.c.fault, own.c.detail)
        with self._store.reading() as connection:
            whole = [(one.lesson, one.student, "", one.fault) for one in now.standings(connection).values() if one.fault]
            not_judged = now.current(query.where(own.c.outcome == Outcome.NOT_JUDGED.value), own)
            single = [(row.lesson, row.student, row.slug, row.fault or row.detail) for row in connection.execute(not_judged)]
        return sorted(whole + single)

    def raised(self, lesson: str | None = None) -> list[tuple[str, str, Result]]:
        """Lesson, student and verdict of each answer on which something raised: verdicts with a `Result.detail`."""
        own = tables.judgements
        wanted = [own.c[name] for name in ("lesson", "student", "slug", "title", "outcome", "points", "out_of", "detail")]
        query = gradebook_scores.current(select(*wanted).where(own.c.detail != ""), own, lesson)
        with self._store.reading() as connection:
            rows = list(connection.execute(query))
        found = []
        for row in rows:
            result = Result(row.slug, row.title, Outcome(row.outcome), row.points, row.out_of, (), row.detail)
            found.append((row.lesson, row.student, result))
        return sorted(found, key=lambda one: (one[0], one[1], one[2].slug))

    def answers(self, lesson: str, slug: str) -> list[Recorded]:
        """The recorded verdicts on one question of all submissions that count, with their transcripts, by student."""
        own = tables.judgements
        query = gradebook_scores.current(select(own).where(own.c.slug == slug), own, lesson)
        with self._store.reading() as connection:
            found = [Recorded(row.student, row.sha256, _judgement(row)) for row in connection.execute(query)]
        return sorted(found, key=lambda one: one.student)

    def bases(self, lesson: str) -> list[tuple[str, str, str, str]]:
        """Student, digest of the submission that counts, question and basis of each verdict, as in `Gradebook.judged`."""
        own = tables.judgements.c
        query = select(own.student, own.sha256, own.slug, own.basis).where(own.outcome != Outcome.NOT_JUDGED.value)
        with self._store.reading() as connection:
            rows = connection.execute(gradebook_scores.current(query, tables.judgements, lesson))
            return sorted((row.student, row.sha256, row.slug, row.basis) for row in rows)

    def judgement(self, lesson: str, student: str, slug: str) -> Recorded | None:
        """The recorded verdict on one answer of the submission that counts; None where there is none."""
        own = tables.judgements
        query = gradebook_scores.current(select(own).where(own.c.slug == slug), own, lesson, student)
        with self._store.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Recorded(row.student, row.sha256, _judgement(row))

    def submission(self, lesson: str, student: str) -> Graded | None:
        """All that is recorded of the submission that counts, verdicts in the questions' order; None where there is none."""
        with self._store.reading() as connection:
            sent = tables.submissions
            row = connection.execute(gradebook_scores.current(select(sent), sent, lesson, student)).first()
            if row is None:
                return None
            order = {info.slug: info.position for info in gradebook_scores.questions(connection, lesson).get(lesson, ())}
            own, said = tables.judgements, tables.words
            rows = connection.execute(gradebook_scores.current(select(own), own, lesson, student))
            judged = [_judgement(one) for one in rows]
            texts = connection.execute(gradebook_scores.current(select(said.c.slug, said.c.text), said, lesson, student))
            found = {one.slug: one.text for one in texts}
        judged.sort(key=lambda one: (order.get(one.result.slug, len(order)), one.result.slug))
        return Graded(
            tuple(judged),
            tuple(CellRun(**{**one, "outputs": tuple(one["outputs"])}) for one in row.cells),
            tuple(Flag(**one) for one in row.flags),
            dict(sorted(found.items())),
            Usage(**row.usage),
            row.ending,
            row.tier,
            row.fault,
        )

    def words(self, lesson: str, slug: str) -> list[Words]:
        """What students wrote for a manual question in the submissions that count, by student."""
        own = tables.words
        query = gradebook_scores.current(select(own).where(own.c.slug == slug), own, lesson)
        with self._store.reading() as connection:
            found = [Words(lesson, row.student, slug, row.text, row.digest) for row in connection.execute(query)]
        return sorted(found, key=lambda one: one.student)

    def reviews(self, lesson: str | None = None) -> list[Review]:
        """All reviews, by lesson, question and student; those of words replaced since too: compare `Words.digest`."""
        with self._store.reading() as connection:
            return gradebook_scores.reviews(connection, lesson)

    def audit(self, *, student: str | None = None, slug: str | None = None) -> list[AuditEntry]:
        """All changes of scores, the oldest first."""
        with self._store.reading() as connection:
            return overrides.audit(connection, student=student, slug=slug)


def _judgement(row: Row[Any]) -> Judgement:
    result = Result(row.slug, row.title, Outcome(row.outcome), row.points, row.out_of, tuple(row.messages), row.detail)
    return Judgement(result, tuple(row.transcript), row.basis, row.hidden, row.seconds, row.fault)
