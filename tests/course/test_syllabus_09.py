"""The figures that lesson 09 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import numpy as np
import pytest

from lifecycle.deploy import Bands, minutes_for, open_package, rows_a_second

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "datasets/artifacts"


def test_a_million_rows_in_fifteen_minutes_are_1111_a_second():
    assert rows_a_second(1_000_000, minutes=15) == pytest.approx(1111.1, abs=0.05)


def test_four_million_rows_take_an_hour_at_that_rate():
    assert minutes_for(4_000_000, rate=rows_a_second(1_000_000, minutes=15)) == pytest.approx(60)


def test_the_three_bands_are_5_20_and_75_percent():
    chances = np.repeat([0.71, 0.7, 0.4, 0.39], [50_000, 100_000, 100_000, 750_000])
    shares = {name: count / 1_000_000 for name, count in Bands().counts(chances).items()}
    assert shares == {"high": 0.05, "medium": 0.20, "low": 0.75}


def test_both_edges_are_medium_and_a_sum_of_decimals_is_above():
    assert [Bands().of(chance) for chance in (0.7, 0.4, 0.1 + 0.2 + 0.4)] == ["medium", "medium", "high"]


def test_the_committed_report_adds_up_and_names_the_committed_package():
    report = json.loads((ARTIFACTS / "09/report.json").read_text(encoding="utf-8"))
    assert report["rows"] == report["scored"] + report["quarantined"] == 40_000
    assert sum(report["bands"].values()) == report["scored"]
    assert report["quarantined"] == 7
    assert (report["job"]["chunk"], report["chunks"]) == (5_000, 8)
    assert report["job"]["digest"] == open_package(ARTIFACTS / "07/package.zip").digest


def test_the_largest_chunk_is_the_same_for_a_table_four_times_as_long_and_a_bad_night_ends_with_exit_code_1():
    cells = nbformat.read(ROOT / "notebooks/09_batch_scoring.ipynb", as_version=4).cells
    said = "".join(output.get("text", "") for cell in cells for output in cell.get("outputs", []))
    assert "20,000 rows: 4 chunks, the largest of 5,000 rows" in said
    assert "80,000 rows: 16 chunks, the largest of 5,000 rows" in said
    assert "tolerated: 5%; exit code of `workbench score`: 1" in said
