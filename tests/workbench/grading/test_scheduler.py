"""Grading on the workers of a ``distributed`` scheduler, started as a user would start them, gives the same gradebook."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from distributed import LocalCluster

from loopback import Cluster, scheduler
from school import WRONG, ZYGOTE, School, below
from workbench import cluster as workers
from workbench.errors import ClusterError, GradingError
from workbench.grading.classwork.progress import Step


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Cluster]]:
    """A scheduler for all tests of this file, since it takes seconds to start; another when it is gone."""
    with ExitStack() as held:
        made: list[Cluster] = []

        def living() -> Cluster:
            if not made or made[-1].processes[0].poll() is not None:
                made.append(held.enter_context(scheduler(tmp_path_factory.mktemp("cluster"))))
            return made[-1]

        yield living


@pytest.fixture
def cluster(clusters: Callable[[], Cluster]) -> Cluster:
    """A scheduler; workers are to be added."""
    return clusters()


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
    cluster.want_workers(2)

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
    cluster.want_workers(1)

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


def test_a_scheduler_without_workers_is_refused(mixed: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 4.0)  # the scheduler itself has to answer in it
    empty = LocalCluster(n_workers=0, processes=False, protocol="tcp", dashboard_address="127.0.0.1:0")
    with empty, pytest.raises(ClusterError, match="no worker"):
        mixed.grade(scheduler=empty.scheduler_address)


def test_an_address_where_nobody_listens_is_refused(mixed: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 1.0)
    with pytest.raises(ClusterError, match="no scheduler answers"):
        mixed.grade(scheduler="tcp://127.0.0.1:9")
    assert not below(os.getpid(), like=ZYGOTE)


def _scores(school: School) -> list[object]:
    with school.reader() as book:
        return list(book.scores())
