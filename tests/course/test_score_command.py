import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from course.commands.failures import RequestError
from workbench.cli import application

PACKAGE = "datasets/artifacts/07/package.zip"


@pytest.fixture(scope="module")
def home():
    from lifecycle.artifacts import home

    return home()


@pytest.fixture
def table(home, tmp_path):
    frame = pd.read_parquet(home / "datasets/artifacts/03/features.parquet").head(300)
    frame.loc[7, frame.columns[3]] = None
    frame.to_parquet(tmp_path / "clients.parquet")
    return tmp_path / "clients.parquet"


def score(home, *arguments):
    return CliRunner().invoke(application(), ["score", str(home / PACKAGE), *map(str, arguments)])


def test_a_table_is_scored_and_the_report_is_json(home, table, tmp_path):
    done = score(home, table, "--out", tmp_path / "out", "--date", "2025-11-30", "--chunk", 100, "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["rows"], report["scored"], report["quarantined"]) == (300, 299, 1)
    assert report == json.loads((tmp_path / "out/report.json").read_text())
    assert "scoring: 3 of 3 chunks" in done.stderr


def test_started_again_without_a_date_it_is_the_same_job(home, table, tmp_path):
    score(home, table, "--out", tmp_path / "out", "--date", "2025-11-30")
    done = score(home, table, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "scores for 2025-11-30" in done.stdout


def test_too_much_set_aside_ends_with_1(home, table, tmp_path):
    done = score(home, table, "--out", tmp_path / "out", "--tolerated", 0)
    assert done.exit_code == 1
    assert "NOT published" in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--digest", "0" * 64], "digest"), (["--key", "nobody"], "nobody"), (["--medium", 0.9], "no bands")],
)
def test_a_request_that_cannot_be_carried_out_ends_with_2(home, table, tmp_path, options, message):
    done = score(home, table, "--out", tmp_path / "out", *options)
    assert isinstance(done.exception, RequestError)
    assert done.exception.exit_code == 2
    assert message in str(done.exception)


def test_a_folder_that_is_a_file_ends_with_2(home, table):
    done = score(home, table, "--out", table)
    assert isinstance(done.exception, RequestError)
    assert "could not be written" in str(done.exception)


def test_a_quote_that_swallows_rows_ends_with_2(home, table, tmp_path):
    lines = pd.read_parquet(table).to_csv(index=False).splitlines()
    lines[290] = lines[290].replace(",", ',"', 1)
    (tmp_path / "clients.csv").write_text("\n".join(lines) + "\n")
    done = score(home, tmp_path / "clients.csv", "--out", tmp_path / "out")
    assert isinstance(done.exception, RequestError)
    assert "lines 291 to 301" in str(done.exception)
    assert not (tmp_path / "out/scores.parquet").exists()


def test_a_table_that_is_not_there_ends_with_2(home, tmp_path):
    done = score(home, tmp_path / "none.csv", "--out", tmp_path / "out")
    assert isinstance(done.exception, RequestError)
    assert not (tmp_path / "out").exists()
