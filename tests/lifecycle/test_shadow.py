"""The shadow: what callers see, what the challenger sees, and what is logged, with services that behave and others."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import sqlite3
import threading
import time
from collections import Counter

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.middleware.gzip import GZipMiddleware

import looped
from lifecycle.deploy import in_process, serving
from lifecycle.iterate import Mirrored, Shadow, ShadowError, read_pairs
from lifecycle.iterate.comparison.shadow_log import Pair, Reply, ShadowLog


class App:
    """A scoring service: answers each row with its probability, after `slow` seconds; fails where told to."""

    def __init__(self, name="app", *, threshold=0.5, slow=0.0, fails=False, headers=()):
        self.name, self.threshold, self.slow, self.fails, self.headers = name, threshold, slow, fails, headers
        self.asked, self.scopes = [], []

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self.asked.append(body)
        self.scopes.append(scope)
        await asyncio.sleep(self.slow)
        if self.fails:
            raise MemoryError("out of memory")
        sent = json.loads(body or b"{}")
        rows = [{"prediction": int(p >= self.threshold), "probability": p} for p in sent.get("rows", [sent.get("p", 0.1)])]
        content = rows[0] if "rows" not in sent else {"results": rows}
        content |= {"request_id": sent.get("id", "made up"), "name": self.name}
        headers = [(b"content-type", b"application/json"), (b"x-path", scope["raw_path"]), *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(content).encode()})


@pytest.fixture
def log(tmp_path):
    return tmp_path / "pairs.sqlite"


def pairs_of(path):
    found = read_pairs(path)
    return found.drop(columns=["time", "champion_ms", "challenger_ms"]).astype(object).where(found.notna(), None)


def test_callers_hear_the_champion_and_the_log_holds_both(log):
    champion, challenger = App("old", threshold=0.5), App("new", threshold=0.4)
    client = in_process(Shadow(champion, challenger, log=log))
    said = [client.post("/score", json={"p": p, "id": f"r{p}"}).json() for p in (0.3, 0.45, 0.6)]
    assert [each["name"] for each in said] == ["old"] * 3
    found = pairs_of(log)
    assert found["request_id"].tolist() == ["r0.3", "r0.45", "r0.6"]
    assert found["champion_prediction"].tolist() == [0, 0, 1]
    assert found["challenger_prediction"].tolist() == [0, 1, 1]
    assert found["champion_probability"].tolist() == found["challenger_probability"].tolist() == [0.3, 0.45, 0.6]
    assert champion.asked == challenger.asked


def test_a_batch_becomes_a_pair_a_row(log):
    client = in_process(Shadow(App(), App(threshold=0.2), log=log))
    answer = client.post("/score/batch", json={"rows": [0.1, 0.3, 0.9], "id": "batch"}).json()
    assert len(answer["results"]) == 3
    found = pairs_of(log)
    assert found[["request_id", "row"]].values.tolist() == [["batch", 0], ["batch", 1], ["batch", 2]]
    assert found["challenger_prediction"].tolist() == [0, 1, 1]


def test_only_what_changes_nothing_is_copied_and_the_copy_is_marked(log):
    champion, challenger = App(), App()
    client = in_process(Shadow(champion, challenger, log=log))
    client.get("/version")
    client.get("/score")
    client.post("/orders", json={})
    assert challenger.asked == []
    assert not log.exists()
    client.post("/score?x=1", json={}, headers={"x-client": "7"})
    copied, original = dict(challenger.scopes[0]["headers"]), dict(champion.scopes[-1]["headers"])
    assert (copied[b"x-shadow"], copied[b"x-client"]) == (b"1", b"7")
    assert b"x-shadow" not in original
    assert challenger.scopes[0]["query_string"] == b"x=1"


def test_a_challenger_that_breaks_or_is_gone_is_noticed_in_the_log_alone(log, idle_time):
    for challenger in (App(fails=True), "http://127.0.0.1:9", App(slow=5)):
        shadow = Shadow(App("old"), challenger, log=log, timeout=0.05)
        assert in_process(shadow).post("/score", json={"id": "r"}).status_code == 200
        assert shadow.counts == Mirrored(requests=1, copied=1, failed=1)
    found = pairs_of(log)
    assert found["fate"].tolist() == ["failed"] * 3
    assert found["challenger_status"].tolist() == [500, 0, 0]
    assert found["champion_prediction"].tolist() == [0, 0, 0]
    assert found["challenger_prediction"].tolist() == [None] * 3


def test_a_challenger_that_answers_fewer_rows_has_said_nothing_about_any(log):
    async def first_row_only(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b'{"results": [{"prediction": 1, "probability": 0.9}]}'})

    in_process(Shadow(App(), first_row_only, log=log)).post("/score/batch", json={"rows": [0.1, 0.2, 0.3]})
    found = pairs_of(log)
    assert found["champion_prediction"].tolist() == [0, 0, 0]
    assert found["challenger_prediction"].tolist() == [None] * 3


def test_a_challenger_that_refuses_what_the_champion_takes_has_failed(log):
    async def refusing(scope, receive, send):
        await send({"type": "http.response.start", "status": 422, "headers": []})
        await send({"type": "http.response.body", "body": b'{"error": "no such field"}'})

    shadow = Shadow(App(), refusing, log=log)
    in_process(shadow).post("/score/batch", json={"rows": [0.1, 0.2]})
    assert shadow.counts.failed == 1
    in_process(Shadow(refusing, refusing, log=log)).post("/score", json={})
    found = pairs_of(log)
    assert found["fate"].tolist() == ["failed", "failed", "paired"]
    assert found["challenger_status"].tolist() == [422] * 3


def test_a_champion_that_fails_is_not_hidden():
    challenger = App("new")
    assert in_process(Shadow(App(fails=True), challenger)).post("/score", json={}).status_code == 500
    assert in_process(Shadow("http://127.0.0.1:9", challenger)).post("/score", json={}).status_code == 502


def test_a_log_that_cannot_be_written_costs_no_caller_an_answer(tmp_path):
    (tmp_path / "taken").write_text("a file, not a folder")
    shadow = Shadow(App(), App(), log=tmp_path / "taken" / "pairs.sqlite")
    assert in_process(shadow).post("/score", json={}).status_code == 200
    assert shadow.counts.unlogged == 1


def test_served_the_callers_do_not_wait_and_nothing_is_lost_at_the_end(log):
    answered, challenger = threading.Event(), App(slow=0.3)

    async def waiting(scope, receive, send):  # whoever waited for it would wait for ever
        while not answered.is_set():
            await asyncio.sleep(0.01)
        await challenger(scope, receive, send)

    shadow = Shadow(App(), waiting, log=log, workers=10, drain=60)
    with serving(shadow) as front, httpx.Client(base_url=front.url) as client:
        began = time.perf_counter()
        for number in range(10):
            assert client.post("/score", json={"id": f"r{number}"}).status_code == 200
        waited = time.perf_counter() - began
        answered.set()
    assert shadow.counts == Mirrored(requests=10, copied=10)
    assert front.log == []
    found = read_pairs(log)
    assert sorted(found["request_id"]) == sorted(f"r{number}" for number in range(10))
    assert (found["challenger_ms"] >= 290).all()
    assert found["champion_ms"].sum() < 1000 * waited  # one after the other, and without the challenger's time


def test_a_full_queue_drops_copies_and_says_so(log):
    shadow = Shadow(App(), App(slow=600), log=log, waiting=2, workers=1, drain=0.2)
    with serving(shadow) as front, httpx.Client(base_url=front.url) as client:
        statuses = {client.post("/score", json={"id": f"r{number}"}).status_code for number in range(12)}
    assert statuses == {200}
    assert shadow.counts.requests == shadow.counts.dropped + shadow.counts.copied == 12
    assert shadow.counts.dropped == 12
    found = read_pairs(log)
    assert Counter(found["fate"]) == {"dropped": 12}
    assert found["challenger_status"].isna().all()


def test_a_shadow_can_be_served_again(log):
    shadow = Shadow(App(), App(), log=log)
    for _ in range(2):
        with serving(shadow) as front:
            assert httpx.post(f"{front.url}/score", json={}).status_code == 200
    assert shadow.counts.copied == len(read_pairs(log)) == 2


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 1), st.integers(1, 25))
def test_a_share_of_the_requests_is_copied(share, n):
    challenger = App()
    client = in_process(Shadow(App(), challenger, share=share))
    for _ in range(n):
        client.post("/score", json={})
    assert abs(len(challenger.asked) - share * n) <= 1


def test_one_caller_never_gets_the_cookie_of_another():
    greeting = App(headers=((b"set-cookie", b"who=ada"), (b"set-cookie", b"b=2")))
    with serving(Shadow(greeting, App())) as front:
        for _ in range(2):
            answer = httpx.post(f"{front.url}/score", json={})
            assert answer.headers.get_list("set-cookie") == ["who=ada", "b=2"]
    assert all(b"cookie" not in dict(scope["headers"]) for scope in greeting.scopes)


@pytest.mark.parametrize("accepted", ["gzip, deflate, br", "identity", "br"])
def test_a_compressed_answer_is_read_by_caller_and_log(log, accepted):
    packing = [GZipMiddleware(App(), minimum_size=1) for _ in range(2)]
    with serving(Shadow(*packing, log=log)) as front:
        answer = httpx.post(f"{front.url}/score", json={"p": 0.7}, headers={"accept-encoding": accepted})
    assert answer.json()["probability"] == 0.7
    assert ("content-encoding" in answer.headers) == ("gzip" in accepted)
    found = pairs_of(log)
    assert (found.loc[0, "champion_probability"], found.loc[0, "challenger_probability"]) == (0.7, 0.7)


def saying(content, *, status=200, headers=()):
    """A service that always answers the same."""

    async def app(scope, receive, send):
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": list(headers)})
            await send({"type": "http.response.body", "body": content})

    return app


def test_an_answer_in_a_packing_that_nobody_here_knows_is_passed_on_as_it_is(log):
    packed = b"\x0b\x02\x80{}\x03"
    with serving(Shadow(saying(packed, headers=[(b"content-encoding", b"br")]), App(), log=log)) as front:
        with httpx.stream("POST", f"{front.url}/score", content=b"{}", headers={"accept-encoding": "br"}) as answer:
            got = b"".join(answer.iter_raw())
        assert (got, answer.headers["content-encoding"]) == (packed, "br")
    assert pairs_of(log)["champion_prediction"].tolist() == [None]


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_unpacked_for_the_log(log):
    packed = gzip.compress(b'{"prediction": 1, "x": "' + b" " * 1_000_000 + b'"}')
    bomb = saying(packed, headers=[(b"content-encoding", b"gzip")])
    shadow = Shadow(App(), bomb, log=log, largest=100_000)
    in_process(shadow).post("/score", json={})
    assert pairs_of(log)["challenger_prediction"].tolist() == [None]


def test_headers_are_bytes_and_stay_so():
    champion, challenger = App(headers=((b"x-name", b"Andr\xe9"),)), App()
    with serving(Shadow(champion, challenger)) as front:
        answer = httpx.post(f"{front.url}/score", json={}, headers=[(b"x-user", b"\xe9\xff")])
    assert (answer.status_code, dict(answer.headers.raw)[b"x-name"]) == (200, b"Andr\xe9")
    for app in (champion, challenger):
        assert dict(app.scopes[0]["headers"])[b"x-user"] == b"\xe9\xff"


def test_nobody_can_pretend_to_be_a_shadow_and_no_secret_goes_to_the_challenger():
    champion, challenger = App(), App()
    secrets = {
        "authorization": "Bearer a",
        "cookie": "who=ada",
        "proxy-authorization": "b",
        "x-shadow": "1",
        "x-key": "caller",
    }
    client = in_process(Shadow(champion, challenger, credentials={"x-key": "own"}))
    client.post("/score", json={}, headers=secrets | {"x-shadow": "1", "x-key": "caller"})
    told, copied = (dict(app.scopes[0]["headers"]) for app in (champion, challenger))
    assert {b"authorization", b"cookie", b"proxy-authorization"} <= told.keys()
    assert (told.get(b"x-shadow"), told[b"x-key"]) == (None, b"caller")
    assert not {b"authorization", b"cookie", b"proxy-authorization"} & copied.keys()
    assert [value for name, value in challenger.scopes[0]["headers"] if name in (b"x-shadow", b"x-key")] == [b"own", b"1"]


@pytest.mark.parametrize("name", ["\ud800", "a\x00b", "long" * 1000, None, ["a"], 7])
def test_an_odd_id_stops_neither_the_log_nor_the_end(log, name):
    shadow = Shadow(App(), App(), log=log)
    with serving(shadow) as front:
        for each in ("before", name, "after"):
            body = json.dumps({"id": each}).encode()
            assert httpx.post(f"{front.url}/score", content=body).status_code == 200
    assert (shadow.counts.copied, shadow.counts.unlogged) == (3, 0)
    named = read_pairs(log)["request_id"].tolist()
    assert {"before", "after"} <= set(named)
    assert max(map(len, named)) <= 200


def test_what_the_log_cannot_hold_is_counted_and_the_rest_is_written(log):
    shadow = Shadow(App(), saying(b"{}", status=10**30), log=log)
    assert in_process(shadow).post("/score", json={}).status_code == 200
    assert shadow.counts.unlogged == 1
    with pytest.raises(ShadowError, match="cannot be written"):
        ShadowLog(log).write([Pair("\ud800", 0, 0.0, "paired", Reply(200, 1.0))])


def test_a_log_that_another_keeps_locked_does_not_hold_the_end_up(log, monkeypatch):
    monkeypatch.setattr("lifecycle.iterate.comparison.shadow._DISK", 0.2)
    connect = sqlite3.connect
    another = connect(log, isolation_level=None, check_same_thread=False)
    another.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(sqlite3, "connect", lambda path, **_: connect(path, timeout=600))
    shadow = Shadow(App(), App(), log=log)
    began = time.perf_counter()

    async def life():
        messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        said: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        task = asyncio.create_task(shadow({"type": "lifespan"}, messages.get, said.put))
        await messages.put({"type": "lifespan.startup"})
        await said.get()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(shadow), base_url="http://front") as client:
            await client.post("/score", json={})
        await messages.put({"type": "lifespan.shutdown"})
        await task
        ended = time.perf_counter() - began
        another.close()
        return ended

    assert looped.run(life()) < 120  # SQLite itself would try for 600 seconds
    assert shadow.counts.unlogged == 1


def test_waiting_copies_are_bounded_in_memory_too(log):
    shadow = Shadow(App(), App(slow=600), log=log, workers=1, memory=250_000, drain=0.1)
    with serving(shadow) as front, httpx.Client(base_url=front.url) as client:
        for _ in range(6):
            assert client.post("/score", content=json.dumps({"x": "y" * 100_000}).encode()).status_code == 200
        deadline = time.monotonic() + 60  # an answer goes out before it is decided what becomes of the copy
        while shadow.counts.dropped < 4 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert shadow.counts.dropped == 4
    assert shadow.counts.dropped == shadow.counts.requests == 6


@pytest.mark.parametrize("served", [False, True])
def test_a_challenger_that_never_stops_talking_is_given_up(log, served):
    sent = []

    async def talking(scope, receive, send):
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(2000):
            sent.append(number)
            await send({"type": "http.response.body", "body": b" " * 10_000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    with serving(talking) if served else contextlib.nullcontext() as elsewhere:
        shadow = Shadow(App(), elsewhere.url if served else talking, log=log, largest=50_000)
        assert in_process(shadow).post("/score", json={}).status_code == 200
    assert shadow.counts.failed == 1
    assert pairs_of(log)["challenger_status"].tolist() == [0]
    assert served or len(sent) < 10


def test_a_request_that_the_champion_could_not_answer_counts(log):
    shadow = Shadow("http://127.0.0.1:9", App(), log=log)
    assert in_process(shadow).post("/score", json={}).status_code == 502
    assert shadow.counts == Mirrored(requests=1, copied=1)
    found = pairs_of(log)
    assert found[["fate", "champion_status", "challenger_status"]].values.tolist() == [["paired", 0, 200]]
    in_process(Shadow(App(fails=True), App(), log=log)).post("/score", json={})
    assert pairs_of(log)["champion_status"].tolist() == [0, 500]


def test_a_body_that_is_too_large_reaches_nobody():
    champion = App()
    assert in_process(Shadow(champion, App(), largest=10)).post("/score", content=b"x" * 11).status_code == 413
    assert champion.asked == []


@pytest.mark.parametrize("target", [b"*", b"a/b", b"/a#b", b"/\xff", b"/" + b"x" * 70_000])
def test_a_target_that_is_no_path_is_refused(target):
    said = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        said.append(message)

    app = App()
    scope = {"type": "http", "method": "GET", "path": "/x", "raw_path": target, "query_string": b"", "headers": []}
    looped.run(Shadow(app, App())(scope, receive, send))
    assert (said[0]["status"], app.asked) == (400, [])


def test_nobody_is_taken_to_another_host():
    elsewhere = App("secret")
    with serving(elsewhere) as other, serving(Shadow(App(), App())) as front:
        address = httpx.URL(front.url)
        with socket.create_connection((address.host, address.port), timeout=60) as line:
            line.sendall(f"POST {other.url}/score HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode())
            said = b"".join(iter(lambda: line.recv(4096), b""))
        assert b"400" in said.splitlines()[0]
    assert elsewhere.asked == []


def test_answers_that_are_no_scores_make_pairs_without_scores(log):
    async def odd(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    assert in_process(Shadow(odd, App(), log=log)).post("/score", json={}).text == "hello"
    found = pairs_of(log)
    assert (found.loc[0, "champion_prediction"], found.loc[0, "challenger_prediction"]) == (None, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"prediction": [1], "probability": 1e999}',
        b'{"results": {}}',
        b'{"prediction": 2, "probability": %s}' % (b"9" * 400),
        b'{"results": [7, null]}',
    ],
)
def test_strange_answers_of_a_challenger_cost_their_own_pair_only(log, content):
    async def strange(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": content})

    shadow = Shadow(App(), strange, log=log, workers=1)
    with serving(shadow) as front:
        assert {httpx.post(f"{front.url}/score", json={}).status_code for _ in range(2)} == {200}
    assert (shadow.counts.copied, shadow.counts.unlogged) == (2, 0)
    assert len(read_pairs(log)) == 2


def test_a_challenger_that_ends_without_a_word_has_failed(log):
    async def mute(scope, receive, send):
        pass

    shadow = Shadow(App(), mute, log=log)
    assert in_process(shadow).post("/score", json={}).status_code == 200
    assert shadow.counts.failed == 1


@pytest.mark.parametrize("setting", [{"share": 1.5}, {"share": -0.1}, {"waiting": 0}, {"workers": 0}])
def test_settings_out_of_range_are_refused(setting):
    with pytest.raises(ShadowError, match="out of range"):
        Shadow(App(), App(), **setting)


def test_what_is_no_log_is_refused(tmp_path):
    with pytest.raises(ShadowError, match="no such log"):
        read_pairs(tmp_path / "none.sqlite")
    (tmp_path / "text.sqlite").write_text("hello, this is no database at all, whatever its name says")
    sqlite3.connect(tmp_path / "empty.sqlite").execute("CREATE TABLE other (x)").connection.close()
    for name in ("text", "empty"):
        with pytest.raises(ShadowError, match="not the log"):
            read_pairs(tmp_path / f"{name}.sqlite")
