"""A package is built, sealed, opened, and refuses whatever is not as it was packed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xgboost import XGBClassifier, XGBRegressor

from lifecycle.deploy import (
    PIECES,
    FeatureOrderError,
    PackageError,
    build_package,
    missing_pieces,
    open_package,
    schema_of,
)
from lifecycle.deploy.packaging.building import _engines_agree
from lifecycle.deploy.packaging.calibration import Calibration
from lifecycle.deploy.packaging.contents import canonical, digest_of_bytes
from lifecycle.deploy.packaging.score import fault_of
from lifecycle.deploy.serving.contract import Contract
from lifecycle.deploy.serving.refusal import RefusalError

NAMES = ["limit", "months late", "share"]
CALIBRATION = {"method": "prior", "trained": 0.5, "actual": 0.2}


@pytest.fixture(scope="module")
def rows():
    numbers = np.random.default_rng(3)
    columns = [numbers.integers(1, 80, 600) * 10_000, numbers.integers(0, 7, 600), numbers.random(600)]
    return pd.DataFrame(dict(zip(NAMES, columns, strict=True))).astype("float64")


@pytest.fixture(scope="module")
def model(rows):
    target = (rows["months late"] + 2 * rows["share"] + np.random.default_rng(4).normal(size=600) > 4).astype(int)
    model = XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1, base_score=0.5).fit(rows.to_numpy(), target)
    model.get_booster().feature_names = NAMES
    return model


@pytest.fixture(scope="module")
def ingredients(rows, model):
    return {
        "name": "test-risk", "version": "1.2.3", "model": model, "fields": schema_of(rows, meanings={"share": "paid"}),
        "threshold": 0.25, "calibration": CALIBRATION, "metrics": {"test": {"recall": 0.7}}, "rows": rows,
        "settings": {"max_depth": 3}, "use_case": "credit",
    }  # fmt: skip


@pytest.fixture(scope="module")
def place(ingredients, tmp_path_factory):
    place = tmp_path_factory.mktemp("package") / "package.zip"
    build_package(place, **ingredients)
    return place


@pytest.fixture(scope="module")
def package(place):
    return open_package(place)


@pytest.fixture
def folder(place, tmp_path):
    shutil.unpack_archive(place, tmp_path / "opened")
    return tmp_path / "opened"


def chances_of(model, rows):
    """The chances by another way: log-odds of the library, shifted by the prior log-odds."""
    log_odds = model.predict(rows.to_numpy(), output_margin=True).astype("float64") + np.log(0.2 / 0.8) - np.log(0.5 / 0.5)
    return 1 / (1 + np.exp(-log_odds))


def test_it_comes_back_whole(package, ingredients):
    assert (package.name, package.version, package.threshold) == ("test-risk", "1.2.3", 0.25)
    assert package.features == tuple(NAMES)
    assert package.fields == ingredients["fields"]
    assert package.metrics == {"test": {"recall": 0.7}}
    assert package.use_case == "credit"
    assert len(package.digest) == 64
    assert set(package.files) == set(PIECES)


def test_made_again_it_is_the_same_file(place, ingredients, tmp_path):
    again = build_package(tmp_path / "again.zip", **ingredients)
    assert (tmp_path / "again.zip").read_bytes() == place.read_bytes()
    assert again.digest == open_package(place).digest


def test_a_folder_and_an_archive_have_one_digest(package, ingredients, tmp_path):
    built = build_package(tmp_path / "folder", **ingredients)
    assert built.digest == open_package(tmp_path / "folder").digest == package.digest
    assert missing_pieces(tmp_path / "folder") == []


@pytest.mark.parametrize("engine", ["onnx", "xgboost"])
def test_both_engines_give_the_calibrated_chances(package, model, rows, engine):
    scores = package.scorer(engine).scores(package.guard(rows))
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, chances_of(model, rows), atol=2e-7)
    np.testing.assert_array_equal(package.decide(scores), chances_of(model, rows) >= 0.25)


@pytest.mark.parametrize("engine", ["onnx", "xgboost"])
def test_one_row_scores_as_it_does_among_many(package, rows, engine):
    scorer, values = package.scorer(engine), package.guard(rows)
    together = scorer.scores(values)
    np.testing.assert_array_equal([scorer.scores(values[k : k + 1])[0] for k in range(50)], together[:50])


def test_contributions_sum_to_the_log_odds_before_calibration(package, model, rows):
    values = package.guard(rows.head(40))
    log_odds = model.predict(rows.head(40).to_numpy(), output_margin=True)
    for engine in ("onnx", "xgboost"):
        parts = package.scorer(engine).contributions(values)
        assert parts.shape == (40, 4)
        np.testing.assert_allclose(parts.sum(axis=1), log_odds, atol=1e-5)
        assert np.unique(parts[:, -1]).size == 1


def test_golden_rows_get_their_scores_and_span_them(package, rows):
    golden = package.golden
    assert len(golden) == 64
    np.testing.assert_allclose(package.scores(golden[NAMES]), golden["score"], atol=1e-5)
    assert golden["score"].min() == pytest.approx(package.scores(rows).min(), abs=1e-5)
    assert golden["score"].max() == pytest.approx(package.scores(rows).max(), abs=1e-5)


def test_the_reference_describes_the_training_rows(package, rows):
    reference = package.reference
    assert reference["features"]["limit"]["mean"] == pytest.approx(rows["limit"].mean(), rel=1e-5)
    assert reference["features"]["share"]["deciles"][5] == pytest.approx(rows["share"].median(), rel=1e-5)
    scores = package.scores(rows)
    assert len(reference["score_quantiles"]) == 101
    assert reference["score_quantiles"][50] == pytest.approx(np.median(scores), abs=1e-5)
    assert reference["flag_rate"] == pytest.approx((scores >= 0.25).mean(), abs=1e-6)


def test_swapped_columns_are_refused(package, rows):
    with pytest.raises(FeatureOrderError, match="`share` stands where `limit` belongs"):
        package.guard(rows[["share", "months late", "limit"]])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows.drop(columns="share"), "`share` is missing"),
        (lambda rows: rows.assign(more=1), "`more` is not a feature"),
        (lambda rows: rows.rename(columns={"limit": "LIMIT"}), "`limit` is missing"),
        (lambda rows: rows[["limit", "limit", "months late", "share"]], "`limit` is there twice"),
        (lambda rows: rows.assign(share="a"), "`share` does not hold numbers"),
        (lambda rows: rows.assign(share=np.nan), "`share` holds nan in row 0"),
        (lambda rows: rows.assign(limit=[1e39] * 600), r"`limit` holds 1e\+39"),
        (lambda rows: rows.to_numpy(), "DataFrame"),
    ],
)
def test_other_rows_are_refused_by_name(package, rows, change, said):
    with pytest.raises(PackageError, match=said):
        package.guard(change(rows))


@pytest.mark.parametrize("name", [name for name in PIECES if name != "manifest.json"])
def test_a_changed_or_missing_file_is_named(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(PackageError, match=f"{name}: not the file that was packed"):
        open_package(folder)
    (folder / name).unlink()
    with pytest.raises(PackageError, match=f"{name}: this file is missing"):
        open_package(folder)
    assert missing_pieces(folder) == [name]


def test_a_manifest_that_was_changed_with_the_file_is_caught_by_the_digest(folder, package):
    (folder / "README.md").write_text("hello")
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"]["README.md"] = digest_of_bytes(b"hello")
    (folder / "manifest.json").write_bytes(canonical(manifest))
    assert open_package(folder).version == "1.2.3"
    with pytest.raises(PackageError, match="not the package that the digest was taken of"):
        open_package(folder, digest=package.digest)


def test_a_piece_that_the_manifest_does_not_know_is_missed(folder):
    (folder / "golden.json").unlink()
    manifest = json.loads((folder / "manifest.json").read_bytes())
    del manifest["files"]["golden.json"]
    (folder / "manifest.json").write_bytes(canonical(manifest))
    with pytest.raises(PackageError, match=r"golden\.json: this piece is missing"):
        open_package(folder)


def test_an_added_file_is_refused(folder):
    (folder / "code" / "extra.py").write_text("")
    with pytest.raises(PackageError, match=r"extra\.py: this file is not in the manifest"):
        open_package(folder)


def test_a_link_is_refused(folder):
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to("config.json")
    with pytest.raises(PackageError, match="not an ordinary file"):
        open_package(folder)


@pytest.mark.parametrize("name", ["../out.txt", "/root.txt", "a//b", "a\\b", ".hidden", "x/../y"])
def test_an_archive_that_names_files_outside_is_refused(name, tmp_path):
    with ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(PackageError, match="is not a name"):
        open_package(tmp_path / "evil.zip")


def test_what_is_no_package_is_said(tmp_path):
    (tmp_path / "text.zip").write_bytes(b"no archive")
    with pytest.raises(PackageError, match="not a zip archive"):
        open_package(tmp_path / "text.zip")
    with pytest.raises(PackageError, match="there is no such package"):
        open_package(tmp_path / "absent.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackageError, match=r"no manifest\.json"):
        open_package(tmp_path / "empty")
    assert missing_pieces(tmp_path / "empty") == list(PIECES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Risk!"}, "no name and version"),
        ({"version": "1.0"}, "no name and version"),
        ({"threshold": 1.5}, "no threshold"),
        ({"calibration": {"method": "prior", "trained": 0.5}}, "the only method"),
        ({"calibration": {"method": "prior", "trained": 0.5, "actual": 1.2}}, "not a prevalence"),
        ({"model": None}, "give the model or its file"),
        ({"metrics": {"recall": float("nan")}}, "cannot be written as JSON"),
    ],
)
def test_ingredients_that_do_not_fit_are_refused(ingredients, change, said, tmp_path):
    with pytest.raises(PackageError, match=said):
        build_package(tmp_path / "x.zip", **(ingredients | change))
    assert not (tmp_path / "x.zip").exists()


def test_fields_in_another_order_than_the_models_are_refused(ingredients, rows, tmp_path):
    turned = {"fields": schema_of(rows[NAMES[::-1]])}
    with pytest.raises(PackageError, match="other features, or in another order"):
        build_package(tmp_path / "x.zip", **(ingredients | turned))


def test_a_model_of_another_kind_is_refused(ingredients, rows, tmp_path):
    other = XGBRegressor(n_estimators=2).fit(rows.to_numpy(), rows["share"])
    with pytest.raises((PackageError, TypeError), match=r"XGBClassifier|binary"):
        build_package(tmp_path / "x.zip", **(ingredients | {"model": other}))


def test_its_script_scores_where_nothing_of_ours_can_be_imported(folder, package, rows):
    asked = json.dumps(rows.head(20).to_dict("records"))
    blocked = "import sys, runpy; sys.modules.update(lifecycle=None, course=None, xgboost=None, pandas=None, sklearn=None);"
    run = f"{blocked} sys.argv[1:] = {{}}; runpy.run_path('code/score.py', run_name='__main__')"
    done = _python(folder, run.format("[]"), asked)
    answers = json.loads(done.stdout)
    np.testing.assert_allclose([each["probability"] for each in answers], package.scores(rows.head(20)), atol=1e-12)
    assert [each["prediction"] for each in answers] == package.decide(package.scores(rows.head(20))).tolist()
    assert _python(folder, run.format("['--golden']")).stdout == "golden scores agree within 1e-05\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"limit": 10_000, "share": 0.5}, "`months late` must be there"),
        ({"limit": 10_000, "months late": True, "share": 0.5}, "`months late` must be there, and a number"),
        ({"limit": 10_000, "months late": 1, "share": 5}, "`share` must lie between"),
        ({"limit": 10_000, "months late": 1, "share": 0.5, "x": 1}, "`x` is not a feature"),
    ],
)
def test_its_script_names_the_field_at_fault(folder, row, said):
    done = _python(folder, "import runpy; runpy.run_path('code/score.py', run_name='__main__')", json.dumps([row]), code=2)
    assert said in done.stderr


def test_its_script_refuses_a_row_that_names_a_feature_twice(folder):
    asked = '[{"limit": 1, "limit": 10000, "months late": 1, "share": 0.5}]'
    done = _python(folder, "import runpy; runpy.run_path('code/score.py', run_name='__main__')", asked, code=2)
    assert "`limit` is named twice" in done.stderr


def test_its_script_refuses_a_changed_file(folder):
    (folder / "config.json").write_text("{}")
    done = _python(folder, "import runpy; runpy.run_path('code/score.py', run_name='__main__')", "[]", code=2)
    assert "config.json is not the file that was packed" in done.stderr


def _python(folder: Path, program: str, asked: str = "", *, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=folder, input=asked, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done


@given(st.floats(0, 1), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_calibration_multiplies_the_odds_and_keeps_the_ends(score, trained, actual):
    mend = Calibration({"method": "prior", "trained": trained, "actual": actual})
    chance = float(mend(np.array([score]))[0])
    assert 0 <= chance <= 1
    if 0.001 < score < 0.999:
        factor = (actual / (1 - actual)) / (trained / (1 - trained))
        assert chance / (1 - chance) == pytest.approx(score / (1 - score) * factor, rel=1e-9)
    if score in (0.0, 1.0):
        assert chance == score


def test_the_formula_is_the_one_of_the_development_stage():
    from lifecycle.develop import correct_prior

    scores = np.linspace(0, 1, 101)
    np.testing.assert_allclose(
        Calibration(CALIBRATION)(scores), correct_prior(scores, trained=0.5, actual=0.2), rtol=1e-14, atol=0
    )


def test_scores_that_are_no_numbers_are_no_agreement(package, rows):
    values = package.guard(rows.head(3))
    with pytest.raises(PackageError, match="differ"):
        _engines_agree(package, values, np.array([*package.scores(rows.head(2)), np.nan]))


@pytest.mark.parametrize("constant", ["NaN", "Infinity"])
def test_a_constant_that_json_does_not_know_is_refused(folder, constant):
    data = (folder / "golden.json").read_text().replace('"tolerance": 1e-05', f'"tolerance": {constant}').encode()
    assert constant.encode() in data
    (folder / "golden.json").write_bytes(data)
    _reseal(folder, "golden.json")
    with pytest.raises(PackageError, match=rf"golden\.json: not JSON: it holds {constant}"):
        open_package(folder)


def _reseal(folder: Path, name: str) -> None:
    """List the file as it is now in the manifest."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["files"][name] = digest_of_bytes((folder / name).read_bytes())
    (folder / "manifest.json").write_bytes(canonical(manifest))


