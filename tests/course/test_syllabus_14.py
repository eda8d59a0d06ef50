"""The figures of lesson 14, through the functions that the lesson uses, and what its cells print."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from lifecycle.deploy import contract_breaks, open_package
from lifecycle.iterate import (
    CHANGES,
    STEPS,
    Above,
    BatchRules,
    Below,
    RejectedError,
    Requested,
    Scheduled,
    Step,
    Timetable,
    Week,
    automation,
    best_interval,
    champion_gate,
    compare_windows,
    cost_of_interval,
    decay_weights,
    effective_rows,
    false_alarms,
    fired,
    fixed_gate,
    run_pipeline,
    share_alarm,
)

ROOT = Path(__file__).parents[2]
HANDED_OVER = ROOT / "datasets/artifacts"


@pytest.fixture(scope="module")
def printed():
    """All that the cells of the built lesson print."""
    cells = nbformat.read(ROOT / "notebooks/14_retraining.ipynb", as_version=4).cells
    outputs = [each for cell in cells if cell.cell_type == "code" for each in cell.outputs]
    return "\n".join(each["text"] if each.output_type == "stream" else each.data.get("text/plain", "") for each in outputs)


def test_the_four_triggers_with_the_limits_of_the_table():
    weeks = [
        Week(1, {"accuracy": 0.85, "ks": 0.2}, 400), Week(2, {"accuracy": 0.84, "ks": 0.21}, 400),
        Week(3, {"accuracy": 0.9, "ks": 0.1}, 400, ("the rules change",)), Week(4, {"accuracy": 0.86, "ks": 0.3}, 400),
    ]  # fmt: skip
    rules = [Scheduled(every=4), Below("accuracy", 0.85), Above("ks", 0.2), Requested()]
    assert [(each.week, each.trigger) for each in fired(weeks, rules)] == [
        (2, "performance"), (2, "drift"), (3, "manual"), (4, "scheduled"), (4, "drift"),
    ]  # fmt: skip
    actions = {each.trigger: each.approval for each in fired(weeks, rules)}
    assert "0.90" in actions["performance"]
    assert "person" in actions["drift"]


def test_the_lesson_counts_fourteen_alarms_and_keeps_six(printed):
    table = printed[printed.index("trigger") : printed.index("decides: ")]
    assert len(re.findall(r"^ +\d+  (scheduled|performance|drift|manual) ", table, re.M)) == 14
    assert len(re.findall(r"^week +\d+ .*; decides: ", printed, re.M)) == 6
    assert "weekly calendar: 23 alarms" in printed


def test_a_healthy_model_on_100_labels_raises_nearly_twelve_alarms_a_year():
    assert false_alarms(0.87, limit=0.85, labels=100) == pytest.approx(11.6, abs=0.05)
    assert false_alarms(0.87, limit=0.85, labels=2000) < 0.5


def test_a_real_fall_is_noticed_later_with_two_weeks_running():
    """By living through many weeks, against the formula of the lesson."""
    p = false_alarms(0.84, limit=0.85, labels=400, weeks=1)
    below = np.random.default_rng(2).random((4000, 60)) < p
    twice = below[:, 1:] & below[:, :-1]
    assert (below.argmax(axis=1) + 1).mean() == pytest.approx(1 / p, rel=0.05)
    assert (twice.argmax(axis=1) + 2).mean() == pytest.approx((1 + p) / p**2, rel=0.05)


def test_the_best_window_depends_on_the_world():
    """On a series that rises, and on one that only trembles."""

    def mean(rows, weights):
        return float(rows["y"].mean())

    def closeness(model, rows):
        return -abs(model - float(rows["y"].iloc[0]))

    rng = np.random.default_rng(14)
    noise = rng.normal(0, 1, 80)
    best = {}
    for name, trend in {"stands still": 0.0, "rises": 0.2, "runs": 3.0}.items():
        weeks = [pd.DataFrame({"y": [trend * t + noise[t]]}) for t in range(80)]
        table = compare_windows(weeks, [1, 3, 12, 30], fit=mean, judge=closeness)
        best[name] = int(table.loc[table["value"].idxmax(), "window"])
    assert best["stands still"] > best["rises"] > best["runs"] == 1


def test_a_champion_of_92_is_not_replaced_by_91_though_the_gate_is_90():
    assert fixed_gate(0.91, floor=0.90).outcome == "accept"
    assert champion_gate(0.91, 0.92, floor=0.90).outcome == "reject"


def test_how_far_each_change_is_automated():
    assert {change: (each.complexity, each.level) for change, each in CHANGES.items()} == {
        "new data": ("low", "fully"), "new features": ("medium", "partly"),
        "algorithm": ("high", "no"), "business logic": ("high", "no"),
    }  # fmt: skip
    assert automation(["new data", "new features"]).level == "partly"


def test_from_collecting_to_live_it_takes_seven_hours():
    night = Timetable([
        ("00:00", "collect"), ("02:00", "prepare"), ("03:00", "retrain"),
        ("05:00", "evaluate"), ("06:00", "deploy"), ("07:00", "live"),
    ])  # fmt: skip
    assert night.hours("collect", "live") == 7
    assert night.ages("collect", "live") == (7, 31)
    assert night.late({"collect": 100, "prepare": 80, "retrain": 110}) == ["prepare"]


def test_a_bad_batch_is_stopped_at_data_validation():
    rules = BatchRules({"amount": (0, 500)}, target="late")

    def validate(state):
        if faults := rules.faults(state["batch"]):
            raise RejectedError(faults[0])
        return "fine"

    steps = [Step(STEPS[0], validate), *(Step(name, lambda state: "done") for name in STEPS[1:])]
    good = pd.DataFrame({"amount": [10.0, 20.0], "late": [0, 1]})
    assert run_pipeline(steps, batch=good).outcome == "deployed"
    assert run_pipeline(steps, batch=good.assign(amount=[1000.0, 2000.0])).stopped_at == "data validation"


def test_each_bad_batch_of_the_lesson_ends_at_another_place(printed):
    found = dict(re.findall(r"^(another unit|holdout slipped in|a column stands still|labels of the wrong rows) +rejected +(data validation|features|evaluation)", printed, re.M))  # fmt: skip  # noqa: E501
    assert found == {
        "another unit": "data validation", "holdout slipped in": "data validation",
        "a column stands still": "features", "labels of the wrong rows": "evaluation",
    }  # fmt: skip


def test_the_price_of_weekly_retraining():
    cost = {weeks: cost_of_interval(weeks, price=600, wear=12) for weeks in (1, 4, 10, 26, 52)}
    assert best_interval(price=600, wear=12) == 10
    assert cost[1] / cost[10] == pytest.approx(5, abs=0.1)
    assert cost[1] / cost[52] == pytest.approx(1.9, abs=0.1)
    assert max(cost[4], cost[26]) / cost[10] == pytest.approx(1.5, abs=0.05)


def test_1300_decaying_rows_are_worth_566():
    weights = decay_weights(np.repeat(np.arange(26), 50), half_life=4)
    assert effective_rows(weights) == pytest.approx(566, abs=0.5)


def test_the_bank_that_learns_from_its_own_decisions_catches_less_and_sees_less(printed):
    shares = dict(re.findall(r"^(.+): blocked (\d+)% of the frauds", printed, re.M))
    all_labels, own, explored = (int(shares[name]) for name in (
        "all labels (nobody has them)", "own decisions", "one in ten let through"
    ))  # fmt: skip
    assert own < 65
    assert explored > 70
    assert all_labels >= explored


def test_the_two_kinds_of_fraud_take_turns_and_the_report_looks_best_when_most_is_caught(printed):
    months = [line.split() for line in re.findall(r"^ +\d +\d+% +[\d.]+% +[\d.]+% +\d+% +\d+%$", printed, re.M)]
    far, large = (np.array([int(month[place].rstrip("%")) for month in months]) for place in (4, 5))
    assert len(months) == 8
    assert ((np.minimum(far, large) < 20) & (np.maximum(far, large) > 90))[3:].all()
    assert (np.sign(far - large)[3:-1] == -np.sign(far - large)[4:]).all()
    recall, seen = (np.array([float(month[place].rstrip("%")) for month in months]) for place in (1, 2))
    assert recall.argmax() == seen.argmin()
    assert spearmanr(recall, seen).statistic < -0.5


def test_a_fixed_gate_and_a_margin_lose_in_most_years_and_the_demand_for_better_in_some(printed):
    found = re.findall(r"^(above 90 %|not surely worse.*?|at least 0.5 points better) +([\d.]+)% +([\d.]+)%$", printed, re.M)
    fixed, margin, better = ((float(end), float(lost)) for _, end, lost in found)
    assert fixed[0] < margin[0] < 92 < better[0]
    assert fixed[1] > margin[1] > 50 > better[1] > 10


def test_the_hole_that_the_mixed_batch_finds_is_closed(printed):
    assert re.search(r"a margin of 0.02 alone lets it pass: True", printed)
    assert re.search(r"^evaluation +(done|rejected) ", printed, re.M)  # a close thing, either way
    after = printed[printed.index("The same batch: rejected") :]
    assert re.search(r"^data validation +rejected +the champion's ROC-AUC is 0\.\d+ on these labels", after, re.M)
    assert "Outcome: deployed" in after


def test_a_faulty_build_with_the_same_ranking_is_noticed_and_taken_back(printed):
    areas = re.search(r"faulty build ([\d.]+), of the right one ([\d.]+); accept", printed)
    assert areas[1] == areas[2]
    assert re.search(r"flagged; alarm: True", printed)
    shares = dict(re.findall(r"^(before|1\.1\.1 is live|afterwards) +([\d.]+)% of the traffic", printed, re.M))
    assert shares["before"] == shares["afterwards"]
    assert share_alarm(
        int(40 * float(shares["1.1.1 is live"])), 4000, expected=float(shares["before"]) / 100, tolerance=0.25
    )
    assert not share_alarm(int(40 * float(shares["before"])), 4000, expected=float(shares["before"]) / 100, tolerance=0.25)
    assert "the same decisions as before, row by row: True" in printed
    assert re.search(r"^rolled back +1\.1\.1 ", printed, re.M)
    assert "live in the rehearsal: 1.1.0" in printed


def test_a_dead_model_passes_a_limit_on_accuracy_and_not_one_on_ranking(printed):
    dead = re.search(r"^accuracy ([\d.]+), limit ([\d.]+)\nROC-AUC +([\d.]+), limit ([\d.]+)$", printed, re.M)
    accuracy, accuracy_limit, area, area_limit = map(float, dead.groups())
    assert accuracy > accuracy_limit
    assert area < area_limit


def test_the_challenger_keeps_the_contract_and_is_a_minor_version():
    package = open_package(HANDED_OVER / "07/package.zip")
    record = json.loads((HANDED_OVER / "14/retraining.json").read_text(encoding="utf-8"))
    challenger = open_package(HANDED_OVER / "14/challenger.zip", digest=record["challenger"]["digest"])
    assert challenger.version == "1.1.0"
    assert contract_breaks(package.fields, challenger.fields) == ()
    assert package.model_bytes != challenger.model_bytes


def test_the_holdout_is_what_the_challenger_has_not_learnt_from():
    record = json.loads((HANDED_OVER / "14/retraining.json").read_text(encoding="utf-8"))
    production = pd.read_parquet(HANDED_OVER / "11/production.parquet")
    start = record["holdout"]["production_rows_from"]
    assert record["learnt_from"]["production_rows_to"] == start
    assert start + record["holdout"]["rows"] == len(production)
    holdout = set(production["entity"][start:])
    assert not set(production["entity"][:start]) & holdout
    made = pd.read_parquet(HANDED_OVER / "03/features.parquet", columns=["entity", "split"])
    assert not set(made.loc[made["split"] == "train", "entity"]) & holdout
