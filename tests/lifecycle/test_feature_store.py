"""The feature store: versions, what may be written, joins, serving, lineage."""

from __future__ import annotations

import json
import math
import threading
import time

import numpy as np
import pandas as pd
import pytest

from lifecycle.develop import Feature, FeatureStore, FeatureStoreError, engineer, engineered, entity, load
from lifecycle.errors import DataError

SPEND = (Feature("orders", "orders so far", "", ("order_id",)), Feature("spend", "paid so far", "USD", ("order_id", "usd")))
DAY = pd.Timestamp("2024-03-01")


def _rows(*rows: tuple[int, int, float, float]) -> pd.DataFrame:
    """Rows of entity, days after the first of March, orders and spend."""
    frame = pd.DataFrame(rows, columns=["entity", "event_time", "orders", "spend"])
    return frame.assign(event_time=DAY + pd.to_timedelta(frame["event_time"], unit="D"))


def _labels(*labels: tuple[int, float]) -> pd.DataFrame:
    frame = pd.DataFrame(labels, columns=["entity", "event_time"])
    return frame.assign(event_time=DAY + pd.to_timedelta(frame["event_time"], unit="D"), y=range(len(labels)))


@pytest.fixture
def store():
    with FeatureStore() as made:
        made.register("spending", description="orders and money", features=SPEND, source_digest="aaa")
        yield made


class TestVersions:
    def _again(self, store, **changed):
        same = {"description": "orders and money", "features": SPEND, "source_digest": "aaa"}
        return store.register("spending", **(same | changed))

    def test_the_same_definition_is_the_same_version(self, store):
        assert self._again(store) == 1
        assert self._again(store, source_digest="bbb", description="in other words") == 1
        assert store.views()[["version", "description"]].values.tolist() == [[1, "in other words"]]
        assert self._again(store, features=[Feature(f.name, f.meaning, f.unit, list(f.sources)) for f in SPEND]) == 1

    @pytest.mark.parametrize(
        "changed",
        [
            {"features": SPEND[:1]},
            {"features": SPEND[::-1]},
            {"features": (Feature("orders", "orders of the last month", "", ("order_id",)), SPEND[1])},
            {"features": (SPEND[0], Feature("spend", "paid so far", "EUR", ("order_id", "usd")))},
            {"features": (SPEND[0], Feature("spend", "paid so far", "USD", ("usd",)))},
            {"entity": "customer"},
            {"time": "known_at"},
            {"missing": "keep"},
        ],
    )
    def test_any_change_of_the_definition_is_a_new_version(self, store, changed):
        assert self._again(store, **changed) == 2
        assert self._again(store, **changed) == 2
        assert self._again(store) == 3

    def test_the_old_version_stays_readable_and_writable(self, store):
        store.write("spending", _rows((1, 0, 2, 20.0)))
        store.register("spending", description="counts only", features=SPEND[:1], source_digest="bbb")
        store.write("spending", _rows((1, 0, 9, 0.0)).drop(columns="spend"))
        assert store.serve("spending", 1) == {"orders": 9}
        assert store.serve("spending", 1, version=1) == {"orders": 2, "spend": 20}
        assert store.training_frame(_labels((1, 5)), "spending", version=1)["spend"].tolist() == [20]
        store.write("spending", _rows((1, 1, 3, 30.0)), version=1)
        assert store.serve("spending", 1, version=1) == {"orders": 3, "spend": 30}
        assert store.serve("spending", 1) == {"orders": 9}

    def test_rows_of_the_old_definition_do_not_pass_for_the_new_one(self, store):
        store.register("spending", description="counts only", features=SPEND[:1], source_digest="bbb")
        with pytest.raises(DataError, match="`spend` is no part of it"):
            store.write("spending", _rows((1, 0, 2, 20.0)))

    @pytest.mark.parametrize("name", ["", "Spending", "1st", "a b", "x" * 61, "x; DROP TABLE views", 'x"', None])
    def test_a_view_needs_a_plain_name(self, store, name):
        with pytest.raises(DataError, match="cannot name a view"):
            store.register(name, description="d", features=SPEND, source_digest="a")

    @pytest.mark.parametrize(
        ("changed", "message"),
        [
            ({"features": ()}, "needs features"),
            ({"features": ("orders",)}, "needs features"),
            ({"features": (SPEND[0], SPEND[0])}, "'orders' is empty, no text, or used twice"),
            ({"features": (Feature("entity", "?"),)}, "'entity' is empty, no text, or used twice"),
            ({"missing": "drop"}, "`missing` is 'drop'"),
        ],
    )
    def test_a_definition_that_is_none_is_refused(self, store, changed, message):
        with pytest.raises(DataError, match=message):
            self._again(store, **changed)


