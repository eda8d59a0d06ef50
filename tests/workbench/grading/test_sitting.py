"""One submission from its first cell to its last question: whose time it is that runs out."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.checks.key import Key, Keys
from workbench.checks.verdict import Outcome, Result
from workbench.grading.execution import sitting
from workbench.grading.execution.session import Over
from workbench.grading.execution.sitting import Sitting
from workbench.grading.judges.judging import QuestionRef
from workbench.grading.outcome import Judgement
from workbench.grading.sandbox.forker import SandboxFault
from workbench.grading.work import Step


class Ended:
    """A session whose process the sandbox has ended, for `cause`, while the first question was being judged."""

    def __init__(self, cause):
        self.cause, self.over = cause, False

    def begin(self):
        pass

    def ask(self, _request, *, apart):
        self.over = True
        raise Over


class Clock:
    """A judge that takes `seconds` by the clock of `sitting` before it asks."""

    def __init__(self, monkeypatch, seconds):
        self._now, self._seconds = 0.0, seconds
        monkeypatch.setattr(sitting.time, "monotonic", lambda: self._now)

    def judge(self, question, answer, _key):
        self._now += self._seconds
        answer.read("x")
        return Judgement(Result(question.slug, "", Outcome.INCORRECT, 0, 1, ()))

    def basis(self, *_):
        return ""


def held(monkeypatch, *, seconds, cause):
    one = QuestionRef(Path("tea.py"), "tea.one", points=1)
    made = Sitting([one], Keys(Key("", "", {}, {}), None), Clock(monkeypatch, seconds), lambda _: None)
    made.hold(Ended(cause), [Step("ask", "c", slug="tea.one")])
    return made.made["tea.one"].result.outcome


def test_time_that_the_judge_has_taken_is_our_fault_and_no_verdict(monkeypatch):
    with pytest.raises(SandboxFault, match="the judge had taken"):
        held(monkeypatch, seconds=sitting.MATERIAL + 1, cause="time")


@pytest.mark.parametrize(("seconds", "cause"), [(0.1, "time"), (sitting.MATERIAL + 1, "memory")])
def test_otherwise_what_ran_out_is_the_submission_s_own(monkeypatch, seconds, cause):
    assert held(monkeypatch, seconds=seconds, cause=cause) is Outcome.INCORRECT
