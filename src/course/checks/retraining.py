"""Checks of exercise 14: retraining."""

from __future__ import annotations

import math

from workbench.checks import Mutant, close, equal, is_number, mistake, part, question


@question(
    "retraining.lead",
    title="How fresh is fresh?",
    points=2,
    hints=[
        "Count in minutes after midnight. What becomes of a negative difference?",
        "A day has 1,440 minutes; `%` brings a difference back into one day. The rows of a model age until the next one is "
        "live.",
    ],
    mutants=[
        Mutant("nothing crosses midnight", replace=(" - 1) % 1440 + 1", ")")),
        Mutant("the same time is no time at all", replace=(" - 1) % 1440 + 1", ") % 1440")),
        Mutant("minutes are left out", replace=(" + int(time[3:])", "")),
        Mutant("the rows age for a day", replace=("oldest = lead + 24", "oldest = 24")),
        Mutant("the rows are fresh", replace=("oldest = lead + 24", "oldest = lead")),
    ],
)  # fmt: skip
def lead(answer, key):
    with part(1, "`hours` should hold for any two times"):
        for start, end in (
            ("06:00", "09:30"),
            ("22:30", "01:00"),
            ("23:59", "00:00"),
            ("08:15", "08:00"),
            ("12:00", "12:00"),
        ):
            said, right = answer.call("hours", start, end), key.call("hours", start, end)
            mistake(is_number(said) and said < 0, "`hours` is negative where the end is on the next day")
            mistake(said == 0 and right == 24, "`hours` is 0 for an end that is not later than the start: it is a day later")
            close(said, right, f"`hours` is wrong from {start} to {end}", rtol=1e-6)
    with part(1, "`lead` and `oldest`"):
        close(answer.read("lead"), key.read("lead"), "`lead` is not the time from 00:00 to 07:00", rtol=1e-6)
        oldest = answer.read("oldest")
        mistake(
            oldest in (24, 7), "`oldest` forgets a part: the rows are some hours old at first, and age until the next model"
        )
        close(oldest, key.read("oldest"), "`oldest` is the age just before the next day's model is live", rtol=1e-6)


@question(
    "retraining.automate",
    title="May a machine put it live?",
    points=2,
    hints=[
        "In the same design every step of the pipeline compares like with like. Which of the four keeps the design?",
        "A release is as hard as the hardest of its changes. `levels.get(change, ...)` also answers for an unknown one.",
    ],
    mutants=[
        Mutant("an algorithm partly", replace=('"algorithm": "no"', '"algorithm": "partly"')),
        Mutant("new features fully", replace=('"new features": "partly"', '"new features": "fully"')),
        Mutant("the easiest counts", replace=("return max((", "return min((")),
        Mutant("the first counts", replace=(
            "max((levels.get(change, \"no\") for change in changes), key=order.index)", 'levels.get(changes[0], "no")'
        )),
        Mutant("unknown is harmless", replace=('levels.get(change, "no")', 'levels.get(change, "fully")')),
        Mutant("nothing changed, so fully", replace=('changes:\n        return "no"', 'changes:\n        return "fully"')),
    ],
)  # fmt: skip
def automate(answer, key):
    with part(1, "`levels` should map the four kinds"):
        said, right = answer.read("levels"), key.read("levels")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`levels` should map the four kinds of change")
        mistake(
            not set(said.values()) <= {"fully", "partly", "no"}, "`levels` holds a value other than `fully`, `partly`, `no`"
        )
        equal(said, right, "`levels` is wrong for at least one kind of change")
    with part(1, "`level` should hold for changes that go live together"):
        for changes in (
            ["new data"],
            ["new data", "new features"],
            ["algorithm", "new data"],
            ["new features", "business logic"],
            ["new data", "another colour of the button"],
            [],
        ):
            said, right = answer.call("level", changes), key.call("level", changes)
            mistake(not changes and said != right, "`level` of no changes at all: nobody has said what changes")
            equal(said, right, f"`level` is wrong for {changes}")


def _week(number, accuracy=0.9, labels=400, ks=0.05, asked=False):
    return {"week": number, "accuracy": accuracy, "labels": labels, "ks": ks, "asked": asked}


_QUIET = [_week(1), _week(2, 0.85), _week(3, ks=0.2)]
_LABELS = [_week(1, 0.6, 199), _week(2, 0.84, 200), _week(3, None, 0), _week(5, 0.849, 1000), _week(6, 0.5, 3)]
_DRIFT = [_week(number, ks=0.25) for number in (1, 2, 3, 5, 6, 9, 10)]
_PAUSE = [_week(1, ks=0.3), _week(2, ks=0.1), _week(3, ks=0.3), _week(5, ks=0.21), _week(6, ks=0.3)]
_ALL = [_week(4, 0.7, 300, 0.4, True), _week(5, 0.7, 300, 0.4, True), _week(8, 0.9, 300, 0.4, False)]


