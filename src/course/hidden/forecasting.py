"""Hidden questions on exercise 20: the same functions, for series that nobody was shown."""

from __future__ import annotations

import pandas as pd

from workbench.checks import Mutant, close, equal, question


@question(
    "forecasting.shop_elsewhere",
    of="forecasting.shop",
    title="Other shops",
    points=1,
    mutants=[
        Mutant("the rows of the task", replace=("parts.loc[last] - parts.loc[first]", 'sales.loc["D"] - sales.loc["F"]')),
        Mutant("the season is over", replace=("season[(steps - 1) % len(season)]", "season[min(steps, len(season)) - 1]")),
    ],
)
def shop_elsewhere(answer, key):
    weeks = pd.DataFrame({"trend": [3, 2, 2.5], "season": [1, -1, 0.5], "noise": [0, 4, -2]}, index=[10, 11, 12])
    for rows in ((10, 12), (12, 11)):
        said, right = answer.call("swing", weeks, *rows), key.call("swing", weeks, *rows)
        for name in right:
            close(said[name], right[name], "`swing` fails for another shop", rtol=1e-6, atol=1e-9)
    for arguments in (([5, 4], [2, -1, -1, 0], 11), ([1, 1, 3], [6, -6, 0, 0, 0, 0, 0], 30)):
        said, right = answer.call("forecast", *arguments), key.call("forecast", *arguments)
        close(said, right, "`forecast` fails for another shop", rtol=1e-6, atol=1e-9)


@question(
    "forecasting.memory_elsewhere",
    of="forecasting.memory",
    title="Other memories",
    points=1,
    mutants=[
        Mutant("phi of the task", replace=("log(0.5) / log(phi)", "log(0.5) / log(0.9)")),
        Mutant("always the supplied shocks", replace=("for shock in shocks[1:]:", "for shock in globals()['shocks'][1:]:")),
    ],
)
def memory_elsewhere(answer, key):
    for phi, shocks in ((0.3, [4.0, -2.0, 0.5]), (-0.6, [1.0, 1.0, 1.0, 1.0]), (0.97, [0.0, 5.0, 0.0])):
        close(list(answer.call("ar1", phi, shocks)), key.call("ar1", phi, shocks), "`ar1` fails for other series", atol=1e-9)
        close(answer.call("settles", phi), key.call("settles", phi), "`settles` fails for another phi", rtol=1e-6)
    close(answer.call("half_life", 0.83), key.call("half_life", 0.83), "`half_life` fails for another phi", rtol=1e-6)


@question(
    "forecasting.folds_elsewhere",
    of="forecasting.folds",
    title="Other series, other folds",
    points=2,
    mutants=[
        Mutant("folds of the task", replace=("range(folds)", "range(min(folds, 5))")),
        Mutant("no gap beyond five", replace=("range(start - gap)", "range(start - min(gap, 5))")),
    ],
)
def folds_elsewhere(answer, key):
    for arguments in ((61, 8, 4, 3), (40, 2, 6, 9), (365, 12, 28, 0)):
        said, right = answer.call("walk_forward", *arguments), key.call("walk_forward", *arguments)
        equal([[list(each) for each in pair] for pair in said], [[list(each) for each in pair] for pair in right],
              "`walk_forward` fails for other series")  # fmt: skip
    for pairs in ([([8, 2], [9])], [([8, 2], [7])], [([1], [2]), ([1, 2], [3]), ([9], [4])]):
        equal(answer.call("in_order", pairs), key.call("in_order", pairs), "`in_order` fails for other pairs")


@question(
    "forecasting.score_elsewhere",
    of="forecasting.score",
    title="Other pasts",
    points=1,
    mutants=[
        Mutant("a season of seven", replace=("past[season:]", "past[7:]")),
        Mutant("always nine in ten", replace=("ceil(share * len(apart))", "ceil(0.9 * len(apart))")),
    ],
)
def score_elsewhere(answer, key):
    past = [(7 * k) % 31 + k / 10 for k in range(60)]
    for season, share in ((4, 0.8), (12, 0.5), (1, 0.99)):
        said, right = answer.call("reach", past, season, share), key.call("reach", past, season, share)
        close(said, right, "`reach` fails for other pasts", rtol=1e-6)
        arguments = (past[:5], past[7:12], past, season)
        close(answer.call("mase", *arguments), key.call("mase", *arguments), "`mase` fails for other pasts", rtol=1e-6)


@question(
    "forecasting.known_elsewhere",
    of="forecasting.known",
    title="Other columns",
    points=1,
    mutants=[
        Mutant("always a week ahead", replace=("+ ahead, 0)", "+ 7, 0)")),
        Mutant("the first offset decides", replace=("max(offsets, default=-ahead)", "(offsets or [-ahead])[0]")),
    ],
)
def known_elsewhere(answer, key):
    columns = {"z": [-14, -13], "y": [-2, -40, 1], "x": [], "w": [-60, -3]}
    for ahead in (1, 4, 14, 28):
        equal(list(answer.call("leaks", columns, ahead)), key.call("leaks", columns, ahead), "`leaks` fails elsewhere")
        for offsets in columns.values():
            said, right = answer.call("shifted", offsets, ahead), key.call("shifted", offsets, ahead)
            equal(list(said), right, "`shifted` fails for other columns")