class TestWrite:
    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda f: f.drop(columns="spend"), "column `spend` is missing"),
            (lambda f: f.assign(label=1), "column `label` is no part of it"),
            (lambda f: pd.concat([f, f[["spend"]]], axis=1), "column `spend` stands twice"),
            (lambda f: f.assign(spend="much"), "holds str, not numbers"),
            (lambda f: f.assign(spend=[1.0, np.nan]), r"`spend`, row 2: nan is not allowed"),
            (lambda f: f.assign(spend=[1.0, np.inf]), r"`spend`, row 2: inf is not allowed"),
            (lambda f: f.assign(spend=1j), "not numbers"),
            (lambda f: f.assign(orders=2**53 + 1), r"beyond 2\^53"),
            (lambda f: f.assign(entity=["a", "b"]), "`entity` holds str, not whole numbers"),
            (lambda f: f.assign(entity=[1.0, 2.0]), "`entity` holds float64"),
            (lambda f: f.assign(entity=pd.array([1, None], dtype="Int64")), "`entity` holds missing values"),
            (lambda f: f.assign(entity=pd.array([1, 2**63], dtype="uint64")), "beyond int64"),
            (lambda f: f.assign(event_time="2024-03-01"), "`event_time` holds str, not times"),
            (lambda f: f.assign(event_time=[DAY, pd.NaT]), "`event_time` holds missing values"),
            (lambda f: f.assign(event_time=DAY.tz_localize("UTC")), "has a time zone"),
            (
                lambda f: f.assign(event_time=pd.Timestamp("2024-03-01 00:00:00.000000001")),
                r"finer(.|\n)*dt\.ceil\(\"us\"\)",
            ),
            (lambda f: f.assign(entity=1), "two rows for entity 1 at 2024-03-01"),
        ],
    )
    def test_rows_that_break_the_definition_are_refused_whole(self, store, spoil, message):
        with pytest.raises(DataError, match=message):
            store.write("spending", spoil(_rows((1, 0, 1, 10.0), (2, 0, 2, 20.0))))
        assert store.views()["rows"].tolist() == [0]

    def test_the_same_rows_again_are_no_new_rows(self, store):
        rows = _rows((1, 0, 1, 10.0), (2, 0, 2, 20.0))
        assert store.write("spending", rows) == 2
        assert store.write("spending", rows) == 0
        assert store.write("spending", pd.concat([rows, _rows((3, 0, 3, 30.0))])) == 1
        assert store.views()["rows"].tolist() == [3]

    def test_the_past_cannot_be_changed_and_the_batch_is_refused_whole(self, store):
        store.write("spending", _rows((1, 0, 1, 10.0)))
        with pytest.raises(DataError, match="entity 1 has other values at 2024-03-01"):
            store.write("spending", _rows((5, 0, 5, 50.0), (1, 0, 1, 11.0)))
        assert store.serve("spending", 1) == {"orders": 1, "spend": 10}
        with pytest.raises(FeatureStoreError, match="nothing is known of entity 5"):
            store.serve("spending", 5)

    def test_missing_values_are_kept_where_the_view_says_so(self, store):
        store.register("spending", description="d", features=SPEND, source_digest="a", missing="keep")
        rows = _rows((1, 0, 1, 10.0), (1, 1, 2, math.nan))
        assert store.write("spending", rows) == 2
        assert store.write("spending", rows) == 0
        assert math.isnan(store.serve("spending", 1)["spend"])
        assert math.isnan(store.training_frame(_labels((1, 1)), "spending")["spend"].item())
        assert store.history("spending", 1)["spend"].isna().tolist() == [False, True]

    def test_rows_about_the_past_may_come_later(self, store):
        store.write("spending", _rows((1, 5, 5, 50.0)))
        store.write("spending", _rows((1, 2, 2, 20.0)))
        assert store.serve("spending", 1)["orders"] == 5
        assert store.training_frame(_labels((1, 3)), "spending")["orders"].tolist() == [2]

    def test_columns_in_any_order_and_whole_or_yes_no_numbers(self, store):
        rows = _rows((1, 0, 1, 10.0))[["spend", "event_time", "orders", "entity"]]
        store.write("spending", rows.astype({"orders": "bool", "spend": "int32", "entity": "int16"}))
        assert store.serve("spending", 1) == {"orders": 1, "spend": 10}

    def test_no_rows_are_fine(self, store):
        assert store.write("spending", _rows((1, 0, 1, 1.0)).head(0)) == 0