@question(
    "retraining.triggers",
    title="Which triggers fire?",
    points=3,
    hints=[
        "Go through the weeks once. Several triggers may fire in one, so use `if` four times, and no `else`.",
        "Remember in which week drift fired last. Weeks in which it was silent do not count as fired.",
    ],
    mutants=[
        Mutant("one trigger a week", replace=('        if week["accuracy"] is', '        elif week["accuracy"] is')),
        Mutant("few labels are proof", replace=(' and week["labels"] >= 200', "")),
        Mutant("200 labels are too few", replace=('["labels"] >= 200', '["labels"] > 200')),
        Mutant("at the limit already", replace=('week["accuracy"] < 0.85', 'week["accuracy"] <= 0.85')),
        Mutant("drift at the limit", replace=('week["ks"] > 0.2', 'week["ks"] >= 0.2')),
        Mutant("drift is never silent", replace=(" and (last_drift is None or number - last_drift > 3)", "")),
        Mutant("silent for two weeks", replace=("number - last_drift > 3", "number - last_drift > 2")),
        Mutant("silent as long as it lasts", replace=(
            "            last_drift = number\n", '        if week["ks"] > 0.2:\n            last_drift = number\n'
        )),
        Mutant("drift fires once", replace=(" or number - last_drift > 3", "")),
        Mutant("manual first", replace=("    return found", "    return sorted(found)")),
    ],
)  # fmt: skip
def triggers(answer, key):
    def same(weeks, words):
        said, right = answer.call("triggers", weeks), key.call("triggers", weeks)
        mistake(not isinstance(said, list), "`triggers` should return a list of pairs (week, name)")
        equal([tuple(each) for each in said], [tuple(each) for each in right], words)

    with part(1, "`triggers` should heed limits and labels"):
        same(_QUIET, "`triggers` fires at a limit that is reached and not broken")
        same(_LABELS, "`triggers` is wrong about accuracies: below 0.85, on at least 200 labels, and known")
    with part(1, "`triggers` should keep drift silent for three weeks after it has fired"):
        same(_DRIFT, "`triggers` is wrong about a drift that lasts: it fires, is silent for 3 weeks, and may fire again")
        same(_PAUSE, "`triggers` is wrong about a drift that comes and goes")
    with part(1, "`triggers` may fire several in a week, and `calls` is its answer"):
        same(_ALL, "`triggers` is wrong where all four fire in one week; mind their order")
        said, right = answer.read("calls"), key.read("calls")
        mistake(not isinstance(said, list), "`calls` should be a list of pairs (week, name)")
        equal([tuple(each) for each in said], [tuple(each) for each in right], "`calls` is not what the rules give")


_SERIES = [
    ([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], [1, 2, 4]),
    ([10, 60, 10, 60, 12, 11, 13, 12, 14, 13, 15, 14], [1, 4]),
    ([float(each) for each in range(30)], [2, 5, 10]),
    ([5.0, 7.0, 6.0], [1, 2]),
]


@question(
    "retraining.window",
    title="Which window is best?",
    points=3,
    hints=[
        "The first week that the longest window can forecast has that many weeks before it.",
        "The forecast for week t uses weeks t - window to t - 1: `series[t - window : t]`. Week t itself is not known yet.",
    ],
    mutants=[
        Mutant("each from its own start", replace=("range(start, len(series))", "range(window, len(series))")),
        Mutant("the week itself is in it", replace=("series[t - window : t]", "series[t - window + 1 : t + 1]")),
        Mutant("errors cancel out", replace=("[abs(series[t]", "[(series[t]")),
        Mutant("one week later", replace=("start = max(windows)", "start = max(windows) + 1")),
        Mutant("squared", replace=("sum(missed)", "sum(miss * miss for miss in missed)")),
        Mutant("a sum in place of a mean", replace=(" / len(missed)", "")),
        Mutant("the worst window", replace=("best = min(", "best = max(")),
        Mutant("half a year, as always", replace=("best = min(found, key=found.get)", "best = 16")),
    ],
)  # fmt: skip
def window(answer, key):
    with part(2, "`errors` should give each window's mean absolute error, on the same weeks for all"):
        for series, sizes in _SERIES:
            said, right = answer.call("errors", series, sizes), key.call("errors", series, sizes)
            mistake(not isinstance(said, dict) or set(said) != set(sizes), "`errors` should map each window to its error")
            mistake(
                math.isclose(said[max(sizes)], right[max(sizes)], rel_tol=1e-9)
                and not math.isclose(said[min(sizes)], right[min(sizes)], rel_tol=1e-6),
                "`errors` is right for the longest window only: are all judged on the same weeks?",
            )
            for size in sizes:
                close(said[size], right[size], f"`errors` is wrong for a window of {size} in {series[:6]}…", rtol=1e-6)
    with part(1, "`best` is the window with the smallest error"):
        best, right = answer.read("best"), key.read("best")
        mistake(isinstance(best, float) and best not in (1, 2, 4, 8, 16), "`best` is the window, not its error")
        equal(best, right, "`best` is not the window with the smallest error on `sales`")


