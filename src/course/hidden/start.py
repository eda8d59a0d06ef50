"""Hidden questions on exercise 00: the same functions, on logs and dashboards that nobody was shown."""

from __future__ import annotations

import pandas as pd

from workbench.checks import Mutant, equal, part, question


def _log(*entries):
    month, predicted, truth = zip(*entries, strict=True)
    return pd.DataFrame({"month": list(month), "predicted": list(predicted), "truth": [float(value) for value in truth]})


_TWO_YEARS = _log(("2025-02", 1, 0), ("2024-11", 1, 1), ("2025-01", 0, 1), ("2024-12", 0, 0), ("2024-12", 1, 0))
_LATE = _log(("2025-05", 1, 0), ("2025-05", 1, 1), ("2025-04", 0, float("nan")), ("2025-06", 0, 1), ("2025-04", 0, 0))


@question(
    "start.alarm_elsewhere",
    of="start.alarm",
    title="Call somebody, for another service",
    points=1,
    mutants=[
        Mutant("the supplied log, whatever is passed", replace=("in accuracies(log)", "in accuracies(globals()['log'])")),
        Mutant("forgets the year", replace=(".sort_index()", ".sort_index(key=lambda months: months.str[-2:])")),
        Mutant("one threshold for all", replace=("accuracy < threshold", "accuracy < 0.85")),
    ],
)
def alarm_elsewhere(answer, key):
    for log, threshold in ((_TWO_YEARS, 0.5), (_TWO_YEARS, 1.0), (_LATE, 0.5), (_LATE, 0.75), (_LATE, 0.01)):
        equal(
            answer.call("first_below", log, threshold),
            key.call("first_below", log, threshold),
            "`first_below` fails for another log or another threshold",
        )


@question(
    "start.diagnosis_elsewhere",
    of="start.diagnosis",
    title="Drift or harm, for other models",
    points=1,
    mutants=[
        Mutant("every model launched at 0.70", replace=("(at_launch - last_month)", "(0.7 - last_month)")),
        Mutant("a gain taken for a loss", replace=("(at_launch - last_month)", "abs(at_launch - last_month)")),
    ],
)
def diagnosis_elsewhere(answer, key):
    with part(1, "`diagnose` depends on all three of its inputs"):
        for psi, at_launch, last_month in ((0.02, 0.99, 0.91), (0.9, 0.55, 0.58), (0.31, 0.62, 0.73), (0.2, 0.88, 0.84)):
            equal(
                answer.call("diagnose", psi, at_launch, last_month),
                key.call("diagnose", psi, at_launch, last_month),
                "`diagnose` fails for a dashboard that it was not shown",
            )
