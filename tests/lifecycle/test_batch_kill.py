"""A real process, really killed, at moments that nobody chose."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest

from lifecycle.deploy import BatchError, digest_of_file, run_batch, workers

CODE = """
import sys, time
from lifecycle.deploy import run_batch, workers

def never_finish(done, total):
    if done > total - 3:
        time.sleep(600)

if __name__ == "__main__":
    package, table, out, jobs = sys.argv[1:]
    with workers(int(jobs)) as executor:
        run_batch(package, table, out, date="2025-11-30", chunk=500, executor=executor, progress=never_finish)
"""


@pytest.fixture(scope="module")
def job(small_package, small_package_file, tmp_path_factory):
    """A table of 40 chunks, and the digest of what an undisturbed run makes of it."""
    folder = tmp_path_factory.mktemp("kill")
    rows = small_package.golden[list(small_package.features)]
    drawn = rows.iloc[np.random.default_rng(5).integers(0, len(rows), 20_000)].reset_index(drop=True)
    drawn.loc[::97, "amount"] = np.nan
    drawn.insert(0, "entity", np.arange(20_000))
    drawn.to_parquet(folder / "table.parquet")
    report = run_batch(small_package_file, folder / "table.parquet", folder / "whole", date="2025-11-30", chunk=500)
    return small_package_file, folder / "table.parquet", report, digest_of_file(folder / "whole/scores.parquet")


def start(package, table, out, jobs):
    command = [sys.executable, "-c", CODE, str(package), str(table), str(out), str(jobs)]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def lines(out):
    journal = out / "journal.jsonl"
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


@pytest.mark.parametrize(("jobs", "after"), [(1, (1, 17)), (2, (3,))])
def test_killed_again_and_again_the_result_is_that_of_an_undisturbed_run(job, tmp_path, jobs, after):
    package, table, whole, digest = job
    out = tmp_path / "out"
    for chunks in after:
        process = start(package, table, out, jobs)
        wait_for(lambda chunks=chunks, process=process: lines(out) >= chunks or process.poll() is not None)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        process.stderr.close()
        assert not (out / "scores.parquet").exists()
        psutil.wait_procs(children, timeout=60)
        assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    report = run_batch(package, table, out, date="2025-11-30", chunk=500)
    assert report == whole
    assert after[-1] <= report.kept < report.chunks
    assert digest_of_file(out / "scores.parquet") == digest


def test_a_worker_that_dies_is_reported_and_the_next_start_goes_on(job, tmp_path):
    package, table, whole, digest = job
    with workers(2) as executor:
        busy = [executor.submit(time.sleep, 600) for _ in range(2)]
        wait_for(lambda: all(future.running() for future in busy))
        children = [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]
        threading.Timer(0.5, os.kill, (children[-1].pid, signal.SIGKILL)).start()
        with pytest.raises(BatchError, match="worker ended"):
            run_batch(package, table, tmp_path / "out", date="2025-11-30", chunk=500, executor=executor)
    report = run_batch(package, table, tmp_path / "out", date="2025-11-30", chunk=500)
    assert (report, digest_of_file(tmp_path / "out/scores.parquet")) == (whole, digest)
