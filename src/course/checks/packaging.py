"""Checks of exercise 07: packaging and portable formats."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.checks import Mutant, close, equal, mistake, part, question


@question(
    "packaging.stories",
    title="Two stories in figures",
    points=2,
    hints=[
        "How many rows does each of them do in the time in which the slower one does one?",
        "Decide twice, with `>=`, and compare the two decisions.",
    ],
    mutants=[
        Mutant("the saving", replace=("speed_up = 100 / 15", "speed_up = (100 - 15) / 100")),
        Mutant("upside down", replace=("speed_up = 100 / 15", "speed_up = 15 / 100")),
        Mutant("rounded as told", replace=("speed_up = 100 / 15", "speed_up = 6")),
        Mutant("in points", replace=("gap = abs(", "gap = 100 * abs(")),
        Mutant("both classes added", replace=("gap = abs(here[0] - there[0])", "gap = 2 * abs(here[0] - there[0])")),
        Mutant("the cut itself is refused", replace=(">= cut) != (there[0] >=", "> cut) != (there[0] >")),
        Mutant("always", replace=("return (here[0] >= cut) != (there[0] >= cut)", "return True")),
    ],
)
def stories(answer, key):
    with part(1, "`speed_up` and `gap`"):
        speed = answer.read("speed_up")
        mistake(abs(speed - 0.85) < 0.01, "`speed_up` is the share of the time that is saved; how many times faster is it?")
        mistake(abs(speed - 0.15) < 0.01, "`speed_up` is below 1, as if the second were slower")
        mistake(speed == 6, "`speed_up` was rounded down; keep the decimals")
        close(speed, key.read("speed_up"), "`speed_up` is the longer time over the shorter", rtol=0.001)
        gap = answer.read("gap")
        mistake(abs(gap - 5) < 0.01, "`gap` is in percentage points; give a fraction")
        mistake(abs(gap - 0.1) < 0.001, "`gap` counts both classes; what the one gains, the other loses")
        close(gap, key.read("gap"), "`gap` is the difference of the two chances of the first class", rtol=0.001)
    with part(1, "`decisions_differ` should hold for any cut"):
        for cut in (0.5, 0.82, 0.85, 0.87, 0.9, 0.0):
            said, right = answer.call("decisions_differ", cut), key.call("decisions_differ", cut)
            mistake(
                said != right and cut in (0.82, 0.87), f"`decisions_differ({cut})`: a chance equal to the cut is accepted"
            )
            equal(said, right, f"`decisions_differ({cut})` is not what the two decisions say")


_BOX = {"code": ["b.py", "a.py"], "data": ["w.json"], "configuration": []}


@question(
    "packaging.missing",
    title="What is missing?",
    points=2,
    hints=[
        "`files.get(name)` is None for a file that did not come, and 0 for an empty one.",
        "Build the list of every part first, then leave out the parts whose list is empty.",
    ],
    mutants=[
        Mutant("an empty file will do", replace=("if not files.get(name)", "if name not in files")),
        Mutant(
            "complete parts appear too",
            replace=("return {part: names for part, names in lacking.items() if names}", "return lacking"),
        ),
        Mutant("in the order of the list", replace=("sorted(name for name in names", "list(name for name in names")),
        Mutant("what is there", replace=("if not files.get(name)", "if files.get(name)")),
        Mutant("the supplied mail always", replace=("files.get(name)", "mail.get(name)")),
    ],
)
def missing(answer, key):
    with part(1, "`missing` should hold for any parts and files"):
        for parts, files in (
            (_BOX, {}),
            (_BOX, {"a.py": 3, "b.py": 0}),
            (_BOX, {"a.py": 1, "b.py": 1, "w.json": 9, "more.txt": 5}),
            ({"x": ["z", "y", "a"]}, {"y": 2}),
        ):
            said, right = answer.call("missing", parts, files), key.call("missing", parts, files)
            mistake(any(not names for names in said.values()), "`missing` lists a part that lacks nothing")
            mistake(
                {part: sorted(names) for part, names in said.items()} == right != said,
                "`missing` has the right files in another order; sort them",
            )
            equal(said, right, f"`missing` is wrong for the files {files}; a file of 0 bytes is as good as none")
    with part(1, "`gaps` is the answer for the supplied mail"):
        equal(answer.read("gaps"), key.read("gaps"), "`gaps` names too few files or too many")


_NAMES = ["b", "a"]
_ROWS = pd.DataFrame({"b": [1, 2, 3], "a": [0.5, 0.25, -1.0]})


@question(
    "packaging.guard",
    title="A guard that refuses",
    points=3,
    hints=[
        "Ask the four questions in the order given, and raise at the first that fails.",
        "`list(frame.columns) == list(features)` is True only for the same names in the same order.",
        "`np.isfinite` is False for NaN and for both infinities.",
    ],
    mutants=[
        Mutant(
            "it sorts the columns out",
            replace=(
                'raise ValueError(f"order: {columns} where {list(features)} belongs")',
                "return frame[list(features)].to_numpy('float32')",
            ),
        ),
        Mutant("order does not matter", replace=("columns != list(features)", "sorted(columns) != sorted(features)")),
        Mutant(
            "more columns are welcome",
            replace=('raise ValueError(f"unknown column {name}")', "frame = frame[list(features)]"),
        ),
        Mutant("infinity is a number", replace=("not np.isfinite(values).all()", "np.isnan(values).any()")),
        Mutant("NaN goes through", replace=("not np.isfinite(values).all()", "np.isinf(values).any()")),
        Mutant("in double precision", replace=('return values.astype("float32")', "return values")),
        Mutant("unknown before missing", replace=("missing column", "unknown column")),
        Mutant(
            "always the supplied features",
            replace=("columns != list(features)", 'columns != ["limit", "months_late", "paid_share"]'),
        ),
    ],
)
def guard(answer, key):
    answer.call("guard", _ROWS, _NAMES)  # not attempted where there is none
    with part(1, "rows that fit come back as float32"):
        for frame, names in ((_ROWS, _NAMES), (_ROWS[["a"]], ["a"])):
            values, right = answer.call("attempt", frame, names), key.call("attempt", frame, names)
            mistake(isinstance(values, str), f"`guard` refuses ({values}) rows whose columns are right")
            mistake(getattr(values, "dtype", None) != np.float32, "`guard` should return a float32 array")
            equal(values, right, "`guard` changes the values")
    with part(1, "columns in another order are refused"):
        for frame, names in ((_ROWS[["a", "b"]], _NAMES), (_ROWS.assign(c=1)[["c", "b", "a"]], ["a", "b", "c"])):
            said = answer.call("attempt", frame, names)
            mistake(not isinstance(said, str), "`guard` lets rows through whose columns are in another order")
            equal(said, key.call("attempt", frame, names), "`guard` refuses, but its text does not start with `order`")
    with part(1, "the other refusals start with the right word"):
        broken = _ROWS.assign(a=[0.5, float("nan"), 1.0]), _ROWS.assign(a=[0.5, float("inf"), 1.0])
        cases = [(_ROWS[["a"]], _NAMES), (_ROWS.assign(c=1), _NAMES), (_ROWS.rename(columns={"a": "c"}), _NAMES)]
        for frame, names in cases + [(frame, _NAMES) for frame in broken]:
            said, right = answer.call("attempt", frame, names), key.call("attempt", frame, names)
            mistake(not isinstance(said, str), f"`guard` lets rows through that should be refused with `{right}`")
            equal(said, right, f"`guard` refuses columns {list(frame.columns)} for {names} with another word")


@question(
    "packaging.formula",
    title="The scaler disappears",
    points=3,
    hints=[
        "w (x - m) / s = (w / s) x - (w / s) m. Which part depends on x?",
        "The part that does not depend on x belongs to the intercept, for every feature.",
        "`largest` compares two arrays of chances, row by row.",
    ],
    mutants=[
        Mutant("mean forgotten", replace=("intercept - (new * np.asarray(mean, dtype=float)).sum()", "intercept")),
        Mutant("sign", replace=("intercept - (new", "intercept + (new")),
        Mutant("old weights times mean", replace=("(new * np.asarray(mean", "(np.asarray(weights) * np.asarray(mean")),
        Mutant("multiplied by the scale", replace=("dtype=float) / np.asarray(scale", "dtype=float) * np.asarray(scale")),
        Mutant("log-odds", replace=("exported = 1 / (1 + np.exp(-(new_intercept", "exported = (1 * (1 * (new_intercept")),
    ],
)
def formula(answer, key):
    with part(2, "`folded` should hold for any model and scaler"):
        for arguments in (
            ([1.0], 0.0, [2.0], [4.0]),
            ([0.5, -0.25], -1.0, [10.0, 0.0], [5.0, 1.0]),
            ([0.3, 0.0, -2.0], 0.7, [-1.0, 3.0, 100.0], [0.5, 2.0, 30.0]),
        ):
            said, right = answer.call("folded", *arguments), key.call("folded", *arguments)
            mistake(len(said) != 2, "`folded` returns two things, the weights and the intercept")
            close(
                list(said[0]), right[0], "the new weights of `folded` are not the change of log-odds a raw unit", rtol=1e-6
            )
            mistake(said[1] == arguments[1] != right[1], "`folded` leaves the intercept as it was; where did the means go?")
            close(said[1], right[1], "the new intercept of `folded` is wrong; check it at x = 0", rtol=1e-6)
    with part(1, "`exported` and `largest`"):
        copy = answer.read("exported")
        mistake(bool((np.asarray(copy) > 1).any()), "`exported` has values above 1; are they chances or log-odds?")
        close(copy, key.read("exported"), "`exported` is not what the formula gives", rtol=1e-6)
        largest = answer.read("largest")
        mistake(largest < 0, "`largest` is negative; take absolute differences")
        close(largest, 0.0, "`largest` should be far below 1e-6", atol=1e-9)


_ONE = [0.1, 0.5, 0.5, 0.9, 0.3]
_OTHER = [0.1, 0.49999, 0.5, 0.8999, 0.6]


@question(
    "packaging.parity",
    title="Is the copy the same model?",
    points=3,
    hints=[
        "`np.abs(one - other)` is one number a row; the largest, and how many exceed 1e-4, follow from it.",
        "A flip compares two decisions, not two scores: `(one >= t) != (other >= t)`.",
        "Every comparison with NaN is False, so a NaN slips through all three. Look for it first.",
    ],
    mutants=[
        Mutant("mean difference", replace=("gaps.max()", "gaps.mean()")),
        Mutant("signed", replace=("np.abs(one - other)", "(one - other)")),
        Mutant("beyond 1e-3", replace=("gaps > 1e-4", "gaps > 1e-3")),
        Mutant(
            "the threshold itself is not flagged",
            replace=("(one >= threshold) != (other >= threshold)", "(one > threshold) != (other > threshold)"),
        ),
        Mutant(
            "net change", replace=("int(flips.sum())", "abs(int((one >= threshold).sum() - (other >= threshold).sum()))")
        ),
        Mutant("NaN goes through", replace=('raise ValueError("a row has no score")', "pass")),
        Mutant("NaN of the copy alone", replace=("np.isnan(one).any() or np.isnan(other).any()", "np.isnan(other).any()")),
        Mutant("close is enough", replace=('passes = parity["flips"] == 0 and', "passes = True or")),
    ],
)
def parity(answer, key):
    answer.call("compare", np.array(_ONE), np.array(_OTHER), 0.5)  # not attempted where there is none
    with part(1, "`compare` should hold for any scores and threshold"):
        for one, other, threshold in ((_ONE, _OTHER, 0.5), (_OTHER, _ONE, 0.5), (_ONE, _ONE, 0.9), (_ONE, _OTHER, 0.55)):
            said, right = answer.call("outcome", one, other, threshold), key.call("outcome", one, other, threshold)
            mistake(said == "refused", "`compare` refuses scores that are all numbers")
            for name, words in {
                "largest": "the largest absolute difference",
                "beyond": "rows that differ by more than 1e-4",
            }.items():
                close(said[name], right[name], f"`{name}` is not {words}", rtol=1e-6)
            equal(said["flips"], right["flips"], "`flips` counts rows whose decision differs, in either direction")
    with part(1, "scores that are none are refused"):
        for one, other in ((_ONE, [0.1, float("nan"), 0.5, 0.8, 0.6]), ([float("nan")] * 5, _OTHER)):
            equal(answer.call("outcome", one, other, 0.5), "refused", "`compare` accepts a NaN as if it were a score")
    with part(1, "`parity` and `passes` are the answers for the supplied scores"):
        said, right = answer.read("parity"), key.read("parity")
        equal(said["flips"], right["flips"], "`parity` has another number of flips")
        close(said["largest"], right["largest"], "`parity` has another largest difference", rtol=1e-3)
        equal(said["beyond"], right["beyond"], "`parity` has another number of rows beyond 1e-4")
        equal(
            answer.read("passes"), key.read("passes"), "`passes` needs no flips *and* a largest difference of at most 1e-6"
        )


@question(
    "packaging.threshold",
    title="Off the edge",
    points=2,
    hints=[
        "Split the scores in two, flagged and not flagged. Which score of each part is nearest to the other?",
        "An empty part has no smallest and no largest value; look for that first.",
    ],
    mutants=[
        Mutant("the highest of the flagged", replace=("flagged.min()", "flagged.max()")),
        Mutant(
            "a row on the threshold is not flagged",
            replace=(
                "scores[scores >= threshold], scores[scores < threshold]",
                "scores[scores > threshold], scores[scores <= threshold]",
            ),
        ),
        Mutant("the score below", replace=("(flagged.min() + others.max()) / 2", "others.max()")),
        Mutant("a little less", replace=("(flagged.min() + others.max()) / 2", "threshold - 1e-9")),
        Mutant("empty parts", replace=("return float(threshold)", "return 0.5")),
    ],
)
def threshold(answer, key):
    with part(1, "`cleared` should hold for any scores"):
        for scores, cut in (
            ([0.1, 0.2, 0.6, 0.9], 0.6),
            ([0.9, 0.1, 0.4, 0.4], 0.4),
            ([0.3, 0.5], 0.45),
            ([0.3, 0.5], 0.2),
            ([0.3, 0.5], 0.7),
        ):
            said, right = answer.call("cleared", scores, cut), key.call("cleared", scores, cut)
            mistake(said != right and said < min(scores) < cut, f"`cleared({scores}, {cut})` flags every row")
            close(said, right, f"`cleared({scores}, {cut})` is not in the middle of the gap", rtol=1e-6)
    with part(1, "`clear` and `changed`"):
        close(answer.read("clear"), key.read("clear"), "`clear` is not in the middle of the gap below `chosen`", rtol=1e-9)
        equal(
            answer.read("changed"), key.read("changed"), "`changed` counts rows whose decision differs at the two thresholds"
        )


@question(
    "packaging.crossed",
    title="Over the edge in float32",
    points=3,
    hints=[
        "Make both versions of the scaled value first: `((x - mean) / scale).astype('float32')` is the one of Python.",
        "`np.float32(mean)` rounds a number; an array of float32 less a float32 stays float32.",
        "A row crosses when `a < split` and `b < split` differ. All rows with the same limit go together.",
    ],
    mutants=[
        Mutant("values that differ", replace=("return int((one != other).sum())", "return len(np.asarray(x))")),
        Mutant(
            "all in double precision",
            replace=(
                '(x.astype("float32") - np.float32(mean)) / np.float32(scale)',
                '((x - mean) / scale).astype("float32")',
            ),
        ),
        Mutant("python's result is not rounded", replace=('((x - mean) / scale).astype("float32")', "((x - mean) / scale)")),
        Mutant(
            "less or equal",
            replace=(
                "python_way < np.float32(split), graph_way < np.float32(split)",
                "python_way <= np.float32(split), graph_way <= np.float32(split)",
            ),
        ),
        Mutant("rows for values", replace=("len(np.unique(limits[one != other]))", "int((one != other).sum())")),
        Mutant(
            "the rows on the left", replace=("rows_crossed = int((one != other).sum())", "rows_crossed = int(one.sum())")
        ),
    ],
)
def crossed(answer, key):
    with part(2, "`crossed` should hold for any rows and split"):
        numbers = [float(10_000 * k) for k in range(1, 200)]
        mean, scale = 231_234.571, 98_765.4321
        splits = [float(np.float32((value - mean) / scale)) for value in numbers[::3]] + [0.1, -7.0]
        found = [answer.call("crossed", numbers, mean, scale, split) for split in splits]
        right = [key.call("crossed", numbers, mean, scale, split) for split in splits]
        mistake(sum(found) == 0, "`crossed` never finds a row; are both ways rounded at the same moment?")
        mistake(max(found) > 2, "`crossed` finds too many; compare the *sides* of the split, not the values")
        equal(found, right, "`crossed` is right for some splits only; what happens to a row exactly on the split?")
    with part(1, "`rows_crossed` and `values_crossed`"):
        rows, values = answer.read("rows_crossed"), answer.read("values_crossed")
        mistake(values == rows, "`values_crossed` counts rows; how many different limits do they have?")
        equal(rows, key.read("rows_crossed"), "`rows_crossed` is not the number of rows that change sides")
        equal(values, key.read("values_crossed"), "`values_crossed` is not the number of limits that change sides")
