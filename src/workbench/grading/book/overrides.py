"""What persons say about scores: overrides and reviews, each change of a score with a line in the audit that stays."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from sqlalchemy import Connection, delete, insert, select

from workbench.errors import GradingError
from workbench.grading.book import scores as gradebook_scores
from workbench.grading.book import tables
from workbench.grading.book.rows import AuditEntry, QuestionInfo, Review, ReviewConflictError, Score


def set_score(
    connection: Connection, student: str, slug: str, points: float, *, reason: str, who: str, when: str, lesson: str = ""
) -> Score:
    """Write an override; see `Gradebook.set_score`."""
    lesson, info = find(connection, slug, lesson)
    _known(connection, student)
    if not math.isfinite(points) or not 0 <= points <= info.points:
        raise GradingError(f"`{slug}` has 0 to {info.points:g} points, not {points:g}")
    _said(reason, who)
    before = _score(connection, lesson, student, slug)
    tables.put(connection, tables.overrides, {"lesson": lesson, "student": student, "slug": slug, "points": points})
    note(connection, before, points, action="set", who=who, when=when, reason=reason)
    return _score(connection, lesson, student, slug)


def clear_override(
    connection: Connection, student: str, slug: str, *, reason: str, who: str, when: str, lesson: str = ""
) -> Score:
    """Take an override back; see `Gradebook.clear_override`."""
    lesson, _info = find(connection, slug, lesson)
    _said(reason, who)
    before = _score(connection, lesson, student, slug)
    own = tables.overrides.c
    gone = delete(tables.overrides).where(own.lesson == lesson, own.student == student, own.slug == slug)
    if connection.execute(gone).rowcount == 0:
        raise GradingError(f"`{slug}` of `{student}` was not set by a person: there is nothing to clear")
    after = _score(connection, lesson, student, slug)
    note(connection, before, after.points, action="clear", who=who, when=when, reason=reason)
    return after


def put_review(connection: Connection, review: Review, *, replace: bool) -> Review:
    """Write what a person made of an answer in words; see `Gradebook.put_review`."""
    lesson, info = find(connection, review.slug, review.lesson)
    if info.kind != "manual":
        raise GradingError(f"`{review.slug}` is judged by a check", remedy="workbench gradebook set ... to overrule it")
    _fitting(info, review.points)
    digest = _digest(connection, lesson, review.student, review.slug)
    if review.digest not in ("", digest):
        raise ReviewConflictError(
            f"`{review.student}` has handed in other words for `{review.slug}` since they were read",
            remedy="read them again",
        )
    complete = gradebook_scores.decided(info, review.points)
    new = Review(
        lesson,
        review.student,
        review.slug,
        dict(review.points),
        review.comment,
        review.reviewer,
        review.when,
        digest,
        complete,
    )
    _free(connection, new, replace=replace)
    before = _score(connection, lesson, review.student, review.slug)
    row = {name: value for name, value in vars(new).items() if name != "complete"}
    tables.put(connection, tables.reviews, row)
    after = _score(connection, lesson, review.student, review.slug)
    if after.points != before.points:
        note(connection, before, after.points, action="review", who=new.reviewer, when=new.when, reason=new.comment)
    return new


def audit(connection: Connection, *, student: str | None = None, slug: str | None = None) -> list[AuditEntry]:
    """All changes of scores, the oldest first."""
    query = select(tables.audit)
    if student is not None:
        query = query.where(tables.audit.c.student == student)
    if slug is not None:
        query = query.where(tables.audit.c.slug == slug)
    return [AuditEntry(**row._mapping) for row in connection.execute(query.order_by(tables.audit.c.number))]


def note(
    connection: Connection, before: Score, after: float | None, *, action: str, who: str, when: str, reason: str
) -> None:
    """Add a line to the audit."""
    place = {"lesson": before.lesson, "student": before.student, "slug": before.slug}
    change = {"action": action, "before": before.points, "after": after, "reason": reason}
    connection.execute(insert(tables.audit).values(when=when, who=who, **place, **change))


def find(connection: Connection, slug: str, lesson: str = "") -> tuple[str, QuestionInfo]:
    """The lesson and description of a question.

    Raises
    ------
    GradingError
        When no exercise has it, or two have and none is named.
    """
    found = [
        (name, info)
        for name, infos in gradebook_scores.questions(connection, lesson or None).items()
        for info in infos
        if info.slug == slug
    ]
    if not found:
        raise GradingError(f"there is no question `{slug}` in the gradebook", remedy="workbench gradebook show")
    if len(found) > 1:
        names = ", ".join(sorted(name for name, _info in found))
        raise GradingError(f"`{slug}` is asked in {names}", remedy="say which exercise is meant")
    return found[0]


def now() -> str:
    """The time, ISO 8601 in UTC to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _known(connection: Connection, student: str) -> None:
    for table in (tables.students, tables.standings):
        if connection.execute(select(table.c.student).where(table.c.student == student)).first():
            return
    raise GradingError(f"`{student}` is not in the gradebook", remedy="workbench gradebook show")


def _said(reason: str, who: str) -> None:
    if not reason.strip() or not who.strip():
        raise GradingError("a score is set by somebody and for a reason", remedy="--reason 'why'")


def _score(connection: Connection, lesson: str, student: str, slug: str) -> Score:
    found = [one for one in gradebook_scores.scores(connection, lesson, student) if one.slug == slug]
    if not found:
        raise GradingError(f"`{student}` is not in the gradebook", remedy="workbench gradebook show")
    return found[0]


def _digest(connection: Connection, lesson: str, student: str, slug: str) -> str:
    own, said = tables.standings.c, tables.words.c
    query = select(said.digest).where(
        *(said.lesson == lesson, said.student == student, said.slug == slug),
        *(own.lesson == lesson, own.student == student, own.sha256 == said.sha256),
    )
    found = connection.execute(query).scalar()
    if found is None:
        raise GradingError(f"`{student}` has no answer to `{slug}` to be read")
    return str(found)


def _fitting(info: QuestionInfo, points: Mapping[str, float]) -> None:
    most = dict(info.criteria)
    for name, value in points.items():
        if name not in most:
            raise GradingError(f"`{info.slug}` has no criterion `{name}`", remedy="there are " + ", ".join(most))
        if not math.isfinite(value) or not 0 <= value <= most[name]:
            raise GradingError(f"`{info.slug}`: `{name}` has 0 to {most[name]:g} points, not {value:g}")


def _free(connection: Connection, new: Review, *, replace: bool) -> None:
    """Refuse to write over what another person made of the same words."""
    earlier = gradebook_scores.reviews(connection, new.lesson, new.student)
    for old in earlier:
        same = old.slug == new.slug and old.digest == new.digest
        given = old.points or old.comment  # marks that were taken back are in nobody's way
        if same and given and not replace and old.reviewer != new.reviewer:
            raise ReviewConflictError(
                f"`{new.slug}` of `{new.student}` was read by {old.reviewer} too",
                where=f"{old.reviewer}: {math.fsum(old.points.values()):g}, "
                f"{new.reviewer}: {math.fsum(new.points.values()):g}",
                remedy="decide between the two, then replace one",
            )
