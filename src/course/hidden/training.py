"""Hidden questions on exercise 04: the same measures, for models that nobody was shown."""

from __future__ import annotations

import pandas as pd

from workbench.checks import Mutant, close, equal, question


@question(
    "training.implied_elsewhere",
    of="training.implied",
    title="What another report implies",
    points=1,
    mutants=[
        Mutant("the bank's prevalence built in", replace=("caught = prevalence *", "caught = 492 / 284_807 *")),
        Mutant("false alarms among all rows", replace=("false_alarms / (1 - prevalence)", "false_alarms")),
        Mutant("misses forgotten", replace=("1 - false_alarms - missed", "1 - false_alarms")),
    ],
)
def implied_elsewhere(answer, key):
    for rates in ((0.31, 0.62, 0.44), (0.8, 0.97, 0.5), (0.02, 1.0, 0.35)):
        said, right = answer.call("implied", *rates), key.call("implied", *rates)
        close(said, right, "`implied` fails for rates that it was not shown", rtol=1e-6)


_LABELS = [1, 0, 0, 1, 0, 1, 0, 0, 0, 1]
_SCORES = [0.9, 0.85, 0.2, 0.6, 0.6, 0.35, 0.3, 0.1, 0.7, 0.05]


@question(
    "training.threshold_elsewhere",
    of="training.threshold",
    title="The cheapest threshold, at other prices",
    points=2,
    mutants=[
        Mutant("the supplied prices", replace=("missed * np.sum", "500 * np.sum")),
        Mutant("above, not from", replace=("scores >= threshold", "scores > threshold")),
        Mutant("never flagging nobody", replace=(", scores.max() + 1]", "]")),
        Mutant("the two mistakes swapped", replace=("~flagged & (labels == 1)", "~flagged & (labels == 0)")),
    ],
)
def threshold_elsewhere(answer, key):
    cases = [(_LABELS, _SCORES, *prices) for prices in ((1, 100), (100, 1), (3, 1), (1, 2.5))]
    for case in (*cases, ([0, 1, 0], [0.9, 0.5, 0.1], 1, 100)):
        _, said = answer.call("cheapest", *case)
        _, right = key.call("cheapest", *case)
        close(said, right, "`cheapest` finds another cost for prices that it was not shown", rtol=1e-9)
    threshold, cost = answer.call("cheapest", [0, 1, 1], [0.15, 0.4, 0.8], 2, 3)
    wanted, least = key.call("cheapest", [0, 1, 1], [0.15, 0.4, 0.8], 2, 3)
    close([threshold, cost], [wanted, least], "`cheapest` gives a threshold that does not reach its cost", rtol=1e-9)


_RUNS = pd.DataFrame({"run_id": ["x", "y", "z"], "name": ["1", "2", "3"], "status": ["FINISHED", "KILLED", "FINISHED"]})
_METRICS = pd.DataFrame(
    {
        "run_id": ["x", "z", "y", "x", "z", "x", "z"],
        "key": ["auc", "auc", "auc", "auc", "auc", "f1", "f1"],
        "step": [10, 2, 0, 9, 1, 0, 0],
        "value": [0.7, 0.6, 0.99, 0.5, 0.9, 0.1, 0.2],
    }
)


@question(
    "training.tracker_elsewhere",
    of="training.tracker",
    title="Ask another tracker",
    points=1,
    mutants=[
        Mutant("the best value of any step", replace=('["value"].last()', '["value"].max()')),
        Mutant("only failed runs are left out", replace=('runs["status"] == "FINISHED"', 'runs["status"] != "FAILED"')),
        Mutant("one metric for all questions", replace=('metrics["key"] == metric', 'metrics["key"] == "validation_f1"')),
        Mutant("steps compared as text", replace=('values("step")', 'values("step", key=lambda s: s.astype(str))')),
    ],
)
def tracker_elsewhere(answer, key):
    for metric in ("auc", "f1"):
        said, right = answer.call("best_run", _RUNS, _METRICS, metric), key.call("best_run", _RUNS, _METRICS, metric)
        equal(said, right, "`best_run` fails for a tracker that it was not shown")
