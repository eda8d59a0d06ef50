"""An application asked without a network answers as it does over one."""

from __future__ import annotations

import gzip
import threading

import httpx
import pytest
from fastapi import FastAPI, Request, Response

import looped
from lifecycle.deploy import in_process, serving


@pytest.fixture(scope="module")
def app():
    made = FastAPI()

    @made.post("/echo/{name}")
    async def echo(name: str, request: Request, times: int = 1):
        return {"name": name, "body": (await request.body()).decode() * times, "kind": request.headers["content-type"]}

    @made.get("/blocking")
    def blocking():
        return threading.current_thread().name != "MainThread"

    @made.get("/packed")
    def packed():
        return Response(gzip.compress(b"tea"), headers={"content-encoding": "gzip"}, media_type="text/plain")

    @made.get("/broken")
    async def broken():
        raise LookupError("nobody catches this")

    return made


def test_requests_and_answers_are_those_of_a_real_server(app):
    sent = {"content": "grüße", "headers": {"content-type": "text/plain"}, "params": {"times": 2}}
    direct = in_process(app).post("/echo/a b", **sent)
    with serving(app) as service:
        real = httpx.post(f"{service.url}/echo/a b", **sent)
    assert (direct.status_code, direct.json()) == (real.status_code, real.json()) == (200, direct.json())
    assert direct.headers["content-type"] == real.headers["content-type"]


def test_a_packed_answer_is_unpacked_once(app):
    assert in_process(app).get("/packed").text == "tea"


def test_an_error_that_nobody_catches_is_status_500(app):
    assert in_process(app).get("/broken").status_code == 500


def test_it_works_where_a_loop_is_running_as_in_a_notebook(app):
    async def cell():
        return in_process(app).get("/blocking").json()

    assert looped.run(cell()) is True


def test_no_thread_stays_behind(app):
    def pools():
        return {thread for thread in threading.enumerate() if thread.name.startswith(("ThreadPool", "AnyIO", "asyncio"))}

    before = pools()
    in_process(app).get("/blocking")
    for thread in pools() - before:
        thread.join(timeout=60)  # it has been told to end, and does so once it is given a processor
    assert pools() <= before
