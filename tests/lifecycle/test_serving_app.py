import json
import random
import socket
import sqlite3
from dataclasses import replace

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import looped
from lifecycle.deploy import Limits, ServiceError, create_app, in_process, open_package, read_log, serving
from lifecycle.deploy.serving.answers import ModelError, percentile_of

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def app(small_package):
    return create_app(small_package)


@pytest.fixture(scope="module")
def client(app):
    with in_process(app) as client:
        yield client


@pytest.fixture(scope="module")
def rows(small_package):
    return small_package.golden[list(small_package.features)].to_dict("records")


def test_an_answer_holds_what_the_package_says(client, small_package, rows):
    frame = small_package.golden[list(small_package.features)]
    scores = small_package.scores(frame)
    for row, score in zip(rows, scores, strict=True):
        response = client.post("/score", json={"features": row, "request_id": "TX123456"})
        answer = response.json()
        assert response.status_code == 200
        assert answer["probability"] == score
        assert answer["prediction"] == int(score >= small_package.threshold)
        assert type(answer["prediction"]) is int
        assert answer["request_id"] == "TX123456"
        assert answer["model"] == {"name": "small", "version": "1.2.0", "digest": small_package.digest}


def test_the_risk_score_is_the_percentile_among_the_training_rows(client, small_package, rows):
    quantiles = small_package.reference["score_quantiles"]
    for row in rows[::7]:
        answer = client.post("/score", json={"features": row}).json()
        below = np.interp(answer["probability"], *_distinct(quantiles))
        assert answer["risk_score"] == pytest.approx(below, abs=0.06)


def _distinct(quantiles):
    """Quantiles without ties, the last percentage of each."""
    return zip(*{value: percent for percent, value in enumerate(quantiles)}.items(), strict=True)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=8).map(sorted), st.floats(0, 1), st.floats(0, 1))
def test_a_higher_chance_never_has_a_lower_percentile(quantiles, one, other):
    low, high = sorted((one, other))
    assert 0 <= percentile_of(low, quantiles) <= percentile_of(high, quantiles) <= 100


def test_reasons_argue_for_the_decision_strongest_first(client, small_package, rows):
    names = list(small_package.features)
    for row in rows[::5]:
        answer = client.post("/score", json={"features": row}).json()
        values = np.array([[row[name] for name in names]], dtype=np.float32)
        parts = small_package.scorer("xgboost").contributions(values)[0, :-1]
        sign = 1 if answer["prediction"] else -1
        expected = [names[place] for place in np.argsort(-sign * parts, kind="stable") if sign * parts[place] > 0][:3]
        assert [reason["feature"] for reason in answer["reasons"]] == expected
        assert {reason["direction"] for reason in answer["reasons"]} <= {"raises" if sign > 0 else "lowers"}


def test_a_reason_is_worded_by_the_schema_or_by_the_caller(small_package, rows):
    def wordings(app):
        answers = in_process(app).post("/score/batch", json={"rows": rows}).json()["results"]
        return {reason["wording"] for answer in answers for reason in answer["reasons"]}

    assert "months behind with the rent: 8" in wordings(create_app(small_package))
    assert "rent paid late: 8" in wordings(create_app(small_package, wordings={"late": "rent paid late"}))


def test_reasons_can_be_left_out(small_package, rows):
    answer = in_process(create_app(small_package, reasons=False)).post("/score", json={"features": rows[0]}).json()
    assert "reasons" not in answer


def _row_of(small_package):
    """A strategy for rows that the contract allows."""
    return st.fixed_dictionaries(
        {
            field.name: st.sampled_from(field.choices)
            if field.choices
            else st.integers(int(field.low), int(field.high))
            if field.kind == "integer"
            else st.floats(field.low, field.high)
            for field in small_package.fields
        }
    )


def test_a_batch_answers_as_single_requests_do(client, small_package):
    @settings(max_examples=25, deadline=None)
    @given(rows=st.lists(_row_of(small_package), min_size=1, max_size=6))
    def equal(rows):
        batch = client.post("/score/batch", json={"rows": rows})
        singles = [client.post("/score", json={"features": row}).json() for row in rows]
        assert batch.status_code == 200
        assert batch.json()["results"] == [
            {name: answer[name] for name in ("prediction", "probability", "risk_score", "reasons")} for answer in singles
        ]

    equal()


@pytest.mark.parametrize(
    ("method", "path", "content", "headers", "status"),
    [
        ("POST", "/score", b"{", JSON, 400),
        ("POST", "/score", b"{}", JSON, 422),
        ("POST", "/score", b"{}", {"content-type": "text/plain"}, 415),
        ("POST", "/score", b"{}", {}, 415),
        ("POST", "/score", b" " * 70_000, JSON, 413),
        ("POST", "/score/batch", b"[" * 3_000_000, JSON, 413),
        ("POST", "/score/batch", b"[" * 1_000_000, JSON, 400),
        ("GET", "/score", b"", {}, 405),
        ("POST", "/scores", b"{}", JSON, 404),
        ("POST", "/score/", b"{}", JSON, 404),
    ],
)
def test_every_refusal_has_the_same_form(client, method, path, content, headers, status):
    response = client.request(method, path, content=content, headers=headers)
    assert response.status_code == status
    assert set(response.json()) == {"error", "fields", "request_id"}


