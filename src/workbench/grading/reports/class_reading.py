"""Reading what the instructor's report needs: scores from the gradebook, the code of answers from the inbox."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.grading.arrivals.inbox import Inbox
from workbench.grading.book.reading import Reading
from workbench.grading.manifest import Manifest, ReleasedExercise
from workbench.grading.notebooks import intake
from workbench.grading.notebooks.intake import IntakeError
from workbench.grading.outcome import Graded, Judgement
from workbench.grading.reports.class_summary import ClassSummary, summarise
from workbench.grading.work import Work


def summaries(gradebook: Reading, *, release: Manifest | None = None, inbox: Inbox | None = None) -> list[ClassSummary]:
    """Summarise each exercise that the gradebook knows.

    Parameters
    ----------
    release, inbox : Manifest and Inbox, optional
        With both, submissions are compared with each other.
    """
    found = []
    for lesson, questions in gradebook.questions().items():
        exercise = release.exercises.get(lesson) if release else None
        found.append(
            summarise(
                lesson,
                questions=questions,
                scores=gradebook.scores(lesson),
                totals=gradebook.totals(lesson),
                judgements=_judgements(gradebook, lesson, [question.slug for question in questions]),
                graded=dict(_graded(gradebook, lesson)),
                code=dict(_code(gradebook, inbox, exercise)) if inbox and exercise else {},
                template=_template(exercise) if exercise else "",
                results=[(student, result) for _, student, result in gradebook.raised(lesson)],
            )
        )
    return found


def _judgements(gradebook: Reading, lesson: str, slugs: list[str]) -> Iterator[Judgement]:
    for slug in slugs:
        yield from (recorded.judgement for recorded in gradebook.answers(lesson, slug))


def _graded(gradebook: Reading, lesson: str) -> Iterator[tuple[str, Graded]]:
    for standing in gradebook.standings(lesson):
        graded = gradebook.submission(lesson, standing.student) if standing.state == "finished" else None
        if graded is not None:
            yield standing.student, graded


def _code(gradebook: Reading, inbox: Inbox, exercise: ReleasedExercise) -> Iterator[tuple[str, str]]:
    """The code of each student's submission that was graded. What could not be read was recorded as such."""
    graded = {(one.student, one.sha256) for one in gradebook.standings(exercise.lesson)}
    sent = {(one.student, one.sha256): one for one in inbox.submissions(exercise.lesson)}
    for whose in sorted(graded & sent.keys()):
        submission = sent[whose]
        if submission.student not in exercise.students:
            continue
        variant = exercise.variant_of(submission.student)
        try:
            work = intake.read(submission.read(), variant)
        except IntakeError:
            continue
        given = {cell.id for cell in variant.cells if cell.kind in ("supplied", "check")}
        yield submission.student, _answers(work, given)


def _answers(work: Work, given: set[str]) -> str:
    return "\n".join(step.source for step in work.steps if step.kind == "run" and step.cell not in given)


def _template(exercise: ReleasedExercise) -> str:
    """What was handed out; the variants differ in parameters alone."""
    return "\n".join(cell.source for cell in exercise.variants[0].cells if cell.kind in ("supplied", "answer"))
