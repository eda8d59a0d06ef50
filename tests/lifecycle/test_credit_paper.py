"""The rejected, the rebuild, the formula and the document."""

from __future__ import annotations

import ast
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lifecycle.cases import CaseError
from lifecycle.cases.credit_risk import (
    METHODS,
    SECTIONS,
    Section,
    as_spreadsheet,
    as_sql,
    compare_scores,
    fit_scorecard,
    infer_rejected,
    risk_document,
    score_from_document,
)


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"late": rng.integers(-2, 4, 4_000) + 0.0, "limit": rng.gamma(2, 50, 4_000).round(1)})
    frame.loc[rng.random(4_000) < 0.1, "limit"] = np.nan
    bad = (rng.random(4_000) < 1 / (1 + np.exp(2 - frame["late"] + 0.01 * (frame["limit"].fillna(0) - 100)))).astype(int)
    return frame, fit_scorecard(frame, bad, directions={"late": "rising", "limit": "falling"})


BAD = np.array([1, 0, 0, 1, np.nan, np.nan])
CHANCE = np.array([0.4, 0.1, 0.1, 0.4, 0.3, 0.9])


def test_accepted_only_leaves_the_rejected_out():
    rows, bad, weights = infer_rejected("accepted only", bad=BAD)
    assert (rows.tolist(), bad.tolist(), weights.tolist()) == ([0, 1, 2, 3], [1, 0, 0, 1], [1, 1, 1, 1])


def test_fuzzy_counts_a_rejected_as_bad_with_its_chance():
    rows, bad, weights = infer_rejected("fuzzy", bad=BAD, chance=CHANCE)
    assert rows.tolist() == [0, 1, 2, 3, 4, 5, 4, 5]
    assert weights.sum() == pytest.approx(6)
    assert weights[(rows == 5) & (bad == 1)] == pytest.approx([0.9])


def test_parcelling_gives_the_rejected_the_rate_of_their_band_times_the_factor():
    rng = np.random.default_rng(1)
    chance = np.repeat([0.1, 0.4], 5_000)
    bad = (rng.random(10_000) < chance) + 0.0
    bad[::2] = np.nan
    rows, outcome, _ = infer_rejected("parcelling", bad=bad, chance=chance, worse=1.5, bands=2)
    for band, observed in ((rows < 5_000, bad[:5_000]), (rows >= 5_000, bad[5_000:])):
        assert outcome[band & np.isnan(bad)[rows]].mean() == pytest.approx(1.5 * np.nanmean(observed), abs=0.03)


def test_reweighting_by_a_lot_recovers_the_rate_of_all():
    rng = np.random.default_rng(1)
    risk = rng.beta(2, 5, 40_000)
    truth = (rng.random(40_000) < risk) + 0.0
    taken, lot = risk < 0.25, rng.random(40_000) < 0.2
    hidden = np.where(taken | lot, truth, np.nan)
    _, bad, weights = infer_rejected("reweighting", bad=hidden, acceptance=np.where(taken, 1, 0.2))
    assert np.average(bad, weights=weights) == pytest.approx(truth.mean(), abs=0.01)
    assert np.nanmean(hidden) < truth.mean() - 0.05


def test_what_a_method_lacks_is_named():
    assert infer_rejected("all rejected bad", bad=BAD).bad.sum() == 4
    with pytest.raises(CaseError, match="chance"):
        infer_rejected("fuzzy", bad=BAD)
    with pytest.raises(CaseError, match="acceptance of 0"):
        infer_rejected("reweighting", bad=BAD, acceptance=np.zeros(6))
    with pytest.raises(CaseError, match="one of " + METHODS[0]):
        infer_rejected("magic", bad=BAD)  # type: ignore[arg-type]
    with pytest.raises(CaseError):
        infer_rejected("accepted only", bad=np.full(3, np.nan))


def test_the_paper_alone_gives_every_score(made):
    frame, card = made
    rebuilt = score_from_document(json.loads(json.dumps(card.to_dict())))
    found = compare_scores(rebuilt(frame), card.points(frame), frame)
    assert (found.differing, found.largest, len(found.suspects)) == (0, 0.0, 0)


def test_an_undocumented_rule_is_found_and_named(made):
    frame, card = made
    production = card.points(frame.assign(late=frame["late"].replace(2, -2)))
    found = compare_scores(score_from_document(card.to_dict())(frame), production, frame)
    assert found.differing == (frame["late"] == 2).sum()
    assert found.suspects.iloc[0].to_dict() == {"group": "late = 2", "rows": found.differing, "differ": 1.0, "covers": 1.0}


def test_a_rule_on_missing_values_is_found_as_well(made):
    frame, card = made
    production = card.points(frame.fillna({"limit": 0.0}))
    assert compare_scores(card.points(frame), production, frame).suspects.iloc[0]["group"] == "limit missing"


