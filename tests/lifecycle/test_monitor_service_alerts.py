"""Alert rules: when they fire, and that Prometheus agrees."""

import math
import shutil
import subprocess

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.monitor import AlertRule, Panel, WatchError, alerts_of, check_rules, evaluate_alerts, grafana_dashboard
from lifecycle.monitor import prometheus_rules as rules_of

SLOW = AlertRule("Slow", "p95", above=150, minutes=5, action="look", expression="p95")


def spans(rule, values, at=None):
    return [(alert.pending, alert.fired, alert.resolved) for alert in alerts_of(rule, values, at=at)]


def test_five_minutes_take_six_measurements():
    assert spans(SLOW, [90] + [160] * 5 + [90]) == []
    assert spans(SLOW, [90] + [160] * 6 + [90]) == [(1, 6, 7)]


def test_what_goes_on_is_not_resolved():
    assert spans(SLOW, [160] * 8) == [(0, 5, None)]


def test_a_gap_sets_the_clock_back():
    assert spans(SLOW, [160] * 5 + [math.nan] + [160] * 5) == []


def test_without_a_duration_every_measurement_counts():
    assert spans(AlertRule("Now", "x", below=1, action="look"), [0, 2, 0, 0]) == [(0, 0, 1), (2, 2, None)]


def test_silence_is_a_condition():
    assert spans(AlertRule("Mute", "x", missing=True, minutes=2, action="look"), [1] + [math.nan] * 4 + [1]) == [(1, 3, 5)]


def test_uneven_minutes_are_taken_as_they_are():
    assert spans(SLOW, [160, 160, 160], at=[0, 4, 9]) == [(0, 9, None)]


def test_rows_that_are_not_there_set_the_clock_back():
    assert spans(SLOW, [160] * 4, at=[0, 1, 8, 9]) == []
    assert spans(SLOW, [160] * 4, at=[0, 1, 6, 7]) == [(0, 6, None)]
    assert spans(SLOW, [*[160] * 6, 160], at=[*range(6), 30]) == [(0, 5, 10)]
    assert spans(SLOW, [160] * 4, at=[0, 10, 20, 21]) == []


def test_a_step_that_no_condition_could_outlast_is_said():
    with pytest.raises(WatchError, match="no two measurements"):
        alerts_of(SLOW, [160, 160, 160], at=[0, 10, 20])
    assert [a.fired for a in alerts_of(SLOW, [160, 160, 160], at=[0, 10, 20], stale=15)] == [10]


def test_silence_rings_while_there_are_no_rows():
    mute = AlertRule("Mute", "x", missing=True, minutes=3, action="look")
    assert spans(mute, [1, 1, 1], at=[0, 1, 20]) == [(6, 9, 20)]
    assert spans(mute, [1, 1, 1], at=[0, 1, 8]) == []


def by_hand(values, limit, minutes):
    """Every minute on its own: does it fire? From the definition, with no memory."""
    return [
        m >= minutes and all(not math.isnan(v) and v > limit for v in values[m - minutes : m + 1])
        for m in range(len(values))
    ]


@given(st.lists(st.one_of(st.integers(0, 3), st.just(math.nan)), max_size=60), st.integers(0, 6))
def test_alerts_equal_the_definition_minute_by_minute(values, minutes):
    firing = [False] * len(values)
    for alert in alerts_of(AlertRule("X", "x", above=1, minutes=minutes, action="look"), values):
        for minute in range(int(alert.fired), len(values) if alert.resolved is None else int(alert.resolved)):
            firing[minute] = True
    assert firing == by_hand(values, 1, minutes)


def test_alerts_come_in_the_order_in_which_they_fire_the_graver_first():
    grave = AlertRule("Grave", "x", above=0, severity="critical", action="run")
    light = AlertRule("Airy", "x", above=0, severity="info", action="read")
    late = AlertRule("Late", "y", above=0, action="look")
    series = pd.DataFrame({"x": [1, 1], "y": [0, 1]})
    assert [alert.rule.name for alert in evaluate_alerts([late, light, grave], series)] == ["Grave", "Airy", "Late"]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"action": ""}, "what to do"),
        ({"above": None}, "one condition"),
        ({"below": 3}, "one condition"),
        ({"minutes": -1}, "duration"),
        ({"above": math.nan}, "never crossed"),
        ({"severity": "loud"}, "severity"),
        ({"name": "two words"}, "name"),
    ],
)
def test_a_rule_that_nobody_can_follow_is_refused(rule, message):
    with pytest.raises(WatchError, match=message):
        AlertRule(**({"name": "X", "series": "x", "above": 1, "action": "look"} | rule))


def test_a_column_that_is_not_there_is_no_health():
    with pytest.raises(WatchError, match="no measurement `p95`"):
        evaluate_alerts([SLOW], pd.DataFrame({"p59": [1]}))


def test_none_is_a_gap_and_text_is_a_fault():
    assert spans(SLOW, [160, None, 160]) == []
    with pytest.raises(WatchError, match="`much` is no measurement"):
        alerts_of(SLOW, [1, "much"])


def test_minutes_must_increase():
    with pytest.raises(WatchError, match="do not increase"):
        alerts_of(SLOW, [1, 2], at=[3, 3])