def test_a_body_without_a_length_is_counted_as_it_comes(small_package):
    app = create_app(small_package, limits=Limits(body_bytes=100))
    with serving(app) as service:
        response = httpx.post(f"{service.url}/score", content=(b" " * 60 for _ in range(3)), headers=JSON)
    assert response.status_code == 413


def test_ten_thousand_malformed_bodies_are_refused_and_none_of_them_breaks_it(small_package, rows):
    good = json.dumps({"features": rows[0]}).encode()
    bodies = list(_malformed(random.Random(5), good, rows[0], 10_000))
    (_, before), *answers, (_, after) = _ask(create_app(small_package, reasons=False), [good, *bodies, good])
    for body, (status, answer) in zip(bodies, answers, strict=True):
        assert status in (400, 413, 422), body
        assert answer["error"], body
    assert {status for status, _ in answers} == {400, 413, 422}
    assert after["probability"] == before["probability"]


def _ask(app, bodies):
    """Post each body to ``/score`` by the bare protocol: a client would cost ten times what the service does."""

    async def one(body):
        sent = []
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/score", "query_string": b"",
            "root_path": "", "headers": [(b"content-type", b"application/json")], "client": None, "server": None,
        }  # fmt: skip

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        await app(scope, receive, send)
        return sent[0]["status"], json.loads(b"".join(message["body"] for message in sent[1:]))

    async def all_of_them():
        return [await one(body) for body in bodies]

    return looped.run(all_of_them())


def _malformed(source, good, row, number):
    """Bodies that no reading of the contract allows."""
    odd = [None, True, "1", "", [], {}, [1], {"a": 1}, 1e300, -1e300, "NaN", "\ud800", "\x00", 10**30]
    for _ in range(number):
        kind = source.randrange(6)
        if kind == 0:
            yield good[: source.randrange(len(good))]  # torn
        elif kind == 1:
            yield bytes(source.randrange(256) for _ in range(source.randrange(1, 60))) + b"\xff"
        elif kind == 2:
            yield json.dumps({"features": {**row, source.choice(list(row)): source.choice(odd)}}).encode()
        elif kind == 3:
            yield json.dumps({"features": {name: row[name] for name in list(row)[: source.randrange(len(row))]}}).encode()
        elif kind == 4:
            yield source.choice([b"[", b'{"features":', b"[{", b"NaN,"]) * source.randrange(1, 15_000)
        else:
            yield good.replace(b":", source.choice([b"", b"=", b"::", b":NaN,"]), source.randrange(1, 6))


def test_a_model_that_scores_otherwise_than_it_was_released_is_refused(small_package):
    golden = small_package.golden.assign(score=small_package.golden["score"] + 0.001)
    with pytest.raises(ModelError, match="golden rows"):
        create_app(replace(small_package, golden=golden))


