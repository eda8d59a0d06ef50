"""One submission from its first cell to its last question: the cells run, each question is judged in its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.checks.answer import Reply
from workbench.checks.key import Keys
from workbench.checks.verdict import Outcome, Result
from workbench.codec import Tree
from workbench.grading.execution.session import Over, Session
from workbench.grading.judges.judging import Judge, QuestionRef
from workbench.grading.outcome import CellRun, Judgement
from workbench.grading.sandbox.forker import SandboxFault
from workbench.grading.work import Step

Told = Callable[[Judgement], None]

MATERIAL = 5.0  # seconds of a submission's time, taken by us, that may have made the difference
_ENDED = {
    "time": "its time was up",
    "cpu": "it used all the processor time it may",
    "memory": "it used more memory than it may",
    "processes": "it started more processes than it may",
    "files": "it wrote more than it may",
    "output": "it said more than it may",
}


class Asking:
    """A transport to a submission's process; once that has ended, every reply says so.

    Parameters
    ----------
    apart : bool
        Whether each request is answered in a fork that is then thrown away, as for hidden questions.
    """

    def __init__(self, session: Session, *, apart: bool) -> None:
        self._session, self._apart = session, apart
        self.seconds = 0.0  # that the submission's process took to answer

    def read(self, name: str) -> Reply:
        """See `workbench.checks.answer.Transport`."""
        return self._ask(["read", name, [], {}])

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        """See `workbench.checks.answer.Transport`."""
        return self._ask(["call", name, list(arguments), dict(named)])

    def _ask(self, ask: list[Tree]) -> Reply:
        started = time.monotonic()
        try:
            return self._session.ask(ask, apart=self._apart)
        except Over:
            return {"ended": ended(self._session.cause)}
        finally:
            self.seconds += time.monotonic() - started


def ended(cause: str) -> str:
    """How a process ended, in words for its author."""
    return _ENDED.get(cause, "it left by itself")


@dataclass
class Sitting:
    """What there is of one submission so far.

    Attributes
    ----------
    questions : sequence of QuestionRef
        All that may be asked: the visible ones, then the hidden ones.
    made : dict
        Judgements by slug, those of an earlier attempt included: their questions are not asked again.
    skip : frozenset of str
        Questions that are not to be judged.
    """

    questions: Sequence[QuestionRef]
    keys: Keys
    judge: Judge
    told: Told
    skip: frozenset[str] = frozenset()
    made: dict[str, Judgement] = field(default_factory=dict)
    cells: list[CellRun] = field(default_factory=list)
    waited: float = 0.0  # seconds that judging took beside the answers

    def hold(self, session: Session, steps: Sequence[Step]) -> None:
        """Run `steps`, then judge the hidden questions. A process that ends early loses what comes after, and no more."""
        self.cells.clear()
        visible = {question.slug: question for question in self.questions if not question.hidden}
        session.begin()
        for step in steps:
            if step.kind == "ask":
                self._judged(session, visible.get(step.slug) or QuestionRef(self.questions[0].module, step.slug))
            elif not session.over:
                self._run(session, step)
        for question in self.questions:
            if question.hidden:
                self._judged(session, question)

    def _run(self, session: Session, step: Step) -> None:
        started = time.monotonic()
        try:
            self.cells.append(session.run(step.cell, step.source).run)
        except Over:
            why = f"the notebook was ended in this cell: {ended(session.cause)}"
            self.cells.append(CellRun(step.cell, (), why, time.monotonic() - started))

    def _judged(self, session: Session, question: QuestionRef) -> None:
        if question.slug in self.made or question.slug in self.skip:
            return
        if session.over:
            judgement = self._unreached(question, session.cause)
        else:
            key = self.keys.hidden if question.hidden and self.keys.hidden else self.keys.visible
            asking, started = Asking(session, apart=question.hidden), time.monotonic()
            judgement = self.judge.judge(question, asking, key)
            self.waited += time.monotonic() - started - asking.seconds
            self._see_to_its_time(session)
        self.made[question.slug] = judgement
        self.told(judgement)

    def _see_to_its_time(self, session: Session) -> None:
        """Time that our side has taken from a submission must not be what it lacked."""
        if session.over and session.cause == "time" and self.waited > MATERIAL:
            raise SandboxFault(
                f"a submission's time was up, {self.waited:.0f} s of which the judge had taken",
                remedy="grade it again, with more --seconds or on a machine that is less busy",
            )

    def _unreached(self, question: QuestionRef, cause: str) -> Judgement:
        why = f"the notebook was ended before this question: {ended(cause)}"
        key = self.keys.hidden if question.hidden and self.keys.hidden else self.keys.visible
        result = Result(question.slug, question.title, Outcome.NOT_ATTEMPTED, 0, question.points, (why,))
        return Judgement(result, (), self.judge.basis(question, key), question.hidden)
