"""What checks are made of: asking an answer, comparing, giving points, and a verdict whatever the answer holds."""

from __future__ import annotations

import contextlib
import math
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest

from workbench.checks import Incorrect, Mutant, NotAttempted, close, equal, mistake, part, question
from workbench.checks.answer import Answer, LiveNotebook
from workbench.checks.judge import judge
from workbench.checks.module import load, suggestion
from workbench.checks.verdict import Outcome
from workbench.errors import CheckError


def asked(names, check, *, points=2, solution=None):
    """The verdict on `names` by `check`, with `solution` (or the same names) as the key."""
    made = question("test.one", title="One", points=points)(check)
    return judge(made, LiveNotebook(names), LiveNotebook(names if solution is None else solution))


# --- asking ------------------------------------------------------------------------------------------------------


def test_a_value_is_read_as_a_copy():
    names = {"xs": [1, [2]]}
    value = Answer(LiveNotebook(names)).read("xs")
    value[1].append(3)
    assert (value, names["xs"]) == ([1, [2, 3]], [1, [2]])


def test_a_field_is_read_through_dots():
    class Charter:
        targets = {"recall": 0.9}  # noqa: RUF012

    assert Answer(LiveNotebook({"charter": Charter()})).read("charter.targets") == {"recall": 0.9}


@pytest.mark.parametrize("names", [{}, {"x": ...}], ids=["absent", "ellipsis"])
def test_a_name_that_is_not_there_is_not_attempted(names):
    with pytest.raises(NotAttempted, match="`x`"):
        Answer(LiveNotebook(names)).read("x")


def test_a_field_that_is_not_there_is_incorrect():
    with pytest.raises(Incorrect, match=r"`x.size`: there is no `size`"):
        Answer(LiveNotebook({"x": 1})).read("x.size")


def test_a_value_that_cannot_cross_is_incorrect_and_says_where():
    with pytest.raises(Incorrect, match=r"`model`: a value of type `object` cannot be checked; .* \(at `model\[0\]`\)"):
        Answer(LiveNotebook({"model": [object()]})).read("model")


def double(x, *, plus=0):
    return 2 * x + plus


def test_a_function_is_called_with_copies():
    def spoil(xs):
        xs.append(1)
        return xs

    ours = [0]
    assert Answer(LiveNotebook({"spoil": spoil})).call("spoil", ours) == [0, 1]
    assert ours == [0]


def test_named_arguments_are_passed():
    assert Answer(LiveNotebook({"double": double})).call("double", 2, plus=1) == 5


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: 1 / 0, r"`f\(0\)` raised ZeroDivisionError: division by zero"),
        (lambda: 1, r"`f\(0\)` raised TypeError: .*positional argument"),
        (lambda x: sys.exit(0), r"raised SystemExit: 0"),
        (lambda x: object(), r"`f\(0\)`: a value of type `object`"),
        (3, r"`f` should be a function, and is of type `int`"),
    ],
    ids=["raises", "signature", "exits", "odd value", "no function"],
)
def test_a_function_that_fails_is_incorrect_with_the_reason(function, words):
    with pytest.raises(Incorrect, match=words):
        Answer(LiveNotebook({"f": function})).call("f", 0)


def test_an_exception_that_cannot_be_printed_is_still_reported():
    class OddError(Exception):
        def __str__(self):
            raise RuntimeError

    def f():
        raise OddError

    with pytest.raises(Incorrect, match=r"OddError: \(no message\)"):
        Answer(LiveNotebook({"f": f})).call("f")


def test_an_unwritten_function_is_not_attempted():
    def stub(x): ...

    def documented(x):
        """What it should do."""

    def raising(x):
        raise NotImplementedError

    for function in (stub, documented, raising):
        with pytest.raises(NotAttempted):
            Answer(LiveNotebook({"f": function})).call("f", 1)


def test_a_function_that_returns_nothing_after_work_was_attempted():
    def prints(x):
        print(x)

    assert Answer(LiveNotebook({"f": prints})).call("f", 1) is None


def endless(x):
    while True:
        with contextlib.suppress(Exception):  # a student's answer may well do this
            time.sleep(0.01)