BURN = AlertRule("Burn", "burn", above=3, minutes=1, action="look", expression="long", lasting="short")


def test_the_short_window_is_joined_with_and():
    (rule,) = yaml.safe_load(rules_of([BURN]))["groups"][0]["rules"]
    assert rule["expr"] == "((long) > 3) and ((short) > 3)"
    with pytest.raises(WatchError, match="second measurement"):
        AlertRule("Burn", "burn", missing=True, action="look", expression="long", lasting="short")


RULES = [
    SLOW,
    AlertRule("Few", "rate", below=0.5, minutes=2, severity="critical", action="page", expression="rate"),
    AlertRule("Mute", "up", missing=True, minutes=1, action="restart", expression="up"),
]


def test_the_rule_file_says_what_the_rules_say():
    (group,) = yaml.safe_load(rules_of(RULES))["groups"]
    first, second, third = group["rules"]
    assert (first["alert"], first["expr"], first["for"]) == ("Slow", "(p95) > 150", "5m")
    assert (second["expr"], second["labels"]["severity"], third["expr"]) == ("(rate) < 0.5", "critical", "absent(up)")
    assert first["annotations"] == {"summary": "p95 > 150 for 5 min", "action": "look"}


@pytest.mark.parametrize("rules", [[], [SLOW, SLOW], [AlertRule("X", "x", above=1, action="look")]])
def test_rules_that_prometheus_cannot_have_are_refused(rules):
    with pytest.raises(WatchError):
        rules_of(rules)


def test_promtool_accepts_the_rules_and_names_what_is_broken(require):
    require(shutil.which("promtool"), "promtool is not installed")
    assert check_rules(rules_of(RULES)) == []
    assert any("could not parse" in line for line in check_rules(rules_of(RULES).replace("(p95)", "(p95")))


def test_prometheus_itself_fires_at_the_same_minutes(require, tmp_path):
    """The evaluator against Prometheus's own engine, minute by minute, gaps included."""
    tool = shutil.which("promtool")
    require(tool, "promtool is not installed")
    p95 = [90, *[160] * 5, 90, *[160] * 8, math.nan, *[170] * 7, 90, 155, 155]
    rate = [0.4, 0.4, 0.4, 0.9, *[0.1] * 5, *[0.7] * 17]
    up = [1.0, 1.0, *[math.nan] * 4, *[1.0] * 20]
    series = pd.DataFrame({"p95": p95, "rate": rate, "up": up})
    (tmp_path / "rules.yml").write_text(rules_of(RULES))
    told = evaluate_alerts(RULES, series)
    cases = []
    for minute in range(len(series)):
        for rule in RULES:
            on = any(a.rule is rule and a.fired <= minute and (a.resolved is None or minute < a.resolved) for a in told)
            expected = {
                "exp_labels": {"severity": rule.severity},
                "exp_annotations": {"summary": rule.condition, "action": rule.action},
            }
            cases.append({"eval_time": f"{minute}m", "alertname": rule.name, "exp_alerts": [expected] if on else []})
    assert 5 < sum(bool(case["exp_alerts"]) for case in cases) < len(cases) / 2
    values = [
        {"series": name, "values": " ".join("stale" if math.isnan(v) else f"{v:g}" for v in series[name])} for name in series
    ]
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": values, "alert_rule_test": cases}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    done = subprocess.run([tool, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_treats_rows_that_are_not_there_alike(require, tmp_path):
    tool = shutil.which("promtool")
    require(tool, "promtool is not installed")
    (tmp_path / "rules.yml").write_text(rules_of([SLOW]))
    cases = []
    minutes = [*range(7), *range(20, 25), *range(40, 47)]
    told = alerts_of(SLOW, [160] * len(minutes), at=minutes)
    assert [(a.fired, a.resolved) for a in told] == [(5, 11), (45, None)]
    for minute in (4, 5, 10, 15, 24, 44, 45):
        on = any(a.fired <= minute < (a.resolved or 99) for a in told)
        expected = {"exp_labels": {"severity": "warning"}, "exp_annotations": {"summary": SLOW.condition, "action": "look"}}
        cases.append({"eval_time": f"{minute}m", "alertname": "Slow", "exp_alerts": [expected] if on else []})
    values = " ".join("160" if minute in minutes else "_" for minute in range(47))
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": [{"series": "p95", "values": values}], "alert_rule_test": cases}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    done = subprocess.run([tool, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_dashboard_draws_the_limit_that_rings():
    board = grafana_dashboard("Service", [Panel("p95", "p95", "s", (SLOW,)), Panel("rate", "rate")], uid="x")
    first, second = board["panels"]
    assert first["fieldConfig"]["defaults"]["thresholds"]["steps"][1] == {"color": "orange", "value": 150}
    assert (first["targets"][0]["expr"], first["gridPos"]["x"], second["gridPos"]["x"]) == ("p95", 0, 12)
    assert len({panel["id"] for panel in board["panels"]}) == 2


@pytest.mark.parametrize(("panels", "uid"), [([], "x"), ([Panel("a", "b")], ""), ([Panel("a", "b")], "x" * 41)])
def test_a_dashboard_that_grafana_would_refuse_is_refused(panels, uid):
    with pytest.raises(WatchError):
        grafana_dashboard("Service", panels, uid=uid)
