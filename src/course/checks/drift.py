"""Checks of exercise 12: drift."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.checks import Mutant, as_list, close, equal, is_number, mistake, near, part, question


@question(
    "drift.age",
    title="The customers grew older",
    points=3,
    hints=[
        "`norm.cdf(x, mean, sd)` on a fine grid of x gives both cumulative curves; the gap is the largest distance.",
        "The deciles of the first curve are `norm.ppf(np.linspace(0, 1, 11), mean, sd)`; the outer two are infinite.",
        "The shares of the second curve in these bins are differences of its cumulative curve at the edges.",
    ],
    mutants=[
        Mutant("the gap at the means", replace=(".max())\n\n\ndef", ".mean())\n\n\ndef")),
        Mutant("the old deviation for both", replace=("norm.cdf(x, new_mean, new_sd)", "norm.cdf(x, new_mean, sd)")),
        Mutant("densities", replace=("norm.cdf(x, mean, sd) - norm.cdf(x,", "norm.pdf(x, mean, sd) - norm.pdf(x,")),
        Mutant("one direction of the divergence", replace=("((now - then) * np.log", "(now * np.log")),
        Mutant("logarithm to base 10", replace=("np.log(", "np.log10(")),
        Mutant(
            "deciles of the new curve",
            replace=("np.linspace(0, 1, 11), mean, sd)", "np.linspace(0, 1, 11), new_mean, sd)"),
        ),
        Mutant("always age", replace=("norm.cdf(edges, new_mean, new_sd)", "norm.cdf(edges, 42, 12)")),
    ],
)  # fmt: skip
def customers_grew_older(answer, key):
    others = [(0, 1, 0.5, 1), (50, 8, 46, 11), (35, 10, 35, 14)]
    with part(1, "`largest_gap` should be the largest distance between two cumulative curves"):
        for curves in others:
            said, right = answer.call("largest_gap", *curves), key.call("largest_gap", *curves)
            mistake(is_number(said) and said < 0, "`largest_gap` is negative: a distance has no sign")
            close(said, right, "`largest_gap` is not right for other curves", rtol=0.003)
    with part(1, "`stability` should compare shares in the deciles of the first curve"):
        for curves in others:
            said, right = answer.call("stability", *curves), key.call("stability", *curves)
            swapped = key.call("stability", *curves[2:], *curves[:2])
            mistake(near(said, right / np.log(10)), "`stability` uses a logarithm to base 10; the natural one was asked for")
            mistake(
                near(said, swapped) and not near(swapped, right),
                "`stability` cuts its bins at the deciles of the second curve; the first is what you compare with",
            )
            close(said, right, "`stability` is not right for other curves", rtol=0.003)
    with part(1, "`gap` and `index` are those of age"):
        close(answer.read("gap"), key.read("gap"), rtol=0.003)
        close(answer.read("index"), key.read("index"), rtol=0.003)


@question(
    "drift.wolf",
    title="Who cries wolf?",
    points=4,
    hints=[
        "Set `2 * exp(-n * gap**2)` equal to the level and solve for n; rows come whole, so round up.",
        "No alarm at all: `(1 - level)` once for each test, multiplied.",
        "Holm: `np.argsort` gives the order; multiply along it by k, k - 1, ..., 1; `np.maximum.accumulate` keeps it "
        "rising. Then write the results back to where they came from.",
    ],
    mutants=[
        Mutant("one-sided", replace=("np.log(2 / level)", "np.log(1 / level)")),
        Mutant("gap not squared", replace=("/ gap**2", "/ gap")),
        Mutant("both sides together", replace=("ceil(np.log(2 / level) / gap**2)", "ceil(2 * np.log(2 / level) / gap**2)")),
        Mutant("the sum of the levels", replace=("1 - (1 - level) ** tests", "tests * level")),
        Mutant("all tests at once", replace=("1 - (1 - level) ** tests", "level**tests")),
        Mutant("Bonferroni", replace=("np.arange(len(p_values), 0, -1)", "len(p_values)")),
        Mutant("does not stay above the one before", replace=("np.maximum.accumulate(stepped)", "stepped")),
        Mutant("in sorted order", replace=("adjusted[order] =", "adjusted[:] =")),
        Mutant("above 1", replace=("np.minimum(np.maximum.accumulate(stepped), 1)", "np.maximum.accumulate(stepped)")),
        Mutant("not adjusted", replace=("zip(p_values, holm(list(p_values.values())), strict=True)", "p_values.items()")),
    ],
)
def who_cries_wolf(answer, key):
    with part(1, "`least_n` and `rows` count the rows of one side, rounded up"):
        for gap, level in ((0.05, 0.01), (0.3, 0.05), (0.011, 0.001)):
            said, right = answer.call("least_n", gap, level), key.call("least_n", gap, level)
            mistake(near(said, 2 * right, rtol=0.01), "`least_n` counts the rows of both sides together")
            mistake(is_number(said) and said != int(said), "`least_n` should return a whole number of rows, rounded up")
            close(said, right, "`least_n` is not right for another gap or level", rtol=0.001, atol=1)
        equal(answer.read("rows"), key.read("rows"))
    with part(1, "`family` and `wolf` are the chance of at least one alarm"):
        for tests, level in ((3, 0.2), (100, 0.05), (1, 0.01)):
            said = answer.call("family", tests, level)
            mistake(is_number(said) and said > 1, "`family` is above 1, and no chance is: levels do not simply add up")
            close(said, key.call("family", tests, level), "`family` is not right for other tests", rtol=1e-6)
        close(answer.read("wolf"), key.read("wolf"), rtol=1e-6)
    with part(1, "`holm` adjusts p-values and leaves them in their order"):
        for p_values in ([0.04, 0.001, 0.03, 0.5], [0.012, 0.011, 0.8, 0.9, 0.7], [0.2]):
            said, right = answer.call("holm", p_values), key.call("holm", p_values)
            mistake(
                as_list(said) == sorted(right) != right,
                "`holm` returns sorted p-values; each belongs to the column it came from",
            )
            close(as_list(said), right, "`holm` is not right for other p-values", rtol=1e-6)
    with part(1, "`alarms` are the columns that remain"):
        said = answer.read("alarms")
        mistake(isinstance(said, dict), "`alarms` should be a list of names")
        raw = sorted(name for name, p in key.read("p_values").items() if p < 0.01)
        mistake(as_list(said) == raw, "`alarms` holds what is below 0.01 before Holm's rule")
        equal(as_list(said), key.read("alarms"), "`alarms` should be the names below 0.01 after Holm's rule, in order")


@question(
    "drift.flags",
    title="More customers are flagged",
    points=3,
    hints=[
        "Who is flagged? Those who leave and are caught, and those who stay and are flagged all the same.",
        "For the way back, write the same equation with the prevalence unknown, and solve it.",
        "The index needs all shares, also that of the customers who were predicted to stay.",
    ],
    mutants=[
        Mutant("only those who leave", replace=("prevalence * tpr + (1 - prevalence) * fpr", "prevalence * tpr")),
        Mutant("false alarms among all", replace=("(1 - prevalence) * fpr", "fpr")),
        Mutant("caught share alone", replace=("(flag_rate - fpr) / (tpr - fpr)", "flag_rate / tpr")),
        Mutant("not kept between 0 and 1",
               replace=("min(max((flag_rate - fpr) / (tpr - fpr), 0.0), 1.0)", "(flag_rate - fpr) / (tpr - fpr)")),
        Mutant("the flagged alone", replace=("psi_of([0.30, 0.70], [0.45, 0.55])", "psi_of([0.30], [0.45])")),
        Mutant("shares of the wrong pair",
               replace=("psi_of([0.30, 0.70], [0.45, 0.55])", "psi_of([before, 1 - before], [after, 1 - after])")),
        Mutant("no floor", replace=("np.maximum(then, 1e-4), np.maximum(now, 1e-4)", "np.array(then), np.array(now)")),
        Mutant("two shares only", replace=("((now - then) * np.log(now / then)).sum()",
                                           "((now - then) * np.log(now / then))[:2].sum()")),
    ],
)  # fmt: skip
def more_are_flagged(answer, key):
    with part(1, "`flagged`, `before` and `after` count all who are flagged"):
        for rates in ((0.2, 0.8, 0.05), (0.0, 0.9, 0.1), (1.0, 0.7, 0.3)):
            close(answer.call("flagged", *rates), key.call("flagged", *rates), "`flagged` is not right for other rates",
                  rtol=1e-6)  # fmt: skip
        close(answer.read("before"), key.read("before"), rtol=1e-6)
        close(answer.read("after"), key.read("after"), rtol=1e-6)
    with part(1, "`prevalence_behind` is the way back"):
        for rates in ((0.34, 0.9, 0.1), (0.22, 0.7, 0.2), (0.02, 0.9, 0.1), (0.99, 0.8, 0.1)):
            said, right = answer.call("prevalence_behind", *rates), key.call("prevalence_behind", *rates)
            mistake(
                is_number(said) and not 0 <= said <= 1, "`prevalence_behind` returns what is no share: keep it from 0 to 1"
            )
            close(said, right, "`prevalence_behind` is not right for other rates", rtol=1e-6, atol=1e-9)
    with part(1, "`psi_of` and `predicted` compare all shares"):
        for then, now in (([0.5, 0.3, 0.2], [0.4, 0.3, 0.3]), ([0.9, 0.1, 0.0], [0.8, 0.1, 0.1])):
            close(answer.call("psi_of", then, now), key.call("psi_of", then, now), "`psi_of` is not right for other shares",
                  rtol=1e-4)  # fmt: skip
        said = answer.read("predicted")
        mistake(
            near(said, key.call("psi_of", [0.30], [0.45])),
            "`predicted` leaves out the customers who were predicted to stay",
        )
        close(said, key.read("predicted"), rtol=0.003)


def _table(cells):
    """Rows of ``band`` and ``y`` from ``{(band, y): count}``."""
    rows = [pair for pair, count in cells.items() for _ in range(count)]
    return pd.DataFrame(rows, columns=["band", "y"])


def _world(mix, chance, n=2_000):
    """A table with exactly these shares and chances, or as near as whole rows come."""
    ones = {(band, 1): round(n * share * p) for band, (share, p) in enumerate(zip(mix, chance, strict=True))}
    zeros = {(band, 0): round(n * share) - ones[band, 1] for band, share in enumerate(mix)}
    return _table(ones | zeros)


_MIX, _CHANCE = np.array([0.08, 0.32, 0.3, 0.3]), np.array([0.6, 0.4, 0.2, 0.1])
_LEAVE = _MIX * _CHANCE / (_MIX @ _CHANCE)
_STAY = _MIX * (1 - _CHANCE) / (_MIX @ (1 - _CHANCE))
_HALF = (_LEAVE + _STAY) / 2
_BASE = _world(_MIX, _CHANCE)
OTHERS = {
    "nothing but two points": _world((0.09, 0.3, 0.31, 0.3), (0.62, 0.38, 0.21, 0.09)),
    "fewer in band 1": _world((0.08, 0.2, 0.3, 0.42), _CHANCE),
    "band 0 is gone": _world((0.0, 0.345, 0.325, 0.33), _CHANCE),
    "half of all leave": _world(_HALF, _LEAVE / _HALF / 2),
    "another meaning of band 3": _world(_MIX, (0.6, 0.4, 0.2, 0.5)),
    "turned in the middle": _world(_MIX, (0.6, 0.2, 0.4, 0.1)),
    "more in each band": _world(_MIX, 1.6 * _CHANCE),
    "older, and turned": _world((0.05, 0.2, 0.3, 0.45), (0.1, 0.2, 0.4, 0.6)),
}


_ALL_THE_SAME = """
def kind_of(before, now):
    return "concept"
