import pytest

from lifecycle.deploy import in_process, light_app


@pytest.fixture
def row(small_package):
    return small_package.golden[list(small_package.features)].iloc[5].to_dict()


def test_it_answers_with_a_whole_number(small_package, row):
    answer = in_process(light_app(small_package)).post("/predict", json={"features": row}).json()
    assert type(answer["prediction"]) is int
    assert answer["probability"] == small_package.scorer().scores(small_package.guard(_frame(row)))[0]


def _frame(row):
    import pandas as pd

    return pd.DataFrame([row])


def test_unmended_it_fails_at_every_request_that_is_right(small_package, row):
    client = in_process(light_app(small_package, mended=False))
    assert client.post("/predict", json={"features": row}).status_code == 500
    assert client.post("/predict", json={"features": {}}).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"features": {"amount": "x"}}', b"[" * 5000])
def test_what_is_no_request_is_refused(small_package, body):
    assert in_process(light_app(small_package)).post("/predict", content=body).status_code == 400
