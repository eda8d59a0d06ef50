import numpy as np
import pytest
from xgboost import XGBClassifier

from lifecycle.deploy import digest_of, digest_of_file, load_model, save_model
from lifecycle.errors import ArtifactError


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(5).normal(size=(300, 4))


@pytest.fixture(scope="module")
def model(rows):
    answers = (rows[:, 0] + rows[:, 1] ** 2 > 0.5).astype(int)
    return XGBClassifier(n_estimators=8, max_depth=3, n_jobs=1).fit(rows, answers)


def test_a_model_comes_back_with_the_same_digest_and_the_same_answers(model, rows, tmp_path):
    digest = save_model(model, tmp_path / "deep" / "model.json")
    again = load_model(tmp_path / "deep" / "model.json", digest=digest)
    assert digest == digest_of(model) == digest_of(again)
    np.testing.assert_array_equal(again.predict_proba(rows), model.predict_proba(rows))
    np.testing.assert_array_equal(again.classes_, [0, 1])


def test_the_digest_is_that_of_the_file(model, tmp_path):
    assert save_model(model, tmp_path / "model.json") == digest_of_file(tmp_path / "model.json")
    with pytest.raises(ArtifactError, match="no such file"):
        digest_of_file(tmp_path / "other.json")


def test_saving_leaves_one_file_and_replaces_the_old_one(model, tmp_path):
    place = tmp_path / "model.json"
    place.write_text("old")
    digest = save_model(model, place)
    assert [file.name for file in tmp_path.iterdir()] == ["model.json"]
    assert load_model(place, digest=digest.upper()) is not None


def test_one_changed_byte_is_refused(model, tmp_path):
    place = tmp_path / "model.json"
    digest = save_model(model, place)
    data = bytearray(place.read_bytes())
    data[len(data) // 2] ^= 1
    place.write_bytes(data)
    with pytest.raises(ArtifactError, match="digest differs"):
        load_model(place, digest=digest)


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(ArtifactError, match=r"model\.json: there is no such model"):
        load_model(tmp_path / "model.json", digest="0" * 64)


@pytest.mark.parametrize("content", [b"\x80\x04K\x01.", b"{not json", b"[]", b'{"version": [3, 2, 0]}'])
def test_a_file_with_the_right_digest_that_is_no_model_is_refused(content, tmp_path):
    from hashlib import sha256

    place = tmp_path / "model.json"
    place.write_bytes(content)
    with pytest.raises(ArtifactError, match="JSON"):
        load_model(place, digest=sha256(content).hexdigest())


def test_answers_do_not_depend_on_the_number_of_threads_that_predict(model, rows, tmp_path):
    digest = save_model(model, tmp_path / "model.json")
    again = load_model(tmp_path / "model.json", digest=digest)
    again.set_params(n_jobs=2)
    np.testing.assert_array_equal(again.predict_proba(rows), model.predict_proba(rows))
