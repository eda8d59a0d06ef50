"""Doors that close: grants, a database that denies what nobody granted, and files that open with their key alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.govern import (
    AccessPolicy,
    Gatekeeper,
    GovernanceError,
    Grant,
    KeyRing,
    Pseudonymiser,
    RefusedError,
    SigningKey,
    Trail,
    verify_trail,
)

KEY = bytes(range(32))
POLICY = AccessPolicy(
    [
        Grant("analyst", "client", ("age",), masked=("id",), rows="region = 'north'"),
        Grant("desk", "client", ("id", "name"), purposes=("service",)),
    ]
)


@pytest.fixture
def shop(tmp_path):
    place = tmp_path / "shop.sqlite"
    with closing(sqlite3.connect(place)) as made:
        made.executescript(
            "create table client(id, name, age, region);"
            "insert into client values (1, 'Ana', 30, 'north'), (2, 'Bo', 40, 'south'), (3, 'Cem', 50, 'north');"
            "create table salary(id, sum); insert into salary values (1, 5000);"
        )
    return place


@pytest.fixture
def analyst(shop):
    with Gatekeeper(shop, POLICY, user="Ana", role="analyst", key=KEY) as gate:
        yield gate


def test_a_role_sees_its_columns_its_rows_and_pseudonyms(analyst):
    mask = Pseudonymiser(KEY, domain="role analyst")
    assert analyst.query("select * from client order by age").to_dict("list") == {
        "age": [30, 50],
        "id": [mask.of(1), mask.of(3)],
    }
    assert analyst.query("select avg(age) as a from client c where c.age > ?", [30])["a"].tolist() == [50]


ESCAPES = [
    "select name from client",
    "select region from client",
    "select * from main.client",
    "select main.client.name from main.client",
    "with client as (select * from main.client) select * from client",
    "select * from (select * from main.client) as client",
    "select age from client union all select name from main.client",
    "select (select name from main.client limit 1) from client",
    "select age from client where exists (select 1 from main.client where name = 'Bo')",
    "select age from client order by (select name from main.client)",
    "select * from client natural join main.client",
    "select count(*) from main.client",
    "select * from salary",
    "select name from sqlite_master",
    "select sql from sqlite_temp_master",
    "select * from pragma_table_info('client')",
    "pragma table_info(client)",
    "pragma writable_schema = 1",
    "explain select * from client",
    "/* */ explain query plan select * from client",
    "attach ':memory:' as other",
    "detach main",
    "create table t(a)",
    "create temp view v as select * from main.client",
    "drop view client",
    "delete from client",
    "update client set age = 1",
    "insert into client values (1, 2)",
    "vacuum into 'copy.sqlite'",
    "begin",
    "select pseudonym(1)",
    "select load_extension('x')",
    "select readfile('/etc/passwd')",
    "select age from client; select name from main.client",
    "",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_there_is_no_way_out(analyst, sql):
    with pytest.raises(RefusedError):
        analyst.query(sql)


def test_the_inner_name_of_a_view_is_not_told(analyst):
    for sql in [*ESCAPES, "select * from client where nothing = 1", "select inner_x.id from client"]:
        with pytest.raises(GovernanceError) as caught:
            analyst.query(sql)
        assert analyst._inner not in str(caught.value)


def test_the_rows_that_are_filtered_out_are_those_that_the_condition_says(analyst, shop):
    with closing(sqlite3.connect(shop)) as plain:
        behind = plain.execute("select age from client where region = 'north'").fetchall()
    assert analyst.query("select age from client")["age"].tolist() == [age for (age,) in behind]


def test_a_purpose_opens_and_another_does_not(shop):
    with Gatekeeper(shop, POLICY, user="Bo", role="desk", purpose="service") as gate:
        assert gate.query("select name from client")["name"].tolist() == ["Ana", "Bo", "Cem"]
    for purpose in ("curiosity", ""):
        with Gatekeeper(shop, POLICY, user="Bo", role="desk", purpose=purpose) as gate, pytest.raises(RefusedError):
            gate.query("select name from client")
    with Gatekeeper(shop, POLICY, user="Eve", role="nobody") as gate, pytest.raises(RefusedError, match="nothing"):
        gate.query("select 1 from client")


def test_who_asked_what_is_recorded_without_any_value(shop, tmp_path):
    trail = Trail(tmp_path / "access.jsonl", SigningKey.teaching("keeper"))
    with Gatekeeper(shop, POLICY, user="Ana", role="analyst", key=KEY, trail=trail) as gate:
        gate.query("select age from client where age = 30")
        with pytest.raises(RefusedError):
            gate.query("select name from main.client where name = 'Bo'")
    first, second = verify_trail(trail.path, trail.public).records
    assert (first.actor, first.action, first.detail["columns"], first.detail["rows"]) == ("Ana", "read", ["client.age"], 1)
    assert (second.action, second.detail["denied"]) == ("refused", ["client.name"])
    assert b"Bo" not in trail.path.read_bytes()


def test_a_door_that_cannot_be_built_says_why(shop, tmp_path):
    with pytest.raises(GovernanceError, match="need a key"):
        Gatekeeper(shop, POLICY, user="Ana", role="analyst")
    with pytest.raises(GovernanceError, match="no such database"):
        Gatekeeper(tmp_path / "none.sqlite", POLICY, user="Ana", role="analyst", key=KEY)
    with pytest.raises(GovernanceError, match="does not fit"):
        Gatekeeper(shop, AccessPolicy([Grant("a", "client", ("shoe_size",), rows="nothing = 1")]), user="A", role="a")
    with (
        Gatekeeper(shop, POLICY, user="Bo", role="desk", purpose="service") as gate,
        pytest.raises(GovernanceError, match="syntax"),
    ):
        gate.query("select from where")


def test_decisions_by_default_are_no():
    assert POLICY.decide("analyst", "client", ["age", "id", "name"]).columns == {
        "age": "read",
        "id": "masked",
        "name": "denied",
    }
    assert "not for `no purpose`" in POLICY.decide("desk", "client", ["id"]).reason
    assert not POLICY.decide("desk", "salary", ["sum"], purpose="service").allowed
    assert POLICY.matrix({"client": ["name"]}) == [
        {"table": "client", "column": "name", "analyst": "denied", "desk": "read"}
    ]


@pytest.mark.parametrize(
    "grants",
    [
        lambda: [Grant("a", "t", ("x",)), Grant("a", "t", ("y",))],
        lambda: [Grant("a", "t", ("x",), masked=("x",))],
        lambda: [Grant("a", "t", ())],
    ],
)
def test_a_policy_that_can_be_read_two_ways_is_refused(grants):
    with pytest.raises(GovernanceError):
        AccessPolicy(grants())


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_encrypted_opens_with_its_key_and_name(data, name):
    ring = KeyRing({"one": KEY})
    sealed = ring.encrypt(data, name=name)
    ring.add("two")
    assert ring.decrypt(sealed, name=name) == data
    assert ring.key_of(sealed) == "one"
    assert ring.encrypt(data, name=name) != sealed  # another nonce
    with pytest.raises(GovernanceError):
        ring.decrypt(sealed, name=name + "x")


@given(st.data())
def test_no_byte_can_be_changed_cut_off_or_added(data):
    ring = KeyRing({"k": KEY, "l": KEY})
    sealed = bytearray(ring.encrypt(b"the secret", name="n"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    for wrong in (bytes(sealed), bytes(sealed[:place]), ring.encrypt(b"s", name="n") + b"x"):
        with pytest.raises(GovernanceError):
            ring.decrypt(wrong, name="n")


def test_a_destroyed_key_takes_its_files_with_it(tmp_path):
    place = tmp_path / "a.csv"
    place.write_bytes(b"Ana;30\n")
    ring = KeyRing({"old": KEY})
    sealed = ring.seal(place)
    assert b"Ana" not in sealed.read_bytes()
    assert ring.unseal(sealed) == b"Ana;30\n"
    ring.add("new")
    ring.destroy("old")
    assert (ring.ids, ring.current) == (("new",), "new")
    with pytest.raises(GovernanceError, match="`old` is not on this ring"):
        ring.unseal(sealed)
    ring.destroy("new")
    with pytest.raises(GovernanceError, match="no key to write with"):
        ring.encrypt(b"", name="n")


@pytest.mark.parametrize("bad", [{"k": b"short"}, {"": KEY}, {"x" * 256: KEY}])
def test_a_ring_takes_no_odd_keys(bad):
    with pytest.raises(GovernanceError):
        KeyRing(bad)
