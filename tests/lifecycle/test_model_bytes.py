import io
from hashlib import sha256
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from lifecycle.develop import Recipe, digest_of_model, fit, from_bytes, scores, to_bytes
from lifecycle.develop.training.model_bytes import suffix
from lifecycle.errors import ArtifactError

ALGORITHMS = ("logistic", "forest", "boosting")


def recipe(algorithm):
    return Recipe({"use_case": "credit"}, "y", ("a", "b"), algorithm)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(size=(300, 2)), columns=["a", "b"])
    return frame.assign(y=(frame["a"] + rng.normal(size=300) > 0).astype(int))


@pytest.fixture(scope="module")
def models(rows):
    return {algorithm: fit(recipe(algorithm), rows) for algorithm in ALGORITHMS}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_model_comes_back_and_answers_alike(models, rows, algorithm):
    data = to_bytes(models[algorithm])
    again = from_bytes(data, digest=sha256(data).hexdigest().upper())
    plan = recipe(algorithm)
    np.testing.assert_array_equal(scores(again, rows, plan), scores(models[algorithm], rows, plan))
    assert digest_of_model(again) == digest_of_model(models[algorithm]) == sha256(data).hexdigest()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_fitting_again_gives_the_same_bytes(models, rows, algorithm):
    assert to_bytes(fit(recipe(algorithm), rows)) == to_bytes(models[algorithm])


def test_the_ending_says_the_format(models):
    assert [suffix(models[algorithm]) for algorithm in ALGORITHMS] == ["skops", "skops", "json"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_one_changed_byte_is_refused(models, algorithm):
    data = bytearray(to_bytes(models[algorithm]))
    digest = sha256(data).hexdigest()
    data[len(data) // 2] ^= 1
    with pytest.raises(ArtifactError, match=r"it\.json: not the model that was saved: its digest differs"):
        from_bytes(bytes(data), digest=digest, where="it.json")


@pytest.mark.parametrize(
    "data", [b"", b"\x80\x04K\x01.", b"PK\x03\x04", b"[]", b'{"learner": {}}', b'{"version": [3]}', b"[" * 100_000]
)
def test_bytes_that_are_no_model_are_refused(data):
    with pytest.raises(ArtifactError):
        from_bytes(data)


def test_a_type_that_nobody_trusts_is_not_built(models):
    model = models["logistic"]
    with ZipFile(io.BytesIO(to_bytes(model))) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members["schema.json"] = (
        members["schema.json"]
        .replace(b'"StandardScaler"', b'"Popen"')
        .replace(b'"sklearn.preprocessing._data"', b'"subprocess"')
    )
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    with pytest.raises(ArtifactError, match="not trusted"):
        from_bytes(buffer.getvalue())


def test_a_skops_file_of_something_else_is_refused():
    with pytest.raises(ArtifactError, match="not of a model made here"):
        from_bytes(skops.io.dumps(LogisticRegression()))
