from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import artifacts
from lifecycle.errors import ArtifactError

VARIABLES = ("WORKBENCH_RUN", "WORKBENCH_LESSON", "WORKBENCH_INPUTS", "WORKBENCH_OUTPUTS")


@pytest.fixture
def course(tmp_path, monkeypatch):
    """An empty course, nothing declared, seen from a process that has written nothing yet."""
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "catalog.toml").write_text("[datasets]\n")
    monkeypatch.setenv("WORKBENCH_COURSE", str(tmp_path))
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(artifacts, "_written_here", set())
    return tmp_path.resolve()


@pytest.fixture
def run(course, monkeypatch):
    """The same course within a run that declares nothing."""
    monkeypatch.setenv("WORKBENCH_RUN", str(course / "runs" / "one"))
    return course / "runs" / "one"


def committed(course: Path, name: str, text: str) -> None:
    place = course / "datasets" / "artifacts" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


def test_a_run_reads_what_it_wrote(run):
    artifacts.write_text("01/charter.yaml", "goal: fewer defaults\n")

    assert (run / "artifacts" / "01" / "charter.yaml").read_text() == "goal: fewer defaults\n"
    assert artifacts.read_text("01/charter.yaml") == "goal: fewer defaults\n"


def test_a_run_prefers_its_own_to_the_committed_copy(course, run):
    committed(course, "01/charter.yaml", "committed")
    assert artifacts.read_text("01/charter.yaml") == "committed"

    artifacts.write_text("01/charter.yaml", "own")
    assert artifacts.read_text("01/charter.yaml") == "own"


def test_an_open_notebook_writes_by_use_case_and_never_into_the_committed_copy(course):
    committed(course, "01/charter.yaml", "committed")
    place = artifacts.write_text("01/charter.yaml", "mine")

    assert place == course / "runs" / "interactive" / "credit" / "01" / "charter.yaml"
    assert (course / "datasets" / "artifacts" / "01" / "charter.yaml").read_text() == "committed"


def test_an_open_notebook_reads_back_its_own_but_not_an_earlier_sessions(course, monkeypatch):
    committed(course, "01/charter.yaml", "committed")
    artifacts.write_text("01/charter.yaml", "mine")
    assert artifacts.read_text("01/charter.yaml") == "mine"

    monkeypatch.setattr(artifacts, "_written_here", set())  # as after a restart
    assert artifacts.read_text("01/charter.yaml") == "committed"


def test_another_use_case_reads_no_committed_copy_and_is_told_the_command(course, monkeypatch):
    committed(course, "01/charter.yaml", "committed")
    monkeypatch.setenv("WORKBENCH_LESSON", "02_data")

    with pytest.raises(ArtifactError) as caught:
        artifacts.read_text("01/charter.yaml", use_case="fraud")

    assert "workbench run 02_data --use-case fraud" in caught.value.remedy
    assert caught.value.tried == "runs/interactive/fraud/01/charter.yaml"


def test_another_use_case_reads_what_an_earlier_session_wrote(course, monkeypatch):
    artifacts.write_text("01/charter.yaml", "fraud's", use_case="fraud")
    monkeypatch.setattr(artifacts, "_written_here", set())

    assert artifacts.read_text("01/charter.yaml", use_case="fraud") == "fraud's"


def test_the_working_directory_does_not_matter(course, tmp_path_factory, monkeypatch):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    place = artifacts.write_text("01/charter.yaml", "mine")

    assert place.is_relative_to(course)


def test_a_run_refuses_what_the_catalogue_does_not_declare(run, monkeypatch):
    monkeypatch.setenv("WORKBENCH_LESSON", "02_data")
    monkeypatch.setenv("WORKBENCH_INPUTS", json.dumps(["01/charter.yaml"]))
    monkeypatch.setenv("WORKBENCH_OUTPUTS", json.dumps(["02/profile.json"]))

    with pytest.raises(ArtifactError, match=r"`02/other\.json` is written") as caught:
        artifacts.write_text("02/other.json", "{}")
    assert caught.value.remedy == "add it to the outputs of 02_data in catalog.toml"
    with pytest.raises(ArtifactError, match=r"`00/loop\.json` is read"):
        artifacts.read_text("00/loop.json")