def test_a_function_that_does_not_end_is_incorrect():
    with pytest.raises(Incorrect, match=r"`endless\(1\)` did not finish in 0.2 seconds"):
        Answer(LiveNotebook({"endless": endless}, seconds=0.2)).call("endless", 1)


def test_a_call_works_outside_of_the_main_thread():
    got = []
    thread = threading.Thread(target=lambda: got.append(Answer(LiveNotebook({"double": double})).call("double", 4)))
    thread.start()
    thread.join()
    assert got == [8]


def test_what_a_function_prints_is_kept_back(capsys):
    def loud(x):
        print("noise")
        print("noise", file=sys.stderr)
        return x

    assert Answer(LiveNotebook({"loud": loud})).call("loud", 1) == 1
    assert capsys.readouterr() == ("", "")


# --- comparing ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1.0, 1.009),
        (14, 14.0),
        ([1, 2.0], (1.001, 2)),
        ({"a": 1, "b": [2]}, {"b": [2.01], "a": 1}),
        (np.array([1.0, 2.0]), [1.001, 2.001]),
        (np.eye(2), np.eye(2) * 1.005),
        (math.inf, math.inf),
        (pd.Series([1.0, 2.0]), [1, 2]),
        (pd.DataFrame({"b": ["x"], "a": [1.0]}), pd.DataFrame({"a": [1.001], "b": ["x"]})),
    ],
)
def test_near_values_are_close(value, expected):
    close(value, expected)


@pytest.mark.parametrize(
    ("value", "expected", "words"),
    [
        (1.0, 1.02, "is not right"),
        ("0.14", 0.14, r"is text \('0.14'\), where a number was asked for"),
        (True, 1, "the truth value True, where a number"),
        (math.nan, 1.0, "NaN"),
        (math.nan, math.nan, "NaN"),
        (1.0, math.nan, "is not right"),
        (None, 1.0, "is None"),
        (-3.0, 3.0, "wrong sign"),
        (14.0, 0.14, "100 times too large"),
        (0.14, 14.0, "100 times too small"),
        (math.inf, 1.0, "infinite"),
        ([1, 2], [1, 2, 3], "2 elements, where 3"),
        ([1, math.nan], [1, 2], r"`answer\[1\]` is not a number"),
        (1, [1], "a number, where a sequence"),
        ({"a": 1}, {"a": 1, "b": 2}, "lacks 1 key$"),
        ({"a": 1, "c": 2}, {"a": 1, "b": 2}, "key 'c', which was not asked for"),
        ({"a": 5}, {"a": 1}, r"`answer\['a'\]` is not right"),
        (np.eye(2), np.eye(3), r"shape \(2, 2\)"),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [1], "b": [2]}), "lacks 1 column"),
        (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1]}), "2 rows, where 1"),
        (pd.DataFrame({"a": [2]}), pd.DataFrame({"a": [1]}), "column 'a' is not right"),
        (pd.Series([1], index=["x"]), pd.Series([1], index=["y"]), "not right"),
    ],
)  # fmt: skip
def test_others_are_not_and_the_reason_is_told(value, expected, words):
    with pytest.raises(Incorrect, match=words):
        close(value, expected)


@pytest.mark.parametrize("value", [math.nan, [math.nan], {"a": math.nan}, np.array([[math.nan]]), pd.Series([math.nan])])
def test_nan_never_passes(value):
    with pytest.raises(Incorrect):
        close(value, value)


def test_gaps_may_be_part_of_the_answer_when_the_check_says_so():
    close([1.0, math.nan], [1.0, math.nan], missing=True)
    with pytest.raises(Incorrect):
        close([1.0, math.nan], [1.0, 2.0], missing=True)


def test_tolerances_are_those_given():
    close(10, 11, atol=1)
    close(0.0001, 0, atol=0.001)
    with pytest.raises(Incorrect):
        close(1.001, 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (0.1 + 0.2, 0.3),
        ((1, 2), [1, 2]),
        ({1, 2}, frozenset({2, 1})),
        (None, None),
        (True, True),
        (2**60, 2**60),
    ],
)
def test_equal_values_are_equal(value, expected):
    equal(value, expected)


