from __future__ import annotations

import ast
import io
import os
import platform
import re
import stat
import struct
import subprocess
import sys
import warnings
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.develop import BundleError, Manifest, Recipe, bundle, digest_of_frame, fit, prepared, to_bytes, verify
from lifecycle.develop.rebuilding.archive import BUNDLES, LARGEST, LARGEST_FILE, MOST_FILES
from lifecycle.develop.rebuilding.imports import file_of, imports_of, reached
from lifecycle.develop.rebuilding.locks import pins, subset
from lifecycle.develop.rebuilding.seal import digests_of, verified
from lifecycle.develop.record.manifest import digest_of_bytes

ROOT = Path(__file__).resolve().parents[2]
RECIPE = Recipe(
    {"use_case": "credit", "n_rows": 1000, "seed": 3},
    "default",
    ("pay_1", "utilisation", "age"),
    settings={"n_estimators": 5},
)
AGAIN = """
import sys
from lifecycle.develop import Recipe, bundle
recipe, model, out = sys.argv[1:]
bundle(Recipe.from_json(open(recipe).read()), open(model, "rb").read(), metrics={"note": 1}, out=out)
"""


def model_of(recipe, frame):
    return fit(recipe, frame[frame["split"] == "train"])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A bundle of a small model on the credit data."""
    model = model_of(RECIPE, prepared(RECIPE))
    place = bundle(RECIPE, model, metrics={"note": 1}, out=tmp_path_factory.mktemp("made") / "bundle.zip")
    return place, model


@pytest.fixture(scope="module")
def files(made):
    return BUNDLES.read(made[0])


def own_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    day = pd.to_datetime("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, 200), unit="D")
    bought = np.where(x + rng.normal(size=200) > 0, "yes", "no")
    return pd.DataFrame({"x": x, "place": rng.choice(["north", "south"], 200), "day": day, "bought": bought})


def own_recipe(frame, **changes):
    source = {"file": "shop.csv", "sha256": digest_of_frame(frame), "seed": 0, "positive": "yes"}
    return Recipe(source, "bought", ("x",), settings={"n_estimators": 5}, **changes)


def test_it_is_the_same_file_whenever_and_wherever_it_is_made(made, tmp_path):
    place, model = made
    (tmp_path / "recipe.json").write_text(RECIPE.to_json())
    (tmp_path / "model.json").write_bytes(to_bytes(model))
    out = tmp_path / "again.zip"
    variables = {**os.environ, "PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo", "USER": "somebody", "LC_ALL": "C"}
    command = [sys.executable, "-c", AGAIN, "recipe.json", "model.json", str(out)]
    subprocess.run(command, cwd=tmp_path, env=variables, check=True)
    assert out.read_bytes() == place.read_bytes()


def test_a_folder_and_an_archive_hold_the_same(made, files, tmp_path):
    folder = bundle(RECIPE, made[1], metrics={"note": 1}, out=tmp_path / "folder")
    assert BUNDLES.read(folder) == files
    assert verify(folder) == verify(made[0])


def test_it_holds_no_path_and_nobody(files):
    everything = b"\n".join(files.values())
    for word in {str(ROOT), str(Path.home()), sys.prefix, "index-url"}:
        assert word.encode() not in everything
    recorded = b"\n".join(data for name, data in files.items() if not name.startswith(("source/", "locks/")))
    assert platform.node() in ("", "localhost") or platform.node().encode() not in recorded


def test_it_is_small_and_has_all_that_a_rebuild_needs(made, files):
    assert made[0].stat().st_size < 1_000_000
    needed = {"README.md", "Dockerfile", "MODEL_CARD.md", "LOG.md", "recipe.json", "model.json", "metrics.json", "data.json",
              "environment.json", "source/rebuild.py", "locks/py311.lock", "manifest.json"}  # fmt: skip
    assert needed <= files.keys()
    assert "data.parquet" not in files  # the course's rows are referred to


def test_the_readme_names_the_digests_and_the_dockerfile_is_pinned(files):
    manifest = verified(files, where="bundle")
    readme, docker = files["README.md"].decode(), files["Dockerfile"].decode()
    assert manifest.model["sha256"] in readme
    assert manifest.data["file_sha256"] in readme
    assert re.search(r"^ARG BASE=python:3\.\d+\.\d+-", docker, re.MULTILINE)
    assert re.search(r"^USER (?!root)", docker, re.MULTILINE)
    assert "--require-hashes" in docker


def test_the_code_reaches_nothing_outside_of_the_bundle(files):
    code = reached("lifecycle.develop.rebuilding.retrain")
    assert {f"source/{file_of(name)}" for name in code.modules} <= files.keys()
    assert not code.packages & {"mlflow", "optuna", "duckdb", "workbench", "course"}


@pytest.mark.parametrize(
    ("line", "message"),
    [("from lifecycle.develop import Recipe", "only re-exports it"), ("from . import recipe", "a relative import")],
)
def test_an_import_that_cannot_be_followed_is_named(line, message):
    with pytest.raises(BundleError, match=message) as caught:
        list(imports_of(f"import os\n{line}", name="lifecycle.develop.new"))
    assert caught.value.where == "lifecycle.develop.new, line 2"


def test_imports_for_type_checkers_are_not_followed():
    text = "if TYPE_CHECKING:\n    import mlflow\nfrom lifecycle.develop.training import recipe\ndef f():\n    import numpy"
    assert list(imports_of(text, name="x")) == ["lifecycle.develop.training.recipe", "numpy"]


def test_the_lock_is_the_part_that_is_needed_unchanged(files):
    whole = (ROOT / "requirements" / "learn-py312.lock").read_text()
    part = files["locks/py312.lock"].decode()
    assert pins(part).items() <= pins(whole).items()
    assert {"numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "pandera", "xgboost-cpu"} <= pins(part).keys()
    assert not pins(part).keys() & {"imbalanced-learn", "skops", "jupyterlab", "mlflow"}
    assert all(line in whole for line in part.splitlines()[1:])


def test_resampling_brings_its_package():
    whole = (ROOT / "requirements" / "learn-py311.lock").read_text()
    assert {"imbalanced-learn", "scikit-learn", "sklearn-compat"} <= pins(subset(whole, {"imblearn"}, python="3.11")).keys()


@pytest.mark.parametrize(("lock", "message"), [("numpy>=2\n", "not a pinned"), ("", "does not have it")])
def test_a_lock_that_pins_nothing_is_refused(lock, message):
    with pytest.raises(BundleError, match=message):
        subset(lock, {"numpy"}, python="3.11", where="learn.lock")


def test_without_a_lock_there_is_no_bundle(made, tmp_path):
    with pytest.raises(BundleError, match="no lock is at hand"):
        bundle(RECIPE, made[1], metrics={}, out=tmp_path / "b.zip", locks=tmp_path)


@pytest.mark.parametrize(
    "metrics",
    [{"test": {"roc_auc": 0.99}}, {"average_precision": {"value": 0.1}}, {"test": [{"metric": "roc_auc", "value": 0.99}]}],
)
def test_metrics_of_another_model_are_refused(made, tmp_path, metrics):
    with pytest.raises(BundleError, match="this model has"):
        bundle(RECIPE, made[1], metrics=metrics, out=tmp_path / "b.zip")


@pytest.mark.parametrize("rows", [True, False])
def test_rows_of_ones_own_go_in_or_stay_out(tmp_path, rows):
    frame = own_rows()
    recipe = own_recipe(frame)
    model = model_of(recipe, prepared(recipe, data=frame))
    place = bundle(recipe, model, metrics={}, data=frame, rows=rows, out=tmp_path / "b.zip")
    files = BUNDLES.read(place)
    assert ("data.parquet" in files) is rows
    assert verify(place).data["rows_sha256"] == digest_of_frame(frame)
    if rows:
        assert digest_of_frame(pd.read_parquet(io.BytesIO(files["data.parquet"]))) == digest_of_frame(frame)


def test_rows_that_parquet_cannot_hold_are_refused(tmp_path):
    frame = own_rows().assign(odd=pd.Series([1, "a"] * 100, dtype="object"))
    with pytest.raises(BundleError, match="parquet"):
        bundle(own_recipe(frame), b"{}", metrics={}, data=frame, out=tmp_path / "b.zip")


def test_the_machine_is_recorded_on_request(made, tmp_path):
    place = bundle(RECIPE, made[1], metrics={}, out=tmp_path / "b.zip", machine=True)
    assert len(verify(place).environment["cpu"]["arithmetic"]) == 64
    assert "cpu" not in verify(made[0]).environment


def test_the_digest_of_archive_or_manifest_is_accepted_and_no_other(made, files):
    place = made[0]
    assert verify(place, digest=digest_of_bytes(place.read_bytes())) == verify(place, digest=verify(place).digest)
    with pytest.raises(BundleError, match="not the bundle that the digest was taken of"):
        verify(place, digest="0" * 64)


def test_a_rewritten_bundle_passes_but_not_against_the_digest(made, files, tmp_path):
    """What the module says about seals: who rewrites the manifest too is found out by the digest alone."""
    changed = {**files, "metrics.json": b'{"note": 2}'}
    sealed = Manifest.from_json(files["manifest.json"].decode()).to_dict()
    sealed.pop("format")
    del changed["manifest.json"]
    changed["manifest.json"] = Manifest(**{**sealed, "files": digests_of(changed)}).to_json().encode()
    place = tmp_path / "forged.zip"
    place.write_bytes(BUNDLES.pack(changed))
    verify(place)
    with pytest.raises(BundleError):
        verify(place, digest=digest_of_bytes(made[0].read_bytes()))


@given(data=st.data())
def test_a_flipped_byte_of_any_file_is_refused_and_the_file_named(files, data):
    name = data.draw(st.sampled_from(sorted(files)))
    position = data.draw(st.integers(0, len(files[name]) - 1))
    flip = data.draw(st.integers(1, 255))
    changed = bytearray(files[name])
    changed[position] ^= flip
    with pytest.raises(BundleError) as caught:
        verified(BUNDLES.unpack(BUNDLES.pack({**files, name: bytes(changed)}), where="b.zip"), where="b.zip")
    if name != "manifest.json":  # a changed manifest accuses itself, or the file that it no longer fits
        assert f"`{name}` was changed" in str(caught.value)


@given(data=st.data())
def test_a_flipped_byte_of_the_archive_changes_no_file_unnoticed(files, data):
    archive = bytearray(BUNDLES.pack(files))
    archive[data.draw(st.integers(0, len(archive) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        found = BUNDLES.unpack(bytes(archive), where="b.zip")
        verified(found, where="b.zip")
    except BundleError:
        return
    assert found == files


@given(data=st.data())
def test_added_removed_and_swapped_files_are_named(files, data):
    names = sorted(set(files) - {"manifest.json"})
    one = data.draw(st.sampled_from(names))
    other = data.draw(st.sampled_from([name for name in names if files[name] != files[one]]))
    cases = [
        ({name: value for name, value in files.items() if name != one}, [f"`{one}` was removed"]),
        ({**files, "extra.txt": files[one]}, ["`extra.txt` was added"]),
        ({**files, one: files[other], other: files[one]}, [f"`{one}` was changed", f"`{other}` was changed"]),
    ]
    for changed, named in cases:
        with pytest.raises(BundleError) as caught:
            verified(changed, where="b.zip")
        assert all(text in str(caught.value) for text in named)


@pytest.mark.parametrize("cut", [0, 10, 1000, -1, -30])
def test_a_cut_archive_is_refused(made, tmp_path, cut):
    (tmp_path / "cut.zip").write_bytes(made[0].read_bytes()[:cut])
    with pytest.raises(BundleError):
        verify(tmp_path / "cut.zip")


def test_another_format_is_refused(files):
    text = files["manifest.json"].decode().replace('"format": 1', '"format": 2')
    with pytest.raises(BundleError, match="format 2; this version reads 1"):
        verified({**files, "manifest.json": text.encode()}, where="b.zip")


def test_without_a_manifest_it_is_no_bundle():
    with pytest.raises(BundleError, match=re.escape("`manifest.json` was removed")):
        verified({"a.txt": b""}, where="b.zip")


def entry(name, *, mode=stat.S_IFREG | 0o644, pack=ZIP_STORED):
    made = ZipInfo(name)
    made.external_attr = mode << 16
    made.compress_type = pack
    return made


def zipped(*entries, data=b"x"):
    buffer = io.BytesIO()
    with warnings.catch_warnings(), ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # zipfile warns of the duplicate that is made on purpose
        for each in entries:
            archive.writestr(each, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "../a",
        "/etc/passwd",
        "a/../../b",
        "a//b",
        "./a",
        "C:/a",
        "a\\b",
        "..\\a",
        "a\x01b",
        "é.txt",
        "nul",
        "a/con.txt",
        "a.",
        "a/",
        "",
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(BundleError):
        BUNDLES.unpack(zipped(entry(name)), where="b.zip")
    with pytest.raises(BundleError, match="is not a name"):
        BUNDLES.pack({name: b""})


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_what_is_no_ordinary_file_is_refused(kind):
    with pytest.raises(BundleError, match="not an ordinary file") as caught:
        BUNDLES.unpack(zipped(entry("link", mode=kind | 0o644)), where="b.zip")
    assert "link" in caught.value.where


@pytest.mark.parametrize(("one", "two"), [("a.txt", "a.txt"), ("a.txt", "A.txt"), ("a", "a/b")])
def test_two_files_in_one_place_are_refused(one, two):
    with pytest.raises(BundleError, match=r"two files are called|is a file and a folder"):
        BUNDLES.unpack(zipped(entry(one), entry(two)), where="b.zip")


def test_too_many_files_are_refused():
    with pytest.raises(BundleError, match="1,001 files"):
        BUNDLES.unpack(zipped(*(entry(f"f{i}") for i in range(MOST_FILES + 1))), where="b.zip")


def test_another_packing_is_refused():
    with pytest.raises(BundleError, match="packed in a way"):
        BUNDLES.unpack(zipped(entry("a", pack=ZIP_LZMA)), where="b.zip")


def declared(archive, size):
    """The archive with another unpacked size in its table of contents."""
    changed = bytearray(archive)
    struct.pack_into("<I", changed, archive.index(b"PK\x01\x02") + 24, size)
    return bytes(changed)


def test_a_bomb_is_refused_before_it_is_unpacked():
    archive = zipped(entry("bomb", pack=ZIP_DEFLATED), data=bytes(1_000_000))
    assert len(archive) < 2_000
    with pytest.raises(BundleError, match="says that it unpacks to"):
        BUNDLES.unpack(declared(archive, LARGEST_FILE + 1), where="b.zip")
    for lie in (10, 2_000_000):
        with pytest.raises(BundleError, match="bomb"):
            BUNDLES.unpack(declared(archive, lie), where="b.zip")


@pytest.mark.parametrize("read", [BUNDLES.read, verify])
def test_an_archive_larger_than_any_bundle_is_refused_unread(tmp_path, read):
    with (tmp_path / "b.zip").open("wb") as stream:
        stream.truncate(LARGEST + 1024**2 + 1)  # a hole: nothing is written
    with pytest.raises(BundleError, match="larger than 536,870,912 bytes"):
        read(tmp_path / "b.zip")


def test_an_encrypted_file_is_refused():
    archive = bytearray(zipped(entry("a")))
    archive[archive.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BundleError, match="encrypted"):
        BUNDLES.unpack(bytes(archive), where="b.zip")


def test_a_link_in_a_folder_is_refused(files, tmp_path):
    folder = BUNDLES.write_folder(files, tmp_path / "bundle")
    (folder / "model.json").unlink()
    (folder / "model.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="link") as caught:
        verify(folder)
    assert "model.json" in caught.value.where


def test_nothing_is_written_over(made, tmp_path):
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(BundleError, match="something already"):
        bundle(RECIPE, made[1], metrics={}, out=tmp_path)


def test_no_such_bundle(tmp_path):
    with pytest.raises(BundleError, match="there is no such bundle"):
        verify(tmp_path / "none.zip")


def meaning(text):
    """What a module does: its syntax tree without docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def test_the_committed_bundle_is_whole_and_of_todays_model_and_code():
    """A lesson is not stale for a function that it does not reach, but the bundle copies whole modules."""
    artifacts = ROOT / "datasets" / "artifacts"
    committed = BUNDLES.read(artifacts / "05" / "bundle.zip")
    manifest = verified(committed, where="05/bundle.zip")
    assert manifest.model["sha256"] == digest_of_bytes((artifacts / "04" / "model.json").read_bytes())
    code = reached("lifecycle.develop.rebuilding.retrain").modules
    changed = [name for name, text in code.items() if meaning(committed[f"source/{file_of(name)}"]) != meaning(text)]
    assert not changed, "remove notebooks/05_reproducibility.ipynb and run `workbench build 05`"
