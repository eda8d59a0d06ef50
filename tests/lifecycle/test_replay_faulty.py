"""A service in front of which something goes wrong."""

import asyncio
import time
from collections import Counter

import httpx
import pytest

import looped
from lifecycle.deploy import create_app, in_process
from lifecycle.monitor import NO_INCIDENT, Incident, faulty


@pytest.fixture(scope="module")
def app(small_package):
    return create_app(small_package, reasons=False)


@pytest.fixture
def body(small_package):
    return {"features": small_package.golden.drop(columns="score").iloc[0].to_dict()}


def seconds(client, body):
    started = time.perf_counter()
    assert client.post("/score", json=body).status_code == 200
    return time.perf_counter() - started


def test_it_is_slow_from_its_day_on_and_only_where_it_scores(app, body):
    today = {"day": 4}
    client = in_process(faulty(app, Incident("latency", 5, 0.5), lambda: today["day"]))
    seconds(client, body)
    assert client.get("/metrics").status_code == 200
    today["day"] = 5
    assert seconds(client, body) >= 0.075
    assert client.get("/health").json() == {"status": "ok"}


def test_it_fails_every_so_often(app, body):
    ill = faulty(app, Incident("latency", 0, 1.0), lambda: 3)

    async def asked(count):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=ill), base_url="http://service") as client:
            return await asyncio.gather(*(client.post("/score", json=body) for _ in range(count)))

    assert Counter(answer.status_code for answer in looped.run(asked(100))) == {200: 98, 503: 2}


@pytest.mark.parametrize("incident", [NO_INCIDENT, Incident("prior", 0), Incident("log_anomaly", 0)])
def test_other_incidents_pass_through(app, body, incident):
    through, plain = (in_process(each).post("/score", json=body) for each in (faulty(app, incident, lambda: 9), app))
    assert through.json()["probability"] == plain.json()["probability"]