class TestJoin:
    @pytest.fixture(autouse=True)
    def _filled(self, store):
        store.write("spending", _rows((1, 0, 1, 10.0), (1, 10, 2, 20.0), (2, 5, 7, 70.0)))

    def test_each_label_gets_what_was_known_then(self, store):
        labels = _labels((1, 9.99), (1, 10), (2, 4), (2, 6), (3, 6), (1, -1))
        joined = store.training_frame(labels, "spending", times=True)
        np.testing.assert_array_equal(joined["orders"], [1, 2, np.nan, 7, np.nan, np.nan])
        pd.testing.assert_frame_equal(joined[["entity", "event_time", "y"]], labels)
        assert joined.attrs["without_value"] == {"spending": 3}
        assert joined["spending_time"].iloc[1] == DAY + pd.Timedelta(days=10)

    def test_the_naive_join_sees_the_future(self, store):
        assert store.naive_frame(_labels((1, 0), (2, 4), (3, 4)), "spending")["orders"].tolist()[:2] == [2, 7]

    def test_rows_keep_their_order_index_and_repetitions(self, store):
        labels = _labels((2, 9), (1, 0), (2, 9), (1, 20)).set_index(pd.Index([4, 4, 1, 0]))
        joined = store.training_frame(labels, "spending")
        assert joined.index.tolist() == [4, 4, 1, 0]
        assert joined["orders"].tolist() == [7, 1, 7, 2]

    def test_several_views_each_in_its_version(self, store):
        visits = (Feature("visits", "visits so far"),)
        store.register("visiting", description="d", features=visits, source_digest="v")
        store.write("visiting", _rows((1, 3, 0, 0.0)).rename(columns={"orders": "visits"}).drop(columns="spend"))
        store.register("spending", description="d", features=SPEND[:1], source_digest="a")
        labels = _labels((1, 2), (1, 3))
        joined = store.training_frame(labels, ["spending", "visiting"], version={"spending": 1})
        assert list(joined.columns) == ["entity", "event_time", "y", "orders", "spend", "visits"]
        assert joined["spend"].tolist() == [10, 10]
        np.testing.assert_array_equal(joined["visits"], [np.nan, 0])
        assert joined.attrs["without_value"] == {"spending": 0, "visiting": 1}

    @pytest.mark.parametrize(
        ("labels", "view", "version", "message"),
        [
            (_labels((1, 1)).assign(spend=1), "spending", None, "`spend` would stand twice"),
            (_labels((1, 1)), [], None, "name one view"),
            (_labels((1, 1)), ["spending", "spending"], None, "several different ones"),
            (_labels((1, 1)), ["spending", "other"], 1, "one version for several views"),
            (_labels((1, 1)), "spending", {"other": 1}, "version of `other`, which is not read"),
            (_labels((1, 1)).drop(columns="entity"), "spending", None, "one column `entity`"),
            (_labels((1, 1)).assign(event_time="now"), "spending", None, "labels: `event_time` holds str"),
            (_labels((1, 1)).assign(event_time=pd.Timestamp(1)), "spending", None, r"finer(.|\n)*dt\.floor\(\"us\"\)"),
        ],
    )
    def test_questions_that_cannot_be_answered_are_refused(self, store, labels, view, version, message):
        with pytest.raises(DataError, match=message):
            store.training_frame(labels, view, version=version)

    def test_unknown_views_and_versions_are_named(self, store):
        with pytest.raises(FeatureStoreError, match=r"no view `spendng`(.|\n)*did you mean `spending`"):
            store.training_frame(_labels((1, 1)), "spendng")
        with pytest.raises(FeatureStoreError, match="no version 2"):
            store.training_frame(_labels((1, 1)), "spending", version=2)

    def test_no_labels_give_no_rows(self, store):
        assert store.training_frame(_labels((1, 1)).head(0), "spending").shape == (0, 5)