_NAN = float("nan")


@question(
    "retraining.gate",
    title="May it take over?",
    points=3,
    hints=[
        "Two conditions, and both must hold. Ask for what is good, and let everything else be rejected.",
        "Every comparison with NaN is false, also `candidate >= gate`. Is that what you want?",
    ],
    mutants=[
        Mutant("the gate alone", replace=(" and candidate >= champion - most_loss", "")),
        Mutant("the champion alone", replace=("candidate >= gate and ", "")),
        Mutant("one of the two", replace=("gate and candidate", "gate or candidate")),
        Mutant("has to be better", replace=("candidate >= champion", "candidate > champion")),
        Mutant("a loss is asked for", replace=("champion - most_loss", "champion + most_loss")),
        Mutant("asks for what is bad", replace=(
            "good = candidate >= gate and candidate >= champion - most_loss",
            "good = not (candidate < gate or candidate < champion - most_loss)",
        )),
        Mutant("the fixed gate compares", replace=('fixed = "accept"', 'fixed = "reject"')),
    ],
)  # fmt: skip
def gate(answer, key):
    def same(cases, words):
        for case in cases:
            said, right = answer.call("decide", *case), key.call("decide", *case)
            mistake(said not in ("accept", "reject"), "`decide` should return `accept` or `reject` as text")
            equal(said, right, f"{words}: wrong for {case}")

    with part(1, "`decide` should ask for the gate and for the champion"):
        same(
            [(91, 92, 90, 0), (89, 85, 90, 0), (93, 92, 90, 0), (92, 92, 90, 0), (90, 90, 90, 0), (91, 92, 90, 1)],
            "`decide` should accept what reaches the gate and is at most `most_loss` worse",
        )
        same([(90, 92, 90, 1), (95, 90, 80, 2), (89, 95, 80, 5), (89, 90, 90, 5)], "`decide` should heed `most_loss`")
    with part(1, "`decide` should reject what was not measured"):
        same([(_NAN, 92, 90, 0), (95, _NAN, 90, 0), (_NAN, _NAN, 90, 2)], "`decide` should reject NaN")
    with part(1, "`decision` and `fixed`"):
        equal(answer.read("decision"), key.read("decision"), "`decision` is wrong for champion 92, candidate 91, gate 90")
        equal(answer.read("fixed"), key.read("fixed"), "`fixed` is what a pipeline answers that never looks at the champion")


