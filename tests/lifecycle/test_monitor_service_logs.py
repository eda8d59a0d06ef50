"""Templates, rates, and the minute in which they changed."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from lifecycle.monitor import WatchError, isolation_scores, log_anomalies, log_template, template_counts, z_scores


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("read 12 rows in 41.7 ms", "read <n> rows in <n> ms"),
        ("at 08:05:00 part 3", "at <n> part <n>"),
        ("column 'pay_1' is missing", "column <text> is missing"),
        ('file "a 7.csv" is 3 bytes', "file <text> is <n> bytes"),
        ("request 5f0c9a3b77e1 failed", "request <id> failed"),
        ("id 123e4567-e89b-12d3-a456-426614174000", "id <id>"),
        ("address 0xFF is dead beef cafe", "address <id> is dead beef cafe"),
        ("facade decade", "facade decade"),
        ("can't open client's file 'x'", "can't open client's file <text>"),
        ("", ""),
    ],
)
def test_what_changes_from_line_to_line_becomes_a_mark(message, expected):
    assert log_template(message) == expected


def test_counts_have_a_row_for_every_minute_silent_ones_too():
    log = pd.DataFrame({"minute": [0, 0, 3], "level": ["INFO", "INFO", "ERROR"], "message": ["a 1", "a 2", "a 3"]})
    counts = template_counts(log, minutes=6)
    assert counts["INFO a <n>"].tolist() == [2, 0, 0, 0, 0, 0]
    assert counts["ERROR a <n>"].tolist() == [0, 0, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("log", "minutes"),
    [
        (pd.DataFrame({"minute": [0]}), None),
        (pd.DataFrame({"minute": [], "message": []}), None),
        (pd.DataFrame({"minute": [7], "message": ["x"]}), 5),
        (pd.DataFrame({"minute": [-1], "message": ["x"]}), 5),
    ],
)
def test_a_log_that_cannot_be_counted_is_refused(log, minutes):
    with pytest.raises(WatchError):
        template_counts(log, minutes=minutes)


def counted(columns, *, seed=0, minutes=200):
    random = np.random.default_rng(seed)
    return pd.DataFrame({name: random.poisson(rate, minutes) for name, rate in columns.items()})


def test_the_chance_is_that_of_an_exact_binomial_test():
    counts = counted({"a": 3.0})
    counts.loc[150, "a"] = 25
    (found,) = log_anomalies(counts, learn=100)
    known = int(counts["a"][:100].sum())
    one_sided = binomtest(25, known + 25, 1 / 101, alternative="greater").pvalue
    assert (found.minute, found.count) == (150, 25)
    assert found.p == pytest.approx(2 * one_sided, rel=1e-9)
    assert found.expected == pytest.approx(known / 100)


def test_a_line_never_seen_and_a_line_that_stops_are_found():
    counts = counted({"often": 9.0, "new": 0.0})
    counts.loc[140:, "new"] = 4
    counts.loc[170:, "often"] = 0
    found = log_anomalies(counts, learn=100, window=3)
    firsts = {name: min(each.minute for each in found if each.template == name) for name in ("new", "often")}
    assert firsts["new"] in (140, 141)
    assert 170 <= firsts["often"] <= 173


def test_a_quiet_log_rarely_rings():
    """Bonferroni: at most `alpha` of all healthy logs; 300 logs at 5 % give 15 in the mean, 27 with a chance below 0.2 %."""
    rang = sum(
        bool(log_anomalies(counted({"a": 5.0, "b": 0.3, "c": 0.02}, seed=s), learn=100, alpha=0.05)) for s in range(300)
    )
    assert rang <= 27


def test_z_scores_ring_for_every_rare_line():
    counts = counted({"often": 9.0, "rare": 0.0})
    counts.loc[[10, 50, 150], "rare"] = 1
    assert z_scores(counts, learn=100).loc[150, "rare"] > 3
    assert log_anomalies(counts, learn=100) == []


def test_a_forest_is_blind_for_what_it_never_saw_and_sees_what_moves_together():
    counts = counted({"a": 9.0, "b": 9.0, "new": 0.0})
    counts.loc[150:, "new"] = 50
    assert np.allclose(isolation_scores(counts, learn=100), isolation_scores(counts.assign(new=0), learn=100))
    counts.loc[150:, ["a", "b"]] += 9
    scores = isolation_scores(counts, learn=100)
    assert scores[150:].median() > scores[:100].quantile(0.95)


@pytest.mark.parametrize(
    "call",
    [
        lambda c: log_anomalies(c, learn=0),
        lambda c: log_anomalies(c, learn=200),
        lambda c: log_anomalies(c, learn=50, alpha=1),
        lambda c: log_anomalies(c, learn=50, window=0),
        lambda c: z_scores(c, learn=1),
        lambda c: isolation_scores(c, learn=201),
    ],
)
def test_too_short_to_learn_from_is_said(call):
    with pytest.raises(WatchError):
        call(counted({"a": 1.0}))
