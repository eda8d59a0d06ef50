"""Several benches fork from one process, which lasts as long as the last of them needs it."""

from __future__ import annotations

import sys

import pytest

from workbench.grading.execution.forkers import Stock
from workbench.grading.sandbox import tiers
from workbench.grading.sandbox.forker import Forker
from workbench.grading.sandbox.limits import Limits
from workbench.grading.sandbox.view import View

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")
SORT = ("a course", "a lesson")


def make() -> Forker:
    return Forker(View(), tier=tiers.choose(allow_plain=True))


def test_those_who_need_the_same_share_it_until_the_last_lets_go():
    stock = Stock()
    one, other = stock.hold(SORT, make), stock.hold(SORT, make)
    assert one is other
    stock.let_go(one)
    assert other.forker.alive()
    stock.let_go(other)
    assert not other.forker.alive()


def test_another_sort_has_another():
    stock = Stock()
    one, other = stock.hold(SORT, make), stock.hold(("a course", "another lesson"), make)
    assert one.forker is not other.forker
    for shared in (one, other):
        stock.let_go(shared)


def test_a_retired_one_is_given_to_nobody_and_what_runs_in_it_goes_on():
    stock = Stock()
    edited, busy = stock.hold(SORT, make), stock.hold(SORT, make)
    with busy.forker.start("workbench.grading.execution.submission", [], Limits()) as room:
        stock.let_go(edited, retire=True)
        following = stock.hold(SORT, make)
        assert following.forker is not busy.forker
        room.channel.close()  # its cue to leave
        ending = room.wait(120)
        assert ending is not None
        assert ending.cause == "finished"
    stock.let_go(busy)
    assert not busy.forker.alive()
    assert following.forker.alive()
    stock.let_go(following)


def test_one_that_has_died_is_replaced():
    stock = Stock()
    first = stock.hold(SORT, make)
    first.forker.close()
    second = stock.hold(SORT, make)
    assert second.forker.alive()
    for shared in (first, second):
        stock.let_go(shared)
    assert not second.forker.alive()
