from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from lifecycle.errors import DataError
from lifecycle.monitor import EventLog, match_events, reconcile
from lifecycle.monitor.truth.standing import Standing, share_of


def frames(predictions, outcomes):
    return (
        pd.DataFrame(predictions, columns=["request_id", "day", "decision"]),
        pd.DataFrame(outcomes, columns=["request_id", "day_known", "label"]),
    )


def by_hand(predictions, outcomes, day):
    """The same rules, one request after the other."""
    counts = {(decision, label): 0 for decision in (0, 1) for label in (0, 1, None)}
    for request, made, decision in predictions:
        if made <= day:
            known = [(when, place, label) for place, (of, when, label) in enumerate(outcomes)
                     if of == request and made <= when <= day]  # fmt: skip
            counts[decision, max(known)[2] if known else None] += 1
    return counts


requests = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 9), st.integers(0, 1)), unique_by=lambda x: x[0])
news = st.lists(st.tuples(st.sampled_from("abcdefghxyz"), st.integers(-1, 12), st.integers(0, 1)), max_size=20)


@settings(max_examples=60, deadline=None)
@given(requests.filter(bool), news, st.integers(0, 12))
def test_the_latest_outcome_known_by_the_day_counts(predictions, outcomes, day):
    now = reconcile(*frames(predictions, outcomes), as_of=day).standing
    counts = by_hand(predictions, outcomes, day)
    assert (now.tp, now.fp, now.fn, now.tn) == (counts[1, 1], counts[1, 0], counts[0, 1], counts[0, 0])
    assert now.predictions == sum(counts.values())
    assert now.flagged == sum(count for (decision, _), count in counts.items() if decision)


@settings(max_examples=30, deadline=None)
@given(requests.filter(bool), news, st.integers(0, 12))
def test_what_does_not_fit_is_counted(predictions, outcomes, day):
    made = {request: when for request, when, _ in predictions}
    found = reconcile(*frames(predictions, outcomes), as_of=day)
    seen = [(of, when) for of, when, _ in outcomes if 0 <= when <= day]
    assert found.orphans == sum(made.get(of, 99) > day for of, _ in seen)
    assert found.impossible == sum(made.get(of, 99) <= day and when < made[of] for of, when in seen)
    assert found.orphans + found.impossible + len(found.outcomes) == len(seen)


def test_a_day_in_the_past_looks_as_it_looked_then():
    log = [("a", 7, 0), ("a", 30, 1)]
    seen = [reconcile(*frames([("a", 1, 1)], log), as_of=day) for day in (6, 7, 29, 30)]
    assert [(each.standing.tp, each.standing.fp) for each in seen] == [(0, 0), (0, 1), (0, 1), (1, 0)]
    assert [each.corrected for each in seen] == [0, 0, 0, 1]


def test_columns_may_have_other_names_and_others_are_kept():
    made = pd.DataFrame({"id": [1, 2], "when": [0, 3], "flag": [1, 0], "score": [0.9, 0.1]})
    news = pd.DataFrame({"id": [2, 1], "seen": [4, 5], "truth": [0, 1]})
    rows = reconcile(made, news, as_of=4, key="id", made="when", decision="flag", known="seen", label="truth").rows
    assert rows[["score", "made", "decision"]].to_numpy().tolist() == [[0.9, 0, 1], [0.1, 3, 0]]
    assert rows["label"].isna().tolist() == [True, False]


def test_only_old_decisions_are_kept_on_request():
    found = reconcile(*frames([("a", 1, 1), ("b", 5, 1)], [("a", 2, 1), ("b", 6, 0)]), as_of=10)
    assert found.older_than(6).rows["request_id"].tolist() == ["a"]
    assert len(found.older_than(5).rows) == 2


@settings(max_examples=30, deadline=None)
@given(requests.filter(bool), news, st.integers(0, 12), st.integers(0, 12))
def test_only_old_decisions_are_those_that_were_all_there_was(predictions, outcomes, day, age):
    found = reconcile(*frames(predictions, outcomes), as_of=day)
    old = [each for each in predictions if each[1] <= day - age]
    alone = reconcile(*frames(old, outcomes), as_of=day)
    kept = found.older_than(age)
    pd.testing.assert_frame_equal(kept.rows, alone.rows, check_dtype=False)
    pd.testing.assert_frame_equal(kept.outcomes, alone.outcomes, check_dtype=False)
    assert kept.corrected == alone.corrected
    assert (kept.orphans, kept.impossible) == (found.orphans, found.impossible)


@pytest.mark.parametrize(
    ("made", "known"),
    [
        (np.nan, 3), (1.5, 3), ("Monday", 3), (pd.Timestamp("2024-01-01"), 3), (None, 3), (math.inf, 3),
        (1, 3.5), (1, math.inf), (1, "later"), (1, pd.Timestamp("2024-01-01")),
    ],
)  # fmt: skip
def test_a_day_that_is_none_is_refused_and_not_dropped(made, known):
    with pytest.raises(DataError, match=r"is no day|days are of the kind"):
        reconcile(*frames([("a", made, 1)], [("a", known, 1)]), as_of=9)
    if known == 3:
        scored = pd.DataFrame({"request_id": ["a"], "entity": [1], "day": [made]})
        with pytest.raises(DataError, match=r"is no day|days are of the kind"):
            match_events(scored, pd.DataFrame({"entity": [1], "day": [3]}), within=30)
        with pytest.raises(DataError, match=r"is no day|days are of the kind"):
            match_events(scored.assign(day=1), pd.DataFrame({"entity": [1], "day": [made]}), within=30)


