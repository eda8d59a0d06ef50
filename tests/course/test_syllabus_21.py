"""The figures that lesson 21 teaches, from the functions that it teaches them with, and what its notebook printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from lifecycle.cases.credit_risk import Scorecard, score_from_document
from lifecycle.develop import correct_prior
from lifecycle.monitor import stability_of_shares

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cells():
    return nbformat.read(ROOT / "notebooks/21_credit_risk.ipynb", as_version=4).cells


@pytest.fixture(scope="module")
def said(cells):
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


def after(said: str, start: str) -> list[str]:
    """The words of the first line that begins with `start`, without it."""
    return next(line for line in said.splitlines() if line.startswith(start))[len(start) :].split()


def test_an_auc_of_92_is_a_gini_of_84(said):
    assert "an AUC of .92 is a Gini of 0.84" in said


def test_five_shares_have_a_stability_index_of_136(said):
    assert stability_of_shares([0.1, 0.2, 0.4, 0.2, 0.1], [0.2, 0.25, 0.35, 0.15, 0.05]) == pytest.approx(0.136, abs=5e-4)
    assert "= 0.136; library: 0.136" in said


def test_a_balanced_score_of_9_is_a_chance_of_153_in_ten_thousand(said):
    assert correct_prior([0.9], trained=0.5, actual=0.0017275)[0] == pytest.approx(0.0153, abs=5e-5)
    assert "means 0.0153" in said


def month(said: str, name: str, *, definition: int) -> dict[str, float]:
    """A line of the table of months: the first is of one month late, the second of two."""
    lines = [line.split() for line in said.splitlines() if line.startswith(name)]
    values = [line[1:] for line in lines if len(line) == 6][definition - 1]
    return dict(zip(("bad", "promised", "Gini", "KS", "PSI"), (float(v.rstrip("%")) for v in values), strict=True))


def test_in_september_the_index_was_quiet_and_the_gini_fell(said):
    august, september = (month(said, name, definition=1) for name in ("August", "September"))
    assert september["PSI"] < 0.05
    assert september["Gini"] < august["Gini"] - 0.2


def test_two_months_late_mends_the_ranking_and_not_the_chances(said):
    september = month(said, "September", definition=2)
    assert september["Gini"] > 0.7
    assert september["promised"] > september["bad"] + 3


def test_the_accepted_have_fewer_bad_than_the_applicants(said):
    line = next(line for line in said.splitlines() if line.startswith("bad among the accepted"))
    seen, everybody, gap = (float(found) for found in re.findall(r"(\d+\.\d)", line))
    assert gap == pytest.approx(everybody - seen, abs=0.11)
    assert gap > 5


def test_both_mendings_lower_the_error_and_keep_the_gini(said):
    for raw, mended in (("trained on 50/50", "50/50, corrected"), ("June and July  ", "June and July, calibrated")):
        before, then = after(said, raw), after(said, mended)
        assert float(then[2]) < 0.3 * float(before[2])
        assert then[3] == before[3]


def test_the_rebuild_finds_one_code_and_agrees_with_the_card(said):
    assert after(said, "status = -2")[1:] == ["100%", "100%"]
    assert "against the card itself: 0 of 150,000 rows differ" in said
    assert "SQL beside Python: 0 of" in said


def test_what_is_handed_over_can_be_scored_with_and_says_that_it_fails():
    paper = json.loads((ROOT / "datasets/artifacts/21/scorecard.json").read_text(encoding="utf-8"))
    html = (ROOT / "datasets/artifacts/21/document.html").read_text(encoding="utf-8")
    client = {"status": [2.0], "status_before": [0.0], "limit": [140.0], "repaid": [0.0354], "paid": [0.0031]}
    assert score_from_document(paper)(client) == Scorecard.from_dict(paper).points(pd.DataFrame(client))
    assert "Not to be used for prices or provisions" in html
    assert "September (chances fail)" in html