RUN = "import sys, runpy; runpy.run_path('code/score.py', run_name='__main__')"


@pytest.mark.parametrize("name", ["onnxruntime", "numpy"])
def test_its_script_says_what_is_missing_and_not_that_a_score_differs(folder, name):
    blocked = RUN.replace("runpy;", f"runpy; sys.argv[1:] = ['--golden']; sys.modules[{name!r}] = None;")
    assert name in _python(folder, blocked, code=2).stderr


def test_its_script_says_what_is_no_graph_and_what_is_nested_too_deeply(folder):
    assert "cannot score" in _python(folder, RUN, "[" * 100_000, code=2).stderr
    (folder / "model" / "model.onnx").write_bytes(b"no graph")
    _reseal(folder, "model/model.onnx")
    assert "cannot score" in _python(folder, RUN.replace("runpy;", "runpy; sys.argv[1:] = ['--golden'];"), code=2).stderr


@given(st.data())
def test_its_script_and_the_service_accept_the_same_values(small_package, data):
    field = data.draw(st.sampled_from(small_package.fields))
    near = [field.low, field.high, field.low - 1, field.high + 1, field.low + 0.5, *field.choices]
    odd = st.sampled_from([*near, 0, 1, 2, True, None, "1", float("nan"), float("inf"), 10**400])
    row = small_package.golden.iloc[0][list(small_package.features)].to_dict()
    row[field.name] = data.draw(odd | st.floats(field.low, field.high) | st.integers(-10, 10))
    try:
        accepted = bool(Contract(small_package.fields).one({"features": row}))
    except RefusalError:
        accepted = False
    assert (fault_of(field.to_dict(), row[field.name]) is None) == accepted
