"""Hidden questions on exercise 11: the same watchmen, for days that nobody was shown. Never handed out."""

from __future__ import annotations

import math

from workbench.checks import Mutant, close, equal, question


@question(
    "service_monitoring.success_elsewhere",
    of="service_monitoring.success",
    title="Another month",
    points=1,
    mutants=[
        Mutant("always ninety runs", replace=("good / len(runs), float", "good / 90, float")),
        Mutant(
            "at most two attempts",
            replace=("if attempt > last.get((day, slot), (0,))[0]:", "if attempt == 2 or (day, slot) not in last:"),
        ),
    ],
)
def success_elsewhere(answer, key):
    tried = [(1, "x", k, "failed" if k < 4 else "ok", "bug" if k < 4 else None) for k in (3, 1, 4, 2)]
    tried += [(2, "x", 3, "failed", "source"), (2, "x", 1, "failed", "bug"), (2, "x", 2, "failed", "timeout")]
    for attempts in (tried, tried[4:], tried[:4]):
        said, right = answer.call("success", attempts), key.call("success", attempts)
        close(list(said), list(right), "`success` fails for a month that it was not shown", atol=1e-4)
        said, right = answer.call("causes", attempts), key.call("causes", attempts)
        equal(said, right, "`causes` fails for a month that it was not shown")


@question(
    "service_monitoring.budget_elsewhere",
    of="service_monitoring.budget",
    title="Other promises",
    points=1,
    mutants=[
        Mutant("always thirty days", replace=("return days * (1 - objective)", "return 30 * (1 - objective)")),
        Mutant("always three nines", replace=("days * (1 - objective)", "days * 0.001")),
    ],
)
def budget_elsewhere(answer, key):
    for call in ((0.03, 0.995, 14), (0.0004, 0.9999, 91), (1.0, 0.5, 10)):
        close(
            answer.call("days_left", *call), key.call("days_left", *call), "`days_left` fails for another promise", rtol=1e-6
        )
    close(answer.call("minutes_down", 0.95, 2), key.call("minutes_down", 0.95, 2), "`minutes_down` fails for another period")
    equal(answer.call("days_left", 0, 0.99, 7) == math.inf, True, "`days_left` fails where nothing fails")


@question(
    "service_monitoring.alerts_elsewhere",
    of="service_monitoring.alerts",
    title="Other measurements",
    points=2,
    mutants=[
        Mutant("counts measurements", replace=("minute - 1 - since >= minutes", "minute - since >= minutes")),
        Mutant(
            "a gap is as good as high", replace=("value is not None and value > limit", "value is None or value > limit")
        ),
        Mutant("forgets what goes on", replace=("[*values, None]", "values")),
        Mutant("limits are positive", replace=("value > limit", "abs(value) > abs(limit)")),
    ],
)
def alerts_elsewhere(answer, key):
    wave = [round(math.sin(0.37 * k) + 0.2 * math.sin(2.1 * k), 6) for k in range(150)]
    gaps = [None if k % 17 == 3 else value for k, value in enumerate(wave)]
    for values, limit, minutes in (
        (wave, 0.3, 4),
        (wave, -0.5, 11),
        (gaps, 0.1, 2),
        (gaps, 2, 1),
        ([1.5], 1, 0),
        ([0.2], -1, 0),
    ):
        said, right = answer.call("alerts", values, limit, minutes), key.call("alerts", values, limit, minutes)
        equal([tuple(e) for e in said], [tuple(e) for e in right], "`alerts` fails for measurements that it was not shown")


@question(
    "service_monitoring.buckets_elsewhere",
    of="service_monitoring.buckets",
    title="Other copies",
    points=1,
    mutants=[
        Mutant("in milliseconds", replace=("if place else 0, bounds[place])", "if place else 0, max(bounds[place], 1))")),
        Mutant("no last bucket", replace=("if high == float(\"inf\"):", "if high > 1e300 and False:")),
    ],
)  # fmt: skip
def buckets_elsewhere(answer, key):
    bounds = [0.005, 0.05, 0.5, 5.0, float("inf")]
    for counts, share in (([2, 40, 41, 41, 43], 0.99), ([2, 40, 41, 41, 43], 0.5), ([17, 17, 17, 18, 18], 0.02)):
        said, right = answer.call("guess", bounds, counts, share), key.call("guess", bounds, counts, share)
        close(said, right, "`guess` fails for copies that it was not shown", rtol=1e-6)
        said, right = answer.call("bucket", bounds, counts, share), key.call("bucket", bounds, counts, share)
        equal([float(b) for b in said], [float(b) for b in right], "`bucket` fails for copies that it was not shown")


@question(
    "service_monitoring.log_elsewhere",
    of="service_monitoring.log",
    title="Another log",
    points=2,
    mutants=[
        Mutant("always the supplied hours", replace=("minute < learn", "minute < 120")),
        Mutant("only slow reads", replace=("if chance < 1e-6:", "if chance < 1e-6 and 'slow' in name:")),
        Mutant("more than, not as many", replace=("poisson.sf(count - 1, mean)", "poisson.sf(count, mean)")),
    ],
)
def log_elsewhere(answer, key):
    beats = [(minute, f"wrote part {minute % 5} of {k}") for minute in range(100) for k in range(3 + minute % 2)]
    for times in range(3, 9):
        lines = [*beats, *((77, f"queue {k} full") for k in range(times)), (12, "queue 1 full")]
        said, right = answer.call("anomaly", lines, 50), key.call("anomaly", lines, 50)
        equal(
            None if said is None else list(said), None if right is None else list(right), "`anomaly` fails for another log"
        )
    lines = [*beats, *((88, f"wrote part 9 of {k}") for k in range(20))]
    equal(list(answer.call("anomaly", lines, 60)), list(key.call("anomaly", lines, 60)), "`anomaly` fails for another log")


@question(
    "service_monitoring.morning_elsewhere",
    of="service_monitoring.morning",
    title="Another morning",
    points=1,
    mutants=[
        Mutant("always doubles", replace=("wait * factor", "wait * 2")),
        Mutant("two steps only", replace=("for scheduled, minutes in steps:", "for scheduled, minutes in steps[:2]:")),
        Mutant("the supplied checks", replace=("for now in checks:", "for now in range(360, 490, 5):")),
    ],
)
def morning_elsewhere(answer, key):
    equal(
        list(answer.call("retries", 30, 4, 1.5, 100, 6)),
        list(key.call("retries", 30, 4, 1.5, 100, 6)),
        "`retries` fails elsewhere",
    )
    steps = [(10, 5), (12, 30), (60, 1), (61, 9)]
    for ready in (0, 25, 58):
        equal(answer.call("right_from", ready, steps), key.call("right_from", ready, steps), "`right_from` fails elsewhere")
    for checks in ([1000, 2000], [3, 9, 27, 81], []):
        said, right = answer.call("rings", [2, 8, 26, 990], 20, checks), key.call("rings", [2, 8, 26, 990], 20, checks)
        equal(said, right, "`rings` fails elsewhere")
