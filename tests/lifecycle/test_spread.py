"""Orders over an executor: every answer with its place, few on their way, and no waiting for those who are gone."""

from __future__ import annotations

import os
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import spread
from lifecycle.cases import LIVE, CaseError, draw_tenants, train_tenants
from lifecycle.deploy import BatchError
from lifecycle.deploy.batch import executors
from lifecycle.errors import DataError
from lifecycle.forecast import ForecastError, naive, validate_panel
from lifecycle.spread import carried_out

SAID = {"error": DataError, "unit": "order"}


@given(st.lists(st.integers(), max_size=30), st.integers(1, 9), st.integers(1, 4))
def test_every_answer_comes_once_with_the_place_of_its_order(orders, chunk, ahead):
    with ThreadPoolExecutor(2) as pool:
        there = dict(carried_out(pool, abs, orders, chunk=chunk, ahead=ahead, **SAID))
    assert there == dict(carried_out(None, abs, orders, **SAID)) == dict(enumerate(map(abs, orders)))


class Waiting(Executor):
    """Answers the first order that is on its way, whenever another one comes in behind a full number of them."""

    def __init__(self, full: int) -> None:
        self.full, self.most, self.futures = full, 0, []

    def submit(self, task, /, *arguments, **named):
        self.futures.append(Future())
        open_ = [future for future in self.futures if not future.done()]
        self.most = max(self.most, len(open_))
        if len(open_) == self.full:
            open_[0].set_result(task(*arguments, **named))
        return self.futures[-1]


def test_no_more_orders_are_on_their_way_than_said_and_a_caller_who_stops_leaves_none():
    pool = Waiting(3)
    answers = carried_out(pool, abs, range(20), ahead=3, **SAID)
    for _ in range(5):
        next(answers)
    assert pool.most == 3
    assert len(pool.futures) == 3 + 4
    answers.close()
    assert sum(future.cancelled() for future in pool.futures) == 2


def test_what_a_task_raises_is_raised_here():
    with ThreadPoolExecutor(1) as pool, pytest.raises(ZeroDivisionError):
        list(carried_out(pool, (1).__floordiv__, [0], **SAID))


def test_a_worker_that_is_killed_is_an_error_that_says_what_to_do():
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(DataError, match="a worker ended before its order did") as found,
    ):
        list(carried_out(pool, os._exit, [1], where="here", remedy="again", **SAID))
    assert (found.value.where, found.value.remedy) == ("here", "again")


CLUSTER = {"processes": False, "protocol": "tcp", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}


@pytest.fixture(scope="module")
def deserted():
    """A scheduler that answers, and no worker."""
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=0, **CLUSTER) as cluster, Client(cluster) as client:
        yield client.get_executor(pure=False)


@pytest.mark.parametrize(
    ("error", "ask"),
    [
        (DataError, lambda pool: list(carried_out(pool, abs, [1], **SAID))),
        (BatchError, lambda pool: list(executors.carried_out(pool, str, ["1"]))),
        (CaseError, lambda pool: train_tenants(draw_tenants(1), pool, at=LIVE)),
        (ForecastError, lambda pool: validate_panel({"a": pd.Series([1.0])}, {"naive": naive}, season=1, executor=pool)),
    ],
)
def test_whoever_asks_a_cluster_whose_workers_have_left_is_told(monkeypatch, deserted, error, ask):
    monkeypatch.setattr(spread, "DESERTED", 0.0)
    monkeypatch.setattr(spread, "LOOK", 0.1)
    with pytest.raises(error, match="no worker left"):
        ask(deserted)


def test_a_cluster_is_given_time_to_find_a_worker_and_the_worker_time_to_work(monkeypatch):
    from distributed import Client, LocalCluster

    monkeypatch.setattr(spread, "LOOK", 0.05)
    with LocalCluster(n_workers=0, **CLUSTER) as cluster, Client(cluster) as client:
        pool = client.get_executor(pure=False)
        answers = carried_out(pool, abs, [-1, -2], **SAID)
        cluster.scale(1)
        assert dict(answers) == {0: 1, 1: 2}
        monkeypatch.setattr(spread, "DESERTED", 0.2)  # an order that takes longer is none that is deserted
        assert dict(carried_out(pool, time.sleep, [0.8], **SAID)) == {0: None}
