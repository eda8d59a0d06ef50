"""A project on a table of one's own begins with three files, and what is open in them is known."""

from __future__ import annotations

import json
import shlex
import tomllib

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from course.commands.failures import RequestError
from course.own_case import FILES, open_points, plain_name, write_case
from lifecycle.develop import Charter, Contract
from lifecycle.develop.exploration.reading import read_table
from workbench.cli import application


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"id": [f"c{i}" for i in range(120)], "age": rng.integers(18, 80, 120)})
    frame["marital_status"] = rng.choice(["m", "s"], 120)
    frame["usage"] = rng.normal(size=120).round(3)
    frame["left"] = np.where(rng.random(120) < 0.3, "yes", "no")
    place = tmp_path / "Shop 2026.csv"
    frame.to_csv(place, index=False)
    return place


def begin(*arguments):
    return CliRunner().invoke(application(), ["new-use-case", *map(str, arguments)])


@pytest.fixture
def folder(table, tmp_path):
    out = tmp_path / "own"
    done = begin(table, "--target", "left", "--out", out, "--json")
    assert done.exit_code == 0, done.output
    return out


def test_what_the_table_says_is_written_down(folder, table):
    entry = tomllib.loads((folder / "entry.toml").read_text(encoding="utf-8"))
    assert (entry["name"], entry["target"], entry["positive_value"], entry["identifier"]) == (
        "shop_2026",
        "left",
        "yes",
        "id",
    )
    assert entry["protected"] == ["age", "marital_status"]
    frame = read_table(table)
    assert entry["prevalence"] == pytest.approx((frame["left"] == "yes").mean(), rel=1e-5)
    contract = Contract.from_yaml((folder / "contract.yaml").read_text(encoding="utf-8"))
    assert contract.violations(frame) == []
    assert contract.violations(frame.assign(age=-1)) != []


def filled(folder):
    charter, contract, entry = (folder / name for name in ("charter.yaml", "contract.yaml", "entry.toml"))
    charter.write_text(charter.read_text().replace("TODO: ", "").replace(": false", ": true"))
    contract.write_text(contract.read_text().replace("TODO: ", ""))
    entry.write_text(
        entry.read_text()
        .replace('"TODO', '"said')
        .replace("positive = 0", "positive = 5")
        .replace("negative = 0", "negative = 9")
    )


def test_it_says_what_is_open_until_nothing_is(folder):
    done = begin("--check", folder)
    assert done.exit_code == 1
    assert "- entry.toml: unit: TODO: what a row is, such as client" in done.stdout
    assert "- contract.yaml: columns[usage].note: TODO: meaning and unit" in done.stdout
    filled(folder)
    assert open_points(folder) == []
    assert begin("--check", folder, "--json").exit_code == 0
    assert Charter.from_yaml((folder / "charter.yaml").read_text()).use_case == "shop_2026"


def test_what_no_longer_fits_is_named(folder, table):
    filled(folder)
    charter = folder / "charter.yaml"
    fine = charter.read_text()
    charter.write_text(fine.replace("finance: true", "finance: false"))
    assert any("finance has not agreed" in point for point in open_points(folder))
    charter.write_text(fine.replace("at least 70 %", "plenty"))
    assert [point.split(":")[0] for point in open_points(folder)] == ["charter.yaml"]
    charter.write_text(fine)
    table.write_text(table.read_text().replace("c7,", "c7,-", 1))
    assert {point.split(":")[0] for point in open_points(folder)} == {"entry.toml", "contract.yaml"}
    table.unlink()
    assert any("not there" in point for point in open_points(folder))
    (folder / "entry.toml").write_text("= 1")
    with pytest.raises(RequestError):
        open_points(folder)


def test_nothing_is_overwritten_and_what_cannot_be_used_is_refused(folder, table, tmp_path):
    for wrong in (
        [table],
        [table, "--target", "left", "--out", folder],
        [table, "--target", "gone", "--out", tmp_path / "a"],
        [table, "--target", "usage", "--out", tmp_path / "b"],
        [table, "--target", "left", "--name", "My Case", "--out", tmp_path / "c"],
        ["--check", tmp_path / "nowhere"],
    ):
        assert isinstance(begin(*wrong).exception, RequestError)
    assert not any((tmp_path / name).exists() for name in "abc")


@pytest.mark.parametrize("out", ["file", "file/below", "n" * 300])
def test_a_folder_that_cannot_be_written_is_said(table, tmp_path, out):
    (tmp_path / "file").write_text("")
    with pytest.raises(RequestError, match="cannot be written"):
        write_case(table, "left", tmp_path / out)


