"""Eight counts against the rows they were counted from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, jaccard_score, precision_score, recall_score

from lifecycle.develop import bootstrap, confusion
from lifecycle.errors import DataError
from lifecycle.iterate import Agreement, Paired, agreement, mismatches, paired_decisions, segments

BITS = st.lists(st.tuples(*3 * [st.integers(0, 1)]), min_size=1, max_size=60)


@settings(max_examples=60)
@given(BITS)
def test_counts_and_metrics_are_those_of_the_rows(rows):
    truth, old, new = np.array(rows).T
    both = paired_decisions(truth, old, new)
    assert both.n == len(rows)
    assert both.champion_only == ((old == truth) & (new != truth)).sum()
    assert both.challenger_only == ((old != truth) & (new == truth)).sum()
    assert both.both_right + both.both_wrong == (old == new).sum()
    assert both.agreement == (old == new).mean()
    first, second = confusion(truth, old), confusion(truth, new)
    for metric in ("accuracy", "precision", "recall", "false_positive_rate", "flag_rate"):
        change = both.change(metric, n=1)
        for got, expected in ((change.champion, getattr(first, metric)), (change.challenger, getattr(second, metric))):
            assert got == pytest.approx(expected, nan_ok=True)
    cost = both.change("cost", costs=(2, 10), n=1)
    assert cost.challenger == pytest.approx((2 * second.fp + 10 * second.fn) / len(rows))


def test_metrics_are_those_of_scikit_learn():
    truth, old, new = np.random.default_rng(3).integers(0, 2, (3, 500))
    both = paired_decisions(truth, old, new)
    for name, theirs in {"accuracy": accuracy_score, "precision": precision_score, "recall": recall_score}.items():
        change = both.change(name, n=10)
        assert change.difference == pytest.approx(theirs(truth, new) - theirs(truth, old))


def test_the_interval_is_that_of_a_bootstrap_that_draws_rows():
    rng = np.random.default_rng(4)
    truth = rng.binomial(1, 0.3, 800)
    old, new = (np.where(rng.random(800) < right, truth, 1 - truth) for right in (0.80, 0.84))
    change = paired_decisions(truth, old, new).change("accuracy", n=4000, seed=1)
    rows = bootstrap(lambda y, a, b: float((b == y).mean() - (a == y).mean()), truth, old, new, n=2000, seed=2)
    assert change.difference == pytest.approx(rows.estimate)
    assert (change.low, change.high) == (pytest.approx(rows.low, abs=0.005), pytest.approx(rows.high, abs=0.005))
    assert change == paired_decisions(truth, old, new).change("accuracy", n=4000, seed=1)


def test_an_interval_covers_the_truth_as_often_as_it_says():
    shares = np.array([0.5, 0.03, 0.04, 0.08, 0.02, 0.05, 0.06, 0.22])
    true = Paired(tuple(int(count) for count in 1000 * shares)).change(n=1).difference
    worlds = np.random.default_rng(5).multinomial(600, shares, size=250)
    inside = [change.low <= true <= change.high for change in (Paired(tuple(world)).change(n=400) for world in worlds)]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.04)


def test_what_cannot_be_said_has_no_limits():
    nothing_flagged = Paired((90, 0, 0, 0, 10, 0, 0, 0)).change("precision")
    assert all(math.isnan(value) for value in nothing_flagged)
    rarely = Paired((9979, 10, 10, 0, 1, 0, 0, 0)).change("recall")
    assert rarely.difference == 0
    assert math.isnan(rarely.low)


def test_a_few_differences_have_no_limits_that_would_contradict_the_exact_test():
    four_to_none = Paired((19900, 0, 4, 0, 20, 0, 0, 76))
    assert four_to_none.p_value() == pytest.approx(0.125)
    assert math.isnan(four_to_none.change("accuracy").low)
    assert math.isnan(Paired((900, 20, 30, 10, 20, 2, 3, 50)).change("recall").low)
    assert not math.isnan(Paired((900, 20, 30, 10, 20, 2, 3, 50)).change("accuracy").low)


def test_a_precision_of_a_model_that_flags_nothing_has_no_limits():
    change = Paired((100_000, 0, 12, 0, 0, 0, 0, 0)).change("precision")
    assert (change.champion, math.isnan(change.challenger), math.isnan(change.low)) == (0.0, True, True)


@pytest.mark.parametrize(
    "arguments",
    [([0, 1], [0], [0, 1]), ([0, 2], [0, 1], [0, 1]), ([0, math.nan], [0, 1], [0, 1]), ([0, 1], [0, 1], [0, 0.5]),
     ([[0], [1]], [[0], [1]], [[0], [1]])],
)  # fmt: skip
def test_what_is_no_decision_or_not_of_the_same_cases_is_refused(arguments):
    with pytest.raises(DataError):
        paired_decisions(*arguments)


def test_nonsense_is_refused():
    with pytest.raises(DataError, match="no metric"):
        Paired((1,) * 8).change("beauty")
    with pytest.raises(DataError, match="no cases"):
        Paired((0,) * 8).change()
    with pytest.raises(DataError, match="0 and 1"):
        Paired((1,) * 8).change(level=95)
    with pytest.raises(DataError, match="no counts"):
        Paired((1, 2, 3))
    assert paired_decisions([], [], []).n == 0
    assert math.isnan(paired_decisions([], [], []).agreement)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=60))
def test_agreement_is_that_of_scikit_learn(rows):
    old, new = np.array(rows).T
    found = agreement(old, new)
    assert found.n == len(rows)
    assert found.share == pytest.approx((old == new).mean())
    if (old | new).any():
        assert found.overlap == pytest.approx(jaccard_score(old, new))
    if len({*old, *new}) == 2:
        assert found.kappa == pytest.approx(cohen_kappa_score(old, new), nan_ok=True)
    if old.any():
        assert found.extra_work == pytest.approx(((new == 1) & (old == 0)).sum() / old.sum())


def test_agreement_about_nothing_is_not_a_number():
    nothing = Agreement(0, 0, 0, 0)
    assert all(math.isnan(value) for value in (nothing.share, nothing.overlap, nothing.kappa, nothing.extra_work))
    assert math.isnan(Agreement(0, 0, 0, 10).overlap)
    for champion, challenger in (([0, 1], [0]), ([0, 2], [0, 1])):
        with pytest.raises(DataError):
            agreement(champion, challenger)


def test_mismatches_are_the_cases_decided_differently_the_furthest_apart_first():
    import pandas as pd

    rows = pd.DataFrame({"x": [1, 2, 3, 4], "old": [0.1, 0.6, 0.4, 0.9], "new": [0.6, 0.3, 0.45, 0.8]}, index=list("abcd"))
    found = mismatches(rows, champion="old", challenger="new", thresholds=(0.5, 0.5))
    assert found.index.tolist() == ["a", "b"]
    assert found["flagged_by"].tolist() == ["challenger", "champion"]
    assert found["apart"].tolist() == pytest.approx([0.5, 0.5])  # places 1 and 3 of 4, and 3 and 1
    other_scale = mismatches(rows.assign(new=rows["new"] / 100), champion="old", challenger="new", thresholds=(0.5, 0.005))
    assert other_scale[["flagged_by", "apart"]].equals(found[["flagged_by", "apart"]])
    assert len(mismatches(rows, champion="old", challenger="new", thresholds=(0.5, 0.45))) == 3
    with pytest.raises(DataError, match="no column `older`"):
        mismatches(rows, champion="older", challenger="new", thresholds=(0.5, 0.5))
    with pytest.raises(DataError, match="missing scores"):
        mismatches(rows.assign(new=[0.1, None, 0.2, 0.3]), champion="old", challenger="new", thresholds=(0.5, 0.5))


def test_segments_name_the_part_where_models_differ():
    import pandas as pd

    rng = np.random.default_rng(6)
    rows = pd.DataFrame({"income": rng.normal(size=2000), "kind": rng.choice(["a", "b"], 2000), "constant": 1.0})
    differs = (rows["income"] > 0.8) & (rng.random(2000) < 0.5) | (rng.random(2000) < 0.01)
    table = segments(rows, differs)
    assert table.loc[0, "column"] == "income"
    assert table.loc[0, "lift"] > 2
    assert table.groupby("column")["differ"].sum().tolist() == [differs.sum()] * 3
    assert table.groupby("column")["cases"].sum().tolist() == [2000] * 3
    assert segments(rows, np.zeros(2000)).query("differ > 0").empty
    assert segments(rows.head(20), differs.head(20)).empty
    for arguments in ((rows, differs[:5]), (rows, differs, 1)):
        with pytest.raises(DataError):
            segments(*arguments[:2], **({"bins": arguments[2]} if len(arguments) > 2 else {}))
