import numpy as np
import pandas as pd
import pytest
from xgboost import XGBClassifier

from lifecycle.deploy import build_package, digest_of, digest_of_file, ensemble_of, load_model, save_model, schema_of
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


@pytest.fixture(scope="module")
def stopped(rows):
    """Stopped early: it holds more trees than it predicts with."""
    answers = (rows[:, 0] + np.random.default_rng(6).normal(size=300) > 0.5).astype(int)
    model = XGBClassifier(n_estimators=60, max_depth=5, learning_rate=0.5, early_stopping_rounds=5, n_jobs=1)
    model.fit(rows[:200], answers[:200], eval_set=[(rows[200:], answers[200:])], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    return model


def test_after_early_stopping_only_the_trees_in_use_are_kept(stopped, rows, tmp_path):
    digest = save_model(stopped, tmp_path / "model.json")
    again = load_model(tmp_path / "model.json", digest=digest)
    assert digest == digest_of(again)
    assert again.get_booster().num_boosted_rounds() == stopped.best_iteration + 1
    np.testing.assert_array_equal(again.predict_proba(rows), stopped.predict_proba(rows))


@pytest.mark.parametrize("from_file", [False, True])
def test_a_package_and_the_trees_of_a_model_that_was_stopped_early_score_as_it_does(stopped, rows, tmp_path, from_file):
    frame = pd.DataFrame(rows, columns=list("abcd"))
    raw = bytes(stopped.get_booster().save_raw(raw_format="json"))
    (tmp_path / "raw.json").write_bytes(raw)
    given = {"model_file": tmp_path / "raw.json"} if from_file else {"model": stopped}
    package = build_package(
        tmp_path / "package.zip", name="stopped", version="1.0.0", fields=schema_of(frame), threshold=0.5, calibration=None,
        metrics={}, rows=frame, settings={}, use_case="credit", **given,
    )  # fmt: skip
    expected = stopped.predict_proba(rows)[:, 1]
    for found in (
        package.scorer("onnx").scores(rows.astype("float32")),
        package.scorer("xgboost").scores(rows.astype("float32")),
        ensemble_of(package.model_bytes, features=list("abcd")).scores(rows.astype("float32")),
        ensemble_of(raw, features=list("abcd")).scores(rows.astype("float32")),
    ):
        np.testing.assert_allclose(found, expected, atol=1e-6)
