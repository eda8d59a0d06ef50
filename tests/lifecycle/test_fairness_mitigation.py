"""Weights, reductions and who pays for them."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.govern import fit_quietly, reweigh, simulated_cvs, who_pays


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from("abc")), max_size=60))
def test_weighted_groups_and_labels_are_independent(rows):
    every = [(label, group) for label in (0, 1) for group in "abc"]
    frame = pd.DataFrame(every + rows, columns=["label", "group"])
    frame["weight"] = reweigh(frame["label"], frame["group"])
    by_group = frame.groupby("group")
    assert frame["weight"].sum() == pytest.approx(len(frame))
    np.testing.assert_allclose(by_group["weight"].sum(), by_group.size())
    shares = (frame["weight"] * frame["label"]).groupby(frame["group"]).sum() / by_group["weight"].sum()
    np.testing.assert_allclose(shares, frame["label"].mean())


@pytest.mark.parametrize("labels", [[1, 1, 1, 0], [1, 1, 1, 1]])
def test_no_weight_makes_up_for_a_label_that_is_missing(labels):
    with pytest.raises(DataError, match="both labels are needed"):
        reweigh(labels, list("aabb"))


def test_who_pays_counts_people_both_ways():
    table = who_pays([1, 0, 1, 0, 1], [0, 0, 1, 1, 1], [1, 1, 0, 1, 1], list("aabbb")).set_index("group")
    assert table.loc["a"].to_dict() == {"n": 2, "gained": 2, "lost": 0, "newly_right": 1, "newly_wrong": 1}
    assert table.loc["b"].to_dict() == {"n": 3, "gained": 0, "lost": 1, "newly_right": 0, "newly_wrong": 1}


def test_a_reduction_is_fitted_without_a_word():
    from fairlearn.reductions import DemographicParity, ExponentiatedGradient
    from sklearn.linear_model import LogisticRegression

    cvs = simulated_cvs(400, seed=1)
    features = cvs.drop(columns=["woman", "hired"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reduction = ExponentiatedGradient(LogisticRegression(max_iter=200), DemographicParity(), max_iter=3)
        fit_quietly(reduction, features, cvs["hired"], groups=cvs["woman"])
    decided = reduction.predict(features, random_state=0)
    before = LogisticRegression(max_iter=200).fit(features, cvs["hired"]).predict(features)

    def gap(decisions):
        return abs(np.mean(decisions[cvs["woman"] == 1]) - np.mean(decisions[cvs["woman"] == 0]))

    assert gap(decided) < gap(before)


def test_other_warnings_still_speak():
    class Loud:
        def fit(self, features, labels, sensitive_features):
            warnings.warn("mind the gap", stacklevel=1)

    with pytest.warns(UserWarning, match="mind the gap"):
        fit_quietly(Loud(), pd.DataFrame({"x": [1]}), [1], groups=["a"])


def test_made_up_cvs_have_one_skill_and_two_chances():
    cvs = simulated_cvs(20_000, seed=2)
    skill, hired = (cvs.groupby("woman")[name].mean() for name in ("skill", "hired"))
    assert skill[0] == pytest.approx(skill[1], abs=0.15)
    assert hired[1] < 0.7 * hired[0]
    assert not cvs.loc[cvs["woman"] == 0, ["women's", "women's college"]].any(axis=None)
