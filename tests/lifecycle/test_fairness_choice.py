"""The record of a choice: whole, or refused."""

from __future__ import annotations

import json
from types import MappingProxyType

import numpy as np
import pytest

from lifecycle.govern import CriterionChoice, FairnessError

WHOLE = {
    "use": "loans",
    "groups": ("sex", "age"),
    "criterion": "equal opportunity",
    "because": "who can repay should get a loan, whoever they are",
    "given_up": {"demographic parity": "base rates differ"},
    "measured": {"tpr gap": 0.02},
    "heard": {"domain expert": "a", "affected people": "b", "lawyer": "c", "ethicist": "d"},
    "proposed_by": "data science",
    "approved_by": "risk manager",
    "review_on": "2027-06-30",
}


def test_it_survives_text():
    choice = CriterionChoice(**WHOLE)
    assert CriterionChoice.from_dict(json.loads(json.dumps(choice.to_dict()))) == choice


@pytest.mark.parametrize("field", sorted(WHOLE))
def test_nothing_may_be_empty(field):
    with pytest.raises(FairnessError, match=f"`{field}` is empty"):
        CriterionChoice(**WHOLE | {field: type(WHOLE[field])()})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"criterion": "niceness"}, "no criterion `niceness`"),
        ({"given_up": {"kindness": "too dear"}}, "no criterion `kindness`"),
        ({"given_up": {"equal opportunity": "why not"}}, "chosen and given up"),
        ({"measured": {"tpr gap": float("nan")}}, "`tpr gap` is not a finite number"),
        ({"heard": {"lawyer": "c", "ethicist": ""}}, "nobody heard: domain expert, affected people, ethicist"),
        ({"approved_by": " Data Science "}, "may not approve it too"),
        ({"review_on": "some day"}, "`some day` is no day"),
    ],
)
def test_what_contradicts_itself_is_refused(change, said):
    with pytest.raises(FairnessError, match=said):
        CriterionChoice(**WHOLE | change)


def test_other_fields_make_no_choice():
    with pytest.raises(FairnessError, match="not the fields of a choice: mood, review_on"):
        CriterionChoice.from_dict({name: value for name, value in WHOLE.items() if name != "review_on"} | {"mood": "good"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"groups": "sex"}, "`groups` should be a tuple of names"),
        ({"groups": ("sex", " ")}, "`groups` has a name that is empty"),
        ({"because": "  "}, "`because` is empty"),
        ({"approved_by": "\t"}, "`approved_by` is empty"),
        ({"given_up": {"demographic parity": " "}}, "`demographic parity` in `given_up` is empty"),
        ({"given_up": ["demographic parity"]}, "`given_up` should be a mapping"),
        ({"heard": ["a", "b"]}, "`heard` should be a mapping"),
        ({"heard": WHOLE["heard"] | {"lawyer": "  "}}, "nobody heard: lawyer"),
        ({"measured": {"tpr gap": "x"}}, "`tpr gap` is not a finite number"),
        ({"measured": {3: 0.1}}, "`measured` has a name that is empty"),
        ({"measured": {"tpr gap": True}}, "`tpr gap` is not a finite number"),
        ({"review_on": 2027}, "`review_on` should be text"),
    ],
)
def test_a_field_of_another_kind_is_named(change, said):
    with pytest.raises(FairnessError, match=said):
        CriterionChoice(**WHOLE | change)


@pytest.mark.parametrize("content", [None, [], "choice", {**WHOLE, "groups": "sex"}, {**WHOLE, "groups": 3}])
def test_what_is_no_record_is_not_read_as_one(content):
    with pytest.raises(FairnessError):
        CriterionChoice.from_dict(content)


def test_figures_of_numpy_survive_text():
    choice = CriterionChoice(**WHOLE | {"measured": MappingProxyType({"tpr gap": np.float32(0.25)})})
    assert CriterionChoice.from_dict(json.loads(json.dumps(choice.to_dict()))) == choice


def test_it_does_not_outlive_its_review():
    choice = CriterionChoice(**WHOLE)
    assert choice.stands_on("2027-06-30")
    assert not choice.stands_on("2027-07-01")
    with pytest.raises(FairnessError, match="`tomorrow` is no day"):
        choice.stands_on("tomorrow")
