import asyncio
import itertools
import json
from types import SimpleNamespace

import pytest

from lifecycle.deploy import LoadError, create_app, load_test, serving
from lifecycle.deploy.serving import load

SPEED = 0.02  # seconds an answer
HALT = 0.3  # seconds for which the service stands still, and everyone with it
URL = "http://127.0.0.1:1"


@pytest.fixture
def asked(monkeypatch, idle_time):
    """A service that is asked without a network, and a clock that goes on only while all wait: figures are exact."""
    seen = []

    async def nowhere(_host, _port):
        return None, SimpleNamespace(close=lambda: None)

    async def exchange(_reader, _writer, request):
        seen.append(request)
        if request.endswith(b"halt") and len(seen) == 1:
            halted.until = load.time.perf_counter() + HALT
        await asyncio.sleep(max(0, halted.until - load.time.perf_counter()) + SPEED)
        return 503 if request.endswith(b"4") else 200, True

    halted = SimpleNamespace(until=0.0)
    monkeypatch.setattr(load, "time", SimpleNamespace(perf_counter=lambda: asyncio.get_running_loop().time()))
    monkeypatch.setattr(load, "asyncio", SimpleNamespace(**{**vars(asyncio), "open_connection": nowhere}))
    monkeypatch.setattr(load, "_exchange", exchange)
    return seen


def test_a_steady_rate_is_kept_and_errors_are_counted(asked):
    bodies = [str(number).encode() for number in range(5)]
    report = load_test(URL, bodies, seconds=0.5, rate=100, connections=10)
    assert report.requests == len(asked) == 50
    assert report.errors == report.statuses[503] == 10
    assert report.statuses[200] == len(report.latencies)
    assert report.latencies == pytest.approx([SPEED] * 40)
    assert report.row()["p50_ms"] == 1000 * report.percentile(0.5)


def test_a_closed_loop_sends_as_fast_as_answers_come(asked):
    report = load_test(URL, [b"0"], seconds=0.39, connections=4)
    assert report.errors == 0
    assert report.requests == len(asked) == 4 * 20


def test_a_service_that_stands_still_is_charged_for_all_who_wait(asked):
    report = load_test(URL, [b"halt"], seconds=0.5, rate=50, connections=2)
    assert max(report.latencies) == pytest.approx(HALT + SPEED)
    assert sum(latency > 0.1 for latency in report.latencies) > 5


def test_an_answer_that_comes_too_late_is_an_error(asked):
    report = load_test(URL, [b"0"], seconds=0.198, connections=1, timeout=0.005)
    assert report.broken == report.requests == len(asked) == 40
    assert report.latencies == ()


@pytest.fixture
def counted(monkeypatch):
    """A clock that each look at it moves on: how many requests are sent does not depend on how long they take."""
    looks = itertools.count()
    monkeypatch.setattr(load, "time", SimpleNamespace(perf_counter=lambda: next(looks) / 1000))


def test_over_a_network_statuses_are_counted_and_an_answer_that_does_not_come_is_an_error(counted):
    async def service(scope, receive, send):
        if scope["type"] == "lifespan":
            return
        body = (await receive())["body"]
        if body == b"3":
            await receive()  # until the client leaves
            return
        status = 503 if body == b"4" else 200
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    sound, late = (b"0", b"1", b"2", b"4"), (b"3",)
    with serving(service) as there:
        report = load_test(there.url, sound, seconds=0.2, connections=4)
        given_up = load_test(there.url, late, seconds=0.004, connections=1, timeout=0.05)
    assert report.requests > 80
    assert report.errors == report.statuses[503] == report.requests // 4
    assert report.statuses[200] == len(report.latencies)
    assert given_up.broken == given_up.requests > 0


def test_the_service_takes_load(small_package, counted):
    rows = small_package.golden[list(small_package.features)].to_dict("records")
    bodies = [json.dumps({"features": row}).encode() for row in rows]
    with serving(create_app(small_package, reasons=False)) as service:
        report = load_test(service.url, bodies, seconds=0.2)
    assert report.errors == 0
    assert report.requests > 80


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("http://example.org:80", {}),
        ("https://127.0.0.1:1", {}),
        ("http://127.0.0.1:1", {}),
        ("http://127.0.0.1:1", {"rate": 0}),
        ("http://127.0.0.1:1", {"seconds": 0}),
        ("http://127.0.0.1:1", {"connections": 0}),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(url, options):
    with pytest.raises(LoadError):
        load_test(url, [b"{}"], **options)
