"""The router: who gets which version, what callers see when one fails, and how it is taken back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import Counter
from contextlib import asynccontextmanager

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware

import looped
from lifecycle.deploy import RampLimits, Router, in_process, serving
from lifecycle.deploy.release.lifespan import running
from lifecycle.errors import LifecycleError


class App:
    """Answers with its name and a decision; fails at every `fails`-th request, after `slow` seconds."""

    def __init__(self, name, *, fails=0, decision=0, slow=0.0):
        self.name, self.fails, self.decision, self.slow, self.asked = name, fails, decision, slow, 0

    async def __call__(self, scope, receive, send):
        assert scope["type"] == "http"
        self.asked += 1
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        await asyncio.sleep(self.slow)
        if self.fails and self.asked % self.fails == 0:
            raise MemoryError("out of memory")
        content = {"name": self.name, "prediction": self.decision, "path": scope["path"], "body": body.decode()}
        query = scope["query_string"].decode()
        headers = [
            (b"content-type", b"application/json"),
            (b"x-query", query.encode()),
            (b"x-method", scope["method"].encode()),
            (b"x-raw-path", scope["raw_path"]),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})


def alone(app):
    """`app` for a server, which wants a start-up."""

    async def started(scope, receive, send):
        if scope["type"] == "http":
            await app(scope, receive, send)

    return started


def asked(app, raw_path, *, path=None):
    """Status of a request whose target is none that a client would send."""
    said = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        said.append(message)

    scope = {"type": "http", "method": "GET", "path": path or raw_path.decode("latin-1"), "raw_path": raw_path,
             "query_string": b"", "headers": []}  # fmt: skip
    looped.run(app(scope, receive, send))
    return said[0]["status"]


def names(router, count, **options):
    client = in_process(router)
    return Counter(client.post("/score", json={}, **options).json()["name"] for _ in range(count))


def test_a_request_arrives_as_it_was_sent_and_so_does_its_answer():
    answer = in_process(Router(App("old"))).put("/a/b?x=1&y=%20", content=b"body")
    assert answer.json() == {"name": "old", "prediction": 0, "path": "/a/b", "body": "body"}
    assert (answer.headers["x-query"], answer.headers["x-method"]) == ("x=1&y=%20", "PUT")
    assert answer.headers["x-served-by"] == "stable"


@pytest.mark.parametrize("share", [0.0, 0.05, 0.25, 0.5, 1.0])
def test_requests_without_a_key_are_dealt_out_evenly(share):
    router = Router(App("old"), App("new"))
    router.ramp_to(share)
    assert names(router, 100)["new"] == pytest.approx(100 * share, abs=2)


@settings(max_examples=20)
@given(st.lists(st.text("abcdef0123456789", min_size=1, max_size=9), min_size=1, max_size=12, unique=True))
def test_a_client_meets_one_version_and_keeps_the_new_one(clients):
    router = Router(App("old"), App("new"))
    chosen = []
    for share in (0.25, 0.75):
        router.ramp_to(share)
        served = [names(router, 2, headers={"x-client-id": client}) for client in clients]
        assert all(len(each) == 1 for each in served)
        chosen.append({client for client, each in zip(clients, served, strict=True) if "new" in each})
    assert chosen[0] <= chosen[1]


def test_callers_get_an_answer_when_the_new_version_fails_and_it_is_taken_back():
    router = Router(App("old"), App("new", fails=3), limits=RampLimits(error_rate=0.01))
    router.ramp_to(0.5)
    client = in_process(router)
    answers = [client.post("/score", json={}) for _ in range(60)]
    assert {answer.status_code for answer in answers} == {200}
    assert router.share == 0
    assert [event.what for event in router.events] == ["ramp", "roll back"]
    assert "requests failed" in router.events[-1].reason
    assert router.observed().errors == router.observed().requests // 3 > 0
    assert router.verdict().action == "roll back"


def test_a_version_that_fails_always_is_taken_back_after_a_few_requests():
    router = Router(App("old"), App("new", fails=1))
    router.ramp_to(1.0)
    names(router, 20)
    assert router.observed().requests <= 3


def test_a_version_that_is_not_there_or_does_not_answer_counts_as_failing(idle_time):
    gone = Router(App("old"), "http://127.0.0.1:9")  # nobody listens on the discard port
    slow = Router(App("old"), App("new", slow=5), timeout=0.05)
    for router in (gone, slow):
        router.ramp_to(1.0)
        assert names(router, 3) == {"old": 3}
        assert router.observed().errors == router.observed().requests > 0


def test_a_stable_version_that_fails_is_not_hidden():
    answer = in_process(Router(App("old", fails=1))).get("/")
    assert answer.status_code == 500
    assert in_process(Router("http://127.0.0.1:9")).get("/").status_code == 502


def test_decisions_outside_of_their_share_are_taken_back():
    router = Router(App("old"), App("new", decision=1), limits=RampLimits(flag_rate=(0.05, 0.4)))
    router.ramp_to(1.0)
    names(router, 40)
    assert router.events[-1].what == "roll back"
    assert "flagged" in router.events[-1].reason


def test_a_slow_version_is_taken_back():
    ticks = iter(range(10_000))
    router = Router(App("old"), App("new"), limits=RampLimits(p95_ms=900, least=10), clock=lambda: next(ticks))
    router.ramp_to(1.0)
    names(router, 12)
    assert "answer time" in router.events[-1].reason


def test_a_switch_is_for_all_and_can_be_taken_back_once():
    router = Router(App("blue"), App("green"))
    assert names(router, 5) == {"blue": 5}
    router.switch()
    assert names(router, 5) == {"green": 5}
    router.roll_back("a complaint")
    assert names(router, 5) == {"blue": 5}
    with pytest.raises(LifecycleError, match="no version to go back to"):
        router.roll_back("again")


def test_a_router_without_a_candidate_neither_ramps_nor_switches():
    router = Router(App("old"))
    for act in (router.switch, lambda: router.ramp_to(0.5)):
        with pytest.raises(LifecycleError, match="no candidate"):
            act()
    with pytest.raises(LifecycleError, match="between 0 and 1"):
        Router(App("old"), App("new")).ramp_to(1.5)


def test_a_body_that_is_too_large_is_refused_before_any_version_sees_it():
    app = App("old")
    answer = in_process(Router(app, largest=100)).post("/score", content=b"x" * 101)
    assert (answer.status_code, app.asked) == (413, 0)
    assert in_process(Router(app, largest=100)).post("/score", content=b"x" * 100).status_code == 200


def test_a_path_is_passed_on_as_it_was_written():
    for path in ("/a%2Fb%3Fc", "/a%20b", "/%C3%A9", "//a"):
        assert in_process(Router(App("old"))).get(f"http://service{path}?q=%2F").headers["x-raw-path"] == path


def test_an_address_has_its_own_path_before_that_of_the_request():
    with serving(alone(App("old"))) as back:
        answer = in_process(Router(f"{back.url}/v1/")).get("/a%2Fb?x=1")
    assert (answer.headers["x-raw-path"], answer.headers["x-query"]) == ("/v1/a%2Fb", "x=1")


def test_nobody_is_taken_to_another_host():
    app, elsewhere = App("old"), App("secret")
    with serving(alone(elsewhere)) as other, serving(Router(app)) as front:
        address = httpx.URL(front.url)
        with socket.create_connection((address.host, address.port), timeout=60) as line:
            line.sendall(f"GET {other.url}/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode())
            said = b"".join(iter(lambda: line.recv(4096), b""))
        assert b"secret" not in said
        assert asked(Router(app), f"{other.url}/x".encode()) == 400
        assert asked(Router(f"{front.url}"), f"//{httpx.URL(other.url).netloc.decode()}/x".encode()) == 200
    assert elsewhere.asked == 0


@pytest.mark.parametrize("target", [b"*", b"a/b", b"/a#b", b"/\xff", b"/" + b"x" * 70_000])
def test_a_target_that_is_no_path_is_refused_and_held_against_no_version(target):
    router = Router(App("old"), App("new"))
    router.ramp_to(1.0)
    assert asked(router, target, path="/x") == 400
    assert router.observed().requests == router.observed("stable").requests == 0


def test_a_compressed_answer_arrives_compressed_and_its_decision_is_counted():
    router = Router(App("old"), GZipMiddleware(App("new", decision=1), minimum_size=1))
    router.ramp_to(1.0)
    with serving(router) as front, httpx.Client(base_url=front.url) as client:
        answer = client.post("/score", json={})
        assert (answer.headers["content-encoding"], answer.json()["name"]) == ("gzip", "new")
        plain = client.post("/score", json={}, headers={"accept-encoding": "identity"})
        assert ("content-encoding" in plain.headers, plain.json()["name"]) == (False, "new")
    assert (router.observed().answered, router.observed().flagged) == (2, 2)


def test_an_answer_in_an_encoding_that_is_none_is_passed_on_and_says_nothing():
    async def odd(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-encoding", b"gzip")]})
        await send({"type": "http.response.body", "body": b"{}"})

    router = Router(odd)
    assert asked(router, b"/") == 200
    assert router.observed("stable").answered == 0


def test_one_caller_never_gets_the_cookie_of_another():
    async def greeting(scope, receive, send):
        known = dict(scope["headers"]).get(b"cookie", b"none")
        headers = [(b"set-cookie", b"who=ada"), (b"x-cookie", known)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    with serving(Router(greeting)) as front:
        assert [httpx.get(front.url).headers["x-cookie"] for _ in range(2)] == ["none", "none"]


def test_no_connection_is_left_open(recwarn):
    with serving(alone(App("back"))) as back:
        router = Router(back.url)
        for _ in range(2):
            assert names(router, 3) == {"back": 3}
            with serving(router) as front:
                assert httpx.get(front.url).json()["name"] == "back"
        assert router._clients == {}
        assert not recwarn.list


def test_applications_behind_a_router_are_started_and_ended_with_it():
    told = []

    def living(name):
        @asynccontextmanager
        async def lifespan(_app):
            told.append(f"{name} starts")
            yield
            told.append(f"{name} ends")

        return Starlette(lifespan=lifespan)

    router = Router(living("blue"), living("green"))
    with serving(router):
        router.switch()
        assert told == ["blue starts", "green starts"]
    assert told[2:] == ["green ends", "blue ends"]
    with serving(Router(App("without a start-up"))) as front:
        assert httpx.get(front.url).status_code == 200


def test_a_router_whose_application_does_not_start_does_not_start():
    @asynccontextmanager
    async def lifespan(_app):
        raise OSError("no disk")
        yield

    with pytest.raises(LifecycleError), serving(Router(Starlette(lifespan=lifespan))):
        pass


def test_a_shutdown_that_fails_is_told_and_one_that_is_not_there_is_not_missed():
    async def brief(_scope, receive, send):
        await receive()
        await send({"type": "lifespan.startup.complete"})

    async def broken(scope, receive, send):
        await brief(scope, receive, send)
        await receive()
        raise OSError("disk full")

    @asynccontextmanager
    async def lifespan(_app):
        yield
        raise OSError("disk full")

    async def kept(app):
        async with running(app):
            pass

    looped.run(kept(brief))
    for app in (broken, Starlette(lifespan=lifespan)):
        with pytest.raises(LifecycleError, match="shutdown"):
            looped.run(kept(app))


@pytest.mark.parametrize(("n", "right"), [(1, 1), (20, 19), (60, 57), (100, 95)])
def test_p95_is_the_answer_time_that_95_of_100_do_not_exceed(n, right):
    times = iter(each for seconds in range(1, n + 1) for each in (0, seconds))
    router = Router(App("old"), clock=lambda: next(times))
    names(router, n)
    assert router.observed("stable").p95_ms == 1000 * right


def test_two_services_behind_a_router_over_the_network():
    with serving(alone(App("blue"))) as blue, serving(alone(App("green"))) as green:
        router = Router(blue.url, green.url)
        with serving(router) as front, httpx.Client(base_url=front.url) as client:
            seen = [client.get("/").json()["name"]]
            router.switch()
            seen.append(client.get("/").json()["name"])
            router.roll_back("enough")
            seen.append(client.get("/").json()["name"])
        assert seen == ["blue", "green", "blue"]
        assert front.log == []
