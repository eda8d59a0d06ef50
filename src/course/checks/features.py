"""Checks of exercise 03: features."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.checks import Mutant, close, equal, mistake, near, part, question

HISTORY = pd.DataFrame(
    {"customer": [7, 9, 7, 7, 9], "day": [40, 10, 20, 60, 30], "value": [111, 222, 333, 444, 555]},
)
MOMENTS = [(7, 59), (7, 60), (7, 19), (9, 30), (9, 1000), (8, 50)]
TIES = [
    {"a": 0.9, "b": 0.5, "c": 0.4, "d": 0.1},
    {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.4},
    {"a": 0.3, "b": 0.6, "c": 0.2, "d": 0.5},
]


def _matrix(*values):
    """A correlation matrix of a, b, c, d from its upper triangle, row by row."""
    full = np.eye(4)
    full[np.triu_indices(4, k=1)] = values
    full = np.triu(full, 1) + np.triu(full).T
    return pd.DataFrame(full, index=list("abcd"), columns=list("abcd"))


MATRICES = [
    _matrix(0.9, 0.1, 0.2, 0.85, 0.0, 0.3),  # a-b and b-c are alike, a-c is not: a chain
    _matrix(-0.95, 0.2, 0.1, 0.3, 0.1, -0.65),
    _matrix(0.7, 0.75, 0.1, 0.65, 0.2, 0.61),
]


@question(
    "features.fewer",
    title="Fewer, by how much?",
    points=2,
    hints=[
        "What is left, as a part of what there was? The rest of the whole is gone.",
        "Two different reports: one counts columns, the other megabytes. They need not agree.",
    ],
    mutants=[
        Mutant("what is left", replace=("return 1 - after / before", "return after / before")),
        Mutant("in percent", replace=("return 1 - after / before", "return 100 * (1 - after / before)")),
        Mutant("relative to what is left", replace=("1 - after / before", "(before - after) / after")),
        Mutant("storage from the columns", replace=("saved(megabytes_before, megabytes_after)", "columns_saved")),
    ],
)
def fewer(answer, key):
    with part(1, "`saved` is the share that is gone"):
        for before, after in [(10, 1), (300, 240), (8, 8), (50, 60)]:
            said = answer.call("saved", before, after)
            mistake(before == 10 and near(said, 0.1), "`saved` gives what is left; the share that is gone was asked for")
            mistake(before == 10 and near(said, 9), "`saved` divides by what is left; divide by what there was")
            close(said, key.call("saved", before, after), f"`saved` is wrong for {before} and {after}", atol=1e-9)
    with part(1, "`columns_saved` and `storage_saved`"):
        close(answer.read("columns_saved"), key.read("columns_saved"), "`columns_saved` is a fraction", rtol=1e-3)
        said = answer.read("storage_saved")
        mistake(near(said, 0.875), "`storage_saved` is computed from the megabytes, not from the columns")
        close(said, key.read("storage_saved"), "`storage_saved` is a fraction", rtol=1e-3)


@question(
    "features.bytes",
    title="How large is the table?",
    points=2,
    hints=["How many cells has a table of that size?", "A float64 has 64 bits, and a byte has 8."],
    mutants=[
        Mutant("bits for bytes", replace=("megabytes(n_rows, 400, 8)", "megabytes(n_rows, 400, 64)")),
        Mutant("float32", replace=("megabytes(n_rows, 50, 8)", "megabytes(n_rows, 50, 4)")),
        Mutant("binary megabytes", replace=("/ 1e6", "/ 2**20")),
        Mutant("size of an item ignored", replace=("rows * columns * bytes_each / 1e6", "rows * columns * 8 / 1e6")),
    ],
)
def size_of_a_table(answer, key):
    with part(1, "`megabytes` for any table"):
        for arguments in [(1_000_000, 3, 4), (20, 50_000, 8), (10, 10, 1)]:
            said, right = answer.call("megabytes", *arguments), key.call("megabytes", *arguments)
            mistake(near(said, right * 1e6 / 2**20), "`megabytes` divides by 2**20; here a MB is a million bytes")
            close(said, right, "`megabytes` is rows times columns times the bytes of one number", rtol=1e-3)
    with part(1, "`wide` and `narrow` in MB"):
        said = answer.read("wide")
        mistake(near(said, 2560), "`wide` counts bits; a float64 takes 8 bytes")
        close(said, key.read("wide"), "`wide` is a number of MB", rtol=1e-3)
        said = answer.read("narrow")
        mistake(near(said, 20), "`narrow` is a float32's size; the columns are float64")
        close(said, key.read("narrow"), "`narrow` is a number of MB", rtol=1e-3)


@question(
    "features.speed",
    title="Faster and better: said precisely",
    points=3,
    hints=[
        "Bring both durations to the same unit, then divide the old by the new.",
        "Points are a plain difference; relative means: divided by what there was before.",
    ],
    mutants=[
        Mutant("hours over minutes", replace=("60 * training_hours", "training_hours")),
        Mutant("upside down", replace=("answer_ms / answer_ms_now", "answer_ms_now / answer_ms")),
        Mutant("share saved", replace=("answer_ms / answer_ms_now", "1 - answer_ms_now / answer_ms")),
        Mutant("relative to the end", replace=("/ accuracy_before", "/ accuracy_after")),
        Mutant(
            "points as a fraction", replace=("100 * (accuracy_after - accuracy_before)", "accuracy_after - accuracy_before")
        ),
        Mutant("relative in percent", replace=("gain_relative = (", "gain_relative = 100 * (")),
    ],
)
def said_precisely(answer, key):
    with part(1, "`training_faster` and `inference_faster` say how many times as fast"):
        said = answer.read("training_faster")
        mistake(near(said, 0.1), "`training_faster` divides hours by minutes; use one unit")
        close(said, key.read("training_faster"), "`training_faster` is the old duration over the new one")
        said = answer.read("inference_faster")
        mistake(near(said, 0.85), "`inference_faster` is the share of time saved; how many times as fast was asked for")
        close(said, key.read("inference_faster"), "`inference_faster` is the old duration over the new one")
    with part(1, "`gain_points` in percentage points"):
        close(answer.read("gain_points"), key.read("gain_points"), "`gain_points` is a plain difference, in points")
    with part(1, "`gain_relative` as a fraction of what there was"):
        said = answer.read("gain_relative")
        mistake(near(said, 0.05), "`gain_relative` is the difference in points; divide it by what there was")
        mistake(near(said, 0.05 / 0.87), "`gain_relative` is measured against the end; measure it against the start")
        close(said, key.read("gain_relative"), "`gain_relative` is a fraction of the accuracy before")


@question(
    "features.ratio",
    title="A ratio that survives zero",
    points=3,
    hints=[
        "Look at each pair on its own: what happens in Python when you divide by 0?",
        "Only a denominator of zero is special; a numerator of zero gives 0 like any other quotient.",
    ],
    mutants=[
        Mutant("one added below", replace=("otherwise if under == 0 else over / under", "over / (under + 1)")),
        Mutant("always zero where nothing can be divided", replace=("otherwise if under == 0", "0.0 if under == 0")),
        Mutant("positive denominators only", replace=("under == 0", "under <= 0")),
        Mutant("a number, no list", replace=("strict=True)]", "strict=True)][0]")),
        Mutant("left out", replace=("strict=True)]", "strict=True) if under != 0]")),
        Mutant("the wrong spend", replace=("ratio(spend, orders, 0.0)", "ratio(orders, spend, 0.0)")),
    ],
)
def safe(answer, key):
    with part(2, "`ratio` for any lists"):
        for over, under, otherwise in [
            ([1.0, 2.0, 3.0], [2.0, 4.0, 8.0], 0.0),
            ([5.0, 0.0, 0.0], [0.0, 0.0, 4.0], -1.0),
            ([6.0, 3.0], [-2.0, 0.0], 9.0),
        ]:
            right, said = key.call("ratio", over, under, otherwise), answer.call("ratio", over, under, otherwise)
            mistake(len(said) < len(right), "`ratio` leaves rows out; every customer needs a value")
            mistake(otherwise == -1 and near(said[1], 0), "`ratio` ignores `otherwise` where the denominator is zero")
            mistake(under[0] < 0 and near(said[0], 9), "`ratio` takes a negative denominator for zero")
            close(list(said), right, f"`ratio` is wrong for {over} over {under}, otherwise {otherwise:g}", atol=1e-9)
    with part(1, "`average_order` and `tickets_per_order`"):
        close(
            list(answer.read("average_order")),
            key.read("average_order"),
            "`average_order` is the spend per order, 0 without orders",
            atol=1e-9,
        )
        close(
            list(answer.read("tickets_per_order")),
            key.read("tickets_per_order"),
            "`tickets_per_order` is 0 without orders",
            atol=1e-9,
        )


@question(
    "features.prune",
    title="Prune",
    points=4,
    hints=[
        "Sort the names by `tie`, largest first, and grow a list of those that stay.",
        "A column that was dropped has no say any more: compare with the kept ones only.",
        "A correlation of -0.9 is as redundant as one of 0.9.",
    ],
    mutants=[
        Mutant("sign not ignored", replace=("abs(matrix.loc[name, other])", "matrix.loc[name, other]")),
        Mutant("least tied first", replace=(", reverse=True", "")),
        Mutant("nothing returned", replace=("return set(kept)", "kept = set(kept)")),
        Mutant("dropped ones count too", replace=("for other in kept)", "for other in tie if tie[other] > tie[name])")),
        Mutant("in the order of the table", replace=("sorted(tie, key=tie.get, reverse=True)", "matrix.columns")),
        Mutant("another threshold", replace=("kept = prune(matrix, tie, 0.80)", "kept = prune(matrix, tie, 0.60)")),
    ],
)
def pruner(answer, key):
    with part(3, "`prune` for any matrix, ties and threshold"):
        for matrix in MATRICES:
            for tie in TIES:
                for threshold in (0.8, 0.6):
                    right, said = (who.call("prune", matrix, tie, threshold) for who in (key, answer))
                    said = set(said)
                    for one in sorted(said):
                        for other in sorted(said - {one}):
                            value = float(matrix.loc[one, other])
                            mistake(
                                value < -threshold,
                                "`prune` keeps two columns with a strongly negative correlation; take the absolute value",
                            )
                            mistake(value > threshold, "`prune` keeps two columns that correlate above the threshold")
                    mistake(
                        said < right,
                        "`prune` drops a column because of one that is not kept itself; compare with kept ones only",
                    )
                    equal(said, right, "`prune` should keep the column that is tied more to the target")
    with part(1, "`kept` at .80"):
        said = set(answer.read("kept"))
        mistake(len(said) < 5 and "age" not in said, "`kept` uses a lower threshold than .80")
        equal(said, key.read("kept"), "`kept` is the set of names that `prune` keeps at .80")


@question(
    "features.asof",
    title="As it was known",
    points=4,
    hints=[
        "First leave out what was not known yet, then take the latest of what is left.",
        "The rows come in no particular order: sort by day before you take the last one.",
        "Nothing known yet is an answer, too: `None`.",
    ],
    mutants=[
        Mutant("the latest of all", replace=(' & (history["day"] <= day)', "")),
        Mutant("the same day left out", replace=('history["day"] <= day', 'history["day"] < day')),
        Mutant("not sorted", replace=('known.sort_values("day")["value"]', 'known["value"]')),
        Mutant("the nearest row", replace=('history["day"] <= day)]', 'history["day"] <= day + 10)]')),
        Mutant("zero where nothing was known", replace=("return None if", "return 0 if")),
    ],
)
def point_in_time(answer, key):
    with part(3, "`as_of` for any history"):
        for customer, day in MOMENTS:
            right, said = (who.call("as_of", HISTORY, customer, day) for who in (key, answer))
            seen = HISTORY[(HISTORY["customer"] == customer) & (HISTORY["value"] == said)]["day"].tolist()
            mistake(bool(seen) and seen[0] > day, "`as_of` returns a value from the future of that day")
            mistake(right == 111 and said == 333, "`as_of` takes the last row of the table; the latest *day* was asked for")
            mistake(right is None and said == 0, "`as_of` returns 0 where nothing was known; unknown is not zero")
            mistake((customer, day) == (7, 60) and said == 111, "`as_of` leaves out what became known on the very day")
            equal(said, right, f"`as_of` is wrong for customer {customer} on day {day}")
    with part(1, "`then` lists one value a label"):
        equal(list(answer.read("then")), key.read("then"), "`then` should have the value of each pair of `labels`, in order")


@question(
    "features.honest",
    title="Select without cheating",
    points=4,
    hints=[
        "`table.iloc[rows]` and `outcome.iloc[rows]` are the rows that may vote; `corrwith` correlates all columns at once.",
        "A strongly negative correlation is strong as well: take absolute values before you sort.",
        "For `flattery`, ask the test rows about both lists of columns, and about nothing else.",
    ],
    mutants=[
        Mutant("all rows vote", replace=("table.iloc[rows].corrwith(outcome.iloc[rows])", "table.corrwith(outcome)")),
        Mutant("sign not ignored", replace=("corrwith(outcome.iloc[rows]).abs()", "corrwith(outcome.iloc[rows])")),
        Mutant("weakest first", replace=("sort_values(ascending=False)", "sort_values()")),
        Mutant(
            "honest chosen on test rows",
            replace=("columns_of(table, outcome, train, 10)", "columns_of(table, outcome, test, 10)"),
        ),
        Mutant("flattery on the training rows", replace=("if row not in train]", "if row in train]")),
        Mutant(
            "the other way round",
            replace=("tied_on_test(cheating) - tied_on_test(honest)", "tied_on_test(honest) - tied_on_test(cheating)"),
        ),
    ],
)
def without_cheating(answer, key):
    rng = np.random.default_rng(11)
    table = pd.DataFrame(rng.normal(size=(40, 12)), columns=[f"x{i}" for i in range(12)])
    outcome = pd.Series(np.arange(40) % 2)
    with part(2, "`columns_of` looks at the given rows only"):
        for rows, keep in [(list(range(20)), 3), (list(range(5, 35)), 5), (list(range(40)), 4)]:
            everybody = list(key.call("columns_of", table, outcome, list(range(40)), keep))
            right, said = (list(who.call("columns_of", table, outcome, rows, keep)) for who in (key, answer))
            mistake(len(rows) < 40 and said == everybody, "`columns_of` lets all rows vote, not only `rows`")
            mistake(said != right and sorted(said) == sorted(right), "`columns_of` has the right columns in another order")
            equal(said, right, "`columns_of` should take the largest absolute correlations, strongest first")
    with part(1, "`cheating` and `honest` are lists of ten names"):
        equal(list(answer.read("cheating")), key.read("cheating"), "`cheating` is chosen on all rows")
        equal(list(answer.read("honest")), key.read("honest"), "`honest` is chosen on the rows of `train`")
    with part(1, "`flattery` compares the two lists on the test rows"):
        said, right = answer.read("flattery"), key.read("flattery")
        mistake(near(said, -right), "`flattery` has the wrong sign: the cheating columns come first")
        close(said, right, "`flattery` is a difference of mean absolute correlations on the test rows", rtol=1e-3)
