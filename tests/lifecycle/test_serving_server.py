import logging
import socket
import threading
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from lifecycle.deploy import serving
from lifecycle.deploy.serving.server import ServiceError

# Applications are made in fixtures: annotations of routes have to be objects, not text, when FastAPI reads them.


@pytest.fixture
def app():
    app = FastAPI()

    @app.get("/double")
    def double(number: int) -> int:
        return 2 * number

    @app.get("/fault")
    def fault() -> int:
        raise RuntimeError("planted")

    return app


def _port(url):
    return int(url.rsplit(":", 1)[1])


def test_it_answers_over_http_and_refuses_by_field(app):
    with serving(app) as service, httpx.Client(base_url=service.url) as client:
        assert client.get("/double", params={"number": 21}).json() == 42
        refused = client.get("/double", params={"number": "many"})
        assert refused.status_code == 422
        assert refused.json()["detail"][0]["loc"] == ["query", "number"]


def test_nothing_is_left_behind(app):
    threads = set(threading.enumerate())
    with serving(app) as service:
        port = _port(service.url)
    assert set(threading.enumerate()) <= threads
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)


def test_it_stops_when_the_block_raises(app):
    with pytest.raises(KeyError), serving(app) as service:
        raise KeyError(service.url)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{service.url}/double")


def test_two_services_run_side_by_side(app):
    with serving(app) as one, serving(app) as two:
        assert one.url != two.url
        assert [httpx.get(f"{each.url}/double?number=1").json() for each in (one, two)] == [2, 2]


def test_a_fault_of_the_application_is_in_the_log_and_not_on_the_screen(app, capfd):
    with serving(app) as service:
        assert httpx.get(f"{service.url}/fault").status_code == 500
    assert capfd.readouterr() == ("", "")
    assert any("RuntimeError: planted" in line for line in service.log)


def test_a_start_that_fails_says_what_the_server_said(capfd):
    @asynccontextmanager
    async def no_model(_app):
        raise RuntimeError("the model is not there")
        yield

    with pytest.raises(ServiceError, match="the model is not there"), serving(FastAPI(lifespan=no_model)):
        pytest.fail("a service that did not start must not be handed over")
    assert capfd.readouterr() == ("", "")


def test_logging_is_left_as_it_was(app):
    logger = logging.getLogger("uvicorn")
    before = (list(logger.handlers), logger.propagate, logger.level)
    with serving(app):
        pass
    assert (list(logger.handlers), logger.propagate, logger.level) == before