def test_the_next_commands_can_be_pasted_also_where_names_have_spaces(table, tmp_path):
    out, left = tmp_path / "my case", "has left"
    read_table(table).rename(columns={"left": left}).replace({left: {"yes": "yes, she has"}}).to_csv(table, index=False)
    done = begin(table, "--target", left, "--positive", "yes, she has", "--out", out)
    assert done.exit_code == 0, done.output
    check, profile, train = [shlex.split(line) for line in done.stdout.splitlines() if line.startswith("  workbench")][:3]
    asked = [str(table), "--target", left, "--positive", "yes, she has"]
    assert check == ["workbench", "new-use-case", "--check", str(out)]
    assert profile == ["workbench", "profile", *asked, "--report", "profile.html"]
    assert train == ["workbench", "train", *asked, "--out", "model"]
    assert begin(*check[2:]).exit_code == 1


def test_a_rare_target_and_a_name_that_yaml_takes_for_a_truth_value_are_written_as_what_they_are(tmp_path):
    rare = pd.DataFrame({"usage": np.arange(25_000) % 7, "left": ["yes"] + ["no"] * 24_999})
    rare.to_parquet(tmp_path / "t.parquet")
    write_case(tmp_path / "t.parquet", "left", tmp_path / "own", name="no", positive="yes")
    filled(tmp_path / "own")
    charter = Charter.from_yaml((tmp_path / "own" / "charter.yaml").read_text())
    assert (charter.use_case, charter.prevalence) == ("no", 0.00004)


def test_words_of_the_table_that_look_like_what_is_open_are_not(tmp_path):
    table = tmp_path / "TODO" / "TODO.csv"
    table.parent.mkdir()
    state = ["TODO"] * 20 + ["done"] * 20
    pd.DataFrame({"TODO": state, "usage": np.arange(40) % 7, "left": [1, 1, 1, 2] * 10}).to_csv(table, index=False)
    write_case(table, "left", tmp_path / "own", positive="2")
    filled(tmp_path / "own")
    (tmp_path / "own" / "contract.yaml").write_text(
        (tmp_path / "own" / "contract.yaml").read_text().replace("unit", "unit; not TODO any more")
    )
    assert open_points(tmp_path / "own") == []


def test_a_control_character_in_a_name_is_written_so_that_toml_has_it(tmp_path):
    pd.DataFrame({"a\x7fb": range(40), "usage": np.arange(40) % 7, "left": [0, 1] * 20}).to_parquet(tmp_path / "t.parquet")
    write_case(tmp_path / "t.parquet", "left", tmp_path / "own")
    assert tomllib.loads((tmp_path / "own" / "entry.toml").read_text())["identifier"] == "a\x7fb"


def test_a_table_that_cannot_be_used_any_more_is_named_as_what_it_is(folder, table):
    filled(folder)
    table.write_bytes(b"PK\x03\x04 no longer a table")
    assert {point.partition(": ")[0] for point in open_points(folder)} == {"entry.toml"}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("text", ["a: [", "[" * 9000])
def test_a_file_that_is_damaged_is_named(folder, name, text):
    (folder / name).write_text(text)
    with pytest.raises(RequestError, match=name):
        open_points(folder)


def test_names_written_in_one_word_are_seen_as_protected(table, tmp_path):
    frame = read_table(table).rename(columns={"age": "applicantAge", "marital_status": "is_female", "usage": "usage_male"})
    place = tmp_path / "b.csv"
    frame.assign(mileage=1.5, stage="x").to_csv(place, index=False)
    done = begin(place, "--target", "left", "--out", tmp_path / "y", "--json")
    assert json.loads(done.stdout)["protected"] == ["applicantAge", "is_female", "usage_male"]


def test_a_cost_without_end_and_a_file_nested_without_end_are_open_points_or_refused(folder):
    filled(folder)
    entry = folder / "entry.toml"
    fine = entry.read_text()
    entry.write_text(fine.replace("positive = 5", "positive = inf"))
    assert any("not a number above 0" in point for point in open_points(folder))
    entry.write_text(fine + "x = " + "[" * 9000)
    with pytest.raises(RequestError):
        open_points(folder)


@pytest.mark.parametrize(
    ("text", "name"), [("Churn 2026", "churn_2026"), ("2026", "case_2026"), ("Ä!", "case"), ("a-b.c", "a_b_c")]
)
def test_a_name_is_made_from_the_files_name(text, name):
    assert plain_name(text) == name