def _rows(n=10, **columns):
    import pandas as pd

    basic = {
        "income": [20.0 + k for k in range(n)],
        "children": [float(k % 4) for k in range(n)],
        "label": [0.0, 1.0] * (n // 2),
    }
    return pd.DataFrame(basic | columns)


_RULES = {"least_rows": 10, "limits": {"income": (20, 500), "children": (0, 3)}, "most_outside": 0.1}


@question(
    "retraining.batch",
    title="Where is a bad batch stopped?",
    points=3,
    hints=[
        "`column.between(low, high)` is false for values outside and for missing ones, and both ends are inside.",
        "Look at each column by itself, not at their mean. And ask of the accuracy what is good: NaN is not.",
    ],
    mutants=[
        Mutant("few rows are fine", replace=('len(batch) < rules["least_rows"] or ', "")),
        Mutant("missing labels are fine", replace=('batch["label"].isna().any() or ', "")),
        Mutant("missing values are inside", replace=(
            "(~batch[name].between(low, high)).mean()", "((batch[name] < low) | (batch[name] > high)).mean()"
        )),
        Mutant("the ends are outside", replace=(".between(low, high)", ".between(low, high, inclusive='neither')")),
        Mutant("columns on average", replace=("max(outside) >", "sum(outside) / len(outside) >")),
        Mutant("no value may be outside", replace=('> rules["most_outside"]', "> 0")),
        Mutant("the share itself is too many", replace=('> rules["most_outside"]', '>= rules["most_outside"]')),
        Mutant("not measured passes", replace=("if not accuracy >= champion:", "if accuracy < champion:")),
        Mutant("evaluated first", replace=(
            "    outside = [", "    if not accuracy >= champion:\n        return \"evaluation\"\n    outside = ["
        )),
    ],
)  # fmt: skip
def batch(answer, key):
    def same(cases, words):
        for rows, accuracy in cases:
            said, right = (who.call("stopped_at", rows, accuracy, _RULES, 0.9) for who in (answer, key))
            mistake(
                said not in ("data validation", "evaluation", None), "`stopped_at` should return a step's name or `None`"
            )
            equal(said, right, words)

    with part(1, "`stopped_at` should find what validation refuses"):
        same([(_rows(8), 0.95)], "`stopped_at` overlooks a batch with too few rows")
        same([(_rows(label=[0.0, 1.0] * 4 + [1.0, None]), 0.95)], "`stopped_at` overlooks a missing label")
        same(
            [(_rows(income=[19.0, 501.0] + [30.0] * 8), 0.95)], "`stopped_at` overlooks a column with too many rows outside"
        )
        same([(_rows(children=[None, None] + [1.0] * 8), 0.95)], "`stopped_at` overlooks values that are missing")
    with part(1, "`stopped_at` should let through what the rules allow"):
        same([(_rows(), 0.9)], "`stopped_at` refuses a good batch whose candidate equals the champion")
        same([(_rows(income=[19.0] + [500.0] * 9), 0.95)], "`stopped_at` refuses a share outside that the rules allow")
    with part(1, "`stopped_at` should refuse at evaluation, and `stops` holds its answers"):
        same([(_rows(), 0.89), (_rows(), _NAN)], "`stopped_at` lets a candidate through that is not as good, or unmeasured")
        same([(_rows(8), 0.1)], "`stopped_at` should name the first step that refuses")
        said, right = answer.read("stops"), key.read("stops")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`stops` should map the four batches")
        equal(said, right, "`stops` is wrong for at least one of the four batches; the champion has 0.92")


def _log(rest, suspects):
    import pandas as pd

    return pd.DataFrame({
        "to_block": [False] * len(rest) + [True] * len(suspects),
        "fraud": pd.Series([*rest, *suspects], dtype="float64"),
    })  # fmt: skip


@question(
    "retraining.loop",
    title="How much fraud is there?",
    points=3,
    hints=[
        "Two groups: those that nobody wanted to block, all of them with a label, and those that were to be blocked.",
        "The share of fraud among the suspects that were let through is the best guess for all suspects.",
    ],
    mutants=[
        Mutant("the labels that came in", replace=("float(share)", 'float(log["fraud"].mean())')),
        Mutant("missing is no fraud", replace=("float(share)", 'float(log["fraud"].sum() / len(log))')),
        Mutant("missing is fraud", replace=("suspects.mean() * len(suspects)", "suspects.fillna(1).sum()")),
        Mutant("always times ten", replace=("suspects.mean() * len(suspects)", "suspects.sum() * 10")),
        Mutant("the mean of two shares", replace=("float(share)", "float((rest.mean() + suspects.mean()) / 2)")),
        Mutant("nobody let through, no fraud", replace=("float(share)", "float(0 if share != share else share)")),
        Mutant("no suspects, no number", replace=(" if len(suspects) else 0.0", "")),
        Mutant("naive over all payments", replace=('log["fraud"].mean())', 'log["fraud"].sum() / len(log))')),
    ],
)  # fmt: skip
def loop(answer, key):
    with part(1, "`naive` is the share among the payments with a label"):
        close(answer.read("naive"), key.read("naive"), "`naive` is not the share of fraud among known labels", rtol=1e-6)
    with part(1, "`fraud_rate` should let those that passed stand for all that were to be blocked"):
        for rest, suspects in (
            ([0, 0, 0, 1], [1, None, None, None]),
            ([0] * 10, [1, 0, None, None]),
            ([0, 1], [1, 1, 0, None, None, None]),
        ):
            log = _log(rest, suspects)
            said, right = answer.call("fraud_rate", log), key.call("fraud_rate", log)
            mistake(
                math.isclose(said, float(log["fraud"].mean()), rel_tol=1e-9) and not math.isclose(said, right, rel_tol=1e-6),
                "`fraud_rate` is the share among known labels; most of the suspects have none",
            )
            close(said, right, "`fraud_rate` is wrong for a small log", rtol=1e-6)
        close(answer.read("estimate"), key.read("estimate"), "`estimate` is not that of the supplied log", rtol=1e-6)
    with part(1, "`fraud_rate` should know what cannot be known"):
        said = answer.call("fraud_rate", _log([0, 0, 1, 0], [None, None]))
        unknown = key.call("fraud_rate", _log([0, 0, 1, 0], [None, None]))
        mistake(
            math.isnan(unknown) and not (isinstance(said, float) and math.isnan(said)),
            "`fraud_rate` gives a number although no suspect was let through",
        )
        nobody = _log([0, 1, 0, 0], [])
        close(
            answer.call("fraud_rate", nobody),
            key.call("fraud_rate", nobody),
            "`fraud_rate` fails where nobody was to be blocked",
            rtol=1e-6,
        )
