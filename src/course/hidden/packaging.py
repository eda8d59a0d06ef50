"""Hidden questions on exercise 07: the same functions, for packages, rows and copies that nobody was shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.checks import Mutant, close, equal, question

_PARTS = {"one": ["q", "c", "d"], "two": ["e"], "three": ["f", "b"]}


@question(
    "packaging.missing_elsewhere",
    of="packaging.missing",
    title="What is missing in other packages",
    points=1,
    mutants=[
        Mutant("an empty file will do", replace=("if not files.get(name)", "if name not in files")),
        Mutant("the supplied parts always", replace=("in parts.items()}", "in PARTS.items()}")),
    ],
)
def missing_elsewhere(answer, key):
    for files in ({"q": 1, "e": 0, "f": 2}, {"q": 1, "c": 1, "d": 1, "e": 1, "f": 1, "b": 1}, {"b": 7, "z": 0}):
        said, right = answer.call("missing", _PARTS, files), key.call("missing", _PARTS, files)
        equal(said, right, "`missing` fails for a package that it was not shown")


_WIDE = pd.DataFrame(np.arange(12.0).reshape(3, 4), columns=["v", "t", "u", "s"])


@question(
    "packaging.guard_elsewhere",
    of="packaging.guard",
    title="The guard before another model",
    points=1,
    mutants=[
        Mutant("order does not matter", replace=("columns != list(features)", "sorted(columns) != sorted(features)")),
        Mutant("only the first column is looked at", replace=("columns != list(features)", "columns[0] != features[0]")),
        Mutant("minus infinity is a number", replace=("not np.isfinite(values).all()", "not (values < np.inf).all()")),
    ],
)
def guard_elsewhere(answer, key):
    names = ["v", "t", "u", "s"]
    answer.call("guard", _WIDE, names)  # not attempted where there is none
    infinite = _WIDE.assign(u=[1.0, -np.inf, 2.0])
    for frame in (_WIDE, _WIDE[["v", "t", "s", "u"]], _WIDE[["s", "u", "t", "v"]], _WIDE.drop(columns="u"), infinite):
        said, right = answer.call("attempt", frame, names), key.call("attempt", frame, names)
        equal(said, right, "`guard` fails for rows that it was not shown")


@question(
    "packaging.parity_elsewhere",
    of="packaging.parity",
    title="Other copies of a model",
    points=1,
    mutants=[
        Mutant(
            "at 0.5 whatever was asked",
            replace=("(one >= threshold) != (other >= threshold)", "(one >= 0.5) != (other >= 0.5)"),
        ),
        Mutant("signed", replace=("np.abs(one - other)", "(one - other)")),
    ],
)
def parity_elsewhere(answer, key):
    scores = [k * k / 400 for k in range(20)]  # denser below than above
    answer.call("compare", np.array(scores), np.array(scores), 0.5)  # not attempted where there is none
    for shift, threshold in ((0.0, 0.3), (1e-7, 0.05), (2e-4, 0.45), (-0.05, 0.1), (-0.05, 0.8)):
        other = [score + shift for score in scores]
        said, right = answer.call("outcome", scores, other, threshold), key.call("outcome", scores, other, threshold)
        equal(said["flips"], right["flips"], "`compare` counts the flips of other copies wrongly")
        close(said["largest"], right["largest"], "`compare` has another largest difference", rtol=1e-3, atol=1e-15)
        equal(said["beyond"], right["beyond"], "`compare` counts other rows beyond 1e-4")


@question(
    "packaging.crossed_elsewhere",
    of="packaging.crossed",
    title="Another scaler in front of another tree",
    points=1,
    mutants=[
        Mutant("python's result is not rounded", replace=('((x - mean) / scale).astype("float32")', "((x - mean) / scale)")),
        Mutant("always the supplied scaler", replace=("(x - mean) / scale)", "(x - limit_mean) / limit_scale)")),
    ],
)
def crossed_elsewhere(answer, key):
    codes = [float(code) for code in range(-2, 9)] * 3
    mean, scale = -0.0215833, 1.1290412
    for code in range(-2, 9):
        split = float(np.float32((code - mean) / scale))
        said, right = answer.call("crossed", codes, mean, scale, split), key.call("crossed", codes, mean, scale, split)
        equal(said, right, "`crossed` fails for a scaler that it was not shown")