def test_a_missing_day_of_an_outcome_is_never_and_nullable_days_are_days():
    made, outcomes = frames([("a", 1, 1), ("b", 2, 1)], [("a", None, 1), ("b", 5, 0)])
    now = reconcile(made.astype({"day": "Int64"}), outcomes.astype({"day_known": "Int64"}), as_of=9).standing
    assert (now.labelled, now.fp) == (1, 1)


@pytest.mark.parametrize(
    ("predictions", "outcomes", "said"),
    [
        ([("a", 1, 1), ("a", 2, 1)], [], "more than once"),
        ([("a", 1, 2)], [], "neither 0 nor 1"),
        ([("a", 1, 1)], [("a", 2, 3)], "neither 0 nor 1"),
    ],
)
def test_what_cannot_be_judged_is_refused(predictions, outcomes, said):
    with pytest.raises(DataError, match=said):
        reconcile(*frames(predictions, outcomes), as_of=9)


def test_a_missing_column_is_named():
    made, news = frames([("a", 1, 1)], [])
    with pytest.raises(DataError, match="`decision` is missing"):
        reconcile(made.drop(columns="decision"), news, as_of=1)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 400), st.data())
def test_a_share_has_the_interval_of_wilson(n, data):
    k = data.draw(st.integers(0, n))
    low, high = proportion_confint(k, n, method="wilson")
    share = share_of(k, n)
    assert share.estimate == k / n
    assert share.low == pytest.approx(low, abs=1e-12)
    assert share.high == pytest.approx(high, abs=1e-12)


def test_a_share_of_nothing_is_nan_and_nonsense_is_refused():
    assert all(math.isnan(each) for each in share_of(0, 0))
    with pytest.raises(DataError):
        share_of(3, 2)


def test_bounds_hold_whatever_the_missing_labels_are():
    now = Standing(predictions=20, flagged=10, tp=3, fp=2, fn=1, tn=4)
    least, most = now.precision_bounds
    for good in range(6):
        assert least <= (3 + good) / 10 <= most
    assert (least, most) == (0.3, 0.8)
    assert now.maturity == 0.5
    assert now.accuracy.estimate == 0.7
    assert math.isnan(Standing(0, 0, 0, 0, 0, 0).precision_bounds[0])


def test_an_event_belongs_to_the_latest_decision_before_it():
    scored = pd.DataFrame({"request_id": list("abcd"), "entity": [7, 7, 8, 7], "day": [5, 60, 61, 90]})
    events = pd.DataFrame({"entity": [7, 8, 9, 7, 7], "day": [75, 58, 70, 91, 4]}, index=list("vwxyz"))
    found = match_events(scored, events, within=30)
    assert found["request_id"].fillna("-").tolist() == ["b", "-", "-", "d", "-"]
    assert found.index.tolist() == list("vwxyz")
    assert match_events(scored, events, within=14)["request_id"].isna().tolist() == [True, True, True, False, True]
    with pytest.raises(DataError, match="`entity`"):
        match_events(scored.drop(columns="entity"), events, within=3)


def test_a_log_keeps_everything_and_takes_nothing_twice(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    assert log.predicted("a", day=1, decision=1, amount=3.5)
    assert not log.predicted("a", day=1, decision=1, amount=3.5)
    assert log.learned("a", day=7, label=0)
    assert log.learned("a", day=9, label=1, source="bank")
    assert not log.learned("a", day=7, label=0)
    again = EventLog(tmp_path / "events.jsonl")
    assert len(again) == len(log) == 3
    pd.testing.assert_frame_equal(again.outcomes(), log.outcomes())
    pd.testing.assert_frame_equal(again.predictions(), log.predictions())
    assert reconcile(again.predictions(), again.outcomes(), as_of=9).standing.tp == 1


def test_a_log_refuses_a_second_prediction_and_a_broken_line(tmp_path):
    log = EventLog()
    log.predicted("a", day=1, decision=1)
    with pytest.raises(DataError, match="has a prediction"):
        log.predicted("a", day=1, decision=0)
    with pytest.raises(DataError, match="neither 0 nor 1"):
        log.learned("a", day=2, label=2)
    with pytest.raises(DataError, match="called `event`"):
        EventLog(tmp_path / "reserved.jsonl").predicted("a", day=1, decision=1, event="login")
    assert not (tmp_path / "reserved.jsonl").exists()
    assert EventLog().predictions().empty
    assert reconcile(EventLog().predictions(), EventLog().outcomes(), as_of=3).standing.predictions == 0
    good = '{"event": "prediction", "request_id": "a", "day": 1, "decision": 1}'
    for number, bad in enumerate(('{"event": "pred', '{"event": "rumour"}', '{"event": "outcome", "request_id": "a"}', "3")):
        broken = tmp_path / f"{number}.jsonl"
        broken.write_text(f"{good}\n{bad}", encoding="utf-8")
        with pytest.raises(DataError, match="line 2"):
            EventLog(broken)
