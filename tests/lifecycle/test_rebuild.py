from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lifecycle.develop import BundleError, Manifest, Recipe, bundle, digest_of_frame, fit, prepared, rebuild, verify
from lifecycle.develop.rebuilding.agreement import METRIC_TOLERANCE, SCORE_TOLERANCE, agreement, rounded
from lifecycle.develop.rebuilding.archive import BUNDLES
from lifecycle.develop.rebuilding.claims import result_of
from lifecycle.develop.rebuilding.retrain import np_load, np_save
from lifecycle.develop.rebuilding.seal import digests_of
from lifecycle.develop.record.manifest import digest_of_bytes

ROOT = Path(__file__).resolve().parents[2]
INPUTS = ("pay_1", "utilisation", "age")


def model_of(recipe, data=None):
    frame = prepared(recipe, data=data)
    return fit(recipe, frame[frame["split"] == "train"])


def shop():
    rng = np.random.default_rng(0)
    x = rng.normal(size=300)
    bought = np.where(x + rng.normal(size=300) > 0, "yes", "no")
    return pd.DataFrame({"x": x, "y": rng.normal(size=300), "bought": bought})


def shop_recipe(frame, **changes):
    source = {"file": "shop.csv", "sha256": digest_of_frame(frame), "seed": 0, "positive": "yes"}
    return Recipe(source, "bought", ("x", "y"), **changes)


