import asyncio
import json
import time

import pytest

from lifecycle.deploy import LoadError, create_app, load_test, serving


async def _plain(scope, receive, send):
    """An application of a known speed: 20 ms an answer; every fifth body is refused."""
    if scope["type"] == "lifespan":
        return
    body = (await receive())["body"]
    await asyncio.sleep(0.02)
    status = 503 if body == b"4" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def test_a_steady_rate_is_kept_and_errors_are_counted():
    bodies = [str(number).encode() for number in range(5)]
    with serving(_plain) as service:
        report = load_test(service.url, bodies, seconds=0.5, rate=100, connections=10)
    assert 45 <= report.requests <= 50
    assert report.errors == report.statuses[503] == report.requests // 5
    assert report.statuses[200] == len(report.latencies)
    assert 0.02 <= report.percentile(0.5) < 0.2
    assert report.row()["p50_ms"] == 1000 * report.percentile(0.5)


def test_a_closed_loop_sends_as_fast_as_answers_come():
    with serving(_plain) as service:
        report = load_test(service.url, [b"0"], seconds=0.4, connections=4)
    assert report.errors == 0
    assert 20 <= report.requests <= 4 * (0.4 / 0.02 + 1)


def test_a_service_that_stands_still_is_charged_for_all_who_wait():
    async def halting(scope, receive, send):
        if scope["type"] == "http" and not stood:
            stood.append(True)
            time.sleep(0.3)  # the event loop, and everyone with it
        await _plain(scope, receive, send)

    stood = []
    with serving(halting) as service:
        report = load_test(service.url, [b"0"], seconds=0.5, rate=50, connections=2)
    assert sum(latency > 0.1 for latency in report.latencies) > 5


def test_an_answer_that_comes_too_late_is_an_error():
    with serving(_plain) as service:
        report = load_test(service.url, [b"0"], seconds=0.2, connections=1, timeout=0.005)
    assert report.broken == report.requests > 0
    assert report.latencies == ()


def test_the_service_takes_load(small_package):
    rows = small_package.golden[list(small_package.features)].to_dict("records")
    bodies = [json.dumps({"features": row}).encode() for row in rows]
    with serving(create_app(small_package, reasons=False)) as service:
        report = load_test(service.url, bodies, seconds=0.3)
    assert report.errors == 0
    assert report.rate > 50


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
