"""Any order of grading, regrading, overrides and reviews gives the scores that a few lines of plain Python give."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from workbench.checks.verdict import Outcome, Result
from workbench.grading.book.gradebook import Gradebook
from workbench.grading.book.rows import Enrolled, QuestionInfo
from workbench.grading.outcome import Graded, Judgement

LESSON, STUDENTS, SHAS = "02_tea", ("s1", "s2"), ("a" * 64, "b" * 64)
AUTO, MANUAL = ("tea.a", "tea.b"), "tea.why"
QUESTIONS = [QuestionInfo(slug, "", 2.0, "visible", k) for k, slug in enumerate(AUTO)]
QUESTIONS.append(QuestionInfo(MANUAL, "", 3.0, "manual", 2, (("cause", 1.0), ("example", 2.0))))

students, shas, slugs = st.sampled_from(("s1", "s1", "s1", "s2")), st.sampled_from(SHAS), st.sampled_from(AUTO)
points = st.sampled_from([0.0, 0.5, 1.0, 2.0])
texts = st.sampled_from(["", "one", "two"])


def judgement(slug: str, earned: float, *, fault: bool = False) -> Judgement:
    outcome = Outcome.CORRECT if earned == 2 else Outcome.PARTIAL if earned else Outcome.INCORRECT
    return Judgement(Result(slug, "", outcome, earned, 2.0), basis=f"{slug} {earned}", fault="our fault" if fault else "")


class Marking(RuleBasedStateMachine):
    """The gradebook beside a model of it: what is recorded, what counts, what persons said."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "book.db"
        self.book = Gradebook.open(self.file)
        self.book.enrol(map(Enrolled, STUDENTS))
        self.book.describe(LESSON, QUESTIONS)
        self.judged: dict[tuple[str, str, str], float | None] = {}
        self.words: dict[tuple[str, str], str] = {}
        self.state: dict[tuple[str, str], str] = {}
        self.counts: dict[str, str] = {}
        self.overrides: dict[tuple[str, str], float] = {}
        self.reviews: dict[str, tuple[str, float | None]] = {}
        self.changes = 0

    def teardown(self) -> None:
        self.book.close()
        self.folder.cleanup()

    def model(self, student: str, slug: str) -> float | None:
        if (student, slug) in self.overrides:
            return self.overrides[student, slug]
        sha = self.counts.get(student)
        state = self.state.get((student, sha or ""), "")
        if sha is None:
            return None if any(who == student for who, _sha in self.state) else 0.0
        if state == "fault" or (slug == MANUAL and state != "finished"):
            return None
        if slug != MANUAL:
            return self.judged.get((student, sha, slug))
        text = self.words.get((student, sha), "")
        read, given = self.reviews.get(student, ("", None))
        return given if student in self.reviews and read == text else 0.0 if not text else None

    @rule(student=students, sha=shas, slug=slugs, earned=points, fault=st.booleans())
    def a_verdict_arrives(self, student: str, sha: str, slug: str, earned: float, fault: bool) -> None:
        before = self.judged.get((student, sha, slug))
        now = None if fault else earned
        self.changes += before is not None and before != now
        self.book.record(LESSON, student, sha, judgement(slug, earned, fault=fault))
        self.judged[student, sha, slug] = now
        self.state.setdefault((student, sha), "open")

    @rule(student=students, sha=shas, text=texts, earned=points)
    def a_submission_is_finished(self, student: str, sha: str, text: str, earned: float) -> None:
        for slug in AUTO:
            self.changes += self.judged.get((student, sha, slug)) not in (None, earned)
            self.judged[student, sha, slug] = earned
        self.book.finish(LESSON, student, sha, Graded(tuple(judgement(slug, earned) for slug in AUTO), texts={MANUAL: text}))
        self.state[student, sha], self.words[student, sha], self.counts[student] = "finished", text, sha

    @rule(student=students, sha=shas)
    def our_side_fails(self, student: str, sha: str) -> None:
        self.book.fault(LESSON, student, sha, "the forker died")
        self.state[student, sha], self.counts[student] = "fault", sha

    @rule(student=students, slug=st.sampled_from((*AUTO, MANUAL)), earned=points)
    def a_person_overrules(self, student: str, slug: str, earned: float) -> None:
        self.book.set_score(student, slug, earned, reason="r", who="prof")
        self.overrides[student, slug] = earned
        self.changes += 1

    @precondition(lambda self: self.overrides)
    @rule(data=st.data())
    def a_person_takes_it_back(self, data: st.DataObject) -> None:
        student, slug = data.draw(st.sampled_from(sorted(self.overrides)))
        self.book.clear_override(student, slug, reason="r", who="prof")
        del self.overrides[student, slug]
        self.changes += 1

    @precondition(lambda self: any((who, sha) in self.words for who, sha in self.counts.items()))
    @rule(data=st.data(), cause=st.sampled_from([0.0, 1.0]), example=st.sampled_from([None, 0.0, 2.0]))
    def a_person_reads(self, data: st.DataObject, cause: float, example: float | None) -> None:
        readable = sorted(who for who, sha in self.counts.items() if (who, sha) in self.words)
        student = data.draw(st.sampled_from(readable))
        given = {"cause": cause} | ({} if example is None else {"example": example})
        before = self.model(student, MANUAL)
        self.book.put_review(student, MANUAL, given, "", "ta")
        read = self.words[student, self.counts[student]]
        self.reviews[student] = (read, None if example is None else cause + example)
        self.changes += self.model(student, MANUAL) != before

    @rule()
    def it_is_closed_and_opened(self) -> None:
        self.book.close()
        self.book = Gradebook.open(self.file)

    @invariant()
    def scores_are_those_of_the_model(self) -> None:
        found = {(score.student, score.slug): score.points for score in self.book.scores()}
        assert found == {(who, slug): self.model(who, slug) for who in STUDENTS for slug in (*AUTO, MANUAL)}

    @invariant()
    def every_change_of_a_score_that_stood_is_in_the_audit(self) -> None:
        assert len(self.book.audit()) == self.changes


Marking.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
test_marking = Marking.TestCase
