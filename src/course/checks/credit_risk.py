"""Checks of exercise 21: consumer credit risk."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.checks import Mutant, as_list, close, equal, is_number, manual, mistake, near, part, question

SAMPLES = [
    ([3.0, 4.0, 5.0, 5.0, 6.0], [1.0, 2.0, 3.0]),
    ([1.0, 2.0, 2.0, 2.0, 9.0], [2.0, 2.0, 5.0, 7.0]),
    ([7.0], [7.0, 7.0]),
    ([1.0, 1.0, 2.0], [5.0, 6.0]),
    ([5.0, 6.0], [1.0, 2.0]),
]


@question(
    "credit_risk.apart",
    title="How far apart?",
    points=3,
    hints=[
        "An AUC of .5 is worth nothing and an AUC of 1 everything; the Gini goes from 0 to 1.",
        "The cumulative curve at x is the share of scores that are x or less: `np.searchsorted(sorted, x, side='right')`.",
        "The largest distance is at one of the scores, so it is enough to look there, at the scores of both lists.",
    ],
    mutants=[
        Mutant("distance to one half", replace=("return 2 * auc - 1", "return auc - 0.5")),
        Mutant("the AUC itself", replace=("return 2 * auc - 1", "return auc")),
        Mutant("signed", replace=("np.abs(share_good - share_bad)", "(share_good - share_bad)")),
        Mutant("below in place of up to", replace=('(good, at, side="right")', '(good, at, side="left")')),
        Mutant("at the scores of the good only", replace=("at = np.concatenate([good, bad])", "at = good")),
        Mutant("counts", replace=('side="right") / len(bad)', 'side="right") / len(good)')),
        Mutant("in percent", replace=(".max())", ".max() * 100)")),
    ],
)
def how_far_apart(answer, key):
    with part(1, "`gini_of` should turn an AUC into a Gini"):
        for auc in (0.5, 0.6, 1.0):
            close(answer.call("gini_of", auc), key.call("gini_of", auc), "`gini_of` is not right", rtol=1e-6, atol=1e-9)
        close(answer.read("gini"), key.read("gini"), rtol=1e-6)
    with part(1, "`ks_of` should be the largest distance of two cumulative curves"):
        for good, bad in SAMPLES:
            said = answer.call("ks_of", np.array(good), np.array(bad))
            mistake(is_number(said) and said < 0, "`ks_of` is negative: a distance has no sign")
            mistake(is_number(said) and said > 1, "`ks_of` is above 1: take shares of each list, as fractions")
            close(said, key.call("ks_of", np.array(good), np.array(bad)), "`ks_of` is not right for other scores", rtol=1e-6)
    with part(1, "`ks` is that of the supplied scores"):
        close(answer.read("ks"), key.read("ks"), rtol=1e-6)


SHARES = [([0.5, 0.5], [0.2, 0.8]), ([0.25, 0.25, 0.5], [0.3, 0.3, 0.4]), ([0.4, 0.6, 0.0], [0.4, 0.5, 0.1])]


def _tables():
    then = pd.DataFrame({"a": [0, 0, 1, 1, 1], "b": [0, 1, 2, 2, 2]})
    now = pd.DataFrame({"a": [0, 1, 1, 1, 1, 1, 0, 0], "b": [0, 1, 1, 1, 2, 2, 3, 3]})
    return then, now


@question(
    "credit_risk.came",
    title="Who has come?",
    points=4,
    hints=[
        "Each bin gives `(now - then) * ln(now / then)`; add them up.",
        "`np.bincount(table[name], minlength=bins) / len(table)` has the shares of a column.",
        "`sorted(found, key=found.get, reverse=True)` has the columns, largest first.",
    ],
    mutants=[
        Mutant("one direction", replace=("((now - then) * np.log", "(now * np.log")),
        Mutant("logarithm to base 10", replace=("np.log(now", "np.log10(now")),
        Mutant("no floor", replace=("np.maximum(np.asarray(shares, float), 1e-4)", "np.asarray(shares, float) + 1e-12")),
        Mutant("counts", replace=(" / len(table)", "")),
        Mutant("bins of the first table", replace=("minlength=bins) / len(table)",
                                                   "minlength=bins)[: then[name].max() + 1] / len(table)")),
        Mutant("from .25 on", replace=("found[name] >= 0.1", "found[name] >= 0.25")),
        Mutant("in the order of the table", replace=("sorted(found, key=found.get, reverse=True)", "found")),
        Mutant("least first", replace=(", reverse=True", "")),
    ],
)  # fmt: skip
def who_has_come(answer, key):
    with part(1, "`stability` should add up both directions, with a floor under the shares"):
        for then, now in SHARES:
            said, right = answer.call("stability", then, now), key.call("stability", then, now)
            mistake(near(said, right / np.log(10)), "`stability` uses a logarithm to base 10; the natural one was asked for")
            close(said, right, "`stability` is not right for other shares", rtol=1e-4)
    with part(1, "`index` is that of the supplied shares"):
        close(answer.read("index"), key.read("index"), rtol=0.005)
    with part(1, "`characteristic_stability` should have an index for each column"):
        said, right = (who.call("characteristic_stability", *_tables()) for who in (answer, key))
        mistake(not isinstance(said, dict), "`characteristic_stability` should return a dictionary")
        equal(set(said), set(right), "`characteristic_stability` should have the columns as its keys")
        for name in right:
            close(said[name], right[name], "`characteristic_stability` is not right for other tables", rtol=1e-4)
    with part(1, "`moved` has the columns to be looked into, largest first"):
        said, right = as_list(answer.read("moved")), key.read("moved")
        mistake(isinstance(said, list) and said != right and sorted(map(str, said)) == sorted(right),
                "`moved` has the right columns in another order")  # fmt: skip
        equal(said, right)


TABLE = {
    "base": 100,
    "characteristics": [
        {"feature": "x", "lines": [{"from": None, "below": 1, "points": 5}, {"from": 1, "below": None, "points": -5},
                                   {"missing": True, "points": 3}]},
        {"feature": "y", "lines": [{"from": None, "below": None, "points": 7}, {"missing": True, "points": -9}]},
        {"feature": "z", "lines": [{"from": None, "below": 0, "points": 1}, {"from": 0, "below": 10, "points": 20},
                                   {"from": 10, "below": None, "points": 40}, {"missing": True, "points": 0}]},
    ],
}  # fmt: skip
CLIENTS = [
    {"x": 1, "y": 0, "z": 0},
    {"x": 0.999, "y": -4, "z": 10},
    {"x": None, "y": 2, "z": 9.99},
    {"y": None, "z": -1},
    {"x": 0, "z": None},
    {},
]


@question(
    "credit_risk.points",
    title="Points",
    points=5,
    hints=[
        "Divide each count by the sum of its own list before you divide one by the other.",
        "The regression is of being bad, points are for being good: the sign turns. `pdo / ln 2` points are 1 of log-odds.",
        "`client.get(name)` is None for a value that is missing either way; ask for that before you compare.",
    ],
    mutants=[
        Mutant("upside down", replace=("(goods / goods.sum()) / (bads / bads.sum())",
                                       "(bads / bads.sum()) / (goods / goods.sum())")),
        Mutant("odds of a bin", replace=("(goods / goods.sum()) / (bads / bads.sum())", "goods / bads")),
        Mutant("points for being bad", replace=("-slope * woe", "slope * woe")),
        Mutant("no logarithm of 2", replace=(" / np.log(2)", "")),
        Mutant("cut off, not rounded", replace=("round(-slope * woe", "int(-slope * woe")),
        Mutant("the upper edge belongs to the bin", replace=("value >= low) and (high is None or value < high)",
                                                             "value > low) and (high is None or value <= high)")),
        Mutant("missing is nought", replace=('client.get(each["feature"])', 'client.get(each["feature"]) or 0')),
        Mutant("without the base", replace=('total = card["base"]', "total = 0")),
        Mutant("the first line for everybody", replace=("if hit:", "if True:")),
        Mutant("always the supplied card", replace=("    total = card[",
                                                    "    card = globals()['card']\n    total = card[")),
    ],
)  # fmt: skip
def points_that_add_up(answer, key):
    with part(1, "`evidence` should compare shares of the good with shares of the bad"):
        for goods, bads in (([80, 20], [10, 30]), ([500, 300, 200], [50, 30, 20]), ([1, 2, 3, 4], [400, 30, 20, 10])):
            said, right = as_list(answer.call("evidence", goods, bads)), key.call("evidence", goods, bads)
            mistake(
                _all_near(said, [-x for x in right]) and any(right), "`evidence` is positive where it should be negative"
            )
            close(said, right, "`evidence` is not right for other counts", rtol=1e-6, atol=1e-9)
    with part(1, "`points_of` should turn log-odds into whole points for being good"):
        for slope, woe, pdo in ((-0.9, 1.2, 20), (-0.5, -2.0, 20), (-1.0, 0.347, 40), (-0.8, -0.7, 50)):
            said, right = answer.call("points_of", slope, woe, pdo), key.call("points_of", slope, woe, pdo)
            mistake(
                near(said, -right) and right != 0, "`points_of` gives points for being bad: the regression is of being bad"
            )
            mistake(is_number(said) and said != round(said), "`points_of` should be rounded to a whole number")
            close(said, right, "`points_of` is not right for other bins", rtol=1e-9)
    with part(2, "`score` should add the points of one line of each characteristic"):
        for client in CLIENTS:
            said, right = answer.call("score", TABLE, client), key.call("score", TABLE, client)
            close(
                said, right, "`score` is wrong for a client of another card: look at edges and at missing values", rtol=1e-9
            )
    with part(1, "`scores` has a score for each of the supplied people"):
        close(as_list(answer.read("scores")), key.read("scores"), rtol=1e-9)


def _applicants():
    bad = [1, 0, 0, 0, 1, 1, 0, np.nan, np.nan, np.nan]
    return pd.DataFrame({"bad": bad, "accepted_by": ["policy"] * 4 + ["lot"] * 3 + ["nobody"] * 3})


@question(
    "credit_risk.unseen",
    title="Whom we never saw",
    points=3,
    hints=[
        "Whom did the *policy* accept? The lot was not its doing.",
        "Give each row a weight: 1 by policy, `one_in` by lot, 0 otherwise.",
        "The weighted sum of the bad, over the sum of the weights.",
    ],
    mutants=[
        Mutant("the gap to the refused", replace=("truth.mean() - by", 'truth[accepted_by != "policy"].mean() - by')),
        Mutant("turned round", replace=("truth.mean() - by_policy.mean()", "by_policy.mean() - truth.mean()")),
        Mutant("the lot counted as policy", replace=('applicants["accepted_by"] == "policy"',
                                                     'applicants["bad"].notna()')),
        Mutant("no weights", replace=('"lot": float(one_in)', '"lot": 1.0')),
        Mutant("divided by everybody", replace=("/ weight.sum()", "/ len(table)")),
        Mutant("the accepted only", replace=('"lot": float(one_in)', '"lot": 0.0')),
        Mutant("always one in eight", replace=('"lot": float(one_in)', '"lot": 8.0')),
    ],
)  # fmt: skip
def whom_we_never_saw(answer, key):
    with part(1, "`gap` is the rate of all applicants less that of the accepted by policy"):
        said, right = answer.read("gap"), key.read("gap")
        mistake(near(said, -right), "`gap` is turned round: all applicants, less the accepted")
        mistake(near(said, 100 * right), "`gap` is in points; a fraction was asked for")
        close(said, right, rtol=1e-6)
    with part(2, "`estimated_rate` should let each of the lot stand for many"):
        for one_in in (1, 4, 20):
            said, right = (
                answer.call("estimated_rate", _applicants(), one_in),
                key.call("estimated_rate", _applicants(), one_in),
            )
            mistake(
                isinstance(said, float) and np.isnan(said), "`estimated_rate` is not a number: mind the missing outcomes"
            )
            close(said, right, "`estimated_rate` is not right for other applicants", rtol=1e-6)
        close(answer.read("estimate"), key.read("estimate"), rtol=1e-6)


@question(
    "credit_risk.promise",
    title="Does the chance come true?",
    points=5,
    hints=[
        "The bin of a chance is `int(chance * 10)`, and 9 for a chance of 1; weigh each gap by the rows of its bin.",
        "Odds are what is multiplied: by the odds of `actual`, divided by the odds of `trained`.",
        "Learn the map on the first half: `mend = IsotonicRegression(out_of_bounds='clip').fit(...)`, then `mend.predict`.",
    ],
    mutants=[
        Mutant("bins count alike", replace=(" * (bins == k).sum() for", " for")),
        Mutant("gaps may cancel", replace=("abs(chances[bins == k].mean() - labels[bins == k].mean())",
                                           "(chances[bins == k].mean() - labels[bins == k].mean())")),
        Mutant("one bin", replace=("np.minimum((chances * 10).astype(int), 9)", "np.zeros(len(chances))")),
        Mutant("five bins", replace=("(chances * 10).astype(int), 9)", "(chances * 5).astype(int), 4)")),
        Mutant("chances times the prior", replace=("return bad / (bad + good)", "return chance * actual / trained")),
        Mutant("the wrong way", replace=("chance * actual / trained, (1 - chance) * (1 - actual) / (1 - trained)",
                                         "chance * trained / actual, (1 - chance) * (1 - trained) / (1 - actual)")),
        Mutant("always half and half", replace=("chance * actual / trained, (1 - chance) * (1 - actual) / (1 - trained)",
                                                "chance * actual / 0.5, (1 - chance) * (1 - actual) / 0.5")),
        Mutant("learned on the rows it is judged by", replace=(".fit(chances[:HALF], labels[:HALF])",
                                                               ".fit(chances[HALF:], labels[HALF:])")),
        Mutant("not mended", replace=("mend.predict(chances[HALF:])", "chances[HALF:]")),
        Mutant("judged on all rows", replace=("before = calibration_error(labels[HALF:], chances[HALF:])",
                                              "before = calibration_error(labels, chances)")),
    ],
)  # fmt: skip
def does_it_come_true(answer, key):
    with part(2, "`calibration_error` should weigh the gap of each bin by its rows"):
        for labels, chances in _promises():
            said, right = answer.call("calibration_error", labels, chances), key.call("calibration_error", labels, chances)
            mistake(is_number(said) and said < 0, "`calibration_error` is negative: distances have no sign")
            close(said, right, "`calibration_error` is not right for other rows", rtol=1e-6, atol=1e-9)
    with part(1, "`undo` should multiply odds, not chances"):
        for chance, trained, actual in ((0.9, 0.5, 0.1), (0.2, 0.3, 0.05), (0.5, 0.1, 0.4)):
            said, right = answer.call("undo", chance, trained, actual), key.call("undo", chance, trained, actual)
            mistake(near(said, chance * actual / trained), "`undo` multiplies the chance; multiply the odds")
            close(said, right, "`undo` is not right for other prevalences", rtol=1e-6)
        said = answer.read("fraud")
        mistake(near(said, 100 * key.read("fraud")), "`fraud` is in percent; a fraction was asked for")
        close(said, key.read("fraud"), rtol=0.005)
    with part(2, "`before` and `after` are judged on the second half, with a map learned on the first"):
        close(answer.read("before"), key.read("before"), rtol=1e-4)
        said = answer.read("after")
        mistake(near(said, key.read("before")), "`after` is the error before: use the mended chances")
        mistake(is_number(said) and said < 1e-6, "`after` is nought: the map was learned on the rows that judge it")
        right, other = key.read("after"), _at_printed_edges(key)
        close(said, other if near(said, other) else right, rtol=1e-3)


def _at_printed_edges(key):
    """The error after, where bins are cut at `linspace(0, 1, 11)`: its fourth edge is above .3, so a step at .3 moves."""
    from sklearn.isotonic import IsotonicRegression

    half, labels, chances = (key.read(name) for name in ("HALF", "labels", "chances"))
    mended = IsotonicRegression(out_of_bounds="clip").fit(chances[:half], labels[:half]).predict(chances[half:])
    bins = np.clip(np.digitize(mended, np.linspace(0, 1, 11)) - 1, 0, 9)
    gaps = [abs((mended - labels[half:])[bins == k].sum()) for k in np.unique(bins)]
    return float(sum(gaps) / len(mended))


def _promises():
    rng = np.random.default_rng(5)
    chances = rng.beta(1, 2, 400)
    yield np.array([0, 1, 1, 0]), np.array([0.05, 0.95, 0.45, 0.41])
    yield np.array([1, 1, 0]), np.array([1.0, 0.97, 0.23])
    yield (rng.random(400) < chances**2).astype(int), chances


memo = manual(
    "credit_risk.memo",
    title="What the validator writes",
    criteria=[
        ("concludes plainly (not to be used as it is) and rests it on the Gini or on the broken promise, with figures", 1),
        ("says why the PSI stayed silent: it compares who comes, not what they do", 1),
        (
            "finds the place (code 1, given to many at once, some of whom owed nothing), calls a change of coding likely, "
            "not proven, and asks the owner of the column",
            1,
        ),
        ("names conditions and who meets them: definition of bad, the undocumented rule for -2, a new validation", 1),
    ],
    hints=[
        "Which code explains the fall, where do those who got it come from, and what is odd about them?",
        "What would retraining on September teach the card?",
    ],
)


def _all_near(said, right):
    return isinstance(said, list) and len(said) == len(right) and all(near(a, b) for a, b in zip(said, right, strict=True))
