"""One submission from its first cell to its last question: whose time it is that runs out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from workbench.checks.key import Key, Keys
from workbench.checks.verdict import Outcome
from workbench.grading.execution import sitting
from workbench.grading.execution.session import Session
from workbench.grading.execution.sitting import Sitting
from workbench.grading.judges.judging import Judge
from workbench.grading.outcome import Judgement
from workbench.grading.sandbox import tiers
from workbench.grading.sandbox.forker import Forker, SandboxFault
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.view import View
from workbench.grading.work import Step

CHECKS = """
import time
from workbench.checks import equal, question

@question("tea.one", title="One cup", points=1)
def one(answer, key):
    time.sleep(answer.read("pause"))  # time of the judge's, not of the submission's
    equal(answer.call("steep"), 1, "`steep` is one cup")
"""
FOR_EVER = "import time\n    time.sleep(1000)"
TOO_MUCH = 'import time\n    x = b"x" * (600 << 20)\n    time.sleep(1000)'
MATERIAL = 1.0
Held = Callable[..., tuple[Judgement, str]]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """Gives the judgement of ``tea.one``, for which the judge takes `pause` seconds, and how the submission ended."""
    checks = tmp_path_factory.mktemp("sitting") / "tea.py"
    checks.write_text(CHECKS, encoding="utf-8")
    view = View(modules=("workbench.grading.execution.shell:READY",))
    keys = Keys(Key("", "", {}, {"tea.one": []}), None)
    with Forker(view, tier=tiers.choose(allow_plain=True)) as forker, Judge(root=checks.parent) as judge:
        questions = judge.questions(checks)  # what it has to import, it has imported

        def hold(*, pause: float, steep: str, limits: Limits) -> tuple[Judgement, str]:
            steps = [
                Step("run", "a", f"pause = {pause}\n\n\ndef steep():\n    {steep}"),
                Step("ask", "b", slug="tea.one"),
            ]
            with forker.start("workbench.grading.execution.submission", [], limits) as room:
                session = Session(room, limits=limits, setting={"environment": {}, "folders": {}, "links": {}})
                made = Sitting(questions, keys, judge, lambda _: None)
                made.hold(session, steps)
                session.close()
            return made.made["tea.one"], session.cause

        yield hold


@pytest.fixture(autouse=True)
def _little_is_material(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitting, "MATERIAL", MATERIAL)


def test_time_that_the_judge_has_taken_is_our_fault_and_no_verdict(held):
    with pytest.raises(SandboxFault, match="the judge had taken"):
        held(pause=6, steep="return 1", limits=Limits(wall=4))


@pytest.mark.parametrize(
    ("pause", "material", "steep", "limits", "cause"),
    [
        (0.0, 120.0, FOR_EVER, Limits(wall=4), "time"),
        (MATERIAL + 0.2, MATERIAL, TOO_MUCH, Limits(memory=400 << 20), "memory"),
    ],
    ids=["time", "memory"],
)
def test_otherwise_what_ran_out_is_the_submission_s_own(held, monkeypatch, pause, material, steep, limits, cause):
    monkeypatch.setattr(sitting, "MATERIAL", material)
    judgement, ending = held(pause=pause, steep=steep, limits=limits)
    assert (judgement.result.outcome, ending) == (Outcome.INCORRECT, cause)
    assert f"`steep()` ended the whole process ({sitting.ended(cause)})" in judgement.result.messages[0]


def test_a_judge_that_takes_its_time_costs_a_submission_nothing_that_has_enough(held):
    judgement, ending = held(pause=MATERIAL + 0.2, steep="return 1", limits=Limits())
    assert (judgement.result.outcome, ending) == (Outcome.CORRECT, "")
