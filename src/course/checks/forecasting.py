"""Checks of exercise 20: forecasting."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from workbench.checks import Mutant, close, equal, is_number, manual, mistake, near, part, question

OTHER = pd.DataFrame(
    {"noise": [0.5, -1.0, 2.0], "season": [3.0, -4.0, 1.0], "trend": [10.0, 12.0, 9.0]}, index=["one", "two", "three"]
)


@question(
    "forecasting.shop",
    title="The shop's year",
    points=4,
    hints=[
        "A part's contribution is its value in the last row less that in the first.",
        "After twelve steps the season begins again: `%` gives what is left of a division.",
        "How often must each month have been seen before a high December can be told from a steep trend?",
    ],
    mutants=[
        Mutant("the other way round", replace=("parts.loc[last] - parts.loc[first]", "parts.loc[first] - parts.loc[last]")),
        Mutant("share of the sales", replace=("sum(told.values())", "70")),
        Mutant("per cent", replace=('share = told["season"]', 'share = 100 * told["season"]')),
        Mutant("the trend stands still", replace=("trend[-1] + steps * (trend[-1] - trend[-2])", "trend[-1]")),
        Mutant("the season starts one late", replace=("(steps - 1) % len", "steps % len")),
        Mutant("a year only", replace=("season[(steps - 1) % len(season)]", "(season + [0] * 99)[steps - 1]")),
        Mutant("one period", replace=("points = 2 * 12", "points = 12")),
    ],
)  # fmt: skip
def the_shops_year(answer, key):
    with part(1, "`swing` should hold for any rows"):
        for frame, rows in ((OTHER, ("one", "two")), (OTHER, ("three", "one"))):
            said, right = answer.call("swing", frame, *rows), key.call("swing", frame, *rows)
            mistake(not isinstance(said, dict) or set(said) != set(right), "`swing` should give trend, season and noise")
            mistake(all(math.isclose(said[name], -right[name]) for name in right), "`swing` goes from last to first")
            for name in right:
                close(said[name], right[name], f"`swing` is wrong for the {name}", rtol=1e-6, atol=1e-9)
    with part(1, "`told` and `share` for February to December"):
        said, right = answer.read("told"), key.read("told")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`told` should have trend, season and noise")
        for name in right:
            close(said[name], right[name], f"`told` is wrong for the {name}", rtol=1e-6, atol=1e-9)
        mistake(near(answer.read("share"), 100 * key.read("share")), "`share` is a percentage; a fraction is wanted")
        close(answer.read("share"), key.read("share"), "`share` is not the season's part of the *change*")
    with part(1, "`forecast` should hold for any trend, season and step"):
        for arguments in (([1, 3], [5, -5], 1), ([1, 3], [5, -5], 4), ([9.0, 8.5, 8.5], [0, 1, 2], 3), ([4, 2], [1, 7], 9)):
            said = answer.call("forecast", *arguments)
            mistake(near(said, key.call("forecast", *arguments) - arguments[2] * (arguments[0][-1] - arguments[0][-2]))
                    and arguments[0][-1] != arguments[0][-2], "`forecast` lets the trend stand still")  # fmt: skip
            close(said, key.call("forecast", *arguments), f"`forecast{arguments}` is wrong", rtol=1e-6, atol=1e-9)
        close(
            answer.read("january"), key.read("january"), "`january` is wrong: trend of the next month and January's season"
        )
    with part(1, "`points` is the least"):
        mistake(answer.read("points") == 12, "`points`: with one year, trend and season cannot be told apart")
        equal(answer.read("points"), key.read("points"), "`points` should be the least number of months")


@question(
    "forecasting.memory",
    title="What lingers",
    points=4,
    hints=[
        "A loop: each value is `phi` times the one before, and its shock. The first is the shock alone.",
        "In the long run the variance does not change: v = phi^2 v + 1. Solve for v.",
        "After h steps `phi ** h` of a shock is left. When is that one half?",
    ],
    mutants=[
        Mutant("the series starts at 0", replace=("series = [float(shocks[0])]", "series = [0.0]")),
        Mutant("the memory of the shocks", replace=(
            "series.append(phi * series[-1] + float(shock))",
            "series.append(phi * float(shocks[len(series) - 1]) + float(shock))",
        )),
        Mutant("the sample's variance", replace=("np.var(ar1(phi, shocks))", "np.var(ar1(phi, shocks), ddof=1)")),
        Mutant("without the square", replace=("1 / (1 - phi**2)", "1 / (1 - phi)")),
        Mutant("no end at 1", replace=("if abs(phi) < 1 else inf", "if phi != 1 else 0.0")),
        Mutant("the other way round", replace=("log(0.5) / log(phi)", "log(phi) / log(0.5)")),
        Mutant("rounded", replace=("half = half_life(0.9)", "half = 7")),
    ],
)  # fmt: skip
def what_lingers(answer, key):
    with part(1, "`ar1` should hold for any phi and shocks"):
        for phi, shocks in ((0.5, [1.0, 0.0, 0.0, 2.0]), (-0.9, [2.0, 1.0, -1.0]), (0, [3.0, 4.0]), (1, [1.0, 1.0, 1.0])):
            said = list(answer.call("ar1", phi, shocks))
            mistake(len(said) != len(shocks), "`ar1` should give as many values as there are shocks")
            mistake(said[0] == 0 != shocks[0], "`ar1` should begin with the first shock")
            close(said, key.call("ar1", phi, shocks), f"`ar1` is wrong for phi {phi}", rtol=1e-6, atol=1e-9)
    with part(1, "`variances` for the four memories"):
        said, right = answer.read("variances"), key.read("variances")
        mistake(not hasattr(said, "__len__") or len(said) != 4, "`variances` should hold four values")
        mistake(near(said[0], right[0] * 50 / 49), "`variances` divides by the number less one")
        for places in (1, 2):
            mistake(all(near(one, round(other, places), rtol=1e-6) for one, other in zip(said, right, strict=True)),
                    "`variances` is rounded: give the values as they are")  # fmt: skip
        close(list(said), right, "`variances` is wrong; in the order of phi 0, .5, .9, .99", rtol=0.005)
    with part(1, "`settles` and `long_run`"):
        for phi in (0, 0.5, -0.8, 0.99, 1, -1, 1.2):
            said, right = answer.call("settles", phi), key.call("settles", phi)
            if math.isinf(right):
                mistake(not (isinstance(said, float) and math.isinf(said) and said > 0), f"`settles({phi})` never settles")
                continue
            close(said, right, f"`settles({phi})` is wrong", rtol=1e-6)
        close(answer.read("long_run"), key.read("long_run"), "`long_run` is wrong for phi .99")
    with part(1, "`half_life` and `half`"):
        for phi in (0.5, 0.7, 0.99):
            close(answer.call("half_life", phi), key.call("half_life", phi), f"`half_life({phi})` is wrong", rtol=1e-6)
        close(answer.read("half"), key.read("half"), "`half` is not the half-life at .9, unrounded")


@question(
    "forecasting.folds",
    title="Never tomorrow's paper",
    points=4,
    hints=[
        "Begin at the end: where does the last test start? And the one before?",
        "Compare the largest of the one with the smallest of the other.",
    ],
    mutants=[
        Mutant("the gap is not kept", replace=("list(range(start - gap)), list", "list(range(start)), list")),
        Mutant("does not end with a test", replace=("n - (folds - fold) * horizon", "n - (folds - fold + 1) * horizon")),
        Mutant("tests of one step", replace=("range(start, start + horizon)", "range(start, start + 1)")),
        Mutant("the newest first", replace=("n - (folds - fold) * horizon", "n - (fold + 1) * horizon")),
        Mutant("empty training", replace=("if start - gap < 1:", "if start - gap < 0:")),
        Mutant("first below first", replace=("max(train) < min(test)", "min(train) < min(test)")),
        Mutant("sorted by luck", replace=("max(train) < min(test)", "train[-1] < test[0]")),
        Mutant("one sound pair is enough", replace=("return all(", "return any(")),
    ],
)  # fmt: skip
def never_tomorrows_paper(answer, key):
    with part(2, "`walk_forward` should hold for any series"):
        for arguments in ((100, 5, 10, 0), (20, 3, 4, 2), (7, 2, 1, 0), (30, 1, 12, 5), (13, 3, 4, 0)):
            said, right = answer.call("walk_forward", *arguments), key.call("walk_forward", *arguments)
            mistake(
                not isinstance(said, list | tuple) or len(said) != len(right), "`walk_forward` gives another number of pairs"
            )
            said = [tuple(list(each) for each in pair) for pair in said]
            mistake(said != right and said == right[::-1], "`walk_forward` has its pairs in the wrong order")
            mistake(said[-1][1][-1] != arguments[0] - 1, "the last test of `walk_forward` should end with the series")
            mistake(any(len(test) != arguments[2] for _, test in said), "a test of `walk_forward` has another length")
            mistake([test for _, test in said] == [test for _, test in right] and said != right,
                    "the training parts of `walk_forward` are wrong: do they begin at 0, and keep the gap?")  # fmt: skip
            equal(said, [tuple(pair) for pair in right], f"`walk_forward{arguments}` is wrong")
    with part(1, "`walk_forward` gives `None` where there is nothing to train on"):
        for arguments in ((10, 5, 2, 0), (12, 2, 4, 4), (13, 2, 4, 6)):
            said = answer.call("walk_forward", *arguments)
            mistake(said is not None, f"`walk_forward{arguments}` should be `None`: a training part would be empty")
        said = answer.call("walk_forward", 13, 2, 4, 4)
        mistake(said is None, "`walk_forward` gives `None` where there is one position to train on")
    with part(1, "`in_order` and `sound`"):
        for pairs in (
            [([3, 0, 1], [5, 4])],
            [([0, 9, 1], [5, 6])],
            [([0], [1]), ([5], [2])],
            [([0, 4], [4])],
            [([1], [9, 0])],
        ):
            equal(answer.call("in_order", pairs), key.call("in_order", pairs), "`in_order` is wrong for some pairs")
        said = _names(answer.read("sound"), "sound")
        mistake("shuffled" in said, "`sound` names a split whose training lies all over the series")
        equal(
            said,
            sorted(key.read("sound")),
            "`sound` does not name the splits that are in order, and no others",
        )


@question(
    "forecasting.score",
    title="Better than last week?",
    points=4,
    hints=[
        "Take the last `season` values and go round in them.",
        "The scale comes from the past alone, never from what is forecast.",
        "Sort the differences: at which place has a share of them been reached? Round the place up.",
    ],
    mutants=[
        Mutant("naive", replace=("last[step % season]", "last[-1]")),
        Mutant("the first season", replace=("past[-season:]", "past[:season]")),
        Mutant("scaled one step apart", replace=("apart = steps_apart(past, season)\n    e",
                                                 "apart = steps_apart(past, 1)\n    e")),
        Mutant("squared", replace=("sum(abs(one - other) for", "sum((one - other) ** 2 for")),
        Mutant("scaled by the truth", replace=("error / (sum(apart) / len(apart))", "error / (sum(actual) / len(actual))")),
        Mutant("place rounded down", replace=("ceil(share * len(apart))", "int(share * len(apart))")),
        Mutant("the mean difference", replace=("return apart[max(ceil(share * len(apart)), 1) - 1]",
                                               "return sum(apart) / len(apart)")),
        Mutant("fitted on all days", replace=("past, actual = days[:-28]", "past, actual = days")),
        Mutant("the share outside", replace=("<= reach", "> reach")),
    ],
)  # fmt: skip
def better_than_last_week(answer, key):
    with part(1, "`seasonal_naive` should hold for any past"):
        for arguments in (([1, 2, 3, 4, 5], 2, 5), ([7, 8, 9], 3, 2), ([4, 6], 1, 3), (list(range(20)), 7, 9)):
            said = list(answer.call("seasonal_naive", *arguments))
            mistake(said == [arguments[0][-1]] * arguments[2] != key.call("seasonal_naive", *arguments),
                    "`seasonal_naive` repeats the last value, not the last season")  # fmt: skip
            close(said, key.call("seasonal_naive", *arguments), f"`seasonal_naive{arguments}` is wrong")
    with part(1, "`mase` is scaled by the past"):
        for arguments in (([5, 7], [6, 4], [1, 2, 4, 8], 1), ([5, 7, 1], [5, 9, 2], [1, 5, 2, 7, 1, 9], 2)):
            right = key.call("mase", *arguments)
            said = answer.call("mase", *arguments)
            mistake(near(said, _squared(*arguments)), "`mase` has squared errors; absolute ones are wanted")
            close(said, right, "`mase` is wrong: the error over the mean absolute difference a season apart", rtol=1e-6)
    with part(1, "`reach` is learned from the differences"):
        for arguments in (([1, 2, 4, 7, 11, 16], 1, 0.5), ([1, 2, 4, 7, 11, 16], 1, 0.9), ([5, 1, 4, 1, 9, 3, 2], 2, 0.75)):
            close(answer.call("reach", *arguments), key.call("reach", *arguments), f"`reach{arguments}` is wrong", rtol=1e-6)
    with part(1, "`score` and `covered` for the last 28 days"):
        close(answer.read("score"), key.read("score"), "`score` is wrong; which days may the forecast know?", rtol=0.001)
        said, right = answer.read("covered"), key.read("covered")
        mistake(near(said, 1 - right), "`covered` is the share outside of the interval")
        if is_number(said):  # a truth that lies on an end but for a rounding may count or not
            least, most = _covered(key, -1e-9), _covered(key, 1e-9)
            right = min(max(said, least), most)
        close(said, right, "`covered` is not the share of truths inside", rtol=0, atol=0.001)


COLUMNS = {"f": [2, -9], "a": [-3, -2], "e": [-30], "d": [-1, 5], "c": [], "b": [0]}


@question(
    "forecasting.known",
    title="When was this known?",
    points=4,
    hints=[
        "The newest value of a column decides. What is the newest offset that may be used `ahead` days ahead?",
        "A column that is known already stays; another moves by as many days as its newest value is late.",
    ],
    mutants=[
        Mutant("the oldest decides", replace=("max(max(offsets", "max(min(offsets")),
        Mutant("known is what was yesterday", replace=("+ ahead, 0)", "+ 1, 0)")),
        Mutant("the day itself is not known", replace=("+ ahead, 0)", "+ ahead + 1, 0)")),
        Mutant("all are moved", replace=("offset - late(offsets, ahead)", "offset - ahead")),
        Mutant("known ones move up", replace=("return max(max(offsets, default=-ahead) + ahead, 0)",
                                              "return max(offsets, default=-ahead) + ahead")),
        Mutant("the calendar leaks", replace=("default=-ahead", "default=0")),
        Mutant("not sorted", replace=("return sorted(name for name, offsets in columns.items() if late(offsets, ahead) > 0)",
                                      "return [name for name, offsets in columns.items() if late(offsets, ahead) > 0]")),
    ],
)  # fmt: skip
def when_was_this_known(answer, key):
    with part(2, "`leaks` should hold for any columns and horizon"):
        for ahead in (1, 2, 3, 7, 30):
            said, right = answer.call("leaks", COLUMNS, ahead), key.call("leaks", COLUMNS, ahead)
            mistake("c" in said, "`leaks` accuses the calendar")
            mistake("d" not in said, "`leaks` overlooks a column because something old is in it")
            equal(list(said), right, f"`leaks` is wrong {ahead} days ahead; everything up to day t - {ahead} is known")
        said = _names(answer.read("guilty"), "guilty")
        equal(said, key.read("guilty"), "`guilty` does not name the columns, and those alone, that leak 7 days ahead")
    with part(1, "`shifted` moves as little as it takes"):
        for offsets in COLUMNS.values():
            for ahead in (1, 3, 7):
                said, right = list(answer.call("shifted", offsets, ahead)), key.call("shifted", offsets, ahead)
                mistake(right == offsets != said, "`shifted` moves a column that is known already")
                equal(said, right, f"`shifted({offsets}, {ahead})` is wrong")
    with part(1, "`ready` holds all columns"):
        said, right = answer.read("ready"), key.read("ready")
        mistake(not isinstance(said, dict) or set(said) != set(right), "`ready` should have all columns by name")
        for name in right:
            equal(list(said[name]), right[name], f"`ready` is wrong for the column `{name}`")


board = manual(
    "forecasting.board",
    title="Before it goes to the board",
    criteria=[
        ("says why shuffled days mislead here and what to do in their place, and names a case without harm", 1),
        ("says what is wrong with choosing over different d by AIC, or asks for the residuals", 1),
        (
            "sets a fitting other model beside it, with reasons in these data, and seasonal-naive (or another forecast that "
            "takes no thought) for both to beat, as the old forecast says nothing about that",
            1,
        ),
        ("asks how often the intervals held on later days, and how wide they are", 1),
    ],
    hints=[
        "What does a day in the middle of the series know of its neighbours, and what will day 60 of the forecast know?",
        "Which words of the slide describe the data? Which model was made for them?",
    ],
)


def _squared(actual: list[float], forecast: list[float], past: list[float], season: int) -> float:
    apart = [abs(now - then) for then, now in zip(past, past[season:], strict=False)]
    errors = [(one - other) ** 2 for one, other in zip(actual, forecast, strict=True)]
    return (sum(errors) / len(errors)) / (sum(apart) / len(apart))


def _names(value: Any, name: str) -> list[str]:
    """Sorted: nobody was asked for an order."""
    mistake(not isinstance(value, list | tuple | set | frozenset), f"`{name}` should be a list of names")
    return sorted(str(each) for each in value)


def _covered(key: Any, slack: float) -> float:
    """Share of the last 28 days within the reach, ends moved out by `slack`."""
    past, actual = key.read("days")[:-28], key.read("days")[-28:]
    reach, said = key.call("reach", past, 7, 0.9), key.call("seasonal_naive", past, 7, 28)
    return sum(abs(one - other) <= reach + slack for one, other in zip(actual, said, strict=True)) / 28
