"""One person in two types, dates that are none, numbers that are missing: what must not pass in silence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from lifecycle.govern import (
    AccessPolicy,
    ConsentLedger,
    DataSet,
    Gatekeeper,
    GovernanceError,
    Grant,
    Pseudonymiser,
    RefusedError,
    Register,
    RetentionRule,
    SigningKey,
    Trail,
    answer_due,
    compare_treatment,
    data_quality,
    due_rows,
    find_pii,
    generalise,
    largest_fine,
    mondrian,
    permit,
    permitted_run,
    private_count,
    rectify,
    subject_access,
    suppress,
    sweep,
    verify_trail,
)

DAY = date(2026, 5, 1)
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
RULE = RetentionRule("t", days=10, start="end", reason="r", subject="who")
ENTRY = DataSet(
    "t", "T", owner="Dana", purposes={"training": "consent", "scoring": "contract", "ads": "legitimate interest"},
    classification="confidential", retention_days=100, columns=("who", "end"), personal={"who": "number"},
)  # fmt: skip


def old(who):
    return pd.DataFrame({"who": who, "end": pd.to_datetime(["2020-01-01"] * len(who))})


@pytest.mark.parametrize("hold", [4, "4", 4.0, np.int64(4)])
@pytest.mark.parametrize("who", [[3, 4], ["3", "4"], [3.0, 4.0]])
def test_a_hold_keeps_the_rows_of_one_person_in_any_type(who, hold):
    assert due_rows(old(who), RULE, on=DAY, holds=[hold]).tolist() == [True, False]


@pytest.mark.parametrize(("holds", "message"), [("4", "a list"), ([5], "holds no row"), ([None], "nobody is named")])
def test_a_hold_that_holds_nothing_is_an_error(holds, message):
    with pytest.raises(GovernanceError, match=message):
        due_rows(old([3, 4]), RULE, on=DAY, holds=holds)
    with pytest.raises(GovernanceError, match=message):
        sweep({"t": old([4])}, [RULE], on=DAY, holds=holds)


def test_a_hold_need_find_its_rows_in_one_table_only():
    rules = [RULE, RetentionRule("u", days=10, start="end", reason="r", subject="who")]
    swept = sweep({"t": old([4]), "u": old(["5"])}, rules, on=DAY, holds=[4])
    assert [len(table) for table in swept.tables.values()] == [1, 0]


@pytest.mark.parametrize(
    "ends", [[2025, 20260101], ["01/04/2023", "2020-01-01"], ["soon", None], [True, False], [1.5, None]]
)
def test_what_is_no_date_is_never_due(ends):
    frame = pd.DataFrame({"who": [1, 2], "end": ends})
    with pytest.raises(GovernanceError, match="is no date"):
        due_rows(frame, RULE, on=DAY)


@pytest.mark.parametrize(
    "ends",
    [
        ["2026-04-20", "2026-04-21"],
        [date(2026, 4, 20), date(2026, 4, 21)],
        pd.to_datetime(["2026-04-20 23:30+02:00", "2026-04-21 00:30+02:00"]),
        [datetime(2026, 4, 20, 9, tzinfo=UTC), None],
    ],
)
def test_dates_are_days_by_the_clock_of_their_own_zone(ends):
    assert due_rows(pd.DataFrame({"who": [1, 2], "end": ends}), RULE, on=DAY).tolist() == [True, False]


@pytest.mark.parametrize(("told", "column"), [(1, ["1"]), ("1", [1]), (1, [1.0])])
def test_a_choice_is_seen_whatever_the_type_of_the_column(told, column):
    for kind, purpose, asked in (("restricted", "*", "scoring"), ("objected", "ads", "ads")):
        ledger = ConsentLedger()
        ledger.record(told, purpose, kind, on=DAY)
        found = permit(pd.DataFrame({"who": column}), ENTRY, purpose=asked, ledger=ledger, subject="who", on=DAY)
        assert found.counts() == {"allowed": 0, kind: 1}
    assert len(ledger.choices(column[0])) == 1


def test_a_row_of_nobody_may_not_be_used():
    frame = pd.DataFrame({"who": [7, None, float("nan")]})
    found = permit(frame, ENTRY, purpose="scoring", ledger=ConsentLedger(), subject="who", on=DAY)
    assert found.counts() == {"allowed": 1, "nobody named": 2}


def test_under_restriction_only_what_article_18_excepts():
    ledger = ConsentLedger()
    ledger.record("A", "p", "granted", on=DAY)
    ledger.record("A", "*", "restricted", on=DAY)
    asked = {"purpose": "p", "on": DAY}
    assert {ledger.refusal("A", basis=basis, **asked) for basis in ("consent", "contract", "legal duty")} == {"restricted"}
    assert ledger.refusal("A", basis="legal duty", exception="legal claims", **asked) == ""
    ledger.record("A", "p", "granted", on=DAY, note="again, although it is restricted")
    assert ledger.refusal("A", basis="consent", **asked) == ""
    ledger.record("B", "p", "objected", on=DAY)
    said = [ledger.refusal("B", basis="public task", exception=why, **asked) for why in ("", "legal claims")]
    assert said == ["objected", ""]
    with pytest.raises(GovernanceError, match="legal claims"):
        ledger.refusal("A", basis="contract", exception="we need it", **asked)


def test_a_run_gets_the_rows_that_were_permitted_and_no_other():
    frame = pd.DataFrame({"who": [1, 2]})
    given = permit(frame.head(1), ENTRY, purpose="scoring", ledger=ConsentLedger(), subject="who", on=DAY)
    frame.loc[0, "who"] = 99
    assert permitted_run(lambda rows: rows["who"].tolist(), given, actor="Bo") == [1]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), None])
def test_a_missing_price_is_no_difference(bad):
    used = pd.Series([True, False, True, False])
    with pytest.raises(GovernanceError, match="missing or endless"):
        compare_treatment(pd.Series([1.0, 2.0, bad, 1.0]), used)


def test_treatment_pairs_customers_not_positions():
    with pytest.raises(GovernanceError, match="same customers"):
        compare_treatment(pd.Series([1.0, 2.0]), pd.Series([True, False, True]))
    with pytest.raises(GovernanceError, match="same customers"):
        compare_treatment(pd.Series([1.0, 2.0]), pd.Series([True, False], index=[1, 0]))
    with pytest.raises(GovernanceError, match="yes or no"):
        compare_treatment(pd.Series([1.0, 2.0]), pd.Series([True, None]))


@pytest.mark.parametrize("person", [17, "17", 17.0])
@pytest.mark.parametrize("who", [[17, 2], ["17", "2"], [17.0, None]])
def test_an_answer_and_a_correction_find_the_person_in_any_type(who, person):
    frame = pd.DataFrame({"who": who, "end": ["a", "b"]})
    held = subject_access({"t": frame}, Register([ENTRY]), identities={"t": ("who", person)}, on=DAY)["held"]
    assert len(held[0]["rows"]) == 1
    told = {"table": "t", "subject": "who", "person": person, "column": "end", "reason": "r", "by": "b"}
    after, record = rectify({"t": frame}, **told, value="c")
    assert (after["t"]["end"].tolist(), len(record)) == (["c", "b"], 1)


def test_a_correction_of_rows_with_one_label_and_what_it_cannot_do():
    frame = pd.DataFrame({"who": [1, 2], "n": [5, 6]}, index=[0, 0])
    told = {"table": "t", "subject": "who", "person": 2, "column": "n", "reason": "r", "by": "b"}
    after, record = rectify({"t": frame}, **told, value=7)
    assert (after["t"]["n"].tolist(), [each.before for each in record]) == ([5, 7], [6])
    with pytest.raises(GovernanceError, match="holds int64"):
        rectify({"t": frame}, **told, value="seven")
    with pytest.raises(GovernanceError, match="no table `x`"):
        rectify({"t": frame}, **(told | {"table": "x"}), value=7)


def test_a_number_beside_a_missing_one_keeps_its_pseudonym():
    mask = Pseudonymiser(bytes(range(32)), domain="d")
    column = mask.column(pd.Series([7, None]))
    assert column.iloc[0] == mask.of(7) == mask.of("7") == mask.of(7.0)
    assert pd.isna(column.iloc[1])
    with pytest.raises(GovernanceError, match="rounded"):
        mask.column(pd.Series([2**53 + 1, None]))


def test_quality_counts_no_cell_twice_and_the_future_is_not_fresh():
    frame = pd.DataFrame({"x": [1, 2], "at": ["2026-05-01", "2999-01-01"]})
    assert data_quality(frame, time="at", on=DAY)["freshness"] == 0.5
    for cell in ((9, "x"), (0, "nothing")):
        with pytest.raises(GovernanceError, match="no cell"):
            data_quality(frame, broken=[cell])


def test_long_numbers_keep_their_digits_in_mondrian():
    frame = pd.DataFrame({"n": [12345678, 12345679, 1_000_000, 2_000_000]})
    assert set(mondrian(frame, ["n"], k=1)["n"]) == {"12345678", "12345679", "1000000", "2000000"}


TEXTS = pd.DataFrame({"a": ["x", "y"]})


@pytest.mark.parametrize(
    "ask",
    [
        lambda: suppress(pd.DataFrame({"a": [1]}), ["a"], k=float("nan")),
        lambda: generalise(TEXTS, {"a": 10}),
        lambda: mondrian(TEXTS, ["a"], k=1),
        lambda: permit(old([1]), ENTRY, purpose="scoring", ledger=ConsentLedger(), subject="who", on=NOON),
        lambda: answer_due("2026-01-31"),
        lambda: largest_fine("1e9"),
        lambda: private_count(float("nan"), epsilon=1, rng=np.random.default_rng(0)),
        lambda: find_pii(None),
        lambda: ConsentLedger().record(None, "training", "granted", on=DAY),
        lambda: due_rows(None, RULE, on=DAY),
        lambda: due_rows(old([1]), RULE, on="2026-05-01"),
    ],
)  # fmt: skip
def test_what_will_not_do_is_said_in_words(ask):
    with pytest.raises(GovernanceError):
        ask()


@pytest.fixture
def shop(tmp_path):
    place = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(place)) as made:
        made.executescript("create table client(id, name, age); insert into client values (1, 'Ana', 30), (2, 'Bo', 40);")
    return place


POLICY = AccessPolicy([Grant("analyst", "client", ("age",))])


def test_what_is_hidden_and_what_does_not_exist_look_alike(shop):
    said = set()
    with Gatekeeper(shop, POLICY, user="Ana", role="analyst") as gate:
        for sql in (
            "select {} from client",
            "select {} from main.client",
            "select age from main.client join client using ({})",
        ):
            for name in ("name", "shoe_size"):
                with pytest.raises(RefusedError) as caught:
                    gate.query(sql.format(name))
                said.add(str(caught.value))
        with pytest.raises(RefusedError) as caught:
            gate.query("select * from no_such_table")
        said.add(str(caught.value))
        with pytest.raises(GovernanceError, match="no text"):
            gate.query(None)
    assert len(said) == 1


def test_the_column_that_was_wanted_is_in_the_log_and_other_words_are_not(shop, tmp_path):
    trail = Trail(tmp_path / "log.jsonl", SigningKey.teaching("keeper"))
    with Gatekeeper(shop, POLICY, user="Ana", role="analyst", trail=trail) as gate:
        for column in ("name", "Ana_is_ill"):
            with pytest.raises(RefusedError):
                gate.query(f"select {column} from client")
    first, second = verify_trail(trail.path, trail.public).records
    assert first.detail["denied"] == ["client.name"]
    assert "denied" not in second.detail


def test_a_statement_without_an_end_is_stopped(shop):
    tables = [f"c{i}" for i in range(20)]
    total, joined = "+".join(f"{name}.age" for name in tables), ", ".join(f"client {name}" for name in tables)
    with Gatekeeper(shop, POLICY, user="Ana", role="analyst", steps=20_000) as gate:
        with pytest.raises(RefusedError, match="too long"):
            gate.query(f"select max({total}) from {joined}")
        assert len(gate.query("select age from client")) == 2
