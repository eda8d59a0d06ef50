"""Hidden questions on exercise 16: the same functions, for experiments that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question


@question(
    "ab_testing.size_elsewhere",
    of="ab_testing.size",
    title="Other rates, other promises",
    points=1,
    mutants=[
        Mutant("always 80 %", replace=("norm.ppf(power)", "norm.ppf(0.8)")),
        Mutant("always two sides", replace=("0.05 / sides", "0.05 / 2")),
        Mutant("the baseline alone", replace=("baseline + lift / 2", "baseline")),
    ],
)
def size_elsewhere(answer, key):
    for arguments in ((0.12, 0.03, 0.95, 1), (0.03, -0.01, 0.7, 2), (0.6, 0.08, 0.99, 2)):
        said, right = answer.call("visitors_per_group", *arguments), key.call("visitors_per_group", *arguments)
        close(said, right, "`visitors_per_group` fails for a plan that it was not shown", rtol=1e-4, atol=0)


@question(
    "ab_testing.ratio_elsewhere",
    of="ab_testing.ratio",
    title="Another split",
    points=1,
    mutants=[
        Mutant("equal shares", replace=("share * sum(counts)", "sum(counts) / len(shares)")),
        Mutant("two groups", replace=("len(counts) - 1)", "1)")),
    ],
)
def ratio_elsewhere(answer, key):
    for counts, shares in (
        ([410, 420, 390, 440], [0.25] * 4),
        ([7_020, 2_080, 900], [0.7, 0.2, 0.1]),
        ([99, 11], [0.85, 0.15]),
    ):
        said, right = answer.call("mismatch_p", counts, shares), key.call("mismatch_p", counts, shares)
        close(said, right, "`mismatch_p` fails for a split that it was not shown", rtol=1e-3)


@question(
    "ab_testing.result_elsewhere",
    of="ab_testing.result",
    title="Another result",
    points=1,
    mutants=[
        Mutant("groups of one size", replace=("/ n_b) ** 0.5\n    return", "/ n_a) ** 0.5\n    return")),
        Mutant("the interval of the test", replace=("(a * (1 - a) / n_a + b *", "(rate * (1 - rate) / n_a + b *")),
    ],
)  # fmt: skip
def result_elsewhere(answer, key):
    for counts in ((40, 400, 95, 500), (9_000, 10_000, 450, 520), (20, 3_000, 70, 2_000)):
        said, right = answer.call("compared", *counts), key.call("compared", *counts)
        for name in ("z", "low", "high"):
            close(said[name], right[name], "`compared` fails for counts that it was not shown", rtol=2e-3)


@question(
    "ab_testing.decision_elsewhere",
    of="ab_testing.decision",
    title="Experiments nobody was shown",
    points=1,
    mutants=[
        Mutant("the upper end is not needed", replace=('0 < seen["gain"][0] <= seen["gain"][1]', '0 < seen["gain"][0]')),
        Mutant("the low end is not needed", replace=("all(low <= high <= margin", "all(high <= margin")),
    ],
)
def decision_elsewhere(answer, key):
    nan = float("nan")
    good = {"ratio_p": 0.02, "users": 5_001, "planned": 5_000, "gain": [0.01, 0.02], "guardrails": {}}
    for case in (
        {},
        {"gain": [0.01, nan]},
        {"guardrails": {"latency": [nan, 0.0, 0.1]}},
        {"guardrails": {"a": [0.0, 0.1, 0.1], "b": [0.2, 0.3, 0.1]}},
        {"guardrails": {"a": [0.0, 0.1, 0.1], "b": [0.0, 0.3, 0.1]}, "planned": nan},
    ):
        said, right = answer.call("decision", good | case), key.call("decision", good | case)
        equal(said, right, "`decision` fails for an experiment that it was not shown")