def test_the_rebuild_does_not_import_what_it_checks():
    import lifecycle.cases.credit_risk.rebuild as module

    nodes = list(ast.walk(ast.parse(Path(module.__file__).read_text(encoding="utf-8"))))
    taken = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names = {node.module for node in taken} | {
        alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    assert all(node.level == 0 for node in taken)
    assert {name for name in names if name.partition(".")[0] == "lifecycle"} == {"lifecycle.cases.errors"}


@pytest.mark.parametrize("hole", ["missing", "gap", "overlap"])
def test_a_document_with_a_hole_is_refused(made, hole):
    frame, card = made
    paper = card.to_dict()
    lines = paper["characteristics"][1]["lines"]
    if hole == "missing":
        lines.pop()
    elif hole == "gap":
        lines.pop(0)
    else:
        lines[0]["below"] = 1e9
    with pytest.raises(CaseError, match="lines of the table"):
        score_from_document(paper)(frame)
    with pytest.raises(CaseError, match="nobody can score"):
        score_from_document({"base": 1})


def test_sql_gives_the_same_scores(made):
    frame, card = made
    with closing(sqlite3.connect(":memory:")) as database:
        frame.rename_axis("id").to_sql("new clients", database)
        answered = pd.read_sql_query(as_sql(card, table="new clients", key="id"), database)
    assert (answered.set_index("id")["score"] == card.points(frame)).all()


def test_a_spreadsheet_gives_the_same_scores(made):
    """What LOOKUP does (the last start that is not above the value), computed term by term."""
    frame, card = made
    formula = as_spreadsheet(card, cells={"late": "B2", "limit": "C2"})
    base, terms = (
        formula[1:].partition("+")[0],
        re.findall(r"IF\(ISBLANK\((\w+)\),(-?\d+),LOOKUP\(\w+,{(.*?)},{(.*?)}\)\)", formula),
    )
    total = np.full(len(frame), int(base))
    for (cell, blank, starts, points), name in zip(terms, ("late", "limit"), strict=True):
        assert cell == {"late": "B2", "limit": "C2"}[name]
        at = np.searchsorted(np.array(starts.split(","), float), frame[name].to_numpy(), side="right") - 1
        total += np.where(frame[name].isna(), int(blank), np.array(points.split(","), int)[at])
    assert (total == card.points(frame)).all()
    with pytest.raises(CaseError, match="no cell for `limit`"):
        as_spreadsheet(card, cells={"late": "B2"})


def facts(**changes):
    table = [{"a": 1, "b": 0.25}]
    every = {place: {} for place in ("data", "model", "validation", "monitoring")}
    for section in SECTIONS:
        for name in re.findall(r"\{([a-z_.]+)", " ".join(section.paragraphs)):
            every[name.split(".")[0]][name.split(".")[1]] = 0.5
        for name in section.tables:
            every[name.split(".")[0]][name.split(".")[1]] = table
    return every | changes


def test_the_document_is_filled_from_facts_and_safe_against_markup():
    every = facts()
    every["data"]["bad"] = "<script>late</script>"
    html = risk_document(every, title="A & B")
    assert "&lt;script&gt;late" in html
    assert "<script>" not in html
    assert html.count("<h2>") == len(SECTIONS) == 4
    assert "0.25</td>" in html
    assert "{" not in html.split("</style>")[1]


def test_a_typed_number_is_refused():
    for text in ("The Gini is 0.72.", "Reviewed in 2026", "{data.rows} rows and 3 more"):
        for section in (Section("S", (text,)), Section(text, ())):
            with pytest.raises(CaseError, match="typed by hand"):
                risk_document(facts(), title="x", sections=[section])


@pytest.mark.parametrize("text", ["Rows {data.Rows} of {datarows", "{data.rows", "rows}", "{}", "{data.rows:{data.width}}"])
def test_a_misspelt_place_is_refused_and_not_printed(text):
    for section in (Section("S", (text,)), Section(text, ())):
        with pytest.raises(CaseError, match="no place for a fact"):
            risk_document(facts(), title="x", sections=[section])


def test_a_document_with_a_gap_is_not_issued():
    every = facts()
    del every["monitoring"]["owner"]
    with pytest.raises(CaseError, match=r"nothing is known of `monitoring\.owner`"):
        risk_document(every, title="x")
    with pytest.raises(CaseError, match="list of dicts"):
        risk_document(facts(data=facts()["data"] | {"rates": 3}), title="x")


@pytest.mark.parametrize("cell", ["B2)+WEBSERVICE(A1", "b2", "B2:B9", "", "=B2"])
def test_only_a_cell_becomes_part_of_a_formula(made, cell):
    with pytest.raises(CaseError, match="not a cell"):
        as_spreadsheet(made[1], cells={"late": cell, "limit": "C2"})


def test_a_paper_with_odd_points_or_columns_of_other_lengths_is_refused(made):
    paper = made[1].to_dict()
    with pytest.raises(CaseError, match="rows"):
        score_from_document(paper)({"late": [1.0, 2.0], "limit": [50.0]})
    with pytest.raises(CaseError, match="not numbers"):
        score_from_document(paper)({"late": ["x"], "limit": [50.0]})
    paper["characteristics"][0]["lines"][0]["points"] = 1.9
    empty = {"base": 1, "characteristics": [{"feature": "late", "lines": []}]}
    for odd in (paper, empty, {"base": 1, "characteristics": []}, {"base": 1, "characteristics": ["x"]}):
        with pytest.raises(CaseError):
            score_from_document(odd)


def test_a_row_that_neither_could_score_does_not_differ():
    found = compare_scores([1, np.nan, np.nan], [1, np.nan, 2], pd.DataFrame({"a": [1, 2, 3]}))
    assert (found.differing, found.largest) == (1, 0.0)
    with pytest.raises(CaseError):
        compare_scores([1], [2], pd.DataFrame({"a": ["x"]}))


@pytest.mark.parametrize("odd", [{"worse": -1}, {"worse": np.nan}, {"bands": 0}, {"bad": [["x"]]}])
def test_a_guess_that_is_none_is_refused(odd):
    with pytest.raises(CaseError):
        infer_rejected("parcelling", **({"bad": BAD, "chance": CHANCE} | odd))


@pytest.mark.parametrize("odd", [np.array([1, 2]), np.nan, [{"a": 1}, {"b": 2}]])
def test_a_fact_that_cannot_be_printed_is_refused(odd):
    every = facts()
    every["monitoring"]["signals"] = every["monitoring"]["owner"] = odd
    with pytest.raises(CaseError):
        risk_document(every, title="x")
