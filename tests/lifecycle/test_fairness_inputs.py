"""What the functions of fairness refuse, and that they say which value it is."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from lifecycle.errors import DataError
from lifecycle.govern import (
    GroupCounts,
    GroupReport,
    all_tables,
    crossed,
    fair_thresholds,
    group_auc,
    group_report,
    implied_base_rate,
    patrol_years,
    proxy_audit,
    reweigh,
    what_can_be_equal,
    who_pays,
)

LABELS, GROUPS, SCORES = [1, 0, 1, 0], ["a", "a", "b", "b"], [0.9, 0.2, 0.6, 0.7]


def policy(**changed):
    return fair_thresholds(**{"labels": LABELS, "scores": SCORES, "groups": GROUPS} | changed)


def features(**columns):
    return pd.DataFrame({"x": np.arange(20.0)} | columns)


HALVES = [0, 1] * 10


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: group_report(LABELS, [1, 0, pd.NA, 0], GROUPS), "`decisions` should be 0 or 1"),
        (lambda: group_report(["1", "0", "1", "0"], LABELS, GROUPS), "`labels` should be numbers"),
        (lambda: group_report(pd.to_datetime(["2020"] * 4), LABELS, GROUPS), "`labels` should be numbers"),
        (lambda: group_report(LABELS, LABELS, "aabb"), "`groups` should be one value a row"),
        (lambda: group_report([[1], [0, 1], [1], [0]], LABELS, GROUPS), "`labels` should be"),
        (lambda: group_report([LABELS], [LABELS], [GROUPS]), "`labels` should be one value a row"),
        (lambda: reweigh(LABELS, ["a", None, "b", "b"]), "1 rows have no group"),
        (lambda: reweigh(LABELS, GROUPS[:3]), "4 labels, 3 groups"),
        (lambda: reweigh([], []), "0 labels, 0 groups"),
        (lambda: who_pays(LABELS, SCORES, LABELS, GROUPS), "`before` should be 0 or 1"),
        (lambda: who_pays(LABELS, LABELS, [1], GROUPS), "4 labels, 4 before, 1 after, 4 groups"),
        (lambda: who_pays(LABELS, LABELS, LABELS, ["a", None, "b", "b"]), "1 rows have no group"),
        (lambda: policy(labels=[1, -1, 1, -1]), "`labels` should be 0 or 1"),
        (lambda: policy(groups=["a", "a", "b", float("nan")]), "1 rows have no group"),
        (lambda: policy(scores=SCORES[:3]), "4 labels, 3 scores, 4 groups"),
        (lambda: policy(cost_false_positive=-1), "`cost_false_positive` is -1"),
        (lambda: policy(cost_false_negative=math.inf), "`cost_false_negative` is inf"),
        (lambda: policy(cost_false_negative=math.nan), "`cost_false_negative` is nan"),
        (lambda: policy().decide([math.nan, 0.9], ["a", "b"], seed=0), "`scores` has 1 missing or infinite"),
        (lambda: policy().decide([0.1, 0.9, 0.3], ["a"], seed=0), "3 scores, 1 groups"),
        (lambda: group_auc([1, 2, 3], [0, 1, math.nan]), "`group` should be 0 or 1"),
        (lambda: group_auc([1, math.nan, 3], [0, 1, 1]), "`values` has 1 missing or infinite"),
        (lambda: proxy_audit(features(), [0.5, 1] * 10), "`group` should be 0 or 1"),
        (lambda: proxy_audit(features(), HALVES[:7]), "7 group, 20 x"),
        (lambda: proxy_audit(features(y="text"), HALVES), "`y` should be numbers"),
        (lambda: proxy_audit(features(y=math.inf), HALVES), "`y` has 20 missing or infinite"),
        (lambda: proxy_audit(features()[[]], HALVES), "no features"),
        (lambda: proxy_audit(features()[["x", "x"]], HALVES), "`x` is there twice"),
        (lambda: proxy_audit(features(), HALVES, folds=1), "`folds` is 1"),
        (lambda: patrol_years(3, pull=math.nan), "`pull` is nan"),
        (lambda: patrol_years(3, pull=2000), "`pull` is 2000"),
        (lambda: patrol_years(3, crimes=(math.nan, 1)), "`crimes` is nan"),
        (lambda: patrol_years(-1), "`years` is -1"),
        (lambda: implied_base_rate(accuracy=0.7, fpr=0.3, fnr=0.1 + 0.2), "FPR and FNR are equal"),
        (lambda: GroupCounts(-5, 10, 3, 2).rate("tpr"), "-5"),
        (lambda: GroupCounts(1, 1, 1, 1).rate("f1"), "no rate `f1`"),
        (lambda: GroupReport({"a": GroupCounts(1, 2, 3, -4)}), "-4"),
        (lambda: group_report(LABELS, LABELS, GROUPS, level=95), "`level` is 95"),
        (lambda: group_report(LABELS, LABELS, GROUPS, draws=-1), "`draws` is -1"),
        (lambda: group_report(LABELS, LABELS, GROUPS).gap("f1"), "no rate `f1`"),
        (lambda: all_tables(-3, 2), "`positives` is -3"),
        (lambda: what_can_be_equal((2, 2), (2, 2), {"f": ["f1"]}), "no rate `f1`"),
        (lambda: crossed(["a", None], ["x", "y"]), "1 rows have no group"),
        (lambda: crossed(["a", "b"], ["x"]), "2 values in column 1, 1 in column 2"),
        (crossed, "no columns"),
    ],
)
def test_bad_input_is_refused_and_named(call, said):
    with pytest.raises(DataError) as caught:
        call()
    assert said in str(caught.value)
    assert caught.value.remedy


def test_an_interval_whose_end_is_infinite_says_so():
    report = GroupReport({"a": GroupCounts(1, 0, 0, 39), "b": GroupCounts(10, 0, 0, 30)})
    ratio = report.ratio("selection_rate", "b", "a")
    assert ratio.value == pytest.approx(10)
    assert math.isinf(ratio.high)
    assert 0 < ratio.low < 10


def test_a_group_of_nobody_has_no_rate_and_no_interval():
    report = GroupReport({"a": GroupCounts(0, 0, 0, 0), "b": GroupCounts(1, 1, 1, 1)})
    assert all(math.isnan(each) for each in report.interval("a", "tpr"))
    assert all(math.isnan(each) for each in report.ratio("tpr", "b", "a"))


def test_crossed_groups_keep_their_rows():
    first = pd.Series(["a", "b"], index=[7, 3])
    both = crossed(first, np.array(["x", "y"]))
    assert both[3] == "b, y"
    assert both.index.equals(first.index)