kinds = {name: "concept" for name in sets}
"""
_FORMULA_OF_PRIOR = """
    if x and abs(before["y"].mean() - now["y"].mean()) > 0.05:
        return "prior"
    if not meaning:"""


@question(
    "drift.kind",
    title="Six sets, five kinds",
    points=5,
    hints=[
        "Three questions, each a comparison of two short lists: shares of bands; the mean of y a band; shares of bands "
        "within y = 1 and within y = 0.",
        "`table.groupby('band')['y'].mean()` gives P(y given X). Subtracting two of them leaves NaN where a band is lacking "
        "in one; `.abs().max()` passes over it.",
        "Ask for P(y given X) first. If it is unchanged, only `none` and `covariate` are left. If it is not, P(X given y) "
        "decides whether it is `prior`.",
    ],
    mutants=[
        Mutant("inputs decide first", replace=("if not within:", "if not within and not x:")),
        Mutant("the share of y decides", replace=("\n    if not meaning:", _FORMULA_OF_PRIOR)),
        Mutant("one class only", replace=("for y in (0, 1))", "for y in (1,))")),
        Mutant("any change counts", replace=("> 0.05", "> 0.0001")),
        Mutant("concept for everything", replace=('"both" if x else "concept"', '"concept"')),
        Mutant("a missing band is left out", replace=('.reindex(range(4), fill_value=0.0)', "")),
        Mutant("average meaning", replace=(
            'moved(before.groupby("band")["y"].mean(), now.groupby("band")["y"].mean())',
            'bool(abs(before["y"].mean() - now["y"].mean()) > 0.05)',
        )),
        Mutant("all the same", code=_ALL_THE_SAME),
    ],
)  # fmt: skip
def six_sets(answer, key):
    with part(2, "`kind_of` should tell the kind of other tables too"):
        for name, now in OTHERS.items():
            said, right = answer.call("kind_of", _BASE, now), key.call("kind_of", _BASE, now)
            mistake(
                said not in ("none", "covariate", "prior", "concept", "both"),
                "`kind_of` should return one of the five words of the table",
            )
            mistake(
                right == "covariate" and said in ("concept", "both"),
                f"`kind_of` sees another meaning where only the mix of the bands differs ({name})",
            )
            mistake(
                right == "concept" and said in ("none", "covariate"),
                f"`kind_of` does not see that the same band means something else ({name})",
            )
            equal(said, right, f"`kind_of` is wrong for a table with: {name}")
    with part(3, "`kinds` holds an answer for each of the six sets"):
        said, right = answer.read("kinds"), key.read("kinds")
        mistake(
            not isinstance(said, dict) or set(said) != set(right), "`kinds` should be a dictionary with the names A to F"
        )
        wrong = sum(said[name] != right[name] for name in right)
        mistake(0 < wrong < 6, f"`kinds` is wrong for {wrong} of the six sets")
        equal(said, right)


@question(
    "drift.before_labels",
    title="Before the labels arrive",
    points=4,
    hints=[
        "A flagged row of chance p is a right decision with chance p; one that is not flagged, with 1 - p.",
        "`np.where(chances >= threshold, chances, 1 - chances)` has the chance of being right, row by row.",
        "`measured` compares decisions with labels: `((chances >= threshold) == labels).mean()`.",
    ],
    mutants=[
        Mutant("as if the threshold were a half", replace=(">= threshold, chances, 1", ">= 0.5, chances, 1")),
        Mutant("the mean chance", replace=("np.where(chances >= threshold, chances, 1 - chances).mean()", "chances.mean()")),
        Mutant("above in place of from", replace=(">= threshold, chances, 1", "> threshold, chances, 1")),
        Mutant("below is not surprising", replace=("abs(distance) > 3 * error", "distance > 3 * error")),
        Mutant("the error of a row", replace=("np.sqrt((chances * (1 - chances)).sum()) / len(chances)",
                                              "np.sqrt((chances * (1 - chances)).mean())")),
        Mutant("one standard error", replace=("3 * error", "error")),
        Mutant("estimated where measured was asked", replace=("float(((chances >= threshold) == labels).mean())",
                                                              "expected_accuracy(chances, threshold)")),
        Mutant("counted from 1", replace=("next((week for", "next((week + 1 for")),
        Mutant("where the inputs changed", code="""
