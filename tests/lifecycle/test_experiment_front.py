"""What passes through a front unchanged, what it cuts off, and what its watch remembers and forgets."""

from __future__ import annotations

import asyncio
import gzip
import json

import httpx
import pytest
from fastapi import FastAPI, Response

import looped
from lifecycle.deploy import serving
from lifecycle.errors import DataError
from lifecycle.iterate import ExperimentFront, KillLimit, KillSwitch, Splitter
from lifecycle.iterate.experiment.watch import Watch

TO_B = next(f"u{k}" for k in range(99) if Splitter("x").group(f"u{k}") == "challenger")
WORDS = {"say": "ä" * 500}


class Version:
    """An application whose state a test may change while it serves."""

    def __init__(self):
        self.app, self.fails, self.seconds, self.cookies, self.accepted = FastAPI(), False, 0.0, [], []
        self.app.get("/score")(self.score)

    async def score(self):
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise MemoryError("out of memory")
        packed = gzip.compress(json.dumps(WORDS).encode(), mtime=0)
        return Response(
            packed, media_type="application/json", headers={"content-encoding": "gzip", "set-cookie": "session=ada"}
        )

    async def __call__(self, scope, receive, send):
        headers = dict(scope.get("headers", []))
        self.cookies.append(headers.get(b"cookie"))
        self.accepted.append(headers.get(b"accept-encoding"))
        await self.app(scope, receive, send)


def front_of(old, new, limits=None, **options):
    chosen = limits or [KillLimit("errors", 0.01)]
    switch = KillSwitch(chosen, owner="Ada", least=20)
    front = ExperimentFront({"champion": old, "challenger": new}, Splitter("x"), kill_switch=switch, **options)
    return front, switch


def answers(front, times=1, **headers):
    async def all_of_them():
        transport = httpx.ASGITransport(front)
        async with httpx.AsyncClient(transport=transport, base_url="http://front") as caller:
            return [await caller.get("/score", headers={"x-user-id": TO_B} | headers) for _ in range(times)]

    return looped.run(all_of_them())


def ask(front, times=1):
    return [each.headers["x-served-by"] for each in answers(front, times)]


def test_once_put_back_the_challenger_is_judged_by_what_it_answers_from_then_on():
    new = Version()
    front, switch = front_of(Version(), new)
    new.fails = True
    ask(front, 25)
    assert switch.pulled
    new.fails = False
    switch.put_back("mended", by="Ada")
    assert ask(front, 60) == ["challenger"] * 60
    new.fails = True
    ask(front, 20)
    assert [entry.action for entry in switch.log] == ["stop", "put back", "stop"]


def test_an_outage_is_noticed_however_long_all_went_well():
    new = Version()
    front, switch = front_of(Version(), new, window=100)
    ask(front, 400)
    assert not switch.pulled
    new.fails = True
    ask(front, 8)
    assert switch.pulled


def watched(times):
    switch = KillSwitch([KillLimit("p95_ms", 50, kind="value")], owner="Ada", least=20)
    watch = Watch(switch, window=40)
    for number, ms in enumerate(times, start=1):
        watch.answered(failed=False, ms=ms, when=str(number))
        if switch.pulled:
            return number
    return None


def test_an_answer_time_is_beyond_its_limit_twice_only_in_two_blocks_of_different_answers():
    slow, quick = [90.0] * 20, [10.0] * 20
    assert watched(quick + slow + quick + slow + quick) is None
    assert watched(quick + slow + slow) == 60
    assert watched([*quick, *slow[:10], *quick]) is None  # one slow stretch is in one block only


def test_what_is_remembered_has_an_end():
    new = Version()
    front, _ = front_of(Version(), new, window=30)
    ask(front, 70)
    assert len(front._watch._failed) == 30
    assert len(front._watch._block) == 10
    assert len(front.drain()) == 70
    assert front.exposures == front.drain() == []
    assert len(front.frame()) == 0


@pytest.mark.parametrize(
    ("limits", "options", "words"),
    [
        ([KillLimit("complaints", 0.01)], {}, "'complaints'"),
        ([KillLimit("errors", 5, kind="value")], {}, "'errors' as a value"),
        ([KillLimit("errors", 0.01)], {"window": 19}, "never holds"),
    ],
)
def test_limits_that_could_never_fire_are_refused(limits, options, words):
    with pytest.raises(DataError, match=words):
        front_of(Version(), Version(), limits, **options)


def test_an_application_in_this_process_may_not_take_longer_than_any_other(idle_time):
    old, new = Version(), Version()
    new.seconds = 30
    front, _ = front_of(old, new, timeout=0.05)
    assert ask(front) == ["champion"]
    old.seconds = 30
    assert answers(front)[0].status_code == 502
    assert [each.status for each in front.exposures] == [502, 502]


def test_a_packed_answer_arrives_as_it_was_packed():
    new = Version()
    front, _ = front_of(Version(), new)
    (got,) = answers(front, **{"accept-encoding": "br, gzip"})
    assert got.json() == WORDS
    assert got.headers["content-encoding"] == "gzip"
    assert new.accepted == [b"br, gzip"]


def test_one_user_s_cookie_is_not_sent_along_with_the_next_one():
    new = Version()
    front, _ = front_of(Version(), new)
    with serving(front) as door:  # which keeps one client for all of them
        for _ in range(2):
            assert "session=ada" in httpx.get(f"{door.url}/score", headers={"x-user-id": TO_B}).headers["set-cookie"]
    assert new.cookies == [None, None]
