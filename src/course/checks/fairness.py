"""Checks of exercise 17: fairness."""

from __future__ import annotations

from typing import Any

from workbench.checks import Mutant, close, equal, is_number, manual, mistake, near, part, question

RATES = ("base", "approval", "tpr", "fpr", "ppv")
CELLS = [
    {"tp": 510, "fp": 60, "fn": 90, "tn": 340},
    {"tp": 3, "fp": 1, "fn": 2, "tn": 9},
    {"tp": 0, "fp": 0, "fn": 4, "tn": 6},  # nobody approved
    {"tp": 5, "fp": 0, "fn": 1, "tn": 0},  # nobody who would not have repaid
]


@question(
    "fairness.rates",
    title="Two groups, one table",
    points=4,
    hints=[
        "Write down, for each rate, of whom it is a share: of all, of those who would have repaid, of those approved …",
        "TPR stands over everybody with a positive label, PPV over everybody approved.",
        "The four-fifths rule compares the smallest approval rate with the largest, whoever has it.",
    ],
    mutants=[
        Mutant("PPV over positives", replace=('"ppv": share(tp, tp + fp)', '"ppv": share(tp, tp + fn)')),
        Mutant("FPR over approvals", replace=('"fpr": share(fp, fp + tn)', '"fpr": share(fp, tp + fp)')),
        Mutant("FPR over all", replace=('"fpr": share(fp, fp + tn)', '"fpr": share(fp, everybody)')),
        Mutant("accuracy for approval", replace=("share(tp + fp, everybody)", "share(tp + tn, everybody)")),
        Mutant("0 in place of none", replace=("part / whole if whole else None", "part / whole if whole else 0")),
        Mutant("A over B", replace=("b[name] / a[name] if", "a[name] / b[name] if")),
        Mutant("differences", replace=("b[name] / a[name] if", "b[name] - a[name] if")),
        Mutant("first two groups", replace=(
            "min(approvals.values()) / most < 0.8", "list(approvals.values())[1] / list(approvals.values())[0] < 0.8"
        )),
        Mutant("a difference of a fifth", replace=(
            "min(approvals.values()) / most < 0.8", "most - min(approvals.values()) > 0.2"
        )),
        Mutant("at .8 as well", replace=("/ most < 0.8", "/ most <= 0.8")),
    ],
)  # fmt: skip
def rates_of_two_groups(answer, key):
    with part(2, "`rates` should hold for any counts"):
        for cells in CELLS:
            said, right = answer.call("rates", cells), key.call("rates", cells)
            mistake(not isinstance(said, dict) or set(said) != set(RATES), "`rates` should be a dictionary with five names")
            mistake(near(said["ppv"], right["tpr"]) and right["ppv"] != right["tpr"],
                    "`ppv` in `rates` is a share of the wrong people: PPV is about those approved")  # fmt: skip
            for name in RATES:
                _close_or_none(said[name], right[name], f"`rates` is wrong for `{name}`")
    with part(1, "`b_over_a` holds B's rates over A's"):
        said, right = answer.read("b_over_a"), key.read("b_over_a")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`b_over_a` should be a dictionary with five names")
        mistake(near(said["approval"], 1 / right["approval"]), "`b_over_a` holds A over B")
        for name in RATES:
            close(said[name], right[name], f"`b_over_a` is wrong for `{name}`", rtol=1e-4)
        for pair in ({"A": CELLS[1], "B": CELLS[2]}, {"A": CELLS[2], "B": CELLS[1]}, {"A": CELLS[3], "B": CELLS[1]}):
            said, right = answer.call("ratios", pair), key.call("ratios", pair)
            for name in RATES:
                _close_or_none(said[name], right[name], f"`ratios` is wrong for `{name}` of other counts")
    with part(1, "`disparate` should judge any number of groups"):
        for approvals in (
            {"A": 0.57, "B": 0.44}, {"A": 0.44, "B": 0.57}, {"A": 0.5, "B": 0.4}, {"A": 0.9, "B": 0.75},
            {"A": 0.6, "B": 0.55, "C": 0.3}, {"A": 0.1, "B": 0.05}, {"A": 0.0, "B": 0.0},
        ):  # fmt: skip
            said, right = answer.call("disparate", approvals), key.call("disparate", approvals)
            equal(bool(said), bool(right), "`disparate` is wrong; compare the smallest rate with the largest")


