"""Rows that came twice: planted, and dropped at the right and at the wrong moment."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop.exploration.duplicates import repeat_rows, split_rows
from lifecycle.develop.exploration.leakage import shared_rows
from lifecycle.errors import DataError

seeds = st.integers(min_value=0, max_value=2**32 - 1)


def numbered(n: int) -> pd.DataFrame:
    """`n` different rows."""
    return pd.DataFrame({"row": range(n), "label": [i % 2 for i in range(n)]})


@given(st.integers(1, 60), st.integers(1, 4), st.floats(0, 1), seeds)
def test_repeating_keeps_every_row_and_repeats_the_share(n, copies, share, seed):
    counts = repeat_rows(numbered(n), copies=copies, share=share, seed=seed)["row"].value_counts()
    repeated = round(share * n)
    expected = [copies] * repeated + [1] * (n - repeated)
    assert sorted(counts.index) == list(range(n))
    assert sorted(counts) == sorted(expected)


@given(st.integers(10, 80), st.integers(1, 4), seeds)
def test_dropped_before_the_split_no_row_is_on_both_sides_and_none_is_lost(n, copies, seed):
    rows = repeat_rows(numbered(n), copies=copies, seed=seed)
    train, test = split_rows(rows, order="drop, then split", seed=seed)
    assert shared_rows(train, test) == 0
    assert sorted([*train["row"], *test["row"]]) == list(range(n))
    assert len(test) == round(0.25 * n)


@given(st.integers(10, 80), st.integers(1, 4), seeds)
def test_dropped_after_the_split_each_part_is_clean_in_itself_and_they_share_rows(n, copies, seed):
    rows = repeat_rows(numbered(n), copies=copies, seed=seed)
    train, test = split_rows(rows, order="split, then drop", seed=seed)
    assert not train.duplicated().any()
    assert not test.duplicated().any()
    assert set(train["row"]) | set(test["row"]) == set(range(n))
    assert len(train) + len(test) - shared_rows(train, test) == n


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    rows = numbered(40)
    pd.testing.assert_frame_equal(repeat_rows(rows, seed=1), repeat_rows(rows, seed=1))
    assert not repeat_rows(rows, seed=1).equals(repeat_rows(rows, seed=2))
    assert not split_rows(rows, seed=1)[1].equals(split_rows(rows, seed=2)[1])


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: repeat_rows(numbered(3), copies=0), "copies=0"),
        (lambda: repeat_rows(numbered(3), share=1.5), "share=1.5"),
        (lambda: split_rows(numbered(3), order="at random"), "at random"),  # type: ignore[arg-type]
        (lambda: split_rows(numbered(3), test_share=0.01), "empty"),
        (lambda: split_rows(numbered(3), test_share=1.0), "empty"),
    ],
)
def test_what_cannot_be_done_is_refused(call, word):
    with pytest.raises(DataError, match=word):
        call()
