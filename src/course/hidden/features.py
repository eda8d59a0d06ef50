"""Hidden questions on exercise 03: the same functions, on tables that nobody was shown."""

from __future__ import annotations

import pandas as pd

from workbench.checks import Mutant, close, equal, question

_VISITS = pd.DataFrame(
    {"customer": [7, 7, 9, 7, 9, 12], "day": [31, 4, 18, 18, 2, 18], "value": [55, 71, 13, 62, 90, 41]}
).sort_values("value", ignore_index=True)


@question(
    "features.asof_elsewhere",
    of="features.asof",
    title="As it was known, in another history",
    points=1,
    mutants=[
        Mutant("the supplied history, whatever is passed", replace=("history[(history[", "globals()['history'][(history[")),
        Mutant("the day itself is too late", replace=('history["day"] <= day', 'history["day"] < day')),
        Mutant("the largest value known", replace=('sort_values("day")', 'sort_values("value")')),
        Mutant("anybody's latest value", replace=('(history["customer"] == customer) & ', "")),
    ],
)
def asof_elsewhere(answer, key):
    for customer, day in ((7, 18), (7, 17), (7, 400), (9, 17), (9, 1), (12, 18), (3, 50)):
        equal(
            answer.call("as_of", _VISITS, customer, day),
            key.call("as_of", _VISITS, customer, day),
            "`as_of` fails for a history that it was not shown",
        )


_TIES = {"a": 0.2, "b": 0.5, "c": 0.4, "d": 0.3}
_MATRIX = pd.DataFrame(
    [[1.0, 0.1, 0.66, -0.7], [0.1, 1.0, -0.61, 0.2], [0.66, -0.61, 1.0, 0.05], [-0.7, 0.2, 0.05, 1.0]],
    index=list("abcd"),
    columns=list("abcd"),
)


@question(
    "features.prune_elsewhere",
    of="features.prune",
    title="Prune another matrix, at other thresholds",
    points=1,
    mutants=[
        Mutant("the threshold built in", replace=("<= threshold", "<= 0.80")),
        Mutant("the sign counts", replace=("abs(matrix.loc[name, other])", "matrix.loc[name, other]")),
        Mutant("the least tied first", replace=(", reverse=True", "")),
    ],
)
def prune_elsewhere(answer, key):
    for threshold in (0.15, 0.6, 0.65, 0.68, 0.9):
        equal(
            answer.call("prune", _MATRIX, _TIES, threshold),
            key.call("prune", _MATRIX, _TIES, threshold),
            "`prune` fails for another matrix or another threshold",
        )


@question(
    "features.ratio_elsewhere",
    of="features.ratio",
    title="Other numbers to divide",
    points=1,
    mutants=[
        Mutant("zero, whatever is asked for", replace=("otherwise if under == 0", "0.0 if under == 0")),
        Mutant("negative denominators are zero too", replace=("under == 0", "under <= 0")),
    ],
)
def ratio_elsewhere(answer, key):
    for numbers in (([3, 0, -4], [0, 0, -8], -1.0), ([1e-9, 5], [2e-9, 0.0], 7.5), ([], [], 0.0)):
        said, right = answer.call("ratio", *numbers), key.call("ratio", *numbers)
        close(said, right, "`ratio` fails for numbers that it was not shown", rtol=1e-9)
