"""Thresholds by group: equal where they should be, the cheapest, and never without an answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_curve

from lifecycle.errors import DataError
from lifecycle.govern import CRITERIA, fair_thresholds, roc_hull


@st.composite
def rows(draw, groups="ab"):
    """Scores of few distinct values, with ties, and both labels in each group."""
    labels, scores, who = [], [], []
    for group in groups:
        n = draw(st.integers(4, 25))
        labels += [0, 1, *draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))]
        scores += [value / 8 for value in draw(st.lists(st.integers(0, 8), min_size=n + 2, max_size=n + 2))]
        who += [group] * (n + 2)
    return np.array(labels), np.array(scores), np.array(who)


@settings(max_examples=40, deadline=None)
@given(rows("a"))
def test_the_hull_lies_on_or_above_the_curve_and_bends_one_way(data):
    labels, scores, _ = data
    hull = roc_hull(labels, scores)
    fpr, tpr, thresholds = roc_curve(labels, scores, drop_intermediate=False)
    assert (np.interp(fpr, hull["fpr"], hull["tpr"]) >= tpr - 1e-12)[fpr > 0].all()
    corners = {(round(f, 9), round(t, 9), c) for f, t, c in zip(fpr, tpr, thresholds, strict=True)}
    assert all((round(r.fpr, 9), round(r.tpr, 9), r.threshold) in corners for r in hull.itertuples())
    with np.errstate(divide="ignore"):
        slopes = np.diff(hull["tpr"]) / np.diff(hull["fpr"])
    assert (slopes[1:] < slopes[:-1]).all()
    assert (hull.iloc[0][["fpr", "tpr"]] == 0).all()
    assert (hull.iloc[-1][["fpr", "tpr"]] == 1).all()


@settings(max_examples=25, deadline=None)
@given(rows("abc"), st.sampled_from(sorted(CRITERIA)), st.integers(1, 4))
def test_the_rates_of_the_criterion_are_equal_for_any_data(data, criterion, price):
    labels, scores, who = data
    policy = fair_thresholds(*data, criterion=criterion, cost_false_negative=price)
    for rate in CRITERIA[criterion]:
        assert np.ptp(policy.rates[rate]) == pytest.approx(0, abs=1e-7)
    chance = policy.chances(scores, who)
    for group in "abc":
        assert sum(weight for _, weight in policy.rules[group]) == pytest.approx(1)
        mine = who == group
        row = policy.rates.set_index("group").loc[group]
        assert row["tpr"] == pytest.approx(chance[mine & (labels == 1)].mean(), abs=1e-7)
        assert row["fpr"] == pytest.approx(chance[mine & (labels == 0)].mean(), abs=1e-7)
        assert row["selection_rate"] == pytest.approx(chance[mine].mean(), abs=1e-7)
    expected = (price * labels * (1 - chance) + (1 - labels) * chance).mean()
    assert policy.cost == pytest.approx(expected, abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(rows("ab"))
def test_nothing_without_a_coin_is_cheaper(data):
    labels, scores, who = data
    cuts = [np.inf, *np.unique(scores)]

    def tried(a, b):
        decided = scores >= np.where(who == "a", a, b)
        return (decided != labels).mean(), [decided[(who == g) & (labels == 1)].mean() for g in "ab"]

    every = [tried(a, b) for a in cuts for b in cuts]
    assert fair_thresholds(*data, criterion="none").cost == pytest.approx(min(cost for cost, _ in every))
    equal = [cost for cost, tprs in every if tprs[0] == tprs[1]]
    assert fair_thresholds(*data, criterion="equal opportunity").cost <= min(equal) + 1e-9


def drawn(seed=0, n=1500):
    rng = np.random.default_rng(seed)
    who = rng.choice(["a", "b"], n)
    labels = (rng.random(n) < np.where(who == "a", 0.6, 0.3)).astype(int)
    return labels, rng.normal(labels * np.where(who == "a", 1.6, 0.9), 1).round(2), who


def test_it_is_at_least_as_good_as_fairlearn_on_the_same_rows():
    import pandas as pd
    from fairlearn.postprocessing import ThresholdOptimizer
    from sklearn.base import BaseEstimator

    class AsGiven(BaseEstimator):
        def __sklearn_is_fitted__(self):
            return True

        def fit(self, features, labels):
            return self

        def predict(self, features):
            return features["score"].to_numpy()

    labels, scores, who = drawn()
    frame = pd.DataFrame({"score": scores})
    theirs = ThresholdOptimizer(estimator=AsGiven(), constraints="equalized_odds", objective="accuracy_score",
                                prefit=True, predict_method="predict")  # fmt: skip
    theirs.fit(frame, labels, sensitive_features=who)
    chance = theirs._pmf_predict(frame, sensitive_features=who)[:, 1]
    wrong = (labels * (1 - chance) + (1 - labels) * chance).mean()
    ours = fair_thresholds(labels, scores, who, criterion="equalised odds")
    assert ours.cost <= wrong + 1e-9
    assert ours.cost == pytest.approx(wrong, abs=0.005)


def test_decisions_follow_their_chances():
    labels, scores, who = drawn(1)
    policy = fair_thresholds(labels, scores, who, criterion="equalised odds")
    assert policy.needs_a_coin
    chance = policy.chances(scores, who)
    shares = np.mean([policy.decide(scores, who, seed=seed) for seed in range(400)], axis=0)
    assert np.abs(shares - chance).max() < 0.13
    assert (shares[chance == 0] == 0).all()
    assert (shares[chance > 1 - 1e-9] == 1).all()
    assert (policy.decide(scores, who, seed=4) == policy.decide(scores, who, seed=4)).all()


def test_without_a_criterion_there_is_no_coin():
    assert not fair_thresholds(*drawn(), criterion="none").needs_a_coin


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"criterion": "niceness"}, "no criterion `niceness`"),
        ({"labels": [1, 1, 1, 0]}, "group `a`: a ROC curve needs both labels"),
        ({"scores": [0.1, float("nan"), 0.3, 0.4]}, "`scores` has 1 missing"),
    ],
)
def test_what_cannot_be_solved_is_refused(change, said):
    given_ = {"labels": [1, 0, 1, 0], "scores": [0.1, 0.2, 0.3, 0.4], "groups": list("aabb"), "criterion": "none"} | change
    arrays = [given_.pop(name) for name in ("labels", "scores", "groups")]
    with pytest.raises(DataError, match=said):
        fair_thresholds(*arrays, **given_)


def test_a_group_without_a_rule_gets_no_decision():
    policy = fair_thresholds([1, 0, 1, 0], [0.1, 0.2, 0.3, 0.4], list("aabb"))
    with pytest.raises(DataError, match="no rule for group `c`"):
        policy.decide([0.5], ["c"], seed=0)
