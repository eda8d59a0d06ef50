"""The compliance gate: the strictest rule wins, and every reason is told."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop.exploration.compliance import DataSource, compliance_gate

CLEAN = DataSource("ledger", consent=True, age_days=10, retention_days=365)


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, "proceed"),
        ({"consent": False}, "stop"),
        ({"consent": None}, "ask"),
        ({"age_days": 366}, "stop"),
        ({"age_days": 365}, "proceed"),
        ({"crosses_border": True}, "ask"),
        ({"crosses_border": True, "safeguards": True}, "proceed"),
        ({"sector_rules": ("PCI-DSS",)}, "ask"),
        ({"sector_rules": ("PCI-DSS",), "sector_approval": True}, "proceed"),
        ({"lineage": False}, "ask"),
        ({"personal": False, "consent": None, "crosses_border": True}, "proceed"),
    ],
)
def test_one_answer_decides(change, verdict):
    assert compliance_gate(replace(CLEAN, **change)).verdict == verdict


sources = st.builds(
    DataSource,
    name=st.just("any"),
    personal=st.booleans(),
    consent=st.sampled_from([True, False, None]),
    crosses_border=st.booleans(),
    safeguards=st.booleans(),
    sector_rules=st.sampled_from([(), ("HIPAA",)]),
    age_days=st.integers(0, 900),
    retention_days=st.sampled_from([None, 365]),
    lineage=st.booleans(),
)


@given(sources)
def test_a_refusal_outweighs_everything(source):
    assert compliance_gate(replace(source, personal=True, consent=False)).verdict == "stop"


@given(sources)
def test_there_are_reasons_unless_it_proceeds(source):
    decision = compliance_gate(source)
    assert (decision.verdict == "proceed") == (decision.reasons == ())
