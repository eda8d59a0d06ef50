"""Hidden questions on exercise 24: the same functions, for cases that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question


@question(
    "capstone.gates_elsewhere",
    of="capstone.gates",
    title="The gates of another project",
    points=1,
    mutants=[
        Mutant("known gates only", replace=("in wanted.items():", "in wanted.items() & globals()['wanted'].items():")),
        Mutant("not measured is zero", replace=("measured.get(gate)", "measured.get(gate, 0)")),
    ],
)
def gates_elsewhere(answer, key):
    wanted = {"heat": ("at most", 70), "stock": ("at least", 10), "loss": ("at most", 0.1)}
    for measured in (
        {"heat": 70, "stock": 10, "loss": 0.2},
        {"heat": float("nan")},
        {"stock": None, "loss": 0, "heat": 71},
        {},
    ):
        said = [tuple(row) for row in answer.call("report", measured, wanted)]
        equal(
            said,
            [tuple(row) for row in key.call("report", measured, wanted)],
            "`report` fails for gates that it was not shown",
        )


@question(
    "capstone.value_elsewhere",
    of="capstone.value",
    title="Another campaign",
    points=1,
    mutants=[
        Mutant("the supplied contact", replace=('case["contact"]', 'base["contact"]')),
        Mutant("one year's upkeep forgotten", replace=(' + case["maintenance"]', "")),
    ],
)
def value_elsewhere(answer, key):
    case = {
        "cases": 321,
        "recall": 0.45,
        "precision": 0.15,
        "success": 0.6,
        "value": 2100,
        "contact": 77,
        "development": 1,
        "maintenance": 999,
    }
    for change in ({}, {"precision": 0.9}, {"success": 1.0, "value": 10}):
        close(
            answer.call("roi", case | change),
            key.call("roi", case | change),
            "`roi` fails for a case that it was not shown",
            rtol=1e-6,
        )


@question(
    "capstone.drift_elsewhere",
    of="capstone.drift",
    title="Another series",
    points=1,
    mutants=[
        Mutant("two weeks always", replace=("if in_a_row == running:", "if in_a_row == 2:")),
        Mutant("a quarter always", replace=("if value > limit else", "if value > 0.25 else")),
    ],
)
def drift_elsewhere(answer, key):
    for limit, running in ((0.1, 3), (0.4, 1), (0.2, 4)):
        for values in ([0.15, 0.2, 0.11, 0.5, 0.45, 0.3, 0.3], [0.05, 0.5, 0.05, 0.22, 0.23, 0.24, 0.21]):
            equal(answer.call("alert_week", values, limit, running), key.call("alert_week", values, limit, running),
                  "`alert_week` fails for a series that it was not shown")  # fmt: skip