@question(
    "fairness.theorem",
    title="Three sentences, recomputed",
    points=4,
    hints=[
        "Of one person: how much of them is rightly approved, how much wrongly?",
        "1 - accuracy is the share of errors: FNR among the positives, FPR among the rest. Solve for the base rate.",
        "The standard error of a difference has the variances of both groups in it.",
    ],
    mutants=[
        Mutant("base rate forgotten", replace=("base * tpr / (base * tpr + (1 - base) * fpr)", "tpr / (tpr + fpr)")),
        Mutant("precision is TPR", replace=("base * tpr / (base * tpr + (1 - base) * fpr)", "tpr")),
        Mutant("base rates turned round", replace=("[ppv(0.6, 0.9, 0.3), ppv(0.3, 0.9, 0.3)]",
                                                   "[ppv(0.3, 0.9, 0.3), ppv(0.6, 0.9, 0.3)]")),
        Mutant("the negatives' share", replace=("(1 - accuracy - fpr) / (fnr - fpr)", "(1 - accuracy - fnr) / (fpr - fnr)")),
        Mutant("accuracy for errors", replace=("(1 - accuracy - fpr)", "(accuracy - fpr)")),
        Mutant("always one half", replace=("return (1 - accuracy - fpr) / (fnr - fpr)", "return 0.5")),
        Mutant("never none", replace=("    if fpr == fnr:\n        return None\n", "    fnr += 1e-12 * (fpr == fnr)\n")),
        Mutant("one group's variance", replace=("(2 * pooled", "(pooled")),
        Mutant("each group's own variance", replace=(
            "(2 * pooled * (1 - pooled) / n)", "((first * (1 - first) + second * (1 - second)) / n)"
        )),
        Mutant("a variance for a standard error", replace=("/ n) ** 0.5", "/ n)")),
        Mutant("no sign", replace=("return (second - first) /", "return abs(second - first) /")),
    ],
)  # fmt: skip
def three_sentences(answer, key):
    with part(1, "`ppv` and `worth`: what a yes means"):
        for base, tpr, fpr in ((0.6, 0.9, 0.3), (0.02, 0.8, 0.05), (0.5, 0.4, 0.0)):
            said, right = answer.call("ppv", base, tpr, fpr), key.call("ppv", base, tpr, fpr)
            mistake(near(said, tpr / (tpr + fpr)) and base != 0.5, "`ppv` takes positives and negatives to be equally many")
            close(said, right, "`ppv` is wrong; of all who are approved, how many rightly?", rtol=1e-6)
        said, right = answer.read("worth"), key.read("worth")
        mistake(not isinstance(said, list | tuple) or len(said) != 2, "`worth` should hold two values")
        mistake(near(said[0], right[1]), "`worth` has its values the wrong way round")
        close(list(said), right, "`worth` should hold the PPV for the base rates .6 and .3", rtol=0.005)
    with part(2, "`base_rate` and `implied`: which base rate fits"):
        for accuracy, fpr, fnr in ((0.85, 0.1, 0.2), (0.9, 0.05, 0.25), (0.7, 0.4, 0.1), (0.8, 0.2, 0.2)):
            said, right = answer.call("base_rate", accuracy, fpr, fnr), key.call("base_rate", accuracy, fpr, fnr)
            if right is not None and abs(right - 0.5) > 0.01:
                mistake(near(said, 1 - right), "`base_rate` is the share of negatives")
            _close_or_none(said, right, "`base_rate` does not give back the accuracy it was given")
        said = answer.read("implied")
        mistake(not isinstance(said, list | tuple) or len(said) != 2, "`implied` should hold two values")
        close(list(said), key.read("implied"), "`implied` should hold the base rates of A and B", rtol=1e-4)
    with part(1, "`z` and `strange`: chance or not"):
        for first, second, n in ((0.85, 0.89, 10_000), (0.5, 0.4, 200), (0.3, 0.3, 50)):
            said, right = answer.call("z", first, second, n), key.call("z", first, second, n)
            mistake(right and near(said, right * 2**0.5), "`z` counts the variance of one group only")
            own = (second - first) / ((first * (1 - first) + second * (1 - second)) / n) ** 0.5
            mistake(
                right and near(said, own, rtol=1e-6),
                "`z` uses each group's own variance; the task asks for the pooled share",
            )
            mistake(right and near(said, -right), "`z` has the wrong sign: second less first")
            close(said, right, "`z` is wrong; pooled share, two groups", rtol=1e-3, atol=1e-9)
        close(answer.read("strange"), key.read("strange"), "`strange` is not the z of 85 and 89 %", rtol=0.005)


