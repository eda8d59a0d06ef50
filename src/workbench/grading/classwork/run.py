"""Grading a class: every submission that counts, several at once, each verdict in the gradebook as soon as it is known.

What a gradebook holds already is not done again: the same bytes, judged by the same checks and keys. So the way to go on
after an interruption of any kind is to start the same command again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from workbench.course import Course
from workbench.errors import GradingError, WorkbenchError
from workbench.grading.arrivals.inbox import Inbox, InboxError
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.classwork import lineup, pool
from workbench.grading.classwork.attendance import attendance, expected, no_notebooks
from workbench.grading.classwork.lineup import Entry, Paper, Subject
from workbench.grading.classwork.pool import Demand, Pool
from workbench.grading.classwork.progress import OnProgress, Step
from workbench.grading.classwork.summary import Account, Summary
from workbench.grading.execution.bench import Task
from workbench.grading.manifest import Manifest
from workbench.grading.notebooks.intake import IntakeError
from workbench.grading.outcome import Graded, Judgement
from workbench.grading.people.policy import Policy
from workbench.grading.sandbox.limits import Limits

_ROUNDS = 3  # how often checks may be edited while they are used
_AHEAD = 2  # submissions read and waiting, for each that runs
_HOPELESS = 10  # faults of ours in a row, after which the next submission would fare no better
_POLICY = "policy"  # what the gradebook remembers it under
_LOOK = 1.0  # seconds without a word from the pool, after which it is looked at

_Event = tuple[Entry, Judgement | Future[Graded]]


def grade(
    course: Course,
    inbox: Inbox,
    *,
    release: Manifest | Path,
    gradebook: Gradebook,
    lessons: Sequence[str] = (),
    hidden: Path | None = None,
    jobs: int = 2,
    scheduler: str = "",
    require: str = "",
    allow_plain: bool = False,
    policy: Policy | None = None,
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
) -> Summary:
    """Grade what counts of an inbox.

    Parameters
    ----------
    course : Course
        Its check modules judge; its solutions are run for the keys that are not cached.
    release : Manifest or Path
        What was handed out; parameters come from here alone.
    gradebook : Gradebook
        Open for writing. Each verdict is a transaction.
    lessons : sequence of str
        Exercises to grade, by name or number; all of the release where none is named.
    hidden : Path, optional
        Folder with the check modules of hidden questions; the course's own where none is given.
    jobs : int
        Submissions at once on this machine, 1 or more. Where the sandbox has no namespaces, there is one at a time.
    scheduler : str
        Address of a ``dask scheduler`` whose workers are used in place of this machine.
    require : str
        The least that the sandbox must consist of: ``bubblewrap``, ``landlock``; empty for any but ``plain``.
    allow_plain : bool
        Whether a sandbox that only limits time and memory will do: for a class that can be trusted.
    policy : Policy, optional
        Extensions and excused work; without it, those that this gradebook was graded with last. An empty one drops them.
    limits : Limits, optional
        What each submission may take.
    on_progress : callable, optional
        Told of each thing done, in this thread.

    Raises
    ------
    GradingError
        When there is no such exercise, the inbox is none or another class's, inbox, gradebook or hidden questions are where
        submissions must read, there is no sandbox as required, the scheduler or its workers are gone, or the gradebook
        cannot be written. What was recorded until then is kept.
    ClusterError
        When no scheduler answers, or it has no worker.
    CheckError
        When a check module does not run.
    """
    begin = time.monotonic()
    manifest = release if isinstance(release, Manifest) else Manifest.read(release)
    exercises = expected(manifest, lessons, inbox)
    demand = lineup.demand(course, gradebook, inbox, hidden=hidden, require=require, allow_plain=allow_plain, limits=limits)
    account = Account(on_progress or _nobody)
    with pool.opened(jobs, scheduler, demand) as workers:
        rules = _rules(gradebook, policy, account)
        run = _Run(course, inbox, gradebook, workers, rules, demand, account)
        for _ in range(_ROUNDS):
            subjects = lineup.subjects(course, exercises, hidden=hidden)
            before = lineup.digests(course, subjects)
            run.round(subjects)
            if lineup.digests(course, subjects) == before:
                return account.summary(time.monotonic() - begin)
    raise GradingError("the checks are being edited while they are used", remedy="grade again when they are settled")


class _Run:
    """One call of `grade`."""

    def __init__(
        self,
        course: Course,
        inbox: Inbox,
        gradebook: Gradebook,
        workers: Pool,
        policy: Policy,
        demand: Demand,
        account: Account,
    ) -> None:
        self._course = course
        self._inbox = inbox
        self._gradebook = gradebook
        self._pool = workers
        self._policy = policy
        self._demand = demand
        self._account = account
        self._events: SimpleQueue[_Event] = SimpleQueue()
        self._faults_in_a_row = 0
        self._fresh: set[tuple[str, str, str]] = set()

    def round(self, subjects: Sequence[Subject]) -> None:
        """Do everything that is not recorded as it would come out now."""
        here = {one.exercise.lesson: attendance(one, self._inbox, self._gradebook, self._policy) for one in subjects}
        listed = [entry for one in here.values() for entry in one.entries]
        self._account.attendance(
            missing=((lesson, student) for lesson, one in here.items() for student in one.missing),
            gone=((lesson, student) for lesson, one in here.items() for student in one.gone),
            unread={entry.whose: ", ".join(entry.counted.unread) for entry in listed if entry.counted.unread},
            other=no_notebooks([one.exercise for one in subjects], self._inbox),
        )
        papers = self._papers(listed)
        self._account.begin(len(listed))
        self._flow(self._tasks(listed, papers))

    # --- Keys ---------------------------------------------------------------------------------------------------------

    def _papers(self, listed: Sequence[Entry]) -> dict[tuple[str, int], Paper]:
        """What each variant is judged by."""
        begin = time.monotonic()
        wanted = {entry.sort: entry for entry in listed}
        self._account.begin(len(wanted))
        made = {sort: self._record(entry) for sort, entry in wanted.items()}
        papers = {}
        for sort, entry in wanted.items():
            papers[sort] = self._paper(entry, made[sort])
            self._account.key(entry.lesson, fault=papers[sort].fault)
        self._account.key_seconds += time.monotonic() - begin
        return papers

    def _record(self, entry: Entry) -> Future[None]:
        root, hidden = str(self._course.root), entry.subject.hidden_file
        return self._pool.record(root, entry.lesson, entry.variant.parameters, hidden=hidden)

    def _paper(self, entry: Entry, made: Future[None]) -> Paper:
        while not made.done():
            wait([made], timeout=_LOOK)
            self._look()
        why = self._failure(made)
        if not why:
            try:
                return lineup.paper(self._course, entry)
            except (WorkbenchError, OSError) as error:
                why = str(error)
        return Paper({}, f"there is no key to judge by: {why}")

    # --- Submissions --------------------------------------------------------------------------------------------------

    def _tasks(self, listed: Sequence[Entry], papers: Mapping[tuple[str, int], Paper]) -> Iterator[tuple[Entry, Task]]:
        """What has to be executed; all the rest is settled on the way."""
        for entry in listed:
            paper = papers[entry.sort]
            if paper.fault:
                self._failed(entry, paper.fault)
                continue
            before = lineup.recorded(entry, self._gradebook, paper, fresh=entry.place in self._fresh)
            if before.complete:
                self._account.recorded(entry.whose, outdated=before.outdated)
                continue
            self._fresh.add(entry.place)
            try:
                work = lineup.read(entry)
            except IntakeError as error:
                self._refused(entry, error)
            except InboxError as error:
                self._failed(entry, str(error))
            else:
                yield entry, lineup.task(self._course, entry, work, skip=before.slugs, demand=self._demand)

    def _flow(self, tasks: Iterator[tuple[Entry, Task]]) -> None:
        """Keep the pool busy, and write down what comes from it."""
        waiting = 0
        while True:
            while waiting < _AHEAD * self._pool.width and (following := next(tasks, None)) is not None:
                entry, task = following
                future = self._pool.grade(task, partial(self._told, entry))
                future.add_done_callback(partial(self._told, entry))
                waiting += 1
            if not waiting:
                return
            try:
                entry, event = self._events.get(timeout=_LOOK)
            except Empty:
                self._look()
                continue
            if isinstance(event, Judgement):
                self._gradebook.record(*entry.place, event)
            else:
                waiting -= 1
                self._finish(entry, event)

    def _told(self, entry: Entry, event: Judgement | Future[Graded]) -> None:
        """Called in a thread of the pool's; everything else happens in one thread, in this order."""
        self._events.put((entry, event))

    def _look(self) -> None:
        if why := self._pool.trouble():
            raise GradingError(why, remedy="see to it, then start the same command again: what was recorded is kept")

    def _failure(self, future: Future[Any]) -> str:
        """Why nothing came of it; the empty string where something did."""
        error = GradingError("it was dropped") if future.cancelled() else future.exception()
        if error is None:
            return ""
        self._look()  # a scheduler that goes away drops everything: that says nothing about this one
        return str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"

    def _finish(self, entry: Entry, future: Future[Graded]) -> None:
        if why := self._failure(future):
            self._broken(entry, why)
            return
        graded = future.result()
        if graded.fault:
            # On a cluster they have not been told one by one.
            self._gradebook.record_all(((*entry.place, one) for one in graded.judgements if not one.fault), reason="graded")
            self._broken(entry, graded.fault)
            return
        self._gradebook.finish(*entry.place, graded, **entry.terms)
        self._faults_in_a_row = 0
        faults = [f"{one.result.slug}: {one.fault}" for one in graded.judgements if one.fault]
        self._account.executed(entry.whose, tier=graded.tier, fault="; ".join(faults))

    def _broken(self, entry: Entry, why: str) -> None:
        """Our side failed while a submission was executed."""
        self._failed(entry, why)
        self._faults_in_a_row += 1
        if self._faults_in_a_row >= _HOPELESS:
            raise GradingError(
                f"{_HOPELESS} submissions in a row could not be graded, the last one because: {why}",
                remedy="workbench doctor; then start the same command again: what was recorded is kept",
            )

    def _failed(self, entry: Entry, why: str) -> None:
        """Our side failed: that is no score, and it is tried again by the next run. Verdicts that are finished stay."""
        if not entry.finished:
            self._gradebook.fault(*entry.place, why)
        self._account.failed(entry.whose, why)

    def _refused(self, entry: Entry, error: IntakeError) -> None:
        """It cannot be read: 0 points with the reason, flagged, and kept where it is."""
        graded = lineup.unreadable(entry, error)
        self._gradebook.finish(*entry.place, graded, **entry.terms)
        self._account.unreadable(entry.whose, error.what)


def _rules(gradebook: Gradebook, policy: Policy | None, account: Account) -> Policy:
    """The policy to use, which is remembered: who was excused is not made to fail by a command without the file."""
    last = Policy.from_json(gradebook.remembered(_POLICY))
    if policy is None:
        account.rules = len(last.rules)
        return last
    if policy != last:
        gradebook.remember(_POLICY, policy.to_json())
    return policy


def _nobody(_step: Step) -> None:
    pass
