"""Intervals against statsmodels, scipy and definitions written out."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from lifecycle.develop.evaluation.intervals import (
    Interval,
    bootstrap,
    clopper_pearson,
    delong,
    delong_difference,
    paired_difference,
    wilson,
)
from lifecycle.develop.evaluation.metrics import average_precision, confusion, log_loss, roc_auc
from lifecycle.develop.evaluation.scorecard import METRICS, metric_table
from lifecycle.errors import DataError

counts = st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
samples = st.tuples(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.5]), min_size=2, max_size=15),
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.5]), min_size=2, max_size=15),
)
RNG = np.random.default_rng(3)
LABELS = RNG.random(400) < 0.3
SCORES = np.clip(LABELS * 0.2 + RNG.random(400) * 0.8, 0, 1)


@pytest.mark.parametrize(("ours", "theirs"), [(wilson, "wilson"), (clopper_pearson, "beta")])
@given(counts, st.floats(0.5, 0.999))
def test_shares_have_the_intervals_of_statsmodels(ours, theirs, count, level):
    low, high = proportion_confint(*count, alpha=1 - level, method=theirs)
    made = ours(*count, level=level)
    assert made.estimate == count[0] / count[1]
    assert (made.low, made.high) == pytest.approx((low, high), rel=0, abs=1e-12)
    assert 0 <= made.low <= made.estimate <= made.high <= 1


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_an_interval_of_no_rows_is_nan_and_ends_are_exact(interval):
    assert all(math.isnan(value) for value in interval(0, 0))
    assert interval(0, 20).low == 0
    assert interval(20, 20).high == 1


@pytest.mark.parametrize("arguments", [(3, 2), (-1, 2), (0.5, 2)])
def test_counts_that_are_none_are_refused(arguments):
    with pytest.raises(DataError, match="is not a count of rows"):
        wilson(*arguments)
    with pytest.raises(DataError, match=r"95 % is 0\.95"):
        clopper_pearson(1, 2, level=95)


def placements(positive, negative):
    """DeLong's placement values by comparing every pair."""
    wins = (positive[:, None] > negative[None, :]) + 0.5 * (positive[:, None] == negative[None, :])
    return wins.mean(axis=1), wins.mean(axis=0)


@given(samples)
def test_delong_is_the_variance_of_placement_values_over_all_pairs(sample):
    positive, negative = map(np.array, sample)
    of_positive, of_negative = placements(positive, negative)
    se = math.sqrt(of_positive.var(ddof=1) / len(positive) + of_negative.var(ddof=1) / len(negative))
    labels = np.r_[np.ones(len(positive)), np.zeros(len(negative))]
    made = delong(labels, np.r_[positive, negative])
    area = of_positive.mean()
    z = stats.norm.ppf(0.975)
    assert made == pytest.approx((area, max(0, area - z * se), min(1, area + z * se)), rel=0, abs=1e-12)


def test_delong_of_a_difference_counts_the_correlation():
    other = np.clip(SCORES + RNG.normal(0, 0.1, len(SCORES)), 0, 1)
    made = delong_difference(LABELS, SCORES, other)
    a, b = (placements(scores[LABELS], scores[~LABELS]) for scores in (SCORES, other))
    variance = sum(np.var(one - two, ddof=1) / len(one) for one, two in zip(a, b, strict=True))
    assert made.estimate == pytest.approx(roc_auc(LABELS, SCORES) - roc_auc(LABELS, other))
    assert (made.high - made.low) / 2 == pytest.approx(stats.norm.ppf(0.975) * math.sqrt(variance))


def test_delong_agrees_with_the_bootstrap():
    exact, drawn = delong(LABELS, SCORES), bootstrap(roc_auc, LABELS, SCORES, n=2000, stratify=LABELS)
    assert drawn == pytest.approx(exact, abs=0.01)


def test_delong_without_enough_rows_is_nan():
    assert all(math.isnan(value) for value in delong([0, 0, 0], [1, 2, 3]))
    lonely = delong([1, 0, 0], [1, 2, 0])
    assert lonely.estimate == 0.5
    assert math.isnan(lonely.low)
    assert delong([1, 1, 0, 0], [3, 4, 1, 2]) == (1, 1, 1)


def test_the_bootstrap_of_a_mean_has_the_width_of_its_standard_error():
    values = RNG.normal(10, 2, 500)
    made = bootstrap(np.mean, values, n=4000, seed=1)
    se = values.std() / math.sqrt(len(values))
    assert made.estimate == values.mean()
    assert (made.high - made.low) / 2 == pytest.approx(1.96 * se, rel=0.08)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=4000, method="percentile", rng=2).confidence_interval
    assert (made.low, made.high) == pytest.approx(tuple(theirs), abs=0.03)


