"""What can be equal at different base rates: every table of small sizes, and any rates."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.govern import (
    GroupCounts,
    all_tables,
    implied_base_rate,
    implied_fpr,
    implied_ppv,
    pairs_with_equal,
    what_can_be_equal,
)
from lifecycle.govern.fairness.counts import RATES

SHARE = st.floats(0.01, 0.99)
SIZES = [(p, n) for p, n in product(range(1, 6), repeat=2)]
UNEQUAL = [(a, b) for a, b in product(SIZES, repeat=2) if a[0] * b[1] != b[0] * a[1]]


def test_all_tables_are_all_tables():
    tables = {tuple(int(cell) for cell in row) for row in all_tables(3, 2)}
    assert tables == {(tp, fp, 3 - tp, 2 - fp) for tp in range(4) for fp in range(3)}


@pytest.mark.parametrize(("first", "second"), UNEQUAL[::5])
def test_odds_and_predictive_parity_are_equal_only_without_one_kind_of_hit(first, second):
    """The theorem: base rates differ, TPR, FPR and PPV are equal, so FPR or TPR is 0."""
    pairs = pairs_with_equal(first, second, ["tpr", "fpr", "ppv"])
    tp, fp = pairs[:, :, 0], pairs[:, :, 1]
    assert ((fp == 0).all(axis=1) | (tp == 0).all(axis=1)).all()


@pytest.mark.parametrize(("first", "second"), UNEQUAL[::7])
def test_with_both_predictive_values_only_perfection_is_left(first, second):
    pairs = pairs_with_equal(first, second, ["tpr", "fpr", "ppv", "npv"])
    perfect = (pairs[:, :, 1:3] == 0).all(axis=(1, 2))
    upside_down = (pairs[:, :, [0, 3]] == 0).all(axis=(1, 2))  # every decision wrong
    assert (perfect | upside_down).all()
    assert perfect.sum() == 1


@pytest.mark.parametrize(("first", "second"), UNEQUAL[::7])
def test_equalised_odds_alone_can_always_be_had(first, second):
    pairs = pairs_with_equal(first, second, ["tpr", "fpr"])
    assert len(pairs) >= 4  # perfect, upside down, everybody, nobody


@given(SHARE, SHARE, SHARE, SHARE)
def test_with_any_equal_rates_of_both_errors_ppv_differs_where_base_rates_do(one, other, tpr, fpr):
    assume(abs(one - other) > 1e-3)
    assert implied_ppv(one, tpr=tpr, fpr=fpr) != implied_ppv(other, tpr=tpr, fpr=fpr)
    assert implied_ppv(one, tpr=tpr, fpr=0) == implied_ppv(other, tpr=tpr, fpr=0) == 1


@given(SHARE, SHARE, SHARE)
def test_ppv_and_fpr_follow_from_each_other(base, tpr, fpr):
    ppv = implied_ppv(base, tpr=tpr, fpr=fpr)
    assert implied_fpr(base, ppv=ppv, tpr=tpr) == pytest.approx(fpr)


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_the_arithmetic_agrees_with_counting(positives, negatives, data):
    tp, fp = data.draw(st.integers(0, positives)), data.draw(st.integers(0, negatives))
    counts = GroupCounts(tp, fp, positives - tp, negatives - fp)
    ppv = implied_ppv(counts.rate("base_rate"), tpr=counts.rate("tpr"), fpr=counts.rate("fpr"))
    assert ppv == pytest.approx(counts.rate("ppv"), nan_ok=True)
    if abs(counts.rate("fnr") - counts.rate("fpr")) > 1e-9:
        base = implied_base_rate(accuracy=counts.rate("accuracy"), fpr=counts.rate("fpr"), fnr=counts.rate("fnr"))
        assert base == pytest.approx(counts.rate("base_rate"))


def test_the_map_counts_what_a_slow_count_with_fractions_counts():
    first, second = (4, 2), (2, 4)
    table = what_can_be_equal(first, second, {"odds": ("tpr", "fpr"), "parity": ("selection_rate",)})

    def rate(cells, name):
        above, below = RATES[name]
        whole = sum(int(cells[c]) for c in below)
        return Fraction(sum(int(cells[c]) for c in above), whole) if whole else None

    for names, row in ((("tpr", "fpr"), 0), (("selection_rate",), 1), (("tpr", "fpr", "selection_rate"), 2)):
        slow = sum(
            all(rate(a, name) is not None and rate(a, name) == rate(b, name) for name in names)
            for a, b in product(all_tables(*first), all_tables(*second))
        )
        assert table["pairs"][row] == slow


def test_the_map_of_the_lesson():
    found = what_can_be_equal((24, 16), (16, 24)).set_index("definitions")["informed"]
    impossible = {"equalised odds + predictive parity", "demographic parity + equalised odds"}
    assert set(found.index[found == 0]) == impossible
    assert "equal opportunity + equalised odds" not in found.index


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: implied_base_rate(accuracy=0.8, fpr=0.2, fnr=0.2), "says nothing"),
        (lambda: implied_base_rate(accuracy=0.99, fpr=0.1, fnr=0.2), "no base rate"),
        (lambda: implied_ppv(1.2, tpr=0.5, fpr=0.5), "between 0 and 1"),
        (lambda: implied_fpr(1.0, ppv=0.5, tpr=0.5), "base rate of 1"),
    ],
)
def test_figures_that_cannot_be_are_refused(call, said):
    with pytest.raises(DataError, match=said):
        call()


def test_nobody_selected_has_no_ppv():
    assert np.isnan(implied_ppv(0.3, tpr=0, fpr=0))
