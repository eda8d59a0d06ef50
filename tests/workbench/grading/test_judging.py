"""The process that judges: right verdicts from any transport, and a clear fault where it cannot give one."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.checks.answer import LiveNotebook
from workbench.checks.key import Key
from workbench.checks.verdict import Outcome
from workbench.errors import GradingError
from workbench.grading.judges import basis
from workbench.grading.judges.judging import Judge, QuestionRef
from workbench.grading.judges.transcripts import KEPT, Insufficient, Replay

CHECKS = """
import os, time
from workbench.checks import Mutant, close, equal, part, question

LIMIT = 3

def helper(value):
    return value

@question("tea.sum", title="Sum", points=2, hints=["add"])
def total(answer, key):
    with part(1, "`total` is the sum"):
        close(answer.read("total"), key.read("total"))
    with part(1, "`add` adds"):
        equal(answer.call("add", 1, b=[2]), key.call("add", 1, b=[2]))

@question("tea.text", title="Text")
def text(answer, key):
    equal(helper(answer.read("text")), key.read("text"))

@question("tea.dies", title="Dies", points=3)
def dies(answer, key):
    if answer.read("text") == "die":
        os._exit(3)

@question("tea.breaks", title="Breaks", points=3)
def breaks(answer, key):
    if answer.read("text") == "die":
        os._exit(3)
    equal(answer.read("text"), key.read("text"))

@question("tea.hangs", title="Hangs")
def hangs(answer, key):
    answer.read("text")
    time.sleep(1000)

@question("tea.odd", title="Odd")
def odd(answer, key):
    equal(answer.read("text"), key.read("unknown"))

@question("tea.large", title="Large")
def large(answer, key):
    equal(len(answer.read("large")), LIMIT)
"""
HIDDEN = """
from workbench.checks import question
@question("tea.more", of="tea.sum", title="More")
def more(answer, key):
    assert answer.call("add", 5, b=[6]) == key.call("add", 5, b=[6])