@pytest.fixture(scope="module")
def credit(tmp_path_factory):
    """A bundle that refers to the course's rows."""
    recipe = Recipe({"use_case": "credit", "n_rows": 1000, "seed": 3}, "default", INPUTS, settings={"n_estimators": 20})
    place = tmp_path_factory.mktemp("credit") / "bundle.zip"
    return bundle(recipe, model_of(recipe), metrics={}, out=place, machine=True)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A bundle that holds its rows."""
    frame = shop()
    recipe = shop_recipe(frame, settings={"n_estimators": 5})
    return bundle(recipe, model_of(recipe, frame), metrics={}, data=frame, out=tmp_path_factory.mktemp("own") / "bundle.zip")


def resealed(place, out, **changes):
    """The bundle with other files and a manifest that fits them: what somebody writes who may write."""
    files = {**BUNDLES.read(place), **{name: text.encode() for name, text in changes.items()}}
    sealed = Manifest.from_json(files.pop("manifest.json").decode()).to_dict()
    sealed.pop("format")
    manifest = Manifest(**{**sealed, "files": digests_of(files)})
    out.write_bytes(BUNDLES.pack({**files, "manifest.json": manifest.to_json().encode()}))
    return out


def test_it_is_equal_to_the_bit_and_leaves_its_record(credit, tmp_path):
    rebuilt = rebuild(credit, out=tmp_path / "out")
    assert rebuilt.ok
    assert rebuilt.bit_equal
    assert rebuilt.same_conditions
    assert rebuilt.changes == ()
    assert rebuilt.largest_difference == 0
    assert rebuilt.model_digest == digest_of_bytes((tmp_path / "out" / "model.json").read_bytes())
    assert rebuilt.metrics == json.loads(BUNDLES.read(credit)["expected.json"])
    assert "equal to the bit" in (tmp_path / "out" / "LOG.md").read_text()


def test_another_processor_is_noticed_and_within_the_tolerance(credit, monkeypatch):
    features = verify(credit).environment["cpu"]["features"]
    if "X86_V3" not in features:
        pytest.skip("no x86 processor with vector instructions that numpy could do without")
    files = BUNDLES.read(credit)
    recorded = json.loads(files["environment.json"])
    assert recorded == verify(credit).environment
    monkeypatch.setenv(
        "NPY_DISABLE_CPU_FEATURES", " ".join(features)
    )  # must not get through: the record has no such variable
    assert rebuild(credit).same_conditions
    manifest = verify(credit)
    elsewhere = {**manifest.environment, "variables": {"NPY_DISABLE_CPU_FEATURES": " ".join(features)}}
    sealed = {**manifest.to_dict(), "environment": elsewhere}
    sealed.pop("format")
    changed = {**files, "manifest.json": Manifest(**sealed).to_json().encode()}
    place = credit.with_name("elsewhere.zip")
    place.write_bytes(BUNDLES.pack(changed))
    rebuilt = rebuild(place)
    assert rebuilt.same_conditions is False
    assert "cpu.features" in {change.item for change in rebuilt.changes}
    assert rebuilt.ok
    assert rebuilt.largest_difference <= SCORE_TOLERANCE


@pytest.mark.parametrize(
    ("algorithm", "balance", "settings"),
    [("logistic", "smote", {}), ("forest", "class_weight", {"n_estimators": 10}), ("boosting", "none", {"n_estimators": 5})],
)
def test_rows_and_every_algorithm_travel_in_the_bundle(tmp_path, algorithm, balance, settings):
    frame = shop()
    recipe = shop_recipe(frame, algorithm=algorithm, balance=balance, settings=settings)
    place = bundle(recipe, model_of(recipe, frame), metrics={}, data=frame, out=tmp_path / "b.zip")
    rebuilt = rebuild(place, data=tmp_path / "not looked at")
    assert rebuilt.bit_equal
    assert rebuilt.same_conditions is None  # the machine was not recorded


def test_rows_that_stayed_out_are_asked_for_and_checked(tmp_path):
    frame = shop()
    recipe = shop_recipe(frame, settings={"n_estimators": 5})
    place = bundle(recipe, model_of(recipe, frame), metrics={}, data=frame, rows=False, out=tmp_path / "b.zip")
    frame.to_csv(tmp_path / "shop.csv", index=False)
    assert rebuild(place, data=tmp_path).bit_equal
    frame.iloc[::-1].to_csv(tmp_path / "other.csv", index=False)
    with pytest.raises(BundleError, match="their digest differs"):
        rebuild(place, data=tmp_path / "other.csv")
    with pytest.raises(BundleError, match="no such file"):
        rebuild(place, data=tmp_path / "none.csv")


def test_another_data_file_is_refused(credit, tmp_path):
    shutil.copy(ROOT / "datasets" / "cdnow.parquet", tmp_path / "credit.parquet")
    with pytest.raises(BundleError, match="SHA-256 is another"):
        rebuild(credit, data=tmp_path)


def test_a_tampered_bundle_is_refused_before_any_of_its_code_runs(own, tmp_path):
    files = BUNDLES.read(own)
    mark = tmp_path / "mark"
    code = files["source/rebuild.py"] + f"\nopen({str(mark)!r}, 'w')\n".encode()
    (tmp_path / "b.zip").write_bytes(BUNDLES.pack({**files, "source/rebuild.py": code}))
    with pytest.raises(BundleError, match=r"`source/rebuild\.py` was changed"):
        rebuild(tmp_path / "b.zip")
    assert not mark.exists()


def test_its_code_is_its_own_and_not_what_is_installed(own, tmp_path):
    text = BUNDLES.read(own)["source/lifecycle/develop/training/models.py"].decode()
    other = text.replace("random_state=recipe.seed)", "random_state=recipe.seed, base_score=0.3)", 1)
    assert other != text
    rebuilt = rebuild(resealed(own, tmp_path / "b.zip", **{"source/lifecycle/develop/training/models.py": other}))
    assert not rebuilt.bit_equal
    assert not rebuilt.ok
    assert rebuilt.largest_difference > SCORE_TOLERANCE
    assert "does not agree" in rebuilt.log


def test_its_code_sees_none_of_our_variables(own, tmp_path, monkeypatch):
    monkeypatch.setenv("A_SECRET", "hush")
    code = "import os, sys\nsys.exit('seen' if 'A_SECRET' in os.environ or 'PYTHONPATH' in os.environ else 'not seen')"
    with pytest.raises(BundleError, match="exit code 1") as caught:
        rebuild(resealed(own, tmp_path / "b.zip", **{"source/rebuild.py": code}))
    assert "not seen" in str(caught.value)


def test_its_code_is_stopped_after_the_time_with_all_it_started(own, tmp_path, monkeypatch):
    mark, wait = tmp_path / "alive", subprocess.Popen.wait

    def wait_once_it_runs(process, timeout=None):
        deadline = time.monotonic() + 60
        while not mark.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait_once_it_runs)
    child = f"import time\\nwhile True: open({str(mark)!r}, 'a').write('.'); time.sleep(0.1)"
    code = f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', \"{child}\"])\ntime.sleep(60)"
    with pytest.raises(BundleError, match="not done after 2 seconds"):
        rebuild(resealed(own, tmp_path / "b.zip", **{"source/rebuild.py": code}), limit=2)
    size = mark.stat().st_size
    time.sleep(0.5)
    assert mark.stat().st_size == size


@pytest.mark.skipif(os.name != "posix", reason="limits are POSIX's")
@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("x = bytearray(9 * 1024**3)", "MemoryError"),
        ("f = open('big', 'wb'); f.truncate(2 * 1024**3)", "File too large|signal"),
    ],
)
def test_its_code_has_limits(own, tmp_path, code, word):
    with pytest.raises(BundleError, match=word):
        rebuild(resealed(own, tmp_path / "b.zip", **{"source/rebuild.py": code}))


@pytest.mark.parametrize(
    "code",
    [
        "import sys",
        "import sys; from pathlib import Path; p = Path(sys.argv[2]); p.mkdir(); (p / 'result.json').write_text('[]')",
        "import sys; from pathlib import Path; p = Path(sys.argv[2]); p.mkdir(); [(p / n).write_text('{}') for n in "
        "('result.json', 'scores.npy', 'model.json')]",
    ],
)
def test_what_its_code_writes_is_not_believed(own, tmp_path, code):
    with pytest.raises(BundleError):
        rebuild(resealed(own, tmp_path / "b.zip", **{"source/rebuild.py": code}))


def claiming(place, out, *, drop=(), files=None, **fields):
    """The bundle with other fields in a manifest that is sealed well, without the files in `drop`, with those of `files`."""
    held = {name: data for name, data in {**BUNDLES.read(place), **(files or {})}.items() if name not in drop}
    sealed = Manifest.from_json(held.pop("manifest.json").decode()).to_dict()
    sealed.pop("format")
    manifest = Manifest(**{**sealed, **fields, "files": digests_of(held)})
    out.write_bytes(BUNDLES.pack({**held, "manifest.json": manifest.to_json().encode()}))
    return out


def without(mapping, name):
    return {key: value for key, value in mapping.items() if key != name}


@pytest.mark.parametrize("file", ["../evil.txt", "/tmp/evil.txt", "recipe.json", "model.skops", "", None, ["model.json"]])
def test_nothing_is_written_where_a_manifest_says(own, tmp_path, file):
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'w')".encode()
    model = {**verify(own).model, "file": file}
    place = claiming(own, tmp_path / "b.zip", files={"source/rebuild.py": code}, model=model)
    with pytest.raises(BundleError, match=r"model\.file|`model\.skops` is missing"):
        rebuild(place, out=tmp_path / "o" / "out")
    assert sorted(each.name for each in tmp_path.rglob("*")) == ["b.zip"]


@pytest.mark.parametrize(
    ("field", "change", "where"),
    [
        ("model", lambda model: {}, "model.file"),
        ("model", lambda model: without(model, "sha256"), "model.sha256"),
        ("model", lambda model: {**model, "sha256": "0" * 64}, "model.sha256"),
        ("data", lambda data: {}, "`included` is missing"),
        ("data", lambda data: {**data, "included": "no"}, "data.included: must be true or false"),
        ("data", lambda data: without(data, "file"), "`file` is missing"),
        ("data", lambda data: {**data, "file": 3}, "data.file: must be text or null"),
        ("environment", lambda here: without(here, "machine_recorded"), "`machine_recorded` is missing"),
        ("environment", lambda here: {**here, "machine_recorded": True}, "`system` is missing"),
        ("environment", lambda here: without(here, "packages"), "`packages` is missing"),
        ("environment", lambda here: {**here, "packages": {"numpy": 2}}, "environment.packages.numpy: must be text"),
        ("environment", lambda here: {**here, "python": {"version": "3.11"}}, "`implementation` is missing"),
        ("environment", lambda here: {**here, "variables": ["A"]}, "environment.variables: must be an object"),
        ("environment", lambda here: {**here, "variables": {"OMP_NUM_THREADS": "1\0"}}, "variables.OMP_NUM_THREADS"),
    ],
)
def test_a_sealed_manifest_with_a_field_amiss_is_refused_and_the_field_named(own, tmp_path, field, change, where):
    place = claiming(own, tmp_path / "b.zip", **{field: change(getattr(verify(own), field))})
    with pytest.raises(BundleError) as caught:
        rebuild(place)
    assert where in str(caught.value)
    assert caught.value.where.startswith("manifest.json: ")
    assert caught.value.remedy


@pytest.mark.parametrize(
    "name", ["model.json", "recipe.json", "expected.json", "expected_scores.npy", "source/rebuild.py", "data.parquet"]
)
def test_a_sealed_bundle_without_a_file_that_is_needed_is_refused(own, tmp_path, name):
    with pytest.raises(BundleError, match=f"`{name}` is missing"):
        rebuild(claiming(own, tmp_path / "b.zip", drop=(name,)))


@pytest.mark.parametrize("text", ["[]", '{"f1": "high"}', '{"f1": true}', '{"f1": 1' + "0" * 400 + "}", "[" * 100_000])
def test_figures_that_are_none_are_refused(own, tmp_path, text):
    with pytest.raises(BundleError, match=r"expected\.json"):
        rebuild(claiming(own, tmp_path / "b.zip", files={"expected.json": text.encode()}))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"metrics": {"f1": "high"}}, "metrics: f1: must be a number or null"),
        ({"metrics": []}, "metrics: must be an object"),
        ({"metrics": {"f1": [[]]}}, "must be a number"),
        ({"environment": {}}, "`python` is missing"),
        ({"environment": {"python": {"version": "3", "implementation": "\ud800"}, "packages": {}}}, "not JSON"),
    ],
)
def test_a_result_that_is_none_is_refused(change, where):
    here = {"python": {"version": "3.11.1", "implementation": "CPython"}, "packages": {}}
    fine = {"metrics": {"f1": 0.5, "precision": None}, "environment": here}
    assert result_of(json.dumps(fine).encode(), {"machine_recorded": False}) == fine
    with pytest.raises(BundleError) as caught:
        result_of(json.dumps({**fine, **change}).encode(), {"machine_recorded": False})
    assert where in str(caught.value)
    assert caught.value.where.startswith("result.json")


def test_a_result_must_have_the_machine_where_it_is_on_record(credit):
    here = {"python": {"version": "3.11.1", "implementation": "CPython"}, "packages": {}}
    with pytest.raises(BundleError, match="`system` is missing"):
        result_of(json.dumps({"metrics": {}, "environment": here}).encode(), verify(credit).environment)


def test_no_figures_at_all_are_no_error(own, tmp_path):
    manifest = verify(own)
    result = {"metrics": {}, "environment": dict(manifest.environment)}
    code = (
        "import shutil, sys; from pathlib import Path\n"
        "out = Path(sys.argv[2]); out.mkdir(); root = Path(__file__).parents[1]\n"
        "shutil.copy(root / 'model.json', out); shutil.copy(root / 'expected_scores.npy', out / 'scores.npy')\n"
        f"(out / 'result.json').write_text({json.dumps(result)!r})\n"
    )
    rebuilt = rebuild(resealed(own, tmp_path / "b.zip", **{"source/rebuild.py": code, "expected.json": "{}"}))
    assert rebuilt.metric_differences == {}
    assert "of a metric 0 " in rebuilt.log


def test_no_such_python(own):
    with pytest.raises(BundleError, match="no such Python"):
        rebuild(own, python="python9.99")


def test_nothing_is_written_over(own, tmp_path):
    (tmp_path / "mine").write_text("kept")
    with pytest.raises(BundleError, match="something already"):
        rebuild(own, out=tmp_path)


def test_unpacked_it_rebuilds_without_us(own, tmp_path):
    """The steps of the README, as somebody takes them who has never heard of this course."""
    shutil.unpack_archive(own, tmp_path / "bundle")
    command = [sys.executable, "-s", "source/rebuild.py", "--out", "../rebuilt"]
    done = subprocess.run(command, cwd=tmp_path / "bundle", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bit_equal"]
    verify(tmp_path / "bundle")  # nothing was added by running it
    (tmp_path / "bundle" / "recipe.json").write_text("{}")
    again = subprocess.run([*command[:-1], "../again"], cwd=tmp_path / "bundle", capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "`recipe.json` was changed" in again.stderr


def test_scores_come_back_and_nothing_is_unpickled(tmp_path):
    scores = np.array([0.1, 0.9])
    assert np.array_equal(np_load(np_save(scores)), scores)
    np.save(tmp_path / "objects.npy", np.array([object()], dtype=object), allow_pickle=True)
    for data in (
        (tmp_path / "objects.npy").read_bytes(),
        b"",
        b"junk",
        b"PK\x03\x04junk",
        np_save(np.zeros((2, 2))),
        np_save(np.array([1])),
    ):
        with pytest.raises(BundleError, match="scores"):
            np_load(data)


@pytest.mark.parametrize(
    ("found", "metrics", "within"),
    [
        ([0.5, 0.5], {"f1": 0.5, "precision": None}, True),
        ([0.5, 0.5 + 0.9 * SCORE_TOLERANCE], {"f1": 0.5 + 0.9 * METRIC_TOLERANCE, "precision": None}, True),
        ([0.5, 0.5 + 1.1 * SCORE_TOLERANCE], {"f1": 0.5, "precision": None}, False),
        ([0.5, 0.5], {"f1": 0.5 + 1.1 * METRIC_TOLERANCE, "precision": None}, False),
        ([0.5, 0.5], {"f1": 0.5, "precision": 0.1}, False),
        ([0.5, 0.5], {"f1": 0.5}, False),
        ([0.5, 0.5], {"f1": math.nan, "precision": None}, False),
        ([0.5], {"f1": 0.5, "precision": None}, False),
        ([0.5, math.nan], {"f1": 0.5, "precision": None}, False),
    ],
)
def test_the_tolerances_hold_and_fail_closed(found, metrics, within):
    expected = {"f1": 0.5, "precision": None}
    assert agreement(np.array([0.5, 0.5]), np.array(found), expected, metrics).within is within


def test_a_metric_is_recorded_with_twelve_digits_or_not_at_all():
    assert rounded(1 / 3) == 0.333333333333
    assert rounded(math.nan) is None


# --- fresh environments from the bundle's own lock ---------------------------------------------------------------------


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def installer(folder):
    """The uv of this machine, or a fresh one from the course's lock; None where the index does not answer."""
    found = shutil.which("uv") or shutil.which("uv", path=str(folder / "tool" / "bin"))
    if found is None:
        subprocess.run([sys.executable, "-m", "venv", folder / "tool"], check=True)
        lock = ROOT / "requirements" / "uv.lock"
        command = [
            folder / "tool" / "bin" / "python",
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--require-hashes",
            "-r",
            lock,
        ]
        subprocess.run(command, capture_output=True, check=False)
        found = shutil.which("uv", path=str(folder / "tool" / "bin"))
    return found