def test_a_changed_package_never_becomes_a_service(small_package_file, tmp_path):
    from lifecycle.deploy import PackageError

    data = bytearray(small_package_file.read_bytes())
    place = tmp_path / "small.zip"
    for spot in (len(data) // 3, len(data) // 2, len(data) - 100):
        place.write_bytes(data[:spot] + bytes([data[spot] ^ 1]) + data[spot + 1 :])
        with pytest.raises(PackageError):
            open_package(place)
    with pytest.raises(PackageError, match="not the package"):
        open_package(small_package_file, digest="0" * 64)


def test_health_readiness_and_version(small_package):
    app = create_app(small_package)
    with serving(app) as service, httpx.Client(base_url=service.url) as client:
        assert (client.get("/health").status_code, client.get("/ready").status_code) == (200, 200)
        assert client.get("/version").json() == {"name": "small", "version": "1.2.0", "digest": small_package.digest}
    assert in_process(app).get("/ready").status_code == 503
    assert in_process(app).get("/health").status_code == 200


def test_metrics_count_requests_rows_and_refusals(small_package, rows):
    client = in_process(create_app(small_package, reasons=False))
    for row in rows[:3]:
        client.post("/score", json={"features": row})
    client.post("/score/batch", json={"rows": rows[:5]})
    client.post("/score", json={})
    text = client.get("/metrics").text
    assert 'scoring_requests_total{path="/score",status="200"} 3.0' in text
    assert 'scoring_requests_total{path="/score",status="422"} 1.0' in text
    assert 'scoring_request_seconds_count{path="/score/batch"} 1.0' in text
    assert "scoring_probability_count 8.0" in text
    assert f'scoring_model_info{{digest="{small_package.digest}",name="small",version="1.2.0"}} 1.0' in text


def test_what_can_be_foreseen_is_counted_from_zero(small_package):
    """A series that appears with its first failures has no rise that `rate()` could see."""
    text = in_process(create_app(small_package)).get("/metrics").text
    for path in ("/score", "/score/batch"):
        for status in (200, 422, 500, 503):
            assert f'scoring_requests_total{{path="{path}",status="{status}"}} 0.0' in text
        assert f'scoring_request_seconds_count{{path="{path}"}} 0.0' in text


def test_the_log_holds_every_row_and_every_refusal(small_package, rows, tmp_path):
    place = tmp_path / "log.sqlite"
    app = create_app(small_package, log=place)
    with serving(app) as service, httpx.Client(base_url=service.url) as client:
        one = client.post("/score", json={"features": rows[0]}).json()
        client.post("/score/batch", json={"rows": rows[:3], "request_id": "night:7"})
        client.post("/score", json={"features": {**rows[0], "late": "secret"}})
    log = read_log(place)
    assert log["request_id"].tolist()[:4] == [one["request_id"], "night:7", "night:7", "night:7"]
    assert log["row"].tolist() == [0, 0, 1, 2, 0]
    assert log["status"].tolist() == [200, 200, 200, 200, 422]
    assert log["features"][0] == list(rows[0].values())
    assert log["probability"][0] == one["probability"]
    assert set(log["model_digest"]) == {small_package.digest}
    assert log["error"][4].endswith("features.late must be a whole number, not text")
    assert "secret" not in log.to_string()


def test_an_answer_that_cannot_be_logged_is_not_given(small_package, rows, tmp_path):
    place = tmp_path / "folder" / "log.sqlite"
    app = create_app(small_package, log=place)
    client = in_process(app)
    place.parent.write_text("in the way")
    response = client.post("/score", json={"features": rows[0], "request_id": "TX1"})
    assert response.status_code == 503
    assert response.json()["request_id"] == "TX1"
    assert "probability" not in response.json()
    assert client.get("/ready").status_code == 503
    assert 'scoring_requests_total{path="/score",status="503"} 1.0' in client.get("/metrics").text

    place.parent.unlink()
    assert client.get("/ready").status_code == 200
    assert client.post("/score", json={"features": rows[0], "request_id": "TX2"}).status_code == 200
    app.state.scoring.close()
    assert read_log(place)["request_id"].tolist() == ["TX2"]


def test_an_application_can_be_served_again(small_package, rows, tmp_path):
    app = create_app(small_package, log=tmp_path / "log.sqlite")
    for _ in range(2):
        with serving(app) as service, httpx.Client(base_url=service.url) as client:
            assert client.get("/ready").status_code == 200
            assert client.post("/score/batch", json={"rows": rows[:2]}).status_code == 200
    assert len(read_log(tmp_path / "log.sqlite")) == 4


def test_a_body_that_does_not_arrive_is_given_up(small_package):
    with serving(create_app(small_package, limits=Limits(body_seconds=0.05))) as service:
        port = int(service.url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(
                b"POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
            )
            assert connection.recv(20).startswith(b"HTTP/1.1 408 ")


def test_a_fault_of_ours_says_nothing_of_itself_but_an_id_that_the_servers_log_knows(small_package, rows):
    app = create_app(small_package)
    app.state.scoring.answers.of = None  # a programming error
    with serving(app) as service:
        response = httpx.post(f"{service.url}/score", json={"features": rows[0]})
    answer = response.json()
    assert response.status_code == 500
    assert (answer["error"], answer["fields"]) == ("the service failed", [])
    assert any(f"request {answer['request_id']} failed: TypeError" in line for line in service.log)


def test_limits_are_positive():
    with pytest.raises(ValueError, match="batch_rows"):
        Limits(batch_rows=0)


def test_while_the_log_is_locked_it_is_not_ready(small_package, rows, tmp_path):
    place = tmp_path / "log.sqlite"
    app = create_app(small_package, log=place, reasons=False)
    client = in_process(app)
    assert client.get("/ready").status_code == 200
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert client.get("/ready").status_code == 503  # nobody has asked for a score yet
    assert client.post("/score", json={"features": rows[0]}).status_code == 503
    assert client.get("/ready").status_code == 503
    other.execute("ROLLBACK")
    other.close()
    assert client.get("/ready").status_code == 200
    app.state.scoring.close()


def test_a_log_that_cannot_be_written_stops_the_start(small_package, tmp_path):
    with pytest.raises(ServiceError, match="did not start"), serving(create_app(small_package, log=tmp_path)):
        pass


def test_a_golden_score_that_is_not_a_number_is_no_agreement(small_package):
    golden = small_package.golden.copy()
    golden.loc[5, "score"] = np.nan
    with pytest.raises(ModelError, match="golden rows"):
        create_app(replace(small_package, golden=golden))


def test_a_fault_of_ours_is_counted_and_logged_with_the_id_that_the_client_got(small_package, rows, tmp_path):
    app = create_app(small_package, log=tmp_path / "log.sqlite")
    app.state.scoring.answers.of = None  # a programming error
    client = in_process(app)
    response = client.post("/score", json={"features": rows[0]})
    assert response.status_code == 500
    assert 'scoring_requests_total{path="/score",status="500"} 1.0' in client.get("/metrics").text
    app.state.scoring.close()
    log = read_log(tmp_path / "log.sqlite")
    assert log[["request_id", "status", "error"]].to_numpy().tolist() == [
        [response.json()["request_id"], 500, "the service failed"]
    ]