def test_the_bootstrap_is_the_same_for_the_same_seed_and_moves_with_another():
    assert bootstrap(np.mean, SCORES, seed=4) == bootstrap(np.mean, SCORES, seed=4)
    assert bootstrap(np.mean, SCORES, seed=4) != bootstrap(np.mean, SCORES, seed=5)


def test_a_stratified_bootstrap_keeps_the_classes_and_rows_stay_together():
    def looks(labels, scores):
        assert labels.sum() == LABELS.sum()
        assert set(zip(labels, scores, strict=True)) <= set(zip(LABELS, SCORES, strict=True))
        return 1.0

    assert bootstrap(looks, LABELS, SCORES, n=20, stratify=LABELS) == (1, 1, 1)


def test_a_statistic_that_is_often_undefined_has_no_limits():
    rare = np.r_[1, np.zeros(9)]
    scores = np.arange(10.0)
    assert math.isnan(bootstrap(roc_auc, rare, scores).low)  # without the lone positive in a third of the samples
    assert bootstrap(roc_auc, rare, scores, stratify=rare).low == 0
    assert all(math.isnan(value) for value in bootstrap(roc_auc, np.zeros(10), scores))


def test_what_cannot_be_drawn_from_is_refused():
    with pytest.raises(DataError, match="nothing to draw"):
        bootstrap(np.mean, [])
    with pytest.raises(DataError, match="`array 2` has 1 rows"):
        bootstrap(roc_auc, [0, 1], [1])


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_a_model_does_not_differ_from_itself_and_the_difference_turns_with_the_models(seed):
    assert paired_difference(average_precision, LABELS, SCORES, SCORES, n=10, seed=seed) == (0, 0, 0)
    noisy = np.random.default_rng(seed).random(len(SCORES))
    there = paired_difference(roc_auc, LABELS, SCORES, noisy, n=20, seed=seed)
    back = paired_difference(roc_auc, LABELS, noisy, SCORES, n=20, seed=seed)
    assert there == pytest.approx((-back.estimate, -back.high, -back.low))
    assert there.estimate == pytest.approx(roc_auc(LABELS, SCORES) - roc_auc(LABELS, noisy))


def test_a_paired_difference_is_surer_than_two_intervals():
    weaker = SCORES + RNG.normal(0, 0.05, len(SCORES))
    paired = paired_difference(roc_auc, LABELS, SCORES, weaker, n=400)
    apart = bootstrap(roc_auc, LABELS, SCORES, n=400, stratify=LABELS)
    assert paired.high - paired.low < (apart.high - apart.low) / 2


def test_the_table_holds_every_metric_with_its_interval():
    table = metric_table(LABELS, SCORES, threshold=0.4, n=300).set_index("metric")
    assert tuple(table.index) == METRICS
    counts = confusion(LABELS, SCORES >= 0.4)
    assert table.loc["precision", ["value", "low", "high"]].tolist() == list(wilson(counts.tp, counts.tp + counts.fp))
    assert table.loc["false_positive_rate", "value"] == counts.false_positive_rate
    assert table.loc["roc_auc", ["value", "low", "high"]].tolist() == list(delong(LABELS, SCORES))
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    for name, statistic in {"average_precision": average_precision, "log_loss": log_loss}.items():
        slow = bootstrap(statistic, LABELS, SCORES, n=300, stratify=LABELS)
        assert table.loc[name, ["value", "low", "high"]].tolist() == pytest.approx(list(slow), rel=1e-12)


def test_f1_drawn_from_the_counts_agrees_with_f1_drawn_from_the_rows():
    table = metric_table(LABELS, SCORES, threshold=0.4, n=3000).set_index("metric")
    slow = bootstrap(lambda y, s: confusion(y, s >= 0.4).f1, LABELS, SCORES, n=3000, stratify=LABELS)
    assert table.loc["f1", ["value", "low", "high"]].tolist() == pytest.approx(list(slow), abs=0.01)


def test_scores_that_are_no_chances_have_no_log_loss_and_one_class_gives_nan():
    assert not {"log_loss", "brier"} & set(metric_table(LABELS, SCORES * 2, n=10)["metric"])
    table = metric_table(np.zeros(50), SCORES[:50], n=10).set_index("metric")["value"]
    assert table[["recall", "roc_auc", "average_precision", "balanced_accuracy"]].isna().all()
    assert table["prevalence"] == 0


def test_an_interval_reads_as_a_person_writes_it():
    assert str(Interval(0.81234, 0.8, 0.82)) == "0.8123 (0.8 to 0.82)"
    assert list(pd.DataFrame([Interval(0.5, 0.4, 0.6)]).columns) == ["estimate", "low", "high"]
