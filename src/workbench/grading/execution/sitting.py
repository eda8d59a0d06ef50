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
from workbench.grading.work import Step

Told = Callable[[Judgement], None]

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

    def read(self, name: str) -> Reply:
        """See `workbench.checks.answer.Transport`."""
        return self._ask(["read", name, [], {}])

    def call(self, name: str, arguments: Sequence[Tree], named: Mapping[str, Tree]) -> Reply:
        """See `workbench.checks.answer.Transport`."""
        return self._ask(["call", name, list(arguments), dict(named)])

    def _ask(self, ask: list[Tree]) -> Reply:
        try:
            return self._session.ask(ask, apart=self._apart)
        except Over:
            return {"ended": ended(self._session.cause)}


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
            judgement = self.judge.judge(question, Asking(session, apart=question.hidden), key)
        self.made[question.slug] = judgement
        self.told(judgement)

    def _unreached(self, question: QuestionRef, cause: str) -> Judgement:
        why = f"the notebook was ended before this question: {ended(cause)}"
        key = self.keys.hidden if question.hidden and self.keys.hidden else self.keys.visible
        result = Result(question.slug, question.title, Outcome.NOT_ATTEMPTED, 0, question.points, (why,))
        return Judgement(result, (), self.judge.basis(question, key), question.hidden)