"""
NAMES = {"total": 3.0, "add": lambda a, b: [a, *b], "text": "die", "large": "x" * (KEPT + 1)}


class Counting(LiveNotebook):
    """Counts how often it was asked."""

    asked = 0

    def read(self, name):
        self.asked += 1
        return super().read(name)


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    (tmp_path / "hidden").mkdir()
    (tmp_path / "hidden" / "tea.py").write_text(HIDDEN, encoding="utf-8")
    path = tmp_path / "tea.py"
    path.write_text(CHECKS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def judge(tmp_path_factory) -> Iterator[Judge]:
    with Judge(root=tmp_path_factory.mktemp("course"), seconds=120, loading=120) as one:
        yield one


@pytest.fixture
def key(judge, checks) -> Key:
    live = LiveNotebook(NAMES)
    slugs = ("tea.sum", "tea.text")
    return Key("tea", "tea", {}, {slug: judge.record(QuestionRef(checks, slug), live)[1] for slug in slugs} | {
        slug: [] for slug in ("tea.dies", "tea.hangs", "tea.odd", "tea.large")
    })  # fmt: skip


def test_questions_are_told_in_their_order(judge, checks):
    found = judge.questions(checks)
    assert [(one.slug, one.title, one.points, one.hidden) for one in found[:2]] == [
        ("tea.sum", "Sum", 2, False),
        ("tea.text", "Text", 1, False),
    ]
    (hidden,) = judge.questions(checks.parent / "hidden" / "tea.py", hidden=True)
    assert (hidden.slug, hidden.of, hidden.hidden) == ("tea.more", "tea.sum", True)


def test_a_module_that_does_not_run_is_a_fault_of_ours(judge, tmp_path):
    broken = tmp_path / "broken.py"
    broken.write_text("1 / 0", encoding="utf-8")
    with pytest.raises(GradingError, match="ZeroDivisionError"):
        judge.questions(broken)


@pytest.mark.parametrize(
    ("names", "outcome", "points"),
    [
        (NAMES, Outcome.CORRECT, 2),
        ({**NAMES, "total": 4}, Outcome.PARTIAL, 1),
        ({}, Outcome.NOT_ATTEMPTED, 0),
        ({"total": float("nan")}, Outcome.INCORRECT, 0),
    ],
)
def test_an_answer_is_judged_against_the_key(judge, checks, key, names, outcome, points):
    judgement = judge.judge(QuestionRef(checks, "tea.sum"), LiveNotebook(names), key)
    assert (judgement.result.outcome, judgement.result.points, judgement.fault) == (outcome, points, "")


def test_a_transcript_is_judged_as_the_answer_was(judge, checks, key):
    question = QuestionRef(checks, "tea.sum")
    first = judge.judge(question, LiveNotebook({**NAMES, "total": 4}), key)
    again = judge.judge(question, Replay(first.transcript), key)
    assert (again.result, again.transcript, again.basis) == (first.result, first.transcript, first.basis)


def test_a_transcript_that_does_not_hold_what_is_asked_is_not_judged(judge, checks, key):
    with pytest.raises(Insufficient, match="`add`"):
        judge.judge(QuestionRef(checks, "tea.sum"), Replay([{"ask": ["read", "total", [], {}], "reply": {"value": 3}}]), key)
    assert judge.judge(QuestionRef(checks, "tea.sum"), LiveNotebook(NAMES), key).result.outcome is Outcome.CORRECT


def test_a_large_reply_is_judged_and_not_kept(judge, checks, key):
    judgement = judge.judge(QuestionRef(checks, "tea.large"), LiveNotebook(NAMES), key)
    assert judgement.result.outcome is Outcome.INCORRECT
    assert judgement.transcript[0]["reply"] == {"dropped": pytest.approx(KEPT, abs=100)}
    with pytest.raises(Insufficient):
        judge.judge(QuestionRef(checks, "tea.large"), Replay(judgement.transcript), key)


@pytest.mark.parametrize("slug", ["tea.dies", "tea.odd", "tea.nowhere"])
def test_what_cannot_be_judged_is_our_fault_and_no_score(judge, checks, key, slug):
    answer = Counting(NAMES)
    judgement = judge.judge(QuestionRef(checks, slug, points=3), answer, key)
    assert (judgement.result.outcome, judgement.result.points) == (Outcome.NOT_JUDGED, 0)
    assert judgement.fault
    assert answer.asked <= 1  # the second process was told what the first had heard
    assert judge.judge(QuestionRef(checks, "tea.text"), LiveNotebook(NAMES), key).result.outcome is Outcome.CORRECT


def test_a_check_that_hangs_is_our_fault_and_no_score(checks, key):
    answer = Counting(NAMES)
    with Judge(root=checks.parent, seconds=1.5) as hasty:
        judgement = hasty.judge(QuestionRef(checks, "tea.hangs", points=3), answer, key)
    assert (judgement.result.outcome, judgement.result.points) == (Outcome.NOT_JUDGED, 0)
    assert judgement.fault
    assert answer.asked <= 1


def test_where_only_the_answer_breaks_a_check_the_fault_says_where_to_look(judge, checks, key):
    right = judge.record(QuestionRef(checks, "tea.breaks"), LiveNotebook({"text": "tea"}))[1]
    solved = replace(key, questions={**key.questions, "tea.breaks": right})
    judgement = judge.judge(QuestionRef(checks, "tea.breaks", points=3), LiveNotebook(NAMES), solved)
    assert judgement.result.outcome is Outcome.NOT_JUDGED
    assert "look at what `text` gives" in judgement.fault


def test_a_judge_that_was_killed_is_started_again(judge, checks, key):
    judge.questions(checks)
    os.kill(judge.pid, signal.SIGKILL)
    assert judge.judge(QuestionRef(checks, "tea.sum"), LiveNotebook(NAMES), key).result.outcome is Outcome.CORRECT


def test_a_judge_killed_amid_a_question_gives_the_same_verdict(judge, checks, key):
    class Killing(Counting):
        def call(self, name, arguments, named):
            if self.asked == 1:
                os.kill(judge.pid, signal.SIGKILL)
            return super().call(name, arguments, named)

    answer = Killing(NAMES)
    judgement = judge.judge(QuestionRef(checks, "tea.sum"), answer, key)
    assert (judgement.result.outcome, judgement.fault, answer.asked) == (Outcome.CORRECT, "", 1)


def test_what_the_answer_s_side_raises_is_not_the_judge_s_affair(judge, checks, key):
    class Broken(LiveNotebook):
        def call(self, name, arguments, named):
            raise GradingError("the sandbox is gone")

    with pytest.raises(GradingError, match="the sandbox is gone"):
        judge.judge(QuestionRef(checks, "tea.sum"), Broken(NAMES), key)


def test_an_edited_check_is_judged_by_as_it_is_now(judge, checks, key):
    judge.questions(checks)
    checks.write_text(CHECKS.replace('answer.read("total")', 'answer.read("total") + 1'), encoding="utf-8")
    assert judge.judge(QuestionRef(checks, "tea.sum"), LiveNotebook(NAMES), key).result.points == 1


@pytest.fixture
def kitchen(tmp_path: Path) -> Iterator[tuple[Judge, Path, Key]]:
    """A judge, a check module that imports one from the course's code, and a key."""
    path, source = tmp_path / "tea.py", tmp_path / "src"
    source.mkdir()
    (source / "taste.py").write_text("from spice import more\ndef tasted(value):\n    return value + more\n")
    (source / "spice.py").write_text("more = 0\n")
    (source / "unused.py").write_text("more = 0\n")
    path.write_text(
        "from taste import tasted\nfrom workbench.checks import equal, question\n"
        '@question("tea.cups", title="Cups")\n'
        'def cups(answer, key):\n    equal(tasted(answer.read("cups")), 2)\n'
    )
    with Judge(root=tmp_path, sources=[source]) as one:
        one.questions(path)
        yield one, path, Key("tea", "tea", {}, {"tea.cups": []})