@pytest.mark.parametrize(
    ("value", "expected", "words"),
    [
        ("Drift ", "drift", "only in capitals or spaces"),
        ("drift", "shift", "is not right"),
        (1, True, "a number, where True or False"),
        (2**60 + 1, 2**60, "is not right"),
        (1.0001, 1, "is not right"),
        ([1], {1}, r"a sequence \(`list`\), where a set"),
        (None, "x", "is None"),
        ("x", None, "is not right"),
    ],
)
def test_unequal_values_are_not(value, expected, words):
    with pytest.raises(Incorrect, match=words):
        equal(value, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "secret"),
        (1, "secret"),
        (None, "secret"),
        ({"a": "no"}, {"a": "secret"}),
        ({}, {"secret": 1}),
        ([1], ["secret"]),
    ],
)
def test_a_message_never_tells_what_was_expected(value, expected):
    with pytest.raises(Incorrect) as wrong:
        equal(value, expected)
    assert "secret" not in str(wrong.value)


def test_an_array_of_conditions_is_a_mistake_when_all_hold():
    with pytest.raises(Incorrect, match="sorted"):
        mistake(np.array([True, True]), "sorted")
    mistake(np.array([True, False]), "sorted")
    mistake(np.array([], dtype=bool), "sorted")
    mistake(pd.DataFrame({"a": [True], "b": [False]}), "sorted")


# --- judging -----------------------------------------------------------------------------------------------------


def test_the_right_answer_earns_all_points():
    result = asked({"x": 1}, lambda answer, key: equal(answer.read("x"), key.read("x")))
    assert (result.outcome, result.points, result.messages) == (Outcome.CORRECT, 2, ())


def test_a_message_names_what_was_asked_for_even_where_the_check_does_not():
    def check(answer, key):
        close(answer.call("f", 1, scale=2), key.call("f", 1, scale=2))

    result = asked({"f": lambda x, scale: 5}, check, solution={"f": lambda x, scale: x})
    assert result.messages == ("`f(1, scale=2)` is not right",)


def test_the_call_is_told_after_a_message_that_does_not_name_it():
    def check(answer, key):
        close(answer.call("f", 1), key.call("f", 1), "`f` doubles")

    result = asked({"f": lambda x: x}, check, solution={"f": lambda x: 2 * x})
    assert result.messages == ("`f` doubles (seen with `f(1)`)",)


def both_parts(answer, key):
    with part(1, "`x` should be one"):
        equal(answer.read("x"), 1)
    with part(1, "`y` should be two"):
        equal(answer.read("y"), 2)


@pytest.mark.parametrize(
    ("names", "outcome", "points", "messages"),
    [
        ({"x": 1, "y": 2}, Outcome.CORRECT, 2, 0),
        ({"x": 1, "y": 3}, Outcome.PARTIAL, 1, 1),
        ({"x": 1}, Outcome.PARTIAL, 1, 1),
        ({"x": 0, "y": 3}, Outcome.INCORRECT, 0, 2),
        ({"x": 0}, Outcome.INCORRECT, 0, 2),
        ({}, Outcome.NOT_ATTEMPTED, 0, 2),
    ],
)
def test_parts_earn_their_own_points(names, outcome, points, messages):
    result = asked(names, both_parts)
    assert (result.outcome, result.points, len(result.messages)) == (outcome, points, messages)


def test_points_earned_before_a_later_fault_are_kept():
    def check(answer, key):
        with part(1):
            equal(answer.read("x"), 1)
        mistake(answer.read("y") == 0, "`y` is zero")
        with part(1):
            equal(answer.read("y"), 2)

    result = asked({"x": 1, "y": 0}, check)
    assert (result.outcome, result.points, result.messages) == (Outcome.PARTIAL, 1, ("`y` is zero",))


def test_parts_that_do_not_add_up_are_the_check_s_fault():
    result = asked({"x": 1, "y": 2}, both_parts, points=3)
    assert (result.outcome, "worth 2, the question 3" in result.messages[0]) == (Outcome.NOT_JUDGED, True)


