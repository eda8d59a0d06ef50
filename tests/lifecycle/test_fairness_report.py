"""Rates by group: against fairlearn, the bootstrap of rows, and an exact test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom
from sklearn.metrics import accuracy_score

from lifecycle.errors import DataError
from lifecycle.govern import RATES, GroupCounts, crossed, group_report

THEIRS = {
    "selection_rate": selection_rate,
    "tpr": true_positive_rate,
    "fpr": false_positive_rate,
    "fnr": false_negative_rate,
    "accuracy": accuracy_score,
}
ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from("abc")), min_size=1, max_size=60)


def spread(counts):
    cells = {"tp": (1, 1), "fp": (0, 1), "fn": (1, 0), "tn": (0, 0)}
    return [(*cells[cell], g) for g, c in counts.items() for cell, n in c._asdict().items() for _ in range(n)]


@settings(max_examples=12, deadline=None)
@given(ROWS.filter(lambda rows: all({y for y, _, g in rows if g == name} == {0, 1} for name in {g for *_, g in rows})))
def test_rates_and_gaps_are_those_of_fairlearn(rows):
    labels, decisions, groups = (np.array(each) for each in zip(*rows, strict=True))
    theirs = MetricFrame(metrics=THEIRS, y_true=labels, y_pred=decisions, sensitive_features=groups)
    ours = group_report(labels, decisions, groups, few=1)
    for rate in THEIRS:
        for group in ours.counts:
            assert ours.value(group, rate) == pytest.approx(theirs.by_group.loc[group, rate], abs=1e-12)
        if len(ours.counts) > 1:
            assert ours.gap(rate) == pytest.approx(theirs.difference()[rate], abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(ROWS)
def test_every_row_is_counted_once_and_rates_are_shares(rows):
    labels, decisions, groups = zip(*rows, strict=True)
    report = group_report(labels, decisions, groups)
    assert sum(each.n for each in report.counts.values()) == len(rows)
    for counts in report.counts.values():
        assert all(np.isnan(value) or 0 <= value <= 1 for value in counts.rates.values())
        assert np.isnan(counts.rate("tpr")) == (counts.tp + counts.fn == 0)


def test_intervals_are_those_of_drawing_rows_with_replacement():
    counts = {"a": GroupCounts(30, 10, 12, 60), "b": GroupCounts(20, 20, 20, 40)}
    labels, decisions, groups = (np.array(each) for each in zip(*spread(counts), strict=True))
    report = group_report(labels, decisions, groups, draws=4000, seed=3)
    rng, drawn = np.random.default_rng(5), []
    y, d = labels[groups == "a"], decisions[groups == "a"]
    for _ in range(4000):
        rows = rng.integers(0, len(y), len(y))
        drawn.append(d[rows][y[rows] == 1].mean())
    assert report.interval("a", "tpr")[1:] == pytest.approx(tuple(np.quantile(drawn, [0.025, 0.975])), abs=0.02)
    assert report.interval("a", "tpr").value == 30 / 42


def test_differences_and_ratios_have_the_width_of_two_samples():
    counts = {"a": GroupCounts(300, 100, 120, 600), "b": GroupCounts(200, 200, 200, 400)}
    report = group_report(*zip(*spread(counts), strict=True), draws=4000)
    difference = report.difference("selection_rate", "b", "a")
    p, q, n, m = 0.4, 400 / 1120, 1000, 1120
    sd = (p * (1 - p) / n + q * (1 - q) / m) ** 0.5
    assert difference.value == pytest.approx(p - q)
    assert (difference.high - difference.low) / 2 == pytest.approx(1.96 * sd, rel=0.08)
    ratio = report.ratio("selection_rate", "b", "a")
    assert ratio.value == pytest.approx(p / q)
    assert ratio.low < ratio.value < ratio.high


def test_chance_of_a_gap_between_two_groups_is_that_of_the_exact_test():
    report = group_report(*zip(*spread({"a": GroupCounts(9, 0, 11, 0), "b": GroupCounts(18, 0, 12, 0)}), strict=True),
                          few=1, draws=20_000)  # fmt: skip
    hits = np.arange(0, 21)
    chance = hypergeom(50, 27, 20).pmf(hits)
    gaps = np.abs(hits / 20 - (27 - hits) / 30)
    assert report.chance_of_gap("tpr")[1] == pytest.approx(chance[gaps >= report.gap("tpr") - 1e-9].sum(), abs=0.012)


def test_many_small_groups_have_a_gap_by_chance_alone():
    rng = np.random.default_rng(0)
    labels, decisions = rng.integers(0, 2, (2, 160))
    report = group_report(labels, decisions, rng.integers(0, 8, 160), few=1)
    usual, p = report.chance_of_gap("selection_rate")
    assert usual > 0.3
    assert p > 0.01


def test_what_is_too_small_is_named_and_not_compared():
    rows = spread({"few": GroupCounts(2, 1, 3, 4), "many": GroupCounts(40, 40, 40, 40)})
    report = group_report(*zip(*rows, strict=True))
    assert any(said.startswith("few: 5 cases for tpr") for said in report.warnings)
    assert not any(said.startswith("many") for said in report.warnings)
    assert np.isnan(report.gap("tpr"))
    assert np.isnan(report.chance_of_gap("tpr")[1])
    assert "few: no cases for ppv, npv" not in report.warnings


def test_a_rate_of_nobody_is_missing_and_said_to_be():
    report = group_report([0, 0], [0, 0], ["a", "a"])
    assert np.isnan(report.value("a", "tpr"))
    assert all(np.isnan(end) for end in report.interval("a", "tpr")[1:])
    assert "a: no cases for tpr, fnr, ppv" in report.warnings


def test_tables_have_a_row_a_group():
    rows = spread({"a": GroupCounts(30, 10, 12, 60), "b": GroupCounts(20, 20, 20, 40)})
    report = group_report(*zip(*rows, strict=True))
    assert report.table().columns.tolist() == ["group", "n", *RATES]
    table = report.intervals("tpr", "a")
    assert table["cases"].tolist() == [42, 40]
    assert table["ratio"].tolist() == pytest.approx([1, 0.5 / (30 / 42)])


@pytest.mark.parametrize(
    ("labels", "decisions", "groups", "said"),
    [
        ([1, 0], [1], ["a", "b"], "2 labels, 1 decisions"),
        ([], [], [], "0 labels"),
        ([1, 2], [1, 0], ["a", "b"], "`labels` should be 0 or 1"),
        ([1, 0], [0.3, 0.7], ["a", "b"], "`decisions` should be 0 or 1"),
        ([1, 0], [1, 0], ["a", None], "1 rows have no group"),
    ],
)
def test_what_cannot_be_counted_is_refused(labels, decisions, groups, said):
    with pytest.raises(DataError, match=said):
        group_report(labels, decisions, groups)


def test_an_unknown_group_is_named_with_those_that_are_there():
    with pytest.raises(DataError, match=r"no group `c`\n.*groups: a, b"):
        group_report([1, 0], [1, 0], ["a", "b"]).value("c", "tpr")


def test_crossed_groups_ignore_the_index():
    first, second = pd.Series(["x", "y"], index=[7, 9]), pd.Series([1, 2])
    assert crossed(first, second).tolist() == ["x, 1", "y, 2"]
