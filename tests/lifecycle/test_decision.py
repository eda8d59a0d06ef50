import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.govern import Decision, DecisionError

TEXT = st.text(min_size=1, max_size=30).filter(str.strip)


def decision(**changes):
    fields = {
        "subject": "credit model",
        "outcome": "replace",
        "reasons": ("the gain exceeds the margin",),
        "evidence": {"auc_old": 0.7, "auc_new": 0.75},
        "proposed_by": "rule",
        "approved_by": "model owner",
    }
    return Decision(**{**fields, **changes})


@given(
    TEXT,
    st.lists(TEXT, min_size=1, max_size=3),
    st.dictionaries(TEXT, st.floats(allow_nan=False, allow_infinity=False), min_size=1),
)
def test_a_record_survives_the_file(subject, reasons, evidence):
    record = decision(subject=subject, reasons=tuple(reasons), evidence=evidence)
    assert Decision.from_json(record.to_json()) == record


def test_equal_decisions_give_equal_text():
    turned = decision(evidence={"auc_new": 0.75, "auc_old": 0.7})
    assert turned.to_json() == decision().to_json()


@pytest.mark.parametrize("field", ["subject", "outcome", "reasons", "evidence", "proposed_by", "approved_by"])
def test_nothing_may_be_left_out(field):
    empty = {"reasons": (), "evidence": {}}.get(field, "")
    with pytest.raises(DecisionError, match=f"`{field}` is empty"):
        decision(**{field: empty})


def test_nobody_approves_their_own_proposal():
    with pytest.raises(DecisionError, match="may not approve it too"):
        decision(proposed_by="Model owner", approved_by="model owner ")


def test_evidence_must_be_finite():
    with pytest.raises(DecisionError, match="`auc_new` is not a finite number"):
        decision(evidence={"auc_new": float("nan")})


def test_a_record_with_other_fields_names_them():
    content = json.loads(decision().to_json())
    content["approver"] = content.pop("approved_by")
    with pytest.raises(DecisionError, match="approved_by, approver"):
        Decision.from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_text_that_is_no_record_is_refused(text):
    with pytest.raises(DecisionError):
        Decision.from_json(text)
