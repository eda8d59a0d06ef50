from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lifecycle.errors import DataError
from lifecycle.monitor import maturity_curve, maturity_table, nowcast, reconcile


def world(seed, *, n=4000, days=100, slow=2.0, precision=0.4):
    """Decisions whose precision is known, and labels of which the positives take longer."""
    rng = np.random.default_rng(seed)
    made, flag = rng.integers(0, days, n), rng.integers(0, 2, n)
    label = (rng.random(n) < np.where(flag == 1, precision, 0.1)).astype(int)
    wait = np.ceil(rng.exponential(5, n) * np.where(label == 1, slow, 1)).clip(1, 40).astype(int)
    ids = np.arange(n)
    return (
        pd.DataFrame({"request_id": ids, "day": made, "decision": flag}),
        pd.DataFrame({"request_id": ids, "day_known": made + wait, "label": label}),
    )


@pytest.fixture(scope="module")
def late():
    return world(1)


def test_the_table_is_what_each_day_would_have_shown(late):
    table = maturity_table(*late, days=[5, 50, 200]).set_index("day")
    for day in (5, 50, 200):
        now = reconcile(*late, as_of=day).standing
        assert table.loc[day, "precision"] == now.precision.estimate
        assert tuple(table.loc[day, ["least", "most"]]) == now.precision_bounds
        assert table.loc[day, "maturity"] == now.maturity
    assert table["maturity"].is_monotonic_increasing
    assert table.loc[200, "maturity"] == 1
    assert table.loc[200, "least"] == table.loc[200, "most"] == table.loc[200, "precision"]


def test_early_labels_mislead_and_bounds_do_not(late):
    table = maturity_table(*late, days=[10, 30, 60, 200])
    final = table["precision"].iloc[-1]
    assert (table["precision"].iloc[:-1] < final - 0.01).all()
    assert ((table["least"] <= final) & (final <= table["most"])).all()


def test_the_curve_ends_at_one_and_never_falls(late):
    curve = maturity_curve(reconcile(*late, as_of=99), horizon=40)
    assert len(curve) == 41
    assert (curve.diff().iloc[1:] >= 0).all().all()
    assert (curve.iloc[-1] == 1).all()
    assert curve.loc[10, "flagged, positive"] < curve.loc[10, "flagged, negative"]


def test_the_curve_is_not_shortened_by_labels_that_are_still_out(late):
    made, news = late
    old = made[made["day"] <= 59].merge(news, on="request_id")
    positive = old[(old["decision"] == 1) & (old["label"] == 1)]
    expected = ((positive["day_known"] - positive["day"]) <= 8).mean()
    assert maturity_curve(reconcile(*late, as_of=99), horizon=40).loc[8, "flagged, positive"] == pytest.approx(expected)


def test_the_correction_is_right_where_the_report_is_not():
    reported, corrected, covered = [], [], []
    for seed in range(15):
        found = reconcile(*world(seed, n=5000, slow=4), as_of=80)
        reported.append(found.standing.precision.estimate)
        fixed = nowcast(found, horizon=40).precision
        corrected.append(fixed.estimate)
        covered.append(fixed.low <= 0.4 <= fixed.high)
    assert np.mean(reported) < 0.385
    assert np.mean(corrected) == pytest.approx(0.4, abs=0.006)
    assert np.mean(covered) >= 0.8


def test_without_delays_the_correction_changes_nothing():
    made, news = world(3, n=500)
    news["day_known"] = made["day"]
    found = reconcile(made, news, as_of=99)
    assert nowcast(found, horizon=5).precision.estimate == pytest.approx(found.standing.precision.estimate)
    assert nowcast(found, horizon=5).rows == 500


def test_labels_that_never_come_by_chance_do_no_harm():
    made, news = world(4, n=4000)
    lost = np.random.default_rng(0).random(len(news)) < 0.3
    news["day_known"] = news["day_known"].mask(lost, -1)
    assert nowcast(reconcile(made, news, as_of=99), horizon=40).precision.estimate == pytest.approx(0.4, abs=0.04)


def test_labels_that_will_be_corrected_bias_the_correction_too_and_old_cohorts_do_not():
    rng = np.random.default_rng(1)
    made, label = rng.integers(0, 90, 20_000), (rng.random(20_000) < 0.4).astype(int)
    first = label * (rng.random(20_000) < 0.5)
    late = label != first
    ids = np.arange(20_000)
    news = pd.DataFrame({"request_id": ids, "day_known": made + 7, "label": first})
    news = pd.concat([news, pd.DataFrame({"request_id": ids, "day_known": made + 30, "label": label})[late]])
    found = reconcile(pd.DataFrame({"request_id": ids, "day": made, "decision": 1}), news, as_of=89)
    assert nowcast(found, horizon=45).precision.high < 0.395
    assert found.older_than(45).standing.precision.estimate == pytest.approx(0.4, abs=0.01)


def test_too_young_a_log_says_so(late):
    found = reconcile(*late, as_of=20)
    with pytest.raises(DataError, match="40 days old on day 20"):
        nowcast(found, horizon=40)
    with pytest.raises(DataError, match="at least a day"):
        maturity_curve(found, horizon=0)
    with pytest.raises(DataError, match="least"):
        nowcast(found, horizon=10, least=0)
