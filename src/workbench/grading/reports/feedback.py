"""What a student gets back: one page an exercise, that needs nothing beside it and runs nothing.

For each question what was asked, what their cells showed, the verdict and a hint. Of hidden questions the title and the
points alone; of a person's marks the rubric and the comment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

from workbench import files
from workbench.checks import render
from workbench.checks.module import CheckModule
from workbench.checks.verdict import Outcome
from workbench.grading.book.reading import Reading
from workbench.grading.book.rows import QuestionInfo, Review, Score, Total
from workbench.grading.manifest import ReleasedCell, ReleasedExercise
from workbench.grading.outcome import CellRun, Graded
from workbench.grading.reports import student_words


@dataclass(frozen=True)
class QuestionFeedback:
    """One question as the page shows it.

    Attributes
    ----------
    asked : str
        The task as HTML, made from our own text; empty for a hidden question.
    shown : tuple of CellRun
        What the answer's cells showed; hostile text.
    marks : tuple of (str, float or None, float)
        Of a question that a person read: criterion, points, and the most that it gives.
    stopped : str
        That the answer's cell was not let run to its end, and why; empty where it was.
    reason : str
        Of an override: what the person wrote who set it.
    """

    info: QuestionInfo
    score: Score
    asked: str = ""
    messages: tuple[str, ...] = ()
    hint: str = ""
    shown: tuple[CellRun, ...] = ()
    words: str = ""
    marks: tuple[tuple[str, float | None, float], ...] = ()
    comment: str = ""
    stopped: str = ""
    reason: str = ""

    @property
    def tone(self) -> str:
        """The word that the page's colours and signs go by."""
        if self.score.points is None:
            return "open"
        return "full" if self.score.points >= self.score.out_of else "part" if self.score.points > 0 else "none"


def pages(
    gradebook: Reading, exercise: ReleasedExercise, checks: CheckModule, *, course: str, title: str = ""
) -> Iterator[tuple[str, str]]:
    """The page of each student who was given `exercise`, with their id; hints come from `checks`, the visible ones alone.

    `title` is what the exercise is called; without it, its slug.
    """
    lesson = exercise.lesson
    infos = gradebook.questions(lesson).get(lesson, [])
    names = {student.id: student.name for student in gradebook.students()}
    totals = {total.student: total for total in gradebook.totals(lesson)}
    scores: dict[str, list[Score]] = {}
    for score in gradebook.scores(lesson):
        scores.setdefault(score.student, []).append(score)
    reviews = {(review.student, review.slug): review for review in gradebook.reviews(lesson)}
    changes = [one for one in gradebook.audit() if (one.lesson, one.action) == (lesson, "set")]
    reasons = {(one.student, one.slug): one.reason for one in changes}  # the last one counts
    for student in sorted(exercise.students):
        if student in totals:
            graded = gradebook.submission(lesson, student)
            cells = exercise.variant_of(student).cells
            by_slug = {score.slug: score for score in scores.get(student, ())}
            questions = [
                replace(
                    _question(info, by_slug[info.slug], cells, checks, graded, reviews.get((student, info.slug))),
                    reason=reasons.get((student, info.slug), "") if by_slug[info.slug].source == "override" else "",
                )
                for info in infos
                if info.slug in by_slug
            ]
            yield student, page(course, title or lesson, names.get(student) or student, totals[student], questions, graded)


def page(
    course: str, title: str, name: str, total: Total, questions: Sequence[QuestionFeedback], graded: Graded | None
) -> str:
    """One student's page as HTML; everything that they wrote is escaped."""
    from jinja2 import Environment

    template = resources.files("workbench").joinpath("templates", "feedback.html.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["inline"] = _inline
    return environment.from_string(template).render(
        course=course,
        title=title,
        name=name,
        total=total,
        questions=questions,
        recorded=any(question.score.source == "override" for question in questions),
        remarks=student_words.remarks(graded.flags) if graded else [],
        unreadable=student_words.unreadable(graded),
        early=student_words.early(graded),
    )


def write(
    out: Path, gradebook: Reading, exercise: ReleasedExercise, checks: CheckModule, *, course: str, title: str = ""
) -> dict[str, Path]:
    """Write ``out/STUDENT/LESSON.html`` for everybody; the paths, by student."""
    return {
        student: files.write_text(out / student / f"{exercise.lesson}.html", text)
        for student, text in pages(gradebook, exercise, checks, course=course, title=title)
    }


def _question(
    info: QuestionInfo,
    score: Score,
    cells: Sequence[ReleasedCell],
    checks: CheckModule,
    graded: Graded | None,
    review: Review | None,
) -> QuestionFeedback:
    if info.kind == "hidden":
        return QuestionFeedback(info, score)
    if student_words.unreadable(graded):
        return QuestionFeedback(info, score, _asked(cells, info.slug))  # the page says once why nothing was seen
    if score.points is None:
        review = None  # not read to the end, or of words replaced since
    judged = {one.result.slug: one.result for one in graded.judgements} if graded else {}
    result = judged.get(info.slug)
    missed = score.source == "auto" and result is not None and result.outcome is not Outcome.CORRECT
    hints = checks.questions[info.slug].hints if info.slug in checks.questions else ()
    shown = _shown(cells, info.slug, graded)
    return QuestionFeedback(
        info,
        score,
        _asked(cells, info.slug),
        result.messages if result and missed else (),
        hints[0] if hints and missed else "",
        shown,
        graded.texts.get(info.slug, "") if graded and info.kind == "manual" else "",
        tuple((text, review.points.get(text), most) for text, most in info.criteria) if review else (),
        review.comment if review else "",
        student_words.stopped(shown) if missed else "",
    )


def _asked(cells: Sequence[ReleasedCell], slug: str) -> str:
    """The prose before the answer, from the last heading on, as HTML."""
    texts: list[str] = []
    for cell in cells:
        if cell.slug == slug and cell.kind in ("answer", "words"):
            return _html("\n\n".join(texts))
        if cell.kind == "text":
            texts = [cell.source] if cell.source.lstrip().startswith("#") else [*texts, cell.source]
    return ""


def _inline(text: str) -> Any:
    from markupsafe import Markup

    return Markup(render.inline(text))  # noqa: S704 - it escapes


def _html(markdown: str) -> str:
    import mistune

    return str(mistune.create_markdown(escape=True, plugins=["table"])(markdown))


def _shown(cells: Sequence[ReleasedCell], slug: str, graded: Graded | None) -> tuple[CellRun, ...]:
    """What the cells showed that answer this question, those that the student added after them too."""
    runs: Mapping[str, Any] = {run.cell: run for run in graded.cells} if graded else {}
    own = [cell.id for cell in cells if cell.slug == slug and cell.kind == "answer"]
    found = [runs[name] for name in own if name in runs and (runs[name].outputs or runs[name].error)]
    return tuple(student_words.without_paths(run) for run in found)
