"""Who has handed in what, as inbox and gradebook have it: what is to be graded, who is absent, what is no longer there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from workbench.errors import GradingError
from workbench.grading.arrivals.inbox import Counted, Inbox, InboxError, Submission
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import Enrolled, Standing
from workbench.grading.classwork.lineup import UNREADABLE, Entry, Subject
from workbench.grading.manifest import Manifest, ReleasedExercise
from workbench.grading.notebooks import intake
from workbench.grading.notebooks.intake import IntakeError
from workbench.grading.people.policy import Policy, moment

_COLLECT = "run `workbench collect SOURCE --release DIR --roster FILE --inbox DIR` first"


@dataclass(frozen=True)
class Attendance:
    """One exercise's class.

    Attributes
    ----------
    entries : tuple of Entry
        What counts, by student.
    missing : tuple of str
        Students of whom nothing counts.
    gone : tuple of str
        Students of whom a submission is recorded that is no longer in the inbox.
    """

    entries: tuple[Entry, ...]
    missing: tuple[str, ...]
    gone: tuple[str, ...]


def expected(manifest: Manifest, lessons: Sequence[str], inbox: Inbox) -> list[ReleasedExercise]:
    """The exercises to grade, once it is certain that `inbox` is one, and this release's.

    Raises
    ------
    GradingError
        When an exercise is not in the release, the folder is no inbox, or nothing in it belongs to the release: to grade it
        would say of a whole class that it has handed in nothing.
    """
    exercises = [manifest[name] for name in lessons] or list(manifest.exercises.values())
    if not inbox.exists:
        what = "this folder is no inbox" if inbox.folder.is_dir() else "there is no inbox here"
        raise GradingError(what, where=str(inbox.folder), remedy=_COLLECT)
    released = {(one.lesson, student) for one in manifest.exercises.values() for student in one.students}
    if not any((one.lesson, one.student) in released for one in inbox.submissions()):
        raise GradingError(
            "no submission in this inbox belongs to this release",
            where=str(inbox.folder),
            remedy=f"see that inbox and release are of the same class, or {_COLLECT}",
        )
    return exercises


def attendance(subject: Subject, inbox: Inbox, gradebook: Gradebook, policy: Policy | None) -> Attendance:
    """What counts of one exercise, by student, and who is not there.

    The gradebook is told who and what there is, so that work which is not graded yet is not taken for missing. A submission
    that the gradebook has and the inbox has lost stays the one that counts, unless a later one has come.
    """
    exercise = subject.exercise
    lesson = exercise.lesson
    _announce(subject, gradebook)
    standings = {one.student: one for one in gradebook.standings(lesson)}
    states = gradebook.states(lesson)
    here = {(one.student, one.sha256) for one in inbox.submissions(lesson)}
    lost = {name: one for name, one in standings.items() if one.sha256 and (name, one.sha256) not in here}

    def readable(one: Submission) -> bool:
        state, ending = states.get((one.student, one.sha256), ("", ""))
        return ending != UNREADABLE if state == "finished" else _readable(one, exercise)

    entries, missing, gone, others = [], [], [], []
    for absent in inbox.absent(exercise, policy):
        now = standings.get(absent.student, Standing(lesson, absent.student))
        if absent.student in lost:
            gone.append(absent.student)
            others += _excuse(now, excused=absent.excused, note=absent.note)
            continue
        missing.append(absent.student)
        if (now.sha256, now.excused, now.note) != ("", absent.excused, absent.note):
            others.append(Standing(lesson, absent.student, excused=absent.excused, note=absent.note))
    for counted in inbox.counting(exercise, policy, readable=readable):
        student, sha256 = counted.submission.student, counted.submission.sha256
        if student in lost and _later(lost[student], counted):
            gone.append(student)
            others += _excuse(lost[student], excused=counted.excused, note=counted.note)
            continue
        state, _ending = states.get((student, sha256), ("", ""))
        entry = Entry(subject, counted, exercise.students[student], standings.get(student), state)
        if not entry.stands:
            others.append(Standing(*entry.place, **entry.terms))
        entries.append(entry)
    if others:
        gradebook.stand_all(others)
    return Attendance(tuple(entries), tuple(missing), tuple(sorted(gone)))


def no_notebooks(exercises: Sequence[ReleasedExercise], inbox: Inbox) -> list[Submission]:
    """What students of these exercises handed in that is no notebook, where no notebook has come since."""
    others = inbox.others()
    last: dict[tuple[str, str], datetime] = {}
    for exercise in exercises if others else ():
        for one in inbox.submissions(exercise.lesson):
            for lesson in (one.lesson, ""):  # a file whose exercise is not known may be for any
                place = one.student, lesson
                last[place] = max(one.time, last.get(place, one.time))
    asked = {(student, lesson) for one in exercises for student in one.students for lesson in (one.lesson, "")}
    waiting = [one for one in others if (one.student, one.lesson) in asked]
    return [one for one in waiting if (one.student, one.lesson) not in last or last[one.student, one.lesson] < one.time]


def _announce(subject: Subject, gradebook: Gradebook) -> None:
    """Tell the gradebook who and what there is, where it does not know yet."""
    exercise, known = subject.exercise, {student.id for student in gradebook.students()}
    gradebook.enrol([Enrolled(student) for student in sorted(exercise.students) if student not in known])
    described = gradebook.questions(exercise.lesson).get(exercise.lesson)
    # What is graded keeps its scale: a changed one comes with a regrade, which shows what it does to scores.
    if not described or not any(one.state == "finished" for one in gradebook.standings(exercise.lesson)):
        gradebook.describe(exercise.lesson, subject.questions)


def _readable(one: Submission, exercise: ReleasedExercise) -> bool:
    """Whether a notebook can be made of it; a file that was changed or lost since is our fault, which grading tells."""
    try:
        intake.read(one.read(), exercise.variants[exercise.students[one.student]])
    except IntakeError:
        return False
    except InboxError:
        return True
    return True


def _excuse(now: Standing, *, excused: bool, note: str) -> list[Standing]:
    """The new terms of work that is recorded and no longer in the inbox: its lateness stays, an excuse comes and goes."""
    if excused == now.excused:
        return []
    return [replace(now, excused=excused, note=note)]


def _later(recorded: Standing, counted: Counted) -> bool:
    """Whether what is recorded came after what the inbox has."""
    return bool(recorded.received) and moment(recorded.received, where="gradebook") > counted.submission.time
