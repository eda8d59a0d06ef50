"""Which of a student's submissions counts, and what its time costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.grading.arrivals.submission import Counted, Submission
from workbench.grading.manifest import ReleasedExercise
from workbench.grading.people.policy import Lateness, Policy, after, lateness


def choose(theirs: Sequence[Submission], released: ReleasedExercise, policy: Policy) -> Counted | None:
    """The last in time of one student's submissions that is accepted, with what its time costs; None where there is none."""
    return next(ranked(theirs, released, policy), None)


def ranked(theirs: Sequence[Submission], released: ReleasedExercise, policy: Policy) -> Iterator[Counted]:
    """All of one student's submissions that are accepted, the last in time first, each as if it were the one that counts."""
    if not theirs:
        return
    rule = policy.of(theirs[0].student, released.lesson)
    ordered = sorted(theirs, key=lambda one: one.order)
    # Bytes that came again with nothing else between came when they came first.
    first_ones = [
        one for last, one in zip([None, *ordered], ordered, strict=False) if last is None or last.sha256 != one.sha256
    ]
    for one in reversed(first_ones):
        late, remark = _late(one, released, policy)
        if not (late.accepted or rule.excused):
            continue
        same = [other for other in theirs if other.time == one.time and other.sha256 != one.sha256]
        twin = f"{len(same) + 1} different notebooks have the same time; this is the one collected last" if same else ""
        note = "; ".join(filter(None, (rule.note, remark, twin)))
        yield Counted(one, 1.0 if rule.excused else late.factor, 0 if rule.excused else late.days, rule.excused, note)


def _late(one: Submission, released: ReleasedExercise, policy: Policy) -> tuple[Lateness, str]:
    """What the terms make of its time, given how much its time stamp is worth.

    A platform that marks lateness stamps its archive when it is downloaded. What it does not mark came in time; what it
    marks, came late by an unknown time, of which the least is assumed.
    """
    rule = policy.of(one.student, released.lesson)
    late = lateness(one.time, released.terms, rule)
    if one.clock == "given" or not one.marked or not late.days:
        return late, ""
    if one.marked == "on time":
        return Lateness(), "not marked late by the platform"
    return Lateness(days=1, factor=after(1, released.terms)), "marked late; how late is not known, taken as one day"
