import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.govern import (
    ProcessError,
    Raci,
    blanks,
    classify,
    measures,
    not_monotone,
    operations,
    questionnaire,
    raci,
)

QUESTIONS = {row["key"]: row["answers"] for row in questionnaire()}
ANSWERS = st.fixed_dictionaries({key: st.sampled_from(answers) for key, answers in QUESTIONS.items()})
CLASSES = ["light", "middle", "strong"]


def harmless(**other):
    return {key: answers[0] for key, answers in QUESTIONS.items()} | other


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({}, "light"),
        ({"error_impact": "life"}, "strong"),
        ({"effects": "years"}, "strong"),
        ({"consumers": "public"}, "middle"),
        ({"consumers": "public", "regulation": "sector"}, "strong"),
        ({"decay": "slowly", "cadence": "quarterly"}, "light"),
        ({"decay": "slowly", "cadence": "quarterly", "lifetime": "months"}, "middle"),
    ],
)
def test_a_class_follows_from_the_first_rule_that_holds(answers, level):
    assert classify(harmless(**answers)).level == level


@given(ANSWERS, st.sampled_from(sorted(QUESTIONS)))
def test_a_graver_answer_never_lowers_the_class(answers, key):
    graver = answers | {key: QUESTIONS[key][-1]}
    assert CLASSES.index(classify(graver).level) >= CLASSES.index(classify(answers).level)


@given(ANSWERS)
def test_whoever_is_not_light_is_told_why(answers):
    found = classify(answers)
    assert bool(found.reasons) == (found.level != "light")
    assert all(reason.split(": ")[1] == answers[reason.split(": ")[0]] for reason in found.reasons)


def test_points_would_put_a_thermometer_before_a_prison():
    loud = harmless(consumers="company", availability="24/7", cadence="daily", lifetime="years", decay="quickly")
    grave = harmless(error_impact="life", effects="years")
    assert classify(loud).points > classify(grave).points
    assert (classify(loud).level, classify(grave).level) == ("middle", "strong")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "`regulation` is not answered"),
        (harmless(decay="never"), "no answer `never`"),
        (harmless(mood="good"), "no question `mood`"),
    ],
)
def test_what_was_not_asked_is_not_harmless(answers, words):
    with pytest.raises(ProcessError, match=words):
        classify(answers)


def test_the_matrix_has_blanks_and_says_so():
    assert set(blanks()) == {
        ("human sign-off", "middle"),
        ("human sign-off", "light"),
        ("bias and harm", "light"),
        ("deploy", "middle"),
    }
    assert measures("light")["human sign-off"] is None
    assert len({measures(level)["data"] for level in CLASSES}) == 1
    with pytest.raises(ProcessError, match="no class `high`"):
        measures("high")


def test_one_column_of_stars_goes_up_and_down():
    assert not_monotone() == ["separation"]
    assert [row["autonomy"] for row in operations()] == [3, 2, 1, 0]


def test_the_taught_raci_table_is_sound_and_answers():
    table = raci()
    assert table.faults() == []
    assert table.who("Data modelling", "A") == ("BA",)
    assert table.who("Deployments", "R") == ("DO",)
    assert table.tasks_of("RA", "A") == ("Model acceptance",)
    assert len(table.tasks) == 11
    assert sum(row["A"] for row in table.load()) == 11


def test_each_fault_of_a_table_is_named():
    roles = {"X": "x", "Y": "y"}
    tasks = {
        "a": {"X": "A", "Y": "A/R"},
        "b": {"X": "R"},
        "c": {"X": "A"},
        "d": {"X": "A/R", "Q": "C"},
        "e": {"X": "A/R", "Y": "Z"},
    }
    assert Raci(tasks, roles).faults() == [
        "a: 2 A (X, Y)",
        "b: 0 A (nobody answers for it)",
        "c: no R (nobody does it)",
        "d: no role `Q`",
        "e: `Z` of Y is none of R, A, C, I",
    ]


def test_a_row_may_do_without_advice():
    assert Raci({"a": {"X": "A/R"}}, {"X": "x"}).faults() == []
    with pytest.raises(ProcessError, match="no role `Y`"):
        raci().letters("Deployments", "Y")
    with pytest.raises(ProcessError, match="no task `Cooking`"):
        raci().who("Cooking", "A")


CELLS = st.sampled_from(["-", "R", "A", "A/R", "C", "I"])


@given(st.dictionaries(st.sampled_from("abcd"), st.fixed_dictionaries(dict.fromkeys("XYZ", CELLS))))
def test_a_table_is_sound_exactly_when_each_row_has_one_a_and_an_r(tasks):
    sound = all(
        sum("A" in cell for cell in row.values()) == 1 and any("R" in cell for cell in row.values())
        for row in tasks.values()
    )
    assert (Raci(tasks, dict(zip("XYZ", "xyz", strict=True))).faults() == []) == (sound and bool(tasks))
