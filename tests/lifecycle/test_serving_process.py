"""The service as a process: under load, with slow clients, killed, started again, and ended."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from lifecycle.deploy import read_log

WORKBENCH = Path(sys.executable).with_name("workbench")


@contextmanager
def _served(package, *options):
    """The process, and the address it listens at."""
    command = [WORKBENCH, "serve", package, "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said = ""
        while "Listening on " not in said:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            said += line
        yield process, said.partition("Listening on ")[2].split()[0]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def body(small_package):
    row = small_package.golden[list(small_package.features)].iloc[30].to_dict()
    return json.dumps({"features": row}).encode()


def test_killed_under_load_and_started_again_it_has_lost_no_answer(small_package_file, body, tmp_path):
    log = tmp_path / "log.sqlite"
    answered = []

    def ask(url, until):
        with httpx.Client(base_url=url) as client:
            while not until.is_set():
                try:
                    response = client.post("/score", content=body, headers={"content-type": "application/json"})
                except httpx.HTTPError:
                    return
                answered.append((response.status_code, response.json()["request_id"]))

    for end in (signal.SIGKILL, signal.SIGINT):
        with _served(small_package_file, "--log", log, "--no-reasons") as (process, url):
            until, count = threading.Event(), len(answered)
            clients = [threading.Thread(target=ask, args=(url, until)) for _ in range(3)]
            for client in clients:
                client.start()
            while len(answered) < count + 150:
                assert any(client.is_alive() for client in clients)
                time.sleep(0.01)
            if end == signal.SIGINT:
                until.set()
            process.send_signal(end)
            for client in clients:
                client.join()
            assert process.wait(60) == (0 if end == signal.SIGINT else -end)
            assert process.stderr.read() == ""

    assert {status for status, _ in answered} == {200}
    logged = read_log(log)["request_id"]
    assert logged.is_unique
    assert {request_id for _, request_id in answered} <= set(logged)
    assert len(logged) <= len(answered) + 3  # beyond them only what was in hand when it was killed
    with sqlite3.connect(log) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


# As `workbench serve`, but that nobody is shown out while this process waits for a processor.
FOREVER = """
import sys
from lifecycle.deploy import Limits, create_app, open_package, run_service

app = create_app(open_package(sys.argv[1]), reasons=False, limits=Limits(body_seconds=600))
run_service(app, port=0, head_seconds=600, grace=600, started=lambda url: print(url, flush=True))
"""


def test_slow_clients_stop_nobody_and_what_was_asked_is_answered_at_the_end(small_package_file, body):
    head = b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    process = subprocess.Popen([sys.executable, "-c", FOREVER, small_package_file], stdout=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().strip()
        port = int(url.rsplit(":", 1)[1])
        slow = [socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(200)]
        for number, connection in enumerate(slow):
            connection.sendall((head + body)[: 1 + number])  # some stop in the head, some in the body
        with httpx.Client(base_url=url, headers={"content-type": "application/json"}) as client:
            assert {client.post("/score", content=body).status_code for _ in range(30)} == {200}
        slow[-1].sendall((head + body)[200:])
        assert slow[-1].recv(15) == b"HTTP/1.1 200 OK"
        process.send_signal(signal.SIGTERM)
        _until_refused(port)
        last = slow[190]
        last.sendall((head + body)[191:])
        assert last.recv(15) == b"HTTP/1.1 200 OK"  # its head had come before the end did
        for connection in slow:
            connection.close()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def _until_refused(port):
    """Wait until the service takes no new connection: it has heard that it is to end."""
    deadline = time.monotonic() + 60
    with pytest.raises(ConnectionError):  # noqa: PT012  (until it is refused)
        while time.monotonic() < deadline:
            socket.create_connection(("127.0.0.1", port), timeout=60).close()
            time.sleep(0.02)


@contextmanager
def _standing_still(process):
    """A process that is stopped meanwhile: what is sent to it is there when it goes on, however long that took here."""
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


PATIENCE = """
import functools
import sys

import uvicorn

from lifecycle.deploy.serving.process import run_service

uvicorn.Config = functools.partial(uvicorn.Config, timeout_keep_alive=600)  # this is about the head of a request alone

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    while (await receive())["more_body"]:
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
    if scope["path"] == "/halt":
        sys.stdin.readline()  # the clock stands still for all

run_service(app, port=0, head_seconds=0.3, started=lambda url: print(url, flush=True))
print("ended")
"""


def test_who_never_finishes_a_head_is_shown_out_and_a_slow_body_is_not_its_business():
    request = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
    process = subprocess.Popen([sys.executable, "-c", PATIENCE], stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        with _standing_still(process):
            silent, half, second, slow = (socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(4))
            half.sendall(request[:20])
            second.sendall(request)
            slow.sendall(request[:-1])
        _until_ok(second)
        second.sendall(request[:20])
        for connection in (silent, half, second):
            assert connection.recv(1000) == b""
        time.sleep(0.2)
        slow.sendall(b"b")
        _until_ok(slow)
        for connection in (silent, half, second, slow):
            connection.close()
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == "ended\n"
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()


def _until_ok(connection):
    """Read an answer to its end; head and body may come in two parts."""
    received = b""
    while not received.endswith(b"\r\n\r\nok"):
        part = connection.recv(1000)
        assert part, received
        received += part


EARLY = PATIENCE.replace('    while (await receive())["more_body"]:\n        pass\n', "")


def test_who_got_an_answer_and_trickles_on_is_shown_out_and_who_finishes_in_time_is_not():
    assert EARLY != PATIENCE
    head = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n"
    process = subprocess.Popen([sys.executable, "-c", EARLY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        port = int(process.stdout.readline().rsplit(":", 1)[1])
        with _standing_still(process):
            trickles, finishes = (socket.create_connection(("127.0.0.1", port), timeout=60) for _ in range(2))
            trickles.sendall(head % b"/")
            finishes.sendall(head % b"/halt")
        _until_ok(finishes)
        finishes.sendall(b"x" * 10_000 + head % b"/")
        process.stdin.write("go on\n")
        process.stdin.flush()
        _until_ok(finishes)
        _until_ok(trickles)
        deadline = time.monotonic() + 60
        with pytest.raises(ConnectionError):  # noqa: PT012  (until it is refused)
            while time.monotonic() < deadline:
                trickles.sendall(b"x")
                time.sleep(0.05)
        for connection in (trickles, finishes):
            connection.close()
    finally:
        process.kill()
        process.communicate()
