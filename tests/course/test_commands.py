"""The commands that know machine learning, run as a person runs them."""

import json
from importlib import import_module

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from course.commands import MODULES
from workbench.cli import application
from workbench.errors import WorkbenchError

run = CliRunner()


@pytest.fixture
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame(
        {"age": [20 + i % 37 for i in range(90)], "<b>x</b>": ["a", "b", "c"] * 30, "left": ["yes", "no", "no"] * 30}
    )
    frame.to_csv("clients.csv", index=False)
    return frame


def profile(*arguments):
    return run.invoke(application(), ["profile", *arguments])


def refused(*arguments):
    result = profile(*arguments)
    assert isinstance(result.exception, WorkbenchError)
    assert result.exception.exit_code == 2
    return str(result.exception)


@pytest.mark.parametrize("name", MODULES)
def test_every_module_registers_a_command(name):
    app = typer.Typer()
    import_module(f"course.commands.{name}").register(app)
    assert app.registered_commands or app.registered_groups  # a group: `govern verify`


def test_the_engine_finds_the_commands_of_the_course():
    assert "profile" in typer.main.get_command(application()).commands


def test_a_table_is_profiled_and_the_page_written(table, tmp_path):
    result = profile("clients.csv", "--target", "left", "--report", "out/report.html")
    assert result.exit_code == 0, result.output
    assert "clients.csv: 90 rows, 3 columns; `left` is positive in 33.3 %" in result.output
    assert "“<b>x</b>” separates the classes suspiciously well" in result.output
    assert "report: out/report.html" in result.output
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Profile of clients.csv" in page
    assert "<b>x" not in page


def test_json_is_all_there_is_on_standard_output(table):
    result = profile("clients.csv", "--target", "left", "--json")
    found = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (found["source"], found["rows"], found["target"]["positive"]) == ("clients.csv", 90, "yes")


def test_the_positive_value_can_be_chosen(table):
    found = json.loads(profile("clients.csv", "--target", "left", "--positive", "no", "--json").stdout)
    assert found["target"]["prevalence"] == pytest.approx(2 / 3)


def test_encoding_and_delimiter_can_be_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data.csv").write_bytes("mañana\ty\n1\t0\n2\t1\n3\t0\n".encode("cp1252"))
    result = profile("data.csv", "--target", "y", "--encoding", "cp1252", "--delimiter", "\\t", "--json")
    assert json.loads(result.stdout)["facts"][0]["column"] == "mañana"
    assert "looks like cp1252" in refused("data.csv", "--target", "y")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.csv", "--target", "left"), "none.csv: there is no such file"),
        (("clients.csv", "--target", "lefft"), "did you mean `left`?"),
        (("clients.csv", "--target", "age"), "not binary: it holds 37 different numbers from 20 to 56"),
        (("clients.csv", "--target", "left", "--positive", "maybe"), "no row holds `maybe`"),
    ],
)
def test_what_cannot_be_profiled_is_refused_and_no_page_is_written(table, tmp_path, arguments, message):
    assert message in refused(*arguments, "--report", "report.html")
    assert not (tmp_path / "report.html").exists()


def test_the_target_must_be_named(table):
    result = profile("clients.csv")
    assert result.exit_code == 2
    assert "--target" in result.output
