"""The gradebook: what was judged of whom, one transaction a question, and the scores that follow from it."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from sqlalchemy import delete, insert, select

from workbench.checks.verdict import Outcome
from workbench.grading.book import overrides, tables
from workbench.grading.book import records as gradebook_records
from workbench.grading.book.reading import Reading
from workbench.grading.book.rows import (
    Enrollable,
    QuestionInfo,
    Review,
    Score,
    Standing,
)
from workbench.grading.book.store import PATIENCE, open_store
from workbench.grading.outcome import Graded, Judgement


class Gradebook(Reading):
    """All that is known of a class's work. Use `open`; it is a context manager, and safe to use from several threads.

    Every method that writes is one transaction: when it has returned, the change survives a kill and a power cut; when it
    raised, nothing of it happened. Writing the same again changes nothing. All raise `GradebookError` where the database
    cannot be used.
    """

    @classmethod
    def open(cls, where: str | Path, *, write: bool = True, make: bool = True, patience: float = PATIENCE) -> Gradebook:
        """Open a gradebook; a writer makes it where there is none, unless told otherwise.

        Parameters
        ----------
        where : str or Path
            A file (SQLite), or a URL: ``postgresql://USER@HOST/DATABASE``. A database of PostgreSQL's holds one gradebook.
        write : bool
            Whether to change it. There is one writer at a time; readers are never refused.
        make : bool
            Whether a writer makes it where there is none.
        patience : float
            Seconds for which to wait for another program that has locked the file.

        Raises
        ------
        GradebookBusyError
            When another writer has it.
        GradebookError
            When it cannot be opened, is not a gradebook of this version, or is not there and not to be made.
        """
        return cls(open_store(where, write=write, make=make, patience=patience))

    @property
    def files(self) -> tuple[Path, ...]:
        """Where it lies on the disk of this machine; nowhere, where a server keeps it."""
        return self._store.files

    def close(self) -> None:
        """Close it and let other writers in; a second call does nothing."""
        self._store.close()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def secret(self, purpose: str) -> bytes | None:
        """The random bytes that `make_secret` made for `purpose`; None where it has not."""
        query = select(tables.about.c.value).where(tables.about.c.name == f"secret {purpose}")
        with self._store.reading() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else bytes.fromhex(found)

    def make_secret(self, purpose: str) -> bytes:
        """32 random bytes for `purpose`, the same as long as this gradebook lives."""
        with self._store.writing() as connection:
            query = select(tables.about.c.value).where(tables.about.c.name == f"secret {purpose}")
            found = connection.execute(query).scalar()
            if found is None:
                found = secrets.token_hex(32)
                connection.execute(insert(tables.about).values(name=f"secret {purpose}", value=found))
        return bytes.fromhex(found)

    def remember(self, name: str, rows: Sequence[Sequence[str]]) -> None:
        """Keep plain rows of text under `name`, in the place of those that were there; see `remembered`."""
        with self._store.writing() as connection:
            tables.put(connection, tables.about, {"name": f"last {name}", "value": json.dumps(rows)})

    # --- what is to be graded -------------------------------------------------------------------------------------

    def enrol(self, roster: Iterable[Enrollable]) -> None:
        """Enter students, or their new names and addresses; who is there already and not in `roster` stays."""
        with self._store.writing() as connection:
            for student in roster:
                row = {"student": student.id, "name": student.name, "email": student.email}
                tables.put(connection, tables.students, row)

    def describe(self, lesson: str, questions: Sequence[QuestionInfo]) -> None:
        """Say what the questions of `lesson` are now. Scores follow these; judgements of others are kept out of sight."""
        with self._store.writing() as connection:
            gradebook_records.describe(connection, lesson, questions)

    # --- what grading writes --------------------------------------------------------------------------------------

    def judged(self, lesson: str, student: str, sha256: str) -> dict[str, str]:
        """By slug, the basis of each verdict recorded of this very submission; what could not be judged is left out."""
        own = tables.judgements.c
        query = select(own.slug, own.basis).where(
            *gradebook_records.of(tables.judgements, lesson, student, sha256), own.outcome != Outcome.NOT_JUDGED.value
        )
        with self._store.reading() as connection:
            return {row.slug: row.basis for row in connection.execute(query)}

    def stand_all(self, standings: Iterable[Standing]) -> None:
        """Say which submissions count and on what terms, whether they have been graded or not: all of it or none.

        Parameters
        ----------
        standings : iterable of Standing
            The digest is empty where nothing was handed in (excused work, say); the ``state`` is not looked at.
        """
        with self._store.writing() as connection:
            for one in standings:
                terms = gradebook_records.terms(one.received, one.factor, one.late_days, one.excused, one.note)
                place = {"lesson": one.lesson, "student": one.student, "sha256": one.sha256}
                tables.put(connection, tables.standings, {**place, **terms})

    def record(self, lesson: str, student: str, sha256: str, judgement: Judgement, *, reason: str = "graded again") -> None:
        """Write the verdict on one question. Where it changes a score that stood, the audit says so, and `reason`.

        It is kept however this program ends; a loss of power may take it until `finish`, and then it is judged again.

        Raises
        ------
        GradingError
            When its points are not between 0 and what is to be had.
        """
        self.record_all([(lesson, student, sha256, judgement)], reason=reason, synced=False)

    def record_all(self, judgements: Iterable[tuple[str, str, str, Judgement]], *, reason: str, synced: bool = True) -> None:
        """Write verdicts as `record` does, each with lesson, student and digest: all of them or none."""
        with self._store.writing(synced=synced) as connection:
            for lesson, student, sha256, judgement in judgements:
                gradebook_records.begin(connection, lesson, student, sha256)
                gradebook_records.record(connection, lesson, student, sha256, judgement, reason)

    def regraded(
        self,
        questions: Mapping[str, Sequence[QuestionInfo]],
        judgements: Iterable[tuple[str, str, str, Judgement, bool]],
        *,
        reason: str,
    ) -> None:
        """Write what a regrade found, all of it or none.

        Parameters
        ----------
        questions : mapping
            What the questions of each exercise are now, by lesson; see `describe`.
        judgements : iterable
            As in `record_all`, each with whether the recorded transcript is to stay.
        """
        with self._store.writing() as connection:
            for lesson, infos in questions.items():
                gradebook_records.describe(connection, lesson, infos)
            for lesson, student, sha256, judgement, keep in judgements:
                gradebook_records.record(connection, lesson, student, sha256, judgement, reason, keep_transcript=keep)

    def finish(
        self,
        lesson: str,
        student: str,
        sha256: str,
        graded: Graded,
        *,
        received: str | dt.datetime = "",
        factor: float = 1.0,
        late_days: float = 0.0,
        excused: bool = False,
        note: str = "",
    ) -> None:
        """Write all that came of a submission, its verdicts too, and make it the one that counts.

        Parameters
        ----------
        graded : Graded
            With a ``fault``, the submission has no score; see `fault`.
        received : str or datetime
            When it was handed in.
        factor : float
            The share of the points that counts, 0 to 1.
        late_days : float
            Days begun after the due date and its grace.
        excused : bool
            Whether the exercise does not count for this student.
        note : str
            Why, for the instructor.
        """
        place = {"lesson": lesson, "student": student, "sha256": sha256}
        terms = gradebook_records.terms(received, factor, late_days, excused, note)
        row = {name: getattr(graded, name) for name in ("ending", "tier", "fault")}
        row |= {"usage": vars(graded.usage), "flags": [vars(one) for one in graded.flags]}
        row |= {"cells": [{**vars(one), "outputs": [dict(item) for item in one.outputs]} for one in graded.cells]}
        with self._store.writing() as connection:
            gradebook_records.record_new(connection, lesson, student, sha256, graded.judgements)
            state = "fault" if graded.fault else "finished"
            tables.put(connection, tables.submissions, {**place, "state": state, **row})
            tables.put(connection, tables.standings, {**place, **terms})
            connection.execute(delete(tables.words).where(*gradebook_records.of(tables.words, lesson, student, sha256)))
            for slug, text in sorted(graded.texts.items()):
                digest = gradebook_records.words_digest(text)
                connection.execute(insert(tables.words).values(**place, slug=slug, text=text, digest=digest))

    def fault(self, lesson: str, student: str, sha256: str, text: str) -> None:
        """Write that our side failed with this submission: it counts, has no score, and is listed by `faults`.

        Verdicts that it has already are kept for a second try. Terms that `stand_all` gave are kept too.
        """
        place = {"lesson": lesson, "student": student, "sha256": sha256}
        with self._store.writing() as connection:
            tables.put(connection, tables.submissions, {**place, "state": "fault", "fault": text or "unknown"})
            tables.put(connection, tables.standings, place)

    # --- what persons write ---------------------------------------------------------------------------------------

    def set_score(
        self, student: str, slug: str, points: float, *, reason: str, who: str, when: str = "", lesson: str = ""
    ) -> Score:
        """Overrule the score of a question; it stays so through every regrade until it is cleared.

        Parameters
        ----------
        points : float
            0 to the question's points, before anything is taken off for lateness.
        reason, who : str
            Not empty; they go into the audit with the time `when` (ISO 8601; now where empty).
        lesson : str
            Needed only where two exercises ask the same question.

        Raises
        ------
        GradingError
            When there is no such student or question, or the points cannot be had.
        """
        with self._store.writing() as connection:
            return overrides.set_score(
                connection, student, slug, points, reason=reason, who=who, when=when or overrides.now(), lesson=lesson
            )

    def clear_override(self, student: str, slug: str, *, reason: str, who: str, when: str = "", lesson: str = "") -> Score:
        """Take back what `set_score` said; what is recorded counts again.

        Raises
        ------
        GradingError
            When nothing was set.
        """
        with self._store.writing() as connection:
            return overrides.clear_override(
                connection, student, slug, reason=reason, who=who, when=when or overrides.now(), lesson=lesson
            )

    def put_review(
        self,
        student: str,
        slug: str,
        points: Mapping[str, float],
        comment: str,
        reviewer: str,
        *,
        when: str = "",
        digest: str = "",
        lesson: str = "",
        replace: bool = False,
    ) -> Review:
        """Write what `reviewer` made of an answer in words; it counts when every criterion has its points.

        Parameters
        ----------
        points : mapping
            By criterion, 0 to the most it has; those not in it are undecided.
        digest : str
            `Words.digest` of what was read, where time may have passed since.
        replace : bool
            Whether it may take the place of another person's review of the same words.

        Raises
        ------
        ReviewConflictError
            When somebody else has reviewed these words, or the words are others by now; nothing was written.
        GradingError
            When there is no such answer or criterion, or the points cannot be had.
        """
        review = Review(lesson, student, slug, points, comment, reviewer, when or overrides.now(), digest)
        with self._store.writing() as connection:
            return overrides.put_review(connection, review, replace=replace)
