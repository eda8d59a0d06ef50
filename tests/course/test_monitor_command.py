import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from course.commands.failures import RequestError
from workbench.cli import application


def clients(n, seed, *, older=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame({"age": rng.integers(18, 90, n) + older, "city": rng.choice(["Lyon", "Oslo"], n)})


@pytest.fixture
def files(tmp_path):
    clients(900, 0).to_parquet(tmp_path / "training.parquet")
    clients(800, 1).to_csv(tmp_path / "march.csv", index=False)
    clients(800, 2, older=30).to_csv(tmp_path / "april.csv", index=False, sep=";")
    return tmp_path


def monitor(files, *arguments):
    return CliRunner().invoke(application(), ["monitor", str(files / "training.parquet"), *map(str, arguments)])


def test_an_unmoved_table_ends_with_0_and_says_so(files):
    done = monitor(files, files / "march.csv")
    assert done.exit_code == 0, done.output
    assert "march.csv, 800 rows, against training.parquet, 900 rows" in done.stdout
    assert "0 to act on, 0 to watch, 2 stable" in done.stdout
    assert "Nothing to do" in done.stdout


def test_a_table_that_moved_ends_with_1_and_the_page_shows_it(files):
    done = monitor(files, files / "april.csv", "--report", files / "out/drift.html", "--together")
    assert done.exit_code == 1, done.output
    assert "- `age` has moved" in done.stdout
    assert "a classifier tells the periods apart" in done.stdout
    page = (files / "out/drift.html").read_text(encoding="utf-8")
    assert "april.csv against training.parquet" in page
    assert "<svg" in page


def test_a_feed_to_repair_ends_with_1_even_where_nothing_is_to_act_on(files):
    march = pd.read_csv(files / "march.csv")
    march["age"] = march["age"].where(march.index % 12 > 0).astype("Int64")
    march.to_csv(files / "gaps.csv", index=False)
    done = monitor(files, files / "gaps.csv")
    assert "0 to act on, 1 to watch" in done.stdout
    assert "Look at the feed of `age`" in done.stdout
    assert done.exit_code == 1


def test_a_column_that_is_gone_ends_with_0_unless_it_is_named(files):
    pd.read_csv(files / "march.csv")[["age"]].to_csv(files / "less.csv", index=False)
    done = monitor(files, files / "less.csv")
    assert (done.exit_code, "gone, in the reference only: `city`" in done.stdout) == (0, True)
    named = monitor(files, files / "less.csv", "--column", "age", "--column", "city")
    assert named.exception.exit_code == 2


def test_a_classifier_that_has_too_few_rows_is_told_beside_the_rest(files):
    pd.read_csv(files / "march.csv").head(40).to_csv(files / "few.csv", index=False)
    done = monitor(files, files / "few.csv", "--together")
    assert done.exit_code == 0, done.output
    assert "not looked at, a classifier wants 50 rows" in done.stdout


def test_the_findings_are_json(files):
    done = monitor(files, files / "april.csv", "--json", "--column", "city", "--level", 0.05)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [column["column"] for column in found["columns"]] == ["city"]
    assert found["settings"]["level"] == 0.05


@pytest.mark.parametrize(
    ("text", "message"),
    [("amount\n1\n", "no column in common"), ("age,city\n", "no rows|rows"), ("", "empty"), ("age,age\n1,2\n", "age")],
)
def test_tables_that_cannot_be_compared_end_with_2(files, text, message):
    (files / "odd.csv").write_text(text)
    done = monitor(files, files / "odd.csv")
    assert isinstance(done.exception, RequestError)
    assert done.exception.exit_code == 2
    assert any(word in str(done.exception) for word in message.split("|"))


def test_a_column_that_is_not_there_ends_with_2(files):
    done = monitor(files, files / "march.csv", "--column", "agee")
    assert isinstance(done.exception, RequestError)
    assert "did you mean `age`" in str(done.exception)


def test_a_page_that_cannot_be_written_ends_with_2(files):
    done = monitor(files, files / "march.csv", "--report", files / "march.csv" / "drift.html")
    assert isinstance(done.exception, RequestError)
    assert "cannot be written" in str(done.exception)
