"""Hidden questions on exercise 01: the same arithmetic, for businesses that nobody was shown."""

from __future__ import annotations

from workbench.checks import Mutant, close, equal, question


@question(
    "objectives.precision_elsewhere",
    of="objectives.precision",
    title="Precision of another detector",
    points=1,
    mutants=[
        Mutant("one prevalence built in", replace=("hits = prevalence", "prevalence = 0.002\n    hits = prevalence")),
        Mutant("false alarms among all cases", replace=("(1 - prevalence) * fpr", "fpr")),
        Mutant("perfect recall", replace=("prevalence * recall", "prevalence")),
    ],
)  # fmt: skip
def precision_elsewhere(answer, key):
    for prevalence, recall, fpr in ((0.37, 0.41, 0.23), (0.9, 0.15, 0.6), (0.004, 0.77, 0.013)):
        close(
            answer.call("precision_at", prevalence, recall, fpr),
            key.call("precision_at", prevalence, recall, fpr),
            "`precision_at` fails for rates that it was not shown",
            rtol=1e-6,
        )


_PORT = {
    "prevalence": 0.31, "recall": 0.77, "precision": 0.65, "fpr": 0.2, "per_second": 3, "unit_cost": 0.002,
    "budget": 15_000, "availability": 0.97, "parts": [0.99, 0.995, 0.98, 0.999], "latency_ms": 400,
    "steps_ms": [120, 30, 45, 190], "accuracy": 0.7,
}  # fmt: skip
_FERRY = {
    "prevalence": 0.83, "recall": 0.9, "precision": 0.9, "fpr": 0.3, "per_second": 12, "unit_cost": 0.0005,
    "budget": 20_000, "availability": 0.9, "parts": [0.96, 0.95], "latency_ms": 90, "steps_ms": [90, 1],
    "accuracy": 0.81,
}  # fmt: skip


@question(
    "objectives.conflicts_elsewhere",
    of="objectives.conflicts",
    title="Quarrels in other charters",
    points=2,
    mutants=[
        Mutant("three parts at most", replace=('prod(charter["parts"])', 'prod(charter["parts"][:3])')),
        Mutant("the constant answer is always no", replace=("max(prevalence, 1 - prevalence)", "1 - prevalence")),
        Mutant("the slowest step alone", replace=('sum(charter["steps_ms"])', 'max(charter["steps_ms"])')),
        Mutant("a month of 31 days", replace=("86_400 * 30", "86_400 * 31")),
    ],
)
def conflicts_elsewhere(answer, key):
    for charter in (_PORT, _FERRY):
        for changed in ({}, {"availability": 0.965}, {"budget": 15_700}, {"accuracy": 0.69}, {"latency_ms": 200}):
            case = {**charter, **changed}
            equal(
                answer.call("conflicts", case),
                key.call("conflicts", case),
                "`conflicts` fails for a charter that it was not shown",
            )
