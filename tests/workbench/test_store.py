"""Results that are kept, verified and dropped."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from workbench.store import Result, Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "cache")


def keep(store: Store, text: str, folder: Path) -> str:
    path = folder / "file"
    path.write_text(text, encoding="utf-8")
    return store.keep(path)


def the_object(store: Store, digest: str) -> Path:
    return store.folder / "objects" / digest[:2] / digest[2:]


def test_what_is_kept_comes_back(store: Store, tmp_path: Path) -> None:
    result = Result("00_a", 1.5, keep(store, "notebook", tmp_path), {"00/a.json": keep(store, "{}", tmp_path)})
    store.record("f" * 64, result)
    assert store.find("f" * 64) == result
    assert store.find("e" * 64) is None
    assert store.restore(result.notebook, tmp_path / "back" / "a.ipynb")
    assert (tmp_path / "back" / "a.ipynb").read_text(encoding="utf-8") == "notebook"


def test_a_damaged_object_is_dropped_and_kept_anew(store: Store, tmp_path: Path) -> None:
    digest = keep(store, "right", tmp_path)
    the_object(store, digest).write_text("wrong", encoding="utf-8")
    assert not store.restore(digest, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert not the_object(store, digest).exists()
    the_object(store, digest).write_text("wrong", encoding="utf-8")
    assert keep(store, "right", tmp_path) == digest
    assert store.restore(digest, tmp_path / "back")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"lesson": "00_a"}', '{"lesson": 1, "seconds": null, "notebook": 1, "artifacts": {}}']
)
def test_a_damaged_result_is_no_result(store: Store, text: str) -> None:
    path = store.folder / "results" / f"{'f' * 64}.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    assert store.find("f" * 64) is None
    assert not path.exists()


def test_pruning_drops_what_was_not_used_for_longest(store: Store, tmp_path: Path) -> None:
    old = time.time() - 7200
    digests = []
    for number, name in enumerate("abc"):
        digests.append(keep(store, name * 1000, tmp_path))
        store.record(name * 64, Result("00_a", 1.0, digests[-1], {}))
        os.utime(store.folder / "results" / f"{name * 64}.json", (old + number, old + number))
        os.utime(the_object(store, digests[-1]), (old, old))
    assert store.find("a" * 64) is not None  # a use
    assert store.prune(limit=2000) == 1000
    assert store.find("b" * 64) is None
    assert [the_object(store, digest).exists() for digest in digests] == [True, False, True]
    assert store.prune(limit=2000) == 0


def test_pruning_spares_what_another_run_is_about_to_record(store: Store, tmp_path: Path) -> None:
    digest = keep(store, "fresh", tmp_path)
    assert store.prune(limit=0) == 0
    assert the_object(store, digest).exists()


def test_pruning_an_empty_store_is_nothing(store: Store) -> None:
    assert store.prune() == 0
