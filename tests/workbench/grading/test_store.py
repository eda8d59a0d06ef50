"""Which transactions wait for the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from workbench.grading.book.store import Store, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    where = tmp_path / "book.db" if request.param == "sqlite" else request.getfixturevalue("new_database")()
    one = open_store(where, write=True, patience=1)
    yield one
    one.close()


def waits(connection: Connection) -> bool:
    """What the database itself says of the transaction that it is in."""
    if connection.dialect.name == "sqlite":
        return int(connection.execute(text("PRAGMA synchronous")).scalar_one()) == 2
    return connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"


def test_a_transaction_waits_for_the_disk_unless_told_otherwise(store: Store) -> None:
    with store.writing() as connection:
        assert waits(connection)
    with store.writing(synced=False) as connection:
        assert not waits(connection)
    with store.writing() as connection:
        assert waits(connection)
