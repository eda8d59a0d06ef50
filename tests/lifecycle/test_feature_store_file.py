"""The file beneath a feature store: locked, damaged, foreign, edited, cut off; and names that would be statements."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import pandas as pd
import pytest

from lifecycle.develop import Feature, FeatureStore, FeatureStoreError

FEATURES = (Feature("a", "first"), Feature("b", "second"))
ROWS = pd.DataFrame({"entity": [1, 2], "event_time": pd.Timestamp("2024-03-01"), "a": [1.0, 2.0], "b": [3.0, 4.0]})


def _register(store: FeatureStore, name: str = "view") -> None:
    store.register(name, description="d", features=FEATURES, source_digest="x")


@pytest.fixture
def path(tmp_path):
    with FeatureStore(tmp_path / "f.duckdb") as store:
        _register(store)
        store.write("view", ROWS)
    return tmp_path / "f.duckdb"


def _elsewhere(code: str, path) -> subprocess.Popen:
    head = "import sys, pandas as pd\nfrom lifecycle.develop.store.feature_store import FeatureStore\n"
    return subprocess.Popen([sys.executable, "-c", head + code, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE)


def test_a_store_open_in_another_process_says_so(path):
    other = _elsewhere("s = FeatureStore(sys.argv[1]); print('open', flush=True); sys.stdin.read()", path)
    try:
        assert other.stdout.readline() == b"open\n"
        for read_only in (False, True):
            with pytest.raises(FeatureStoreError, match=r"^f.duckdb: another process has the store open"):
                FeatureStore(path, read_only=read_only)
    finally:
        other.communicate()
    FeatureStore(path).close()


def test_readers_share_a_store_and_cannot_write(path):
    with FeatureStore(path, read_only=True) as store:
        code = "s = FeatureStore(sys.argv[1], read_only=True); print(s.serve('view', 2))"
        assert _elsewhere(code, path).communicate()[0] == b"{'a': 2.0, 'b': 4.0}\n"
        assert store.serve("view", 1) == {"a": 1, "b": 3}
        assert len(store.training_frame(ROWS[["entity", "event_time"]], "view")) == 2
        assert store.lineage("view")["reads"] == []
        with pytest.raises(FeatureStoreError, match="opened for reading only"):
            store.write("view", ROWS)
        with pytest.raises(FeatureStoreError, match="opened for reading only"):
            _register(store, "other")
        with pytest.raises(FeatureStoreError, match="open in this process in the other mode"):
            FeatureStore(path)


def test_a_process_that_dies_while_it_writes_leaves_nothing_of_the_batch(path):
    code = """
import os
from lifecycle.develop.store import feature_catalog
feature_catalog.Catalog.wrote = lambda *a: os._exit(9)     # the last step before the commit
s = FeatureStore(sys.argv[1])
s.write("view", pd.DataFrame({"entity": [1, 7], "event_time": pd.Timestamp("2025-01-01"), "a": [9.0, 9.0], "b": [9.0, 9.0]}))
"""
    other = _elsewhere(code, path)
    other.communicate()
    assert other.returncode == 9
    with FeatureStore(path) as store:
        assert store.serve("view", 1) == {"a": 1, "b": 3}
        assert store.views()[["rows", "entities"]].values.tolist() == [[2, 2]]


@pytest.mark.parametrize("content", [b"", b"no database at all", b"\0" * 20_000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, content):
    place = tmp_path / "features.duckdb"
    place.write_bytes(content)
    with pytest.raises(FeatureStoreError, match=r"^features.duckdb: this is no store that can be read"):
        FeatureStore(place)
    assert place.read_bytes() == content


def test_a_file_cut_off_or_overwritten_in_the_middle_gives_a_clear_error(path):
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], whole[:8192] + b"\xff" * (len(whole) - 8192)):
        path.write_bytes(damaged)
        with pytest.raises(FeatureStoreError) as caught, FeatureStore(path) as store:
            store.serve("view", 1)
        assert "f.duckdb" in str(caught.value)
        assert str(path.parent) not in str(caught.value)


def test_a_damaged_file_is_not_called_locked_for_its_name(tmp_path):
    (tmp_path / "clock.duckdb").write_bytes(b"none")
    with pytest.raises(FeatureStoreError, match="this is no store that can be read"):
        FeatureStore(tmp_path / "clock.duckdb")


def test_a_foreign_database_and_another_format_are_refused(tmp_path, path):
    with duckdb.connect(str(tmp_path / "sales.duckdb")) as connection:
        connection.execute("CREATE TABLE sales (usd DOUBLE)")
    with pytest.raises(FeatureStoreError, match="holds no feature store"):
        FeatureStore(tmp_path / "sales.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE store SET format = 99")
    with pytest.raises(FeatureStoreError, match="format 99, and this version reads 1"):
        FeatureStore(path)


def test_a_definition_edited_in_the_file_is_noticed(path):
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE views SET definition = replace(definition, 'second', 'third')")
    with FeatureStore(path) as store, pytest.raises(FeatureStoreError, match="is not the one that was registered"):
        store.training_frame(ROWS[["entity", "event_time"]], "view")


def test_folders_and_missing_stores_are_refused(tmp_path):
    with pytest.raises(FeatureStoreError, match="this is a folder"):
        FeatureStore(tmp_path)
    with pytest.raises(FeatureStoreError, match="there is no such store"):
        FeatureStore(tmp_path / "none.duckdb", read_only=True)
    assert not (tmp_path / "none.duckdb").exists()
    with pytest.raises(FeatureStoreError, match="in memory begins empty"):
        FeatureStore(read_only=True)


def test_a_closed_store_says_so_and_closes_twice(path):
    store = FeatureStore(path)
    store.serve("view", 1)
    store.close()
    store.close()
    for question in (lambda: store.serve("view", 1), store.views, lambda: store.write("view", ROWS)):
        with pytest.raises(FeatureStoreError, match="the store is closed"):
            question()


def test_after_an_error_the_store_goes_on(path):
    with FeatureStore(path) as store:
        with pytest.raises(Exception, match="other values"):
            store.write("view", ROWS.assign(a=0.0))
        store.write("view", ROWS.assign(entity=[3, 4]))
        assert store.views()["entities"].tolist() == [4]


NASTY = [
    "'; DROP TABLE views; --",
    '"); DELETE FROM reads; --',
    "a\"b'c",
    "a#b",
    "SELECT",
    "a b",
    "ünï ☃",
    "A",
    "given.e",
    "f0",
]


def test_names_are_never_statements(tmp_path):
    features = tuple(Feature(name, name, name, (name,)) for name in (*NASTY, "a"))
    rows = pd.DataFrame(
        {"e '": [1], 't "': [pd.Timestamp("2024-01-01")]} | {f.name: [float(i)] for i, f in enumerate(features)}
    )
    with FeatureStore(tmp_path / "o'clock #1; .duckdb") as store:
        store.register("view", description=NASTY[0], features=features, source_digest=NASTY[1], entity="e '", time='t "')
        store.write("view", rows)
        served = store.serve("view", 1, reader=NASTY[0])
        assert served == {feature.name: float(i) for i, feature in enumerate(features)}
        joined = store.training_frame(rows[["e '", 't "']], "view", reader=NASTY[1])
        assert joined.iloc[0, 2:].tolist() == list(served.values())
        assert {read["reader"] for read in store.lineage("view")["reads"]} == set(NASTY[:2])
        for name in NASTY:
            with pytest.raises(FeatureStoreError, match="no view"):
                store.serve(name, 1)
        assert store.views()["rows"].tolist() == [1]
