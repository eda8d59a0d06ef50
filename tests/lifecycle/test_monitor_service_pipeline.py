"""Files that arrive, and the day that depends on them."""

import math
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.monitor import (
    DailyTask,
    Retry,
    WatchError,
    batch_arrivals,
    clock_time,
    deliver_batch,
    freshness,
    minute_of,
    overdue,
    run_day,
    take_in_batch,
)

ROWS = pd.DataFrame({"a": range(200), "b": [0.5] * 200})


@pytest.fixture
def batch(tmp_path):
    return deliver_batch(ROWS, tmp_path, day="2026-03-02", time="06:30")


def test_a_batch_comes_out_as_it_went_in(batch, tmp_path):
    pd.testing.assert_frame_equal(take_in_batch(batch, columns=["b", "a"]), ROWS[["b", "a"]])
    assert batch_arrivals(tmp_path, day="2026-03-02") == [390]
    assert batch_arrivals(tmp_path, day="2026-03-03") == []


def test_every_byte_that_is_cut_or_changed_is_noticed(batch):
    whole = batch.read_bytes()
    for content, message in (
        (whole[:-1], "bytes and should have"),
        (b"", "0 bytes"),
        (whole[:9] + b"?" + whole[10:], "not those"),
    ):
        batch.write_bytes(content)
        with pytest.raises(DataError, match=message):
            take_in_batch(batch, columns=["a"])


def test_a_batch_without_its_note_has_not_arrived(batch, tmp_path):
    batch.with_suffix(".json").unlink()
    assert batch_arrivals(tmp_path, day="2026-03-02") == []
    with pytest.raises(DataError, match="has not arrived"):
        take_in_batch(batch, columns=["a"])


def test_columns_and_rows_are_asked_for(batch):
    with pytest.raises(DataError, match="column `c` is missing"):
        take_in_batch(batch, columns=["a", "c"])
    with pytest.raises(DataError, match="200 rows where at least 500"):
        take_in_batch(batch, columns=["a"], rows=500)
    batch.with_suffix(".json").write_text("[]")
    with pytest.raises(DataError, match="note cannot be read"):
        take_in_batch(batch, columns=["a"])


def test_age_is_that_of_the_newest_file_that_is_there():
    assert freshness([360, 390, 500], now=400, limit=10).fresh
    assert not freshness([360, 390], now=401, limit=10).fresh
    assert freshness([], now=400, limit=10).age == math.inf


def test_a_healthy_day_is_never_overdue_and_a_lost_file_is_from_its_grace_on():
    due = range(360, 481, 30)
    assert [now for now in range(1440) if overdue(due, arrivals=due, now=now, grace=5)] == []
    assert [overdue(due, arrivals=[360, 390, 420, 450], now=now, grace=5) for now in (480, 484, 485, 1400)] == [
        [],
        [],
        [480],
        [480],
    ]
    assert overdue([30, 10, 10], arrivals=[20], now=40) == [10, 30]
    with pytest.raises(WatchError, match="grace"):
        overdue(due, arrivals=[], now=400, grace=-1)


def test_times_past_midnight_name_the_day():
    assert clock_time(1439.5) == "23:59"
    assert clock_time(2 * 1440 + 5) == "00:05 (+2)"
    assert minute_of("24:00") == 1440
    for minute in (-1, math.inf, math.nan):
        with pytest.raises(WatchError, match="no minute of a day"):
            clock_time(minute)


@given(st.integers(0, 1439))
def test_clock_times_read_back(minute):
    assert minute_of(clock_time(minute)) == minute


@pytest.mark.parametrize("text", ["", "9", "25:00", "24:01", "09:60", "a:b", "-1:00"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(WatchError, match="no time of day"):
        minute_of(text)


@given(st.floats(0.1, 20), st.floats(1, 5), st.integers(0, 400))
def test_waits_grow_up_to_the_longest(first, factor, attempts):
    waits = Retry(first, factor, longest=30, attempts=attempts).waits
    assert len(waits) == attempts
    assert all(a <= b <= 30 for a, b in pairwise(waits))
    assert waits[:1] == (first,)[:attempts]


@pytest.mark.parametrize("settings", [{"first": 0}, {"factor": 0.5}, {"longest": 1}, {"attempts": -1}])
def test_a_retry_that_hammers_is_refused(settings):
    with pytest.raises(WatchError):
        Retry(**settings)


def morning(*, rerun=False, repaired=660, retry=True):
    again = Retry(5, 2, 30, 9) if retry else None
    tasks = [
        DailyTask("dashboard", 690, 5, needs=("forecasts",), stale=True, deadline=720),
        DailyTask("ingest", 480, 5, retry=again),
        DailyTask("forecasts", 600, 20, needs=("ingest",)),
    ]
    return run_day(tasks, broken={"ingest": (480, repaired)}, rerun=rerun)


def test_a_retry_alone_leaves_the_dashboard_stale():
    day = morning()
    assert day.ready == {"ingest": 670}
    assert [a.status for a in day.attempts if a.task != "ingest"] == ["no data", "stale"]
    assert day.late == ("dashboard",)


def test_running_again_what_depends_on_it_saves_the_day():
    day = morning(rerun=True)
    assert day.ready == {"ingest": 670, "forecasts": 690, "dashboard": 695}
    assert day.late == ()


def test_repaired_in_time_nothing_runs_twice():
    day = morning(repaired=570)
    assert day.ready["dashboard"] == 695
    assert [a.task for a in day.attempts if a.status == "ok"] == ["ingest", "forecasts", "dashboard"]


def test_without_a_retry_one_failure_is_the_end():
    assert morning(retry=False, rerun=True).ready == {}


def test_several_outages_can_be_given():
    day = run_day([DailyTask("a", 0, 1, retry=Retry(10, 1, 10, 5))], broken={"a": [(0, 5), (8, 15)]})
    assert day.ready == {"a": 21}


@pytest.mark.parametrize(
    ("tasks", "broken"),
    [
        ([DailyTask("a", 0), DailyTask("a", 1)], {}),
        ([DailyTask("a", 0, needs=("b",)), DailyTask("b", 1)], {}),
        ([DailyTask("a", 0)], {"b": (0, 1)}),
    ],
)
def test_a_day_that_does_not_fit_together_is_refused(tasks, broken):
    with pytest.raises(WatchError):
        run_day(tasks, broken=broken)
