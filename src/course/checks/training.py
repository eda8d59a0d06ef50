"""Checks of exercise 04: training and evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.checks import Mutant, close, equal, is_number, mistake, near, part, question

FRAUD = 492 / 284_807
ONLY_LISTS = """
def log_entry(labels, decisions):
    right = [label == decision for label, decision in zip(labels, decisions)]
    n, p, z = len(right), sum(right) / len(right), 1.96
    half = z * (p * (1 - p) / n) ** 0.5
    return {"accuracy": p, "n": n, "low": p - half, "high": p + half}


entry = log_entry(truth, said)
"""
THE_BUG = """
def log_entry(labels, decisions):
    correct = labels == decisions
    return {"accuracy": sum(correct) / len(labels)}


entry = {"accuracy": 0.8}
"""


@question(
    "training.f1",
    title="One number from two",
    points=2,
    hints=[
        "The harmonic mean of two numbers is 2ab / (a + b).",
        "What happens to the division when nothing was found and nothing was right?",
    ],
    mutants=[
        Mutant("arithmetic mean", replace=("2 * precision * recall / (precision + recall)", "(precision + recall) / 2")),
        Mutant("zero divides", replace=("    if precision + recall == 0:\n        return 0.0\n", "")),
        Mutant("factor forgotten", replace=("2 * precision * recall", "precision * recall")),
        Mutant("rounded first", replace=("f1(5 / 7, 0.625)", "f1(0.71, 0.625)")),
        Mutant("in percent", replace=("return 2 * precision", "return 200 * precision")),
    ],
)
def one_number_from_two(answer, key):
    with part(1, "`f1` should hold for any precision and recall"):
        for arguments in [(0.5, 0.5), (0.2, 0.9), (1, 0.01), (0, 0)]:
            said, right = answer.call("f1", *arguments), key.call("f1", *arguments)
            mistake(near(said, sum(arguments) / 2) and not near(right, said), "`f1` is the ordinary mean; F1 is harmonic")
            mistake(near(said, right / 2) and right > 0, "`f1` is half of what it should be")
            close(said, right, "`f1` is the harmonic mean of precision and recall", rtol=1e-6, atol=1e-12)
    with part(1, "`four`, `from_rounded` and `from_exact`"):
        close(answer.read("four"), key.read("four"), "`four` has the F1 of the four iterations, in order")
        rounded, exact = answer.read("from_rounded"), answer.read("from_exact")
        mistake(near(rounded, exact), "`from_rounded` and `from_exact` are the same number; do not round 5/7")
        close(rounded, key.read("from_rounded"), "`from_rounded` is F1 of 0.71 and 0.625", rtol=1e-3)
        close(exact, key.read("from_exact"), "`from_exact` is F1 of 5/7 and 0.625", rtol=1e-3)


@question(
    "training.implied",
    title="What the table implies",
    points=4,
    hints=[
        "Take one row as the unit: a share `prevalence · recall` of all rows is caught. How many are flagged, then?",
        "Precision divides the caught by the flagged, so the flagged are the caught divided by precision.",
        "Right are all rows but the false alarms (flagged, not caught) and the missed (positive, not caught).",
    ],
    mutants=[
        Mutant("missed cases forgotten", replace=("1 - false_alarms - missed", "1 - false_alarms")),
        Mutant("false alarms forgotten", replace=("1 - false_alarms - missed", "1 - missed")),
        Mutant("false-positive rate of all rows", replace=("false_alarms / (1 - prevalence)", "false_alarms")),
        Mutant("one minus precision as the rate", replace=("false_alarms / (1 - prevalence)", "1 - precision")),
        Mutant("caught, not flagged", replace=('"flag_rate": flagged', '"flag_rate": caught')),
        Mutant("flag rate of iteration 4", replace=("flag_rate = rates[0]", "flag_rate = rates[3]")),
        Mutant("false alarms of iteration 1", replace=("false_alarms = rates[3]", "false_alarms = rates[0]")),
        Mutant("all four beaten", replace=("if claim < 1 - share", "if claim < 1")),
        Mutant("indices from 0", replace=("start=1", "start=0")),
    ],
)
def what_the_table_implies(answer, key):
    with part(2, "`implied` should hold for any rates that are possible"):
        for arguments in [(0.3, 0.6, 0.5), (0.02, 0.1, 0.9), (0.5, 0.9, 0.9), (FRAUD, 0.5, 1.0)]:
            said, right = answer.call("implied", *arguments), key.call("implied", *arguments)
            mistake(not isinstance(said, dict), "`implied` should return a dictionary")
            for name in ("flag_rate", "accuracy", "fpr"):
                mistake(name not in said, f"`implied` has no key {name!r}")
            prevalence, precision, recall = arguments
            likely = {
                ("flag_rate", prevalence * recall): "`flag_rate` counts only the alarms that are right",
                ("accuracy", 1 - prevalence * (1 - recall)): "`accuracy` forgets the false alarms",
                ("fpr", 1 - precision): "`fpr` is a share of the negative rows; this one is of the alarms",
            }
            for (name, wrong), message in likely.items():
                mistake(near(said[name], wrong) and not near(right[name], wrong), message)
            for name in ("flag_rate", "accuracy", "fpr"):
                close(said[name], right[name], f"`{name}` of `implied` does not follow from the three rates", rtol=1e-6)
    with part(1, "`accuracies` and `flag_rate`"):
        close(answer.read("accuracies"), key.read("accuracies"), "`accuracies` has four fractions, in order", rtol=1e-4)
        close(answer.read("flag_rate"), key.read("flag_rate"), "`flag_rate` is that of iteration 1")
    with part(1, "`false_alarms` and `beaten`"):
        close(answer.read("false_alarms"), key.read("false_alarms"), "`false_alarms` counts the payments of iteration 4")
        said, right = answer.read("beaten"), key.read("beaten")
        mistake(sorted(_numbers(said)) == [n - 1 for n in right], "`beaten` counts from 0; the iterations are 1 to 4")
        equal(said, right, "`beaten` should compare each claim with the accuracy of calling everything normal")


@question(
    "training.logger",
    title="Mend the logger",
    points=3,
    hints=[
        "What does `[1, 0] == [1, 1]` give for two lists, and what for two arrays?",
        "`np.asarray` makes an array of either; the mean of the comparison is the accuracy.",
        "Put `p`, `n` and `z` into the formula as it stands: once with plus, once with minus.",
    ],
    mutants=[
        Mutant("the bug", code=THE_BUG),
        Mutant("ordinary normal interval", code=ONLY_LISTS),
        Mutant("a 90 % interval", replace=("1.96", "1.645")),
        Mutant(
            "share of errors",
            replace=("np.asarray(labels) == np.asarray(decisions)", "np.asarray(labels) != np.asarray(decisions)"),
        ),
        Mutant("counts the positives", replace=("len(right), float", "int(np.sum(labels)), float")),
        Mutant("limits swapped", replace=('"low": float((middle - half)', '"low": float((middle + half)')),
    ],
)
def mended_logger(answer, key):
    cases = [([1, 1, 0, 0], [1, 0, 0, 0]), ([1] * 30 + [0] * 90, [1] * 20 + [0] * 100), ([0, 1, 0], [0, 1, 0])]
    with part(1, "`accuracy` and `n` for lists and arrays"):
        for labels, decisions in cases:
            for kind in (list, np.array):
                said = answer.call("log_entry", kind(labels), kind(decisions))
                right = key.call("log_entry", kind(labels), kind(decisions))
                _keys(said, ("accuracy", "n"))
                mistake(near(said["accuracy"], 1 - right["accuracy"]), "`accuracy` is the share of the errors")
                close(said["accuracy"], right["accuracy"], "`accuracy` is the share of equal places", rtol=1e-6)
                equal(said["n"], right["n"], "`n` is the number of rows")
    with part(1, "`low` and `high` are Wilson's limits"):
        for labels, decisions in cases:
            said, right = answer.call("log_entry", labels, decisions), key.call("log_entry", labels, decisions)
            _keys(said, ("low", "high"))
            mistake(not all(is_number(said[name]) for name in ("low", "high")), "`low` and `high` should be numbers")
            mistake(said["low"] > said["high"], "`low` is above `high`")
            mistake(
                near(said["low"] + said["high"], 2 * right["accuracy"], rtol=1e-4) and right["accuracy"] != 0.5,
                "the limits lie evenly around the accuracy; Wilson's do not",
            )
            close(said["low"], right["low"], "`low` is not Wilson's lower limit with z = 1.96", rtol=1e-4)
            close(said["high"], right["high"], "`high` is not Wilson's upper limit with z = 1.96", rtol=1e-4)
    with part(1, "`entry` is the entry of the five rows"):
        close(answer.read("entry"), key.read("entry"), "`entry` should be what `log_entry` says of the five rows", rtol=1e-3)


@question(
    "training.regression",
    title="How wrong is a forecast?",
    points=2,
    hints=[
        "All four start from the residuals, actual minus forecast.",
        "R2 compares the squared residuals with the squared distances of the actual values from their own mean.",
        "MAPE divides by the actual value, and so cannot be had when one of them is 0.",
    ],
    mutants=[
        Mutant("signs cancel", replace=("np.abs(residuals).mean()", "residuals.mean()")),
        Mutant("root forgotten", replace=("np.sqrt((residuals**2).mean())", "(residuals**2).mean()")),
        Mutant("spread of the forecast", replace=("((actual - actual.mean()) ** 2)", "((forecast - forecast.mean()) ** 2)")),
        Mutant("percent of the forecast", replace=("residuals / actual", "residuals / forecast")),
        Mutant("percent", replace=("np.abs(residuals / actual).mean()", "100 * np.abs(residuals / actual).mean()")),
        Mutant(
            "zeros left out",
            replace=(
                "None if (actual == 0).any() else float(np.abs(residuals / actual).mean())",
                "float(np.abs(residuals / actual)[actual != 0].mean())",
            ),
        ),
    ],
)
def wrong_forecasts(answer, key):
    names = ("mae", "rmse", "r2", "mape")
    with part(1, "`errors` should hold for any forecast"):
        for actual, forecast in [([1, 2, 4, 5], [2, 2, 3, 7]), ([10, 20], [25, 5]), ([3, 1, 0, 8], [2, 2, 1, 8])]:
            said, right = answer.call("errors", actual, forecast), key.call("errors", actual, forecast)
            _keys(said, names)
            mistake(near(said["rmse"], right["rmse"] ** 2) and right["rmse"] != 1, "`rmse` lacks the root")
            mistake(0 in actual and said["mape"] is not None, "`mape` should be `None` when an actual value is 0")
            for name in names:
                close(said[name], right[name], f"`{name}` is wrong for actual {actual} and forecast {forecast}", rtol=1e-6)
    with part(1, "`delivery` has the errors of the deliveries"):
        said, right = answer.read("delivery"), key.read("delivery")
        _keys(said, names)
        for name in names:
            close(said[name], right[name], f"`{name}` of `delivery` is not that of the supplied deliveries", rtol=1e-4)


@question(
    "training.threshold",
    title="The cheapest threshold",
    points=3,
    hints=[
        "Only the scores that occur need to be tried as thresholds, and one above all of them.",
        "At each, count the frauds below the threshold and the normal payments at or above it.",
        "Cost is `missed` times the first count plus `false_alarm` times the second.",
    ],
    mutants=[
        Mutant("a half by habit", replace=("[*np.unique(scores), scores.max() + 1]", "[0.5]")),
        Mutant(
            "costs swapped", replace=("(labels, scores, missed, false_alarm):", "(labels, scores, false_alarm, missed):")
        ),
        Mutant("above, not at least", replace=("scores >= threshold", "scores > threshold")),
        Mutant("nobody is no option", replace=("[*np.unique(scores), scores.max() + 1]", "np.unique(scores)")),
        Mutant("counts mistakes", replace=("cost = missed *", "missed = false_alarm = 1\n        cost = missed *")),
        Mutant("hits cost too", replace=("np.sum(flagged & (labels == 0))", "np.sum(flagged)")),
    ],
)
def cheapest_threshold(answer, key):
    tied = ([1, 0, 1, 0, 0, 1, 0, 0], [0.9, 0.9, 0.7, 0.7, 0.7, 0.4, 0.4, 0.1])
    hopeless = ([0, 0, 0, 1], [0.9, 0.8, 0.7, 0.6])
    cases = [(*tied, 10, 1), (*tied, 1, 1), (*tied, 1, 3), (*hopeless, 2, 1), ([0, 0, 0], [0.2, 0.2, 0.9], 5, 1)]
    with part(2, "`cheapest` should hold for any labels, scores and costs"):
        for case in cases:
            _threshold(answer.call("cheapest", *case), key.call("cheapest", *case), *case)
    with part(1, "`threshold` and `cost` are for the supplied scores"):
        said = (answer.read("threshold"), answer.read("cost"))
        labels, scores = key.read("labels"), key.read("scores")
        _threshold(said, (key.read("threshold"), key.read("cost")), labels, scores, 500, 5)


@question(
    "training.calibration",
    title="A chance to believe",
    points=3,
    hints=[
        "Write the score as odds, s / (1 - s). What did the weight do to them?",
        "Divide the odds by the weight and turn them back into a chance: odds / (1 + odds).",
        "A score of 1 has no odds. Multiply above and below by 1 - s, and nothing is divided by zero.",
        "`cut` goes the other way: which score becomes 0.2?",
    ],
    mutants=[
        Mutant("divided by the weight", replace=("score / (score + weight * (1 - score))", "score / weight")),
        Mutant(
            "the wrong way",
            replace=("score / (score + weight * (1 - score))", "weight * score / (weight * score + 1 - score)"),
        ),
        Mutant("only single scores", replace=("score = np.asarray(score, dtype=float)", "score = np.asarray(float(score))")),
        Mutant("cut of a chance", replace=("cut = 9 * act_from / (9 * act_from + (1 - act_from))", "cut = act_from")),
        Mutant(
            "cut the wrong way",
            replace=("cut = 9 * act_from / (9 * act_from + (1 - act_from))", "cut = honest(act_from, 9)"),
        ),
        Mutant(
            "odds, not a chance", replace=("score / (score + weight * (1 - score))", "score / (weight * (1 - score) + 1e-9)")
        ),
    ],
)
def chance_to_believe(answer, key):
    with part(1, "`honest` should hold for any score and weight"):
        for score, weight in [(0.5, 4), (0.9, 9), (0.2, 1), (0.3, 250.0), (0.0, 5), (1.0, 5)]:
            said, right = answer.call("honest", score, weight), key.call("honest", score, weight)
            mistake(
                near(said, score / weight) and weight != 1 and 0 < score < 1,
                "`honest` divides the score; it is the odds that are too high",
            )
            mistake(
                is_number(said) and said > score + 1e-9,
                "`honest` raises the score; positives were counted too often, so it falls",
            )
            close(said, right, "`honest` divides the odds by the weight", rtol=1e-6, atol=1e-12)
    with part(1, "`honest` should take many scores at once"):
        many = [0.05, 0.5, 0.61, 0.99]
        for values in (many, np.array(many), pd.Series(many)):
            close(
                np.asarray(answer.call("honest", values, 6)),
                np.asarray(key.call("honest", values, 6)),
                "`honest` should give an array for a list, an array or a Series",
                rtol=1e-6,
            )
    with part(1, "`cut` is a threshold on the score"):
        said = answer.read("cut")
        mistake(near(said, 0.2), "`cut` is the honest chance; which *score* stands for it?")
        mistake(near(said, 0.2 / (0.2 + 9 * 0.8)), "`cut` goes the wrong way: it corrects a score of 0.2")
        close(said, key.read("cut"), "`cut` is the score whose honest chance is 0.2", rtol=1e-4)


@question(
    "training.tracker",
    title="Ask the tracker",
    points=3,
    hints=[
        "Three steps: which runs count, which value of each is the last, which of these is the largest?",
        '`sort_values("step")` before `groupby("run_id")` makes `.last()` mean what you want.',
        "`idxmax` of a Series gives the index of its largest value.",
    ],
    mutants=[
        Mutant("failed runs count", replace=('runs.loc[runs["status"] == "FINISHED", "run_id"]', 'runs["run_id"]')),
        Mutant("best on the way", replace=('["value"].last()', '["value"].max()')),
        Mutant("last written, not last step", replace=('values.sort_values("step")', "values")),
        Mutant(
            "best in training",
            replace=('best = best_run(runs, metrics, "validation_f1")', 'best = best_run(runs, metrics, "train_f1")'),
        ),
        Mutant("one metric built in", replace=('metrics["key"] == metric', 'metrics["key"] == "validation_f1"')),
        Mutant("the worst", replace=("idxmax", "idxmin")),
        Mutant("first step", replace=('["value"].last()', '["value"].first()')),
    ],
)
def ask_the_tracker(answer, key):
    with part(2, "`best_run` should hold for any runs and metrics"):
        for runs, metrics, name in _trackers():
            said, right = answer.call("best_run", runs, metrics, name), key.call("best_run", runs, metrics, name)
            status = dict(zip(runs["run_id"], runs["status"], strict=True))
            mistake(not isinstance(said, str) or said not in status, "`best_run` should return a `run_id`")
            mistake(status[said] != "FINISHED", "`best_run` chose a run that has not finished")
            mine = metrics[(metrics["key"] == name) & metrics["run_id"].map(status).eq("FINISHED")]
            mistake(
                said == mine.loc[mine["value"].idxmax(), "run_id"] != right,
                "`best_run` takes the best value on the way; the value of a run is that of its last step",
            )
            equal(said, right, f"`best_run` is wrong for the metric {name!r} in a small tracker")
    with part(1, "`best` is for the supplied tracker"):
        equal(answer.read("best"), key.read("best"), "`best` should be the id of the best finished run by validation F1")


@question(
    "training.forty",
    title="The luckiest of forty",
    points=3,
    hints=[
        "In each campaign, which column has the largest accuracy on the test set?",
        "Look up that column in *both* tables, and take the difference; then average over the campaigns.",
    ],
    mutants=[
        Mutant("another winner on fresh rows", replace=("on_fresh[campaigns, winners]", "on_fresh.max(axis=1)")),
        Mutant("chosen on fresh rows", replace=("on_test.argmax(axis=1)", "on_fresh.argmax(axis=1)")),
        Mutant(
            "nobody is chosen",
            replace=("(on_test[campaigns, winners] - on_fresh[campaigns, winners])", "(on_test - on_fresh)"),
        ),
        Mutant("the best of all campaigns", replace=("on_test[campaigns, winners]", "on_test.max()")),
        Mutant("sign", replace=("return float((", "return -float((")),
        Mutant(
            "the single model chosen too",
            replace=("optimism(on_test[:, :1], on_fresh[:, :1])", "optimism(on_test, on_fresh)"),
        ),
    ],
)
def luckiest_of_forty(answer, key):
    small = np.array([[0.5, 0.7, 0.6], [0.8, 0.4, 0.1]]), np.array([[0.9, 0.6, 0.5], [0.3, 0.9, 0.2]])
    wide = np.arange(12).reshape(3, 4)[:, [2, 0, 3, 1]] / 20, np.arange(12)[::-1].reshape(3, 4) / 15
    with part(2, "`optimism` should hold for any campaigns"):
        for on_test, on_fresh in (small, wide):
            said, right = answer.call("optimism", on_test, on_fresh), key.call("optimism", on_test, on_fresh)
            mistake(
                near(said, float(on_test.max(axis=1).mean() - on_fresh.max(axis=1).mean())),
                "`optimism` takes another model's accuracy on fresh rows; follow the winner of the test set",
            )
            mistake(near(said, -right), "`optimism` has the wrong sign: reported minus fresh")
            mistake(
                near(said, float((on_test - on_fresh).mean())), "`optimism` averages all models; only the best is reported"
            )
            close(said, right, "`optimism` follows the winner of each campaign to the fresh rows", rtol=1e-6, atol=1e-12)
    with part(1, "`boast` and `unchosen` are for the supplied campaigns"):
        on_test, on_fresh = (np.asarray(key.read(name)) for name in ("on_test", "on_fresh"))
        last = on_test.shape[1] - 1 - on_test[:, ::-1].argmax(axis=1)
        rows = np.arange(len(on_test))
        mistake(
            near(answer.read("boast"), float((on_test[rows, last] - on_fresh[rows, last]).mean())),
            "`boast` takes the last of several equally good models; take the first",
        )
        close(answer.read("boast"), key.read("boast"), "`boast` is the optimism of the supplied campaigns", rtol=1e-4)
        said, right = answer.read("unchosen"), key.read("unchosen")
        close(said, right, "`unchosen` is the optimism of the first column alone", rtol=1e-4, atol=1e-9)


def _threshold(said: Any, right: Any, labels: Any, scores: Any, missed: float, false_alarm: float) -> None:
    """Accept every threshold that is as cheap as the key's: what counts is the cost that it really has."""
    mistake(not isinstance(said, list | tuple) or len(said) != 2, "`cheapest` should return the pair (threshold, cost)")
    threshold, cost = said
    mistake(not is_number(threshold) or not is_number(cost), "threshold and cost should be numbers")
    labels, scores = np.asarray(labels), np.asarray(scores)
    flagged = scores >= threshold
    real = missed * int(((labels == 1) & ~flagged).sum()) + false_alarm * int(((labels == 0) & flagged).sum())
    above = scores > threshold
    strict = missed * int(((labels == 1) & ~above).sum()) + false_alarm * int(((labels == 0) & above).sum())
    mistake(
        near(cost, strict, rtol=1e-4) and not near(real, strict, rtol=1e-4),
        "a score equal to the threshold is flagged: at least, not above",
    )
    mistake(
        not near(cost, real, rtol=1e-4), "the cost does not belong to the threshold: check which mistake has which price"
    )
    close(
        cost, right[1], "there is a cheaper threshold; did you try every score, and flagging nobody?", rtol=1e-9, atol=1e-9
    )