class TestServe:
    @pytest.mark.parametrize("name", ["credit", "fraud", "churn"])
    def test_training_and_serving_see_the_same_numbers_row_by_row(self, name):
        raw = load(name, n_rows=200, seed=2)
        ids = entity(raw, use_case=name)
        rows = engineer(raw, use_case=name)
        rows = pd.concat([ids, pd.Series(DAY, index=rows.index, name="event_time"), rows], axis=1)
        with FeatureStore() as store:
            store.register("inputs", description=name, features=engineered(name), source_digest="x")
            store.write("inputs", rows.sample(frac=1, random_state=0))
            labels = pd.DataFrame({"entity": ids, "event_time": DAY})
            trained = store.training_frame(labels, "inputs").drop(columns=["entity", "event_time"])
            for position, number in enumerate(ids):
                served = store.serve("inputs", number)
                at_the_door = engineer(raw.iloc[[position]], use_case=name)
                assert list(served) == list(at_the_door.columns) == list(trained.columns)
                assert list(served.values()) == at_the_door.iloc[0].tolist() == trained.iloc[position].tolist()

    def test_later_writes_are_seen_at_once_warm_or_not(self, store):
        store.write("spending", _rows((1, 0, 1, 10.0), (2, 0, 2, 20.0)))
        assert store.warm("spending") == 2
        assert store.serve("spending", 1)["orders"] == 1
        store.write("spending", _rows((1, 1, 5, 50.0), (3, 0, 3, 30.0)))
        assert [store.serve("spending", number)["orders"] for number in (1, 2, 3)] == [5, 2, 3]
        assert store.warm("spending") == 3
        assert [store.serve("spending", number)["orders"] for number in (1, 2, 3)] == [5, 2, 3]

    def test_what_does_not_fit_into_memory_is_served_all_the_same(self, store, monkeypatch):
        monkeypatch.setattr("lifecycle.develop.store.serving._KEPT", 3)
        store.write("spending", _rows(*((number, 0, number, 0.0) for number in range(5))))
        assert store.warm("spending") == 3
        assert [store.serve("spending", number)["orders"] for number in range(5)] == [0, 1, 2, 3, 4]

    def test_what_is_served_is_a_copy(self, store):
        store.write("spending", _rows((1, 0, 1, 10.0)))
        store.serve("spending", 1)["orders"] = 99
        assert store.serve("spending", 1)["orders"] == 1

    def test_over_reopen_and_between_objects_on_one_file(self, tmp_path):
        path = tmp_path / "deep" / "features.duckdb"
        with FeatureStore(path) as store:
            store.register("spending", description="d", features=SPEND, source_digest="a")
            store.write("spending", _rows((1, 0, 1, 10.0)))
        with FeatureStore(path) as store, FeatureStore(str(path)) as other:
            assert store.serve("spending", 1) == {"orders": 1, "spend": 10}
            other.write("spending", _rows((1, 1, 2, 20.0)))
            assert store.serve("spending", 1) == {"orders": 2, "spend": 20}
            other.register("spending", description="d", features=SPEND[:1], source_digest="a")
            with pytest.raises(FeatureStoreError, match="nothing is known"):
                store.serve("spending", 1)

    @pytest.mark.parametrize("number", ["1", 1.0, True, None, 2**63])
    def test_an_entity_is_a_whole_number(self, store, number):
        with pytest.raises(DataError, match="is no whole number"):
            store.serve("spending", number)

    def test_threads_never_see_half_a_row_or_an_older_one_again(self, store):
        store.write("spending", _rows((1, 0, 0, 0.0)))
        failures, done = [], threading.Event()

        def look() -> None:
            last = 0.0
            while not done.is_set():
                row = store.serve("spending", 1)
                if row["spend"] != 10 * row["orders"] or row["orders"] < last:
                    failures.append((last, row))
                last = row["orders"]
                time.sleep(0.001)

        threads = [threading.Thread(target=look) for _ in range(3)]
        for thread in threads:
            thread.start()
        for day in range(1, 15):
            store.write("spending", _rows((1, day, day, 10.0 * day)))
        done.set()
        for thread in threads:
            thread.join()
        assert failures == []
        assert store.serve("spending", 1)["orders"] == 14


