"""Consent, purposes and retention: who said what, what may run, and what is due."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.govern import (
    Choice,
    ConsentLedger,
    DataSet,
    GovernanceError,
    RefusedError,
    Register,
    RetentionRule,
    SigningKey,
    Trail,
    data_class,
    due_rows,
    permit,
    permitted_run,
    sweep,
    verify_trail,
)

DAY = date(2026, 5, 1)


def entry(**changes):
    given = {
        "name": "clients", "title": "Clients", "owner": "Dana", "purposes": {"training": "consent", "scoring": "contract"},
        "classification": "confidential", "retention_days": 100, "columns": ("id", "made"), "personal": {"id": "number"},
    }  # fmt: skip
    return DataSet(**(given | changes))


def test_the_latest_choice_counts_and_later_ones_do_not():
    ledger = ConsentLedger()
    ledger.record(1, "training", "granted", on=date(2026, 3, 1))
    ledger.record(1, "training", "withdrawn", on=date(2026, 6, 1))
    ledger.record(1, "training", "granted", on=date(2026, 2, 1))  # came in late, was said early
    for day, reason in ((date(2026, 1, 31), "no consent"), (DAY, ""), (date(2026, 6, 1), "consent withdrawn")):
        assert ledger.refusal(1, purpose="training", basis="consent", on=day) == reason
    assert not ledger.allows(1, purpose="advertising", basis="consent", on=DAY)
    assert len(ledger.choices(1)) == len(ledger) == 3


@pytest.mark.parametrize(
    ("kinds", "basis", "reason"),
    [
        (["objected"], "legitimate interest", "objected"),
        (["objected", "granted"], "legitimate interest", ""),
        (["objected"], "contract", ""),
        (["granted", "restricted"], "consent", "restricted"),
        (["granted", "restricted", "released"], "consent", ""),
        (["restricted"], "contract", "restricted"),
        (["restricted"], "legal duty", "restricted"),
        (["withdrawn"], "contract", ""),
    ],
)
def test_what_a_choice_means_depends_on_the_basis(kinds, basis, reason):
    ledger = ConsentLedger(Choice("A", "*" if kind in ("restricted", "released") else "p", kind, DAY) for kind in kinds)
    assert ledger.refusal("A", purpose="p", basis=basis, on=DAY) == reason


def test_consent_to_everything_is_consent_to_nothing():
    with pytest.raises(GovernanceError, match="without a purpose"):
        ConsentLedger().record(1, "*", "granted", on=DAY)
    with pytest.raises(GovernanceError, match="no choice"):
        ConsentLedger().record(1, "training", "maybe", on=DAY)
    with pytest.raises(GovernanceError, match="no lawful basis"):
        ConsentLedger().refusal(1, purpose="p", basis="convenience", on=DAY)


@given(st.lists(st.sampled_from(["granted", "withdrawn", None]), min_size=1, max_size=12))
def test_a_run_starts_only_if_every_row_may_be_used(kinds):
    frame = pd.DataFrame({"id": range(len(kinds))})
    ledger = ConsentLedger(Choice(i, "training", kind, DAY) for i, kind in enumerate(kinds) if kind)
    given_ = permit(frame, entry(), purpose="training", ledger=ledger, subject="id", on=DAY)
    assert given_.allowed.tolist() == [kind == "granted" for kind in kinds]
    assert sum(given_.counts().values()) == len(kinds)
    called = []
    if all(kind == "granted" for kind in kinds):
        assert permitted_run(lambda rows: called.append(len(rows)) or "done", given_, actor="Bo") == "done"
        assert called == [len(kinds)]
    else:
        with pytest.raises(RefusedError):
            permitted_run(called.append, given_, actor="Bo")
        assert called == []


def test_what_came_of_it_is_in_the_trail_before_anything_runs(tmp_path):
    trail = Trail(tmp_path / "trail.jsonl", SigningKey.teaching("keeper"))
    frame = pd.DataFrame({"id": [1]})
    refused = permit(frame, entry(), purpose="training", ledger=ConsentLedger(), subject="id", on=DAY)
    with pytest.raises(RefusedError):
        permitted_run(len, refused, actor="Bo", trail=trail)
    scoring = permit(frame, entry(), purpose="scoring", ledger=ConsentLedger(), subject="id", on=DAY)
    seen = permitted_run(lambda _: len(verify_trail(trail.path, trail.public).records), scoring, actor="Bo", trail=trail)
    assert seen == 2
    assert [record.action for record in verify_trail(trail.path, trail.public).records] == ["refused", "permitted"]


def test_rows_that_were_kept_too_long_may_not_be_used_whatever_was_agreed():
    frame = pd.DataFrame({"id": [1, 1], "made": pd.to_datetime([DAY - timedelta(days=100), DAY - timedelta(days=101)])})
    ledger = ConsentLedger([Choice(1, "training", "granted", date(2020, 1, 1))])
    found = permit(frame, entry(), purpose="training", ledger=ledger, subject="id", on=DAY, collected="made")
    assert found.counts() == {"allowed": 1, "kept too long": 1}


def test_a_purpose_that_is_not_on_record_is_refused_for_all():
    with pytest.raises(RefusedError, match="`advertising` is none of its purposes"):
        permit(pd.DataFrame({"id": []}), entry(), purpose="advertising", ledger=ConsentLedger(), subject="id", on=DAY)
    with pytest.raises(GovernanceError, match="`who`"):
        permit(pd.DataFrame({"id": []}), entry(), purpose="scoring", ledger=ConsentLedger(), subject="who", on=DAY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"owner": ""}, "owner"),
        ({"purposes": {}}, "owner or purpose"),
        ({"classification": "secret"}, "no class"),
        ({"purposes": {"training": "fun"}}, "no lawful basis"),
        ({"retention_days": None}, "without an end"),
        ({"personal": {"name": "name"}}, "`name`"),
    ],
)
def test_an_entry_of_the_register_must_be_complete(changes, message):
    with pytest.raises(GovernanceError, match=message):
        entry(**changes)


def test_a_register_knows_what_was_made_of_what_and_can_be_read_back():
    register = Register([entry(), entry(name="features", sources=("clients",)), entry(name="scores", sources=("features",))])
    assert register.holding("features") == ("features", "scores")
    assert [each.name for each in Register.from_json(register.to_json())] == ["clients", "features", "scores"]
    assert list(Register.from_json(register.to_json())) == list(register)
    assert len(register.notice()) == 6
    with pytest.raises(GovernanceError, match="`raw`"):
        register.add(entry(name="x", sources=("raw",)))
    with pytest.raises(GovernanceError, match="already"):
        register.add(entry())
    with pytest.raises(GovernanceError, match="clients, features, scores"):
        register["nothing"]
    with pytest.raises(GovernanceError, match="line 1"):
        Register.from_json("{")


def test_classes():
    assert data_class([], about_people=False) == "internal"
    assert data_class([]) == data_class(["email"]) == data_class([], protected=["sex"], about_people=False) == "confidential"
    assert data_class(["email"], protected=["sex"]) == data_class(["iban"]) == "restricted"


RULE = RetentionRule("t", days=10, start="end", reason="because", subject="who")


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 3)), max_size=15), st.sets(st.integers(0, 3)), st.integers(0, 40)
)
def test_due_is_later_than_start_plus_days_and_a_second_sweep_finds_nothing(rows, holds, day):
    today = date(2026, 1, 1) + timedelta(days=day)
    ends = [date(2026, 1, 1) + timedelta(days=end) for end, _ in rows]
    frame = pd.DataFrame({"end": pd.to_datetime(pd.Series(ends, dtype="object")), "who": [who for _, who in rows]})
    holds &= {who for _, who in rows}  # a hold that finds nobody is an error
    expected = [today > end + timedelta(days=10) and who not in holds for end, (_, who) in zip(ends, rows, strict=True)]
    assert due_rows(frame, RULE, on=today, holds=holds).tolist() == expected
    once = sweep({"t": frame}, [RULE], on=today, holds=holds)
    assert len(once.tables["t"]) == len(rows) - sum(expected)
    assert sweep(once.tables, [RULE], on=today, holds=holds).report[0]["due"] == 0


def test_anonymised_rows_stay_without_what_identifies():
    rule = RetentionRule("t", days=10, start="end", reason="r", action="anonymise", identifying=("who",))
    frame = pd.DataFrame(
        {"end": pd.to_datetime(["2020-01-01", "2026-01-01", None]), "who": ["A", "B", "C"], "sum": [1, 2, 3]}
    )
    left = sweep({"t": frame}, [rule], on=date(2026, 1, 2)).tables["t"]
    assert left["who"].isna().tolist() == [True, False, False]
    assert left["sum"].tolist() == [1, 2, 3]


def test_a_table_without_a_rule_is_not_swept_and_not_forgotten():
    frame = pd.DataFrame({"end": pd.to_datetime([]), "who": []})
    for tables, rules in (({"t": frame, "u": frame}, [RULE]), ({}, [RULE]), ({"t": frame}, [RULE, RULE])):
        with pytest.raises(GovernanceError, match="one table and one rule"):
            sweep(tables, rules, on=DAY)
    with pytest.raises(GovernanceError, match="hold cannot be recognised"):
        due_rows(frame, RetentionRule("t", days=1, start="end", reason="r"), on=DAY, holds=[1])