@question(
    "fairness.proxy",
    title="The back door",
    points=3,
    hints=[
        "It is a share of pairs: one of B, one of A.",
        "There are as many pairs as members of B times members of A: compare each with each, by two loops or broadcasting.",
    ],
    mutants=[
        Mutant("larger in place of smaller", replace=("inside[:, None] < others", "inside[:, None] > others")),
        Mutant("ties count nothing", replace=(" + (inside[:, None] == others).mean() / 2", "")),
        Mutant("ties count whole", replace=(".mean() / 2)", ".mean())")),
        Mutant("a correlation", replace=("tells = auc(zip_code, group)", "tells = 0.41")),
        Mutant("the explained share", replace=(
            "tells = auc(zip_code, group)", "tells = float(np.corrcoef(zip_code, group)[0, 1]) ** 2"
        )),
        Mutant("the income", replace=("tells = auc(zip_code, group)", "tells = auc(income.tolist(), group)")),
        Mutant("rounded to ones", replace=("round(value, -1)", "round(value)")),
        Mutant("what is left in place of what is lost", replace=("lost = tells - coarse", "lost = coarse - 0.5")),
        Mutant("lost with the wrong sign", replace=("lost = tells - coarse", "lost = coarse - tells")),
    ],
)  # fmt: skip
def back_door(answer, key):
    with part(1, "`auc` should count pairs"):
        for values, group in (
            ([1, 2, 3, 4], [1, 1, 0, 0]), ([4, 3, 2, 1], [1, 0, 1, 0]), ([1, 1, 1, 2], [1, 0, 0, 1]),
            ([5, 5, 2, 7, 5], [0, 1, 1, 0, 1]),
        ):  # fmt: skip
            said, right = answer.call("auc", values, group), key.call("auc", values, group)
            mistake(right != 0.5 and near(said, 1 - right), "`auc` counts the pairs in which B's value is larger")
            close(said, right, "`auc` is wrong; how do ties count?", rtol=1e-9)
    with part(1, "`tells` is the AUC of the ZIP code"):
        said, right = answer.read("tells"), key.read("tells")
        mistake(is_number(said) and abs(said) < 0.5, "`tells` looks like a correlation or its square; count pairs")
        close(said, right, "`tells` is not the AUC of `zip_code`", rtol=0, atol=0.002)
    with part(1, "`coarse` is the AUC of the blurred ZIP code, and `lost` what blurring takes away"):
        close(answer.read("coarse"), key.read("coarse"), "`coarse` is not the AUC of the code in tens", rtol=0, atol=0.0002)
        said, right = answer.read("lost"), key.read("lost")
        mistake(is_number(said) and abs(said + right) < 1e-6, "`lost` has the wrong sign: `tells` less `coarse`")
        close(said, right, "`lost` is not `tells` less `coarse`", rtol=0, atol=0.0002)


