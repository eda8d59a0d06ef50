"""The feature store: lookups of one entity of 100,000, and the point-in-time join against `pandas.merge_asof`.

Both joins begin with rows in the order in which they were written and give the labels in the order asked; the two results
must be equal. pandas holds its rows in memory and has to sort them by time (sorted beforehand, it is several times faster);
the store reads its file and notes who read it. A lookup through the index takes less than a millisecond on an idle machine;
on a busy one it waits for its turn, which shows in the 95th percentile.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
from _measure import Figure, main, median_ratio, pairs

from lifecycle.develop import Feature, FeatureStore

ENTITIES = 100_000
FEATURES = tuple(Feature(f"feature_{i}", f"number {i}") for i in range(30))
YEAR = 365 * 86_400 * 10**6  # microseconds


def measure(quick: bool) -> list[Figure]:
    rng = np.random.default_rng(0)
    history = _history(rng, 200_000 if quick else 500_000)
    labels = pd.DataFrame({"entity": rng.integers(0, ENTITIES, ENTITIES), "event_time": _times(rng, ENTITIES)})
    some = rng.permutation(ENTITIES)[: 500 if quick else 5_000].tolist()
    with tempfile.TemporaryDirectory(prefix="features-") as folder:
        with FeatureStore(Path(folder) / "features.duckdb") as store:
            store.register("view", description="measured", features=FEATURES, source_digest="none")
            store.write("view", history)
        with FeatureStore(Path(folder) / "features.duckdb") as store:
            indexed = _p95(store, some)
            store.warm("view")
            memory = _p95(store, some)
            _check(store.training_frame(labels, "view"), _merge_asof(labels, history))
            ours, theirs = pairs(
                lambda: store.training_frame(labels, "view"),
                lambda: _merge_asof(labels, history),
                repeat=3 if quick else 9,
            )
    return [
        Figure("feature-lookup-p95-index", indexed, "ms", "<=", 2.0),
        Figure("feature-lookup-p95-memory", memory, "ms", "<=", 0.1),
        Figure("point-in-time-over-merge-asof", median_ratio(ours, theirs), "ratio", "<=", 1.5),
    ]


def _times(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.datetime64("2024-01-01", "us") + rng.integers(0, YEAR, n).astype("timedelta64[us]")


def _history(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """`n` rows in no order of time, one at least for every entity."""
    rows = pd.DataFrame(rng.random((n, len(FEATURES))), columns=[feature.name for feature in FEATURES])
    rows.insert(0, "entity", np.concatenate([rng.permutation(ENTITIES), rng.integers(0, ENTITIES, n - ENTITIES)]))
    rows.insert(1, "event_time", _times(rng, n))
    return rows.drop_duplicates(["entity", "event_time"])


def _p95(store: FeatureStore, entities: Iterable[int]) -> float:
    """Milliseconds within which 95 lookups of 100 are answered; each entity is looked up once."""
    taken = []
    for entity in entities:
        started = time.perf_counter()
        store.serve("view", entity)
        taken.append(time.perf_counter() - started)
    return float(np.percentile(taken, 95)) * 1e3


def _merge_asof(labels: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    asked = labels.reset_index(names="order").sort_values("event_time", kind="stable")
    known = history.sort_values("event_time", kind="stable")
    return pd.merge_asof(asked, known, on="event_time", by="entity").set_index("order").sort_index()


def _check(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(ours, theirs[ours.columns].rename_axis(None), check_exact=True)


if __name__ == "__main__":
    main(measure, about=__doc__ or "")
