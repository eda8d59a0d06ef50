"""Hidden questions on exercise 14: what must not be guessed. Never handed out."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question


@question(
    "retraining.triggers_elsewhere",
    of="retraining.triggers",
    title="Weeks nobody was shown",
    points=1,
    mutants=[
        Mutant("drift is never silent", replace=(" and (last_drift is None or number - last_drift > 3)", "")),
        Mutant("the weeks of the task", replace=("for week in weeks:", "for week in globals()['weeks']:")),
        Mutant("by place, not by number", replace=("number = week[\"week\"]", "number = weeks.index(week) + 1")),
    ],
)  # fmt: skip
def triggers_elsewhere(answer, key):
    for start, step in ((7, 1), (2, 2), (40, 3)):
        weeks = [
            {"week": start + step * k, "accuracy": [0.9, 0.8, None, 0.84][k % 4], "labels": [500, 150, 0, 210][k % 4],
             "ks": [0.1, 0.3, 0.22, 0.2, 0.4][k % 5], "asked": k % 6 == 5}
            for k in range(12)
        ]  # fmt: skip
        said, right = answer.call("triggers", weeks), key.call("triggers", weeks)
        equal([tuple(each) for each in said], [tuple(each) for each in right], "`triggers` fails for weeks it was not shown")


@question(
    "retraining.window_elsewhere",
    of="retraining.window",
    title="Another series, other windows",
    points=1,
    mutants=[
        Mutant("each from its own start", replace=("range(start, len(series))", "range(window, len(series))")),
        Mutant("the longest window of the task", replace=("start = max(windows)", "start = 16")),
    ],
)
def window_elsewhere(answer, key):
    for series, sizes in (
        ([2.0, 9.0, 4.0, 7.0, 1.0, 8.0, 3.0, 3.0, 9.0], [3, 1]),
        ([k * k % 17 for k in range(40)], [5, 20, 10]),
        ([1.5] * 25, [1, 24]),
    ):
        said, right = answer.call("errors", series, sizes), key.call("errors", series, sizes)
        for size in sizes:
            close(said[size], right[size], "`errors` fails for a series that it was not shown", rtol=1e-6)


@question(
    "retraining.batch_elsewhere",
    of="retraining.batch",
    title="Another batch, other rules",
    points=1,
    mutants=[
        Mutant("the limits of the task", replace=('rules["limits"].items()', "globals()['rules'][\"limits\"].items()")),
        Mutant("the champion of the task", replace=("not accuracy >= champion", "not accuracy >= 0.92")),
        Mutant("the least number of the task", replace=('len(batch) < rules["least_rows"]', "len(batch) < 200")),
    ],
)
def batch_elsewhere(answer, key):
    import pandas as pd

    rules = {"least_rows": 3, "limits": {"amount": (10, 20), "age": (0, 200)}, "most_outside": 0.34}
    for amounts, labels, accuracy in (
        ([10.0, 15.0, 20.0], [0, 1, 0], 0.6),
        ([10.0, 15.0, 99.0], [0, 1, 0], 0.5),
        ([10.0, None, 99.0], [0, 1, 0], 0.7),
        ([300.0, 300.0, 300.0], [1, 1, 1], 0.99),
        ([15.0, 15.0], [1, 0], 0.99),
        ([15.0, 15.0, 15.0], [1.0, None, 0.0], 0.99),
    ):
        batch = pd.DataFrame({"amount": amounts, "age": [5.0, 150.0, 40.0][: len(amounts)], "label": labels})
        said, right = (who.call("stopped_at", batch, accuracy, rules, 0.6) for who in (answer, key))
        equal(said, right, "`stopped_at` fails for a batch that it was not shown")


@question(
    "retraining.loop_elsewhere",
    of="retraining.loop",
    title="Another bank",
    points=1,
    mutants=[
        Mutant("always one in ten", replace=("suspects.mean() * len(suspects)", "suspects.sum() * 10")),
        Mutant("the log of the task", replace=("/ len(log)", "/ len(globals()['log'])")),
    ],
)
def loop_elsewhere(answer, key):
    import pandas as pd

    for passed, n in ((1, 4), (3, 9), (40, 80)):
        suspects = [float(k % 3 > 0) for k in range(passed)] + [None] * (n - passed)
        rest = [float(k % 7 == 0) for k in range(2 * n)]
        log = pd.DataFrame(
            {"to_block": [True] * n + [False] * 2 * n, "fraud": pd.Series([*suspects, *rest], dtype="float64")}
        )
        said, right = answer.call("fraud_rate", log), key.call("fraud_rate", log)
        close(said, right, "`fraud_rate` fails for a log that it was not shown", rtol=1e-6)
