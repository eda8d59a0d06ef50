"""The point-in-time join against a brute-force reference, for any event times."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.develop.features.engineering import Feature
from lifecycle.develop.store.feature_store import FeatureStore

ENTITIES = st.integers(-2, 3)
# Few days, so that ties are many, and any moment at all, to the microsecond.
TIMES = st.integers(0, 6).map(lambda day: datetime(2024, 1, 1) + timedelta(days=day)) | st.datetimes(
    min_value=datetime(1700, 1, 1), max_value=datetime(2600, 1, 1)
)
VALUES = st.floats(-1e9, 1e9) | st.just(float("nan"))
ROWS = st.dictionaries(st.tuples(ENTITIES, TIMES), st.tuples(VALUES, VALUES), max_size=25)
LABELS = st.lists(st.tuples(ENTITIES, TIMES), max_size=15)
FEATURES = (Feature("a", "first"), Feature("b", "second"))


def _table(rows: dict, order: list) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "entity": np.array([e for e, _ in order], dtype="int64"),
            "event_time": np.array([t for _, t in order], dtype="datetime64[us]"),
            "a": np.array([rows[key][0] for key in order], dtype="float64"),
            "b": np.array([rows[key][1] for key in order], dtype="float64"),
        }
    )


def _labels(labels: list) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "entity": np.array([e for e, _ in labels], dtype="int64"),
            "event_time": np.array([t for _, t in labels], dtype="datetime64[us]"),
        },
        index=[f"label {i}" for i in range(len(labels))],
    )


def _brute_force(rows: dict, labels: list, *, future: bool) -> list[tuple[float, float]]:
    found = []
    for entity, time in labels:
        known = [t for e, t in rows if e == entity and (future or t <= time)]
        found.append(rows[entity, max(known)] if known else (np.nan, np.nan))
    return found


def _store() -> FeatureStore:
    store = FeatureStore()
    store.register("view", description="any", features=FEATURES, source_digest="0", missing="keep")
    return store


@settings(max_examples=60)
@given(rows=ROWS, labels=LABELS, data=st.data())
def test_both_joins_equal_brute_force_in_any_order_of_writes(rows, labels, data):
    order = data.draw(st.permutations(list(rows)))
    cut = data.draw(st.integers(0, len(order)))
    with _store() as store:
        for batch in (order[:cut], order[cut:]):
            store.write("view", _table(rows, batch))
        right = store.training_frame(_labels(labels), "view", times=True)
        naive = store.naive_frame(_labels(labels), "view")
        served = {entity: tuple(store.serve("view", entity).values()) for entity in {e for e, _ in rows}}
    assert list(right.index) == [f"label {i}" for i in range(len(labels))]
    expected = np.array(_brute_force(rows, labels, future=False)).reshape(-1, 2)
    np.testing.assert_array_equal(right[["a", "b"]].to_numpy(), expected)
    np.testing.assert_array_equal(
        naive[["a", "b"]].to_numpy(), np.array(_brute_force(rows, labels, future=True)).reshape(-1, 2)
    )
    nothing = [not any(e == entity and t <= time for e, t in rows) for entity, time in labels]
    assert right.attrs["without_value"] == {"view": sum(nothing)}
    assert right["view_time"].isna().tolist() == nothing
    latest = [(entity, datetime(2600, 1, 2)) for entity in served]
    np.testing.assert_array_equal(list(served.values()), _brute_force(rows, latest, future=False))


@settings(max_examples=30)
@given(rows=ROWS, labels=LABELS, data=st.data())
def test_what_is_written_about_later_never_changes_an_earlier_answer(rows, labels, data):
    now = data.draw(TIMES)
    early = [label for label in labels if label[1] <= now]
    past, future = [key for key in rows if key[1] <= now], [key for key in rows if key[1] > now]
    with _store() as store:
        store.write("view", _table(rows, past))
        before = store.training_frame(_labels(early), "view", times=True)
        store.write("view", _table(rows, future))
        after = store.training_frame(_labels(early), "view", times=True)
    pd.testing.assert_frame_equal(after, before, check_exact=True)
    assert not (after["view_time"] > _labels(early)["event_time"]).any()
