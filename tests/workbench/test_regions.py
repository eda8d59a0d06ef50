"""Solutions leave the stub, and the stub stays Python."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import regions
from workbench.errors import MasterError

FUNCTION = """def cooler(start):
    ### BEGIN SOLUTION
    return start - 1
    ### END SOLUTION"""


def test_the_stub_asks_for_an_answer_at_the_regions_indentation():
    assert regions.stub(FUNCTION) == "def cooler(start):\n    # Your answer here\n    ..."


def test_the_solution_loses_only_its_markers():
    assert regions.solution(FUNCTION) == "def cooler(start):\n    return start - 1"


@pytest.mark.parametrize(
    "source",
    [
        FUNCTION,
        'def f(x="a:"):  # it\'s open\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION\n\n\ny = 1',
        "if x:\n    ### BEGIN SOLUTION\n    y = 1\n    ### END SOLUTION\nelse:\n    y = 2",
        "try:\n    ### BEGIN SOLUTION\n    y = 1\n    ### END SOLUTION\nexcept ValueError:\n    y = 2",
        'def f():\n    """Text."""\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION',
        "x = 1\n### BEGIN SOLUTION\ny = x\n### END SOLUTION",
    ],
)
def test_stub_and_solution_are_python(source):
    ast.parse(regions.stub(source))
    ast.parse(regions.solution(source))
    assert regions.stub(source).count("...") <= 1


def test_code_around_a_region_stays():
    source = "x = 1\n### BEGIN SOLUTION\ny = 2\n### END SOLUTION\nz = 3"
    assert regions.stub(source) == "x = 1\n# Your answer here\nz = 3"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\n### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", 3, "inside the one of line 2"),
        ("a\n### BEGIN SOLUTION\nb", 2, "never closed"),
        ("# %%\n### BEGIN SOLUTION\n# %%\n### END SOLUTION", 2, "never closed"),
        ("a\n\n### END SOLUTION", 3, "without"),
        ("# begin solution\na\n# end solution", 1, "exactly"),
    ],
)
def test_regions_out_of_order_name_master_and_line(text, line, words):
    with pytest.raises(MasterError, match=words) as caught:
        regions.verify(text, where="exercises/02_data.py")
    assert caught.value.where == f"exercises/02_data.py: line {line}"


lines = st.lists(st.sampled_from(["x = 1", "    y = 2", "", "# a comment"]), max_size=5)


@given(before=lines, inside=lines, after=lines, indent=st.sampled_from(["", "    "]))
def test_nothing_of_a_solution_is_left_in_the_stub(before, inside, after, indent):
    secret = [f"{indent}secret = {i}" for i in range(len(inside))]
    region = [f"{indent}{regions.BEGIN}", *secret, f"{indent}{regions.END}"]
    source = "\n".join([*before, *region, *after])
    assert "secret" not in regions.stub(source)
    assert regions.solution(source) == "\n".join([*before, *secret, *after])


def test_a_question_is_told_by_its_tag():
    assert regions.question_of({"metadata": {"tags": ["x", "question:water.cooling"]}}) == "water.cooling"
    assert regions.question_of({"metadata": {}}) is None
