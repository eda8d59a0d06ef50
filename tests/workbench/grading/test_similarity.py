"""Alike beyond the exercise: renaming hides nothing, the template and what everybody writes count for nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.grading.reports.similarity import RUN, WINDOW, Group, fingerprints, identical, pairs

TEMPLATE = "import math\n\ndef steep(minutes, grams):\n    # Your answer here\n    ...\n"
MINE = """
def steep(minutes, grams):
    strength = 0.0
    for step in range(minutes):
        strength += (grams - strength) * math.exp(-step / 7) / (1 + step ** 2)
        if strength > grams or step % 13 == 5:
            strength = max(strength - 0.5, 0)
    return {"strength": strength, "bitter": [strength * k for k in range(3) if k != 1]}
"""
OTHER = """
def steep(minutes, grams):
    total = sum(grams * 0.3 ** k for k in range(minutes))
    while total > 100 and not math.isinf(total):
        total, grams = total / 2, grams + 1
    try:
        return dict(strength=total, bitter=[total, *map(float, (grams, minutes))])
    except (TypeError, ValueError) as problem:
        raise RuntimeError(str(problem)) from problem
"""


def disguised(code: str) -> str:
    for old, new in (("strength", "power"), ("step", "tick"), ("0.5", "0.75"), ("minutes", "time"), ("\n", "  # mine\n")):
        code = code.replace(old, new)
    return code


def test_a_copy_with_other_names_numbers_and_comments_is_found():
    found = pairs({"ann": MINE, "bob": disguised(MINE), "eve": OTHER}, TEMPLATE)
    assert [(pair.one, pair.other, pair.score) for pair in found] == [("ann", "bob", 1.0)]


def test_independent_work_is_no_pair():
    assert pairs({"ann": MINE, "eve": OTHER}, TEMPLATE) == []


def test_what_was_handed_out_is_no_similarity():
    assert pairs({"ann": MINE, "bob": MINE}, MINE) == []


def test_what_most_of_the_class_writes_is_no_similarity():
    class_of_forty = {f"s{i}": MINE for i in range(40)}
    assert pairs(class_of_forty, TEMPLATE) == []


def test_equal_answers_are_one_group_however_many_share_them():
    class_of_forty = {f"s{i:02}": MINE if i % 2 else disguised(MINE) for i in range(40)}
    assert identical({}, class_of_forty, TEMPLATE) == [Group(tuple(sorted(class_of_forty)), "same answers")]


def test_equal_files_are_told_whatever_they_hold_and_blank_ones_last():
    digests = {"ann": "a", "bob": "a", "cat": "b", "dan": "b", "eve": "c"}
    code = {"ann": TEMPLATE, "bob": TEMPLATE, "cat": MINE, "dan": MINE, "eve": OTHER}
    assert identical(digests, code, TEMPLATE) == [
        Group(("cat", "dan"), "same file"),
        Group(("ann", "bob"), "same file", blank=True),
    ]


def test_a_few_words_alike_are_no_group():
    assert identical({}, {"ann": "x = 1", "bob": "y = 2"}, TEMPLATE) == []


@given(st.text(max_size=300))
def test_any_text_can_be_fingerprinted(text):
    assert pairs({"ann": text, "bob": text}, "") == pairs({"bob": text, "ann": text}, "")


@given(st.lists(st.sampled_from("+-*/%()[]{}:,.=<>"), min_size=RUN + WINDOW - 1, max_size=60))
def test_a_shared_run_of_the_guaranteed_length_is_always_found(symbols):
    run = " ".join(symbols)
    assert fingerprints(run) & fingerprints(f"lambda {run}") or not fingerprints(run)


def test_code_that_is_not_python_counts_up_to_where_it_can_be_read():
    assert fingerprints(MINE) & fingerprints(f"{MINE}\n  'unclosed")