def expected_accuracy(chances, threshold):
    return float(np.where(chances >= threshold, chances, 1 - chances).mean())
def surprising(chances, labels, threshold):
    error = np.sqrt((chances * (1 - chances)).sum()) / len(chances)
    distance = float(((chances >= threshold) == labels).mean()) - expected_accuracy(chances, threshold)
    return bool(abs(distance) > 3 * error)
estimated = [expected_accuracy(p, THRESHOLD) for p in chances]
measured = [float(((p >= THRESHOLD) == y).mean()) for p, y in zip(chances, labels, strict=True)]
blind_from = next((week for week in range(1, 12) if abs(estimated[week] - estimated[0]) > 0.05), 12)
"""),
    ],
)  # fmt: skip
def before_the_labels(answer, key):
    few = np.array([0.1, 0.2, 0.3, 0.4, 0.8])
    with part(1, "`expected_accuracy` should follow from chances and threshold alone"):
        for threshold in (0.3, 0.5, 0.9):
            said, right = answer.call("expected_accuracy", few, threshold), key.call("expected_accuracy", few, threshold)
            mistake(
                threshold == 0.3 and near(said, key.call("expected_accuracy", few, 0.5)),
                "`expected_accuracy` is that of a threshold of 0.5, whatever threshold is given",
            )
            close(said, right, "`expected_accuracy` is not right for other chances", rtol=1e-6)
    with part(1, "`surprising` should compare with three standard errors, up and down"):
        for labels in ([0, 0, 0, 1, 1], [1, 1, 1, 0, 0]):
            many, outcomes = np.tile(few, 40), np.tile(labels, 40)
            for part_of in (5, 20, 200):
                arguments = (many[:part_of], outcomes[:part_of], 0.3)
                said, right = answer.call("surprising", *arguments), key.call("surprising", *arguments)
                mistake(not isinstance(said, bool | np.bool_), "`surprising` should return True or False")
                equal(said, right, "`surprising` is not right for other rows")
    with part(1, "`estimated` and `measured` have a number for each week"):
        close(as_list(answer.read("estimated")), key.read("estimated"), rtol=1e-6)
        said = as_list(answer.read("measured"))
        mistake(said == as_list(answer.read("estimated")), "`measured` is the estimate again; compare decisions with labels")
        close(said, key.read("measured"), rtol=1e-6)
    with part(1, "`blind_from` is the first surprising week"):
        said, right = answer.read("blind_from"), key.read("blind_from")
        mistake(is_number(said) and said == right + 1, "`blind_from` is one too large; weeks are counted from 0")
        mistake(
            is_number(said) and said < 6 <= right,
            "`blind_from` is a week in which the inputs changed, and the estimate still kept its promise",
        )
        equal(said, right)


_REPORT = {"missing": (0.0, 0.0), "median": (10.0, 10.0), "ks": 0.05, "drop": 0.0}
CASES = [
    {"median": (10.0, 100.0)},
    {"median": (10.0, 1.0), "drop": 8.0},
    {"median": (10.0, 60.0), "ks": 0.9},
    {"missing": (0.02, 0.09), "drop": None, "ks": 0.5},
    {"missing": (0.5, 0.1)},
    {"drop": 2.0},
    {"drop": 1.9, "ks": 0.7},
    {"drop": -3.0, "ks": 0.3},
    {"drop": None, "ks": 0.21},
    {"drop": None, "ks": 0.2},
    {"drop": 6.0, "ks": 0.01},
]


_DECAY_FIRST = """    if report["drop"] is not None and report["drop"] >= 2:
        return "retrain"
    if missing[1]"""


@question(
    "drift.response",
    title="What do we do now?",
    points=3,
    hints=[
        "Ask in the order of the rules: a fault first, then what was lost, then what is not known.",
        "`median[1] / median[0]` is the factor; at least 10 or at most 0.1 points to a unit.",
        "`None >= 2` is an error: ask whether `drop` is None before you compare it.",
    ],
    mutants=[
        Mutant("retrain on all drift", replace=('"retrain" if report["drop"] >= 2 else "watch"',
                                                '"retrain" if report["drop"] >= 2 or report["ks"] > 0.2 else "watch"')),
        Mutant("more than two points", replace=('report["drop"] >= 2', 'report["drop"] > 2')),
        Mutant("faults are not looked for", replace=("factor >= 10 or factor <= 0.1", "False")),
        Mutant("larger units only", replace=(" or factor <= 0.1", "")),
        Mutant("fewer missing values are a fault", replace=("missing[1] - missing[0]", "abs(missing[1] - missing[0])")),
        Mutant("no labels, no alarm", replace=('"collect labels" if report["ks"] > 0.2 else "watch"', '"watch"')),
        Mutant("no labels, always collect", replace=(' if report["ks"] > 0.2 else "watch"', "")),
        Mutant("decay before fault", replace=("    if missing[1]", _DECAY_FIRST)),
    ],
)  # fmt: skip
def what_now(answer, key):
    with part(2, "`respond` should follow the rules in their order"):
        for changes in CASES:
            report = _REPORT | changes
            said, right = answer.call("respond", report), key.call("respond", report)
            mistake(right == "repair" and said == "retrain", "`respond` retrains on values that are broken")
            mistake(right == "watch" and said == "retrain", "`respond` retrains where hardly any accuracy was lost")
            mistake(right == "retrain" and said == "watch", "`respond` watches while accuracy falls")
            equal(said, right, f"`respond` is wrong for {changes}")
    with part(1, "`responses` answers the seven reports"):
        said = as_list(answer.read("responses"))
        mistake(
            isinstance(said, list) and len(said) != 7, "`responses` should have seven answers, in the order of the reports"
        )
        equal(said, key.read("responses"))