def fresh(uv, python, lock, place):
    """An environment with the lock's packages and nothing else; that the lock is closed is tested by resolving it."""
    run(uv, "venv", "-q", "--python", python, place)
    run(uv, "pip", "install", "-q", "--require-hashes", "-r", lock, "--python", place / "bin" / "python")
    return place / "bin" / "python"


def another(version):
    """An installed Python of this version that answers: on the path, or one that pyenv keeps."""
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    for python in filter(None, [shutil.which(f"python{version}"), *map(str, kept)]):
        if subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0:
            return python
    return None


@pytest.mark.slow
def test_two_rebuilds_in_two_fresh_environments_have_equal_digests(credit, tmp_path, require):
    uv = installer(tmp_path)
    require(uv, "no package index answers, to make fresh environments from")
    shutil.unpack_archive(credit, tmp_path / "bundle")
    lock = tmp_path / "bundle" / "locks" / f"py{sys.version_info[0]}{sys.version_info[1]}.lock"
    pythons = [fresh(uv, sys.executable, lock, tmp_path / name) for name in ("one", "two")]
    for python in pythons:
        absent = subprocess.run([python, "-c", "import lifecycle"], capture_output=True, text=True, check=False)
        assert "No module named 'lifecycle'" in absent.stderr
    first, second = (rebuild(credit, python=python) for python in pythons)
    assert first.model_digest == second.model_digest == verify(credit).model["sha256"]
    assert first.ok
    assert second.ok
    assert first.same_conditions


@pytest.mark.slow
def test_another_python_gives_the_model_within_the_tolerance(credit, tmp_path, require):
    uv = installer(tmp_path)
    require(uv, "no package index answers, to make fresh environments from")
    found = {minor: another(f"3.{minor}") for minor in (12, 13, 11) if minor != sys.version_info[1]}
    minor, python = next(((minor, python) for minor, python in found.items() if python), (0, None))
    if python is None:
        pytest.skip("no other Python is installed")
    shutil.unpack_archive(credit, tmp_path / "bundle")
    lock = tmp_path / "bundle" / "locks" / f"py3{minor}.lock"
    rebuilt = rebuild(credit, python=fresh(uv, python, lock, tmp_path / "env"))
    assert rebuilt.ok
    assert "python.version" in {change.item for change in rebuilt.changes}
    assert rebuilt.largest_difference <= SCORE_TOLERANCE