@question(
    "fairness.loop",
    title="Four years of patrols",
    points=4,
    hints=[
        "Both districts have the same crime, so A's share of the arrests is its share of the patrols.",
        "First the belief, mixed from arrests and survey; then the power; then divide, so that both shares add up to 1.",
        "Try the weights in rising order, and stop at the first that fits.",
    ],
    mutants=[
        Mutant("no pull", replace=("belief**pull, (1 - belief) ** pull", "belief, 1 - belief")),
        Mutant("not divided", replace=("shares.append(a / (a + b))", "shares.append(a)")),
        Mutant("weights turned round", replace=(
            "(1 - outside) * shares[-1] + outside * 0.5", "outside * shares[-1] + (1 - outside) * 0.5"
        )),
        Mutant("survey after the pull", replace=(
            "shares.append(a / (a + b))", "shares.append((1 - outside) * a / (a + b) + outside * 0.5)"
        )),
        Mutant("the first year over and over", replace=("* shares[-1] +", "* shares[0] +")),
        Mutant("a year too few", replace=("for _ in range(years):", "for _ in range(years - 1):")),
        Mutant("three years", replace=("patrols(0.55, 4, 1.5, 0)", "patrols(0.55, 3, 1.5, 0)")),
        Mutant("the largest weight", replace=("for step in range(21):", "for step in reversed(range(21)):")),
        Mutant("until nothing is left", replace=("< 0.05 - 1e-9", "< 0.001")),
        Mutant("half", replace=("enough = least_weight(1.5)", "enough = 0.5")),
    ],
)  # fmt: skip
def years_of_patrols(answer, key):
    with part(1, "`patrols` should hold without a survey"):
        _patrols(answer, key, [(0.55, 4, 1.5, 0), (0.3, 3, 2, 0), (0.6, 5, 1, 0), (0.7, 0, 1.5, 0)])
    with part(1, "`patrols` should hold with a survey"):
        _patrols(answer, key, [(0.55, 4, 1.5, 0.5), (0.8, 2, 1.5, 1), (0.2, 6, 2, 0.2)])
    with part(1, "`confirmed` is A's share after 4 years"):
        said, right = answer.read("confirmed"), key.read("confirmed")
        mistake(near(said, key.call("patrols", 0.55, 4, 1.5, 0)[3]), "`confirmed` is the share after 3 years")
        close(said, right, "`confirmed` is not A's share after 4 years", rtol=0.005)
    with part(1, "`enough` and `least_weight`: how much survey it takes"):
        for pull in (1, 1.2, 1.5, 3):
            said, right = answer.call("least_weight", pull), key.call("least_weight", pull)
            close(
                said, right, "`least_weight` is not the first weight with which A comes nearer to a half", rtol=0, atol=1e-6
            )
        close(
            answer.read("enough"), key.read("enough"), "`enough` is not what `least_weight` should give", rtol=0, atol=1e-6
        )


def _patrols(answer: Any, key: Any, cases: list[tuple[float, int, float, float]]) -> None:
    for arguments in cases:
        said, right = answer.call("patrols", *arguments), key.call("patrols", *arguments)
        mistake(not isinstance(said, list | tuple) or len(said) != len(right),
                "`patrols` should give the first share and one more for each year")  # fmt: skip
        mistake(not all(is_number(each) for each in said), "`patrols` should give numbers")
        mistake(any(not 0 <= each <= 1 for each in said), "`patrols` gives shares below 0 or above 1")
        close(list(said), right, "`patrols` is wrong for other arguments", rtol=1e-6)


def _row(group: str, score: float, label: int) -> dict[str, Any]:
    return {"group": group, "score": score, "label": label}


ROWS = [
    [_row("A", 0.9, 1), _row("A", 0.7, 1), _row("A", 0.6, 0), _row("A", 0.4, 1), _row("A", 0.2, 0),
     _row("B", 0.8, 0), _row("B", 0.5, 1), _row("B", 0.3, 1), _row("B", 0.1, 0)],
    [_row("x", 0.5, 1), _row("x", 0.5, 0), _row("x", 0.5, 1), _row("x", 0.3, 1), _row("x", 0.1, 0),
     _row("y", 0.9, 0), _row("y", 0.2, 1), _row("z", 0.7, 1), _row("z", 0.6, 0)],
]  # fmt: skip


