"""The effect of a selection is measured on rows that had no say in it."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from lifecycle.develop.features.selection import effect, judge
from lifecycle.errors import DataError

MODEL = LogisticRegression()


@pytest.fixture
def rows():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(900, 4)), columns=list("abcd"), index=range(5, 905))
    labels = pd.Series((frame["a"] + rng.normal(size=900) > 0.8).astype(int), index=frame.index)
    parts = pd.Series(np.repeat(["train", "validation", "test"], 300), index=frame.index)
    return frame, labels, parts


def test_judge_is_scikit_learns_average_precision_on_the_part_asked_for(rows):
    frame, labels, parts = rows
    fitted = MODEL.fit(frame[:300], labels[:300])
    for part, held_out in (("validation", slice(300, 600)), ("test", slice(600, 900))):
        expected = average_precision_score(labels[held_out], fitted.predict_proba(frame[held_out])[:, 1])
        assert judge(frame, labels, parts, model=MODEL, on=part) == pytest.approx(expected, abs=1e-12)


def test_a_table_without_the_signal_is_surely_worse_and_one_without_noise_is_not(rows):
    frame, labels, parts = rows
    table = effect({"all": frame, "a": frame[["a"]], "noise": frame[["c", "d"]]}, labels, parts, model=MODEL)
    table = table.set_index("selection")
    assert table["columns"].tolist() == [4, 1, 2]
    assert table["cells"].tolist() == [1200, 300, 600]
    assert table.loc["all", ["difference", "low", "high"]].tolist() == [0, 0, 0]
    assert table.loc["noise", "high"] < 0
    assert table.loc["a", "low"] < 0.02
    assert table.loc["a", "high"] > -0.02
    assert table["difference"].tolist() == pytest.approx((table["test"] - table.loc["all", "test"]).tolist())


def test_the_test_rows_never_train(rows):
    frame, labels, parts = rows
    before = effect({"all": frame}, labels, parts, model=MODEL)["validation"]
    upset = labels.where(parts != "test", 1 - labels)
    assert effect({"all": frame}, upset, parts, model=MODEL)["validation"].tolist() == before.tolist()


def test_bad_input_is_named(rows):
    frame, labels, parts = rows
    with pytest.raises(DataError, match="nothing to compare"):
        effect({}, labels, parts, model=MODEL)
    with pytest.raises(DataError, match="same rows"):
        judge(frame.reset_index(drop=True), labels, parts, model=MODEL)
    with pytest.raises(DataError, match="not a part to judge on"):
        judge(frame, labels, parts, model=MODEL, on="train")
    with pytest.raises(DataError, match="no rows"):
        judge(frame, labels, parts.replace("test", "train"), model=MODEL, on="test")
