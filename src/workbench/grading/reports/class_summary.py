"""One exercise of a class, as the instructor's report tells it: read once from the gradebook, then plain data."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workbench.checks.verdict import Result
from workbench.grading.book.rows import QuestionInfo, Score, Total
from workbench.grading.outcome import Graded, Judgement
from workbench.grading.reports import item_statistics, similarity, wrong_answers
from workbench.grading.reports.item_statistics import ItemStatistics
from workbench.grading.reports.raised_checks import RaisedCheck, raised
from workbench.grading.reports.similarity import Group, Pair
from workbench.grading.reports.wrong_answers import WrongAnswer


@dataclass(frozen=True)
class Run:
    """What one student's submission took and how it ended."""

    student: str
    seconds: float
    cpu: float
    memory: int
    ending: str
    tier: str
    flags: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ClassSummary:
    """All that the report says of one exercise.

    Attributes
    ----------
    shares : tuple of float
        Each complete total as a share of all points, before lateness, 0 to 1. Students of whom nothing could be graded
        (not handed in, or not to be read) are not among them, nor in `items` and `outcomes`.
    alpha : float
        Cronbach's, of the questions that checks judge; NaN where it cannot be computed.
    states : mapping
        How many students are in each state of grading, in words.
    handed_in : int
        Of `students`; a file that cannot be read counts as handed in.
    identical : tuple of Group
        Submissions that are the same; `alike` are the pairs beside them.
    raised : tuple of RaisedCheck
        Checks that raised on an answer.
    """

    lesson: str
    students: int
    questions: tuple[QuestionInfo, ...]
    items: tuple[ItemStatistics, ...]
    outcomes: Mapping[str, Mapping[str, int]]
    shares: tuple[float, ...]
    alpha: float
    states: Mapping[str, int]
    wrong: tuple[WrongAnswer, ...]
    alike: tuple[Pair, ...]
    runs: tuple[Run, ...]
    handed_in: int = 0
    identical: tuple[Group, ...] = ()
    raised: tuple[RaisedCheck, ...] = ()

    @property
    def mean(self) -> float:
        """Of the shares; 0 where there are none."""
        return statistics.fmean(self.shares) if self.shares else 0.0

    @property
    def median(self) -> float:
        """Of the shares; 0 where there are none."""
        return statistics.median(self.shares) if self.shares else 0.0

    @property
    def wrong_by_question(self) -> list[tuple[str, list[WrongAnswer]]]:
        """The ways to go wrong of each question that has any, in the questions' order."""
        found = [(question.slug, [one for one in self.wrong if one.slug == question.slug]) for question in self.questions]
        return [(slug, ways) for slug, ways in found if ways]

    @property
    def flags(self) -> list[tuple[str, int, list[str]]]:
        """Each kind of flag with how many students have it and who, the most frequent first."""
        who: dict[str, list[str]] = {}
        for run in self.runs:
            kinds = {kind for kind, _ in run.flags} | ({f"ended: {run.ending}"} if run.ending != "finished" else set())
            for kind in sorted(kinds):
                who.setdefault(kind, []).append(run.student)
        return sorted(((kind, len(names), names) for kind, names in who.items()), key=lambda row: (-row[1], row[0]))


def summarise(
    lesson: str,
    *,
    questions: Sequence[QuestionInfo],
    scores: Iterable[Score],
    totals: Iterable[Total],
    judgements: Iterable[Judgement],
    graded: Mapping[str, Graded],
    code: Mapping[str, str],
    template: str,
    results: Iterable[tuple[str, Result]] = (),
) -> ClassSummary:
    """Put together what the report needs.

    Parameters
    ----------
    judgements : iterable of Judgement
        Those that count, of all students and questions.
    graded : mapping of student to Graded
        The submissions that count.
    code : mapping of student to text
        The code of their answers, for the comparison among them; may be empty.
    template : str
        What the release handed out.
    results : iterable of (str, Result)
        Student and verdict, wherever something raised in a check.
    """
    totals = list(totals)
    states = {total.student: _state(total, graded.get(total.student)) for total in totals}
    unseen = {student for student, state in states.items() if state in _UNSEEN}
    rows = [score for score in scores if score.kind != "manual" or score.source in ("manual", "override")]
    rows = [score for score in rows if score.student not in unseen]
    points: dict[str, dict[str, float]] = {}
    seen: dict[str, Counter[str]] = {question.slug: Counter() for question in questions}
    for score in rows:
        if score.points is not None:
            points.setdefault(score.student, {})[score.slug] = score.points
        if score.source not in ("excused", "pending") and score.slug in seen:
            seen[score.slug][_bar(score)] += 1
    judged = [question.slug for question in questions if question.kind != "manual"]
    complete = [
        total
        for total in totals
        if total.points is not None and total.out_of and not total.standing.excused and total.student not in unseen
    ]
    identical = similarity.identical(
        {total.student: total.standing.sha256 for total in totals if total.standing.sha256}, code, template
    )
    group_of = {student: number for number, group in enumerate(identical) for student in group.students}
    return ClassSummary(
        lesson,
        len(totals),
        tuple(questions),
        tuple(item_statistics.of_items(points, {question.slug: question.points for question in questions})),
        seen,
        tuple(total.earned / total.out_of for total in complete),
        item_statistics.cronbach_alpha(points, judged),
        Counter(states.values()),
        tuple(wrong_answers.groups(judgements)),
        tuple(
            pair
            for pair in similarity.pairs(code, template)
            if group_of.get(pair.one, pair.one) != group_of.get(pair.other, pair.other)
        ),
        tuple(_run(student, one) for student, one in sorted(graded.items()) if one.ending != "unreadable"),
        sum(total.standing.state != "missing" for total in totals),
        tuple(identical),
        tuple(raised(results)),
    )


def _state(total: Total, graded: Graded | None) -> str:
    if total.standing.excused:
        return _EXCUSED
    return _UNREADABLE if graded is not None and graded.ending == "unreadable" else _STATES[total.standing.state]


_EXCUSED, _UNREADABLE = "excused", "not to be read as a notebook"
_STATES = {
    "finished": "graded",
    "open": "not graded to the end",
    "fault": "not graded through a fault of ours",
    "missing": "nothing handed in",
}
_UNSEEN = {_UNREADABLE, _STATES["missing"]}


def _bar(score: Score) -> str:
    """The outcome under which the picture counts a score; a person's points by how many of them there are."""
    if score.source == "missing":
        return "not attempted"
    if score.source in ("manual", "override") and score.points is not None:
        if score.points >= score.out_of:
            return "correct"
        return "partly correct" if score.points > 0 else "incorrect"
    return "not judged" if score.source == "fault" else score.outcome


def _run(student: str, one: Graded) -> Run:
    flags = tuple((flag.kind, flag.text) for flag in one.flags)
    return Run(student, one.usage.seconds, one.usage.cpu, one.usage.memory, one.ending, one.tier, flags)