@question(
    "fairness.thresholds",
    title="A threshold for each group",
    points=5,
    hints=[
        "A lower threshold approves more. So start from the highest score, and stop when enough are approved.",
        "TPR looks at label 1 alone, FPR at label 0 alone, and both at one group.",
        "Somebody gains who was refused by the common threshold and is approved by the own one.",
    ],
    mutants=[
        Mutant("the lowest threshold", replace=("return max(fitting)", "return min(fitting)")),
        Mutant("more than the threshold", replace=("sum(score >= row[\"score\"]", "sum(score > row[\"score\"]")),
        Mutant("share of all", replace=('for row in rows if row["label"] == 1]', "for row in rows]")),
        Mutant("one threshold for all", replace=("threshold_for(mine, tpr)", "threshold_for(rows, tpr)")),
        Mutant("rates of all groups", replace=('in mine if row["label"] == label', 'in rows if row["label"] == label')),
        Mutant("FPR first", replace=("[threshold, share[1], share[0]]", "[threshold, share[0], share[1]]")),
        Mutant("above the threshold", replace=("sum(score >= threshold for", "sum(score > threshold for")),
        Mutant("gained and lost turned round", replace=("+= now and not before", "+= before and not now")),
        Mutant("everybody approved gains", replace=("+= now and not before", "+= now")),
        Mutant("only a common threshold", replace=('thresholds[row["group"]], row', "common, row")),
    ],
)  # fmt: skip
def threshold_for_each_group(answer, key):
    with part(2, "`threshold_for` and `equal_opportunity` should hold for any rows"):
        for rows in ROWS:
            for tpr in (0.3, 0.5, 0.75, 1.0):
                said, right = answer.call("threshold_for", rows, tpr), key.call("threshold_for", rows, tpr)
                mistake(is_number(said) and said < right, "`threshold_for` is too low: a higher one still approves enough")
                close(said, right, "`threshold_for` is too high: it approves too few of those with label 1", rtol=1e-9)
                said, right = answer.call("equal_opportunity", rows, tpr), key.call("equal_opportunity", rows, tpr)
                _policy(said, right, "equal_opportunity", "`equal_opportunity` fails for other rows")
    with part(1, "`policy` holds threshold, TPR and FPR of each group"):
        _policy(answer.read("policy"), key.read("policy"), "policy", "`policy` is wrong for the supplied applicants")
    with part(1, "`who_pays` should count both ways"):
        for rows, common, own in (
            (ROWS[0], 0.5, {"A": 0.7, "B": 0.3}), (ROWS[0], 0.45, {"A": 0.2, "B": 0.9}),
            (ROWS[1], 0.5, {"x": 0.5, "y": 0.1, "z": 0.65}),
        ):  # fmt: skip
            said, right = answer.call("who_pays", rows, common, own), key.call("who_pays", rows, common, own)
            _changes(said, right, "who_pays", "`who_pays` is wrong for other rows")
    with part(1, "`changes` counts who gains and loses"):
        _changes(answer.read("changes"), key.read("changes"), "changes", "`changes` is wrong for the supplied applicants")


def _policy(said: Any, right: dict[str, Any], name: str, message: str) -> None:
    mistake(not isinstance(said, dict) or set(said) != set(right), f"`{name}` should have one entry for each group")
    for group, values in right.items():
        each = said[group]
        mistake(not isinstance(each, list | tuple) or len(each) != 3, f"`{name}` should hold three values a group")
        mistake(each[1] != each[2] and list(each)[1:] == [values[2], values[1]], f"`{name}` has FPR before TPR")
        close(list(each), values, message, rtol=1e-6, atol=1e-9)


def _changes(said: Any, right: dict[str, Any], name: str, message: str) -> None:
    mistake(not isinstance(said, dict) or set(said) != set(right), f"`{name}` should have one entry for each group")
    for group, values in right.items():
        each = said[group]
        mistake(not isinstance(each, list | tuple) or len(each) != 2, f"`{name}` should hold two counts a group")
        mistake(values[0] != values[1] and list(each) == values[::-1], f"`{name}` has gained and lost the wrong way round")
        equal([int(count) for count in each], values, message)


choice = manual(
    "fairness.choice",
    title="A bed for whom?",
    criteria=[
        ("names who is harmed, and why past cost or access may bias the score", 1),
        ("says why equal accuracy does not settle it, and what to measure in its place", 1),
        ("chooses a criterion with a reason, and says what is given up for it", 1),
        ("says who decides and who is heard, people concerned among them, and that it is recorded", 1),
        ("keeps a person in charge: explanation, appeal, audits, a way to stop", 1),
    ],
    hints=[
        "Whose need would a history of costs not show?",
        "Which of the two errors is worse here, and for which definition does that speak?",
    ],
)


def _close_or_none(said: Any, right: Any, message: str) -> None:
    if right is None:
        equal(said, None, message + " (`None` where there is nothing to divide by)")
    else:
        close(said, right, message, rtol=1e-6)