def test_a_run_refuses_to_write_an_input(run, monkeypatch):
    monkeypatch.setenv("WORKBENCH_INPUTS", json.dumps(["01/charter.yaml"]))
    monkeypatch.setenv("WORKBENCH_OUTPUTS", json.dumps([]))

    with pytest.raises(ArtifactError, match="declared: nothing"):
        artifacts.write_text("01/charter.yaml", "")


def test_a_run_may_read_back_a_declared_output(run, monkeypatch):
    monkeypatch.setenv("WORKBENCH_INPUTS", json.dumps([]))
    monkeypatch.setenv("WORKBENCH_OUTPUTS", json.dumps(["02/profile.json"]))
    artifacts.write_json("02/profile.json", {"rows": 5})

    assert artifacts.read_json("02/profile.json") == {"rows": 5}


@pytest.mark.parametrize(
    "name",
    [
        "charter.yaml",
        "1/charter.yaml",
        "01/",
        "01/../02/x",
        "01/..",
        "../01/x",
        "/01/x",
        "01/a/b",
        "01/.hidden",
        "01\\x",
        "01/x\n",
    ],
)
def test_a_name_that_is_none_is_refused_for_reading_and_writing(course, name):
    with pytest.raises(ArtifactError, match="not the name of an artefact"):
        artifacts.write_bytes(name, b"")
    with pytest.raises(ArtifactError, match="not the name of an artefact"):
        artifacts.path(name)


@given(name=st.text(max_size=30) | st.from_regex(r"[0-9]{2}/[./\\a-z0-9]{1,12}", fullmatch=True))
def test_a_name_is_refused_or_stays_in_its_folder(name):
    root = Path("/course/runs/interactive/credit")
    try:
        artifacts._check(name, "credit")
    except ArtifactError:
        return
    assert re.match(r"\d\d/", name)
    assert (root / name).resolve().parent == root / name[:2]


@pytest.mark.parametrize("use_case", ["", "..", "credit/..", "Credit", "a b"])
def test_a_use_case_cannot_name_another_folder(course, use_case):
    with pytest.raises(ArtifactError, match="not the name of a use case"):
        artifacts.write_bytes("01/x", b"", use_case=use_case)


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    )
)
def test_json_comes_back_as_it_went(tmp_path_factory, value):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_RUN", str(tmp_path_factory.getbasetemp() / "json"))
        for variable in VARIABLES[1:]:
            patch.delenv(variable, raising=False)
        artifacts.write_json("00/value.json", value)
        assert artifacts.read_json("00/value.json") == value


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, object()])
def test_json_refuses_what_it_has_no_notation_for(run, value):
    with pytest.raises(ArtifactError, match="cannot be written as JSON"):
        artifacts.write_json("00/value.json", value)


def test_equal_frames_give_equal_bytes_and_come_back_equal(run):
    frame = pd.DataFrame(
        {"n": [1, 2], "x": [0.5, None], "text": ["a", "b"], "day": pd.to_datetime(["2005-09-30", "2005-10-01"])}
    )
    first = artifacts.write_frame("00/a.parquet", frame).read_bytes()
    second = artifacts.write_frame("00/b.parquet", frame.copy()).read_bytes()

    assert first == second
    pd.testing.assert_frame_equal(artifacts.read_frame("00/a.parquet"), frame)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (artifacts.read_frame, "not a Parquet file"),
        (artifacts.read_json, "not UTF-8"),
        (artifacts.read_text, "not UTF-8"),
    ],
)
def test_a_damaged_artefact_is_named(run, read, message):
    artifacts.write_bytes("00/x", b"\xff\xfe damaged")

    with pytest.raises(ArtifactError, match=message) as caught:
        read("00/x")
    assert "`00/x`" in caught.value.where


def test_json_that_is_none_names_the_line(run):
    artifacts.write_text("00/x.json", '{"a": 1,\n"b" 2}')

    with pytest.raises(ArtifactError, match="line 2"):
        artifacts.read_json("00/x.json")


def test_a_write_that_fails_leaves_the_old_file_and_no_other(run, monkeypatch):
    artifacts.write_text("00/x", "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        artifacts.write_text("00/x", "new")

    assert [(file.name, file.read_text()) for file in (run / "artifacts" / "00").iterdir()] == [("x", "old")]


def test_no_course_is_an_error_that_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COURSE", str(tmp_path))

    with pytest.raises(ArtifactError, match="the course's folder was not found"):
        artifacts.home()