def _trackers() -> list[tuple[pd.DataFrame, pd.DataFrame, str]]:
    """Two small trackers: one where only the last step tells, one where the best run has crashed."""
    runs = pd.DataFrame({"run_id": ["a", "b", "c"], "name": ["x", "y", "z"], "status": ["FINISHED"] * 3})
    rows = [("b", 1, 0.9), ("a", 2, 0.7), ("b", 2, 0.5), ("c", 0, 0.6), ("a", 0, 0.8), ("a", 1, 0.1), ("b", 0, 0.95)]
    steps = pd.DataFrame([{"run_id": run, "key": "auc", "step": step, "value": value} for run, step, value in rows])
    crashed = runs.assign(status=["FAILED", "FINISHED", "FINISHED"])
    other = steps.assign(key="f1", value=1 - steps["value"])
    return [(runs, steps, "auc"), (crashed, pd.concat([steps, other], ignore_index=True), "f1"), (crashed, steps, "auc")]


def _keys(said: Any, names: tuple[str, ...]) -> None:
    mistake(not isinstance(said, dict), "a dictionary was asked for")
    for name in names:
        mistake(name not in said, f"the key {name!r} is missing")


def _numbers(value: Any) -> list[Any]:
    return [each for each in value if is_number(each)] if isinstance(value, list | tuple) else []
