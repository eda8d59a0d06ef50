"""A data file that is not the one in the catalogue is named, with what differs."""

import hashlib
import json

import pytest
from typer.testing import CliRunner

from workbench import data
from workbench.cli import application
from workbench.course import Course
from workbench.errors import DataError

ROWS = b"leaf,minutes\ngreen,2\nblack,4\n"


@pytest.fixture
def course(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.workbench]\n")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "leaves.csv").write_bytes(ROWS)
    (tmp_path / "datasets" / "catalog.toml").write_text(
        f'[datasets.leaves]\ntitle = "Leaves"\nfile = "leaves.csv"\nsha256 = "{hashlib.sha256(ROWS).hexdigest()}"\n'
        f'bytes = {len(ROWS)}\nrows = 2\ncolumns = 2\nlicence = "CC0"\nsource = "a tin"\n'
        '[datasets.steam]\ntitle = "Steam"\ngenerator = "kettle"\n'
    )
    return Course.find(tmp_path)


@pytest.fixture
def call(course, monkeypatch):
    monkeypatch.chdir(course.root)
    return lambda *arguments: CliRunner().invoke(application(), ["data", *arguments])


def test_the_right_file_and_a_generated_set_are_well(course):
    assert [(verdict.name, verdict.file, verdict.ok) for verdict in data.verify(course)] == [
        ("leaves", "datasets/leaves.csv", True),
        ("steam", "", True),
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (ROWS.replace(b"4", b"5"), "sha256 is "),
        (ROWS + b"white,3\n", f"has {len(ROWS) + 8} bytes, the catalogue says {len(ROWS)}"),
        (None, "missing"),
    ],
)
def test_a_file_that_differs_is_named(course, call, content, told):
    file = course.datasets / "leaves.csv"
    file.unlink() if content is None else file.write_bytes(content)
    verdict = data.verify(course, ["leaves"])[0]
    assert not verdict.ok
    assert told in verdict.problem
    result = call("verify")
    assert result.exit_code == 1
    assert "datasets/leaves.csv" in result.output
    assert told in result.output


def test_the_entries_have_sizes_licence_and_source(course):
    leaves, steam = data.data_sets(course)
    assert (leaves.rows, leaves.columns, leaves.licence, leaves.source) == (2, 2, "CC0", "a tin")
    assert (steam.file, steam.source) == (None, "generated")


def test_an_unknown_name_lists_the_known(course):
    with pytest.raises(DataError, match="no data set `milk`") as raised:
        data.verify(course, ["milk"])
    assert raised.value.remedy == "data sets: leaves, steam"


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64])
def test_a_digest_that_is_none_is_refused(course, digest):
    catalog = course.datasets / "catalog.toml"
    catalog.write_text(f'[datasets.leaves]\nfile = "leaves.csv"\nsha256 = "{digest}"\n')
    with pytest.raises(DataError) as raised:
        data.verify(course)
    assert raised.value.where == "datasets/catalog.toml: datasets.leaves.sha256"


def test_a_broken_catalogue_is_named(course):
    (course.datasets / "catalog.toml").write_text("[datasets\n")
    with pytest.raises(DataError, match=r"datasets/catalog\.toml: not valid TOML"):
        data.data_sets(course)


def test_a_course_without_data_has_none(course):
    (course.datasets / "catalog.toml").unlink()
    assert data.data_sets(course) == ()
    assert data.verify(course) == ()


def test_json_is_for_a_script(call):
    verdicts = json.loads(call("verify", "leaves", "--json").output)
    assert verdicts == [{"name": "leaves", "file": "datasets/leaves.csv", "problem": "", "ok": True}]
    entries = json.loads(call("list", "--json").output)
    assert [entry["file"] for entry in entries] == ["leaves.csv", None]
    assert "2 rows, 2 columns" in call("list").output
