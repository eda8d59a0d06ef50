"""The incident game: an answer held against the truth, and the days as files."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lifecycle.errors import DataError
from lifecycle.monitor import (
    Answer,
    Incident,
    Stakes,
    daily_losses,
    judge_answer,
    read_seen,
    replay,
    seen_by,
    write_days,
)
from lifecycle.monitor.diagnosis.game import cheapest_line

STAKES = Stakes(1.0, 5.0, failed_request=2.0, late_day=7.0, investigation=11.0)
DAYS, FROM = 12, 6


def stream(kind, *features, way=""):
    random = np.random.default_rng(2)
    rows = pd.DataFrame({"late": random.integers(1, 6, 500).astype(float), "age": random.normal(size=500)})
    rows["left"] = (random.random(500) < rows["late"] / 8).astype(int)
    incident = Incident(kind, -1 if kind == "none" else FROM, 1.0, features, way)
    return replay(rows, target="left", scores=lambda inputs: inputs["late"] / 8, days=DAYS, per_day=40, incident=incident)


@pytest.fixture(scope="module")
def quiet():
    return stream("none")


@pytest.fixture(scope="module")
def broken():
    return stream("silent_null", "late")


def test_what_a_fault_costs_is_what_the_wrong_decisions_cost(broken, quiet):
    losses = daily_losses(broken, quiet, threshold=0.5, stakes=STAKES)
    label, right = broken.truth()["label"], quiet.requests["score"] >= 0.5
    saved = np.where(right, np.where(label == 1, 5, -1), 0)
    by_hand = [saved[broken.requests["day"] == day].sum() for day in range(FROM, DAYS)]
    assert losses[:FROM].sum() == 0
    assert losses[FROM:].tolist() == by_hand  # with every `late` 0 nobody is flagged any more


def test_a_shift_costs_what_another_threshold_would_have_saved(quiet):
    ill = stream("prior", way="fall")
    losses = daily_losses(ill, quiet, threshold=0.3, stakes=STAKES)
    after = (ill.requests["day"] >= FROM).to_numpy()
    score, label = ill.requests["score"].to_numpy()[after], ill.truth()["label"].to_numpy()[after]
    costs = {line: ((score >= line) & (label == 0)).sum() + 5.0 * ((score < line) & (label == 1)).sum()
             for line in (0.3, *np.unique(score), 9)}  # fmt: skip
    assert losses.sum() == pytest.approx(costs[0.3] - min(costs.values()))


def test_a_slow_service_costs_its_failures_and_a_late_pipeline_its_days(quiet):
    ill = stream("latency")
    failed = (ill.telemetry["status"] == 503) & (ill.telemetry["day"] >= FROM)
    assert daily_losses(ill, quiet, threshold=0.5, stakes=STAKES).sum() == 2 * failed.sum()
    assert daily_losses(stream("log_anomaly"), quiet, threshold=0.5, stakes=STAKES).tolist() == [0.0] * 6 + [7.0] * 6
    assert not daily_losses(quiet, quiet, threshold=0.5, stakes=STAKES).any()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1)), min_size=1, max_size=30))
@settings(max_examples=80)
def test_no_line_is_cheaper_than_the_cheapest(pairs):
    scores, labels = np.array([score / 6 for score, _ in pairs]), np.array([label for _, label in pairs])

    def cost(line):
        return ((scores >= line) & (labels == 0)).sum() + 5 * ((scores < line) & (labels == 1)).sum()

    assert cost(cheapest_line(scores, labels, STAKES)) == min(cost(line) for line in (*scores, np.inf))


LOSSES = np.array([0.0] * FROM + [10.0] * (DAYS - FROM))


@pytest.mark.parametrize(
    ("answer", "points", "time", "lost"),
    [
        (Answer(6, "silent_null", 6, "late"), 100, 1, 10),
        (Answer(9, "silent_null", 5, "late"), 50 + 10 + 10 + 30 * (1 - 3 / 14), 4, 40),
        (Answer(9, "silent_null", 3, "age"), 50 + 30 * (1 - 3 / 14), 4, 40),
        (Answer(9, "silent_null"), 50 + 30 * (1 - 3 / 14), 4, 40),
        (Answer(7, "prior", 6), 0, 2, 60),
        (Answer(7, "none"), 0, 2, 60),
        (Answer(4, "silent_null", 3, "late"), 0, None, 60 + 11),
        (Answer(4, "none"), 0, None, 60),
    ],
)
def test_an_answer_is_worth_what_it_says_and_when(broken, answer, points, time, lost):
    found = judge_answer(answer, broken, LOSSES, stakes=STAKES)
    assert found.points == pytest.approx(points, abs=0.06)
    assert (found.days_to_detection, found.lost, found.at_stake) == (time, lost, 60)


def test_where_nothing_happens_patience_is_right_and_an_alarm_costs(quiet):
    nothing = np.zeros(DAYS)
    patient, hasty, wolf = (judge_answer(answer, quiet, nothing, stakes=STAKES)
                            for answer in (Answer(11, "none"), Answer(2, "none"), Answer(8, "prior", 7)))  # fmt: skip
    assert (patient.points, patient.lost, patient.days_to_detection) == (100, 0, None)
    assert hasty.points == pytest.approx(70 + 30 * 3 / 12)
    assert (wolf.points, wolf.lost) == (0, 11)


def test_answers_that_make_no_sense_are_refused(quiet):
    for wrong in ((5, "flood"), (5, "prior", 6), (5, "prior", -2), (5, "none", 3), (5, "none", -1, "late")):
        with pytest.raises(DataError):
            Answer(*wrong)
    with pytest.raises(DataError, match="no day 12"):
        judge_answer(Answer(12, "none"), quiet, LOSSES, stakes=STAKES)


def test_days_come_back_from_files_as_they_were(broken, tmp_path):
    write_days(broken, tmp_path, first=0, last=3)
    write_days(broken, tmp_path, first=4, last=8)
    found, seen = read_seen(tmp_path), seen_by(broken, 8)
    assert (found.day, found.features) == (8, broken.features)
    for name in ("requests", "telemetry", "log"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(seen, name).reset_index(drop=True), check_dtype=False)
    labels = (table.sort_values("request_id").reset_index(drop=True) for table in (found.labels, seen.labels))
    pd.testing.assert_frame_equal(*labels, check_dtype=False)
    with pytest.raises(DataError, match="there are no days 9 to 12"):
        write_days(broken, tmp_path, first=9, last=12)
    with pytest.raises(DataError, match="no day-00"):
        read_seen(tmp_path / "nowhere")
    (tmp_path / "day-02" / "log.csv").unlink()
    with pytest.raises(DataError, match=r"day-02/log\.csv"):
        read_seen(tmp_path)