class TestLineage:
    def test_from_view_to_source_and_to_its_readers(self, store):
        store.write("spending", _rows((1, 0, 1, 10.0), (2, 0, 2, 20.0)))
        store.register("spending", description="d", features=SPEND, source_digest="bbb")
        store.write("spending", _rows((1, 1, 1, 10.0)))
        store.training_frame(_labels((1, 0), (9, 0)), "spending", reader="team blue")
        store.training_frame(_labels((1, 0)), "spending", reader="team blue")
        store.naive_frame(_labels((1, 0)), "spending", reader="lesson")
        for _ in range(3):
            store.serve("spending", 1, reader="shop")
        found = store.lineage("spending")
        assert json.loads(json.dumps(found)) == found
        assert found["sources"] == ["order_id", "usd"]
        assert found["features"][1] == {
            "name": "spend", "meaning": "paid so far", "unit": "USD", "sources": ["order_id", "usd"],
        }  # fmt: skip
        assert found["source_digest"] == "bbb"
        assert found["writes"] == [
            {"source_digest": "aaa", "batches": 1, "rows": 2},
            {"source_digest": "bbb", "batches": 1, "rows": 1},
        ]
        assert found["reads"] == [
            {"reader": "lesson", "kind": "naive", "times": 1, "rows": 1, "without_value": 0},
            {"reader": "shop", "kind": "serving", "times": 3, "rows": 3, "without_value": 0},
            {"reader": "team blue", "kind": "training", "times": 2, "rows": 3, "without_value": 1},
        ]

    def test_lookups_are_counted_over_reopen(self, tmp_path):
        for _ in range(2):
            with FeatureStore(tmp_path / "f.duckdb") as store:
                store.register("spending", description="d", features=SPEND, source_digest="a")
                store.write("spending", _rows((1, 0, 1, 10.0)))
                store.serve("spending", 1)
        with FeatureStore(tmp_path / "f.duckdb") as store:
            assert [read["times"] for read in store.lineage("spending")["reads"]] == [2]

    def test_each_version_has_its_own(self, store):
        store.write("spending", _rows((1, 0, 1, 10.0)))
        store.register("spending", description="d", features=SPEND[:1], source_digest="bbb")
        assert store.lineage("spending", version=1)["writes"] == [{"source_digest": "aaa", "batches": 1, "rows": 1}]
        assert store.lineage("spending")["writes"] == []
        assert store.lineage("spending")["versions"] == [1, 2]

    def test_views_and_history(self, store):
        store.write("spending", _rows((1, 3, 1, 10.0), (1, 0, 0, 0.0), (2, 1, 2, 20.0)))
        [row] = store.views().to_dict("records")
        assert (row["view"], row["features"], row["rows"], row["entities"]) == ("spending", 2, 3, 2)
        assert (row["first"], row["last"]) == (DAY, DAY + pd.Timedelta(days=3))
        assert store.history("spending", 1)["orders"].tolist() == [0, 1]
        assert store.history("spending", 3).empty