def tasted(kitchen: tuple[Judge, Path, Key], cups: int) -> tuple[Outcome, str]:
    judge, path, key = kitchen
    made = judge.judge(QuestionRef(path, "tea.cups"), LiveNotebook({"cups": cups}), key)
    return made.result.outcome, made.basis


@pytest.mark.parametrize("name", ["taste", "spice"])
def test_what_a_check_imports_is_judged_by_as_it_is_now_and_told_in_the_basis(kitchen, tmp_path, name):
    outcome, before = tasted(kitchen, 1)
    assert outcome is Outcome.INCORRECT
    edited = tmp_path / "src" / f"{name}.py"
    edited.write_text(edited.read_text().replace("value + more", "value + 1").replace("more = 0", "more = 1"))
    outcome, after = tasted(kitchen, 1)
    assert outcome is Outcome.CORRECT
    assert after not in ("", before)
    assert tasted(kitchen, 2) == (Outcome.INCORRECT, after)


def test_a_judge_goes_on_where_what_was_edited_is_none_of_its_imports(kitchen, tmp_path):
    judge, path, _ = kitchen
    before, pid = tasted(kitchen, 1), judge.pid
    (tmp_path / "src" / "unused.py").write_text("more = 1\n")
    path.write_text(path.read_text() + "# a remark\n")
    assert (tasted(kitchen, 1), judge.pid) == (before, pid)


def test_one_who_has_left_judges_no_more(checks, key, tmp_path):
    with Judge(root=tmp_path) as judge:
        judge.questions(checks)
        judge.abandon()
        assert "broken off" in judge.judge(QuestionRef(checks, "tea.sum"), LiveNotebook(NAMES), key).fault


# --- What a judgement rests on -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "touched"),
    [
        (("", ""), set()),
        (("LIMIT = 3", "LIMIT = 3  # cups"), set()),
        (('hints=["add"]', 'hints=["add them"]'), set()),
        (("points=2", "points=4"), {"tea.sum"}),
        (('"`add` adds"', '"`add` should add"'), {"tea.sum"}),
        (("return value", "return value.strip()"), {"tea.text"}),
        (("LIMIT = 3", "LIMIT = 4"), {"tea.sum", "tea.text", "tea.dies", "tea.hangs", "tea.odd", "tea.large"}),
    ],
)
def test_a_basis_changes_with_what_its_check_reaches(checks, key, edit, touched):
    slugs = list(key.questions)
    before = {slug: basis.of(checks, slug, key) for slug in slugs}
    checks.write_text(CHECKS.replace(*edit) + "\n", encoding="utf-8")
    assert {slug for slug in slugs if basis.of(checks, slug, key) != before[slug]} == touched


def test_a_basis_changes_with_the_key_of_its_question(checks, key):
    other = Key("tea", "tea", {}, {**key.questions, "tea.text": []})
    assert basis.of(checks, "tea.text", key) != basis.of(checks, "tea.text", other)
    assert basis.of(checks, "tea.sum", key) == basis.of(checks, "tea.sum", other)
