"""The instructor's report: what it counts, and that nothing a student wrote can act in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.checks.verdict import Outcome, Result
from workbench.grading.book.rows import QuestionInfo, Score, Standing, Total
from workbench.grading.outcome import Graded, Judgement, Usage
from workbench.grading.reports.class_report import page
from workbench.grading.reports.class_summary import summarise
from workbench.grading.work import Flag

QUESTIONS = (QuestionInfo("tea.water", "Hot enough?", 2), QuestionInfo("tea.time", "How long?", 3, "hidden", 1))
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def score(student, slug, points, out_of, outcome="correct", source="auto"):
    return Score(student, "00_water", slug, "visible", points, out_of, outcome, source)


def total(student, earned, state="finished"):
    return Total(student, "00_water", earned, earned, 5, 0, Standing("00_water", student, "a" * 64, state=state))


def wrong(message, value):
    result = Result("tea.water", "Hot enough?", Outcome.INCORRECT, 0, 2, (message,))
    return Judgement(result, [{"ask": ["read", "degrees", [], {}], "reply": {"value": value}}])


def summary(**changes):
    given_data = {
        "questions": QUESTIONS,
        "scores": [
            score("ann", "tea.water", 2, 2),
            score("ann", "tea.time", 3, 3),
            score("bob", "tea.water", 0, 2, "incorrect"),
            score("bob", "tea.time", 1.5, 3, "partly correct"),
            score("eve", "tea.water", 0, 2, "not attempted", "missing"),
            score("eve", "tea.time", 0, 3, "not attempted", "missing"),
        ],
        "totals": [total("ann", 5), total("bob", 1.5), total("eve", 0, "missing")],
        "judgements": [wrong("`degrees` is too low", 40.0), wrong("`degrees` is too low", 40.0)],
        "graded": {"bob": Graded(usage=Usage(1.5, 1.2, 300 << 20), flags=(Flag("edited cell", HOSTILE),), ending="time")},
        "code": {},
        "template": "",
    }
    return summarise("00_water", **{**given_data, **changes})


class Tags(HTMLParser):
    """Which elements and attributes a page has."""

    def __init__(self):
        super().__init__()
        self.names, self.attributes = set(), set()

    def handle_starttag(self, tag, attrs):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_shares_and_outcomes_are_counted():
    one = summary()
    assert one.median == pytest.approx(0.65)
    assert one.states == {"graded": 2, "nothing handed in": 1}


def test_who_has_no_graded_submission_is_counted_apart():
    unreadable = Graded(flags=(Flag("unreadable", "it is not JSON"),), ending="unreadable")
    one = summary(graded={"bob": unreadable})
    assert (one.handed_in, one.students) == (2, 3)
    assert one.states == {"graded": 1, "nothing handed in": 1, "not to be read as a notebook": 1}
    assert one.shares == (1.0,)
    assert one.items[0].students == 1
    assert one.outcomes["tea.water"] == {"correct": 1}
    assert "2 handed in, 1 did not" in page("Tea", [one])


def test_a_check_that_raised_is_named_with_its_exception_and_how_often():
    result = Result("tea.water", "Hot enough?", Outcome.INCORRECT, 0, 2, ("odd",), "KeyError: 'x'\nTraceback")
    one = summary(results=[("bob", result), ("ann", result)])
    (row,) = one.raised
    assert (row.slug, row.exception, row.count, row.students) == ("tea.water", "KeyError", 2, ("ann", "bob"))
    assert "KeyError: &#39;x&#39;" in page("Tea", [one])


def test_a_check_that_judged_did_not_raise():
    judged = Result("tea.water", "Hot enough?", Outcome.INCORRECT, 0, 2, ("too low",))
    assert summary(results=[("bob", judged)]).raised == ()


def test_the_same_file_is_one_line_and_its_students_are_no_pairs():
    long = "\n".join(f"x{i} = [a ** {i} for a in range({i}) if a % 7 {sign} 3]" for i, sign in enumerate("<>" * 9))
    one = summary(code={"ann": long, "bob": long})  # all of them have one digest here
    assert [(group.kind, group.students) for group in one.identical] == [("same file", ("ann", "bob", "eve"))]
    assert one.alike == ()
    assert "ann, bob, eve" in page("Tea", [one])


def test_the_same_mistake_is_one_group_with_the_value_that_was_given():
    (group,) = summary().wrong
    assert (group.count, group.examples) == (2, (("degrees = 40.0", 2),))


def test_an_infrastructure_fault_is_no_wrong_answer_and_no_zero():
    fault = [score("ann", "tea.water", None, 2, "infrastructure error", "fault")]
    one = summary(scores=fault, totals=[], judgements=[])
    assert one.outcomes["tea.water"] == {"not judged": 1}
    assert one.items[0].students == 0


def test_flags_and_endings_name_their_students():
    assert summary().flags == [("edited cell", 1, ["bob"]), ("ended: time", 1, ["bob"])]


def test_the_page_has_pictures_with_words_for_them_and_loads_nothing():
    text = page("A pot of tea", [summary()])
    assert len(re.findall(r'<img alt="[^"]{20,}" src="data:image/png;base64,', text)) == 3
    assert not re.search(r'(?:src|href)="(?!data:|#)', text)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([HOSTILE, '"><svg onload=alert(1)>', "{{ 7*7 }}", "=1+1", "\x1b[31m", "</style><b>", "&lt;"]))
def test_nothing_that_a_student_wrote_becomes_markup(text):
    plain, hostile = Tags(), Tags()
    plain.feed(page("Tea", [summary()]))
    odd = summary(
        judgements=[wrong(text, text)],
        graded={text: Graded(flags=(Flag(text, text),), ending="died")},
        totals=[total(text, 5)],
    )
    hostile.feed(page("Tea", [odd]))
    assert hostile.names <= plain.names
    assert hostile.attributes <= plain.attributes


def test_an_exercise_that_nobody_handed_in_has_a_page_too():
    empty = summary(scores=[], totals=[], judgements=[], graded={})
    assert "Nothing was run" in page("Tea", [empty])
