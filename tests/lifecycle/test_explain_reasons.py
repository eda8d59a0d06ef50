"""Reasons: true of the person, in order, not more than asked for, and silent about nobody's protected attribute."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lifecycle.develop import engineered, use_case
from lifecycle.explain import Contributions, ExplanationError, Wording, reasons, usual_values, wordings_for

WORDS = {
    "late": Wording("bills were late", "no bill was late", family="delay", advice_high="pay on time"),
    "late_now": Wording("the last bill was late", "the last bill was on time", family="delay", advice_high="pay on time"),
    "used": Wording("the limit is used up", "the limit is hardly used", advice_high="pay it down"),
    "limit": Wording("the limit is high", "the limit is low"),
}
USUAL = {"late": 0, "late_now": 0.2, "used": 0.5, "limit": 100}


def account(*effects: float, **values: float) -> Contributions:
    row = {"late": 2.0, "late_now": 1.0, "used": 0.9, "limit": 50.0} | values
    return Contributions(tuple(row), np.array([effects]), 0.0, pd.DataFrame([row]))


def test_reasons_are_families_in_order_with_true_words_and_fitting_advice():
    found = reasons(account(0.3, 0.2, 0.1, 0.4), 0, WORDS, usual=USUAL, adverse=1)
    assert [str(reason) for reason in found] == ["bills were late", "the limit is low", "the limit is used up"]
    assert [reason.contribution for reason in found] == pytest.approx([0.5, 0.4, 0.1])
    assert [reason.advice for reason in found] == ["pay on time", "", "pay it down"]


def test_a_low_value_takes_the_low_words_and_not_the_advice_for_high_ones():
    (reason,) = reasons(account(0, 0, 0.2, -1, used=0.1), 0, WORDS, usual=USUAL, adverse=1)
    assert (reason.words, reason.advice, reason.value) == ("the limit is hardly used", "", 0.1)


def test_a_family_that_helped_on_the_whole_is_no_reason():
    assert reasons(account(0.3, -0.4, -0.1, 0.0), 0, WORDS, usual=USUAL, adverse=1) == []


def test_where_low_scores_are_bad_the_signs_turn():
    found = reasons(account(-0.3, 0.1, 0.5, -0.1), 0, WORDS, usual=USUAL, adverse=-1, most=1)
    assert [(reason.feature, pytest.approx(0.2)) for reason in found] == [("late", found[0].contribution)]


def test_a_protected_attribute_that_counted_stops_the_letter_and_one_that_helped_does_not():
    with pytest.raises(ExplanationError, match="protected attribute `limit`"):
        reasons(account(0.3, 0.2, 0.1, 0.01), 0, WORDS, usual=USUAL, adverse=1, most=1, protected=["limit"])
    assert reasons(account(0.3, 0.2, 0.1, -0.4), 0, WORDS, usual=USUAL, adverse=1, protected=["limit"])


def test_a_reason_without_words_is_refused_but_only_where_it_counted():
    few = {name: WORDS[name] for name in ("late", "late_now", "used")}
    with pytest.raises(ExplanationError, match="no wording for `limit`"):
        reasons(account(0.1, 0.1, 0.1, 0.1), 0, few, usual=USUAL, adverse=1)
    assert reasons(account(0.1, 0.1, 0.1, -0.1), 0, few, usual=USUAL, adverse=1)


def test_a_direction_is_up_or_down():
    with pytest.raises(ExplanationError, match="no direction"):
        reasons(account(1, 1, 1, 1), 0, WORDS, usual=USUAL, adverse=0)


def test_what_is_usual_tells_the_values_of_a_flag_apart():
    frame = pd.DataFrame({"amount": [1, 2, 9, 4, 5], "mostly": [1, 1, 1, 1, 0], "rarely": [0, 0, 0, 1, np.nan]})
    assert usual_values(frame) == {"amount": 4, "mostly": 0.8, "rarely": 0.25}


@pytest.mark.parametrize("name", ["credit", "fraud", "churn"])
def test_every_model_input_of_every_use_case_has_words_and_no_protected_one_has_advice(name):
    inputs = {feature.name: feature for feature in engineered(name)}
    words = wordings_for(name, {key: feature.meaning for key, feature in inputs.items()})
    assert list(words) == list(inputs)
    assert all(each.high and each.low and each.high != each.low for each in words.values())
    protected = set(use_case(name).protected)
    touched = [key for key, feature in inputs.items() if set(feature.sources) & protected]
    assert not any(words[key].advice_high or words[key].advice_low or words[key].family for key in touched)


def test_a_made_wording_names_the_column_and_what_it_holds():
    words = wordings_for("fraud", {"V14": "component 14, anonymous", "night": "1 where it is night"})
    assert words["V14"].low == "V14 (component 14, anonymous) is below what is usual"
    assert (words["night"].high, words["night"].low) == ("it is night", "not so: it is night")
