"""The figures that lesson 11 teaches, from the functions and the cells that it teaches them with."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import nbformat
import pandas as pd
import pytest
import yaml

from lifecycle.deploy import instances, open_package, percentile
from lifecycle.develop import wilson
from lifecycle.monitor import (
    AlertRule,
    DailyTask,
    Histogram,
    Objective,
    Retry,
    check_rules,
    evaluate_alerts,
    measured_share,
    minutes_down,
    prometheus_rules,
    run_day,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cells():
    return [
        c for c in nbformat.read(ROOT / "notebooks/11_service_monitoring.ipynb", as_version=4).cells if c.cell_type == "code"
    ]


@pytest.fixture(scope="module")
def worked(cells):
    """What the cells of the hour of measurements and of the three rules define."""
    space: dict = {"show": __import__("lifecycle.show", fromlist=["show"])}
    for cell in cells:
        if any(text in cell.source for text in ("latencies = [22", "rules = [", "p95 = [84", "hour = DataFrame(")):
            exec(compile(cell.source, cell.id, "exec"), space)
    return space


def said(cells, text):
    return next(str(cell.outputs[0].text) for cell in cells if text in cell.source)


def test_85_of_90_runs_are_94_4_percent_between_87_6_and_97_6():
    success = measured_share(85, 90)
    assert (round(success.share, 4), round(success.low, 3), round(success.high, 3)) == (0.9444, 0.876, 0.976)


def test_both_stages_compute_wilsons_interval_alike():
    assert tuple(wilson(85, 90)) == pytest.approx(
        (measured_share(85, 90).share, measured_share(85, 90).low, measured_share(85, 90).high)
    )


def test_the_causes_are_60_20_and_20_percent():
    assert [measured_share(count, 5).share for count in (3, 1, 1)] == [0.6, 0.2, 0.2]


def test_each_of_8_instances_serves_156_25_and_10000_need_64_where_10_is_the_ceiling():
    assert 1250 / 8 == 156.25
    assert instances(10_000, 156.25) == 64 > 10


def test_the_green_board_misses_ten_failures_an_hour_225_times_over_and_two_instances(cells):
    space: dict = {"show": __import__("lifecycle.show", fromlist=["show"])}
    (board,) = (cell for cell in cells if "tiles = [" in cell.source)
    exec(compile(board.source, board.id, "exec"), space)
    states = {tile.name: (tile.state, tile.value) for tile in space["tiles"]}
    assert states["failed requests"] == ("missed", pytest.approx(225 * 10))
    assert states["healthy instances, of 10"] == ("missed", 8)
    assert [state for state, _ in states.values()].count("ok") == 6


def test_99_95_percent_is_21_6_minutes_and_keeps_three_nines_but_not_four():
    assert minutes_down(0.9995, days=30) == pytest.approx(21.6)
    assert minutes_down(0.9999) == pytest.approx(4.32)
    assert minutes_down(0.9999) < 21.6 < minutes_down(0.999)


def test_half_a_percent_of_errors_lies_in_the_silent_band_and_spends_the_month_in_6_days():
    promise = Objective("answered", 0.999)
    rate = promise.burn_rate(5, 1000)
    assert 0.001 < 0.005 < 0.01
    assert promise.days_until_spent(rate) == pytest.approx(6)


def test_each_rule_of_the_syllabus_rings_once_in_the_hour_and_not_for_noise(worked):
    rules = worked["rules"]
    limits = [(rule.above, rule.minutes, rule.severity) for rule in rules]
    assert limits == [(150, 5, "warning"), (0.01, 2, "critical"), (0.9, 10, "warning")]
    told = evaluate_alerts(rules, worked["hour"])
    assert [(a.rule.name, a.fired) for a in told] == [("SlowAnswers", 12), ("ManyErrors", 52), ("LittleMemory", 55)]
    hasty = [AlertRule(rule.name, rule.series, above=rule.above, action="look") for rule in rules]
    assert len(evaluate_alerts(hasty, worked["hour"])) == 7


def test_p95_of_the_log_is_85_ms_and_35_ms_is_not_in_it(worked):
    latencies = worked["latencies"]
    assert percentile(latencies, 0.95) == 85
    assert 35 not in latencies
    assert not any(percentile(latencies, share / 100) == 35 for share in range(1, 101))
    assert (sum(x <= 35 for x in latencies), len(latencies)) == (33, 40)


def test_p95_of_replicas_cannot_be_averaged():
    bounds = (10, 20, 50, 100, 200, float("inf"))
    copies = [Histogram(bounds, counts) for counts in ((0, 800, 900, 900, 900, 900), (0, 0, 0, 20, 100, 100))]
    mean = sum(copy.quantile(0.95).estimate for copy in copies) / 2
    assert abs((copies[0] + copies[1]).quantile(0.95).estimate - mean) > 20


def test_mended_at_11_is_too_late_without_running_again_and_rung_at_8_is_in_time():
    def day(repaired, rerun):
        tasks = [
            DailyTask("ingest", 480, 5, retry=Retry(5, 2, 30, 9)),
            DailyTask("forecasts", 600, 20, needs=("ingest",)),
            DailyTask("dashboard", 690, 5, needs=("forecasts",), stale=True, deadline=720),
        ]
        return run_day(tasks, broken={"ingest": (480, repaired)}, rerun=rerun)

    assert day(660, rerun=False).late == ("dashboard",)
    assert day(660, rerun=True).late == ()
    assert day(660, rerun=True).ready["forecasts"] <= 690
    assert day(575, rerun=False).late == ()


def test_the_log_changes_at_minute_171_and_the_lesson_finds_it(cells):
    text = said(cells, "first = found[0]")
    assert "false alarms: 0" in text
    assert "minute 171, `fallback to default for field <n>`" in text


def test_the_service_does_not_see_who_was_turned_away(cells):
    assert said(cells, "callers: ") == "callers: 100 requests, 2 failed\nservice: 98 requests, 0 failed\n"


def test_freshness_by_age_rings_every_day_and_by_the_timetable_only_when_a_file_is_missing(cells):
    assert "a healthy one: rings first at 08:35" in said(cells, "rings first at")
    lines = said(cells, "overdue(due").splitlines()
    assert lines[:3] == [
        "this morning, 08:00: all here",
        *(f"this morning, {at}: 1 overdue, due at 08:00" for at in ("08:05", "23:00")),
    ]
    assert all(line.endswith("all here") for line in lines[3:])


def test_what_is_handed_over_is_whole():
    folder = ROOT / "datasets/artifacts"
    package = open_package(folder / "07/package.zip")
    production = pd.read_parquet(folder / "11/production.parquet")
    seen = pd.read_parquet(folder / "03/features.parquet", columns=["entity"])
    assert list(production.columns) == ["entity", "default", *package.features, "score"]
    assert not set(production["entity"]) & set(seen["entity"])
    assert production["score"].to_numpy() == pytest.approx(package.scores(production[list(package.features)]), abs=1e-6)
    rules = yaml.safe_load((folder / "11/alerts.yml").read_text())["groups"][0]["rules"]
    assert len(rules) == 8
    promise = json.loads((folder / "08/service.json").read_text())["target"]
    assert rules[0]["expr"].endswith(f"> {promise['p95_ms'] / 1000:g}")
    assert all(rule["annotations"]["action"] for rule in rules)
    board = json.loads((folder / "11/dashboard.json").read_text())
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"]) == 6


def test_prometheus_accepts_the_rules_and_every_expression_of_the_dashboard(require):
    require(shutil.which("promtool"), "promtool is not installed")
    folder = ROOT / "datasets/artifacts/11"
    assert check_rules((folder / "alerts.yml").read_text()) == []
    panels = json.loads((folder / "dashboard.json").read_text())["panels"]
    drawn = [
        AlertRule(f"Panel{panel['id']}", panel["title"], above=0, action="look", expression=panel["targets"][0]["expr"])
        for panel in panels
    ]
    assert check_rules(prometheus_rules(drawn)) == []


RULES = ROOT / "datasets/artifacts/11/alerts.yml"
GOOD, BAD = (f'scoring_requests_total{{job="scoring",path="/score",status="{status}"}}' for status in (200, 500))


@pytest.fixture
def fires(require, tmp_path):
    """``fires(series, {(alert, minute): whether it should})``: whether Prometheus's own engine agrees."""
    tool = shutil.which("promtool")
    require(tool, "promtool is not installed")
    rules = {rule["alert"]: rule for rule in yaml.safe_load(RULES.read_text())["groups"][0]["rules"]}

    def agree(series, expected, **labels):
        cases = []
        for (name, minute), on in expected.items():
            told = {"exp_labels": rules[name]["labels"] | labels, "exp_annotations": rules[name]["annotations"]}
            cases.append({"eval_time": f"{minute}m", "alertname": name, "exp_alerts": [told] if on else []})
        values = [{"series": name, "values": text} for name, text in series.items()]
        document = {
            "rule_files": [str(RULES)],
            "evaluation_interval": "1m",
            "tests": [{"interval": "1m", "input_series": values, "alert_rule_test": cases}],
        }
        (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
        done = subprocess.run([tool, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode == 0 or done.stdout + done.stderr

    return agree


def test_a_fast_fire_rings_fast_and_the_bell_stops_soon_after_the_errors(fires):
    series = {GOOD: "0+60x400", BAD: "0x120 0+6x30 180x250"}  # a tenth fails from minute 121 to 151
    expected = {("FastBurn", 119): False, ("FastBurn", 140): True, ("FastBurn", 150): True, ("FastBurn", 160): False}
    assert fires(series, expected) is True


def test_a_burst_that_begins_at_zero_rings_and_one_that_begins_with_its_failures_is_silent(fires):
    burst = {("FastBurn", 125): True}
    assert fires({GOOD: "0+60x200", BAD: "0x120 300x80"}, burst) is True
    assert fires({GOOD: "0+60x200", BAD: "_x120 300x80"}, burst) is not True


def test_between_the_fast_fire_and_the_promise_nothing_is_silent(fires):
    steady = {GOOD: "0+1000x450", BAD: "0+8x450"}  # eight times too fast
    assert fires(steady, {("SteadyBurn", 440): True, ("FastBurn", 440): False}) is True
    slow = {GOOD: "0+1000x450", BAD: "0+2x450"}  # twice too fast
    assert fires(slow, {("SlowBurn", 440): True, ("SteadyBurn", 440): False}) is True
    kept = {GOOD: "0+10000x450", BAD: "0+5x450"}  # half of what the promise allows
    assert fires(kept, {("SlowBurn", 440): False, ("SteadyBurn", 440): False, ("FastBurn", 440): False}) is True


def test_one_instance_of_two_that_is_down_rings_and_so_does_their_absence(fires):
    one = {'up{job="scoring",instance="a"}': "1x30", 'up{job="scoring",instance="b"}': "1x10 0x20"}
    assert fires(one, {("InstanceDown", 20): True}, instance="b", job="scoring") is True
    assert fires(one, {("NoNews", 20): False, ("InstanceDown", 9): False}) is True
    gone = {'up{job="scoring",instance="a"}': "1x10 stale", 'up{job="other",instance="c"}': "1x30"}
    assert fires(gone, {("NoNews", 20): True}, job="scoring") is True


def test_too_few_requests_ring_and_another_job_does_not_count(fires):
    assert fires({GOOD: "0+60x60 3600x60"}, {("FewRequests", 50): False, ("FewRequests", 110): True}) is True
    memory = {
        f'process_resident_memory_bytes{{job="{job}"}}': f"{size}x30"
        for job, size in (("scoring", 10**9), ("x", 39 * 10**8))
    }
    assert fires(memory, {("LittleMemory", 25): False}) is True
