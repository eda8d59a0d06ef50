"""The same job on a scheduler and two workers on loopback, started as a user would start them."""

import numpy as np
import pytest

import loopback
from lifecycle.deploy import BatchError, digest_of_file, run_batch, workers
from lifecycle.deploy.batch import executors


@pytest.fixture
def scheduler(tmp_path, monkeypatch):
    monkeypatch.setattr(executors, "PATIENCE", 120)  # seconds: on a busy machine a worker takes its time to start
    with loopback.scheduler(tmp_path) as cluster:
        for _ in range(2):
            cluster.start("worker", cluster.address, "--nthreads", "1", "--no-nanny")
        yield cluster.address


def test_two_workers_write_the_bytes_that_one_process_writes(small_package, small_package_file, tmp_path, scheduler):
    rows = small_package.golden[list(small_package.features)]
    drawn = rows.iloc[np.random.default_rng(5).integers(0, len(rows), 2_000)].reset_index(drop=True)
    drawn.loc[::97, "amount"] = np.nan
    drawn.insert(0, "entity", np.arange(2_000))
    table = tmp_path / "table.parquet"
    drawn.to_parquet(table)
    here = run_batch(small_package_file, table, tmp_path / "here", date="2025-11-30", chunk=100)
    with workers(1, scheduler=scheduler) as executor:
        there = run_batch(small_package_file, table, tmp_path / "there", date="2025-11-30", chunk=100, executor=executor)
    assert there == here
    for name in ("scores", "quarantine"):
        assert digest_of_file(tmp_path / f"here/{name}.parquet") == digest_of_file(tmp_path / f"there/{name}.parquet")


def test_an_address_where_nobody_listens_is_refused(monkeypatch):
    monkeypatch.setattr(executors, "PATIENCE", 0.5)
    with pytest.raises(BatchError, match="no scheduler answers"), workers(1, scheduler="tcp://127.0.0.1:9"):
        pass
