"""Regrading: what a changed check or key would make of answers that were judged by another one.

Only questions are judged again whose recorded basis is not the one they would be judged by now: from what was recorded of
the answers where that holds everything the new check asks for, and otherwise by running the submission again, of which only
these questions' verdicts are taken. What a person set or read stays as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.catalog import Catalog
from workbench.checks.key import Key, Keys
from workbench.course import Course
from workbench.errors import GradingError
from workbench.grading.arrivals.inbox import Counted, Inbox, InboxError, Submission
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import QuestionInfo, Score, Standing
from workbench.grading.classwork import lineup, pool
from workbench.grading.classwork.lineup import Entry, Subject
from workbench.grading.classwork.pool import Demand, Pool
from workbench.grading.classwork.regrade_table import Change, How, RegradeTable
from workbench.grading.execution import key_cache
from workbench.grading.judges.judging import Judge, QuestionRef
from workbench.grading.judges.transcripts import Insufficient, Replay
from workbench.grading.manifest import Manifest
from workbench.grading.notebooks.intake import IntakeError
from workbench.grading.outcome import Graded, Judgement
from workbench.grading.sandbox.limits import Limits
from workbench.parameters import Value

REASON = "the check or its key changed"
"""What the audit says of a score that a regrade changed."""


def regrade(
    gradebook: Gradebook,
    course: Course,
    *,
    release: Manifest | Path,
    inbox: Inbox | None = None,
    lessons: Sequence[str] = (),
    hidden: Path | None = None,
    jobs: int = 2,
    require: str = "",
    allow_plain: bool = False,
    limits: Limits | None = None,
    commit: bool = False,
) -> RegradeTable:
    """Judge again what the course's checks and keys of today would judge otherwise.

    Parameters
    ----------
    gradebook : Gradebook
        Open for writing where `commit`.
    release : Manifest or Path
        What was handed out.
    inbox : Inbox, optional
        Where submissions are that must be run again; without it these are listed as not possible.
    lessons : sequence of str
        Exercises, by name or number; all of the release where none is named.
    hidden : Path, optional
        Folder with the check modules of hidden questions; the course's own where none is given.
    jobs : int
        Submissions run at once, 1 or more.
    require, allow_plain, limits
        What is asked of the sandbox, and what a submission may take; see `workbench.grading.classwork.run.grade`.
    commit : bool
        Whether to write it into the gradebook, in one transaction, with a line in the audit for each change.

    Raises
    ------
    GradingError
        When a check module was edited meanwhile, or there is no sandbox as required; nothing was written.
    CheckError
        When a check module or a solution does not run.
    """
    manifest = release if isinstance(release, Manifest) else Manifest.read(release)
    exercises = [manifest[name] for name in lessons] or list(manifest.exercises.values())
    subjects = lineup.subjects(course, exercises, hidden=hidden)
    before = lineup.digests(course, subjects)
    demand = lineup.demand(course, gradebook, inbox, hidden=hidden, require=require, allow_plain=allow_plain, limits=limits)
    with Judge(root=course.root, sources=course.sources) as judge, pool.opened(jobs, "", demand) as workers:
        work = _Regrade(gradebook, course, inbox, judge, workers, demand)
        for subject in subjects:
            work.exercise(subject)
    if lineup.digests(course, subjects) != before:
        raise GradingError("the checks are being edited while they are used", remedy="regrade when they are settled")
    table = work.table()
    if commit:
        gradebook.regraded(work.descriptions, work.verdicts, reason=REASON)
        table = replace(table, committed=True)
    return table


@dataclass(frozen=True)
class _Paper:
    """What one variant's questions are judged by now.

    Attributes
    ----------
    bases : mapping
        What a judgement by today's check and key rests on, by slug.
    """

    keys: Keys
    refs: Mapping[str, QuestionRef]
    bases: Mapping[str, str]

    def key(self, ref: QuestionRef) -> Key:
        return self.keys.hidden if ref.hidden and self.keys.hidden else self.keys.visible


_Again = tuple[Entry, list[QuestionRef]]
"""A submission that has to be run, and the questions for which."""


class _Regrade:
    """One call of `regrade`, and what it has found so far."""

    def __init__(
        self, gradebook: Gradebook, course: Course, inbox: Inbox | None, judge: Judge, workers: Pool, demand: Demand
    ) -> None:
        self.verdicts: list[tuple[str, str, str, Judgement, bool]] = []
        self.descriptions: dict[str, list[QuestionInfo]] = {}
        self._gradebook = gradebook
        self._course = course
        self._catalog = Catalog.load(course.catalog)
        self._inbox = inbox
        self._judge = judge
        self._pool = workers
        self._demand = demand
        self._scores: dict[tuple[str, str, str], Score] = {}
        self._changes: list[Change] = []
        self._impossible: list[Change] = []
        self._executed = self._unfinished = 0

    def table(self) -> RegradeTable:
        """What was found."""
        changes, impossible = (
            tuple(sorted(found, key=lambda one: (one.lesson, one.student, one.slug)))
            for found in (self._changes, self._impossible)
        )
        return RegradeTable(changes, impossible, len(self.verdicts), self._executed, self._unfinished)

    def exercise(self, subject: Subject) -> None:
        """Judge again what is to be judged again of one exercise; one that was never graded has nothing."""
        lesson = subject.exercise.lesson
        described = self._gradebook.questions(lesson).get(lesson)
        if described is None:
            return
        self.descriptions[lesson] = subject.questions
        self._scores |= {(lesson, score.student, score.slug): score for score in self._gradebook.scores(lesson)}
        self._removed(lesson, {info.slug for info in described} - {info.slug for info in subject.questions})
        again = []
        for entry, paper, touched in self._touched(subject):
            rest = [ref for ref in touched if not self._replayed(entry, ref, paper)]
            if rest:
                again.append((entry, rest))
        self._run(lesson, again)

    # --- What is to be done -------------------------------------------------------------------------------------------

    def _touched(self, subject: Subject) -> Iterator[tuple[Entry, _Paper, list[QuestionRef]]]:
        """Each submission with questions that were not judged by what they would be judged by today, and these."""
        recorded: dict[str, dict[str, str]] = defaultdict(dict)
        for student, _sha256, slug, ground in self._gradebook.bases(subject.exercise.lesson):
            recorded[student][slug] = ground
        entries = [entry for entry in self._entries(subject) if not _unreadable(recorded[entry.student])]
        papers = self._papers(subject, {entry.number: entry.variant.parameters for entry in entries})
        for entry in entries:
            paper, known = papers[entry.number], recorded[entry.student]
            touched = [ref for slug, ref in paper.refs.items() if known.get(slug) != paper.bases[slug]]
            if touched:
                yield entry, paper, touched

    def _entries(self, subject: Subject) -> list[Entry]:
        """The submissions that were graded to their end."""
        found = []
        for standing in self._gradebook.standings(subject.exercise.lesson):
            if standing.state == "finished" and standing.student in subject.exercise.students:
                found.append(_entry(subject, standing))
            elif standing.state in ("open", "fault"):
                self._unfinished += 1
        return found

    def _papers(self, subject: Subject, variants: Mapping[int, Mapping[str, Value]]) -> dict[int, _Paper]:
        """What each variant is judged by; keys that are not known yet are made in parallel."""
        lesson = self._catalog[subject.exercise.lesson]
        root, hidden = str(self._course.root), subject.hidden_file
        for made in [self._pool.record(root, lesson.slug, values, hidden=hidden) for values in variants.values()]:
            made.result()
        asked = self._judge.questions(subject.visible.path)
        asked += self._judge.questions(subject.hidden.path, hidden=True) if subject.hidden else ()
        refs = {ref.slug: ref for ref in asked}
        papers = {}
        for number, values in variants.items():
            paper = _Paper(key_cache.record_keys(self._course, lesson, values, hidden=hidden), refs, {})
            bases = {slug: self._judge.basis(ref, paper.key(ref)) for slug, ref in refs.items()}
            papers[number] = replace(paper, bases=bases)
        return papers

    def _removed(self, lesson: str, slugs: Set[str]) -> None:
        for place, score in self._scores.items():
            if place[0] == lesson and score.slug in slugs and score.points is not None:
                self._changes.append(Change(*place, score.points, None, 0.0, "removed"))

    # --- Judging again ------------------------------------------------------------------------------------------------

    def _replayed(self, entry: Entry, ref: QuestionRef, paper: _Paper) -> bool:
        """Judge from what is recorded; False where that does not hold what the check asks for."""
        old = self._gradebook.judgement(entry.lesson, entry.student, ref.slug)
        if old is None:
            return False
        try:
            new = self._judge.judge(ref, Replay(old.judgement.transcript), paper.key(ref))
        except Insufficient:
            return False
        # All that was recorded stays, for a later check may ask for the rest: so it need not be held here either.
        self._take(entry, ref, replace(new, transcript=()), "recorded answer")
        return True

    def _run(self, lesson: str, again: Sequence[_Again]) -> None:
        """Run submissions whose recorded answers do not suffice, some at a time."""
        notebooks: dict[tuple[str, str], Submission] = {}
        if again and self._inbox:
            notebooks = {(one.student, one.sha256): one for one in self._inbox.submissions(lesson)}
        waiting: dict[Future[Graded], _Again] = {}
        for entry, refs in again:
            try:
                future = self._started(entry, refs, notebooks)
            except (IntakeError, InboxError) as error:
                self._refuse(entry, refs, error.what)
                continue
            waiting[future] = entry, refs
            if len(waiting) >= 2 * self._pool.width:
                self._collect(waiting)
        while waiting:
            self._collect(waiting)

    def _started(
        self, entry: Entry, refs: Sequence[QuestionRef], notebooks: Mapping[tuple[str, str], Submission]
    ) -> Future[Graded]:
        submission = notebooks.get(entry.place[1:])
        if submission is None:
            raise InboxError("its notebook is needed, and is not in the inbox" if self._inbox else "its notebook is needed")
        full = replace(entry, counted=replace(entry.counted, submission=submission))
        wanted = {ref.slug for ref in refs}
        others = tuple(info.slug for info in entry.subject.questions if info.slug not in wanted)
        task = lineup.task(self._course, full, lineup.read(full), skip=others, demand=self._demand)
        return self._pool.grade(task, _nothing)

    def _collect(self, waiting: dict[Future[Graded], _Again]) -> None:
        """Take the verdicts of submissions that have been run."""
        done, _running = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            entry, refs = waiting.pop(future)
            graded = future.result()
            made = {one.result.slug: one for one in graded.judgements}
            self._executed += 1
            for ref in refs:
                if ref.slug in made and not graded.fault:
                    self._take(entry, ref, made[ref.slug], "run again")
                else:
                    self._refuse(entry, [ref], graded.fault or "it was not reached")

    def _take(self, entry: Entry, ref: QuestionRef, new: Judgement, how: How) -> None:
        """Note a verdict; what our side could not judge does not take the place of what it once could."""
        if new.fault:
            self._refuse(entry, [ref], new.fault)
            return
        self.verdicts.append((*entry.place, new, how == "recorded answer"))
        old = self._gradebook.judgement(entry.lesson, entry.student, ref.slug)
        before = old.judgement.result if old and not old.judgement.fault else None
        now = new.result
        if before is None or (before.points, before.out_of) != (now.points, now.out_of):
            points, text = before.points if before else None, now.messages[0] if now.messages else ""
            self._changes.append(self._change(entry, ref, points, now.points, how, text))

    def _refuse(self, entry: Entry, refs: Iterable[QuestionRef], why: str) -> None:
        for ref in refs:
            score = self._scores.get((entry.lesson, entry.student, ref.slug))
            points = score.points if score else None
            self._impossible.append(self._change(entry, ref, points, points, "not possible", why))

    def _change(
        self, entry: Entry, ref: QuestionRef, before: float | None, after: float | None, how: How, text: str
    ) -> Change:
        place = (entry.lesson, entry.student, ref.slug)
        overridden = place in self._scores and self._scores[place].source == "override"
        return Change(*place, before, after, ref.points, how, overridden, text)


def _entry(subject: Subject, standing: Standing) -> Entry:
    """A submission as grading knows it, but for its notebook."""
    submission = Submission(
        student=standing.student,
        lesson=standing.lesson,
        sha256=standing.sha256,
        received=standing.received,
        original="",
        path=Path(),
    )
    counted = Counted(submission, standing.factor, int(standing.late_days), standing.excused, standing.note)
    return Entry(subject, counted, subject.exercise.students[standing.student], standing)


def _unreadable(recorded: Mapping[str, str]) -> bool:
    """Whether the submission is no notebook, so that no check has anything to say about it."""
    return any(ground.startswith(f"{lineup.UNREADABLE} ") for ground in recorded.values())


def _nothing(_judgement: Judgement) -> None:
    """Verdicts are taken all at once."""
