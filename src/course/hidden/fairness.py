"""Hidden questions on exercise 17: the same functions, for counts, towns and applicants that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question

CELLS = {"A": {"tp": 40, "fp": 11, "fn": 7, "tn": 23}, "B": {"tp": 9, "fp": 2, "fn": 13, "tn": 31}}


@question(
    "fairness.rates_elsewhere",
    of="fairness.rates",
    title="Another table",
    points=1,
    mutants=[
        Mutant("always 1,000 people", replace=("everybody = tp + fp + fn + tn", "everybody = 1_000")),
        Mutant("the supplied counts", replace=('rates(counts["B"])', 'rates(globals()["counts"]["B"])')),
    ],
)  # fmt: skip
def rates_elsewhere(answer, key):
    said, right = answer.call("ratios", CELLS), key.call("ratios", CELLS)
    for name, value in right.items():
        close(said[name], value, "`ratios` fails for counts that it was not shown", rtol=1e-6)
    for approvals in ({"one": 0.2, "two": 0.17, "three": 0.159}, {"one": 0.8, "two": 0.65}):
        equal(bool(answer.call("disparate", approvals)), bool(key.call("disparate", approvals)),
              "`disparate` fails for groups that it was not shown")  # fmt: skip


@question(
    "fairness.loop_elsewhere",
    of="fairness.loop",
    title="Other districts",
    points=1,
    mutants=[
        Mutant("the pull of the task", replace=("belief**pull, (1 - belief) ** pull", "belief**1.5, (1 - belief) ** 1.5")),
        Mutant("the survey of the task", replace=("outside * 0.5", "0.0")),
    ],
)
def loop_elsewhere(answer, key):
    for arguments in ((0.45, 5, 1.3, 0.1), (0.62, 3, 2.5, 0.35)):
        close(list(answer.call("patrols", *arguments)), key.call("patrols", *arguments),
              "`patrols` fails for districts that it was not shown", rtol=1e-6)  # fmt: skip


@question(
    "fairness.thresholds_elsewhere",
    of="fairness.thresholds",
    title="Other applicants",
    points=1,
    mutants=[
        Mutant("the share of the task", replace=(">= tpr * len(good)", ">= 0.8 * len(good)")),
        Mutant("two groups only", replace=('sorted({row["group"] for row in rows})', "('A', 'B')")),
    ],
)  # fmt: skip
def thresholds_elsewhere(answer, key):
    rows = [
        {"group": name, "score": score, "label": label}
        for name, shift in (("north", 0.0), ("south", 0.13), ("west", 0.2))
        for score, label in ((0.1 + shift, 0), (0.3 + shift, 1), (0.35 + shift, 0), (0.5 + shift, 1), (0.7 + shift, 1))
    ]
    for tpr in (0.4, 0.9):
        said, right = answer.call("equal_opportunity", rows, tpr), key.call("equal_opportunity", rows, tpr)
        for name, values in right.items():
            close(list(said[name]), values, "`equal_opportunity` fails for groups that it was not shown", rtol=1e-6)
