"""Grading on the workers of a ``distributed`` scheduler, started as a user would start them, gives the same gradebook."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from distributed import Client

from school import WRONG, ZYGOTE, School, below, wait_gone
from workbench.errors import GradingError
from workbench.grading.classwork import pool
from workbench.grading.classwork.progress import Step


@dataclass
class Cluster:
    """A scheduler on loopback and its workers."""

    address: str
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start ``dask WORDS``."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
            self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))
        return self.processes[-1]

    def add_workers(self, count: int) -> None:
        """Start workers of one thread each, and wait until they are there."""
        with Client(self.address, timeout=60, set_as_default=False) as client:
            expected = len(client.nthreads()) + count
            for _ in range(count):
                self.start("worker", self.address, "--nthreads", "1")
            client.wait_for_workers(expected, timeout=60)

    def close(self) -> None:
        """End them all, with what they have started."""
        left = [one for process in self.processes for one in below(process.pid)]
        for process in self.processes:
            process.kill()
            process.wait()
        for one in left:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(one.handle, signal.SIGKILL)
        assert not wait_gone(left)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A scheduler; workers are to be added."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    one = Cluster(f"tcp://127.0.0.1:{port}", tmp_path / "dask.log")
    one.start("scheduler", "--host", "127.0.0.1", "--port", str(port))
    yield one
    one.close()


@pytest.fixture
def mixed(school: School) -> School:
    """Right, wrong, untouched and unreadable work of three students."""
    answered = school.released.answered
    for lesson in ("00_water", "01_steeping"):
        school.hand_in("s001", lesson)
        school.hand_in("s002", lesson, answered("s002", lesson, WRONG))
        school.hand_in("s003", lesson, b"no notebook" if lesson == "00_water" else answered("s003", lesson, {}))
    return school


def test_two_workers_give_the_same_gradebook_even_when_one_is_killed(mixed: School, cluster: Cluster) -> None:
    local = mixed.file.with_name("local.sqlite")
    mixed.grade(file=local)
    cluster.add_workers(2)

    def kill(step: Step) -> None:
        if step.happened == "graded" and not killed:
            killed.append(1)
            (worker,) = below(cluster.processes[-1].pid, like="multiprocessing.spawn")  # its nanny starts another
            os.kill(worker.pid, signal.SIGKILL)
            os.close(worker.handle)

    killed: list[int] = []
    for on_progress in (None, kill):
        summary = mixed.grade(scheduler=cluster.address, on_progress=on_progress)
        assert (summary.graded, summary.faults) == (5, ())
        assert mixed.settled() == mixed.settled(local)
        assert mixed.export() == mixed.export(local)
        mixed.file.unlink()


def test_a_scheduler_that_goes_away_stops_the_run_and_the_next_one_goes_on(mixed: School, cluster: Cluster) -> None:
    cluster.add_workers(1)

    def kill(step: Step) -> None:
        if step.happened == "graded":
            cluster.processes[0].kill()
            cluster.processes[0].wait()

    with pytest.raises(GradingError, match="scheduler"):
        mixed.grade(scheduler=cluster.address, on_progress=kill)
    assert all(not score.outcome.startswith("infra") for score in _scores(mixed))
    summary = mixed.grade()
    assert summary.recorded >= 1
    assert (summary.graded + summary.recorded, summary.faults) == (5, ())


def test_a_scheduler_without_workers_is_refused(mixed: School, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 1.0)
    with Client(cluster.address, timeout=60, set_as_default=False):
        pass  # it listens
    with pytest.raises(GradingError, match="no worker"):
        mixed.grade(scheduler=cluster.address)


def test_an_address_where_nobody_listens_is_refused(mixed: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "PATIENCE", 1.0)
    with pytest.raises(GradingError, match="no scheduler answers"):
        mixed.grade(scheduler="tcp://127.0.0.1:9")
    assert not below(os.getpid(), like=ZYGOTE)


def _scores(school: School) -> list[object]:
    with school.reader() as book:
        return list(book.scores())
