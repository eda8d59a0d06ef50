"""What the law counts: thresholds at their edges, deadlines over odd months, and a file that is whole."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lifecycle.govern as govern
from lifecycle.govern import (
    GovernanceError,
    answer_due,
    ccpa_applies,
    equal_turnover,
    gdpr_applies,
    largest_fine,
    law,
    law_as_of,
    laws,
    rights,
)


def test_every_rule_says_what_it_is_and_whence_and_none_begins_after_the_date_of_the_file_unless_it_says_so():
    for row in laws():
        assert row["title"], row
        assert row["reach"], row
        assert row["source"], row
        assert row["since"] is None or row["since"] <= law_as_of()


def test_an_unknown_entry_names_its_neighbours():
    with pytest.raises(GovernanceError, match=r"amount, currency, share"):
        law("gdpr.fine.percent")
    with pytest.raises(GovernanceError, match="nothing below it"):
        law("four_fifths.ratio.low")


def test_nobody_can_change_a_figure_by_reading_it():
    with pytest.raises(TypeError):
        law("gdpr.fine")["share"] = 0.4


@given(st.floats(0, 1e12))
def test_the_ceiling_never_falls_below_the_amount_nor_below_the_share(turnover):
    assert largest_fine(turnover) == max(20e6, 0.04 * turnover)
    assert largest_fine(turnover, tier="fine_lower") == max(10e6, 0.02 * turnover)
    assert largest_fine(turnover, rule="ai_act") == max(35e6, 0.07 * turnover)


def test_at_the_equal_turnover_both_are_equal():
    assert largest_fine(equal_turnover()) == pytest.approx(0.04 * equal_turnover()) == 20e6


def test_a_law_without_a_share_has_no_ceiling():
    with pytest.raises(GovernanceError, match="no share of turnover"):
        largest_fine(1e9, rule="ccpa")
    with pytest.raises(GovernanceError, match="0 or more"):
        largest_fine(float("nan"))


@pytest.mark.parametrize(
    ("firm", "today", "original"),
    [
        ({"revenue": 26_625_000, "consumers": 0, "selling_share": 0}, False, True),
        ({"revenue": 26_625_001, "consumers": 0, "selling_share": 0}, True, True),
        ({"revenue": 25_000_000, "consumers": 0, "selling_share": 0}, False, False),
        ({"revenue": 0, "consumers": 99_999, "selling_share": 0}, False, True),
        ({"revenue": 0, "consumers": 100_000, "selling_share": 0}, True, True),
        ({"revenue": 0, "consumers": 49_999, "selling_share": 0.499}, False, False),
        ({"revenue": 0, "consumers": 0, "selling_share": 0.5}, True, True),
    ],
)
def test_thresholds_at_their_edges(firm, today, original):
    assert ccpa_applies(**firm).applies is today
    assert ccpa_applies(**firm, version="original").applies is original
    assert not ccpa_applies(**firm, in_california=False).applies
    assert not ccpa_applies(**firm, for_profit=False).applies


def test_each_threshold_that_is_met_is_a_reason():
    assert len(ccpa_applies(revenue=1e9, consumers=10**6, selling_share=1).reasons) == 3


def test_a_visit_is_no_reason_for_the_gdpr():
    assert not gdpr_applies(established_in_eu=False, offers_to_eu=False, monitors_in_eu=False).applies
    assert gdpr_applies(established_in_eu=False, offers_to_eu=True, monitors_in_eu=False).applies


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.booleans())
def test_an_answer_is_due_on_the_same_day_of_a_later_month_or_on_its_last(received, extended):
    due = answer_due(received, extended=extended)
    assert (due.year * 12 + due.month) - (received.year * 12 + received.month) == (3 if extended else 1)
    assert due.day == min(received.day, monthrange(due.year, due.month)[1])
    assert answer_due(received, rule="ccpa", extended=extended) - received == timedelta(days=90 if extended else 45)


def test_there_is_no_period_for_other_laws():
    with pytest.raises(GovernanceError, match="hipaa"):
        answer_due(date(2026, 1, 1), rule="hipaa")


def test_each_right_is_served_by_something_that_exists():
    assert len(rights("gdpr")) == 8
    assert len(rights("ccpa")) == 6
    for row in rights():
        served = govern
        for name in row["served by"].split("."):
            served = getattr(served, name)
        assert callable(served)