@pytest.mark.parametrize("value", ["text", None, [1], {"a": 1}, 3.5, np.array([1, 2]), pd.DataFrame({"a": [1]})])
def test_a_check_that_breaks_on_an_odd_value_gives_incorrect_with_the_type(value):
    def check(answer, key):
        equal(sorted(answer.read("x")["rows"].items())[0], 1)

    result = asked({"x": value}, check, solution={"x": 0})
    assert result.outcome is Outcome.INCORRECT
    assert f"`x` is of type `{type(value).__name__}`" in result.messages[0]
    assert result.detail


def test_a_part_that_breaks_does_not_stop_the_next():
    def check(answer, key):
        with part(1, "`x` has rows"):
            answer.read("x")["rows"]
        with part(1):
            equal(answer.read("y"), 2)

    result = asked({"x": 3, "y": 2}, check)
    assert (result.outcome, result.points) == (Outcome.PARTIAL, 1)
    assert result.messages[0].startswith("`x` has rows: `x` is of type `int`")


def test_a_name_the_solution_lacks_is_never_the_answer_s_fault():
    class Empty:
        def read(self, name):
            raise CheckError("no such entry")

        call = read

    made = question("test.one", title="One")(lambda answer, key: equal(answer.read("x"), key.read("x")))
    assert judge(made, LiveNotebook({"x": 1}), Empty()).outcome is Outcome.NOT_JUDGED


def test_an_object_that_is_equal_to_everything_does_not_pass():
    class Yes(float):
        def __eq__(self, other):
            return True

        def __sub__(self, other):
            return 0.0

        __rsub__ = __sub__
        __hash__ = float.__hash__

    result = asked({"x": Yes(5)}, lambda answer, key: close(answer.read("x"), 3.0))
    assert result.outcome is Outcome.INCORRECT


# --- declaring ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["drift", "Drift.psi", "drift.psi.more", "drift.", "1.psi"])
def test_a_question_needs_a_name_of_two_parts(slug):
    with pytest.raises(CheckError):
        question(slug, title="T")


def test_points_are_more_than_none():
    with pytest.raises(CheckError):
        question("a.b", title="T", points=0)


def test_a_hint_alone_is_not_a_list_of_hints():
    with pytest.raises(CheckError, match="list"):
        question("a.b", title="T", hints="one")


def test_a_mutant_replaces_a_piece_of_the_solution_or_all_of_it():
    assert Mutant("m", replace=("+ 1", "")).source("x = a + 1") == "x = a "
    assert Mutant("m", code="x = 0").source("x = a + 1") == "x = 0"
    with pytest.raises(CheckError, match="not in the solution"):
        Mutant("m", replace=("- 1", "")).source("x = a + 1")
    with pytest.raises(CheckError, match="either"):
        Mutant("m")


def test_a_check_module_is_loaded_again_when_it_changes(tmp_path):
    path = tmp_path / "tea.py"
    text = 'from workbench.checks import question\n@question("tea.one", title="{}")\ndef one(answer, key): ...\n'
    path.write_text(text.format("Before"))
    assert load(path)["tea.one"].title == "Before"
    assert load(path) is load(path)
    path.write_text(text.format("After, longer"))
    assert load(path)["tea.one"].title == "After, longer"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 / 0", "does not run: ZeroDivisionError"),
        ("x = (", "does not run: SyntaxError"),
        ("x = 1", "has no question"),
        ('from workbench.checks import question\nquestion("A", title="")', "not a question's name"),
        (
            'from workbench.checks import question as q\na = q("tea.one", title="")(id)\nb = q("tea.one", title="")(id)',
            "defined twice",
        ),
        ('from workbench.checks import question\na = question("coffee.one", title="")(print)', r"must start with `tea\.`"),
    ],
)
def test_a_check_module_that_cannot_be_used_says_why(tmp_path, text, words):
    path = tmp_path / "tea.py"
    path.write_text(text)
    with pytest.raises(CheckError, match=words):
        load(path)


def test_suggestions_are_the_nearest_names_or_all():
    assert suggestion("drift.psy", ["drift.psi", "other.name"]) == "did you mean `drift.psi`"
    assert suggestion("zzz", ["a", "b"]) == "there are `a`, `b`"
