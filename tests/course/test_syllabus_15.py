"""The figures that lesson 15 teaches, from the functions that it teaches them with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from lifecycle.deploy import open_package, percentile, waiting_line
from lifecycle.errors import DataError
from lifecycle.iterate import (
    REPLACEMENT,
    Agreement,
    coverage,
    implied_positives,
    mcnemar,
    paired_sample_size,
    read_rules,
    sample_size,
    split_of,
    wide_changes,
)

HANDED_OVER = Path(__file__).parents[2] / "datasets/artifacts"
V23 = {"accuracy": 0.92, "precision": 0.88, "recall": 0.85, "ms": 50}
V24 = {"accuracy": 0.94, "precision": 0.90, "recall": 0.89, "ms": 45}
FINE = {"accuracy_fall": 0, "latency_rise": 0.05, "shift": 0.02, "critical_failures": 0, "compliant": True}


def test_979_pairs_in_place_of_twice_2551_cases():
    assert paired_sample_size(0.02, disagreement=0.05) == 979
    assert sample_size(0.92, 0.02, variance="unpooled") == 2551


def test_979_is_of_the_asymptotic_test_and_the_exact_one_sees_the_gain_less_often():
    """Over all counts that can come out of 979 cases, not simulated."""
    seen = 0.0
    for tosses in range(20, 90):
        sure = [k for k in range(tosses + 1) if mcnemar(k, tosses - k) < 0.05]
        seen += binom.pmf(tosses, 979, 0.05) * binom.pmf(sure, tosses, split_of(0.02, disagreement=0.05)[0] / 0.05).sum()
    assert seen == pytest.approx(0.775, abs=5e-4)


def test_of_the_four_changes_only_the_speed_goes_to_a_person():
    found = wide_changes(V23, V24, wide=0.05)
    assert [each.metric for each in found if each.to_a_person] == ["ms"]
    assert [each.relative for each in found] == pytest.approx([0.022, 0.023, 0.047, -0.10], abs=5e-4)


def test_both_versions_may_have_been_judged_on_the_same_rows():
    ranges = [implied_positives(*(v[name] for name in ("accuracy", "precision", "recall"))) for v in (V23, V24)]
    assert ranges == [pytest.approx((0.272, 0.332), abs=5e-4), pytest.approx((0.251, 0.327), abs=5e-4)]


def test_two_points_and_five_per_cent_split_into_three_and_a_half_and_one_and_a_half():
    assert split_of(0.02, disagreement=0.05) == pytest.approx((0.035, 0.015))
    with pytest.raises(DataError):
        split_of(0.02, disagreement=0.01)


def test_the_same_accuracies_can_be_sure_or_luck():
    assert mcnemar(15, 35) == pytest.approx(0.0066, abs=5e-5)
    assert mcnemar(60, 80) == pytest.approx(0.108, abs=5e-4)
    assert mcnemar(1, 7, method="asymptotic") == pytest.approx(0.034, abs=5e-4)
    assert mcnemar(1, 7) == pytest.approx(0.070, abs=5e-4)


@pytest.mark.parametrize(
    ("evidence", "outcome"),
    [
        ({"gain": 0.06}, "manual"),
        ({"gain": 0.005}, "manual"),
        ({"gain": 0, "accuracy_fall": 0.03}, "reject"),
        ({"gain": 0.02, "shift": 0.03, "latency_rise": 0.04}, "automatic"),
        ({"gain": 0.04, "latency_rise": 1.0}, "manual"),
        ({"gain": 0.02, "latency_rise": float("nan")}, "manual"),
    ],
)
def test_the_rules_decide_as_taught(evidence, outcome):
    assert read_rules(REPLACEMENT).decide(FINE | evidence).outcome == outcome


def test_without_order_and_default_the_rules_have_gaps_and_overlaps():
    book = read_rules(REPLACEMENT)
    assert book.applying(FINE | {"gain": 0.06}) == ("manual", "automatic")
    assert book.applying(FINE | {"gain": 0.005}) == ()
    assert book.applying(FINE | {"gain": 0.02, "accuracy_fall": 0.005}) == ()
    found = coverage(book, possible=lambda e: not (e["gain"] > 0 < e["accuracy_fall"]) and not e["critical_failures"] < 0)
    assert found.answers == {0: 430, 1: 1261, 2: 1189}
    assert found.outcomes == {"automatic": 2, "manual": 1150, "reject": 1728}
    assert book.applying(found.gap) == ()
    assert (found.gap["gain"], found.gap["accuracy_fall"], found.gap["shift"]) == (0, 0, 0)


def test_two_detectors_without_a_common_case_agree_on_almost_everything():
    strangers = Agreement(both=0, champion_only=20, challenger_only=20, neither=9960)
    assert (strangers.share, strangers.overlap) == (pytest.approx(0.996), 0)
    assert strangers.kappa < 0


def test_a_deep_network_that_gains_four_points_may_newly_fail_on_almost_as_many():
    newly_right, newly_wrong = split_of(0.04, disagreement=0.92 * 0.04 + 0.08 * 0.96)
    assert newly_wrong == pytest.approx(0.037, abs=5e-4)
    assert newly_right == pytest.approx(0.077, abs=5e-4)


def test_a_shadow_on_the_champions_machine_makes_callers_wait():
    arrivals = np.cumsum(np.random.default_rng(15).exponential(10 / 0.45, 20_000))
    p95 = []
    for copies in (1, 2):
        visits = waiting_line(np.repeat(arrivals, copies).tolist(), [10.0] * (copies * len(arrivals)), workers=1)
        p95.append(percentile([visit.latency for visit in visits[::copies]], 0.95))
    assert p95[1] > 5 * p95[0]


def test_the_committed_comparison_is_of_the_committed_packages():
    record = json.loads((HANDED_OVER / "15/comparison.json").read_text())
    for name, file in {"champion": "07/package.zip", "challenger": "14/challenger.zip"}.items():
        package = open_package(HANDED_OVER / file)
        assert record[name] == {"version": package.version, "digest": package.digest}
    assert sum(record["counts"]) == record["rows"]
    assert record["ruling"]["outcome"] in ("manual", "reject")
