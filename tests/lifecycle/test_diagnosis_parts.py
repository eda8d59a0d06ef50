"""The pieces of a diagnosis, each beside another way of working it out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from lifecycle.monitor import reference_of
from lifecycle.monitor.diagnosis.outcomes import prior_likeness
from lifecycle.monitor.diagnosis.scan import strongest_changes
from lifecycle.monitor.diagnosis.service import failure_sign, latency_sign, log_signs


@given(seed=st.integers(0, 10_000), days=st.integers(2, 9), known=st.sampled_from([0, 50]))
@settings(max_examples=40, deadline=None)
def test_the_strongest_change_is_the_one_found_by_trying_every_day(seed, days, known):
    random = np.random.default_rng(seed)
    day = np.sort(random.integers(0, days, 60))
    values = random.normal(size=(60, 2)) + (day >= days // 2)[:, None]
    found = strongest_changes(values, day, days=days, reference_rows=known, least=5)
    for column in (0, 1):
        best = 0.0
        for first in range(days):
            after = values[day >= first, column]
            before = np.append(values[day < first, column], np.zeros(known))  # the reference's mean is 0
            if min(len(after), len(before)) >= 5:
                z = (after.mean() - before.mean()) / np.sqrt(1 / len(after) + 1 / len(before))
                best = max(best, z, key=abs)
        assert found.z[column] == pytest.approx(best, abs=1e-9)


def test_by_chance_alone_the_strongest_change_rarely_passes_the_limit():
    random = np.random.default_rng(2)
    day = np.repeat(np.arange(60), 100)
    found = strongest_changes(random.normal(size=(6000, 300)), day, days=60, reference_rows=4000, least=100)
    assert abs(found.z).max() < 5
    assert np.median(abs(found.z)) < 3


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(4)
    one, other = random.normal(size=(2, 1500))
    return pd.DataFrame({"one": one, "other": other, "y": (random.random(1500) < stats.norm.cdf(one)).astype(int),
                         "score": stats.norm.cdf(one)})  # fmt: skip


def test_ranks_have_mean_0_and_deviation_1_and_ignore_scale(table):
    reference = reference_of(table, target="y", features=("one", "other"))
    ranks = reference.ranks_of(table)
    assert np.allclose(ranks.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(ranks.std(axis=0), 1)
    assert np.allclose(ranks[:, 0], stats.zscore(stats.rankdata(table["one"])))
    stretched = reference_of(table.assign(one=np.exp(table["one"])), target="y", features=("one", "other"))
    assert np.allclose(stretched.ranks[:, 0], reference.ranks[:, 0])


def test_surprises_are_none_where_outcomes_are_as_promised(table):
    reference = reference_of(table, target="y", features=("one", "other"))
    own = reference.surprises(reference.ranks, table["score"].to_numpy(), table["y"].to_numpy())
    assert np.allclose(own.mean(axis=0), 0, atol=1e-9)
    assert np.allclose(own.std(axis=0), 1)


def test_only_a_shift_between_the_classes_is_like_a_prior_shift(table):
    reference = reference_of(table, target="y", features=("one", "other"))
    ones = reference.labels == 1
    line = reference.ranks[ones].mean(axis=0) - reference.ranks[~ones].mean(axis=0)
    assert prior_likeness(0.2 * line, reference) == pytest.approx(1)
    assert prior_likeness(-line, reference) == pytest.approx(1)
    assert prior_likeness(np.array([0.0, 1.0, 0.0]), reference) < 0.1
    assert prior_likeness(np.zeros(3), reference) == 0


def lines(counts, text):
    return pd.DataFrame(
        [{"day": day, "message": text.format(day)} for day, count in enumerate(counts) for _ in range(count)]
    )


def test_a_kind_of_line_that_is_new_or_gone_or_frequent_is_found():
    random = np.random.default_rng(3)
    for change in (lambda day: 0, lambda day: 12):
        counts = [random.poisson(4) if day < 15 else change(day) for day in range(30)]
        log = pd.concat([lines([5] * 30, "part {} done"), lines(counts, "retry {}")])
        strong = [sign for sign in log_signs(log, days=30) if sign.z > 5]
        assert [(sign.what.split(":")[0], sign.since) for sign in strong] == [("retry <n>", 15)]
    assert log_signs(log.head(0), days=30) == []


def test_lines_that_come_by_chance_are_let_be():
    random = np.random.default_rng(6)
    rates = {"seldom": 0.02, "rarely": 0.3, "often": 2, "always": 20}
    kinds = [(f"{word} {letter}", rate) for word, rate in rates.items() for letter in "abcdefghij"]
    log = pd.concat([lines(random.poisson(rate, 60), name + " {}") for name, rate in kinds])
    assert max(sign.z for sign in log_signs(log, days=60)) < 5


def test_slower_answers_are_found_and_slow_days_are_not():
    random = np.random.default_rng(7)
    day = np.repeat(np.arange(30), 200)
    took = 20 * np.exp(0.1 * random.normal(size=30)[day] + 0.4 * random.normal(size=6000))
    telemetry = pd.DataFrame({"day": day, "latency_ms": took, "status": 200})
    assert latency_sign(telemetry, days=30).z < 5
    slower = latency_sign(telemetry.assign(latency_ms=took * np.where(day >= 21, 2, 1)), days=30)
    assert (slower.z > 5, slower.since) == (True, 21)
    assert slower.size == pytest.approx(2, rel=0.1)
    failing = failure_sign(telemetry.assign(status=np.where((day >= 25) & (random.random(6000) < 0.03), 500, 200)), days=30)
    assert (failing.z > 5, failing.since) == (True, 25)
