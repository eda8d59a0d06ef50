"""The profile of a table, against pandas and scikit-learn."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from lifecycle.develop.exploration.profile import class_summary, duplicate_rows, kind_of, outlier_mask, profile
from lifecycle.errors import DataError

FRAME = pd.DataFrame(
    {
        "paid": [1.0, 2.0, 3.0, 4.0, 100.0],
        "city": ["a", "b", "a", None, "a"],
        "flag": [0, 1, 0, 1, 1],
        "same": [1, 1, 1, 1, 1],
    }
)


def test_one_row_a_column_with_its_facts():
    facts = profile(FRAME).set_index("column")
    assert facts.loc["paid", ["mean", "median", "distinct"]].tolist() == [22.0, 3.0, 5]
    assert facts.loc["paid", "sd"] == pytest.approx(FRAME["paid"].std())
    assert facts.loc["paid", "outliers"] == 0.2
    assert facts.loc["city", ["kind", "missing"]].tolist() == ["category", 1]
    assert np.isnan(facts.loc["same", "skew"])


def test_kinds():
    kinds = [
        kind_of(pd.Series(v)) for v in ([1, 2], ["a", "b"], [True, False], pd.to_datetime(["2026-01-01", "2026-01-02"]))
    ]
    assert kinds == ["number", "category", "category", "time"]


def test_an_empty_table_and_a_double_name_are_errors():
    with pytest.raises(DataError, match="no rows"):
        profile(FRAME.head(0))
    with pytest.raises(DataError, match="`paid` is used twice"):
        profile(pd.concat([FRAME, FRAME[["paid"]]], axis=1))


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=2).filter(
        lambda rows: len({label for _, label in rows}) == 2
    )
)
def test_the_separation_of_the_classes_is_the_area_under_the_roc_curve(rows):
    frame = pd.DataFrame(rows, columns=["x", "y"]).astype({"y": int})
    assert class_summary(frame, "y")["auc"][0] == pytest.approx(roc_auc_score(frame["y"], frame["x"]))


def test_mean_and_median_may_disagree_and_both_are_reported():
    frame = pd.DataFrame({"amount": [10, 10, 10, 1, 1, 100], "fraud": [0, 0, 0, 1, 1, 1]})
    row = class_summary(frame, "fraud").iloc[0]
    assert row["mean_1"] > row["mean_0"]
    assert row["median_1"] < row["median_0"]


@pytest.mark.parametrize(
    ("target", "message"), [("nope", "no column `nope`"), ("same", "both of them"), ("paid", "must hold 0 and 1")]
)
def test_a_target_that_is_none_is_an_error(target, message):
    with pytest.raises(DataError, match=message):
        class_summary(FRAME, target)


def test_outliers_lie_beyond_the_fences():
    assert outlier_mask(FRAME["paid"]).tolist() == [False, False, False, False, True]


def test_duplicates_count_repetitions_only():
    frame = pd.DataFrame({"id": [1, 2, 3, 4], "x": [5, 5, 5, 6]})
    assert duplicate_rows(frame) == 0
    assert duplicate_rows(frame, ignore=("id",)) == 2
